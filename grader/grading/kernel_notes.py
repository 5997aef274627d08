"""Turn notes of the recorder into messages about what the kernel adapted. Pure.

A note is a topic and a detail: `device cuda:0`. None of them costs points.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from grader.grading.checks.outcome import message
from grader.grading.evidence import MAX_TEXT
from grader.report import Message

NOTED = (
    "random-weights",
    "device",
    "compile",
    "workers",
    "missing",
    "version",
    "path",
    "written",
    "chdir",
    "other-process",
    "stub",
    "put-back",
    "display",
    "picture",
    "output",
    "input",
    "debugger",
)
"""Topics of the recorder's notes that reports and pages show; each has words as `note.TOPIC`."""

MAX_DETAILS = 5
"""Most details of one topic in a message."""


def messages_of_notes(notes: Iterable[str]) -> Iterator[Message]:
    """Make one message for each topic that was noted, in the order of the topics."""
    details_by_topic: dict[str, dict[str, None]] = {}
    for note in notes:
        topic, detail = _split(note)
        details = details_by_topic.setdefault(topic, {})
        details[detail] = None

    for topic in NOTED:
        details = details_by_topic.get(topic, {})
        if details:
            first_details = list(details)[:MAX_DETAILS]
            yield message(f"note.{topic}", what=", ".join(first_details))


def _split(note: str) -> tuple[str, str]:
    """Split a note into its topic and its detail."""
    topic, _, detail = note.partition(" ")
    return topic.rstrip(":"), detail[:MAX_TEXT]
