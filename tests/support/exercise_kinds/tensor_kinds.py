"""Kinds of exercises about tensors: their form, their memory, and random ones."""

from __future__ import annotations

from tests.support.exercise_kinds.kind import LOOKED_AT, Kind, wrong

KINDS: tuple[Kind, ...] = (
    Kind(
        id="column",
        words="`col` is the second column of `grid`, as a matrix with one column.",
        given="grid = torch.tensor([[1., 15., 2.], [4., 18., 3.], [7., 16., 9.]])",
        reference="col = grid[:, 1:2]\n# grade: column = col",
        table="""
            check = "value"
            strict = ["rank"]
            """,
        variants="""
            [[inputs]]
            name = "grid"
            variants = [
                "torch.tensor([[2., 4., 1.], [3., 9., 5.], [8., 7., 6.]])",
                "torch.tensor([[.3, 1.7, 2.1], [4.2, .6, 3.3], [5.9, 7.7, .1]])",
            ]
            """,
        right=(
            "col = grid[:, 1:2]",
            "col = grid[:, 1].unsqueeze(1)",
            "second = grid[:, [1]]\ncol = second.clone()",
        ),
        wrong=(
            wrong("col = grid[:, 1]", earns=0.5),
            wrong("col = grid[1:2]"),
            wrong("col = grid[:, 0:1]"),
        ),
        hard_coded=wrong("col = torch.tensor([[15.], [18.], [16.]])", earns=LOOKED_AT),
    ),
)
