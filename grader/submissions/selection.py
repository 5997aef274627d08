"""Choose which of a student's files counts: the last notebook that is the assignment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Literal

from grader.assignment import Assignment
from grader.notebook.format import safe_name
from grader.report import Message, Who
from grader.submissions.companion_files import NamedPath
from grader.submissions.discovery import FoundFile
from grader.submissions.file_kinds import Kind, kind_of
from grader.submissions.identify import count_own_cells, identify
from grader.submissions.lms_downloads import RECEIPT, Ownership, copy_number, original_names
from grader.submissions.submission import (
    ProblemStatus,
    Submission,
    read_submission,
    unread_submission,
)

NEAR = 0.25
"""A notebook with less than this share of the best similarity is a scratch file beside it."""

TYPED = frozenset({"text", "onlinetext"})
"""What Canvas and Moodle call the text that a student typed into a form."""

WRONG: tuple[Kind, ...] = ("link", "pdf", "page", "document", "script", "archive", "data")
"""Kinds of files that are no notebook, first those that say most about what went wrong."""

_REASONS: dict[Kind, str] = {
    "link": "wrong-file.link",
    "pdf": "wrong-file.pdf",
    "page": "wrong-file.page",
    "document": "wrong-file.document",
    "script": "wrong-file.script",
    "archive": "wrong-file.archive",
    "data": "wrong-file.no-notebook",
}

LeftOutStatus = Literal["superseded", "ignored", "unreadable"]


@dataclass(frozen=True)
class HandedInFile:
    """A file that was handed in, and whose it is."""

    source: FoundFile
    """Where it was found."""
    name: str
    """Its relative path, which no other file has."""
    ownership: Ownership

    @property
    def path(self) -> Path | None:
        """Where its content lies; None if that is not there."""
        return self.source.path

    @property
    def refused(self) -> Message | None:
        """Why it was not taken out of its zip."""
        return self.source.refused

    @property
    def order(self) -> tuple[tuple[str, int], int]:
        """Order of the attempt; a later one has a greater one."""
        return self.ownership.order, self.source.order

    @property
    def is_read(self) -> bool:
        """Whether it is opened as a notebook.

        By its ending, or since it was named and nothing says whose it is.
        """
        if self.path is None or self.refused is not None:
            return False
        if self.source.is_notebook:
            return True
        return self.source.given and self.ownership.is_single

    @property
    def kind(self) -> Kind:
        """Kind of the file."""
        name = self.ownership.file
        kind = kind_of(name, self.path)
        if kind == "page" and PurePosixPath(name).stem in TYPED:
            return "data"
        return kind


@dataclass(frozen=True)
class LeftOutFile:
    """A file that is not graded by itself."""

    file: HandedInFile
    status: LeftOutStatus
    reason: Message
    submission: str = ""
    """Id of the submission that counts instead."""


@dataclass
class Selection:
    """The files that count, and those that do not."""

    submissions: list[Submission] = field(default_factory=list)
    left_out: list[LeftOutFile] = field(default_factory=list)

    def leave_out(self, file: HandedInFile, status: LeftOutStatus, reason: Message) -> None:
        """Leave a file out, since the first submission counts."""
        first = self.submissions[0]
        item = LeftOutFile(file, status, reason, first.id)
        self.left_out.append(item)


@dataclass(frozen=True)
class ReadFile:
    """A file that was opened as a notebook, or that would have been."""

    file: HandedInFile
    submission: Submission


@dataclass(frozen=True)
class NotebookCandidate:
    """A notebook that may be the one that counts."""

    file: HandedInFile
    submission: Submission
    assignment: Assignment
    similarity: float
    """To the handout of the assignment, from 0 to 1."""
    own_cells: int
    """How many of its cells are neither blank nor the handout's."""

    @property
    def is_changed(self) -> bool:
        """Whether it is more than the handout."""
        return self.own_cells > 0

    @property
    def attempt(self) -> tuple[tuple[str, int], int, int]:
        """Order of the attempt; a later one has a greater one."""
        name = self.file.ownership.file
        return (*self.file.order, copy_number(name))

    @property
    def rank(self) -> tuple[object, ...]:
        """Order in which candidates count; the greatest does."""
        similarity = round(self.similarity, 3)
        return self.attempt, similarity, self.own_cells, self.file.name


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
        _choose_among_notebooks(whole, assignments, selection)
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
    """Decide on a file when nothing but its own name says whose it is.

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
    """Read a notebook together with the files that came with it."""
    near = _near(file, files)
    submission = read_submission(file.path or Path(), file.name, near)
    return replace(submission, unpacked=file.source.unpacked)


def _near(notebook: HandedInFile, files: Sequence[HandedInFile]) -> Iterator[NamedPath]:
    """List the files that came with a notebook, by the names they would have in its folder.

    A file from outside its folder comes by its name alone, and by the name that it had before the
    LMS told it apart.
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


