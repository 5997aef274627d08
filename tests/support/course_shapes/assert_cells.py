"""Without headings for tasks: a paragraph, a cell that raises, and a given cell of assertions."""

from __future__ import annotations

from tests.support.course_shapes.shape import TaughtCourse, TaughtTask, answer, boxed, code, text

COURSE = TaughtCourse(
    name="assert-cells",
    cells=(
        text(
            """
            # Practical: attention

            In this practical we build attention from its parts. Replace each
            `raise NotImplementedError()` and each `None`. The assertions below a cell have to pass.
            """
        ),
        code(
            """
            import math

            import torch
            from torch import nn

            torch.manual_seed(11)
            queries = torch.randn(2, 3, 4)
            keys = torch.randn(2, 5, 4)
            values = torch.randn(2, 5, 6)
            """
        ),
        text(
            """
            We begin with the scores. Implement the scaled dot product of all queries with all keys;
            divide by the square root of the dimension.
            """
        ),
        answer(
            """
            def attention_scores(q, k):
                return q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
            """,
            """
            def attention_scores(q, k):
                raise NotImplementedError()
            """,
            other="""
            def attention_scores(q, k):
                return torch.einsum("bqd,bkd->bqk", q, k) * q.size(-1) ** -0.5
            """,
            typed="""
            def attention_scores(q, k):
                return torch.zeros(2, 3, 5)
            """,
        ),
        code(
            """
            scores = attention_scores(queries, keys)
            assert scores.shape == (2, 3, 5)
            assert torch.isclose(scores[0, 0, 0], queries[0, 0] @ keys[0, 0] / 2)
            """
        ),
        text(
            """
            The second sentence has three words only. Now write a function that sets the scores of
            padding to minus infinity and takes the softmax over the keys.
            """
        ),
        answer(
            """
            def masked_softmax(scores, lengths):
                positions = torch.arange(scores.shape[-1])
                padding = positions[None, :] >= lengths[:, None]
                return scores.masked_fill(padding[:, None, :], float("-inf")).softmax(dim=-1)
            """,
            """
            def masked_softmax(scores, lengths):
                raise NotImplementedError()
            """,
            other="""
            def masked_softmax(scores, lengths):
                out = torch.zeros_like(scores)
                for i, n in enumerate(lengths.tolist()):
                    out[i, :, :n] = torch.softmax(scores[i, :, :n], dim=1)
                return out
            """,
            typed="""
            def masked_softmax(scores, lengths):
                return torch.full((2, 3, 5), 0.2)
            """,
        ),
        code(
            """
            lengths = torch.tensor([5, 3])
            weights = masked_softmax(scores, lengths)
            assert torch.allclose(weights.sum(-1), torch.ones(2, 3))
            assert (weights[1, :, 3:] == 0).all()
            """
        ),
        text("Put it together: the output of attention is the weighted sum of the values."),
        answer(
            """
            output = weights @ values
            """,
            """
            output = None  # TODO
            """,
            other='output = torch.einsum("bqk,bkv->bqv", weights, values)',
            typed="output = torch.ones(2, 3, 6)",
        ),
        code("assert output.shape == (2, 3, 6)"),
        text(
            """
            Finally wrap it in a module with three projections without bias. The names of the layers
            are given.
            """
        ),
        boxed(
            """
            class Attention(nn.Module):
                def __init__(self, d_model, d_head):
                    super().__init__()
                    @@

                def forward(self, x, lengths):
                    @@
            """,
            (
                """
                self.to_q = nn.Linear(d_model, d_head, bias=False)
                self.to_k = nn.Linear(d_model, d_head, bias=False)
                self.to_v = nn.Linear(d_model, d_head, bias=False)
                """,
                """
                scores = attention_scores(self.to_q(x), self.to_k(x))
                return masked_softmax(scores, lengths) @ self.to_v(x)
                """,
            ),
            ("self.to_q = None\nself.to_k = None\nself.to_v = None", "raise NotImplementedError()"),
            other=(
                """
                make = lambda: nn.Linear(d_model, d_head, bias=False)
                self.to_q, self.to_k, self.to_v = make(), make(), make()
                """,
                """
                q = self.to_q(x)
                k = self.to_k(x)
                v = self.to_v(x)
                w = masked_softmax(attention_scores(q, k), lengths)
                return torch.bmm(w, v)
                """,
            ),
            typed=("pass", "return torch.zeros(2, 5, 3)"),
        ),
        code(
            """
            layer = Attention(4, 3)
            assert sum(p.numel() for p in layer.parameters()) == 36
            assert layer(keys, lengths).shape == (2, 5, 3)
            """
        ),
    ),
    tasks=(
        TaughtTask("scaled dot product", ("function",)),
        TaughtTask("scores of padding", ("function",)),
        TaughtTask("weighted sum", ("value",)),
        TaughtTask("three projections", ("module",)),
    ),
)
