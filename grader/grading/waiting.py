"""Count missing resources of the machine, and the submissions that wait for them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from grader.report import Message, SubmissionResult, Waiting

MAX_NAMES = 3
"""Most paths that one reason names."""


@dataclass
class _Group:
    """The submissions that wait for one reason."""

    submissions: set[str] = field(default_factory=set)
    """Their ids."""
    names: dict[str, None] = field(default_factory=dict)
    """The missing package, or paths, in the order in which they were found."""


def waiting_for_machine(submissions: Iterable[SubmissionResult]) -> tuple[Waiting, ...]:
    """Group the submissions that wait for a person by the machine's reason.

    Each package is a reason of its own, since it is installed by itself.
    """
    groups: dict[tuple[str, str], _Group] = {}
    for submission in submissions:
        for reason in _reasons(submission):
            name = str(reason.params.get("what", ""))
            package = ""
            if reason.id == "machine.package":
                package = name
            group = groups.setdefault((reason.id, package), _Group())
            group.submissions.add(submission.id)
            if name:
                group.names[name] = None

    waiting = [_waiting(message_id, group) for (message_id, _), group in groups.items()]
    waiting.sort(key=lambda one: -one.submissions)
    return tuple(waiting)


def _waiting(message_id: str, group: _Group) -> Waiting:
    first_names = list(group.names)[:MAX_NAMES]
    joined = ", ".join(first_names)
    reason = Message(id=message_id, params={"what": joined})
    return Waiting(reason=reason, submissions=len(group.submissions))


def _reasons(submission: SubmissionResult) -> Iterator[Message]:
    """Yield the reasons for which exercises of a submission wait."""
    for exercise in submission.exercises:
        if exercise.status != "pending":
            continue
        for flag in exercise.flags:
            if flag.id == "machine":
                yield flag.message
