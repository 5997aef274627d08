"""Read an assignment: `assignment.toml` and the handout. It holds no answers."""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from grader.errors import AssignmentError
from grader.machine import is_installed
from grader.messages import Language
from grader.notebook.cells import NotebookCell, invalid, read_cells, read_toml
from grader.notebook.filenames import is_plain
from grader.notebook.folding import fold, fold_words
from grader.settings import Limits
from grader.trace import InputFile, Question

FILE_NAME = "assignment.toml"

MIN_CALLS = 2
"""Fewest calls that decide a function: what it gives to a single one may be typed in."""
MAX_CALLS = 20

CheckName = Literal["value", "series", "function", "graph", "text"]
"""Names of the checks; `grading.checks.registry` holds the checks themselves."""

READ_BY_A_PERSON: frozenset[str] = frozenset({"text"})
"""Checks by which a person decides, rather than the grader."""

Names = tuple[str, ...]


@dataclass(frozen=True)
class CheckFields:
    """The fields of `[[exercises]]` that belong to one check alone."""

    subject: str
    """How an error speaks of them."""
    deciding: Names
    """Fields that say which values of a submission matter."""
    others: Names = ()


CHECK_FIELDS: Mapping[CheckName, CheckFields] = {
    "function": CheckFields(
        subject="'function' and its calls are",
        deciding=("function", "calls"),
        others=("practice_calls",),
    ),
    "series": CheckFields(
        subject="'series' is",
        deciding=("series",),
    ),
}
"""Fields per check that has some of its own."""


class _AssignmentPart(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SeriesRules(_AssignmentPart):
    """What an exercise requires of a series: the table `[exercises.series]`."""

    length: Literal["same", "any"] = "same"
    """Whether it has as many values as the reference's."""
    falls: bool = True
    """Whether it has to fall: end below its first value, and rise by no more than `rise` before."""
    rise: float = Field(0.1, ge=0, allow_inf_nan=False)
    """How far it may stand above its lowest value so far, as a share of its whole fall."""
    band: float = Field(0.05, ge=0, allow_inf_nan=False)
    """How far its last value may lie from the reference's, as a share of that."""


EventKinds = tuple[Literal["value", "grad", "step", "shown", "printed"], ...]


class Exercise(_AssignmentPart):
    """One graded item: a table of `[[exercises]]`."""

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)
    """Name in reports and markers, in kebab case."""
    title: str = Field(min_length=1, max_length=200)
    """What students and instructors read."""
    points: float = Field(ge=0, allow_inf_nan=False)
    check: CheckName
    """How it is decided; a person reads a `text`."""
    look_in: EventKinds = ("value", "step", "shown", "printed")
    """For a value or series: which kinds of events may hold the answer."""
    series: SeriesRules = SeriesRules()
    """For a series: what it has to be like."""
    function: str = ""
    """For a function: the name that the handout gives it."""
    calls: Names = ()
    """For a function: the arguments of each call.

    They are expressions between commas; `torch`, `np` and `math` are there.
    """
    practice_calls: Names = ()
    """For a function: other calls, with which students check it before they hand it in."""
    needs: Names = ()
    """Exercises this one builds on: for feedback only, never for points."""
    given: str = ""
    """Name of a value of the reference that this exercise starts from.

    The value is marked as the answer of another exercise: who has that one wrong, and this one
    right for their own value, earns `given_credit`.
    """
    given_credit: float = Field(0.5, gt=0, le=1, allow_inf_nan=False)
    """The share of the points that follows through."""
    question: str = ""
    """A phrase of the handout that asks for it.

    For a text, it finds the question in a student's notebook, too.
    """
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
            if check != self.check and self._sets_any(fields):
                problem = f"{fields.subject} for check = {check!r}"
                raise ValueError(f"exercise {self.id}: {problem}")
        return self

    def _sets_any(self, fields: CheckFields) -> bool:
        """Return whether some of the fields differ from their defaults."""
        known = type(self).model_fields
        for name in fields.deciding + fields.others:
            default = known[name].default
            if getattr(self, name) != default:
                return True
        return False


def _require_question(exercise: Exercise) -> None:
    if not exercise.question:
        raise ValueError(f"exercise {exercise.id}: check = 'text' needs a question")


