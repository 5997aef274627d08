"""Rubric items on the review page: given by their ids, changed for everyone who has them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from grader.grading.reviews import Reviews, judged
from grader.reference.tables import RubricTable
from grader.review import service as serving
from grader.review.context import AnswerContext
from grader.review.rubric import GUIDES, carry_over, items_from_guides
from grader.review.service import Decision, ItemChange, Refused, ReviewService
from grader.store.reviews import read_reviews, save_reviews
from tests.support.reviewing import a_class, item, review, reviews, settings, written

ANA, BRUNO, *_ = a_class().submissions
QUESTION = ("autograd", "question-1")
NOW = datetime(2026, 5, 1, tzinfo=UTC)
AT = "2026-05-01T00:00:00.000Z"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return written(tmp_path / "grades")


def service(folder: Path, by: str = "Ana Exemplo") -> ReviewService:
    return ReviewService(folder, by, settings(folder), "en")


def change(**fields: Any) -> ItemChange:
    new = {"assignment": QUESTION[0], "exercise": QUESTION[1], "text": "The sum.", "points": 0.5}
    return ItemChange.model_validate(new | fields)


def giving(*items: str, to: Any = ANA) -> Decision:
    (answer,) = (each for each in to.exercises if each.id == QUESTION[1])
    return Decision(submission=to.id, exercise=answer.id, of=judged(answer), items=items)


def credits(folder: Path) -> dict[str, float | None]:
    return {review_.submission: review_.credit for review_ in read_reviews(folder).reviews}


def test_an_item_is_saved_and_shown(folder):
    answer = service(folder).change_item(change())
    saved = {"id": "item-1", "text": "The sum.", "points": 0.5}
    assert [{"assignment": "autograd", "exercise": "question-1", **saved}] == answer["rubric"]
    assert answer["rubric"] == service(folder).everything()["rubric"]


def test_the_credit_follows_from_the_items_that_are_given(folder):
    page = service(folder)
    for points in (0.5, 0.25):
        page.change_item(change(points=points))
    page.decide([giving("item-1", "item-2")])
    assert {ANA.id: 0.75} == credits(folder)


def test_a_change_counts_for_everyone_who_has_the_item_and_for_nobody_else(folder):
    page = service(folder)
    for points in (0.5, 0.25):
        page.change_item(change(points=points))
    page.decide([giving("item-1"), giving("item-2", to=BRUNO)])
    answer = page.change_item(change(id="item-1", points=1, text="The whole sum."))
    assert {ANA.id: 1.0, BRUNO.id: 0.25} == credits(folder)
    assert [ANA.id] == [each["id"] for each in answer["submissions"]]


def test_a_change_keeps_who_gave_the_item(folder):
    page = service(folder, by="Bruno Exemplo")
    page.change_item(change())
    page.decide([giving("item-1")])
    service(folder, by="Carla Exemplo").change_item(change(id="item-1", points=0.25))
    (changed,) = read_reviews(folder).reviews
    assert ("Bruno Exemplo", 0.25) == (changed.by, changed.credit)


def test_an_item_is_removed_once_no_answer_has_it(folder):
    page = service(folder)
    page.change_item(change())
    page.decide([giving("item-1")])
    with pytest.raises(Refused, match="1 answers have this item"):
        page.change_item(change(id="item-1", removed=True))
    page.decide([giving().model_copy(update={"withdrawn": True})])
    assert [] == page.change_item(change(id="item-1", removed=True))["rubric"]


def test_an_id_is_not_used_again(folder):
    page = service(folder)
    page.change_item(change())
    page.change_item(change(id="item-1", removed=True))
    assert ["item-2"] == [each["id"] for each in page.change_item(change())["rubric"]]


@pytest.mark.parametrize(
    "wrong", [change(exercise="w-grad"), change(exercise="none"), change(assignment="other")]
)
def test_items_are_for_what_a_person_reads(folder, wrong):
    with pytest.raises(Refused, match="is no question"):
        service(folder).change_item(wrong)


def test_an_item_that_is_not_there_is_not_given(folder):
    with pytest.raises(Refused, match="no rubric item 'item-9'"):
        service(folder).decide([giving("item-9")])


def test_there_are_not_more_items_than_a_person_can_read(folder, monkeypatch):
    monkeypatch.setattr(serving, "MAX_ITEMS", 1)
    page = service(folder)
    page.change_item(change())
    with pytest.raises(Refused, match="There are 1 items"):
        page.change_item(change())


# Items of guides.toml


def context(*tables: RubricTable) -> dict[tuple[str, str], AnswerContext]:
    return {QUESTION: AnswerContext(items=tables)}


def table(**fields: Any) -> RubricTable:
    return RubricTable.model_validate({"id": "sum", "text": "The sum.", "points": 0.5} | fields)


def test_items_of_the_file_are_taken_once():
    (added,) = items_from_guides(context(table()), Reviews(), AT)
    assert (GUIDES, 0.5) == (added.by, added.points)
    assert () == items_from_guides(context(table()), Reviews(rubric=(added,)), AT)


def test_what_was_changed_on_the_page_stays_until_the_file_changes():
    read = item(by=GUIDES, text="The sum.", at=1)
    on_page = item(by="Ana Exemplo", points=1, at=2)
    known = Reviews(rubric=(read, on_page))
    assert () == items_from_guides(context(table()), known, AT)
    (changed,) = items_from_guides(context(table(points=0.25)), known, AT)
    assert 0.25 == changed.points


def test_the_page_has_the_items_of_the_file(folder, monkeypatch):
    monkeypatch.setattr(serving, "load_context", lambda *_: context(table()))
    assert ["sum"] == [each["id"] for each in service(folder).everything()["rubric"]]


def test_a_change_in_the_file_counts_for_who_has_the_item(folder, monkeypatch):
    monkeypatch.setattr(serving, "load_context", lambda *_: context(table()))
    service(folder).decide([giving("sum")])
    monkeypatch.setattr(serving, "load_context", lambda *_: context(table(points=1)))
    service(folder)
    assert {ANA.id: 1.0} == credits(folder)


# Carrying over


def test_what_was_withdrawn_or_has_no_such_item_stays():
    line = item(points=0.25).line()
    taken_back = review(ANA, "question-1", None, items=(line,), withdrawn=True)
    of_another = review(BRUNO, "question-2", 0.25, items=(line,))
    known = Reviews(reviews=(taken_back, of_another), rubric=(item(),))
    assert () == carry_over(known, a_class().submissions, NOW)


def test_reviews_of_an_earlier_version_are_read(folder):
    save_reviews(folder, reviews(review(ANA, "question-1", 1)))
    path = folder / "reviews.json"
    text = path.read_text("utf-8").replace('"1.1"', '"1.0"')
    path.write_text(text, "utf-8")
    assert {ANA.id: 1.0} == credits(folder)
