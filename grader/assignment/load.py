"""Read `assignment.toml` and the handout."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from pydantic import Field, ValidationError, field_validator, model_validator

from grader.assignment.exercise import Exercise, Exercises
from grader.assignment.part import AssignmentPart, Names
from grader.errors import AssignmentError
from grader.job import InputFile, Question
from grader.machine import is_installed
from grader.messages import Language
from grader.notebook.bounds import without_pictures
from grader.notebook.cells import NotebookCell, read_cells, read_toml
from grader.notebook.expressions import statements_about
from grader.notebook.field_faults import invalid
from grader.notebook.filenames import is_plain
from grader.notebook.folding import fold, fold_words
from grader.settings import Limits

FILE_NAME = "assignment.toml"


class _File(AssignmentPart):
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
        by_id = {exercise.id: exercise for exercise in self.exercises}
        for exercise in self.exercises:
            for name in _own_of(exercise):
                problem = _problem_of_own(name, by_id)
                if problem:
                    raise ValueError(f"exercise {exercise.id}: own.{name}: {problem}")
        return self


OWN_CHECKS = frozenset({"value", "series", "function", "score", "module"})
"""Checks with an answer that other exercises may refer to."""


def _own_of(exercise: Exercise) -> Names:
    question = exercise.asked
    if not question:
        return ()
    return question.own


def _problem_of_own(name: str, exercises: Mapping[str, Exercise]) -> str:
    """Explain why an exercise cannot be referred to as `own.ID`; empty if it can."""
    other = exercises.get(name)
    if other is None:
        return "there is no such exercise"
    if other.check not in OWN_CHECKS or other.every:
        return f"the answer to {name} is no single value, function or model"
    if _own_of(other):
        return f"{name} refers to other answers itself"
    return ""


class Assignment(AssignmentPart):
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
    """Data files beside each notebook as it runs."""
    version: str
    """Hash of everything in it that grading depends on."""

    @field_validator("handout")
    @classmethod
    def _without_pictures(cls, cells: tuple[NotebookCell, ...]) -> tuple[NotebookCell, ...]:
        # In the form of cells of submissions, because the two are compared.
        return tuple(without_pictures(cell) for cell in cells)

    @property
    def max_points(self) -> float:
        """Points of the automatic exercises."""
        automatic = [exercise for exercise in self.exercises if exercise.automatic]
        return sum(exercise.points for exercise in automatic)

    @property
    def questions(self) -> tuple[Question, ...]:
        """The questions to ask once a notebook's cells have run."""
        questions = [exercise.asked for exercise in self.exercises]
        return tuple(map(self._with_given, filter(None, questions)))

    def _with_given(self, question: Question) -> Question:
        """Add the statements of the handout that define a question's `given.NAME`."""
        if not question.given:
            return question
        cells = [cell.source for cell in self.handout if cell.kind == "code"]
        given = {name: statements_about(name, cells) for name in question.given}
        return question.model_copy(update={"given": given})

    @property
    def looks_at_figures(self) -> bool:
        """Whether the contents of figures decide an exercise."""
        return any(exercise.looks_at_figures for exercise in self.exercises)

    def practising(self) -> Assignment:
        """Return it with the calls for practice in place of the others, if there are any."""
        exercises = []
        for exercise in self.exercises:
            calls = exercise.practice_calls or exercise.calls
            practised = exercise.model_copy(update={"calls": calls})
            exercises.append(practised)
        return self.model_copy(update={"exercises": tuple(exercises)})

    def exercise(self, exercise_id: str) -> Exercise | None:
        """Return the exercise with an id, whether asked for or not; None if there is none."""
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
    assignment = Assignment(
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
    _check_given(assignment)
    return assignment


def _check_given(assignment: Assignment) -> None:
    """Require that the handout defines what expressions call `given.NAME`."""
    for question in assignment.questions:
        for name, statements in question.given.items():
            if not statements:
                raise AssignmentError(
                    f"exercise {question.exercise}: no cell of the handout binds {name!r}, "
                    f"so there is no given.{name}.",
                    "Correct the name, or bind it at the top level of a given cell.",
                    where=assignment.folder / FILE_NAME,
                )


def _read_file(path: Path) -> _File:
    data = read_toml(path)
    try:
        return _File.model_validate(data)
    except ValidationError as error:
        raise invalid(path, error, _File, data) from None


def _split_by_question(
    exercises: Exercises, handout: Sequence[NotebookCell]
) -> tuple[Exercises, Exercises]:
    """Split exercises into those that the handout asks for, and others."""
    sources = [cell.source for cell in handout]
    text = fold_words("\n".join(sources))
    asked = []
    not_asked = []
    for exercise in exercises:
        phrase = ""
        if exercise.question:
            phrase = fold_words(exercise.question)
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
    """List the packages that assignments need and that are not installed here."""
    needed: dict[str, None] = {}
    for assignment in assignments:
        needed.update(dict.fromkeys(assignment.limits.packages))
    return tuple(package for package in needed if not is_installed(package))


def with_limits(assignment: Assignment, limits: Mapping[str, float]) -> Assignment:
    """Return an assignment with overridden limits, by their names in `Limits`."""
    fields = assignment.limits.model_dump()
    fields.update(limits)
    changed = Limits.model_validate(fields)
    return assignment.model_copy(update={"limits": changed})


def load_assignments(exercises: Path, name: str | None = None) -> tuple[Assignment, ...]:
    """Read all assignments of a folder, or only the named one.

    Raises:
        AssignmentError: there is none, or one is not right.
    """
    if name is not None:
        return (load_named(exercises, name),)

    folders = _assignment_folders(exercises)
    if not folders:
        raise _no_assignment(exercises)
    return tuple(map(load_assignment, folders))


def load_named(exercises: Path, name: str) -> Assignment:
    """Read one assignment of a folder.

    Raises:
        AssignmentError: there is none of this name, or it is not right.
    """
    folder = exercises / name
    if (folder / FILE_NAME).is_file():
        return load_assignment(folder)

    names = [folder.name for folder in _assignment_folders(exercises)]
    if not names:
        raise _no_assignment(exercises)
    known = ", ".join(names)
    raise AssignmentError(
        f"There is no assignment {name!r} in {exercises}/.",
        f"There is: {known}.",
    )


def _no_assignment(exercises: Path) -> AssignmentError:
    return AssignmentError(
        f"There is no assignment in {exercises}/.",
        f"Go to the folder of the course, or make {exercises}/NAME/{FILE_NAME}.",
    )


def _assignment_folders(exercises: Path) -> list[Path]:
    files = sorted(exercises.glob(f"*/{FILE_NAME}"))
    return [file.parent for file in files]
