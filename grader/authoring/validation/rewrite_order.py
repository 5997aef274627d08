"""Create all right rewrites of a reference, the most telling first. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from grader.authoring.validation import (
    rewrite_calls,
    rewrite_cells,
    rewrite_names,
    rewrite_statements,
)
from grader.authoring.validation.rewrites import Rewrite, SolvedNotebook

Maker = Callable[[SolvedNotebook], Iterator[Rewrite]]

MAKERS: tuple[Maker, ...] = (
    rewrite_names.renamed,
    rewrite_names.asked_renamed,
    rewrite_cells.in_functions,
    rewrite_calls.other_seeds,
    rewrite_calls.other_shuffles,
    rewrite_cells.split,
    rewrite_statements.printed,
    rewrite_statements.reordered,
    rewrite_calls.torch_functions,
    rewrite_calls.products,
    rewrite_calls.tensors,
    rewrite_calls.numpy_numbers,
    rewrite_statements.accumulators,
    rewrite_statements.as_loops,
    rewrite_cells.joined,
)
"""Makers of rewrites, in the order in which they are tried."""


def make_rewrites(notebook: SolvedNotebook) -> list[Rewrite]:
    """Create the right rewrites of a reference, the most telling first."""
    rewrites: list[Rewrite] = []
    for maker in MAKERS:
        rewrites.extend(maker(notebook))
    return rewrites
