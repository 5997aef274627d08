"""Whose a submission is, as a gradebook may know them. The one place that says so."""

from __future__ import annotations

from dataclasses import dataclass

from grader.report import SubmissionResult


@dataclass(frozen=True)
class Identity:
    """One person. What is not known is empty."""

    name: str
    canvas_id: str = ""
    """Number of the user, in the column `ID` of Canvas."""
    participant_id: str = ""
    """Number of the participant in a Moodle assignment: `Participant 123`."""
    email: str = ""


def identities(submission: SubmissionResult) -> tuple[Identity, ...]:
    """The people that a submission is of: each of a group; the number that the LMS gave is its owner's alone."""
    who = submission.who
    if who.members:
        return tuple(Identity(member.name, email=member.email) for member in who.members)
    return (
        Identity(
            who.name or submission.student,
            canvas_id=who.lms_id if who.source == "canvas" else "",
            participant_id=who.lms_id if who.source == "moodle" else "",
            email=who.email,
        ),
    )
