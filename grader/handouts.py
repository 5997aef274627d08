"""Says which cells of a handout may raise: those that build on an answer, which is the student's to give. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from grader.assignment import fold
from grader.checks.slicing import cells_behind, names_bound_by
from grader.trace import CellRun


def waits_for_an_answer(
    run: CellRun, source: str, handout: Collection[str], reference: Sequence[tuple[int, str]]
) -> bool:
    """Whether a cell of the handout raises because an answer is not there yet.

    It misses a name that an answer binds; or the reference, where every cell runs, has the same cell behind an answer.

    Args:
        run: how the cell ended.
        source: the cell.
        handout: sources of the handout's cells, with white space folded.
        reference: index and source of the reference's cells, in their order.
    """
    answers = {cell: code for cell, code in reference if fold(code) not in handout}
    if run.error == "NameError":
        missing = re.search(r"'(\w+)'", run.message)
        return missing is not None and any(missing[1] in names_bound_by(code) for code in answers.values())
    same = [cell for cell, code in reference if fold(code) == fold(source)]
    return any(not answers.keys().isdisjoint(cells_behind(reference, [cell])) for cell in same)
