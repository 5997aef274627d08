"""What waits for a person: equal answers together, names apart from them, results to check."""

from __future__ import annotations

from typing import Any

import pytest

from grader.grading.reviews import as_automatic, settle, settle_report
from grader.report import Flag, Message
from grader.review.context import AnswerContext
from grader.review.queue import answer_key, count_waiting, questions, results_to_check
from tests.support.reports import exercise, report, submission
from tests.support.reviewing import a_class, answered, review, reviews

ANA, BRUNO, CARLA, LUCAS, OLIVIA = (result.id for result in a_class().submissions)


def members(question: dict[str, Any]) -> list[tuple[list[str], bool]]:
    return [(group["members"], group["blank"]) for group in question["groups"]]


def test_equal_answers_stand_together_the_most_frequent_first_and_the_blank_ones_last():
    first, second = questions(a_class(), {})
    assert [([ANA, BRUNO], False), ([CARLA], False), ([LUCAS], True)] == members(first)
    assert [([BRUNO], False), ([ANA], False), ([CARLA, LUCAS], True)] == members(second)


@pytest.mark.parametrize(
    "other", ["Guarda o\n\ngradiente", "guarda  o GRADIENTE ", "\tGuarda o gradiente"]
)
def test_answers_are_equal_that_differ_in_case_and_white_space_only(other):
    assert answer_key("Guarda o gradiente") == answer_key(other)


def test_an_answer_that_says_something_else_is_another():
    assert answer_key("Guarda o gradiente") != answer_key("Guarda os gradientes")


def test_an_answer_is_shown_as_it_stands_there():
    group = questions(a_class(), {})[0]["groups"][0]
    assert "Porque guarda o gradiente." == group["text"]


def test_what_stands_beside_a_question_is_with_it():
    contexts = {("autograd", "question-1"): AnswerContext("Por quê?", "1: diz que…", "Porque…")}
    first, second = questions(a_class(), contexts)
    assert ("Por quê?", "1: diz que…", "Porque…") == (
        first["question"],
        first["guide"],
        first["answer"],
    )
    assert ("", "", "") == (second["question"], second["guide"], second["answer"])


def test_a_question_that_nobody_was_asked_is_not_there():
    exercises = (answered(1, "a").model_copy(update={"status": "not_asked"}), answered(2, "b"))
    whole = report(submission("Ana Exemplo", *exercises))
    assert ["question-2"] == [result["exercise"] for result in questions(whole, {})]


def test_results_to_look_at_are_flags_and_files_that_could_not_be_graded():
    results = [
        (result["submission"], result["exercise"], result["kind"])
        for result in results_to_check(a_class())
    ]
    assert [(LUCAS, "gradient-step", "flag"), (OLIVIA, "", "file")] == results


def test_what_could_not_be_checked_stands_by_itself_also_once_it_is_settled():
    flag = Flag(id="unverified", message=Message(id="flag.unverified"))
    before = as_automatic(
        submission("Ana Exemplo", exercise("w-grad", "pending", 0.0, flags=(flag,)))
    )
    after = settle(before, reviews(review(before, "w-grad", 1)))
    assert [["unverified"]] * 2 == [
        [result["kind"] for result in results_to_check(report(result))]
        for result in (before, after)
    ]


def test_what_waits_is_counted_until_it_is_settled_and_blank_answers_wait_for_nobody():
    ana, *_, lucas, olivia = a_class().submissions
    decided = reviews(
        review(ana, "question-1", 0), review(lucas, "gradient-step", None), review(olivia, "", None)
    )
    assert ((5, 2), (4, 0)) == (
        count_waiting(a_class()),
        count_waiting(settle_report(a_class(), decided)),
    )
