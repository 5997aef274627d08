"""Pack feedback files for Moodle: one folder per student, named as in Moodle's own zip.

A folder is `NAME_PARTICIPANT_assignsubmission_file_`. Moodle reads the participant's number between
the first two underscores, so names must not contain any.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from grader.outputs.gradebooks.identifiers import identifiers_of, submission_label
from grader.outputs.gradebooks.matching import Matches
from grader.outputs.safe_text import plain
from grader.report import SubmissionResult

TEXT = "feedback.txt"
PAGE = "feedback.html"
OLDEST = (1980, 1, 1, 0, 0, 0)
"""The time of every file in the zip, so that equal feedback results in equal bytes."""

_UNSAFE = re.compile(r'[\x00-\x20\x7f"*/:<>?\\|_]+')


@dataclass(frozen=True)
class _Participant:
    name: str
    number: str

    def folder(self) -> str:
        """Name of the folder in Moodle's form."""
        safe_name = _UNSAFE.sub(" ", plain(self.name))
        safe_name = safe_name.strip(" .")
        return f"{safe_name or self.number}_{self.number}_assignsubmission_file_"


def pack_feedback(
    submissions: Iterable[SubmissionResult],
    files: Mapping[str, Mapping[str, str]],
    matches: Matches | None = None,
) -> tuple[bytes, tuple[str, ...]]:
    """Build the zip.

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
            participants = _participants(submission, matches)
            if not participants:
                lost.append(submission_label(submission))
            for participant in participants:
                folder = participant.folder()
                uses[folder] += 1
                prefix = _file_prefix(uses[folder])
                texts = files[submission.id]
                _add_files(archive, f"{folder}/{prefix}", texts)

    return stream.getvalue(), tuple(lost)


def _add_files(
    archive: zipfile.ZipFile,
    prefix: str,
    files: Mapping[str, str],
) -> None:
    for name, text in files.items():
        entry = zipfile.ZipInfo(f"{prefix}{name}", OLDEST)
        entry.external_attr = 0o644 << 16
        entry.compress_type = zipfile.ZIP_DEFLATED
        archive.writestr(entry, text.encode(errors="replace"))


def _file_prefix(use: int) -> str:
    """Tell apart the files of several submissions in one folder."""
    if use == 1:
        return ""
    return f"{use}-"


def _participants(
    submission: SubmissionResult,
    matches: Matches | None,
) -> list[_Participant]:
    """List everyone that a submission belongs to, by the worksheet, or else by the LMS's data."""
    participants = []
    if matches:
        for entry, result in matches.pairs:
            if result.id == submission.id:
                participants.append(_Participant(entry.name, entry.id))
    if participants:
        return participants

    for person in identifiers_of(submission):
        if person.participant_id:
            participants.append(_Participant(person.name, person.participant_id))
    return participants
