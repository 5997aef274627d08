"""What a student gets to check their own notebook with: `check.json`. It gives no answer away.

It holds what the reference gives with *practice variants*: numbers that are neither those handed out nor those that
grade. Graphs stand in it by their hashes.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from grader.assignment import Assignment, Exercise
from grader.errors import GraderError
from grader.grading.knowledge import Knowledge
from grader.grading.mistakes import WrongWay
from grader.messages import Language
from grader.notebook.cells import NotebookCell
from grader.notebook.filenames import is_plain
from grader.reference.knowledge import KnowledgeBuilder
from grader.reference.records import StoredMistake, StoredReference
from grader.reference.tables import MistakeTable
from grader.settings import Limits
from grader.trace import InputFile, variant_count, variant_numbers

FILE_NAME = "check.json"
FORMAT: Literal["grader-release-1"] = "grader-release-1"
MAX_MIB = 64
"""A larger `check.json` is not read."""


class Release(BaseModel):
    """An assignment without its answers, and what they are on other numbers."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings")

    format: Literal["grader-release-1"] = FORMAT
    name: str
    version: str
    """Hash of the assignment and the reference that it was made of."""
    title: str
    language: Language
    shows_points: bool
    """Whether a student who checks is told points."""
    limits: Limits
    exercises: tuple[Exercise, ...]
    not_asked: tuple[Exercise, ...]
    handout: tuple[NotebookCell, ...]
    files: tuple[str, ...]
    """Names of the data files, which lie beside it."""
    undecided: tuple[str, ...]
    """Exercises that nothing can be said of before they are graded: other numbers do not change their answer."""
    reference: StoredReference
    """What the reference gives: `base` is the first practice variant."""
    mistakes: dict[str, StoredMistake]
    combinations: dict[str, StoredMistake]
    said: dict[str, MistakeTable]
    """What a student is told of each mistake."""
    accepted: dict[str, dict[str, str]]
    """What is said of each accepted way."""

    def assignment(self, *folders: Path) -> Assignment:
        """The assignment, with its data files from the first of some folders that has them.

        Raises:
            GraderError: one is in none of them.
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
            files=tuple(_file(name, folders) for name in self.files),
            version=self.version,
        )

    def knowledge(self) -> Knowledge:
        """What there is to know, but for combinations of mistakes."""
        return self._computed().knowledge({}, self.accepted)

    def ways(self, knowledge: Knowledge) -> tuple[WrongWay, ...]:
        """The combinations of mistakes."""
        return tuple(
            self._computed().ways(knowledge.mistakes, self.combinations, self.combinations)
        )

    def numbers(self) -> list[list[dict[str, Any]]]:
        """Per practice variant, the numbers that take the data's place."""
        inputs = self.reference.inputs
        return [variant_numbers(inputs, index) for index in range(variant_count(inputs))]

    def _computed(self) -> KnowledgeBuilder:
        exercises = {exercise.id: exercise for exercise in self.exercises}
        return KnowledgeBuilder(exercises, self.reference, self.mistakes, self.said)


def _file(name: str, folders: Sequence[Path]) -> InputFile:
    path = next((folder / name for folder in folders if (folder / name).is_file()), None)
    if path is None:
        raise GraderError(
            f"There is no {name} beside the notebook.", "It is in the zip with the assignment."
        )
    return InputFile(name=name, path=path, sha256=hashlib.sha256(path.read_bytes()).hexdigest())


def find_release(notebook: Path) -> Path | None:
    """The `check.json` that is meant for a notebook: in its folder, or where the command was given."""
    places = (notebook.parent / FILE_NAME, Path(FILE_NAME))
    return next((path for path in places if path.is_file()), None)


@contextlib.contextmanager
def opened(path: Path) -> Iterator[tuple[Release, Path]]:
    """While a release is used: it, and the folder with its data files.

    Args:
        path: `check.json`, its folder, or the zip that was handed out.

    Raises:
        GraderError: it is not there, or is no release of this version of the grader.
    """
    release = read_release(path)
    if path.suffix.lower() != ".zip":
        yield release, path if path.is_dir() else path.parent
        return
    with tempfile.TemporaryDirectory(prefix="grader-", ignore_cleanup_errors=True) as name:
        _lay_out(path, release.files, Path(name))
        yield release, Path(name)


def read_release(path: Path) -> Release:
    """Read a release.

    Raises:
        GraderError: it is not there, or is no release of this version of the grader.
    """
    path = path / FILE_NAME if path.is_dir() else path
    try:
        data = _content(path)
        if json.loads(data).get("format") != FORMAT:
            raise GraderError(
                f"{path} is not of this version of the grader.",
                "Install the newest one, and try again.",
            )
        return Release.model_validate_json(data)
    except FileNotFoundError:
        raise GraderError(
            f"There is no {path}.", "It is in the zip with the assignment: unpack that."
        ) from None
    except (OSError, KeyError, ValueError, AttributeError, ValidationError, zipfile.BadZipFile):
        advice = f"Give the {FILE_NAME} or the zip that came with the assignment."
        raise GraderError(f"{path} is no release of an assignment.", advice) from None


def _lay_out(path: Path, names: Sequence[str], folder: Path) -> None:
    """Take the data files out of the zip of a release."""
    with zipfile.ZipFile(path) as archive:
        for name in filter(is_plain, names):
            for member in archive.namelist():
                if member == name or member.endswith(f"/{name}"):
                    (folder / name).parent.mkdir(parents=True, exist_ok=True)
                    (folder / name).write_bytes(archive.read(member))


def _content(path: Path) -> bytes:
    if path.suffix.lower() != ".zip":
        with path.open("rb") as file:
            return file.read(MAX_MIB << 20)
    with zipfile.ZipFile(path) as archive:
        name = next(
            (name for name in archive.namelist() if name.rpartition("/")[2] == FILE_NAME), FILE_NAME
        )
        with archive.open(name) as file:
            return file.read(MAX_MIB << 20)


def with_combinations(knowledge: Knowledge, ways: tuple[WrongWay, ...]) -> Knowledge:
    """Knowledge of combinations of mistakes, too."""
    return replace(knowledge, combinations=ways)


def for_students(said: Mapping[str, MistakeTable]) -> dict[str, MistakeTable]:
    """What is said of mistakes, without what is the instructor's: their names, and how they are made."""
    return {
        name: table.model_copy(update={"name": {}, "edits": ()}) for name, table in said.items()
    }
