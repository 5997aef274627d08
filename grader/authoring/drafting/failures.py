"""List the cells of a solved notebook that raise, by intention or for want of something. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from grader.authoring.drafting.solved import DraftCell
from grader.authoring.drafting.syntax import names_bound
from grader.grading.causes import packages_of_open_imports
from grader.notebook.code import parse_cell
from grader.trace import CellRun, Run

LACKING = frozenset(
    (
        "ConnectionError",
        "FileNotFoundError",
        "HTTPError",
        "ImportError",
        "ModuleNotFoundError",
        "NameError",
        "NotADirectoryError",
        "ProxyError",
        "SSLError",
        "TimeoutError",
        "URLError",
        "gaierror",
        "timeout",
    )
)
"""Errors by which a cell fails for want of something, and not to show an error."""
_SAYS_LACKING = re.compile(r"no such file|download|name resolution", re.IGNORECASE)
"""What an exception of another type says for want of a file or of the internet."""
_UNKNOWN_NAME = re.compile(r"name '(?P<name>\w+)' is not defined")


@dataclass(frozen=True)
class FailedCell:
    """A cell of the solved notebook that raised unexpectedly."""

    number: int
    """From 1, in the instructor's file."""
    error: str
    """Type of the exception."""
    message: str
    needed_by: tuple[int, ...] = ()
    """Numbers of the cells that failed for want of a name that this one was to bind."""


def unexpected_failures(cells: Sequence[DraftCell], run: Run) -> tuple[FailedCell, ...]:
    """List the cells that raised unexpectedly, each with those that failed because of it.

    Args:
        cells: the notebook's.
        run: its run.
    """
    failures: list[FailedCell] = []
    unbound: dict[str, int] = {}
    sources = {index: cell.source for index, cell in enumerate(cells)}
    packages = packages_of_open_imports(run, sources)
    for each in failed_cells(run, len(cells)):
        cell = cells[each.cell]
        if _is_meant(cell, each):
            continue
        number = cell.index + 1
        cause = _cause(each, unbound)
        if cause is None:
            cause = len(failures)
            failures.append(_failure(number, each, packages))
        else:
            first = failures[cause]
            failures[cause] = replace(first, needed_by=(*first.needed_by, number))
        for name in names_bound(parse_cell(cell.source)):
            unbound.setdefault(name, cause)
    return tuple(failures)


def _failure(number: int, run: CellRun, packages: Mapping[int, str]) -> FailedCell:
    """Tell how a cell failed; a name that a missing package has is told as the package."""
    if run.error == "NameError":
        for cell, package in packages.items():
            if cell <= run.cell:
                return FailedCell(number, "ModuleNotFoundError", f"No module named '{package}'")
    message = " ".join(run.message.split())
    return FailedCell(number, run.error or run.status, message)


def meant_failures(cells: Sequence[DraftCell], run: Run) -> tuple[int, ...]:
    """List the numbers of the given cells that raise and are not marked so."""
    numbers = []
    for each in failed_cells(run, len(cells)):
        cell = cells[each.cell]
        if _is_meant(cell, each) and not cell.may_raise:
            numbers.append(cell.index + 1)
    return tuple(numbers)


def failed_cells(run: Run, count: int) -> Iterator[CellRun]:
    """List the cells that ended with an error, in order.

    Args:
        run: the run.
        count: number of the notebook's cells; those behind them are not its own.
    """
    for cell in run.cells:
        if cell.status != "ok" and cell.cell < count:
            yield cell


def _is_meant(cell: DraftCell, run: CellRun) -> bool:
    """Return whether a cell may raise: it is marked so, or students get it unchanged."""
    if cell.may_raise:
        return True
    lacks = run.error in LACKING or _SAYS_LACKING.search(run.message) is not None
    return not cell.has_answer and not lacks


def _cause(run: CellRun, unbound: dict[str, int]) -> int | None:
    """Find the failure by which a name is missing; None if it is another failure."""
    match = _UNKNOWN_NAME.search(run.message)
    if run.error != "NameError" or match is None:
        return None
    return unbound.get(match["name"])
