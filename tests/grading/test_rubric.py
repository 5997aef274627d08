"""Rubric items: the newest version of each counts, and the credit follows from their points."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from grader.grading.reviews import Reviews, merge, settle
from grader.grading.rubric import RubricItem, credit_of, current_items, merge_items, with_current
from grader.outputs.wording import exercise_sentences
from grader.report import RubricLine
from tests.support.reports import submission
from tests.support.reviewing import answered, item, review, reviews


def lines(*points: float) -> list[RubricLine]:
    return [RubricLine(id=f"i{n}", text="…", points=given) for n, given in enumerate(points)]


@pytest.mark.parametrize(
    ("points", "credit"),
    [((), 0.0), ((0.5,), 0.25), ((2.0, -0.5), 0.75), ((2.0, 1.0), 1.0), ((1.0, -3.0), 0.0)],
)
def test_points_are_added_and_stay_between_none_and_all(points, credit):
    assert credit == credit_of(lines(*points), 2.0)


def test_an_exercise_without_points_has_no_credit():
    assert 0.0 == credit_of(lines(1.0), 0.0)


def test_the_newest_version_of_an_item_counts_whoever_wrote_it():
    mine, theirs = item(points=1, at=1), item(points=2, at=2, by="Bruno Exemplo")
    (current,) = current_items([theirs, mine]).values()
    assert 2 == current.points


def test_an_item_that_was_withdrawn_is_not_given_any_more():
    assert {} == current_items([item(at=1), item(at=2, withdrawn=True)])


def test_a_merge_keeps_each_persons_newest_version_in_any_order():
    versions = [item(points=points, at=points) for points in (1, 2, 3)]
    theirs = item(points=9, at=1, by="Bruno Exemplo")
    merged = merge_items([theirs, *versions])
    assert merged == merge_items([*reversed(versions), theirs])
    assert {3, 9} == {each.points for each in merged}


def test_merged_reviews_keep_the_items_of_both():
    one, other = Reviews(rubric=(item(),)), Reviews(rubric=(item(id="sign"),))
    assert {"sum", "sign"} == {each.id for each in merge(one, other).rubric}


def test_copies_say_what_the_items_say_now_and_others_stay():
    copies = (RubricLine(id="sum", text="Before", points=1), RubricLine(id="x", text="X", points=1))
    assert [("Names the sum.", 0.5), ("X", 1)] == [
        (line.text, line.points) for line in with_current(copies, {"sum": item()})
    ]


@pytest.mark.parametrize(
    "wrong", [{"points": float("nan")}, {"id": "../x"}, {"text": ""}, {"at": "now"}]
)
def test_an_item_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(ValidationError):
        RubricItem.model_validate(item().model_dump() | wrong)


def test_a_student_reads_the_items_with_their_points_before_the_comment():
    before = submission("Carla Exemplo", answered(1, "A soma."))
    given = (
        item(points=0.5).line(),
        item(id="sign", text="The sign is wrong.", points=-0.25).line(),
    )
    made = settle(
        before, reviews(review(before, "question-1", 0.25, items=given, comment="Almost!"))
    )
    (exercise,) = (each for each in made.exercises if each.id == "question-1")
    assert ["Names the sum. (+0.5) · The sign is wrong. (-0.25) · Almost!"] == list(
        exercise_sentences(exercise, "en", "student")
    )
