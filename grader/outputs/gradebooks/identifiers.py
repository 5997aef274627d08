"""List the people that a submission belongs to, with the identifiers that gradebooks use."""

from __future__ import annotations

from dataclasses import dataclass

from grader.report import SubmissionResult


@dataclass(frozen=True)
class Identifiers:
    """The identifiers of one person. An unknown one is empty."""

    name: str
    canvas_id: str = ""
    """Number of the user, in the column `ID` of Canvas."""
    participant_id: str = ""
    """Number of the participant in a Moodle assignment: `Participant 123`."""
    email: str = ""


def identifiers_of(submission: SubmissionResult) -> tuple[Identifiers, ...]:
    """List the identifiers of everyone that a submission belongs to.

    A group has several people. The number that the LMS gave belongs to a single owner only.
    """
    who = submission.who
    if who.members:
        return tuple(Identifiers(member.name, email=member.email) for member in who.members)

    owner = Identifiers(
        name=who.name or submission.student,
        canvas_id=who.lms_id if who.source == "canvas" else "",
        participant_id=who.lms_id if who.source == "moodle" else "",
        email=who.email,
    )
    return (owner,)


def submission_label(submission: SubmissionResult) -> str:
    """Describe a submission in a list: the people it belongs to, and its file."""
    names = ", ".join(person.name for person in identifiers_of(submission))
    if not names:
        return submission.file
    return f"{names} ({submission.file})"
