"""Whose a submission is, as a gradebook may know them. The one place that says so."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from grader.report import SubmissionResult

_MOODLE = re.compile(r"(?P<name>[^_]+)_(?P<id>\d+)_assignsubmission_")
"""How Moodle names a student's folder, or file, in the zip of all submissions: `NAME_NUMBER_assignsubmission_…`."""
_CANVAS = re.compile(r"(?P<name>[^_]+)_(?:late_)?(?P<id>\d+)_\d+_", re.IGNORECASE)
"""How Canvas names a file there: `LASTFIRST_NUMBER_ATTACHMENT_…`, with `LATE_` before the user's number if it was."""


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
    """The people that a submission is of: what the names of its file and folders say."""
    for part in PurePosixPath(submission.file).parts:
        if found := _MOODLE.match(part):
            return (Identity(found["name"], participant_id=found["id"]),)
    if found := _CANVAS.match(PurePosixPath(submission.file).name):
        return (Identity(found["name"], canvas_id=found["id"]),)
    return (Identity(submission.student),)
