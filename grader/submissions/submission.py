"""Read a submitted notebook.

Nothing in one student's file may keep the others from being graded: a fault of a file becomes the
`problem` of its submission.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from grader.errors import GraderError, NothingToGrade, SubmissionUnreadable
from grader.job import InputFile
from grader.notebook.bounds import check_count, check_text
from grader.notebook.cells import NotebookCell
from grader.notebook.dialects import split_cell
from grader.notebook.format import (
    execution_count,
    parse,
    raw_cells,
    read_cell,
    safe_name,
    saved_output,
    table,
)
from grader.report import Message, Who
from grader.submissions.companion_files import NamedPaths, files_among, files_beside
from grader.submissions.paths import NOTEBOOK, mode_of, stem_of

METADATA = "grader"
"""Key of a notebook's metadata that names its release."""

MAX_METADATA_TEXT = 60
"""Characters kept of a text in those metadata."""

MAX_NOTEBOOK_MIB = 50
"""A larger file is not read at all."""

ID_DIGITS = 12
LONG_ID_DIGITS = 32
"""Digits of an id, and of one that must not be that of another file."""

ProblemStatus = Literal["unreadable", "wrong_file"]


@dataclass(frozen=True)
class Submission:
    """One student's notebook. If it has a problem, it has no cells."""

    id: str
    """Stable name: 12 hexadecimal digits made from the relative path, or 32 if two are equal."""
    student: str
    """Name to show for the student: their own, or the file's without its ending."""
    file: str
    """Path relative to the folder that was given, safe to show."""
    path: Path
    """Path of the file."""
    sha256: str = ""
    """Hash of the file's bytes; empty if they could not be read."""
    cells: tuple[NotebookCell, ...] = ()
    """All cells in order; lines end in a line feed."""
    saved_outputs: tuple[str, ...] = ()
    """Plain text of the saved outputs, one for each cell, cut after 4,000 characters."""
    execution_counts: tuple[int | None, ...] = ()
    """Saved execution counts, one for each cell."""
    files: tuple[InputFile, ...] = ()
    """Files handed in beside the notebook."""
    unpacked: bool = False
    """Whether it came out of a zip, so that its files are in a temporary folder."""
    made_for: str = ""
    """The assignment that its metadata name; empty if they name none."""
    release: str = ""
    """Version of the release that it was made from, as its metadata say."""
    who: Who = field(default_factory=Who)
    """The student, as far as known."""
    joined: tuple[str, ...] = ()
    """The files that its cells are from, if they are from several."""
    rival: str = ""
    """Another file of the student's that a person should look at, since it may be the one meant."""
    problem: Message | None = None
    """Why it cannot be graded; None if it can."""
    problem_status: ProblemStatus | None = None
    """Its status according to the problem."""


def submission_at(path: Path) -> Submission:
    """Read the one notebook that was named on the command line, whatever its name.

    Args:
        path: the file; it is no folder.

    Raises:
        NothingToGrade: it is not there, or is a zip (`collect` unpacks those).
    """
    mode_of(path)  # raises if there is no such file
    if path.suffix.lower() == ".zip":
        raise NothingToGrade(
            f"{safe_name(str(path))} is a zip.",
            "Unpack it first, and give the notebook in it.",
        )
    return read_submission(path, path.absolute().name)


def read_submission(path: Path, name: str, near: NamedPaths | None = None) -> Submission:
    """Read a submitted notebook.

    Args:
        path: its path.
        name: its relative path, which its id is made from.
        near: files that came with it, with their names in its folder; None: those beside it.
    """
    submission = unread_submission(path, name)
    try:
        data = _read_bytes(path)
        digest = hashlib.sha256(data).hexdigest()
        submission = replace(submission, sha256=digest)

        notebook = parse(data)
        submission = _with_cells(submission, notebook)
        if near is None:
            files = files_beside(path, submission.cells)
        else:
            files = files_among(near, submission.cells)
    except SubmissionUnreadable as error:
        return _with_problem(submission, error)

    return replace(submission, files=files)


