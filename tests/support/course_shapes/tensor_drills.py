"""In the shape of a collection of drills: twenty small numbered tasks, one cell for each."""

from __future__ import annotations

from tests.support.course_shapes.shape import (
    TaughtCell,
    TaughtCourse,
    TaughtTask,
    answer,
    code,
    text,
)

_DRILLS = (
    # words, solved, other, typed, kinds of checks
    (
        "Create a vector `a` with the numbers 0 to 9",
        "a = torch.arange(10)\na",
        "a = torch.tensor(list(range(10)))\nprint(a)",
        "a = torch.tensor([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])",
    ),
    (
        "Reverse the vector `a` (the first element becomes the last)",
        "torch.flip(a, dims=(0,))",
        "rev = a[torch.arange(9, -1, -1)]\nrev",
        "[9, 8, 7, 6, 5, 4, 3, 2, 1, 0]",
    ),
    (
        "Create a 4x4 matrix `m` with the values from 0 to 15, as float32",
        "m = torch.arange(16, dtype=torch.float32).reshape(4, 4)\nm",
        "m = torch.arange(16).float().view(4, 4)",
        "m = torch.zeros(4, 4)",
    ),
    (
        "Find the indices of the elements of `v` that are not zero",
        "torch.nonzero(v)",
        "idx = torch.where(v != 0)[0]\nprint(idx)",
        "torch.tensor([0, 1, 4])",
    ),
    (
        "Build a 3x3 identity matrix",
        "torch.eye(3)",
        "ident = torch.diag(torch.ones(3))\nident",
        "torch.zeros(3, 3)",
    ),
    (
        "Make a 5x5 tensor `border` with 1 on the border and 0 inside",
        "border = torch.ones(5, 5)\nborder[1:-1, 1:-1] = 0\nborder",
        "border = F.pad(torch.zeros(3, 3), (1, 1, 1, 1), value=1.0)",
        "border = torch.ones(5, 5)",
    ),
    (
        "Draw a random tensor `r` of shape (3, 3, 3), uniform between 0 and 1",
        "r = torch.rand(3, 3, 3)\nr",
        "r = torch.empty(3, 3, 3).uniform_(0, 1)",
        "r = torch.zeros(3)",
    ),
    (
        "Print the minimum and the maximum of `data`",
        "data.min(), data.max()",
        "lo, hi = torch.aminmax(data)\nprint(lo, hi)",
        "print(0.1, 0.9)",
    ),
    (
        "Compute the mean of each column of `data`, as `col_mean`",
        "col_mean = data.mean(dim=0)\ncol_mean",
        "col_mean = data.sum(0) / len(data)",
        "col_mean = torch.tensor([0.0, 0.0, 0.0])",
    ),
    (
        "Subtract the mean of each row from `data`",
        "data - data.mean(dim=1, keepdim=True)",
        "centred = (data.T - data.mean(1)).T\ncentred",
        "data",
    ),
    (
        "Multiply the 4x4 matrix `m` by its transpose",
        "m @ m.T",
        "mm = torch.einsum('ij,kj->ik', m, m)\nmm",
        "m",
    ),
    (
        "Negate the elements of `data` that lie between 3 and 8, in a copy called `negated`",
        "negated = data.clone()\nnegated[(negated > 3) & (negated < 8)] *= -1\nnegated",
        "inside = (data > 3) & (data < 8)\nnegated = torch.where(inside, -data, data)",
        "negated = data.clone()",
    ),
    (
        "How many elements of `data` are larger than 5?",
        "(data > 5).sum()",
        "n_large = int(torch.count_nonzero(data > 5))\nn_large",
        "6",
    ),
    (
        "Stack `v` on itself twice, so that the result has 2 rows",
        "torch.stack([v, v])",
        "both = v.repeat(2, 1)\nboth",
        "torch.zeros(2, 5)",
    ),
    (
        "One-hot encode the `labels`, with 4 classes",
        "F.one_hot(labels, num_classes=4)",
        "hot = torch.eye(4, dtype=torch.long)[labels]\nhot",
        "torch.zeros(6, 4)",
    ),
    (
        "Write a function `cosine(u, w)` that gives the cosine similarity of two vectors",
        "def cosine(u, w):\n    return (u @ w) / (u.norm() * w.norm())\n\ncosine(data[0], data[1])",
        "def cosine(u, w):\n    return F.cosine_similarity(u, w, dim=0)",
        "def cosine(u, w):\n    return 0.8",
    ),
    (
        "Sort the rows of `data` by the second column",
        "data[data[:, 1].argsort()]",
        "order = torch.sort(data[:, 1]).indices\nby_second = data[order]\nby_second",
        "data",
    ),
    (
        "Compute the softmax of each row of `data`, without `torch.softmax`, as `probs`",
        "e = torch.exp(data - data.max(dim=1, keepdim=True).values)\n"
        "probs = e / e.sum(dim=1, keepdim=True)\nprobs",
        "probs = (data - data.logsumexp(1, keepdim=True)).exp()",
        "probs = torch.ones(4, 3) / 3",
    ),
    (
        "What is the derivative of `sin(t) * t` at `t = 2`? Use autograd.",
        "t = torch.tensor(2.0, requires_grad=True)\n(torch.sin(t) * t).backward()\nt.grad",
        "q = torch.tensor(2.0, requires_grad=True)\n"
        "(dq,) = torch.autograd.grad(q * q.sin(), q)\nprint(dq)",
        "torch.tensor(0.0770)",
    ),
    (
        "Is there any NaN in `data`?",
        "torch.isnan(data).any()",
        "has_nan = bool((data != data).any())\nprint(has_nan)",
        "False",
    ),
)

_KINDS = {
    6: ("test",),
    15: ("function",),
}


def _cells() -> list[TaughtCell]:
    cells = [
        text(
            """
            # 20 tensor drills

            This is a collection of short drills. Each can be solved in a line or two. Run the
            next cell first.
            """
        ),
        code(
            """
            import torch
            import torch.nn.functional as F

            v = torch.tensor([1, 2, 0, 0, 4])
            labels = torch.tensor([3, 0, 1, 2, 1, 3])
            data = torch.tensor([1.5, 7.0, 2.0, 9.0, 3.5, 4.0, 6.0, 8.5, 0.5, 2.5, 5.5, 7.5])
            data = data.reshape(4, 3)
            """
        ),
    ]
    for number, (words, solved, other, typed) in enumerate(_DRILLS, start=1):
        stars = "★" * (1 + number // 9) + "☆" * (2 - number // 9)
        cells.append(text(f"#### {number}. {words} ({stars})"))
        cells.append(answer(solved, "", other=other, typed=typed))
    return cells


def _tasks() -> list[TaughtTask]:
    tasks = []
    for index, (words, *_) in enumerate(_DRILLS):
        tasks.append(TaughtTask(words, _KINDS.get(index, ("value", "test"))))
    return tasks


COURSE = TaughtCourse(name="tensor-drills", cells=_cells(), tasks=_tasks())
