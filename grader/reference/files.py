"""The files of `solutions/<name>/`: the solved notebook with its marks, variants and mistakes, read and checked."""

from __future__ import annotations

import hashlib
import importlib.metadata
import itertools
import json
from collections.abc import Collection, Sequence
from pathlib import Path
from string import Formatter
from typing import Annotated, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    RootModel,
    ValidationError,
    field_validator,
    model_validator,
)

import grader
from grader.assignment import CHECK_FIELDS, Assignment
from grader.errors import AssignmentError
from grader.messages import Language
from grader.notebook.cells import NotebookCell, invalid, read_cells, read_toml
from grader.reference.markers import MarkedCell, Reference, edit_lines, edit_text, read_reference

M = TypeVar("M", bound=BaseModel)

LOOKED_FOR = {"id", "check", "look_in", "rtol", "atol", "given"}.union(
    *(fields.deciding for fields in CHECK_FIELDS.values())
)
"""What of an exercise says which values of a submission matter, and so which of its cells run on the variants."""


PLACES = {"line", "name", "heading"}
"""What a text about a value may speak of: the student's line, the value's name, the heading above."""

PER_EXERCISE = ("credit", "leaves_out", "happened", "shown")
"""What a table of `mistakes.toml` says per exercise."""

MAX_COMBINED = 3
"""Most mistakes that are looked for together in one submission."""


