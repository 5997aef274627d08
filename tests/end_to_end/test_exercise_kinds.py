"""Every kind of exercise that courses ask earns what is fair, however it is answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

import pytest

from grader.report import ExerciseResult
from tests.support.courses import by_student, exercises_of, graded
from tests.support.exercise_kinds import ASSIGNMENTS, write_class
from tests.support.exercise_kinds.kind import LOOKED_AT, STUDENTS, Kind
from tests.support.sampling import sample

pytestmark = pytest.mark.kernel

WRITTEN = [name for name, kinds in ASSIGNMENTS.items() if kinds]
TRIED = sample(WRITTEN, 1, "kinds of exercises")
KINDS = [
    pytest.param(name, kind, id=f"{name}/{kind.id}") for name in TRIED for kind in ASSIGNMENTS[name]
]

RIGHT = STUDENTS[:3]
WRONG = STUDENTS[3:6]

Results = Mapping[str, ExerciseResult]
"""The results of one exercise, by student."""


@pytest.fixture(scope="module")
def results_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Kind], Results]:
    """Return the results of an exercise; its class is graded once."""

    @cache
    def grade_class(assignment: str) -> Mapping[str, Results]:
        course = write_class(tmp_path_factory.mktemp(assignment), assignment)
        folder = course.folder
        report = graded(folder / "in", course.settings(folder / "grades"))
        submissions = by_student(report)
        return {student: exercises_of(submissions[student]) for student in STUDENTS}

    def results(assignment: str, kind: Kind) -> Results:
        by_name = grade_class(assignment)
        return {student: by_name[student][kind.id] for student in STUDENTS}

    return results


def fair(kind: Kind, *students: str) -> dict[str, float | str]:
    """Return what the answers of some students earn fairly."""
    ways = dict(zip(STUDENTS, kind.ways, strict=True))
    return {student: ways[student].earns for student in students}


def earned(results: Results, *students: str) -> dict[str, float | str]:
    """Return what some students earned."""
    return {student: _outcome(results[student]) for student in students}


def _outcome(result: ExerciseResult) -> float | str:
    return LOOKED_AT if result.status == LOOKED_AT else result.credit


@pytest.mark.parametrize(("assignment", "kind"), KINDS)
def test_every_right_way_earns_all_points(
    assignment: str, kind: Kind, results_of: Callable[[str, Kind], Results]
) -> None:
    results = results_of(assignment, kind)
    assert fair(kind, *RIGHT) == earned(results, *RIGHT), _told(results)


@pytest.mark.parametrize(("assignment", "kind"), KINDS)
def test_a_wrong_way_earns_what_is_fair(
    assignment: str, kind: Kind, results_of: Callable[[str, Kind], Results]
) -> None:
    results = results_of(assignment, kind)
    assert fair(kind, *WRONG) == earned(results, *WRONG), _told(results)


@pytest.mark.parametrize(("assignment", "kind"), KINDS)
def test_typed_in_answers_earn_no_more_than_is_fair(
    assignment: str, kind: Kind, results_of: Callable[[str, Kind], Results]
) -> None:
    results = results_of(assignment, kind)
    assert fair(kind, "hard-coded") == earned(results, "hard-coded"), _told(results)


@pytest.mark.parametrize(("assignment", "kind"), KINDS)
def test_nothing_earns_nothing(
    assignment: str, kind: Kind, results_of: Callable[[str, Kind], Results]
) -> None:
    results = results_of(assignment, kind)
    assert fair(kind, "blank") == earned(results, "blank"), _told(results)


@pytest.mark.parametrize(("assignment", "kind"), KINDS)
def test_students_read_the_reason(
    assignment: str, kind: Kind, results_of: Callable[[str, Kind], Results]
) -> None:
    told = _told(results_of(assignment, kind))
    expected = dict(told)
    for student, way in zip(STUDENTS, kind.ways, strict=True):
        if way.reads:
            expected[student] = way.reads
    assert expected == told


def _told(results: Results) -> dict[str, str]:
    return {student: result.checks[0].message.id for student, result in results.items()}
