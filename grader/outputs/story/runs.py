"""Sort the events of a notebook's run into the runs of its cells. Pure."""

from __future__ import annotations

from collections.abc import Sequence
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
    runs = [RunEvents(run) for run in base.cells]
    indices = _run_indices(base.cells)

    strange_count = 0
    current = 0
    for cell, group in groupby(base.events, key=lambda event: event.cell):
        events = list(group)
        index = _next_index(indices.get(cell, ()), current)
        if index is None:
            strange_count += len(events)
            continue

        current = index
        if not _runs_again_at_once(base.cells, index):
            runs[index].events.extend(events)
            continue

        first, second = _split_runs(events)
        runs[index].events.extend(first)
        if second:
            current = index + 1
            runs[current].events.extend(second)

    return runs, strange_count


def _run_indices(runs: Sequence[CellRun]) -> dict[int, list[int]]:
    """Return the indices of the runs of each cell."""
    indices: dict[int, list[int]] = {}
    for index, run in enumerate(runs):
        indices.setdefault(run.cell, []).append(index)
    return indices


def _next_index(indices: Sequence[int], current: int) -> int | None:
    """Return the first index that is not before the current one; if there is none, the last."""
    for index in indices:
        if index >= current:
            return index
    return indices[-1] if indices else None


def _runs_again_at_once(runs: Sequence[CellRun], index: int) -> bool:
    following = index + 1
    return following < len(runs) and runs[following].cell == runs[index].cell


def _split_runs(events: Sequence[Event]) -> tuple[Sequence[Event], Sequence[Event]]:
    """Split the events of two runs of a cell with no other cell between them.

    The second run begins where the first pass of a statement comes again. Where none does, the
    first run left nothing behind.
    """
    earlier: set[tuple[object, ...]] = set()
    for index, event in enumerate(events):
        if event.turn != "1" or event.kind not in ("value", "shown"):
            continue
        statement = (event.line, event.scope, event.source, event.kind, tuple(event.values))
        if statement in earlier:
            return events[:index], events[index:]
        earlier.add(statement)
    return (), events
