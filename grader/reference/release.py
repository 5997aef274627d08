"""Describe the release with which students check their notebooks: `check.json`.

It contains the reference's answers on *practice variants*: numbers that are neither handed out nor
used for grading. Graphs are stored as hashes. It reveals no answer.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from grader.assignment import Assignment, Exercise
from grader.errors import GraderError
from grader.grading.knowledge import Knowledge
from grader.grading.marked_answers import MarkedAnswer
from grader.grading.mistakes import WrongWay
from grader.job import InputFile, variant_count, variant_numbers
from grader.messages import Language
from grader.notebook.cells import NotebookCell
from grader.notebook.filenames import is_plain
from grader.reference.knowledge import KnowledgeBuilder
from grader.reference.records import StoredMistake, StoredReference
from grader.reference.tables import MistakeTable
from grader.settings import RELEASE_FILE, Limits
from grader.store.temporary import own_folder

FORMAT: Literal["grader-release-1"] = "grader-release-1"

MAX_MIB = 64
"""A larger `check.json` is not read."""


class Release(BaseModel):
    """An assignment without its answers, and its answers on other numbers."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings")

    format: Literal["grader-release-1"] = FORMAT
    """Format of the file; a release of another one is refused."""
    name: str
    """Name of the assignment."""
    version: str
    """Hash of the assignment and the reference that it was made from."""
    title: str
    """Title of the assignment."""
    language: Language
    """Language of the course."""
    shows_points: bool
    """Whether students see points when they check."""
    limits: Limits
    """Limits of one notebook."""
    exercises: tuple[Exercise, ...]
    """The exercises that are graded."""
    not_asked: tuple[Exercise, ...]
    """Exercises that the handout does not ask for."""
    handout: tuple[NotebookCell, ...]
    """The cells that students were given."""
    files: tuple[str, ...]
    """Names of the data files, which are beside it."""
    undecided: tuple[str, ...]
    """Exercises that only grading decides: other numbers do not change their answers."""
    reference: StoredReference
    """Values of the reference: `base` is the first practice variant."""
    mistakes: dict[str, StoredMistake]
    """Values of each mistake, by its id."""
    combinations: dict[str, StoredMistake]
    """Values of several mistakes together, by their joined ids."""
    said: dict[str, MistakeTable]
    """Texts for students about each mistake, by its id."""
    accepted: dict[str, dict[str, str]]
    """Notes on each accepted way, by its id and language."""
    unfixed: tuple[str, ...] = ()
    """Exercises with an answer that hangs on seeds: another one is not called wrong."""
    sections: dict[str, str] = {}
    """Per exercise, the heading below which the reference answers it."""
    marked: dict[str, MarkedAnswer] = {}
    """Per exercise, where and under which name the reference answers it."""

    def assignment(self, *folders: Path) -> Assignment:
        """Return the assignment, with its data files from the first folder that has them.

        Raises:
            GraderError: a data file is in none of the folders.
        """
        return Assignment(
            name=self.name,
            folder=folders[0],
            title=self.title,
            language=self.language,
            limits=self.limits,
            exercises=self.exercises,
            handout=self.handout,
            not_asked=self.not_asked,
            files=tuple(_find_file(name, folders) for name in self.files),
            version=self.version,
        )

    def knowledge(self) -> Knowledge:
        """Build the knowledge for checking, without combinations of mistakes."""
        knowledge = self._builder().knowledge({}, self.accepted, self.sections)
        unfixed = frozenset(self.unfixed)
        return replace(
            knowledge, marked=self.marked, practised=True, unfixed=unfixed, seeds_tried=False
        )

    def ways(self, knowledge: Knowledge) -> tuple[WrongWay, ...]:
        """Build the combinations of mistakes."""
        ways = self._builder().ways(knowledge.mistakes, self.combinations, self.combinations)
        return tuple(ways)

    def numbers(self) -> list[list[dict[str, Any]]]:
        """Return, by practice variant, the numbers that replace the data."""
        inputs = self.reference.inputs
        return [variant_numbers(inputs, index) for index in range(variant_count(inputs))]

    def _builder(self) -> KnowledgeBuilder:
        exercises = {exercise.id: exercise for exercise in self.exercises}
        return KnowledgeBuilder(exercises, self.reference, self.mistakes, self.said)


