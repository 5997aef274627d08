"""Sort the events of a notebook's run into the runs of its cells. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from grader.trace import CellRun, Event, Run


@dataclass(frozen=True)
class RunEvents:
    """One run of a cell, and its events in order."""

    run: CellRun
    events: list[Event] = field(default_factory=list)


def runs_of(base: Run) -> tuple[list[RunEvents], int]:
    """Return the runs of cells in the order they took place, each with its events.

    A cell that ran again has two runs.

    Returns:
        The runs, and how many events belong to none.
    """
    assignment = _EventAssignment(base.cells)
    for cell, group in groupby(base.events, key=_cell_of):
        assignment.take(cell, list(group))
    return assignment.runs, assignment.strange_count


def _cell_of(event: Event) -> int:
    return event.cell


class _EventAssignment:
    """Assigns groups of events to the runs of their cells, in order."""

    def __init__(self, runs: Sequence[CellRun]) -> None:
        self.runs = [RunEvents(run) for run in runs]
        self.strange_count = 0
        """Events of cells that have no run."""
        self._current = 0
        self._indices = _indices_by_cell(runs)

    def take(self, cell: int, events: Sequence[Event]) -> None:
        """Take the next events, all of one cell."""
        indices = self._indices.get(cell, ())
        index = _next_index(indices, self._current)
        if index is None:
            self.strange_count += len(events)
            return

        if not self._runs_again_at_once(index):
            self._extend(index, events)
            return

        start = _second_run_start(events)
        self._extend(index, events[:start])
        self._extend(index + 1, events[start:])

    def _extend(self, index: int, events: Sequence[Event]) -> None:
        if events:
            run = self.runs[index]
            run.events.extend(events)
            self._current = index

    def _runs_again_at_once(self, index: int) -> bool:
        """Return whether the same cell ran again, with no other cell in between."""
        pair = self.runs[index : index + 2]
        if len(pair) < 2:
            return False
        run, following = pair
        return following.run.cell == run.run.cell


def _indices_by_cell(runs: Sequence[CellRun]) -> Mapping[int, Sequence[int]]:
    """Return the indices of the runs of each cell."""
    indices = defaultdict(list)
    for index, run in enumerate(runs):
        indices[run.cell].append(index)
    return indices


def _next_index(indices: Sequence[int], current: int) -> int | None:
    """Return the first index that is not before the current one, or else the last."""
    for index in indices:
        if index >= current:
            return index

    if not indices:
        return None
    return indices[-1]


def _second_run_start(events: Sequence[Event]) -> int:
    """Return the index at which the second of two runs of a cell begins.

    No other cell ran between the two. The second run begins where the first pass of a statement
    comes again. Where none does, the first run left nothing behind: the index is 0.
    """
    earlier = set()
    for index, event in enumerate(events):
        if event.turn != "1":
            continue
        if event.kind not in ("value", "shown"):
            continue

        statement = _statement_key(event)
        if statement in earlier:
            return index
        earlier.add(statement)
    return 0


def _statement_key(event: Event) -> object:
    paths = tuple(event.values)
    return event.line, event.scope, event.source, event.kind, paths
