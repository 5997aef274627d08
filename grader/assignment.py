"""An assignment as its author wrote it: `assignment.toml` and the handout. It knows no answers."""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from grader.errors import AssignmentError
from grader.messages import Language
from grader.notebook.cells import NotebookCell, fold, invalid, read_cells, read_toml, words
from grader.notebook.filenames import is_plain
from grader.settings import Limits
from grader.trace import BASE, InputFile, Question

FILE_NAME = "assignment.toml"

MIN_CALLS, MAX_CALLS = 2, 20
"""Calls that decide a function: what is given back to a single one is a constant, and may be typed in."""


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SeriesRules(_Table):
    """What is asked of a series: the table `[exercises.series]`."""

    length: Literal["same", "any"] = "same"
    """Whether it has as many values as the reference's."""
    falls: bool = True
    """Whether it has to fall: end below its first value, and not rise by more than `rise` on the way."""
    rise: float = Field(0.1, ge=0, allow_inf_nan=False)
    """How far it may stand above its lowest value so far, as a share of its whole fall."""
    band: float = Field(0.05, ge=0, allow_inf_nan=False)
    """How far its last value may lie from the reference's, as a share of that."""


class Exercise(_Table):
    """One graded item: a table of `[[exercises]]`."""

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)
    """Name in reports and markers, in kebab case."""
    title: str = Field(min_length=1, max_length=200)
    """What students and instructors read."""
    points: float = Field(ge=0, allow_inf_nan=False)
    check: Literal["value", "series", "function", "graph", "text"]
    """How it is decided; `text` is read by a person."""
    look_in: tuple[Literal["value", "grad", "step", "shown", "printed"], ...] = (
        "value",
        "step",
        "shown",
        "printed",
    )
    """Of a value or series: which kinds of events may hold the answer."""
    series: SeriesRules = SeriesRules()
    """Of a series: what is asked of it."""
    function: str = ""
    """Of a function: the name that the handout gives it."""
    calls: tuple[str, ...] = ()
    """Of a function: what each call is given: expressions between commas; `torch`, `np` and `math` are there."""
    practice_calls: tuple[str, ...] = ()
    """Of a function: other calls, with which students check it before they hand it in."""
    needs: tuple[str, ...] = ()
    """Exercises this one builds on: for feedback only, never for points."""
    given: str = ""
    """Name of a value of the reference that this exercise starts from, marked as the answer of another exercise: who
    has that one wrong, and this one right for their own value, earns `given_credit`."""
    given_credit: float = Field(0.5, gt=0, le=1, allow_inf_nan=False)
    """The share of the points that follows through."""
    question: str = ""
    """A phrase of the handout that asks for it. Of a text, it finds the question in a student's notebook, too."""
    rtol: float = Field(1e-4, ge=0, allow_inf_nan=False)
    """Relative tolerance; wider by itself for float16 and bfloat16."""
    atol: float = Field(1e-6, ge=0, allow_inf_nan=False)
    """Absolute tolerance, in the units of the value."""
    note: dict[Language, str] = {}
    """What the instructor should know of this exercise, per language."""
    student_note: dict[Language, str] = {}
    """What a student should know of it, per language; no number that gives an answer away."""

    @property
    def automatic(self) -> bool:
        """Whether the grader decides it, rather than a person."""
        return self.check != "text"

    @property
    def varied(self) -> bool:
        """Whether its answer has to follow the data: what gives it runs on every variant."""
        return self.check in ("value", "series")

    @property
    def measured(self) -> bool:
        """Whether it is numbers that decide it, so that an answer is so far from the right one."""
        return self.varied or self.check == "function"

    @property
    def asked(self) -> Question | None:
        """The calls that decide it, if it asks for a function."""
        if self.check != "function":
            return None
        return Question(exercise=self.id, function=self.function, calls=self.calls)

    @property
    def first_run(self) -> str:
        """Label of the run in which an answer to it is looked for first."""
        return self.asked.labels[0] if self.asked else BASE

    @model_validator(mode="after")
    def _fits_its_check(self) -> Exercise:
        if self.check == "text" and not self.question:
            raise ValueError(f"exercise {self.id}: check = 'text' needs a question")
        if self.check == "function":
            self._check_function()
        elif self.function or self.calls or self.practice_calls:
            raise ValueError(
                f"exercise {self.id}: 'function' and its calls are for check = 'function'"
            )
        if self.check != "series" and self.series != SeriesRules():
            raise ValueError(f"exercise {self.id}: 'series' is for check = 'series'")
        return self

    def _check_function(self) -> None:
        if not self.function.isidentifier():
            raise ValueError(
                f"exercise {self.id}: check = 'function' needs 'function', the name of one"
            )
        for calls in (self.calls, self.practice_calls or self.calls):
            if not MIN_CALLS <= len(calls) <= MAX_CALLS:
                raise ValueError(
                    f"exercise {self.id}: check = 'function' needs {MIN_CALLS} to {MAX_CALLS} calls"
                )
        if same := set(self.calls) & set(self.practice_calls):
            raise ValueError(
                f"exercise {self.id}: {min(same)!r} decides, so it cannot be practised with"
            )
        for call in (*self.calls, *self.practice_calls):
            try:
                expression = ast.parse(f"f({call})", mode="eval").body
            except (SyntaxError, ValueError):
                expression = None
            if not isinstance(expression, ast.Call) or expression.keywords:
                raise ValueError(
                    f"exercise {self.id}: {call!r} is not a list of expressions between commas"
                )


