"""Points become grades: scaled, rounded, and only once nothing waits for a person."""

from __future__ import annotations

from decimal import Decimal

import pytest

from grader.grading.reviews import as_automatic, settle
from grader.outputs.gradebooks.grades import (
    Scale,
    calculate_grade,
    find_decimal_sign,
    format_grade,
    parse_number,
    total_of_assignment,
)
from grader.report import Flag, Message, Reviewed
from tests.support.gradebooks import half_step, settled
from tests.support.reports import exercise, info, not_graded, question, submission
from tests.support.reviewing import review, reviews


def test_without_a_scale_the_grade_is_the_points():
    assert Decimal("8.5") == calculate_grade(half_step("Ana"), Scale())


def test_a_question_that_is_blank_counts_in_what_there_was_to_earn():
    assert Decimal("83.33") == calculate_grade(settled("Ana"), Scale(to=100))


def test_an_exercise_that_was_not_asked_for_counts_nowhere():
    asked = settled("Ana", exercise("gradient-step", "not_asked", 0.0))
    assert Decimal("7.78") == calculate_grade(asked, Scale(to=10))


@pytest.mark.parametrize(
    ("scale", "grade"),
    [
        (Scale(to=10, step=0.5), "7.0"),  # 7.0833
        (Scale(to=10, step=0.1), "7.1"),
        (Scale(to=6, step=0.5), "4.5"),  # 4.25: halves upwards
        (Scale(to=100, step=1), "71"),
        (Scale(step=1), "9"),  # 8.5
    ],
)
def test_grades_are_rounded_to_the_nearest_step_halves_upwards(scale, grade):
    assert Decimal(grade) == calculate_grade(half_step("Ana"), scale)


def test_rounding_never_gives_more_than_all():
    all_right = submission(
        "Ana", *(question(n, "passed").model_copy(update={"points": 1.0}) for n in (1, 2))
    )
    assert Decimal(10) == calculate_grade(all_right, Scale(to=10, step=4))


def test_there_is_no_grade_while_an_exercise_waits_for_a_person():
    assert calculate_grade(submission("Ana"), Scale()) is None


def test_there_is_a_grade_once_a_person_has_read_what_waited():
    waiting = as_automatic(submission("Ana"))
    read = [review(waiting, f"question-{number}", 0.5) for number in (1, 2)]
    assert Decimal(11) == calculate_grade(settle(waiting, reviews(*read)), Scale())


def test_a_provisional_grade_counts_what_is_decided():
    assert Decimal(10) == calculate_grade(submission("Ana"), Scale(provisional=True))


@pytest.mark.parametrize("status", ["unreadable", "wrong_file", "ungradable", "unchanged"])
def test_what_was_not_graded_gets_no_grade_and_never_a_bare_0(status):
    assert (
        calculate_grade(not_graded("Ana", status, "unreadable.empty"), Scale(provisional=True))
        is None
    )


def test_the_handout_as_it_was_gets_no_grade_though_its_exercises_are_there():
    assert calculate_grade(settled("Ana", status="unchanged"), Scale()) is None


def test_an_assignment_has_the_points_of_a_person_to_give_too():
    assert 12 == total_of_assignment(info())


@pytest.mark.parametrize(
    ("grade", "sign", "text"),
    [("7.50", ",", "7,5"), ("7.00", ".", "7"), ("100", ".", "100"), ("0", ".", "0")],
)
def test_a_grade_is_written_with_the_decimal_sign_of_the_file(grade, sign, text):
    assert text == format_grade(Decimal(grade), sign)


@pytest.mark.parametrize(
    ("text", "number"), [("7,50", 7.5), ("7.5", 7.5), ("10", 10.0), ("", None), ("EX", None)]
)
def test_a_number_is_read_with_either_sign(text, number):
    assert number == parse_number(text)


@pytest.mark.parametrize(
    ("texts", "separator", "sign"),
    [(["10", "7,50"], ",", ","), (["x", "7.5"], ";", "."), (["10"], ";", ","), ([], ",", ".")],
)
def test_the_decimal_sign_is_that_of_the_files_own_numbers(texts, separator, sign):
    assert sign == find_decimal_sign(texts, separator)


def test_a_submission_of_which_another_file_may_be_meant_has_no_final_grade():
    doubt = Flag(id="two-candidates", message=Message(id="flag.two-candidates"))
    flagged = settled("Ana").model_copy(update={"flags": (doubt,)})
    assert calculate_grade(flagged, Scale()) is None
    assert calculate_grade(flagged, Scale(provisional=True)) is not None


def test_a_flag_that_a_person_has_seen_leaves_the_grade_final():
    doubt = Flag(id="two-candidates", message=Message(id="flag.two-candidates"))
    seen = Reviewed(by="a", at="2024-01-01T00:00:00Z")
    flagged = settled("Ana").model_copy(update={"flags": (doubt,), "review": seen})
    assert calculate_grade(flagged, Scale()) is not None
