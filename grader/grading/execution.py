"""Describe how a notebook ran, for the report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from grader.grading.causes import Cause
from grader.grading.checks.outcome import message
from grader.grading.evidence import MAX_TEXT, Places
from grader.grading.kernel_notes import messages_of_notes
from grader.grading.knowledge import Headings
from grader.grading.machine_faults import fault_message
from grader.grading.search import Values
from grader.report import CellProblem, Execution, Message
from grader.trace import CellRun, EventKind, Trace

MAX_SKIPPED = 50
"""Most skipped commands that a report lists."""


def execution(values: Values, headings: Headings) -> Execution:
    """Describe how a notebook ran, for the report.

    Args:
        values: of its trace.
        headings: returns the heading above a cell.
    """
    trace = values.trace
    failed = values.causes.failed
    runs = trace.base.cells
    final_runs = {run.cell: run for run in runs}
    places = Places(trace, headings)
    problems = [
        CellProblem(
            where=places.where(run.cell),
            status=run.status,
            error=run.error,
            message=run.message,
            limit=run.limit,
            cause=failed[run.cell].kind,
            reason=_reason(failed[run.cell]),
        )
        for run in final_runs.values()
        if run.status != "ok"
    ]
    return Execution(
        seconds=round(trace.seconds, 3),
        peak_mib=trace.peak_mib,
        sandbox=trace.sandbox,
        files=trace.files,
        cells=len(final_runs),
        problems=tuple(problems),
        again=_came_to_run(runs),
        skipped=_skipped_commands(trace),
        notes=tuple(_notes(trace)),
        ended=_ended(trace),
    )


def _reason(cause: Cause) -> Message | None:
    if cause.kind != "machine":
        return None
    return fault_message(cause)


def _came_to_run(runs: Sequence[CellRun]) -> tuple[int, ...]:
    """List the cells that failed for a missing name, and succeeded when they ran again."""
    had_name = {run.cell: None for run in runs if run.again and run.error != "NameError"}
    return tuple(had_name)


def _skipped_commands(trace: Trace) -> tuple[str, ...]:
    """Return the skipped commands, each once."""
    texts = _texts(trace, "skipped")
    commands = dict.fromkeys(text[:MAX_TEXT] for text in texts)
    return tuple(commands)[:MAX_SKIPPED]


def _texts(trace: Trace, kind: EventKind) -> list[str]:
    return [event.text for event in trace.base.events if event.kind == kind]


def _notes(trace: Trace) -> Iterator[Message]:
    notes = _texts(trace, "note")
    yield from messages_of_notes(notes)

    for run in trace.base.cells:
        if run.limit and run.status == "error":
            yield message(f"limit.{run.limit}", cell=run.cell)

    restored = [name for cell in trace.cells for name in cell.restored]
    if restored:
        yield message("note.restored", what=", ".join(dict.fromkeys(restored)))

    if trace.truncated:
        yield message("note.truncated")


def _ended(trace: Trace) -> Message | None:
    """Report the first event that ended the kernel or a cell too early."""
    for run in trace.base.cells:
        if run.status == "died" and run.limit:
            return message(f"ended.{run.limit}", cell=run.cell)
        if run.status in ("died", "timeout", "flooded"):
            seconds = round(run.seconds, 1)
            return message(f"ended.{run.status}", cell=run.cell, seconds=seconds)
        if run.error == "notebook-timeout":
            seconds = round(trace.seconds, 1)
            return message("ended.notebook-timeout", cell=run.cell, seconds=seconds)
    return None
