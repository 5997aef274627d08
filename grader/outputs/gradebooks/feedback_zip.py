"""Pack feedback files per student as Moodle takes them: in folders named as in its own zip.

A folder is `NAME_PARTICIPANT_assignsubmission_file_`. Moodle reads the participant's number between
the first two underscores, so a name has none.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from grader.outputs.gradebooks.identifiers import identifiers_of, submission_label
from grader.outputs.gradebooks.matching import Matches
from grader.report import SubmissionResult

TEXT = "feedback.txt"
PAGE = "feedback.html"
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
        files: the student's feedback by the id of the submission: texts by file name.
        matches: rows of the worksheet, for submissions with no other known participant.

    Returns:
        The zip, and the labels of the submissions that are not in it, because the number of the
        participant is unknown.
    """
    stream = io.BytesIO()
    uses = Counter[str]()
    lost: list[str] = []

    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for submission in submissions:
            folders = list(_folders(submission, matches))
            if not folders:
                lost.append(submission_label(submission))
            for folder in folders:
                uses[folder] += 1
                prefix = "" if uses[folder] == 1 else f"{uses[folder]}-"
                _add_files(archive, f"{folder}/{prefix}", files[submission.id])

    return stream.getvalue(), tuple(lost)


def _add_files(archive: zipfile.ZipFile, prefix: str, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        entry = zipfile.ZipInfo(f"{prefix}{name}", OLDEST)
        entry.external_attr = 0o644 << 16
        entry.compress_type = zipfile.ZIP_DEFLATED
        archive.writestr(entry, text.encode(errors="replace"))


def _folders(submission: SubmissionResult, matches: Matches | None) -> Iterator[str]:
    """List the folders of everyone that a submission belongs to."""
    for name, number in _participants(submission, matches):
        safe_name = _UNSAFE.sub(" ", name).strip(" .")
        yield f"{safe_name or number}_{number}_assignsubmission_file_"


def _participants(
    submission: SubmissionResult,
    matches: Matches | None,
) -> list[tuple[str, str]]:
    """List names and participant numbers: those of the worksheet, else those of the submission."""
    in_worksheet = []
    for entry, result in matches.pairs if matches else ():
        if result.id == submission.id:
            in_worksheet.append((entry.name, entry.id))
    if in_worksheet:
        return in_worksheet

    people = identifiers_of(submission)
    return [(person.name, person.participant_id) for person in people if person.participant_id]
