"""Collect submissions, files that are left out, and students without a submission."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from grader.assignment import Assignment, load_assignments
from grader.errors import NothingToGrade
from grader.messages import Language
from grader.notebook.deadline import WorkTooLong, within
from grader.notebook.format import safe_name
from grader.report import LeftOut, Message, Person, SubmissionStatus, Who
from grader.settings import Settings
from grader.store.temporary import OwnFolder
from grader.submissions import gradescope
from grader.submissions.class_assignment import language_of_class
from grader.submissions.discovery import Finder, FoundFile
from grader.submissions.handed_in import HandedInFile, LeftOutFile, LeftOutStatus, Selection
from grader.submissions.identify import identify
from grader.submissions.lms_downloads import find_owners
from grader.submissions.loose_files import LooseFiles
from grader.submissions.paths import NOTEBOOK, Parts, unique_names
from grader.submissions.roster import RosterRow, join, read_roster
from grader.submissions.selection import choose, choose_single, refuse_costly, wrong_file_submission
from grader.submissions.submission import Submission, with_own_ids
from grader.submissions.zip_folders import ZipFolders

CHOOSING_S = 10.0
"""Most processor time for reading the files of one student, and for choosing among them."""

FilesByParts = dict[Parts, FoundFile]
"""Files that may be somebody's, by their paths."""


@dataclass(frozen=True)
class Collected:
    """Everything that was found."""

    submissions: tuple[Submission, ...]
    """Submissions, also those that cannot be graded: sorted by path."""
    left_out: tuple[LeftOut, ...] = ()
    """The other files."""
    absent: tuple[Person, ...] = ()
    """Students of the roster who handed in nothing."""
    with_roster: bool = False
    """Whether there is a roster."""


class MappedSubmission(BaseModel):
    """A submission before it is graded."""

    model_config = ConfigDict(extra="forbid")

    id: str
    student: str
    file: str
    status: SubmissionStatus | None
    """The status it will have since it cannot be graded; None if it can."""
    reason: Message | None
    """Why it cannot be graded; None if it can."""
    assignment: str
    """The assignment it belongs to, judged by its content; empty if unknown."""
    files: tuple[str, ...]
    """Files in its working directory, beside the assignment's."""
    who: Who


class MappedFiles(BaseModel):
    """The role of each file, as `--dry-run` prints it."""

    model_config = ConfigDict(extra="forbid")

    submissions: tuple[MappedSubmission, ...]
    left_out: tuple[LeftOut, ...]
    absent: tuple[Person, ...]


@contextlib.contextmanager
def collected_from(
    paths: Sequence[Path], assignments: Sequence[Assignment], roster: Path | None
) -> Iterator[Collected]:
    """Collect submissions; unpacked files exist until the `with` statement ends.

    Args:
        paths: zips, folders and notebooks.
        assignments: those that notebooks may belong to.
        roster: the file with everyone in the class; None if there is none.

    Raises:
        NothingToGrade: a path is not there, or there is nothing to grade in any.
        GraderError: a folder or the roster cannot be read, or there is no room to unpack a zip.
    """
    rows = read_roster(roster) if roster else None
    temporary: list[OwnFolder] = []

    def unpack_folder() -> Path:
        if not temporary:
            temporary.append(OwnFolder())
        return temporary[0].path

    try:
        files = Finder(unpack_folder).find(paths)
        yield gather(files, assignments, rows, paths)
    finally:
        for folder in temporary:
            folder.remove()


