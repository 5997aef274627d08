"""The files of `solutions/<name>/`: the solved notebook with its marks, variants and mistakes, read and checked."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

import grader
from grader.assignment import Assignment, NotebookCell, invalid, read_cells, read_toml
from grader.errors import AssignmentError
from grader.markers import MarkedCell, Reference, edit_lines, edit_text, read_reference

M = TypeVar("M", bound=BaseModel)

LOOKED_FOR = {"id", "check", "look_in", "rtol", "atol"}
"""What of an exercise says which values of a submission matter, and so which of its cells run on the variants."""


class _InputTable(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str
    source: str | None = Field(None, alias="from")
    value: str | None = None
    variants: tuple[str, ...] = Field(min_length=1)


class _VariantsFile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    inputs: tuple[_InputTable, ...] = ()

    @model_validator(mode="after")
    def _as_many_of_each(self) -> _VariantsFile:
        counts = {table.name: len(table.variants) for table in self.inputs}
        if len(set(counts.values())) > 1:
            said = ", ".join(f"{name} has {count}" for name, count in counts.items())
            raise ValueError(f"the n-th variants belong together, so each input needs as many: {said}")
        return self


class _Edit(BaseModel):
    model_config = ConfigDict(extra="forbid")

    find: str = Field(min_length=1)
    replace: str


class _MistakeTable(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: dict[str, str]
    hint: dict[str, str]
    credit: dict[str, Annotated[float, Field(ge=0, le=1)]] = {}
    edits: tuple[_Edit, ...] = ()


class _MistakesFile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    mistakes: dict[str, _MistakeTable] = {}


class Solution:
    """The files of `solutions/<name>/`, read and checked against the assignment."""

    def __init__(self, assignment: Assignment, folder: Path) -> None:
        """Read the reference, its variants and its mistakes.

        Raises:
            AssignmentError: a file is missing, does not parse, or lacks a marker.
        """
        self.assignment = assignment
        self.folder = folder
        notebook = folder / f"{assignment.name}.ipynb"
        self.cells: tuple[NotebookCell, ...] = read_cells(notebook)
        code = [(i, c.source) for i, c in enumerate(self.cells) if c.kind == "code" and c.source.strip()]
        try:
            self.reference: Reference = read_reference(code)
        except AssignmentError as error:
            raise AssignmentError(error.problem, error.advice, where=notebook) from None
        self.variants = _validated(_VariantsFile, folder / "variants.toml")
        self.mistakes = _validated(_MistakesFile, folder / "mistakes.toml").mistakes
        self._check_marks(notebook)
        self._check_mistakes(folder / "mistakes.toml")

    def _check_marks(self, notebook: Path) -> None:
        marks = [mark for cell in self.reference.cells for mark in cell.marks]
        marked = {mark.exercise for mark in marks if not mark.label}
        named = {mark.exercise for mark in marks}
        automatic = {exercise.id for exercise in self.assignment.exercises if exercise.automatic}
        for missing in sorted(automatic - marked):
            raise AssignmentError(
                f"no line '# grade: {missing} = …' marks the answer of exercise {missing}.",
                "Add it after the line that computes the answer.",
                where=notebook,
            )
        for unknown in sorted(named - automatic):
            raise AssignmentError(
                f"the mark of {unknown!r} names no exercise that is graded automatically.",
                "Correct the name, here or in assignment.toml.",
                where=notebook,
            )

    def _check_mistakes(self, path: Path) -> None:
        for edit in self.reference.edits:
            if edit.mistake not in self.mistakes:
                raise AssignmentError(
                    f"'# wrong({edit.mistake})' stands in the reference, but not here.",
                    f"Add [mistakes.{edit.mistake}] with a name and a hint.",
                    where=path,
                )
        for name, mistake in self.mistakes.items():
            for exercise in mistake.credit:
                if self.assignment.exercise(exercise) is None:
                    raise AssignmentError(
                        f"mistakes.{name}.credit: there is no exercise {exercise}.",
                        "Correct its name.",
                        where=path,
                    )

    @property
    def version(self) -> str:
        """Hash of all that expectations depend on."""
        return _hash(
            [
                self._marked_cells(),
                self.variants.model_dump(mode="json"),
                self._looked_for(),
                self.assignment.limits.model_dump(mode="json"),
                sorted(self.assignment.handout_sources()),
                grader.__version__,
                importlib.metadata.version("torch"),
                importlib.metadata.version("torchvision"),
            ]
        )

    @property
    def mistakes_version(self) -> str:
        """Hash of all that the mistakes' values depend on."""
        return _hash([self.version, self._edits()])

    @property
    def parts(self) -> dict[str, str]:
        """Hash of each thing that a run of a submission depends on, by where it is said: they tell why it ran again."""
        solution = f"{self.folder.parent.name}/{self.assignment.name}"
        exercise = f"{self.assignment.folder.parent.name}/{self.assignment.name}"
        parts: dict[str, object] = {
            f"{solution}/{self.assignment.name}.ipynb": self._marked_cells(),
            f"{solution}/variants.toml": self.variants.model_dump(mode="json"),
            f"{solution}/mistakes.toml": self._edits(),
            f"{exercise}/assignment.toml": [self.assignment.limits.model_dump(mode="json"), self._looked_for()],
            f"{exercise}/": sorted(self.assignment.handout_sources()),
            "grader": grader.__version__,
            "torch": importlib.metadata.version("torch"),
        }
        return {place: _hash(part) for place, part in parts.items()}

    def _looked_for(self) -> list[object]:
        return [e.model_dump(mode="json", include=LOOKED_FOR) for e in self.assignment.exercises]

    def _marked_cells(self) -> list[object]:
        return [[cell.code, [repr(mark) for mark in cell.marks]] for cell in self.reference.cells]

    def _edits(self) -> list[object]:
        edits = {name: mistake.model_dump(mode="json")["edits"] for name, mistake in self.mistakes.items()}
        return [edits, [repr(edit) for edit in self.reference.edits]]

    def mistaken(self, name: str) -> list[MarkedCell]:
        """The reference's cells with a mistake in them.

        Raises:
            AssignmentError: the mistake edits nothing, or its text is not there once.
        """
        mistake = self.mistakes[name]
        lines = [edit for edit in self.reference.edits if edit.mistake == name]
        if not lines and not mistake.edits:
            raise AssignmentError(
                f"mistake {name} edits nothing.",
                f"Add 'edits', or '# wrong({name}): …' in the reference.",
                where=self.folder / "mistakes.toml",
            )
        cells = edit_lines(self.reference.cells, lines)
        for edit in mistake.edits:
            cells = edit_text(cells, edit.find, edit.replace, name)
        return cells


def _hash(content: object) -> str:
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:16]


def _validated(model: type[M], path: Path) -> M:
    if not path.exists():
        return model()
    try:
        return model.model_validate(read_toml(path))
    except ValidationError as error:
        raise invalid(path, error) from None