def _require_calls(exercise: Exercise) -> None:
    for problem in _problems_of_calls(exercise):
        raise ValueError(f"exercise {exercise.id}: {problem}")


def _problems_of_calls(exercise: Exercise) -> Iterator[str]:
    calls = exercise.calls
    practice_calls = exercise.practice_calls
    if not exercise.function.isidentifier():
        yield "check = 'function' needs 'function', the name of one"
    for some_calls in (calls, practice_calls or calls):
        if not MIN_CALLS <= len(some_calls) <= MAX_CALLS:
            yield f"check = 'function' needs {MIN_CALLS} to {MAX_CALLS} calls"
    in_both = set(calls).intersection(practice_calls)
    if in_both:
        yield f"{min(in_both)!r} decides, so it cannot be practised with"
    for call in calls + practice_calls:
        if not _is_list_of_expressions(call):
            yield f"{call!r} is not a list of expressions between commas"


def _is_list_of_expressions(call: str) -> bool:
    try:
        tree = ast.parse(f"f({call})", mode="eval")
    except (SyntaxError, ValueError):
        return False
    expression = tree.body
    return isinstance(expression, ast.Call) and not expression.keywords


Requirement = Callable[[Exercise], None]
"""Raises ValueError where an exercise's table lacks something."""

_REQUIREMENTS: Mapping[str, Requirement] = {
    "text": _require_question,
    "function": _require_calls,
}
"""What a check requires of the table, per check that requires something."""

Exercises = tuple[Exercise, ...]


class _File(_AssignmentPart):
    title: str = Field(min_length=1, max_length=200)
    language: Language = "en"
    handout: str
    files: Names = ()
    run: Limits = Limits()
    exercises: Exercises = Field(min_length=1)

    @model_validator(mode="after")
    def _ids_fit(self) -> _File:
        ids = [exercise.id for exercise in self.exercises]
        for name in sorted(ids):
            if ids.count(name) > 1:
                raise ValueError(f"exercise {name} stands there twice")
        for exercise in self.exercises:
            for needed in exercise.needs:
                if needed not in ids:
                    problem = f"needs {needed}, which is not an exercise"
                    raise ValueError(f"exercise {exercise.id} {problem}")
        return self


class Assignment(_AssignmentPart):
    """An assignment, read and checked."""

    name: str
    """Name of its folder."""
    folder: Path
    title: str
    language: Language
    limits: Limits
    exercises: Exercises
    """Those that the handout asks for."""
    handout: tuple[NotebookCell, ...]
    handout_name: str = ""
    """Name of its file."""
    not_asked: Exercises = ()
    """Those with a question that is not in the handout, of a term that leaves them out, say."""
    files: tuple[InputFile, ...] = ()
    """Data that lies beside each notebook as it runs."""
    version: str
    """Hash of everything in it that grading depends on."""

    @property
    def max_points(self) -> float:
        """Points of the exercises the grader decides."""
        automatic = [exercise for exercise in self.exercises if exercise.automatic]
        return sum(exercise.points for exercise in automatic)

    @property
    def questions(self) -> tuple[Question, ...]:
        """The functions that are called once a notebook's cells have run."""
        questions = [exercise.asked for exercise in self.exercises]
        return tuple(question for question in questions if question is not None)

    def practising(self) -> Assignment:
        """Return it with the calls that students practise with, where there are some."""
        exercises = []
        for exercise in self.exercises:
            calls = exercise.practice_calls or exercise.calls
            practised = exercise.model_copy(update={"calls": calls})
            exercises.append(practised)
        return self.model_copy(update={"exercises": tuple(exercises)})

    def exercise(self, exercise_id: str) -> Exercise | None:
        """Return the exercise with an id, asked for or not; None if there is none."""
        for exercise in self.exercises + self.not_asked:
            if exercise.id == exercise_id:
                return exercise
        return None

    def handout_sources(self) -> frozenset[str]:
        """Return the code cells of the handout, with white space folded."""
        sources = [cell.source for cell in self.handout if cell.kind == "code"]
        return frozenset(map(fold, sources))


