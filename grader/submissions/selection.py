"""Which of a student's files counts: the notebook that is the assignment, by content, and of several the last."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Literal

from grader.assignment import Assignment
from grader.notebook.cells import fold
from grader.notebook.format import safe_name
from grader.report import Message, Who
from grader.submissions.discovery import Found
from grader.submissions.file_kinds import Kind, kind_of
from grader.submissions.identify import identify, is_unchanged
from grader.submissions.lms_downloads import RECEIPT, Place, copy_number, names_in_turn
from grader.submissions.submission import (
    ProblemStatus,
    Submission,
    read_submission,
    unread_submission,
)

NEAR = 0.25
"""A notebook with less than this share of what the most similar one has of the assignment is a scratch beside it."""

TYPED = frozenset({"text", "onlinetext"})
"""What Canvas and Moodle call the text that a student typed into a form."""

WRONG: tuple[Kind, ...] = ("link", "pdf", "page", "document", "script", "archive", "data")
"""Kinds of files that are no notebook: the one that says most about what went wrong first."""

LeftStatus = Literal["superseded", "ignored", "unreadable"]


@dataclass(frozen=True)
class HandedInFile:
    """A file that was handed in, and where it stands in the class."""

    found: Found
    name: str
    """Its relative path, which no other file has."""
    place: Place

    @property
    def is_read(self) -> bool:
        """Whether it is opened as a notebook: by its ending, or since it was named and nothing says whose it is."""
        readable = self.found.path is not None and self.found.refused is None
        return readable and (self.found.is_notebook or (self.found.given and self.place.alone))

    @property
    def kind(self) -> Kind:
        """What kind of file it is."""
        kind = kind_of(self.place.file, self.found.path)
        return "data" if kind == "page" and PurePosixPath(self.place.file).stem in TYPED else kind


@dataclass(frozen=True)
class Left:
    """A file that is not graded by itself."""

    handed: HandedInFile
    status: LeftStatus
    reason: Message
    submission: str = ""


@dataclass
class Choice:
    """What became of some files."""

    submissions: list[Submission] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)


@dataclass(frozen=True)
class _Candidate:
    handed: HandedInFile
    submission: Submission
    assignment: Assignment
    similarity: float
    changed: bool
    own: int

    @property
    def attempt(self) -> tuple[tuple[str, int], int, int]:
        """A later one is greater."""
        return self.handed.place.order, self.handed.found.order, copy_number(self.handed.place.file)

    @property
    def rank(self) -> tuple[object, ...]:
        return self.attempt, round(self.similarity, 3), self.own, self.handed.name


def choose(files: Sequence[HandedInFile], assignments: Sequence[Assignment]) -> Choice:
    """Choose among the files of one student, or of one group.

    Args:
        files: all of them.
        assignments: what a notebook may be of; one of each that they handed in is graded.
    """
    read = [(one, _read(one, files)) for one in files if one.is_read]
    whole = [(one, submission) for one, submission in read if submission.problem is None]
    broken = [(one, submission) for one, submission in read if submission.problem is not None]
    broken += [(one, _refused(one)) for one in files if one.found.refused and _is_meant(one)]
    choice = Choice()
    if whole:
        _among(whole, assignments, choice)
        _leave_broken(broken, choice)
    elif broken:
        last = max(
            broken, key=lambda pair: (pair[0].place.order, pair[0].found.order, pair[0].name)
        )
        choice.submissions.append(last[1])
        _leave_broken((pair for pair in broken if pair is not last), choice)
    else:
        _wrong(files, choice)
    _leave_rest(files, choice)
    who = _who(files)
    choice.submissions = [_named(submission, who) for submission in choice.submissions]
    return choice


def by_itself(file: HandedInFile, near: Sequence[HandedInFile] | None) -> Choice:
    """What becomes of a file of which nothing says whose it is, but its own name.

    Args:
        file: the file.
        near: what came with it in the same zip; None: what lies beside it.
    """
    if file.is_read and file.found.path is not None:
        if near is None:
            return Choice([read_submission(file.found.path, file.name)])
        return Choice([_read(file, near)])
    if file.found.refused:
        if _is_meant(file):
            return Choice([_refused(file)])
        return Choice(left=[Left(file, "unreadable", file.found.refused)])
    if file.kind == "link":
        return Choice([_problem(file, Message(id="wrong-file.link"), "wrong_file")])
    return Choice(left=[Left(file, "ignored", Message(id="arrived.nobodys"))])


def _read(file: HandedInFile, files: Sequence[HandedInFile]) -> Submission:
    submission = read_submission(file.found.path or Path(), file.name, _beside(file, files))
    return replace(submission, unpacked=file.found.unpacked)


def _beside(notebook: HandedInFile, files: Sequence[HandedInFile]) -> Iterator[tuple[str, Path]]:
    """The files that came with a notebook, by the names they would have in its folder.

    What was not handed in below its folder comes by its name alone, also by that it had before the LMS told it apart.
    """
    folder = PurePosixPath(notebook.place.file).parent
    others = [one for one in files if one.found.path and not one.is_read and not one.found.refused]
    for one in others:
        name = PurePosixPath(one.place.file)
        if name.is_relative_to(folder):
            yield str(name.relative_to(folder)), one.found.path or Path()
    for one in others:
        for bare in names_in_turn(PurePosixPath(one.place.file).name):
            yield bare, one.found.path or Path()


def _among(
    whole: Sequence[tuple[HandedInFile, Submission]],
    assignments: Sequence[Assignment],
    choice: Choice,
) -> None:
    """Choose among notebooks that can be read: one per assignment, or one if none is of any."""
    if len(whole) == 1:
        choice.submissions.append(whole[0][1])
        return
    candidates = [_candidate(one, submission, assignments) for one, submission in whole]
    fitting = [one for one in candidates if one.similarity > 0]
    for name in dict.fromkeys(one.assignment.name for one in fitting):
        _last([one for one in fitting if one.assignment.name == name], choice)
    if not fitting:
        _last(candidates, choice)
        return
    first = choice.submissions[0].id
    other = Message(id="arrived.other-notebook")
    choice.left += [
        Left(one.handed, "ignored", other, first) for one in candidates if one not in fitting
    ]


def _candidate(
    file: HandedInFile, submission: Submission, assignments: Sequence[Assignment]
) -> _Candidate:
    assignment, similarity = identify(submission, assignments)
    handout = {fold(cell.source) for cell in assignment.handout}
    own = sum(fold(cell.source) not in handout for cell in submission.cells if cell.source.strip())
    return _Candidate(
        file, submission, assignment, similarity, not is_unchanged(submission, assignment), own
    )


def _last(candidates: Sequence[_Candidate], choice: Choice) -> None:
    worked = [one for one in candidates if one.changed] or candidates
    most = max(one.similarity for one in worked)
    counts = max((one for one in worked if one.similarity >= NEAR * most), key=lambda one: one.rank)
    choice.submissions.append(counts.submission)
    for one in candidates:
        if one is not counts:
            reason = Message(id=_why(one, counts), params={"file": safe_name(counts.handed.name)})
            choice.left.append(Left(one.handed, "superseded", reason, counts.submission.id))


def _why(one: _Candidate, counts: _Candidate) -> str:
    """Why another notebook counts."""
    if one.submission.sha256 == counts.submission.sha256:
        return "arrived.same"
    if counts.changed and not one.changed:
        return "arrived.unchanged"
    return "arrived.earlier" if one.attempt < counts.attempt else "arrived.less"


def _is_meant(file: HandedInFile) -> bool:
    """Whether a file that cannot be had would have been opened."""
    return file.found.is_notebook or file.kind == "archive"


def _refused(file: HandedInFile) -> Submission:
    return _problem(file, file.found.refused or Message(id="unreadable.zip-damaged"), "unreadable")


def _problem(file: HandedInFile, reason: Message, status: ProblemStatus) -> Submission:
    submission = unread_submission(file.found.path or Path(), file.name)
    return replace(submission, problem=reason, problem_status=status)


def _leave_broken(broken: Iterable[tuple[HandedInFile, Submission]], choice: Choice) -> None:
    for one, submission in broken:
        reason = submission.problem or Message(id="unreadable.zip-damaged")
        choice.left.append(Left(one, "unreadable", reason, choice.submissions[0].id))


def _wrong(files: Sequence[HandedInFile], choice: Choice) -> None:
    """The file that says most about why there is no notebook is the submission."""
    wrong = min(files, key=lambda one: (WRONG.index(_kind(one)), one.name))
    choice.submissions.append(_problem(wrong, Message(id=_REASONS[_kind(wrong)]), "wrong_file"))


def _kind(file: HandedInFile) -> Kind:
    kind = file.kind
    return kind if kind in WRONG else "data"


_REASONS: dict[Kind, str] = {
    "link": "wrong-file.link",
    "pdf": "wrong-file.pdf",
    "page": "wrong-file.page",
    "document": "wrong-file.document",
    "script": "wrong-file.script",
    "archive": "wrong-file.archive",
    "data": "wrong-file.no-notebook",
}


def _leave_rest(files: Sequence[HandedInFile], choice: Choice) -> None:
    """Whatever came with what counts: data, and files that no notebook needs."""
    done = {submission.file for submission in choice.submissions} | {
        safe_name(left.handed.name) for left in choice.left
    }
    for one in files:
        if safe_name(one.name) not in done:
            submission = choice.submissions[0].id
            if one.found.refused:
                choice.left.append(Left(one, "unreadable", one.found.refused, submission))
            else:
                reason = "arrived.receipt" if one.place.file == RECEIPT else "arrived.not-used"
                choice.left.append(Left(one, "ignored", Message(id=reason), submission))


def _who(files: Sequence[HandedInFile]) -> Who:
    """Who they are: as the last attempt says, and late if that is."""
    return max(files, key=lambda one: (one.place.order, one.found.order)).place.who


def _named(submission: Submission, who: Who) -> Submission:
    name = who.name or who.login or who.email or who.lms_id
    return replace(submission, who=who, student=name or submission.student)
