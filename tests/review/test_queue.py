"""What waits for a person, as the page shows it: equal answers together, names apart from them, results to look at."""

from __future__ import annotations

from typing import Any

import pytest

from grader.grading.reviews import as_automatic, settle, settle_report
from grader.report import Flag, Message
from grader.review.context import Beside
from grader.review.queue import looks, questions, same, shown, waiting
from tests.support.reports import exercise, report, submission, typed_in
from tests.support.reviewing import a_class, answered, review, reviews

ANA, BRUNO, CARLA, LUCAS, OLIVIA = (one.id for one in a_class().submissions)


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
    assert same("Guarda o gradiente") == same(other)


def test_an_answer_that_says_something_else_is_another():
    assert same("Guarda o gradiente") != same("Guarda os gradientes")


def test_an_answer_is_shown_as_it_stands_there():
    group = questions(a_class(), {})[0]["groups"][0]
    assert "Porque guarda o gradiente." == group["text"]


def test_what_stands_beside_a_question_is_with_it():
    beside = {("autograd", "question-1"): Beside("Por quê?", "1: diz que…", "Porque…")}
    first, second = questions(a_class(), beside)
    assert ("Por quê?", "1: diz que…", "Porque…") == (
        first["question"],
        first["guide"],
        first["answer"],
    )
    assert ("", "", "") == (second["question"], second["guide"], second["answer"])


def test_a_question_that_nobody_was_asked_is_not_there():
    asked = (answered(1, "a").model_copy(update={"status": "not_asked"}), answered(2, "b"))
    whole = report(submission("Ana Exemplo", *asked))
    assert ["question-2"] == [one["exercise"] for one in questions(whole, {})]


def test_results_to_look_at_are_flags_and_files_that_could_not_be_graded():
    found = [(one["submission"], one["exercise"], one["kind"]) for one in looks(a_class())]
    assert [(LUCAS, "gradient-step", "flag"), (OLIVIA, "", "file")] == found


def test_what_could_not_be_checked_stands_by_itself_also_once_it_is_settled():
    flag = Flag(id="unverified", message=Message(id="flag.unverified"))
    before = as_automatic(
        submission("Ana Exemplo", exercise("w-grad", "pending", 0.0, flags=(flag,)))
    )
    after = settle(before, reviews(review(before, "w-grad", 1)))
    assert [["unverified"]] * 2 == [
        [one["kind"] for one in looks(report(one))] for one in (before, after)
    ]


def test_what_waits_is_counted_until_it_is_settled_and_blank_answers_wait_for_nobody():
    ana, *_, lucas, olivia = a_class().submissions
    some = reviews(
        review(ana, "question-1", 0), review(lucas, "gradient-step", None), review(olivia, "", None)
    )
    assert ((5, 2), (4, 0)) == (waiting(a_class()), waiting(settle_report(a_class(), some)))


def test_a_result_is_shown_with_what_was_found_and_what_everyone_gave():
    before = as_automatic(typed_in())
    ana = review(before, "gradient-step", 1, reason="Conferido.")
    bruno = review(before, "gradient-step", 0, by="Bruno Exemplo", at=2, reason="Digitado.")
    data = shown(settle(before, reviews(ana, bruno)), {ana.item: [ana, bruno]}, "pt")
    step = data["exercises"][1]
    assert ("failed", 0.0, {"status": "failed", "points": 0.0}) == (
        step["status"],
        step["points"],
        step["before"],
    )
    assert ["Ana Exemplo", "Bruno Exemplo"] == [one["by"] for one in step["given"]]
    assert ("Bruno Exemplo", 0.0, True) == tuple(
        step["review"][name] for name in ("by", "credit", "applies")
    )
    assert "failed 0 does-not-follow-data" == step["of"]
    assert "w_new = 3.8" == step["flags"][0]["found"][0]["source"]


def test_what_a_person_decided_is_not_said_to_be_found():
    before = as_automatic(typed_in())
    after = settle(before, reviews(review(before, "gradient-step", 1, reason="Conferido.")))
    first, second = (shown(one, {}, "pt")["exercises"][1]["says"] for one in (before, after))
    assert first == second


def test_an_answer_keeps_its_lines_and_signs():
    text = "Uma linha.\n\n<b>outra</b>"
    data = shown(as_automatic(submission("Ana Exemplo", answered(1, text))), {}, "pt")
    assert [text] == [one["value"] for one in data["exercises"][4]["found"]]
