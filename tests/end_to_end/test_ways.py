"""What an assignment lets a submission earn by another way than the reference's: accepted ways, own values, terms."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.errors import AssignmentError
from grader.report import ExerciseResult, SubmissionResult
from tests.support.courses import Course, by_student, graded, write_notebook
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


def exercise(submission: SubmissionResult, exercise_id: str) -> ExerciseResult:
    return next(one for one in submission.exercises if one.id == exercise_id)


def messages(result: ExerciseResult) -> list[str]:
    return [note.id for check in result.checks for note in (check.message, *check.notes)]


# Accepted ways


def test_an_accepted_way_earns_its_share_and_is_told(course: Course, out: Path) -> None:
    accept(course, SECOND)
    ana = grade(course, out, ana=("m = sorted(dados)[1]", "a = max(dados) - m"))["ana"]
    mean, spread = exercise(ana, "mean"), exercise(ana, "spread")
    assert (0.5, 1.0) == (mean.credit, spread.credit)
    assert ["value.partial-answer", "value.accepted"] == messages(mean)
    assert "O segundo menor foi aceito." == mean.checks[0].notes[0].params["note.pt"]


def test_the_reference_s_own_way_is_not_told_as_accepted(course: Course, out: Path) -> None:
    accept(course, SECOND)
    ana = grade(course, out, ana=("m = sum(dados) / 4", "a = max(dados) - m"))["ana"]
    assert [["value.passed"], ["value.passed"]] == [
        messages(exercise(ana, one)) for one in ("mean", "spread")
    ]


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
    spread = {name: exercise(result, "spread") for name, result in results.items()}
    assert {"ana": 0.4, "bia": 0.0, "caio": 0.0} == {
        name: result.credit for name, result in spread.items()
    }
    assert ("partial", ["value.follows-through"]) == (spread["ana"].status, messages(spread["ana"]))


def test_a_number_typed_in_does_not_follow_through(course: Course, out: Path) -> None:
    course.edit(ASSIGNMENT, 'id = "spread"', 'id = "spread"\ngiven = "media"')
    ana = grade(course, out, ana=("m = sum(dados) / 3", "a = 7.25 - 4.9166667"))["ana"]
    assert 0.0 == exercise(ana, "spread").credit


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
    assert (2.0, 2.0, "not_asked") == (ana.points, ana.max_points, exercise(ana, "spread").status)


def test_an_exercise_that_the_handout_asks_for_by_its_question_counts(
    course: Course, out: Path
) -> None:
    course.edit(
        ASSIGNMENT, 'id = "spread"', 'id = "spread"\nquestion = "quanto o maior deles passa"'
    )
    ana = grade(course, out, ana=("m = sum(dados) / 4", "a = max(dados) - m"))["ana"]
    assert (5.0, 5.0) == (ana.points, ana.max_points)


# Several mistakes


def test_two_mistakes_in_one_notebook_are_both_told(course: Course, out: Path) -> None:
    ana = grade(course, out, ana=("m = sum(dados)", "a = max(dados) - min(dados)"))["ana"]
    told = {
        one: [mistake.id for mistake in exercise(ana, one).mistakes] for one in ("mean", "spread")
    }
    assert {"mean": ["sum-only"], "spread": ["from-the-least"]} == told
