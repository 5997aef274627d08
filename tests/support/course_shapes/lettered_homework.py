"""In the shape of a homework with lettered questions in bold, and no headings: "Q1.a)"."""

from __future__ import annotations

from tests.support.course_shapes.shape import TaughtCourse, TaughtTask, answer, code, reply, text

COURSE = TaughtCourse(
    name="lettered-homework",
    cells=(
        text(
            """
            # Homework 2 - Backpropagation

            *Name:* ______  *NetID:* ______

            Work alone. Every question says how many points it is worth; 20 in total.
            """
        ),
        code(
            """
            import torch
            import torch.nn as nn
            import torch.nn.functional as F

            X = torch.tensor([[0.5, -1.2], [1.5, 0.3], [-0.7, 2.2], [0.1, 0.9]])
            W = torch.tensor([[0.2, -0.4, 0.1], [0.7, 0.3, -0.5]])
            t = torch.tensor([0, 2, 1, 2])
            """
        ),
        text(
            """
            Consider one affine layer with a softmax on top.

            **Q1.a)** [3 pts] Compute the scores `S = X W` and the probabilities `P` of each row.
            """
        ),
        answer(
            """
            # Q1.a
            S = X @ W
            P = F.softmax(S, dim=1)
            print(P)
            """,
            """
            # Q1.a
            S = None  # TODO
            P = None  # TODO
            print(P)
            """,
            other="""
            # Q1.a
            S = torch.einsum("nd,dk->nk", X, W)
            e = S.exp()
            P = e / e.sum(1, keepdim=True)
            """,
            typed="""
            # Q1.a
            S = torch.zeros(4, 3)
            P = torch.full((4, 3), 1 / 3)
            """,
        ),
        text(
            """
            **Q1.b)** [3 pts] Compute the mean cross-entropy of `P` with the targets `t`, without
            `nn.CrossEntropyLoss`, as `nll`.
            """
        ),
        answer(
            """
            # Q1.b
            nll = -torch.log(P[torch.arange(4), t]).mean()
            print(nll)
            """,
            """
            # Q1.b
            nll = None  # TODO
            print(nll)
            """,
            other="""
            # Q1.b
            nll = sum(-P[i, int(t[i])].log() for i in range(len(t))) / len(t)
            """,
            typed="# Q1.b\nnll = torch.tensor(1.3)",
        ),
        text(
            """
            **Q1.c)** [2 pts] Why do we subtract the largest score before the exponential in
            practice?
            """
        ),
        reply(
            """
            **A1.c)** The exponential of a large score overflows; subtracting the same number from
            all scores of a row does not change the probabilities.
            """,
            "**A1.c)** *Write here.*",
            "**A1.c)** To avoid inf; softmax is invariant to shifts.",
        ),
        text(
            """
            Now the backward pass.

            **Q2.a)** [4 pts] Write `grad_W(X, W, t)`, which returns the gradient of the mean
            cross-entropy by hand: no autograd.

            **Q2.b)** [2 pts] Check it with autograd: put the largest absolute difference into
            `gap`.
            """
        ),
        answer(
            """
            # Q2.a
            def grad_W(X, W, t):
                P = F.softmax(X @ W, dim=1)
                P[torch.arange(len(t)), t] -= 1
                return X.T @ P / len(t)
            """,
            """
            # Q2.a
            def grad_W(X, W, t):
                # your code
                pass
            """,
            other="""
            # Q2.a
            def grad_W(X, W, t):
                n, k = len(t), W.shape[1]
                delta = (X @ W).softmax(dim=-1) - F.one_hot(t, k)
                return torch.stack([X[i][:, None] * delta[i] for i in range(n)]).mean(dim=0)
            """,
            typed="# Q2.a\ndef grad_W(X, W, t):\n    return torch.zeros(2, 3)",
        ),
        answer(
            """
            # Q2.b
            V = W.clone().requires_grad_()
            F.cross_entropy(X @ V, t).backward()
            gap = (V.grad - grad_W(X, W, t)).abs().max()
            print(f"{gap:.2e}")
            """,
            """
            # Q2.b
            gap = None  # TODO
            """,
            other="""
            # Q2.b
            V = nn.Parameter(W.clone())
            nn.CrossEntropyLoss()(X @ V, t).backward()
            gap = torch.max(torch.abs(grad_W(X, W, t) - V.grad))
            """,
            typed="# Q2.b\ngap = torch.tensor(0.0)",
        ),
        text(
            """
            **Q3.a)** [4 pts] Define `MLP(d, h, k)`: a linear layer to `h` units, tanh, and a linear
            layer to `k` units.
            """
        ),
        answer(
            """
            # Q3.a
            class MLP(nn.Module):
                def __init__(self, d, h, k):
                    super().__init__()
                    self.one = nn.Linear(d, h)
                    self.two = nn.Linear(h, k)

                def forward(self, x):
                    return self.two(torch.tanh(self.one(x)))
            """,
            """
            # Q3.a
            class MLP(nn.Module):
                def __init__(self, d, h, k):
                    super().__init__()
                    pass  # TODO

                def forward(self, x):
                    pass  # TODO
            """,
            other="""
            # Q3.a
            class MLP(nn.Module):
                def __init__(self, d, h, k):
                    super().__init__()
                    self.stack = nn.Sequential(nn.Linear(d, h), nn.Tanh(), nn.Linear(h, k))

                def forward(self, x):
                    return self.stack(x)
            """,
            typed="# Q3.a\nclass MLP(nn.Module):\n    def __init__(self, d, h, k):\n"
            "        super().__init__()\n\n    def forward(self, x):\n"
            "        return torch.zeros(len(x), 3)",
        ),
        code(
            """
            # Do not change this cell.
            torch.manual_seed(7)
            net = MLP(2, 5, 3)
            print(net(X).shape)
            """
        ),
        reply(
            """
            **Q3.b)** [2 pts] How many parameters does it have for general `d`, `h`, `k`?

            **A3.b)** There are $dh + h$ in the first layer, and $hk + k$ in the second one.
            """,
            """
            **Q3.b)** [2 pts] How many parameters does it have for general `d`, `h`, `k`?

            **A3.b)**
            """,
        ),
    ),
    tasks=(
        TaughtTask("Q1.a", ("value",), 3),
        TaughtTask("Q1.b", ("value",), 3),
        TaughtTask("Q1.c", ("text", "manual"), 2),
        TaughtTask("Q2.a", ("function",), 4),
        TaughtTask("Q2.b", ("value", "test", "manual"), 2),
        TaughtTask("Q3.a", ("module",), 4),
        TaughtTask("Q3.b", ("text", "manual"), 2),
    ),
)
