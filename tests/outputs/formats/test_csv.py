"""A class as a spreadsheet: a row per student, a column per exercise, no formulas."""

from __future__ import annotations

import csv
import io

import pytest

from grader.grading.reviews import settle_report
from grader.outputs.formats.csv import class_csv, escape_formula
from tests.support.reports import endless, info, not_graded, report, submission, typed_in, zeroed
from tests.support.reviewing import review, reviews


def rows(graded, language="en", separator=","):
    text = class_csv(graded, language).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=separator))


def test_there_is_a_row_per_student():
    assert [result.student for result in report().submissions] == [
        row["name"] for row in rows(report())
    ]


def test_a_row_says_who_with_what_file_and_how_it_went():
    (row,) = rows(report(zeroed()))
    feedback = row.pop("feedback")
    assert {
        "name": "Gabriela Exemplo",
        "email": "",
        "file": "gabriela-exemplo.ipynb",
        "status": "graded",
        "late": "",
        "points": "7",
        "max points": "12",
        "pending points": "1",
        "w-grad": "2",
        "gradient-step": "1.5",
        "loss-decrease": "0.5",
        "resnet18-graph": "3",
        "question-1": "",
        "question-2": "0",
        "flags": "",
        "reviewed by": "",
    } == row
    assert "The gradient was zeroed before its use." in feedback


def test_who_was_late_is_said_and_loses_nothing():
    (row,) = rows(report(submission("Gabi", who={"late": True, "email": "gabi@example.org"})))
    assert ("late", "gabi@example.org", "10") == (row["late"], row["email"], row["points"])


def test_flags_are_said_in_few_words():
    assert "hard-coded" == rows(report(typed_in()))[0]["flags"]


def test_who_reviewed_is_named_once():
    seen = review(zeroed(), "", None, by="Bia")
    answers = [review(zeroed(), f"question-{number}", 1, by="Ana") for number in (1, 2)]
    settled = settle_report(report(zeroed()), reviews(seen, *answers))
    assert "Bia; Ana" == rows(settled)[0]["reviewed by"]


def test_what_could_not_be_graded_has_no_points_not_even_0():
    (row,) = rows(report(not_graded("Olívia", "unreadable", "unreadable.empty")))
    assert ("unreadable", "", "", "", "") == tuple(
        row[name] for name in ("status", "points", "max points", "pending points", "w-grad")
    )


def test_in_portuguese_it_is_what_a_spreadsheet_there_opens():
    (row,) = rows(report(zeroed()), "pt", ";")
    assert ("Gabriela Exemplo", "1,5", "corrigido") == (
        row["nome"],
        row["gradient-step"],
        row["situação"],
    )


def test_in_spanish_too():
    (row,) = rows(report(zeroed()), "es", ";")
    assert ("1,5", "corregido") == (row["gradient-step"], row["estado"])


def test_it_begins_with_a_byte_order_mark_and_its_lines_end_with_both_signs():
    data = class_csv(report(endless()), "en")
    assert (b"\xef\xbb\xbfname", 2, 2) == (data[:7], data.count(b"\n"), data.count(b"\r\n"))


def test_of_several_assignments_an_exercise_is_named_with_its_own():
    other = info().model_copy(update={"name": "outra"})
    of_other = submission("Ana", assignment="outra")
    both = report(zeroed(), of_other).model_copy(update={"assignments": (info(), other)})
    first, second = rows(both)
    assert (("1.5", ""), ("", "3")) == tuple(
        (row["autograd/gradient-step"], row["outra/gradient-step"]) for row in (first, second)
    )


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t=", "\r=", "＝", "\u200b=", "\x1b[31m="])
def test_a_text_that_begins_like_a_formula_is_none(begin):
    (row,) = rows(report(submission(f"{begin}1+1", file="=cmd|calc.ipynb")))
    assert ("'", "'") == (row["name"][0], row["file"][0])


def test_a_text_that_is_no_formula_is_left():
    assert "Ana = Exemplo" == escape_formula("Ana = Exemplo")


def test_a_lone_surrogate_does_not_stop_the_table():
    assert "a\ufffdb" == rows(report(submission("a\ud800b")))[0]["name"]
