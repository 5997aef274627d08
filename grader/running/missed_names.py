"""Choose the cells that run again, since they missed a name that a later cell gives. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from grader.notebook.cell_names import read_names
from grader.trace import CellRun, CodeCell

_MISSED = re.compile(r"name '(?P<name>\w+)' is not defined")


def still_without_a_name(runs: Sequence[CellRun]) -> set[int]:
    """List the cells that failed for a missing name when they last ran."""
    last_runs = {run.cell: run for run in runs}
    return {cell for cell, run in last_runs.items() if run.error == "NameError"}


def next_served(cells: Sequence[CodeCell], runs: Sequence[CellRun]) -> CodeCell | None:
    """Find a cell that missed a name which a cell gave since then: it runs again at once.

    At the end of the notebook other names may hold something else than they did for the student.
    Each cell runs again in this way once, and not at all if it stands below another time.

    Args:
        cells: all cells of the notebook.
        runs: how they ended so far, in the order in which they ran.
    """
    sources = {cell.cell: cell.source for cell in cells}
    missed: dict[int, str] = {}
    served: set[int] = set()
    for run in runs:
        if run.status == "ok" and missed:
            given = _given_names(sources[run.cell])
            served |= {cell for cell, name in missed.items() if name in given}
        name = _missed_name(run)
        if name:
            missed[run.cell] = name
    if not served:
        return None

    repeated = {run.cell for run in runs if run.again}
    ran = {run.cell for run in runs}
    to_come = {cell.source for cell in cells if cell.cell not in ran}
    for cell in cells:
        if cell.cell in served - repeated and cell.source not in to_come:
            return cell
    return None


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