def _find_file(name: str, folders: Sequence[Path]) -> InputFile:
    for folder in folders:
        path = folder / name
        if path.is_file():
            content_hash = hashlib.sha256(path.read_bytes())
            return InputFile(name=name, path=path, sha256=content_hash.hexdigest())
    raise GraderError(
        f"There is no {name} beside the notebook.",
        "It is in the zip with the assignment.",
    )


def find_release(notebook: Path) -> Path | None:
    """Find the `check.json` for a notebook: in its folder, or else in the working directory."""
    for path in (notebook.parent / RELEASE_FILE, Path(RELEASE_FILE)):
        if path.is_file():
            return path
    return None


@contextlib.contextmanager
def open_release(path: Path) -> Iterator[tuple[Release, Path]]:
    """Open a release, and the folder of its data files, for a `with` statement.

    Args:
        path: `check.json`, its folder, or the zip that was handed out.

    Raises:
        GraderError: it is not there, or is no release of this version of the grader.
    """
    release = read_release(path)
    if not _is_zip(path):
        folder = path if path.is_dir() else path.parent
        yield release, folder
        return

    with own_folder() as temporary:
        folder = temporary / "release"
        folder.mkdir()
        _unpack(path, release.files, folder)
        _unpack_data(path, release.limits.data, folder)
        yield release, folder


def read_release(path: Path) -> Release:
    """Read a release.

    Args:
        path: `check.json`, its folder, or the zip that was handed out.

    Raises:
        GraderError: it is not there, or is no release of this version of the grader.
    """
    path = path / RELEASE_FILE if path.is_dir() else path
    try:
        data = _read_json(path)
        _check_format(path, data)
        return Release.model_validate_json(data)
    except FileNotFoundError:
        raise GraderError(
            f"There is no {path}.",
            "It is in the zip with the assignment: unpack that.",
        ) from None
    except (OSError, KeyError, ValueError, AttributeError, ValidationError, zipfile.BadZipFile):
        raise GraderError(
            f"{path} is no release of an assignment.",
            f"Give the {RELEASE_FILE} or the zip that came with the assignment.",
        ) from None


def _check_format(path: Path, data: bytes) -> None:
    file_format = json.loads(data).get("format")
    if file_format != FORMAT:
        raise GraderError(
            f"{path} is not of this version of the grader.",
            "Install the newest one, and try again.",
        )


def _is_zip(path: Path) -> bool:
    return path.suffix.lower() == ".zip"


def _unpack(path: Path, names: Sequence[str], folder: Path) -> None:
    """Extract the data files from the zip of a release."""
    with zipfile.ZipFile(path) as archive:
        for name in filter(is_plain, names):
            for member in archive.namelist():
                if member == name or member.endswith(f"/{name}"):
                    content = archive.read(member)
                    _write(folder / name, content)


def _write(target: Path, content: bytes) -> None:
    """Write a file of a release, and create its parent folders."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)


def _unpack_data(path: Path, data: str, folder: Path) -> None:
    """Extract the folder of data from the zip of a release."""
    data_path = PurePosixPath(data.replace("\\", "/"))
    name = data_path.name
    if not name:
        return
    with zipfile.ZipFile(path) as archive:
        for member in archive.namelist():
            _, _, inner = member.partition("/")
            is_data = inner.startswith(f"{name}/") and is_plain(inner)
            if is_data and not inner.endswith("/"):
                content = archive.read(member)
                _write(folder / inner, content)


def _read_json(path: Path) -> bytes:
    max_bytes = MAX_MIB << 20
    if not _is_zip(path):
        with path.open("rb") as file:
            return file.read(max_bytes)

    with zipfile.ZipFile(path) as archive:
        member = _json_member(archive)
        with archive.open(member) as file:
            return file.read(max_bytes)


def _json_member(archive: zipfile.ZipFile) -> str:
    """Return the path of `check.json` in the zip, which is below one folder."""
    for member in archive.namelist():
        _, _, name = member.rpartition("/")
        if name == RELEASE_FILE:
            return member
    return RELEASE_FILE


def with_combinations(knowledge: Knowledge, ways: tuple[WrongWay, ...]) -> Knowledge:
    """Add combinations of mistakes to the knowledge."""
    return replace(knowledge, combinations=ways)


def for_students(said: Mapping[str, MistakeTable]) -> dict[str, MistakeTable]:
    """Remove the instructors' parts of mistakes: their names and edits."""
    instructors_only: dict[str, Any] = {"name": {}, "edits": ()}
    tables: dict[str, MistakeTable] = {}
    for name, table in said.items():
        tables[name] = table.model_copy(update=instructors_only)
    return tables
