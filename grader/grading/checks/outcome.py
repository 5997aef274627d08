"""What a check says of an exercise. Pure data."""

from __future__ import annotations

from dataclasses import dataclass

from grader.grading.search import Candidate
from grader.report import ExerciseStatus, Flag, Message


@dataclass(frozen=True)
class Outcome:
    """The result of a check, before places are looked up in the notebook."""

    status: ExerciseStatus
    message: Message
    credit: float = 0.0
    found: Candidate | None = None
    notes: tuple[Message, ...] = ()
    flags: tuple[tuple[str, Candidate | None], ...] = ()
    """Ids of flags, and the value each speaks of."""


def message(message_id: str, **params: str | float | int | bool) -> Message:
    """A message with its parameters."""
    return Message(id=message_id, params=params)


__all__ = ["Flag", "Message", "Outcome", "message"]