class _File(_Table):
    title: str = Field(min_length=1, max_length=200)
    language: Language = "en"
    handout: str
    files: tuple[str, ...] = ()
    run: Limits = Limits()
    exercises: tuple[Exercise, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _ids_fit(self) -> _File:
        ids = [exercise.id for exercise in self.exercises]
        twice = sorted({name for name in ids if ids.count(name) > 1})
        if twice:
            raise ValueError(f"exercise {twice[0]} stands there twice")
        for exercise in self.exercises:
            for needed in exercise.needs:
                if needed not in ids:
                    raise ValueError(
                        f"exercise {exercise.id} needs {needed}, which is not an exercise"
                    )
        return self


class Assignment(_Table):
    """An assignment, read and checked."""

    name: str
    """Name of its folder."""
    folder: Path
    title: str
    language: Language
    limits: Limits
    exercises: tuple[Exercise, ...]
    """Those that the handout asks for."""
    handout: tuple[NotebookCell, ...]
    handout_name: str = ""
    """Name of its file."""
    not_asked: tuple[Exercise, ...] = ()
    """Those whose question is not in the handout, of a term that leaves them out, say."""
    files: tuple[InputFile, ...] = ()
    """Data that lies beside each notebook as it runs."""
    version: str
    """Hash of everything in it that grading depends on."""

    @property
    def max_points(self) -> float:
        """Points of the exercises the grader decides."""
        return sum(exercise.points for exercise in self.exercises if exercise.automatic)

    @property
    def questions(self) -> tuple[Question, ...]:
        """The functions that are called once a notebook's cells have run."""
        return tuple(exercise.asked for exercise in self.exercises if exercise.asked)

    def practising(self) -> Assignment:
        """The same with the calls of functions that students practise with, where there are some."""
        exercises = (
            one.model_copy(update={"calls": one.practice_calls or one.calls})
            for one in self.exercises
        )
        return self.model_copy(update={"exercises": tuple(exercises)})

    def exercise(self, exercise_id: str) -> Exercise | None:
        """The exercise of an id, asked for or not; None if there is none."""
        every = (*self.exercises, *self.not_asked)
        return next((exercise for exercise in every if exercise.id == exercise_id), None)

    def handout_sources(self) -> frozenset[str]:
        """The code cells of the handout, with white space folded."""
        return frozenset(fold(cell.source) for cell in self.handout if cell.kind == "code")


def _asks_for(handout: str, exercise: Exercise) -> bool:
    return not exercise.question or words(exercise.question) in handout


def load_assignment(folder: Path) -> Assignment:
    """Read `folder/assignment.toml` and the handout it names.

    Raises:
        AssignmentError: a file is missing, does not parse, or says something impossible.
    """
    path = folder / FILE_NAME
    data = read_toml(path)
    try:
        file = _File.model_validate(data)
    except ValidationError as error:
        raise invalid(path, error) from None
    handout = read_cells(folder / file.handout)
    files = tuple(_input_file(folder, name) for name in file.files)
    said = words("\n".join(cell.source for cell in handout))
    content = json.dumps(
        [
            file.model_dump(mode="json"),
            *([part.model_dump() for part in parts] for parts in (handout, files)),
        ]
    )
    return Assignment(
        name=folder.resolve().name,
        folder=folder,
        title=file.title,
        language=file.language,
        limits=file.run,
        exercises=tuple(exercise for exercise in file.exercises if _asks_for(said, exercise)),
        not_asked=tuple(exercise for exercise in file.exercises if not _asks_for(said, exercise)),
        handout=handout,
        handout_name=file.handout,
        files=files,
        version=hashlib.sha256(content.encode()).hexdigest()[:16],
    )


def _input_file(folder: Path, name: str) -> InputFile:
    if not is_plain(name):
        advice = "Write a path below its folder, of letters, digits and . _ - ( ) only."
        raise AssignmentError(
            f"files: {name!r} is not a name for a file.", advice, where=folder / FILE_NAME
        )
    path = folder / name
    try:
        return InputFile(name=name, path=path, sha256=hashlib.sha256(path.read_bytes()).hexdigest())
    except OSError as error:
        raise AssignmentError(
            f"this cannot be read: {error.strerror}.", "Check it.", where=path
        ) from None


def with_limits(assignment: Assignment, limits: Mapping[str, float]) -> Assignment:
    """An assignment with other limits, by their names in `Limits`."""
    changed = Limits.model_validate(assignment.limits.model_dump() | dict(limits))
    return assignment.model_copy(update={"limits": changed})


def load_assignments(exercises: Path, name: str | None = None) -> tuple[Assignment, ...]:
    """All assignments of a folder, or the one of a name.

    Raises:
        AssignmentError: there is none, or one is not right.
    """
    if name is not None:
        if not (exercises / name / FILE_NAME).is_file():
            known = (
                ", ".join(path.parent.name for path in sorted(exercises.glob(f"*/{FILE_NAME}")))
                or "none"
            )
            raise AssignmentError(
                f"There is no assignment {name!r} in {exercises}/.", f"There is: {known}."
            )
        return (load_assignment(exercises / name),)
    found = tuple(load_assignment(path.parent) for path in sorted(exercises.glob(f"*/{FILE_NAME}")))
    if not found:
        raise AssignmentError(
            f"There is no assignment in {exercises}/.",
            f"Go to the folder of the course, or make {exercises}/NAME/{FILE_NAME}.",
        )
    return found
