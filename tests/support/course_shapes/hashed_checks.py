"""In the shape of a lab with hashed checks: one may look at them, and learns no answer."""

from __future__ import annotations

from tests.support.course_shapes.shape import TaughtCourse, TaughtTask, answer, code, reply, text

COURSE = TaughtCourse(
    name="hashed-checks",
    cells=(
        text("# DSCI 572 - lab1: tensors\n\nrubric={mechanics:2}\n\nFollow the instructions."),
        code(
            """
            from hashlib import sha1

            import torch
            import torch.nn as nn

            A = torch.arange(12.0).reshape(3, 4)
            """
        ),
        text("## Exercise 1: Tensors\n"),
        text(
            "### 1.1\nrubric={autograde:2}\n\nCompute the mean of each row of `A` and store it in "
            "`row_means`."
        ),
        answer(
            "row_means = A.mean(dim=1)",
            "row_means = None\n# YOUR CODE HERE\nraise NotImplementedError()",
            other="row_means = A @ torch.full((4,), 0.25)",
            typed="row_means = torch.tensor([1.0, 5.0, 9.0])",
        ),
        code(
            """
            assert sha1(str(tuple(row_means.shape)).encode()).hexdigest() == (
                "e1dc3a9d8a3c3a3d4e39a7e4bd2f4c5ac3b4d3b1"
            ) or row_means.shape == (3,), "check the axis"
            """
        ),
        text(
            "### 1.2\nrubric={autograde:3}\n\nWrite a function `center(t)` that subtracts from "
            "each column its mean."
        ),
        answer(
            "def center(t):\n    return t - t.mean(dim=0, keepdim=True)",
            "def center(t):\n    # YOUR CODE HERE\n    raise NotImplementedError()",
            other="def center(t):\n    means = torch.sum(t, 0) / len(t)\n    return t - means",
            typed="def center(t):\n    return torch.zeros(3, 4)",
        ),
        code("assert center(A).shape == A.shape\nassert float(center(A).sum().abs()) < 1e-4"),
        text("### 1.3\nrubric={reasoning:2}\n\nWhy does `keepdim=True` not matter here?"),
        reply(
            "> Because a row of means is broadcast along the first axis in any case.",
            "_Points:_ 2\n\n_Type your answer here, replacing this text._",
            "> Shapes are aligned from the right.",
        ),
        text("## Exercise 2: Modules"),
        text(
            "### 2.1\nrubric={autograde:4}\n\nWrite a class `Scaler(n)`: a linear layer of `n` to "
            "`n` without bias, then a ReLU."
        ),
        answer(
            """
            class Scaler(nn.Module):
                def __init__(self, n):
                    super().__init__()
                    self.linear = nn.Linear(n, n, bias=False)

                def forward(self, x):
                    return torch.relu(self.linear(x))
            """,
            "# YOUR CODE HERE\nraise NotImplementedError()",
            other="""
            class Scaler(nn.Module):
                def __init__(self, n):
                    super().__init__()
                    self.net = nn.Sequential(nn.Linear(n, n, bias=False), nn.ReLU())

                def forward(self, x):
                    return self.net(x)
            """,
            typed="class Scaler(nn.Module):\n    def __init__(self, n):\n        pass",
        ),
        code("assert Scaler(4)(A).min() >= 0"),
    ),
    tasks=(
        TaughtTask("1.1", ("value", "test"), 2),
        TaughtTask("1.2", ("function", "test"), 3),
        TaughtTask("1.3", ("text", "manual"), 2),
        TaughtTask("2.1", ("module", "test"), 4),
    ),
)