def _choose_among_notebooks(
    whole: Sequence[ReadFile], assignments: Sequence[Assignment], selection: Selection
) -> None:
    """Choose among notebooks that can be read: one of each assignment, or one if none is of any."""
    if len(whole) == 1:
        selection.submissions.append(whole[0].submission)
        return

    candidates = [_candidate(read, assignments) for read in whole]
    fitting = [candidate for candidate in candidates if candidate.similarity > 0]
    if not fitting:
        _choose_last(candidates, selection)
        return

    by_assignment: dict[str, list[NotebookCandidate]] = {}
    for candidate in fitting:
        name = candidate.assignment.name
        of_one_assignment = by_assignment.setdefault(name, [])
        of_one_assignment.append(candidate)
    for of_one_assignment in by_assignment.values():
        _choose_last(of_one_assignment, selection)

    for candidate in candidates:
        if candidate.similarity <= 0:
            selection.leave_out(candidate.file, "ignored", Message(id="arrived.other-notebook"))


def _candidate(read: ReadFile, assignments: Sequence[Assignment]) -> NotebookCandidate:
    assignment, similarity = identify(read.submission, assignments)
    return NotebookCandidate(
        file=read.file,
        submission=read.submission,
        assignment=assignment,
        similarity=similarity,
        own_cells=count_own_cells(read.submission, assignment),
    )


def _choose_last(candidates: Sequence[NotebookCandidate], selection: Selection) -> None:
    """Choose the last of those that were worked on and are similar enough to the handout."""
    changed = [candidate for candidate in candidates if candidate.is_changed]
    worked_on = changed or candidates

    least = NEAR * max(candidate.similarity for candidate in worked_on)
    similar = [candidate for candidate in worked_on if candidate.similarity >= least]
    chosen = max(similar, key=lambda candidate: candidate.rank)
    selection.submissions.append(chosen.submission)

    for candidate in candidates:
        if candidate is not chosen:
            left_out = LeftOutFile(
                file=candidate.file,
                status="superseded",
                reason=_why_another_counts(candidate, chosen),
                submission=chosen.submission.id,
            )
            selection.left_out.append(left_out)


def _why_another_counts(candidate: NotebookCandidate, chosen: NotebookCandidate) -> Message:
    if candidate.submission.sha256 == chosen.submission.sha256:
        reason = "arrived.same"
    elif chosen.is_changed and not candidate.is_changed:
        reason = "arrived.unchanged"
    elif candidate.attempt < chosen.attempt:
        reason = "arrived.earlier"
    else:
        reason = "arrived.less"
    return Message(id=reason, params={"file": safe_name(chosen.file.name)})


def _would_be_read(file: HandedInFile) -> bool:
    """Tell whether a file that was refused would have been opened."""
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
    """Take the file that says most about why there is no notebook for the submission."""
    wrong = min(files, key=_wrong_order)
    kind = _wrong_kind(wrong)
    reason = Message(id=_REASONS[kind])
    submission = _problem_submission(wrong, reason, "wrong_file")
    selection.submissions.append(submission)


def _wrong_order(file: HandedInFile) -> tuple[int, str]:
    kind = _wrong_kind(file)
    return WRONG.index(kind), file.name


def _wrong_kind(file: HandedInFile) -> Kind:
    kind = file.kind
    if kind in WRONG:
        return kind
    return "data"


def _leave_out_rest(files: Sequence[HandedInFile], selection: Selection) -> None:
    """Leave out all that came with the notebook: data, and files that no notebook needs."""
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
    """Say whose the submissions are: as the last attempt says, and late if that is."""
    last = max(files, key=lambda file: file.order)
    who = last.ownership.who
    selection.submissions = [_with_student(item, who) for item in selection.submissions]


def _with_student(submission: Submission, who: Who) -> Submission:
    name = who.name or who.login or who.email or who.lms_id
    return replace(submission, who=who, student=name or submission.student)
