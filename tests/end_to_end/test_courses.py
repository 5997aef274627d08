"""Assignments drafted from notebooks of known courses grade what students hand in, fairly."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from grader.assignment import Assignment, Exercise, load_assignment
from grader.authoring.drafting.draft import draft
from grader.progress import SilentProgress
from grader.report import ExerciseResult, SubmissionResult
from tests.support import forks
from tests.support.course_shapes import BESIDE_HANDOUT, COURSES, lay_out
from tests.support.course_shapes.judging import asks_for, leaked_lines, lost_lines
from tests.support.course_shapes.shape import VERSIONS, TaughtCourse, TaughtTask
from tests.support.courses import Course, by_student, exercises_of, graded
from tests.support.sampling import sample

pytestmark = pytest.mark.kernel

GRADED = (
    "numbered-tensors",
    "mit",
    "deeplearning-ai",
    "nbgrader-ps1",
    "otter-demo",
    "shapes",
    "greek",
    "word-windows",
)
"""Names of the courses that are drafted and graded; all others are only read, without kernels."""

DRAFTS = [(course, False) for course in COURSES if course.name in GRADED]
DRAFTS += [(course, True) for course in BESIDE_HANDOUT]
TRIED = sample(DRAFTS, 2, "drafted courses")

WAITS = "pending"
LEAST_FOR_RIGHT_WORK = 0.95
"""Share of the automatic points that right work earns, if it does not wait for a person."""

every_draft = pytest.mark.parametrize(
    "tried",
    TRIED,
    ids=[f"{course.name}-{'handout' if given else 'alone'}" for course, given in TRIED],
)

Tried = tuple[TaughtCourse, bool]
"""A course, and whether its handout is given."""


@dataclass(frozen=True)
class DraftedCourse:
    """An assignment as `grade new` wrote it, and the graded notebooks of the course."""

    course: TaughtCourse
    assignment: Assignment
    handout: Path
    """What students get."""
    submissions: Mapping[str, SubmissionResult]

    def exercises_for(self, task: TaughtTask) -> list[Exercise]:
        """List the exercises that were made of a task."""
        return [
            exercise
            for exercise in self.assignment.exercises
            if asks_for(task.words, said_of(exercise))
        ]


@pytest.fixture(scope="module")
def drafted(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Tried], DraftedCourse]:
    """Return the drafted assignment of a course; each is made and graded once."""

    @cache
    def make(index: int) -> DraftedCourse:
        tried = TRIED[index]
        return _make_draft(tried, tmp_path_factory.mktemp(tried[0].name))

    return lambda tried: make(TRIED.index(tried))


def _make_draft(tried: Tried, folder: Path) -> DraftedCourse:
    course, with_handout = tried
    taught = lay_out(folder, course)
    given = taught / "handout.ipynb"
    settings = Course(folder).settings(folder / "grades")
    draft(
        "lab",
        taught / "solved.ipynb",
        settings,
        SilentProgress(),
        forks.shared().launch,
        handout=given if with_handout else None,
        force=False,
    )
    assignment = load_assignment(folder / "exercises/lab")
    for version in VERSIONS:
        target = folder / "in" / version / "lab.ipynb"
        target.parent.mkdir(parents=True)
        shutil.copy(taught / f"{version}.ipynb", target)
    handout = assignment.folder / assignment.handout_name
    shutil.copy(handout, folder / "in/handout/lab.ipynb")
    report = graded(folder / "in", settings)
    return DraftedCourse(course, assignment, handout, by_student(report))


@every_draft
def test_every_task_becomes_an_exercise_of_a_fitting_kind(
    tried: Tried, drafted: Callable[[Tried], DraftedCourse]
) -> None:
    made = drafted(tried)
    wrong_kind = {}
    for task in made.course.tasks:
        kinds = [exercise.check for exercise in made.exercises_for(task)]
        if not set(kinds) & set(task.checks):
            wrong_kind[task.words] = kinds
    assert {} == wrong_kind


@every_draft
def test_an_exercise_has_the_points_of_the_notebook(
    tried: Tried, drafted: Callable[[Tried], DraftedCourse]
) -> None:
    made = drafted(tried)
    expected = {task.words: task.points for task in made.course.tasks}
    points = {
        task.words: sum(exercise.points for exercise in made.exercises_for(task))
        for task in made.course.tasks
    }
    assert expected == points


@every_draft
def test_the_handout_keeps_what_is_given_and_holds_no_answer(
    tried: Tried, drafted: Callable[[Tried], DraftedCourse]
) -> None:
    made = drafted(tried)
    handout = json.loads(made.handout.read_text("utf-8"))
    assert [] == lost_lines(made.course, handout)
    assert [] == leaked_lines(made.course, handout)


@every_draft
@pytest.mark.parametrize("version", ["solved", "other"])
def test_right_work_earns_its_points_or_waits(
    tried: Tried, version: str, drafted: Callable[[Tried], DraftedCourse]
) -> None:
    submission = drafted(tried).submissions[version]
    results = exercises_of(submission).values()
    decided = [result for result in results if _is_decided(result)]
    most = sum(result.max_points for result in decided)
    earned = sum(result.points for result in decided)
    assert LEAST_FOR_RIGHT_WORK * most <= earned, _told(submission)


@every_draft
def test_the_handout_as_it_is_earns_nothing(
    tried: Tried, drafted: Callable[[Tried], DraftedCourse]
) -> None:
    assert {} == _earned(drafted(tried).submissions["handout"])


@every_draft
def test_what_is_typed_in_earns_no_more_than_it_computed(
    tried: Tried, drafted: Callable[[Tried], DraftedCourse]
) -> None:
    made = drafted(tried)
    submission = made.submissions["typed"]
    fair = {
        exercise.id: task.typed
        for task in made.course.tasks
        for exercise in made.exercises_for(task)
    }
    unearned = {
        name: credit for name, credit in _earned(submission).items() if credit > fair.get(name, 0)
    }
    assert {} == unearned, _told(submission)


def _earned(submission: SubmissionResult) -> dict[str, float]:
    results = exercises_of(submission).values()
    return {result.id: result.credit for result in results if _is_decided(result) and result.credit}


def _is_decided(result: ExerciseResult) -> bool:
    return result.status != WAITS


def _told(submission: SubmissionResult) -> dict[str, tuple[str, float, list[str]]]:
    return {
        result.id: (result.status, result.credit, [check.message.id for check in result.checks])
        for result in submission.exercises
    }


def said_of(exercise: Exercise) -> tuple[str, ...]:
    """Return what an exercise says of itself."""
    return (
        exercise.id,
        exercise.title,
        exercise.question,
        exercise.function,
        exercise.module,
    )