class InputTable(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str
    source: str | None = Field(None, alias="from")
    value: str | None = None
    variants: tuple[str, ...] = Field(min_length=1)
    practice: tuple[str, ...] = ()


class _VariantsFile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    inputs: tuple[InputTable, ...] = ()

    @model_validator(mode="after")
    def _as_many_of_each(self) -> _VariantsFile:
        for what in ("variants", "practice"):
            counts = {table.name: len(getattr(table, what)) for table in self.inputs}
            if len(set(counts.values())) > 1:
                said = ", ".join(f"{name} has {count}" for name, count in counts.items())
                raise ValueError(
                    f"the n-th {what} belong together, so each input needs as many: {said}"
                )
        return self


class _Edit(BaseModel):
    model_config = ConfigDict(extra="forbid")

    find: str = Field(min_length=1)
    replace: str


class MistakeTable(BaseModel):
    """A known wrong way, as `mistakes.toml` has it."""

    model_config = ConfigDict(extra="forbid")

    name: dict[str, str]
    hint: dict[str, str]
    credit: dict[str, Annotated[float, Field(ge=0, le=1)]] = {}
    leaves_out: tuple[str, ...] = ()
    happened: dict[str, dict[str, str]] = {}
    shown: dict[str, dict[str, str]] = {}
    edits: tuple[_Edit, ...] = ()

    @field_validator("happened", "shown")
    @classmethod
    def _fillable(cls, texts: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
        for text in (text for by_language in texts.values() for text in by_language.values()):
            if unknown := sorted(
                {name for _, name, _, _ in Formatter().parse(text) if name} - PLACES
            ):
                raise ValueError(
                    f"{{{unknown[0]}}} is not known: write {{line}}, {{name}} or {{heading}}"
                )
        return texts


class _AcceptedTable(BaseModel):
    model_config = ConfigDict(extra="forbid")

    id: str = Field(min_length=1)
    note: dict[str, str]
    credit: dict[str, Annotated[float, Field(gt=0, le=1)]] = {}
    edits: tuple[_Edit, ...] = Field(min_length=1)


class Waiver(BaseModel):
    """A mutant that may keep its points."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    find: str = Field(min_length=1)
    """The line that it changes."""
    becomes: str = Field(min_length=1)
    """The line that it puts there."""
    reason: str = Field(min_length=1)
    """Why that is no fault of the assignment's."""


class _MistakesFile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    mistakes: dict[str, MistakeTable] = {}
    accepted: tuple[_AcceptedTable, ...] = ()
    waived: tuple[Waiver, ...] = ()


class _GuidesFile(RootModel[dict[str, dict[Language, str]]]):
    root: dict[str, dict[Language, str]] = {}


class ReferenceFiles:
    """The files of `solutions/<name>/`, read and checked against the assignment."""

    def __init__(self, assignment: Assignment, folder: Path) -> None:
        """Read the reference, its variants, its mistakes and its guides.

        Raises:
            AssignmentError: a file is missing, does not parse, or lacks a marker.
        """
        self.assignment = assignment
        self.folder = folder
        self.notebook = folder / f"{assignment.name}.ipynb"
        """The solved notebook."""
        self.cells: tuple[NotebookCell, ...] = read_cells(self.notebook)
        code = [
            (i, c.source) for i, c in enumerate(self.cells) if c.kind == "code" and c.source.strip()
        ]
        try:
            self.reference: Reference = read_reference(code)
        except AssignmentError as error:
            raise AssignmentError(error.problem, error.advice, where=self.notebook) from None
        self.variants = _validated(_VariantsFile, folder / "variants.toml")
        file = _validated(_MistakesFile, folder / "mistakes.toml")
        self.mistakes = file.mistakes
        self.accepted = {table.id: table for table in file.accepted}
        self.waived = file.waived
        self.guides = _validated(_GuidesFile, folder / "guides.toml").root
        """Per exercise that a person reads, what earns its points, by language."""
        self._check_marks()
        self._check_given()
        self._check_mistakes(folder / "mistakes.toml")
        self._check_guides(folder / "guides.toml")

    def _check_marks(self) -> None:
        marks = [mark for cell in self.reference.cells for mark in cell.marks]
        marked = {mark.exercise for mark in marks if not mark.label}
        named = {mark.exercise for mark in marks}
        automatic = {exercise.id for exercise in self.assignment.exercises if exercise.automatic}
        for missing in sorted(automatic - marked):
            raise AssignmentError(
                f"no line '# grade: {missing} = …' marks the answer of exercise {missing}.",
                "Add it after the line that computes the answer.",
                where=self.notebook,
            )
        unasked = {exercise.id for exercise in self.assignment.not_asked}
        for unknown in sorted(named - automatic - unasked):
            raise AssignmentError(
                f"the mark of {unknown!r} names no exercise that is graded automatically.",
                "Correct the name, here or in assignment.toml.",
                where=self.notebook,
            )

    def asks_for(self, name: str) -> str:
        """The exercise whose answer is marked as this name; empty if none is."""
        marks = (mark for cell in self.reference.cells for mark in cell.marks)
        return next((mark.exercise for mark in marks if mark.value == name and not mark.label), "")

    def _check_given(self) -> None:
        for exercise in self.assignment.exercises:
            if exercise.given and self.asks_for(exercise.given) in ("", exercise.id):
                raise AssignmentError(
                    f"exercise {exercise.id} is given {exercise.given}, which no other exercise's mark names.",
                    f"Write '# grade: ID = {exercise.given}' where it is the answer, or leave 'given' out.",
                    where=self.notebook,
                )

    def _check_mistakes(self, path: Path) -> None:
        for edit in self.reference.edits:
            if edit.mistake not in self.mistakes:
                raise AssignmentError(
                    f"'# wrong({edit.mistake})' stands in the reference, but not here.",
                    f"Add [mistakes.{edit.mistake}] with a name and a hint.",
                    where=path,
                )
        tables = [
            (f"mistakes.{name}", mistake.model_dump()) for name, mistake in self.mistakes.items()
        ]
        tables += [
            (f"accepted {name}", accepted.model_dump()) for name, accepted in self.accepted.items()
        ]
        for place, table in tables:
            named = (
                (field, exercise) for field in PER_EXERCISE for exercise in table.get(field, ())
            )
            for field, exercise in named:
                if self.assignment.exercise(exercise) is None:
                    raise AssignmentError(
                        f"{place}.{field}: there is no exercise {exercise}.",
                        "Correct its name.",
                        where=path,
                    )

    def _check_guides(self, path: Path) -> None:
        for name in self.guides:
            exercise = self.assignment.exercise(name)
            if exercise is None:
                raise AssignmentError(
                    f"there is no exercise {name}.", "Correct its name.", where=path
                )
            if exercise.automatic:
                raise AssignmentError(
                    f"nobody reads the answer of {name}.", "Remove its guide.", where=path
                )

    @property
    def version(self) -> str:
        """Hash of all that expectations depend on."""
        return _hash(
            [
                self._marked_cells(),
                [
                    table.model_dump(mode="json", include={"id", "credit", "edits"})
                    for table in self.accepted.values()
                ],
                self._variants_that_grade(),
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
            f"{solution}/variants.toml": self._variants_that_grade(),
            f"{solution}/mistakes.toml": self._edits(),
            f"{exercise}/assignment.toml": [
                self.assignment.limits.model_dump(mode="json"),
                self._looked_for(),
            ],
            f"{exercise}/": sorted(self.assignment.handout_sources()),
            "grader": grader.__version__,
            "torch": importlib.metadata.version("torch"),
        }
        return {place: _hash(part) for place, part in parts.items()}

    def _variants_that_grade(self) -> object:
        return self.variants.model_dump(mode="json", exclude={"inputs": {"__all__": {"practice"}}})

    def _looked_for(self) -> list[object]:
        return [e.model_dump(mode="json", include=LOOKED_FOR) for e in self.assignment.exercises]

    def _marked_cells(self) -> list[object]:
        return [[cell.code, [repr(mark) for mark in cell.marks]] for cell in self.reference.cells]

    def _edits(self) -> list[object]:
        edits = {
            name: mistake.model_dump(mode="json")["edits"]
            for name, mistake in self.mistakes.items()
        }
        return [edits, [repr(edit) for edit in self.reference.edits]]

    def mistaken(self, *names: str) -> list[MarkedCell]:
        """The reference's cells with mistakes in them.

        Raises:
            AssignmentError: a mistake edits nothing, or its text is not there once, or two change the same line.
        """
        for name in names:
            if not self.mistakes[name].edits and all(
                edit.mistake != name for edit in self.reference.edits
            ):
                raise AssignmentError(
                    f"mistake {name} edits nothing.",
                    f"Add 'edits', or '# wrong({name}): …' in the reference.",
                    where=self.folder / "mistakes.toml",
                )
        cells = edit_lines(
            self.reference.cells, [edit for edit in self.reference.edits if edit.mistake in names]
        )
        for name in names:
            for edit in self.mistakes[name].edits:
                cells = edit_text(cells, edit.find, edit.replace, f"mistake {name}")
        return cells

    def accepted_way(self, name: str) -> list[MarkedCell]:
        """The reference's cells as an accepted way has them.

        Raises:
            AssignmentError: its text is not there once.
        """
        cells: list[MarkedCell] = list(self.reference.cells)
        for edit in self.accepted[name].edits:
            cells = edit_text(cells, edit.find, edit.replace, f"accepted {name}")
        return cells

    def combinations(self, names: Collection[str]) -> list[tuple[str, ...]]:
        """Two and three mistakes that can stand in one notebook, since they change different lines.

        Args:
            names: the mistakes to combine.

        Returns:
            The ids of each, in the order in which what they change stands in the reference.
        """
        place = {name: self._place(name) for name in names}
        ordered = sorted(names, key=lambda name: place[name])
        pairs = {
            pair for pair in itertools.combinations(ordered, 2) if self._can_stand_together(pair)
        }
        found: list[tuple[str, ...]] = [
            pair for pair in itertools.combinations(ordered, 2) if pair in pairs
        ]
        found += [
            three
            for three in itertools.combinations(ordered, MAX_COMBINED)
            if pairs.issuperset(itertools.combinations(three, 2))
            and self._can_stand_together(three)
        ]
        return found

    def _place(self, name: str) -> tuple[int, int]:
        """Cell and line of the first thing a mistake changes."""
        places = [(edit.cell, edit.line) for edit in self.reference.edits if edit.mistake == name]
        for edit in self.mistakes[name].edits:
            cell = next(cell for cell in self.reference.cells if edit.find in cell.code)
            places.append((cell.cell, cell.code[: cell.code.index(edit.find)].count("\n")))
        return min(places)

    def _can_stand_together(self, names: Sequence[str]) -> bool:
        try:
            self.mistaken(*names)
        except AssignmentError:
            return False
        return True


def _hash(content: object) -> str:
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:16]


def _validated(model: type[M], path: Path) -> M:
    if not path.exists():
        return model()
    try:
        return model.model_validate(read_toml(path))
    except ValidationError as error:
        raise invalid(path, error) from None
