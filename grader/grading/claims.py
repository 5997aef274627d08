"""Check the claims of a trace against the notebook's own code. Pure.

SECURITY: a notebook that writes on the recorder's channel can claim any value for any line. A claim
counts only if the notebook has that line and the line can produce such a value: a value of `w`
needs a statement with that name, and a gradient needs a call.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cached_property

from grader.notebook.watched_statements import WatchedCell, WatchedStatement, watched_cell
from grader.trace import CodeCell, Event, Run, Trace

HOOKS = ("grad", "step", "graph")
"""Kinds of events that a call causes, wherever it is."""

GIVING = ("value", "returned", "loop")
SHOWING = ("shown", "argument")
KINDS = {"value": GIVING, "shown": SHOWING, "printed": GIVING + SHOWING}
"""Kinds of statements by the kind of event that they make."""

WORD = re.compile(r"\w+")

MANY_MISFITS = 20
"""So many events that do not fit the code are no accident."""

_RUNNING = r"%run|%load|run_cell|run_line_magic|run_path|run_module|(?<![.\w])(exec|eval|compile)\("
RUNNING = re.compile(_RUNNING)
"""Names that may run code that is in no cell."""


class Claims:
    """What the code of a notebook allows its trace to contain."""

    def __init__(self, cells: Iterable[CodeCell]) -> None:
        """Initialise with the cells of a trace."""
        self._sources = {cell.cell: cell.source for cell in cells}

    @cached_property
    def _cells(self) -> dict[int, WatchedCell]:
        cells = {}
        for index, source in self._sources.items():
            cells[index] = watched_cell(source)
        return cells

    def fits(self, event: Event) -> bool:
        """Return whether the notebook has the statement that an event claims."""
        kind = event.kind
        if not event.values and not event.reads:  # there is nothing in it that counts
            return True
        cells = self._cells_of(event)
        if kind in HOOKS:
            return any(_may_call(cell, event) for cell in cells)
        if kind in KINDS:
            return any(_may_give(cell, event) for cell in cells)
        return True

    def without_misfits(self, trace: Trace) -> Trace:
        """Remove the events that the notebook's code cannot have caused.

        Returns:
            The trace itself where all of them fit.
        """
        runs = []
        has_misfits = False
        for run in trace.runs:
            fitting = self._fitting(run)
            runs.append(fitting)
            if fitting is not run:
                has_misfits = True
        if not has_misfits:
            return trace
        return trace.model_copy(update={"runs": tuple(runs)})

    def count_forged(self, trace: Trace, fitting: Trace) -> int:
        """Count the events that no code can have caused; 0 if there are only a few.

        Args:
            trace: all claims.
            fitting: the same without claims that do not fit.
        """
        may_run_others = any(map(RUNNING.search, self._sources.values()))
        count = _count_events(trace) - _count_events(fitting)
        if may_run_others or count < MANY_MISFITS:
            return 0
        return count

    def _fitting(self, run: Run) -> Run:
        events = tuple(event for event in run.events if self.fits(event))
        count = len(events)
        if count == len(run.events):
            return run
        return run.model_copy(update={"events": events})

    def _cells_of(self, event: Event) -> Iterable[WatchedCell]:
        """List the cells that may contain the statement: functions may come from other cells."""
        if event.scope:
            return self._cells.values()
        cell = self._cells.get(event.cell)
        if cell is None:
            return ()
        return (cell,)


def _count_events(trace: Trace) -> int:
    return sum(len(run.events) for run in trace.runs)


def _may_call(cell: WatchedCell, event: Event) -> bool:
    """Return whether the line of an event calls something."""
    number = event.line
    if number in cell.calling:
        return True
    if cell.calls_in_strings:
        return True
    if cell.is_command(number):
        return True
    if cell.is_python:
        return False
    line = cell.line(number)
    return "(" in line


def _may_give(cell: WatchedCell, event: Event) -> bool:
    """Return whether a cell has a statement that can produce an event."""
    statements = cell.at(event.line, event.scope)
    for statement in statements:
        is_same = statement.end_line == event.end_line
        if is_same and _agrees(statement, event):
            return _has_line(cell, event)
    for statement in cell.in_strings:
        if _agrees(statement, event, is_repeated=True):
            return True

    is_command = cell.is_command(event.line)
    if cell.is_python and not is_command:
        return False
    line = cell.line(event.line)
    words = WORD.findall(line)
    if not _are_among(event.assigned, words):
        return False
    return _has_line(cell, event)


def _agrees(statement: WatchedStatement, event: Event, *, is_repeated: bool = False) -> bool:
    """Return whether a statement has the kind and the names that an event claims.

    Args:
        statement: one of the notebook's.
        event: the claim.
        is_repeated: whether it may be compiled repeatedly, each time with a last pass.
    """
    kind = statement.kind
    if kind not in KINDS[event.kind]:
        return False
    if event.kind != "printed":
        is_end = event.turn == "last"
        is_loop = kind == "loop"
        if is_end != is_loop and not is_repeated:
            return False
    if not _are_among(event.assigned, statement.assigned):
        return False
    if not _are_among(event.reads, statement.rhs):
        return False
    known = [*statement.names, _root(statement.path)]
    roots = [_root(path) for path in event.values]
    return _are_among(roots, known)


def _are_among(names: Sequence[str], known: Sequence[str]) -> bool:
    return all(name in known for name in names)


def _root(path: str) -> str:
    """Return the name that a path begins with: `m` of `m.w`, and of `m[0]`."""
    dotted = path.replace("[", ".")
    name, _, _ = dotted.partition(".")
    return name


def _has_line(cell: WatchedCell, event: Event) -> bool:
    """Return whether an event's shown line matches the line in the notebook."""
    line = cell.line(event.line)
    folded = _folded(line)
    source = _folded(event.source)
    return folded.startswith(source)


def _folded(line: str) -> str:
    words = line.split()
    return " ".join(words)
