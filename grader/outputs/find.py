"""Find submissions of a report by a search text."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from grader.report import SubmissionResult


def matching_submissions(
    submissions: Sequence[SubmissionResult], name: str
) -> Sequence[SubmissionResult]:
    """Find the submissions with this id, student or file, or else those that contain it.

    Case and accents do not matter.
    """
    folded = _folded(name)
    exact = []
    partial = []
    for submission in submissions:
        names = [_folded(text) for text in (submission.id, submission.student, submission.file)]
        if folded in names:
            exact.append(submission)
        elif any(folded in text for text in names):
            partial.append(submission)
    return exact or partial


def _folded(text: str) -> str:
    """Fold case and strip accents."""
    characters = unicodedata.normalize("NFKD", text.casefold())
    letters = [character for character in characters if not unicodedata.combining(character)]
    return "".join(letters)
