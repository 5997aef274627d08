"""What was handed in: the notebooks of a class, whose they are, and which assignment they belong to.

Nothing in one student's file may stop the others from being graded: what is wrong with a file becomes the
`problem` of its submission.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, NoReturn

from grader.errors import GraderError, NothingToGrade, SubmissionUnreadable
from grader.notebook.cells import NotebookCell
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
from grader.submissions.companion_files import files_among, files_beside
from grader.trace import InputFile

NOTEBOOK_SUFFIX = ".ipynb"

METADATA = "grader"
"""Where a notebook's metadata say from which release it was made."""
MAX_SAID = 60
"""Characters kept of that."""

MAX_NOTEBOOK_MIB = 50
"""A larger file is not read at all."""


ProblemStatus = Literal["unreadable", "wrong_file"]
Parts = tuple[str, ...]
"""A path by its parts."""


@dataclass(frozen=True)
class Submission:
    """One student's notebook. With a problem, it has no cells."""

    id: str
    """Stable name: 12 hexadecimal digits made from the relative path."""
    student: str
    """What to call who handed it in: their name, or the file's without its ending; safe to show."""
    file: str
    """Path relative to the folder that was given, safe to show."""
    path: Path
    """Where the file lies."""
    sha256: str = ""
    """Of the file's bytes; empty if they could not be read."""
    cells: tuple[NotebookCell, ...] = ()
    """All cells in order; lines end in a line feed."""
    saved_outputs: tuple[str, ...] = ()
    """Per cell the plain text of its saved outputs, cut after 4,000 characters."""
    execution_counts: tuple[int | None, ...] = ()
    """Per cell the saved execution count."""
    files: tuple[InputFile, ...] = ()
    """Files handed in beside it."""
    unpacked: bool = False
    """Whether it came out of a zip, so that its files lie where they do not stay."""
    made_for: str = ""
    """The assignment that its metadata name; empty if they name none."""
    release: str = ""
    """Version of the release that it was made from, as its metadata say."""
    who: Who = field(default_factory=Who)
    """Who handed it in, as far as is known."""
    problem: Message | None = None
    """Why it cannot be graded; None if it can."""
    problem_status: ProblemStatus | None = None
    """The status it has because of the problem."""


def find_submissions(paths: Sequence[Path]) -> tuple[Submission, ...]:
    """Read every notebook of some files and folders.

    Args:
        paths: files, read whatever they are called, and folders, in which every `*.ipynb` is read.

    Returns:
        One submission per file, sorted by path.

    Raises:
        NothingToGrade: a path is not there, is a zip (`grader.arriving` unpacks those), or has no notebooks.
        GraderError: a folder cannot be opened.
    """
    found: dict[str, tuple[Path, int]] = {}
    for given in paths:
        for path, depth in _find(given):
            found.setdefault(os.path.realpath(path), (path, depth))
    paths_by_parts = {path.absolute().parts: (path, depth) for path, depth in found.values()}
    names = unique_names({parts: depth for parts, (_, depth) in paths_by_parts.items()})
    ordered = sorted(names.items(), key=lambda item: item[1])
    return tuple(read_submission(paths_by_parts[parts][0], name) for parts, name in ordered)


def _find(given: Path) -> list[tuple[Path, int]]:
    """The files that a path stands for, each with the number of parts its relative path has."""
    if stat.S_ISDIR(mode_of(given)):
        return _find_in_folder(given)
    if given.suffix.lower() == ".zip":
        raise NothingToGrade(
            f"{safe_name(str(given))} is a zip.", "Unpack it first, and give the folder."
        )
    return [(given, 1)]


def mode_of(given: Path) -> int:
    """The kind of file that a path leads to, as `stat` has it; 0 where that is closed to us.

    Raises:
        NothingToGrade: there is no such file.
    """
    try:
        return given.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        raise NothingToGrade(f"There is no {safe_name(str(given))}.", "Check the path.") from None
    except OSError:
        return 0  # the submission says so


def _find_in_folder(folder: Path) -> list[tuple[Path, int]]:
    # Real files first: a link to one of them is then the duplicate, and not the other way round.
    paths = sorted(_notebooks_below(folder), key=lambda path: (path.is_symlink(), path))
    if paths:
        return [(path, len(path.relative_to(folder).parts)) for path in paths]
    zips = any(entry.suffix.lower() == ".zip" for entry in folder.iterdir())
    raise NothingToGrade(
        f"There is no notebook in {safe_name(str(folder))}/.",
        "There are zips in it: unpack them first."
        if zips
        else "Put the students' .ipynb files there.",
    )