def gather(
    files: Sequence[FoundFile],
    assignments: Sequence[Assignment],
    rows: Sequence[RosterRow] | None,
    paths: Sequence[Path],
) -> Collected:
    """Sort files by student, and choose those that count.

    Args:
        files: every file that was found.
        assignments: those that notebooks may belong to.
        rows: the roster; None if there is none.
        paths: where the files were found, for the message if there is nothing.

    Raises:
        NothingToGrade: none is a submission.
    """
    by_parts, left_out = _separate(files)
    handed_in = _with_owners(by_parts)

    submissions: list[Submission] = []
    unused: list[LeftOutFile] = []
    for selection in _selections(handed_in, assignments):
        submissions.extend(selection.submissions)
        unused.extend(selection.left_out)
    if not submissions:
        raise _nothing_in(paths)

    loose_files = LooseFiles(submissions, assignments)
    still_unused: list[LeftOutFile] = []
    for item in unused:
        if item.reason.id == "arrived.nobodys" and loose_files.is_a_students(item.file):
            submissions.append(wrong_file_submission(item.file))
        else:
            still_unused.append(item)

    ordered = with_own_ids(sorted(submissions, key=lambda submission: submission.file))
    absent: tuple[Person, ...] = ()
    if rows is not None:
        ordered, absent = join(ordered, rows)

    left_out += _describe_unused(still_unused, ordered)
    left_out.sort(key=lambda item: item.file)
    return Collected(
        submissions=ordered,
        left_out=tuple(left_out),
        absent=absent,
        with_roster=rows is not None,
    )


def _separate(files: Sequence[FoundFile]) -> tuple[FilesByParts, list[LeftOut]]:
    """Separate files that may be a student's, each once, from those that are left out."""
    by_parts: FilesByParts = {}
    left_out: dict[tuple[str, str], LeftOut] = {}
    real_paths: set[str] = set()

    # A file in a folder comes before one that was unpacked.
    for file in sorted(files, key=lambda file: file.unpacked):
        reason = _left_out_reason(file)
        if reason is None and _is_duplicate(file, by_parts, real_paths):
            reason = LeftOutReason("ignored", Message(id="arrived.twice"))

        if reason:
            item = _left_out(file, reason)
            left_out[item.file, item.reason.id] = item
            continue

        by_parts[file.parts] = file
        if file.path:
            real_paths.add(os.path.realpath(file.path))

    return by_parts, list(left_out.values())


@dataclass(frozen=True)
class LeftOutReason:
    """Why a file is left out before its owner is known."""

    status: LeftOutStatus
    message: Message


def _left_out_reason(file: FoundFile) -> LeftOutReason | None:
    """Return why a file cannot be a student's; None if it may be."""
    if file.ignored:
        return LeftOutReason("ignored", file.ignored)
    if file.refused and file.refused.id == "arrived.same-name":
        return LeftOutReason("superseded", file.refused)
    if file.refused and file.refused.id == "unreadable.zip-name":
        return LeftOutReason("unreadable", file.refused)
    return None


def _is_duplicate(file: FoundFile, by_parts: FilesByParts, real_paths: set[str]) -> bool:
    """Return whether a file was found before."""
    if file.parts in by_parts:
        return True
    if file.path is None or file.unpacked:
        return False
    return os.path.realpath(file.path) in real_paths


def _left_out(file: FoundFile, reason: LeftOutReason) -> LeftOut:
    name = "/".join(file.below)
    return LeftOut(
        file=safe_name(name),
        status=reason.status,
        reason=reason.message,
    )


def _with_owners(by_parts: FilesByParts) -> list[HandedInFile]:
    """Find the owners of the files."""
    depths = {parts: file.depth for parts, file in by_parts.items()}
    names = unique_names(depths)
    people = _read_people(by_parts.values())

    name_parts: dict[Parts, Parts] = {}
    folders_above: dict[Parts, str] = {}
    for parts, name in names.items():
        relative = tuple(name.split("/"))
        name_parts[parts] = relative
        folders_above[relative] = _folder_above(parts, len(relative))
    renamed = {name_parts[parts] for parts, file in by_parts.items() if _is_renamed(file)}
    owners = find_owners(folders_above, people, renamed)

    handed_in: list[HandedInFile] = []
    for parts, file in by_parts.items():
        relative = name_parts[parts]
        item = HandedInFile(
            source=file,
            name=names[parts],
            ownership=owners[relative],
        )
        handed_in.append(item)
    return handed_in


def _is_renamed(file: FoundFile) -> bool:
    """Return whether a file is a notebook with another ending."""
    if not file.is_notebook:
        return False
    return not file.parts[-1].lower().endswith(NOTEBOOK)


def _folder_above(parts: Parts, depth: int) -> str:
    """Return the folder or zip at the start of a relative path."""
    if len(parts) <= depth:
        return ""
    return parts[-depth - 1]


