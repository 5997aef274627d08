"""Puts together what was handed in: submissions, the files that are none, and who handed in nothing."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from pydantic import BaseModel, ConfigDict

from grader.assignment import Assignment, load_assignments
from grader.errors import NothingToGrade
from grader.messages import Language, as_language
from grader.notebook.format import safe_name
from grader.report import LeftOut, Message, Person, SubmissionStatus, Who
from grader.settings import Settings
from grader.store.temporary import OwnFolder, sweep
from grader.submissions import gradescope
from grader.submissions.discovery import Finder, Found
from grader.submissions.identify import identify
from grader.submissions.lms_downloads import places
from grader.submissions.roster import Row, join, read_roster
from grader.submissions.selection import Choice, HandedInFile, Left, by_itself, choose
from grader.submissions.submission import Parts, Submission, unique_names


@dataclass(frozen=True)
class Collected:
    """What was handed in."""

    submissions: tuple[Submission, ...]
    """What is graded, or cannot be: sorted by path."""
    left_out: tuple[LeftOut, ...] = ()
    """The other files."""
    absent: tuple[Person, ...] = ()
    """Those of the roster who handed in nothing."""
    with_roster: bool = False


class MappedSubmission(BaseModel):
    """A submission before it is graded."""

    model_config = ConfigDict(extra="forbid")

    id: str
    student: str
    file: str
    status: SubmissionStatus | None
    """The status it will have since it cannot be graded; None if it can."""
    reason: Message | None
    assignment: str
    """What it is of, as far as its content says; empty if it says nothing."""
    files: tuple[str, ...]
    """Files that lie in its working directory, beside the assignment's."""
    who: Who


class MappedFiles(BaseModel):
    """What `--dry-run` says: what becomes of each file."""

    model_config = ConfigDict(extra="forbid")

    submissions: tuple[MappedSubmission, ...]
    left_out: tuple[LeftOut, ...]
    absent: tuple[Person, ...]


@contextlib.contextmanager
def collected_from(
    paths: Sequence[Path], assignments: Sequence[Assignment], roster: Path | None
) -> Iterator[Collected]:
    """What was handed in; what was unpacked for it is there inside the `with` statement.

    Args:
        paths: zips, folders and notebooks.
        assignments: what notebooks may be of.
        roster: who is in the class; None if that was not said.

    Raises:
        NothingToGrade: a path is not there, or there is nothing to grade in any.
        GraderError: a folder or the roster cannot be read, or there is no room to unpack a zip.
    """
    rows = read_roster(roster) if roster else None
    folders: list[OwnFolder] = []

    def place() -> Path:
        if not folders:
            sweep()
            folders.append(OwnFolder())
        return folders[0].path

    try:
        yield gather(Finder(place).find(paths), assignments, rows, paths)
    finally:
        for folder in folders:
            folder.remove()


def gather(
    found: Sequence[Found],
    assignments: Sequence[Assignment],
    rows: Sequence[Row] | None,
    paths: Sequence[Path],
) -> Collected:
    """Sort files by whose they are, and choose which count.

    Raises:
        NothingToGrade: none is a submission.
    """
    files, left = _told_apart(found)
    choices = list(_choices(_handed(files), assignments))
    submissions = tuple(
        sorted((s for one in choices for s in one.submissions), key=lambda one: one.file)
    )
    if not submissions:
        raise _nothing(paths)
    absent: tuple[Person, ...] = ()
    if rows is not None:
        submissions, absent = join(submissions, rows)
    left += _left_out([left for one in choices for left in one.left], submissions)
    return Collected(
        submissions, tuple(sorted(left, key=lambda one: one.file)), absent, rows is not None
    )


def _told_apart(found: Sequence[Found]) -> tuple[dict[Parts, Found], list[LeftOut]]:
    """The files that may be somebody's, each once; and those of which nothing else can be said."""
    files: dict[Parts, Found] = {}
    left: list[LeftOut] = []
    real: set[str] = set()
    for one in sorted(
        found, key=lambda one: one.unpacked
    ):  # a file that lies there goes before one that was unpacked
        if one.ignored:
            left.append(_left(one, "ignored", one.ignored))
        elif one.refused and one.refused.id == "arrived.same-name":
            left.append(_left(one, "superseded", one.refused))
        elif one.refused and one.refused.id == "unreadable.zip-name":
            left.append(_left(one, "unreadable", one.refused))
        elif one.parts in files or (
            one.path and not one.unpacked and os.path.realpath(one.path) in real
        ):
            left.append(_left(one, "ignored", Message(id="arrived.twice")))
        else:
            files[one.parts] = one
            real |= {os.path.realpath(one.path)} if one.path else set()
    return files, list({(one.file, one.reason.id): one for one in left}.values())


def _left(found: Found, status: str, reason: Message) -> LeftOut:
    return LeftOut.model_validate(
        {"file": safe_name("/".join(found.below)), "status": status, "reason": reason}
    )