def unread_submission(path: Path, name: str) -> Submission:
    """Return a submission with what is known before its file is opened.

    Args:
        path: path of the file.
        name: its relative path, which its id is made from.
    """
    digest = hashlib.sha256(os.fsencode(name)).hexdigest()
    submission_id = digest[:ID_DIGITS]
    student = safe_name(stem_of(name)).strip()
    return Submission(
        id=submission_id,
        student=student or submission_id,
        file=safe_name(name),
        path=path,
    )


def with_own_ids(submissions: Sequence[Submission]) -> tuple[Submission, ...]:
    """Make ids unique: submissions that share one get longer ones.

    SECURITY: two file names with the same 48 bits can be made on purpose, but not two with the same
    128.

    Raises:
        GraderError: two files cannot be told apart.
    """
    shared = Counter(submission.id for submission in submissions)
    by_id: dict[str, Submission] = {}
    apart = []
    for submission in submissions:
        if shared[submission.id] > 1:
            renamed = _with_long_id(submission)
            apart.append(renamed)
        else:
            apart.append(submission)
    for submission in apart:
        other = by_id.setdefault(submission.id, submission)
        if other is not submission:
            problem = f"{other.file} and {submission.file} cannot be told apart."
            raise GraderError(problem, "Give one of them another name.")
    return tuple(apart)


def _with_long_id(submission: Submission) -> Submission:
    named = f"{submission.file} {submission.sha256}"
    digest = hashlib.sha256(named.encode(errors="backslashreplace")).hexdigest()
    return replace(submission, id=digest[:LONG_ID_DIGITS])


def _read_bytes(path: Path) -> bytes:
    limit = MAX_NOTEBOOK_MIB * 2**20
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):  # opening a pipe would wait for ever
            raise SubmissionUnreadable("wrong-file.not-a-notebook")

        if status.st_size > limit:
            size_mib = round(status.st_size / 2**20)
            raise SubmissionUnreadable("unreadable.too-large", mib=size_mib)

        with path.open("rb") as file:
            return file.read(limit)
    except OSError:
        raise SubmissionUnreadable("unreadable.no-access") from None


def _with_problem(submission: Submission, error: SubmissionUnreadable) -> Submission:
    reason = error.reason
    params = error.params

    is_notebook = NOTEBOOK in submission.file.lower()
    is_broken = reason.startswith("unreadable.") and reason != "unreadable.no-access"
    if is_broken and not is_notebook:
        reason = "wrong-file.not-a-notebook"  # a README is not a broken notebook
        params = {}

    status: ProblemStatus = "unreadable"
    if reason.startswith("wrong-file."):
        status = "wrong_file"

    return replace(
        submission,
        problem=Message(id=reason, params=dict(params)),
        problem_status=status,
    )


def _with_cells(submission: Submission, notebook: Mapping[str, Any]) -> Submission:
    tables = [table(raw_cell) for raw_cell in raw_cells(notebook)]
    whole_cells = [read_cell(raw_cell) for raw_cell in tables]
    check_text(whole_cells)

    cells: list[NotebookCell] = []
    outputs: list[str] = []
    counts: list[int | None] = []
    for raw_cell, whole_cell in zip(tables, whole_cells, strict=True):
        parts = split_cell(whole_cell)
        cells.extend(parts)
        check_count(len(cells))

        # Outputs of a script in one cell belong to its last part.
        before = len(parts) - 1
        outputs += [""] * before + [saved_output(raw_cell)]
        counts += [None] * before + [execution_count(raw_cell)]

    return replace(
        submission,
        cells=tuple(cells),
        saved_outputs=tuple(outputs),
        execution_counts=tuple(counts),
        made_for=_release_metadata(notebook, "assignment"),
        release=_release_metadata(notebook, "version"),
    )


def _release_metadata(notebook: Mapping[str, Any], key: str) -> str:
    """Return a release's entry in the metadata of its handout; empty if there is none."""
    metadata = table(notebook.get("metadata"))
    value = table(metadata.get(METADATA)).get(key)
    if not isinstance(value, str):
        return ""
    return safe_name(value)[:MAX_METADATA_TEXT]
