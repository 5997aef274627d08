"""Feedback as a file, as a comment and on one line never shows a value that was found."""

from __future__ import annotations

import pytest

from grader.outputs.feedback import as_comment, as_text, exercise_lines, in_one_line
from grader.report import CheckResult, Evidence, Message, Where
from tests.support.gradebooks import settled
from tests.support.reports import endless, exercise, info, not_graded, report, submission, zeroed

WRITERS = [
    lambda result: as_text(result, info(), "pt"),
    lambda result: as_comment(result, "pt"),
    lambda result: in_one_line(result, "pt"),
]


@pytest.mark.parametrize("write", WRITERS)
def test_a_value_that_was_found_is_not_told(write):
    assert "1.0000042" not in write(zeroed())


@pytest.mark.parametrize("write", WRITERS)
def test_the_hint_of_a_mistake_is_told(write):
    assert "O gradiente foi zerado antes de ser usado." in write(zeroed())


@pytest.mark.parametrize("write", WRITERS)
def test_why_there_is_no_grade_is_told(write):
    assert "conflito do git" in write(
        not_graded("Ana", "unreadable", "unreadable.git-conflict", line=212)
    )


def test_a_file_has_no_line_beyond_a_hundred_columns_and_no_space_at_an_end():
    lines = [
        line for one in report().submissions for line in as_text(one, info(), "pt").split("\n")
    ]
    assert [] == [line for line in lines if len(line) > 100 or line != line.rstrip()]


def test_a_comment_is_one_line_with_a_paragraph_per_exercise():
    comment = as_comment(settled("Ana"), "pt")
    assert (6, 0) == (comment.count("<p>"), comment.count("\n"))


def test_a_comment_shows_points_and_what_waits_for_a_person():
    comment = as_comment(zeroed(), "pt")
    assert "◐ <b>Um passo do gradiente descendente</b> (1,5/3)" in comment
    assert "… <b>Questão 1</b> (à espera de uma pessoa)" in comment


def test_what_a_student_wrote_is_text_and_not_markup():
    message = Message(id="value.depends", params={"needs": "<img src=x onerror=alert(1)>"})
    one = exercise("w-grad", "failed", 0.0, message=message).model_copy(update={"title": "a<b"})
    comment = as_comment(submission("Ana", one), "en")
    assert ("&lt;img src=x", True) == (
        comment[(at := comment.index("&lt;img")) : at + 13],
        "<b>a&lt;b</b>" in comment,
    )


def test_one_line_leaves_out_what_passed():
    assert "Gradiente de J" not in in_one_line(zeroed(), "pt")


def test_what_ended_the_run_comes_first():
    assert in_one_line(endless(), "pt").startswith(
        "A célula 14 foi encerrada depois de 30,1 segundos"
    )


def test_an_exercise_is_told_with_the_students_own_line_and_the_note_on_it():
    found = Evidence(where=Where(cell=1, line=2, source="w = 3"), value="3")
    one = exercise("w-grad", "failed", 0.0, message=Message(id="value.absent"), found=found)
    asked = info().exercises[0].model_copy(update={"student_note": {"pt": "Uma nota."}})
    lines = exercise_lines(one, info().model_copy(update={"exercises": (asked,)}), "pt")
    assert ["  w = 3", "  célula 2, linha 2", "Uma nota."] == lines[1:]


def test_what_is_said_twice_is_told_once():
    one = exercise("w-grad", "failed", 0.0, message=Message(id="value.absent"))
    twice = one.model_copy(
        update={"checks": (*one.checks, CheckResult(check="value", message=one.checks[0].message))}
    )
    assert 1 == len(exercise_lines(twice, info(), "pt"))
