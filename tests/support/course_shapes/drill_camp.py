"""In the shape of a boot camp: rated exercises, bodies that raise, folded solutions, test calls."""

from __future__ import annotations

from tests.support.course_shapes.shape import (
    TaughtCourse,
    TaughtTask,
    boxed,
    code,
    only_solved,
    reply,
    text,
)

COURSE = TaughtCourse(
    name="drill-camp",
    cells=(
        text(
            """
            # [0.2] Transformer building blocks

            > Most of today is implementing modules from scratch.

            ## Learning Objectives

            * Understand attention patterns
            * Write `LayerNorm` and `Embed` yourself
            """
        ),
        code(
            """
            import math
            from dataclasses import dataclass

            import torch as t
            from torch import Tensor, nn


            @dataclass
            class Config:
                d_model: int = 8
                d_vocab: int = 20
                n_ctx: int = 6
                init_range: float = 0.02
                eps: float = 1e-5


            cfg = Config()
            MAIN = __name__ == "__main__"
            """
        ),
        text(
            """
            ### Exercise - implement `causal_mask`

            > ```yaml
            > Difficulty: 🔴⚪⚪⚪⚪
            > Importance: 🔵🔵🔵⚪⚪
            >
            > You should spend up to 5-10 minutes on this exercise.
            > ```

            Fill in the function below. It sets every score above the diagonal to `-1e5`.
            """
        ),
        boxed(
            '''
            def causal_mask(scores: Tensor) -> Tensor:
                """
                Applies a causal mask to attention scores of shape (query, key), and returns it.
                """
                @@
            ''',
            solved="""
            above = t.triu(t.ones_like(scores), diagonal=1).bool()
            return scores.masked_fill(above, -1e5)
            """,
            blank="raise NotImplementedError()",
            other="""
            q, k = scores.shape
            rows, cols = t.arange(q)[:, None], t.arange(k)[None, :]
            return t.where(cols > rows, t.tensor(-1e5), scores)
            """,
            typed="return scores",
        ),
        text(
            """
            <details>
            <summary>Help - I'm not sure how to begin.</summary>

            `t.triu` gives the upper triangle of a matrix.
            </details>
            """
        ),
        text(
            """
            ### Exercise - implement `LayerNorm`

            > ```yaml
            > Difficulty: 🔴🔴🔴⚪⚪
            > Importance: 🔵🔵🔵🔵⚪
            >
            > You should spend up to 10-15 minutes on this exercise.
            > ```

            Normalise over the last dimension (with the biased variance, `cfg.eps` inside the root),
            then scale by `w` and shift by `b`.
            """
        ),
        boxed(
            """
            class LayerNorm(nn.Module):
                def __init__(self, cfg: Config):
                    super().__init__()
                    self.cfg = cfg
                    self.w = nn.Parameter(t.ones(cfg.d_model))
                    self.b = nn.Parameter(t.zeros(cfg.d_model))

                def forward(self, residual: Tensor) -> Tensor:
                    @@
            """,
            solved="""
            mean = residual.mean(dim=-1, keepdim=True)
            std = (residual.var(dim=-1, keepdim=True, unbiased=False) + self.cfg.eps).sqrt()
            return (residual - mean) / std * self.w + self.b
            """,
            blank="raise NotImplementedError()",
            other="""
            size = (residual.shape[-1],)
            return nn.functional.layer_norm(residual, size, self.w, self.b, self.cfg.eps)
            """,
            typed="return residual * self.w + self.b",
        ),
        text(
            """
            ### Exercise - implement `Embed`

            > ```yaml
            > Difficulty: 🔴🔴⚪⚪⚪
            > Importance: 🔵🔵🔵⚪⚪
            > ```

            Look up the rows of `W_E` for a batch of tokens.
            """
        ),
        boxed(
            """
            class Embed(nn.Module):
                def __init__(self, cfg: Config):
                    super().__init__()
                    self.cfg = cfg
                    self.W_E = nn.Parameter(t.empty((cfg.d_vocab, cfg.d_model)))
                    nn.init.normal_(self.W_E, std=cfg.init_range)

                def forward(self, tokens: Tensor) -> Tensor:
                    @@
            """,
            solved="return self.W_E[tokens]",
            blank="raise NotImplementedError()",
            other="return nn.functional.embedding(tokens, self.W_E)",
            typed="return t.zeros(*tokens.shape, self.cfg.d_model)",
        ),
        text(
            """
            ### Exercise - compute attention patterns

            > ```yaml
            > Difficulty: 🔴🔴⚪⚪⚪
            > Importance: 🔵🔵🔵🔵🔵
            > ```

            For the given `Q` and `K`, compute `pattern`: the softmax of the masked, scaled scores.
            """
        ),
        boxed(
            """
            Q = t.tensor([[0.2, -0.4], [1.0, 0.3], [-0.6, 0.9]])
            K = t.tensor([[0.5, 0.1], [-0.2, 0.7], [0.4, -0.8]])

            # YOUR CODE HERE - compute `pattern`
            @@
            """,
            solved="pattern = causal_mask(Q @ K.T / math.sqrt(Q.shape[-1])).softmax(dim=-1)\n"
            "print(pattern)",
            blank="",
            other="""
            raw = t.einsum("qd,kd->qk", Q, K) / 2 ** 0.5
            e = raw.exp().tril()
            pattern = e / e.sum(-1, keepdim=True)
            """,
            typed="pattern = t.eye(3)",
        ),
        text(
            """
            #### Question - why do we mask before the softmax, and not after it?

            Answer in your own words.
            """
        ),
        reply(
            "Masked afterwards, the rows would no longer add up to one.",
            "*[write here]*",
            "So that the rows stay probabilities.",
        ),
        only_solved("# sanity check by the staff\nprint(LayerNorm(cfg)(t.randn(2, 8)).std())"),
    ),
    tasks=(
        TaughtTask("implement `causal_mask`", ("function",)),
        TaughtTask("implement `LayerNorm`", ("module",)),
        TaughtTask("implement `Embed`", ("module",)),
        TaughtTask("compute attention patterns", ("value",)),
        TaughtTask("why do we mask before the softmax", ("text", "manual")),
    ),
)
