"""Count, for a class, what the machine lacks and how many submissions wait for it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from grader.report import Message, SubmissionResult, Waiting

FLAG = "machine"

MAX_NAMES = 3
"""Most paths that one reason names."""

_Key = tuple[str, str]
"""The id of a reason, and the package, each of which is installed by itself; otherwise empty."""


def waiting_for_machine(submissions: Iterable[SubmissionResult]) -> tuple[Waiting, ...]:
    """Group the submissions that wait for a person by the machine's reason."""
    waiting: dict[_Key, dict[str, None]] = {}
    names: dict[_Key, dict[str, None]] = {}
    for submission in submissions:
        for reason in _reasons(submission):
            what = str(reason.params.get("what", ""))
            is_package = reason.id == "machine.package"
            key = (reason.id, what if is_package else "")
            waiting.setdefault(key, {})[submission.id] = None
            names.setdefault(key, {})[what] = None

    groups = []
    for key, ids in waiting.items():
        message_id, _ = key
        known_names = [name for name in names[key] if name]
        what = ", ".join(known_names[:MAX_NAMES])
        reason = Message(id=message_id, params={"what": what})
        groups.append(Waiting(reason=reason, submissions=len(ids)))
    groups.sort(key=lambda group: -group.submissions)
    return tuple(groups)


def _reasons(submission: SubmissionResult) -> Iterator[Message]:
    """Give the reasons for which exercises of a submission wait."""
    for exercise in submission.exercises:
        if exercise.status == "pending":
            for flag in exercise.flags:
                if flag.id == FLAG:
                    yield flag.message