def _read_people(files: Iterable[FoundFile]) -> dict[str, Who]:
    """Read who submitted Gradescope's numbered submissions, from all its lists."""
    people: dict[str, Who] = {}
    for file in files:
        if file.path and file.parts[-1] == gradescope.NAME:
            people.update(gradescope.read_people(file.path))
    return people


def _selections(
    files: Sequence[HandedInFile], assignments: Sequence[Assignment]
) -> Iterator[Selection]:
    """Choose among the files of each student."""
    by_owner: dict[str, list[HandedInFile]] = {}
    for file in files:
        own_files = by_owner.setdefault(file.ownership.owner, [])
        own_files.append(file)
    _drop_stand_ins(by_owner)
    folders = ZipFolders(files)

    for own_files in by_owner.values():
        try:
            with within(CHOOSING_S):
                selection = _selection(own_files, assignments, folders)
        except WorkTooLong as error:
            selection = refuse_costly(own_files, error.seconds)
        yield selection


def _selection(
    own_files: Sequence[HandedInFile], assignments: Sequence[Assignment], folders: ZipFolders
) -> Selection:
    """Choose among the files of one student."""
    first = own_files[0]
    if not first.ownership.is_single:
        return choose(own_files, assignments)
    if first.source.parts[-1] == gradescope.NAME:
        receipt = LeftOutFile(first, "ignored", Message(id="arrived.receipt"))
        return Selection(left_out=[receipt])
    if first.source.unpacked:
        return choose_single(first, folders.files_near(first))
    return choose_single(first, None)


def _drop_stand_ins(by_owner: dict[str, list[HandedInFile]]) -> None:
    """Drop entries for empty folders of students who submitted something else."""
    for owner, files in list(by_owner.items()):
        real_files = [file for file in files if not file.source.is_stand_in]
        if real_files:
            by_owner[owner] = real_files
        elif files[0].ownership.is_single:
            del by_owner[owner]


def _describe_unused(
    unused: Iterable[LeftOutFile], submissions: Iterable[Submission]
) -> list[LeftOut]:
    """Describe the files that are not graded, apart from a notebook's companion files."""
    users: dict[Path, str] = {}
    for submission in submissions:
        for file in submission.files:
            users[file.path] = submission.id

    return [_describe(item, users) for item in unused]


def _describe(item: LeftOutFile, users: Mapping[Path, str]) -> LeftOut:
    name = safe_name(item.file.name)
    path = item.file.path
    if path and path in users:
        return LeftOut(
            file=name,
            status="beside",
            reason=Message(id="arrived.used"),
            submission=users[path],
        )
    return LeftOut(
        file=name,
        status=item.status,
        reason=item.reason,
        submission=item.submission,
    )


def _nothing_in(paths: Sequence[Path]) -> NothingToGrade:
    names: list[str] = []
    for path in paths:
        name = safe_name(str(path))
        if path.is_dir():
            name = f"{name}/"
        names.append(name)

    return NothingToGrade(
        f"There is no notebook in {', '.join(names)}.",
        "Put the students' .ipynb files there.",
    )


def mapped(collected: Collected, assignments: Sequence[Assignment]) -> MappedFiles:
    """Determine the role of each file, without running anything."""
    return MappedFiles(
        submissions=tuple(_mapped(item, assignments) for item in collected.submissions),
        left_out=collected.left_out,
        absent=collected.absent,
    )


def _mapped(submission: Submission, assignments: Sequence[Assignment]) -> MappedSubmission:
    assignment, similarity = identify(submission, assignments)
    is_known = similarity > 0 and submission.problem is None
    return MappedSubmission(
        id=submission.id,
        student=submission.student,
        file=submission.file,
        status=submission.problem_status,
        reason=submission.problem,
        assignment=assignment.name if is_known else "",
        files=tuple(file.name for file in submission.files),
        who=submission.who,
    )


def preview(paths: Sequence[Path], settings: Settings) -> tuple[MappedFiles, Language]:
    """Determine the role of each submitted file, without running anything.

    Returns:
        The files, and the language of the assignments that they belong to.

    Raises:
        GraderError: as a run raises it.
    """
    assignments = load_assignments(settings.exercises, settings.assignment)
    with collected_from(paths, assignments, settings.roster) as collected:
        language = language_of_class(collected.submissions, assignments)
        return mapped(collected, assignments), language
