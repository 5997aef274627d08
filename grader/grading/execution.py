"""Say how a notebook ran, for the report."""

from __future__ import annotations

from collections.abc import Sequence

from grader.grading.checks.outcome import message
from grader.grading.evidence import MAX_TEXT, Places
from grader.grading.knowledge import Headings
from grader.report import CellProblem, Execution, Message
from grader.trace import BASE, Event, Trace


def execution(trace: Trace, places: Headings) -> Execution:
    """How the notebook ran, for the report."""
    of = Places(trace, places)
    runs = trace.base.cells
    final = {run.cell: run for run in runs}
    problems = tuple(
        CellProblem(
            where=of.where(run.cell),
            status=run.status,
            error=run.error,
            message=run.message,
            limit=run.limit,
        )
        for run in final.values()
        if run.status != "ok"
    )
    events = trace.base.events
    return Execution(
        seconds=round(trace.seconds, 3),
        peak_mib=trace.peak_mib,
        sandbox=trace.sandbox,
        files=trace.files,
        cells=len(final),
        problems=problems,
        again=tuple(run.cell for run in runs if run.again),
        skipped=_skipped(events),
        notes=_notes(trace),
        ended=_ended(trace),
    )


def _skipped(events: Sequence[Event]) -> tuple[str, ...]:
    """The commands that were not run, each once."""
    commands = dict.fromkeys(event.text[:MAX_TEXT] for event in events if event.kind == "skipped")
    return tuple(commands)[:MAX_SKIPPED]


def _notes(trace: Trace) -> tuple[Message, ...]:
    texts = [
        event.text
        for run in trace.runs
        if run.label == BASE
        for event in run.events
        if event.kind == "note"
    ]
    notes = (
        [message("note.random-weights")]
        if any(text.startswith("random-weights") for text in texts)
        else []
    )
    notes += [
        message(f"limit.{run.limit}", cell=run.cell)
        for run in trace.base.cells
        if run.limit and run.status == "error"
    ]
    if trace.truncated:
        notes.append(message("note.truncated"))
    return tuple(notes)


def _ended(trace: Trace) -> Message | None:
    """What ended the kernel, or a cell, before its time; the first of it."""
    for run in trace.base.cells:
        if run.status == "died" and run.limit:
            return message(f"ended.{run.limit}", cell=run.cell)
        if run.status in ("died", "timeout", "flooded"):
            return message(f"ended.{run.status}", cell=run.cell, seconds=round(run.seconds, 1))
        if run.error == "notebook-timeout":
            return message("ended.notebook-timeout", cell=run.cell, seconds=round(trace.seconds, 1))
    return None


MAX_SKIPPED = 50
"""Most skipped commands that a report lists."""
