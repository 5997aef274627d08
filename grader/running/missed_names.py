"""Choose the cells that run again, since they missed a name that a later cell gives. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from grader.notebook.cell_names import read_names
from grader.notebook.code import cached_by_source
from grader.trace import CellRun, CodeCell

_MISSED = re.compile(r"name '(?P<name>\w+)' is not defined")


def still_without_a_name(runs: Sequence[CellRun]) -> set[int]:
    """List the cells that failed for a missing name when they last ran."""
    cells: set[int] = set()
    for run in runs:
        cells.discard(run.cell)
        if run.error == "NameError":
            cells.add(run.cell)
    return cells


def next_served(cells: Sequence[CodeCell], runs: Sequence[CellRun]) -> CodeCell | None:
    """Find a cell that missed a name which a later cell has defined: it runs again at once.

    At the end of the notebook, other names may have other values than they had for the student.
    Each cell runs again in this way once, and not at all if it is repeated below.

    Args:
        cells: all cells of the notebook.
        runs: how they ended so far, in the order in which they ran.
    """
    due = _served(cells, runs)
    if not due:
        return None

    ran: set[int] = set()
    for run in runs:
        ran.add(run.cell)
        if run.again:
            due.discard(run.cell)

    to_come = {cell.source for cell in cells if cell.cell not in ran}
    for cell in cells:
        if cell.cell in due and cell.source not in to_come:
            return cell
    return None


def _served(cells: Sequence[CodeCell], runs: Sequence[CellRun]) -> set[int]:
    """List the cells that missed a name which a cell gave since then."""
    sources = {cell.cell: cell.source for cell in cells}
    missed: dict[str, set[int]] = defaultdict(set)
    served: set[int] = set()
    for run in runs:
        name = _missed_name(run)
        if name:
            cells_without_it = missed[name]
            cells_without_it.add(run.cell)
        elif run.status == "ok" and missed:
            given = _given_names(sources[run.cell])
            for name in missed.keys() & given:
                served |= missed[name]
    return served


@cached_by_source
def _given_names(source: str) -> frozenset[str]:
    names = read_names(source)
    return names.binds | names.imports


def _missed_name(run: CellRun) -> str:
    """Return the name that a cell missed; empty if none."""
    if run.error != "NameError":
        return ""
    match = _MISSED.search(run.message)
    if match is None:
        return ""
    return match["name"]
