"""Packs files of feedback per student as Moodle takes them: in folders named as in the zip of all submissions.

A folder is `NAME_PARTICIPANT_assignsubmission_file_`. Moodle reads the participant's number between the first two
underscores, so a name has none.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterable, Mapping

from grader.outputs.gradebooks.matching import Matches, identities, label
from grader.report import SubmissionResult

TEXT, PAGE = "feedback.txt", "feedback.html"
OLDEST = (1980, 1, 1, 0, 0, 0)
"""The time of every file in the zip, so that the same feedback gives the same bytes."""

_UNSAFE = re.compile(r'[\x00-\x20\x7f"*/:<>?\\|_]+')


def pack_feedback(
    submissions: Iterable[SubmissionResult],
    files: Mapping[str, Mapping[str, str]],
    matches: Matches | None = None,
) -> tuple[bytes, tuple[str, ...]]:
    """Make the zip.

    Args:
        submissions: what was handed in.
        files: what is said to the student, by the id of the submission: what is in each file, by its name.
        matches: which row of the worksheet is whose, for submissions whose participant is not known otherwise.

    Returns:
        The zip, and the submissions that are not in it, since the number of the participant is not known.
    """
    stream, taken, lost = io.BytesIO(), Counter[str](), list[str]()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for submission in submissions:
            folders = _folders(submission, matches)
            for folder in folders:
                taken[folder] += 1
                before = "" if taken[folder] == 1 else f"{taken[folder]}-"
                for name, text in files[submission.id].items():
                    _add(archive, f"{folder}/{before}{name}", text)
            if not folders:
                lost.append(label(submission))
    return stream.getvalue(), tuple(lost)


def _add(archive: zipfile.ZipFile, name: str, text: str) -> None:
    file = zipfile.ZipInfo(name, OLDEST)
    file.external_attr = 0o644 << 16
    file.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(file, text.encode(errors="replace"))


def _folders(submission: SubmissionResult, matches: Matches | None) -> list[str]:
    """The folders of the people that a submission is of."""
    known = [(who.name, who.participant_id) for who in identities(submission) if who.participant_id]
    if matches is not None:
        rows = [
            (entry.name, entry.id) for entry, result in matches.pairs if result.id == submission.id
        ]
        known = rows or known
    return [
        f"{_UNSAFE.sub(' ', name).strip(' .') or number}_{number}_assignsubmission_file_"
        for name, number in known
    ]
