"""The outcome of a check, before its values are located in the notebook. Pure data."""

from __future__ import annotations

import re
from dataclasses import dataclass

from grader.grading.search import Candidate
from grader.report import ExerciseStatus, Message
from grader.trace import Trace


@dataclass(frozen=True)
class RaisedFlag:
    """A flag, and the value that it is about."""

    id: str
    candidate: Candidate | None
    message: Message | None = None
    """Its message; None: the message of every flag of its kind."""


@dataclass(frozen=True)
class Outcome:
    """The decision of a check."""

    status: ExerciseStatus
    message: Message
    credit: float = 0.0
    found: Candidate | None = None
    """The value that decided."""
    notes: tuple[Message, ...] = ()
    flags: tuple[RaisedFlag, ...] = ()


def message(message_id: str, **params: str | float | int | bool) -> Message:
    """Build a message with its parameters."""
    return Message(id=message_id, params=params)


def not_run(trace: Trace) -> Outcome | None:
    """Return the outcome if the kernel ended before all of the student's cells had run; else None.

    Returns:
        None if they all ran.
    """
    handout = trace.handout_cells()
    remaining = []
    ended_badly = []
    for run in trace.base.cells:
        if run.status not in ("ok", "error"):
            ended_badly.append(run.cell)
        if run.status in ("not_run", "died") and run.cell not in handout:
            remaining.append(run.cell)
    if not remaining:
        return None
    # Cells that did not run ended badly, too.
    why = message("not-run.kernel-ended", cell=ended_badly[0])
    return Outcome("not_run", why)


def never_defined(name: str, trace: Trace) -> Message | None:
    """Explain that the cell which defines a name raised an exception; None if none does."""
    word = re.escape(name)
    defining = re.compile(
        rf"^[ \t]*(?:(?:async[ \t]+)?def|class)[ \t]+{word}\b|^[ \t]*{word}[ \t]*=[^=]",
        re.MULTILINE,
    )
    sources = {cell.cell: cell.source for cell in trace.cells}
    for run in trace.base.cells:
        source = sources.get(run.cell, "")
        if run.status == "error" and defining.search(source):
            return message("probe.never-defined", name=name, cell=run.cell, error=run.error)
    return None
