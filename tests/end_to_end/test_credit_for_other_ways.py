"""Credit for other ways than the reference's: accepted ways, own values, other terms."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.errors import AssignmentError
from grader.report import ExerciseResult, SubmissionResult
from tests.support.courses import Course, by_student, exercises_of, graded, write_notebook
from tests.support.mean_course import MEAN_DATA

pytestmark = pytest.mark.kernel

ASSIGNMENT = "exercises/media/assignment.toml"
MISTAKES = "solutions/media/mistakes.toml"
SECOND = """
[[accepted]]
id = "second"
edits = [{ find = "media = sum(dados) / len(dados)", replace = "media = sorted(dados)[1]" }]
credit = { mean = 0.5 }
note = { pt = "O segundo menor foi aceito.", en = "The second least was accepted." }
"""


def accept(course: Course, table: str) -> None:
    path = course.folder / MISTAKES
    path.write_text(path.read_text("utf-8") + table, "utf-8")


def grade(course: Course, out: Path, **notebooks: tuple[str, str]) -> dict[str, SubmissionResult]:
    """Grade notebooks, each of two cells below the data."""
    folder = course.folder / "in"
    for name, cells in notebooks.items():
        write_notebook(folder / f"{name}.ipynb", ["#!# Média e amplitude", MEAN_DATA, *cells])
    return by_student(graded(folder, course.settings(out)))


def messages(result: ExerciseResult) -> list[str]:
    ids: list[str] = []
    for check in result.checks:
        ids += [message.id for message in (check.message, *check.notes)]
    return ids


# Accepted ways


def test_an_accepted_way_earns_its_share_with_a_note(course: Course, out: Path) -> None:
    accept(course, SECOND)

    ana = grade(course, out, ana=("m = sorted(dados)[1]", "a = max(dados) - m"))["ana"]

    mean = exercises_of(ana)["mean"]
    assert 0.5 == mean.credit
    assert 1.0 == exercises_of(ana)["spread"].credit
    assert ["value.partial-answer", "value.accepted"] == messages(mean)
    assert "O segundo menor foi aceito." == mean.checks[0].notes[0].params["note.pt"]


def test_the_reference_s_own_way_has_no_note_on_an_accepted_one(course: Course, out: Path) -> None:
    accept(course, SECOND)

    ana = grade(course, out, ana=("m = sum(dados) / 4", "a = max(dados) - m"))["ana"]

    assert ["value.passed"] == messages(exercises_of(ana)["mean"])
    assert ["value.passed"] == messages(exercises_of(ana)["spread"])


def test_an_accepted_way_that_gives_the_same_answer_is_refused(course: Course, out: Path) -> None:
    accept(course, SECOND.replace("sorted(dados)[1]", "sum(dados) / 4"))
    with pytest.raises(AssignmentError, match="accepted second gives no other answer"):
        grade(course, out, ana=("m = 1", "a = 2"))


# Own values followed through


def test_what_is_right_for_the_submission_s_own_value_earns_a_share(
    course: Course, out: Path
) -> None:
    course.edit(ASSIGNMENT, 'id = "spread"', 'id = "spread"\ngiven = "media"\ngiven_credit = 0.4')
    results = grade(
        course,
        out,
        ana=("m = sum(dados) / 3", "a = max(dados) - m"),
        bia=("m = sum(dados) / 3", "a = max(dados) + m"),
        caio=("m = sum(dados) / 4", "a = max(dados) + m"),
    )
    spread = {name: exercises_of(result)["spread"] for name, result in results.items()}
    credit = {name: result.credit for name, result in spread.items()}
    assert {"ana": 0.4, "bia": 0.0, "caio": 0.0} == credit
    assert "partial" == spread["ana"].status
    assert ["value.follows-through"] == messages(spread["ana"])


def test_a_number_typed_in_does_not_follow_through(course: Course, out: Path) -> None:
    course.edit(ASSIGNMENT, 'id = "spread"', 'id = "spread"\ngiven = "media"')
    ana = grade(course, out, ana=("m = sum(dados) / 3", "a = 7.25 - 4.9166667"))["ana"]
    assert 0.0 == exercises_of(ana)["spread"].credit


def test_a_name_that_no_other_exercise_s_mark_has_is_refused(course: Course, out: Path) -> None:
    course.edit(ASSIGNMENT, 'id = "spread"', 'id = "spread"\ngiven = "amplitude"')
    with pytest.raises(AssignmentError, match="exercise spread is given amplitude"):
        grade(course, out, ana=("m = 1", "a = 2"))


# Terms


def test_an_exercise_that_the_handout_does_not_ask_for_counts_nowhere(
    course: Course, out: Path
) -> None:
    course.edit(ASSIGNMENT, 'id = "spread"', 'id = "spread"\nquestion = "Calcule a variância"')
    ana = grade(course, out, ana=("m = sum(dados) / 4", "a = 1"))["ana"]
    assert (2.0, 2.0, "not_asked") == (
        ana.points,
        ana.max_points,
        exercises_of(ana)["spread"].status,
    )


def test_an_exercise_that_the_handout_asks_for_by_its_question_counts(
    course: Course, out: Path
) -> None:
    course.edit(
        ASSIGNMENT, 'id = "spread"', 'id = "spread"\nquestion = "quanto o maior deles passa"'
    )
    ana = grade(course, out, ana=("m = sum(dados) / 4", "a = max(dados) - m"))["ana"]
    assert (5.0, 5.0) == (ana.points, ana.max_points)


# Several mistakes


def test_two_mistakes_in_one_notebook_are_both_named(course: Course, out: Path) -> None:
    ana = grade(course, out, ana=("m = sum(dados)", "a = max(dados) - min(dados)"))["ana"]
    assert ["sum-only"] == [mistake.id for mistake in exercises_of(ana)["mean"].mistakes]
    assert ["from-the-least"] == [mistake.id for mistake in exercises_of(ana)["spread"].mistakes]
