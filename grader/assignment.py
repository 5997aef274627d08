"""An assignment as its author wrote it: `assignment.toml` and the handout. It knows no answers."""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from grader.errors import AssignmentError
from grader.messages import Language
from grader.notebook.cells import NotebookCell, invalid, read_cells, read_toml
from grader.notebook.filenames import is_plain
from grader.notebook.folding import fold, fold_words
from grader.settings import Limits
from grader.trace import InputFile, Question

FILE_NAME = "assignment.toml"

MIN_CALLS, MAX_CALLS = 2, 20
"""Calls that decide a function: what is given back to a single one is a constant, and may be typed in."""

CheckName = Literal["value", "series", "function", "graph", "text"]
"""Names of the checks; `grading.checks.registry` holds the checks themselves."""

READ_BY_A_PERSON: frozenset[str] = frozenset({"text"})
"""Checks by which a person decides, rather than the grader."""


@dataclass(frozen=True)
class CheckFields:
    """The fields of `[[exercises]]` that belong to one check alone."""

    subject: str
    """How an error speaks of them."""
    deciding: tuple[str, ...]
    """Fields that say which values of a submission matter."""
    others: tuple[str, ...] = ()


CHECK_FIELDS: Mapping[CheckName, CheckFields] = {
    "function": CheckFields(
        "'function' and its calls are", ("function", "calls"), ("practice_calls",)
    ),
    "series": CheckFields("'series' is", ("series",)),
}
"""Fields per check that has some of its own."""


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
    check: CheckName
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
        return self.check not in READ_BY_A_PERSON

    @property
    def asked(self) -> Question | None:
        """The calls that decide it, if it asks for a function."""
        if not self.function:
            return None
        return Question(exercise=self.id, function=self.function, calls=self.calls)

    @model_validator(mode="after")
    def _check_fields(self) -> Exercise:
        """Check the fields that belong to some checks only."""
        require = _REQUIREMENTS.get(self.check)
        if require is not None:
            require(self)
        for check, fields in CHECK_FIELDS.items():
            if check != self.check and self._sets_any(*fields.deciding, *fields.others):
                raise ValueError(f"exercise {self.id}: {fields.subject} for check = {check!r}")
        return self

    def _sets_any(self, *names: str) -> bool:
        fields = type(self).model_fields
        return any(getattr(self, name) != fields[name].default for name in names)


def _require_question(exercise: Exercise) -> None:
    if not exercise.question:
        raise ValueError(f"exercise {exercise.id}: check = 'text' needs a question")


def _require_calls(exercise: Exercise) -> None:
    if not exercise.function.isidentifier():
        raise ValueError(
            f"exercise {exercise.id}: check = 'function' needs 'function', the name of one"
        )
    for calls in (exercise.calls, exercise.practice_calls or exercise.calls):
        if not MIN_CALLS <= len(calls) <= MAX_CALLS:
            raise ValueError(
                f"exercise {exercise.id}: check = 'function' needs {MIN_CALLS} to {MAX_CALLS} calls"
            )
    in_both = set(exercise.calls) & set(exercise.practice_calls)
    if in_both:
        raise ValueError(
            f"exercise {exercise.id}: {min(in_both)!r} decides, so it cannot be practised with"
        )
    for call in (*exercise.calls, *exercise.practice_calls):
        if not _is_list_of_expressions(call):
            raise ValueError(
                f"exercise {exercise.id}: {call!r} is not a list of expressions between commas"
            )


def _is_list_of_expressions(call: str) -> bool:
    try:
        expression = ast.parse(f"f({call})", mode="eval").body
    except (SyntaxError, ValueError):
        return False
    return isinstance(expression, ast.Call) and not expression.keywords


_REQUIREMENTS: Mapping[str, Callable[[Exercise], None]] = {
    "text": _require_question,
    "function": _require_calls,
}
"""What a check requires of its exercise's table; raises ValueError."""


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
    return not exercise.question or fold_words(exercise.question) in handout


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
    said = fold_words("\n".join(cell.source for cell in handout))
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