def _handed(files: dict[Parts, Found]) -> list[HandedInFile]:
    names = unique_names({parts: found.depth for parts, found in files.items()})
    people = _people(files.values())
    split = {parts: tuple(name.split("/")) for parts, name in names.items()}
    above = {split[parts]: _above(parts, len(split[parts])) for parts in files}
    where = places(above, people)
    return [
        HandedInFile(found, names[parts], where[split[parts]]) for parts, found in files.items()
    ]


def _above(parts: Parts, depth: int) -> str:
    """What the folder or zip is called that a relative path begins in."""
    return parts[-depth - 1] if len(parts) > depth else ""


def _people(files: Iterable[Found]) -> dict[str, Who]:
    lists = [one.path for one in files if one.parts[-1] == gradescope.NAME and one.path]
    return {number: who for file in lists for number, who in gradescope.read_people(file).items()}


def _choices(handed: Sequence[HandedInFile], assignments: Sequence[Assignment]) -> Iterator[Choice]:
    owners: dict[str, list[HandedInFile]] = {}
    for one in handed:
        owners.setdefault(one.place.owner, []).append(one)
    unpacked = _by_folder([one for one in handed if one.place.alone and one.found.unpacked])
    for files in owners.values():
        first = files[0]
        if not first.place.alone:
            yield choose(files, assignments)
        elif first.found.parts[-1] == gradescope.NAME:
            yield Choice(left=[Left(first, "ignored", Message(id="arrived.receipt"))])
        else:
            yield by_itself(first, _near(first, unpacked) if first.found.unpacked else None)


def _by_folder(handed: Iterable[HandedInFile]) -> dict[PurePosixPath, list[HandedInFile]]:
    folders: dict[PurePosixPath, list[HandedInFile]] = {}
    for one in handed:
        folders.setdefault(PurePosixPath(one.place.file).parent, []).append(one)
    return folders


def _near(
    file: HandedInFile, folders: Mapping[PurePosixPath, Sequence[HandedInFile]]
) -> list[HandedInFile]:
    """What came with a notebook that had its folder of a zip to itself, as `grader.submissions.companion_files` has it for real folders."""
    own = PurePosixPath(file.place.file).parent
    if sum(one.found.is_notebook for one in folders[own]) != 1:
        return []
    below = [folder for folder in folders if folder != own and folder.is_relative_to(own)]
    others = [folder for folder in below if any(one.found.is_notebook for one in folders[folder])]
    within = [
        folder for folder in below if not any(folder.is_relative_to(other) for other in others)
    ]
    return [one for folder in (own, *within) for one in folders[folder]]


def _left_out(left: Iterable[Left], submissions: Iterable[Submission]) -> list[LeftOut]:
    """The files that are not graded by themselves; those that a notebook finds beside it are told from the others."""
    used = {file.path: submission.id for submission in submissions for file in submission.files}
    return [_told(one, used) for one in left]


def _told(left: Left, used: Mapping[Path, str]) -> LeftOut:
    file, path = safe_name(left.handed.name), left.handed.found.path
    if path and path in used:
        return LeftOut(
            file=file, status="beside", reason=Message(id="arrived.used"), submission=used[path]
        )
    return LeftOut(file=file, status=left.status, reason=left.reason, submission=left.submission)


def _nothing(paths: Sequence[Path]) -> NothingToGrade:
    shown = ", ".join(f"{safe_name(str(path))}{'/' * path.is_dir()}" for path in paths)
    return NothingToGrade(
        f"There is no notebook in {shown}.", "Put the students' .ipynb files there."
    )


def mapped(arrivals: Collected, assignments: Sequence[Assignment]) -> MappedFiles:
    """What becomes of each file, without anything being run."""
    return MappedFiles(
        submissions=tuple(_mapped(submission, assignments) for submission in arrivals.submissions),
        left_out=arrivals.left_out,
        absent=arrivals.absent,
    )


def _mapped(submission: Submission, assignments: Sequence[Assignment]) -> MappedSubmission:
    assignment, similarity = identify(submission, assignments)
    return MappedSubmission(
        id=submission.id,
        student=submission.student,
        file=submission.file,
        status=submission.problem_status,
        reason=submission.problem,
        assignment=assignment.name if similarity and submission.problem is None else "",
        files=tuple(file.name for file in submission.files),
        who=submission.who,
    )


def preview(paths: Sequence[Path], settings: Settings) -> tuple[MappedFiles, Language]:
    """What becomes of each file that was handed in, and the language of the first assignment.

    Raises:
        GraderError: as a run raises it.
    """
    assignments = load_assignments(settings.exercises, settings.assignment)
    with collected_from(paths, assignments, settings.roster) as arrivals:
        return mapped(arrivals, assignments), as_language(assignments[0].language)
