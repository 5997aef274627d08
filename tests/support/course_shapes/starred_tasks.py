"""In the shape of a lab with tasks in bold, two in one cell, one over several, and a bonus."""

from __future__ import annotations

from tests.support.course_shapes.shape import TaughtCourse, TaughtTask, answer, boxed, code, text

COURSE = TaughtCourse(
    name="starred-tasks",
    cells=(
        text("# Lab: attention from scratch\n\n★ easy, ★★ takes some thought."),
        code(
            """
            import math
            import torch

            Q = torch.tensor([[1.0, 0.0], [0.5, -1.0]])
            K = torch.tensor([[1.0, 1.0], [0.0, 2.0], [-1.0, 0.5]])
            V = torch.tensor([[1.0], [2.0], [4.0]])
            """
        ),
        text(
            "**Task ★ (2p)**  Compute the scores of queries and keys, divided by the root of the "
            "dimension, as `S`.\n\n**Task ★ (1p)**  Apply a softmax over the keys: `A`."
        ),
        boxed(
            """
            @@
            print(S)
            @@
            print(A)
            """,
            ["S = Q @ K.T / math.sqrt(2)", "A = S.softmax(dim=-1)"],
            ["S = None  # <-- your code", "A = None  # <-- your code"],
            other=[
                "S = torch.einsum('qd,kd->qk', Q, K) * 2 ** -0.5",
                "A = torch.exp(S) / torch.exp(S).sum(1, keepdim=True)",
            ],
            typed=["S = torch.zeros(2, 3)", "A = torch.full((2, 3), 1 / 3)"],
        ),
        text(
            "**Task ★★ (4p)**  Put it together in a function `attention(q, k, v)`, which returns "
            "the weighted sums of the values."
        ),
        answer(
            """
            def attention(q, k, v):
                weights = (q @ k.T / math.sqrt(q.shape[-1])).softmax(dim=-1)
                return weights @ v
            """,
            "def attention(q, k, v):\n    # <-- your code\n    return None",
            other="""
            def attention(q, k, v):
                return torch.nn.functional.scaled_dot_product_attention(q, k, v)
            """,
            typed="def attention(q, k, v):\n    return torch.zeros(2, 1)",
        ),
        code("attention(Q, K, V)"),
        text(
            "**Bonus ★★★ (+2p)**  Mask the keys after the query: write `causal(n)`, a tensor of n "
            "by n that is `True` where a query may look."
        ),
        answer(
            "def causal(n):\n    return torch.ones(n, n, dtype=torch.bool).tril()",
            "def causal(n):\n    # <-- your code\n    return None",
            other="def causal(n):\n    i = torch.arange(n)\n    return i[:, None] >= i[None, :]",
            typed="def causal(n):\n    return torch.ones(n, n).bool()",
        ),
    ),
    tasks=(
        TaughtTask("scores of queries", ("value",), 3),
        TaughtTask("attention(q, k, v)", ("function",), 4),
        TaughtTask("Mask the keys", ("function",), 2),
    ),
)
