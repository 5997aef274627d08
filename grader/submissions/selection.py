"""Choose which of a student's files counts, and explain the role of the others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

from grader.assignment import Assignment
from grader.notebook.format import safe_name
from grader.report import Message, Who
from grader.submissions.companion_files import NamedPath
from grader.submissions.file_kinds import Kind
from grader.submissions.handed_in import (
    HandedInFile,
    LeftOutFile,
    LeftOutStatus,
    ReadFile,
    Selection,
)
from grader.submissions.lms_downloads import RECEIPT, original_names
from grader.submissions.notebook_choice import choose_among_notebooks
from grader.submissions.submission import (
    ProblemStatus,
    Submission,
    read_submission,
    unread_submission,
)

WRONG: tuple[Kind, ...] = ("link", "pdf", "page", "document", "script", "archive", "data")
"""Kinds of files that are no notebook, the most informative first."""

_REASONS: dict[Kind, str] = {
    "link": "wrong-file.link",
    "pdf": "wrong-file.pdf",
    "page": "wrong-file.page",
    "document": "wrong-file.document",
    "script": "wrong-file.script",
    "archive": "wrong-file.archive",
    "data": "wrong-file.no-notebook",
}


def refuse_costly(files: Sequence[HandedInFile], seconds: float) -> Selection:
    """Give up on one student's files that would take too long to read.

    Args:
        files: all their files.
        seconds: the processor time that reading them was given.
    """
    readable = [file for file in files if file.is_read] or files
    last = max(readable, key=lambda file: (file.order, file.name))
    reason = Message(id="unreadable.too-costly", params={"seconds": round(seconds)})
    selection = Selection([_problem_submission(last, reason, "unreadable")])
    _leave_out_rest(files, selection)
    _name_student(files, selection)
    return selection


def choose(files: Sequence[HandedInFile], assignments: Sequence[Assignment]) -> Selection:
    """Choose among the files of one student, or of one group.

    Args:
        files: all their files.
        assignments: those a notebook may belong to; one notebook of each is graded.
    """
    whole: list[ReadFile] = []
    broken: list[ReadFile] = []
    for file in files:
        if file.is_read:
            read = ReadFile(file, _read(file, files))
            if read.submission.problem is None:
                whole.append(read)
            else:
                broken.append(read)
    for file in files:
        if file.refused and _would_be_read(file):
            read = ReadFile(file, _refused_submission(file))
            broken.append(read)

    selection = Selection()
    if whole:
        choose_among_notebooks(whole, assignments, selection)
        _leave_out_broken(broken, selection)
    elif broken:
        last = max(broken, key=lambda read: (read.file.order, read.file.name))
        others = [read for read in broken if read is not last]
        selection.submissions.append(last.submission)
        _leave_out_broken(others, selection)
    else:
        _choose_wrong_file(files, selection)

    _leave_out_rest(files, selection)
    _name_student(files, selection)
    return selection


def choose_single(file: HandedInFile, near: Sequence[HandedInFile] | None) -> Selection:
    """Decide about a file with an owner that only its own name tells.

    Args:
        file: the file.
        near: the files that came with it in the same zip; None: those beside it.
    """
    if file.is_read and file.path is not None:
        if near is None:
            return Selection([read_submission(file.path, file.name)])
        return Selection([_read(file, near)])

    if file.refused and _would_be_read(file):
        return Selection([_refused_submission(file)])
    if file.refused:
        return _left_out_single(file, "unreadable", file.refused)

    if file.kind == "link":
        submission = _problem_submission(file, Message(id="wrong-file.link"), "wrong_file")
        return Selection([submission])
    return _left_out_single(file, "ignored", Message(id="arrived.nobodys"))


def _left_out_single(file: HandedInFile, status: LeftOutStatus, reason: Message) -> Selection:
    return Selection(left_out=[LeftOutFile(file, status, reason)])


def _read(file: HandedInFile, files: Sequence[HandedInFile]) -> Submission:
    """Read a notebook together with its companion files."""
    near = _companion_files(file, files)
    submission = read_submission(file.path or Path(), file.name, near)
    return replace(submission, unpacked=file.source.unpacked)


def _companion_files(notebook: HandedInFile, files: Sequence[HandedInFile]) -> Iterator[NamedPath]:
    """List the files that belong to a notebook, by their names in its folder.

    A file from outside its folder is known by its plain name, and by the name that it had before
    the LMS made it unique.
    """
    folder = PurePosixPath(notebook.ownership.file).parent
    others: list[tuple[PurePosixPath, Path]] = []
    for file in files:
        if file.path and not file.is_read and not file.refused:
            name = PurePosixPath(file.ownership.file)
            others.append((name, file.path))

    for name, path in others:
        if name.is_relative_to(folder):
            yield str(name.relative_to(folder)), path
    for name, path in others:
        for original in original_names(name.name):
            yield original, path


def _would_be_read(file: HandedInFile) -> bool:
    """Return whether a refused file would have been opened."""
    return file.source.is_notebook or file.kind == "archive"


def _refused_submission(file: HandedInFile) -> Submission:
    reason = file.refused or Message(id="unreadable.zip-damaged")
    return _problem_submission(file, reason, "unreadable")


def _problem_submission(file: HandedInFile, reason: Message, status: ProblemStatus) -> Submission:
    submission = unread_submission(file.path or Path(), file.name)
    return replace(submission, problem=reason, problem_status=status)


def _leave_out_broken(broken: Iterable[ReadFile], selection: Selection) -> None:
    for read in broken:
        reason = read.submission.problem or Message(id="unreadable.zip-damaged")
        selection.leave_out(read.file, "unreadable", reason)


def _choose_wrong_file(files: Sequence[HandedInFile], selection: Selection) -> None:
    """Choose the file that best explains why a student has no notebook."""
    wrong = min(files, key=_wrong_order)
    kinds = {_wrong_kind(file) for file in files}
    if kinds == {"data"} and wrong.ownership.who.source == "folders":
        nothing = Message(id="wrong-file.nothing")
        submission = _problem_submission(wrong, nothing, "wrong_file")
    else:
        submission = wrong_file_submission(wrong)
    selection.submissions.append(submission)


def wrong_file_submission(file: HandedInFile) -> Submission:
    """Build the submission of a student who submitted something other than a notebook."""
    reason = Message(id=_REASONS[_wrong_kind(file)])
    return _problem_submission(file, reason, "wrong_file")


def _wrong_order(file: HandedInFile) -> tuple[int, str]:
    kind = _wrong_kind(file)
    return WRONG.index(kind), file.name


def _wrong_kind(file: HandedInFile) -> Kind:
    kind = file.kind
    if kind in WRONG:
        return kind
    return "data"


def _leave_out_rest(files: Sequence[HandedInFile], selection: Selection) -> None:
    """Leave out the other files: companions, and files that no notebook needs."""
    done = {submission.file for submission in selection.submissions}
    done |= {safe_name(left_out.file.name) for left_out in selection.left_out}

    for file in files:
        if safe_name(file.name) in done:
            continue

        if file.refused:
            selection.leave_out(file, "unreadable", file.refused)
        elif file.ownership.file == RECEIPT:
            selection.leave_out(file, "ignored", Message(id="arrived.receipt"))
        else:
            selection.leave_out(file, "ignored", Message(id="arrived.not-used"))


def _name_student(files: Sequence[HandedInFile], selection: Selection) -> None:
    """Set the student of the submissions, from the last attempt, and mark late ones."""
    last = max(files, key=lambda file: file.order)
    who = last.ownership.who
    selection.submissions = [_with_student(item, who) for item in selection.submissions]


def _with_student(submission: Submission, who: Who) -> Submission:
    name = who.name or who.login or who.email or who.lms_id
    return replace(submission, who=who, student=name or submission.student)
