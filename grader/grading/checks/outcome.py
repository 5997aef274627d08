"""The outcome of a check, before its values are looked up in the notebook. Pure data."""

from __future__ import annotations

from dataclasses import dataclass

from grader.grading.search import Candidate
from grader.report import ExerciseStatus, Message
from grader.trace import Trace


@dataclass(frozen=True)
class Outcome:
    """What a check decided."""

    status: ExerciseStatus
    message: Message
    credit: float = 0.0
    found: Candidate | None = None
    """The value that decided."""
    notes: tuple[Message, ...] = ()
    flags: tuple[tuple[str, Candidate | None], ...] = ()
    """Ids of flags, and the value each one is about."""


def message(message_id: str, **params: str | float | int | bool) -> Message:
    """Build a message with its parameters."""
    return Message(id=message_id, params=params)


def not_run(trace: Trace) -> Outcome | None:
    """Give the outcome for a kernel that ended before the student's cells had all run; None if they ran."""
    handout = trace.handout_cells()
    own_cells = [cell for cell in trace.base.cells if cell.cell not in handout]
    remaining = [cell for cell in own_cells if cell.status in ("not_run", "died")]
    if not remaining:
        return None

    ended_badly = (cell for cell in trace.base.cells if cell.status not in ("ok", "error"))
    ended_in = next(ended_badly, remaining[0])
    return Outcome("not_run", message("not-run.kernel-ended", cell=ended_in.cell))
