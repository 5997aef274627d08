"""A submission as data for the page: what was found, and what people decided."""

from __future__ import annotations

from grader.grading.reviews import as_automatic, settle
from grader.review.submission_data import describe_submission
from tests.support.reports import submission, typed_in
from tests.support.reviewing import answered, review, reviews


def test_a_result_is_shown_with_what_was_found_and_what_everyone_gave():
    before = as_automatic(typed_in())
    ana = review(before, "gradient-step", 1, reason="Conferido.")
    bruno = review(before, "gradient-step", 0, by="Bruno Exemplo", at=2, reason="Digitado.")
    data = describe_submission(settle(before, reviews(ana, bruno)), {ana.item: [ana, bruno]}, "pt")
    step = data["exercises"][1]
    assert ("failed", 0.0, {"status": "failed", "points": 0.0}) == (
        step["status"],
        step["points"],
        step["before"],
    )
    assert ["Ana Exemplo", "Bruno Exemplo"] == [item["by"] for item in step["given"]]
    assert ("Bruno Exemplo", 0.0, True) == tuple(
        step["review"][name] for name in ("by", "credit", "applies")
    )
    assert "failed 0 does-not-follow-data" == step["of"]
    assert "w_new = 3.8" == step["flags"][0]["found"][0]["source"]


def test_what_a_person_decided_is_not_said_to_be_found():
    before = as_automatic(typed_in())
    after = settle(before, reviews(review(before, "gradient-step", 1, reason="Conferido.")))
    first, second = (
        describe_submission(item, {}, "pt")["exercises"][1]["says"] for item in (before, after)
    )
    assert first == second


def test_an_answer_keeps_its_lines_and_signs():
    text = "Uma linha.\n\n<b>outra</b>"
    data = describe_submission(as_automatic(submission("Ana Exemplo", answered(1, text))), {}, "pt")
    assert [text] == [item["value"] for item in data["exercises"][4]["found"]]
