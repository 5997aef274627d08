"""Add rubric items from `guides.toml`, and apply their changes to reviewed answers.

Pure: all functions return reviews to save.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from grader.grading.reviews import Review, Reviews, current, moment
from grader.grading.rubric import RubricItem, credit_of, current_items, with_current
from grader.report import ExerciseResult, SubmissionResult
from grader.review.context import AnswerContext, QuestionKey

GUIDES = "guides.toml"
"""Author of the items from that file."""


def items_from_guides(
    contexts: Mapping[QuestionKey, AnswerContext], known: Reviews, at: str
) -> tuple[RubricItem, ...]:
    """Return the items that are new in `guides.toml`, or changed since it was last read.

    Changes made on the page stay until the file changes.

    Args:
        contexts: contains the items of the file.
        known: contains those that were read before.
        at: the time of reading, in the format of reviews.
    """
    read_before = {item.key: item for item in known.rubric if item.by == GUIDES}
    added = []
    for (assignment, exercise), context in contexts.items():
        for table in context.items:
            item = RubricItem(
                assignment=assignment,
                exercise=exercise,
                id=table.id,
                text=table.text,
                points=table.points,
                by=GUIDES,
                at=at,
            )
            before = read_before.get(item.key)
            if before is None or not item.says_the_same(before):
                added.append(item)
    return tuple(added)


def items_of(reviews: Reviews, question: QuestionKey) -> dict[str, RubricItem]:
    """Return the items of a question by their ids."""
    found = {}
    for (*of, id_), item in current_items(reviews.rubric).items():
        if tuple(of) == question:
            found[id_] = item
    return found


def next_id(reviews: Reviews, question: QuestionKey) -> str:
    """Return an id that no item of a question has or had."""
    taken = set()
    for item in reviews.rubric:
        if (item.assignment, item.exercise) == question:
            taken.add(item.id)

    number = len(taken) + 1
    while f"item-{number}" in taken:
        number += 1
    return f"item-{number}"


def count_holders(reviews: Reviews, ids: Iterable[str], exercise: str, item_id: str) -> int:
    """Count the answers that have an item.

    Args:
        reviews: what people decided.
        ids: the submissions of the item's assignment.
        exercise: id of its exercise.
        item_id: the item.
    """
    standing = current(reviews)
    count = 0
    for id_ in ids:
        review = standing.get((id_, exercise))
        if review is not None and any(line.id == item_id for line in review.items):
            count += 1
    return count


def carry_over(
    reviews: Reviews, submissions: Iterable[SubmissionResult], now: datetime
) -> tuple[Review, ...]:
    """Return the reviews that have outdated copies of items, with current copies.

    Each stays the review of the person who gave it, and is as old as the change.

    Args:
        reviews: all reviews, and the items as they are now.
        submissions: the submissions of the report.
        now: when the items were changed.
    """
    by_exercise: dict[tuple[str, str], tuple[QuestionKey, ExerciseResult]] = {}
    for submission in submissions:
        for exercise in submission.exercises:
            question = (submission.assignment or "", exercise.id)
            by_exercise[submission.id, exercise.id] = (question, exercise)

    changed = []
    for review in reviews.reviews:
        known = by_exercise.get(review.item)
        if review.withdrawn or not review.items or known is None:
            continue
        question, exercise = known
        lines = with_current(review.items, items_of(reviews, question))
        if lines != review.items:
            update = {
                "items": lines,
                "credit": credit_of(lines, exercise.max_points),
                "at": moment(now, [review.at]),
            }
            changed.append(review.model_copy(update=update))
    return tuple(changed)