def _notebooks_below(folder: Path) -> Iterator[Path]:
    inside = os.path.realpath(folder)
    for place, folders, files in os.walk(folder, onerror=cannot_open):
        folders[:] = [name for name in folders if not is_ignored(name)]
        for name in files:
            path = Path(place, name)
            if (
                path.suffix.lower() == NOTEBOOK_SUFFIX
                and not is_ignored(name)
                and stays_in(path, inside)
            ):
                yield path


def is_ignored(name: str) -> bool:
    """Whether a name is the system's: hidden, a checkpoint of Jupyter, or what macOS puts into zips."""
    return name.startswith(".") or name == "__MACOSX"


def stays_in(path: Path, folder: str) -> bool:
    """SECURITY: a link handed in must not make the grader read a file of the instructor's."""
    if not path.is_symlink():
        return True
    target = Path(os.path.realpath(path))
    return target.is_relative_to(folder) and target.is_file()


def cannot_open(error: OSError) -> NoReturn:
    """Stop over a folder that cannot be opened; called by `os.walk`."""
    # Going on would leave out the students in that folder without a word.
    raise GraderError(
        f"{safe_name(str(error.filename))} cannot be opened ({error.strerror}).",
        "Change its rights.",
    )


def unique_names(depths: Mapping[Parts, int]) -> dict[Parts, str]:
    """A relative path per file: of the given number of parts, and longer where two would be the same."""
    depths = dict(depths)
    while True:
        names = {parts: "/".join(parts[-depth:]) for parts, depth in depths.items()}
        counts = Counter(names.values())
        if len(counts) == len(names):
            return names
        depths = {parts: depth + (counts[names[parts]] > 1) for parts, depth in depths.items()}


def read_submission(
    path: Path, name: str, near: Iterable[tuple[str, Path]] | None = None
) -> Submission:
    """Read a notebook that was handed in.

    Args:
        path: where it lies.
        name: its relative path, which its id is made from.
        near: the files that came with it, by their names in its folder; None: those beside it.
    """
    submission = unread_submission(path, name)
    try:
        data = _read_bytes(path)
        submission = replace(submission, sha256=hashlib.sha256(data).hexdigest())
        submission = _with_cells(submission, parse(data))
        files = (
            files_beside(path, submission.cells)
            if near is None
            else files_among(near, submission.cells)
        )
        return replace(submission, files=files)
    except SubmissionUnreadable as error:
        return _with_problem(submission, error)


def unread_submission(path: Path, name: str) -> Submission:
    """What is known of a submission before its file is opened."""
    digest = hashlib.sha256(os.fsencode(name)).hexdigest()[:12]
    return Submission(
        id=digest,
        student=safe_name(Path(name).stem).strip() or digest,
        file=safe_name(name),
        path=path,
    )


def _read_bytes(path: Path) -> bytes:
    limit = MAX_NOTEBOOK_MIB * 2**20
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):  # opening a pipe would wait for ever
            raise SubmissionUnreadable("wrong-file.not-a-notebook")
        if status.st_size > limit:
            raise SubmissionUnreadable("unreadable.too-large", mib=round(status.st_size / 2**20))
        with path.open("rb") as file:
            return file.read(limit)
    except OSError:
        raise SubmissionUnreadable("unreadable.no-access") from None


def _with_problem(submission: Submission, error: SubmissionUnreadable) -> Submission:
    reason, params = error.reason, error.params
    other_file = Path(submission.file).suffix.lower() != NOTEBOOK_SUFFIX
    if other_file and reason.startswith("unreadable.") and reason != "unreadable.no-access":
        reason, params = "wrong-file.not-a-notebook", {}  # a README is not a broken notebook
    return replace(
        submission,
        problem=Message(id=reason, params=dict(params)),
        problem_status="wrong_file" if reason.startswith("wrong-file.") else "unreadable",
    )


def _with_cells(submission: Submission, notebook: Mapping[str, Any]) -> Submission:
    cells = [table(cell) for cell in raw_cells(notebook)]
    return replace(
        submission,
        cells=tuple(read_cell(cell) for cell in cells),
        saved_outputs=tuple(saved_output(cell) for cell in cells),
        execution_counts=tuple(execution_count(cell) for cell in cells),
        made_for=_said(notebook, "assignment"),
        release=_said(notebook, "version"),
    )


def _said(notebook: Mapping[str, Any], what: str) -> str:
    """What the metadata say that a release wrote into its handout; empty if nothing."""
    said = table(table(notebook.get("metadata")).get(METADATA)).get(what)
    return safe_name(said)[:MAX_SAID] if isinstance(said, str) else ""
