"""Leave out functions that only help the answer below them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from grader.authoring.drafting.readers.marked_code import AnswerSpot
from grader.authoring.drafting.syntax import FUNCTION, line_range
from grader.notebook.code import parse_cell


def without_helpers(source: str, spots: Sequence[AnswerSpot]) -> Iterator[AnswerSpot]:
    """Yield the answers of a cell, but for the reference's helpers above a function of the handout.

    Args:
        source: the cell.
        spots: its answers, from above.
    """
    for spot, following in zip(spots, [*spots[1:], None], strict=True):
        helps = following is not None and following.is_begun
        if not helps or not _is_helper(source, spot):
            yield spot


def _is_helper(source: str, spot: AnswerSpot) -> bool:
    """Return whether an answer only defines functions, for which the handout has no words."""
    if spot.words or spot.is_begun:
        return False
    for statement in parse_cell(source).body:
        is_in_spot = not spot.lines.isdisjoint(line_range(statement))
        if is_in_spot and not isinstance(statement, FUNCTION):
            return False
    return True