def load_assignment(folder: Path) -> Assignment:
    """Read `folder/assignment.toml` and the handout it names.

    Raises:
        AssignmentError: a file is missing, does not parse, or says something impossible.
    """
    file = _read_file(folder / FILE_NAME)
    handout = read_cells(folder / file.handout)
    files = tuple(_input_file(folder, name) for name in file.files)
    asked, not_asked = _split_by_question(file.exercises, handout)
    return Assignment(
        name=folder.resolve().name,
        folder=folder,
        title=file.title,
        language=file.language,
        limits=file.run,
        exercises=asked,
        not_asked=not_asked,
        handout=handout,
        handout_name=file.handout,
        files=files,
        version=_version(file, handout, files),
    )


def _read_file(path: Path) -> _File:
    data = read_toml(path)
    try:
        return _File.model_validate(data)
    except ValidationError as error:
        raise invalid(path, error) from None


def _split_by_question(
    exercises: Exercises, handout: Sequence[NotebookCell]
) -> tuple[Exercises, Exercises]:
    """Split exercises into those that the handout asks for, and others."""
    sources = [cell.source for cell in handout]
    text = fold_words("\n".join(sources))
    asked = []
    not_asked = []
    for exercise in exercises:
        phrase = fold_words(exercise.question) if exercise.question else ""
        if phrase in text:
            asked.append(exercise)
        else:
            not_asked.append(exercise)
    return tuple(asked), tuple(not_asked)


def _version(file: _File, handout: Sequence[NotebookCell], files: Sequence[InputFile]) -> str:
    """Hash the parts of an assignment that grading depends on."""
    cells = [cell.model_dump() for cell in handout]
    data = [input_file.model_dump() for input_file in files]
    content = json.dumps([file.model_dump(mode="json"), cells, data])
    digest = hashlib.sha256(content.encode())
    return digest.hexdigest()[:16]


def _input_file(folder: Path, name: str) -> InputFile:
    if not is_plain(name):
        raise AssignmentError(
            f"files: {name!r} is not a name for a file.",
            "Write a path below its folder, of letters, digits and . _ - ( ) only.",
            where=folder / FILE_NAME,
        )
    path = folder / name
    try:
        content = path.read_bytes()
    except OSError as error:
        raise AssignmentError(
            f"this cannot be read: {error.strerror}.",
            "Check it.",
            where=path,
        ) from None
    digest = hashlib.sha256(content)
    return InputFile(name=name, path=path, sha256=digest.hexdigest())


def packages_not_installed(assignments: Iterable[Assignment]) -> tuple[str, ...]:
    """List the packages that assignments say they need, and that are not installed here."""
    needed: dict[str, None] = {}
    for assignment in assignments:
        needed.update(dict.fromkeys(assignment.limits.packages))
    return tuple(package for package in needed if not is_installed(package))


def with_limits(assignment: Assignment, limits: Mapping[str, float]) -> Assignment:
    """Return an assignment with other limits, by their names in `Limits`."""
    fields = assignment.limits.model_dump()
    fields.update(limits)
    changed = Limits.model_validate(fields)
    return assignment.model_copy(update={"limits": changed})


def load_assignments(exercises: Path, name: str | None = None) -> tuple[Assignment, ...]:
    """Read all assignments of a folder, or the one with a name.

    Raises:
        AssignmentError: there is none, or one is not right.
    """
    if name is not None:
        return (_load_named(exercises, name),)

    folders = _assignment_folders(exercises)
    if not folders:
        raise AssignmentError(
            f"There is no assignment in {exercises}/.",
            f"Go to the folder of the course, or make {exercises}/NAME/{FILE_NAME}.",
        )
    return tuple(map(load_assignment, folders))


def _load_named(exercises: Path, name: str) -> Assignment:
    folder = exercises / name
    if (folder / FILE_NAME).is_file():
        return load_assignment(folder)

    names = [folder.name for folder in _assignment_folders(exercises)]
    known = ", ".join(names) or "none"
    raise AssignmentError(
        f"There is no assignment {name!r} in {exercises}/.",
        f"There is: {known}.",
    )


def _assignment_folders(exercises: Path) -> list[Path]:
    files = sorted(exercises.glob(f"*/{FILE_NAME}"))
    return [file.parent for file in files]
