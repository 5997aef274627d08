"""Puts the events of one run together. What is in them is a claim."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from grader.trace import CellRun, Event, Run


def run_from(label: str, events: Sequence[Event], cells: Sequence[CellRun] = ()) -> Run:
    """A run from its events.

    Args:
        label: its label.
        events: those that came of it, `ended` and `input` among them.
        cells: how its cells ended, where that is known better than from `ended` events.
    """
    carried = {
        name: bool(value.value)
        for event in events
        if event.kind == "input"
        for name, value in event.values.items()
        if value.kind == "bool"
    }
    kept = tuple(event for event in events if event.kind not in ("ended", "input"))
    return Run(label=label, cells=tuple(cells) or tuple(_ended(events)), events=kept, carried=carried)


def _ended(events: Iterable[Event]) -> Iterator[CellRun]:
    for event in events:
        if event.kind == "ended":
            error, _, message = event.text.partition(": ")
            yield CellRun(cell=event.cell, status="error" if error else "ok", error=error[:100], message=message[:300])
