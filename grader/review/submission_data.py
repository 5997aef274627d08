"""Describe submissions, findings and decisions, as data for the review page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from grader.grading.reviews import Review, ReviewedItem, Reviews, judged, judged_whole
from grader.messages import Language, word
from grader.outputs.safe_text import plain
from grader.outputs.wording import (
    earned,
    exercise_sentences,
    listed,
    message_text,
    place,
    value_found,
)
from grader.report import (
    CellProblem,
    Evidence,
    ExerciseResult,
    Flag,
    Message,
    Reviewed,
    SubmissionResult,
)
from grader.review.queue import Data

DECISION_FIELDS = {"by", "credit", "comment", "reason", "items"}
"""Fields of a decision that the page shows, whether it counts or not."""


def describe_submissions(
    submissions: Iterable[SubmissionResult],
    reviews: Reviews,
    language: Language,
) -> list[Data]:
    """Describe submissions for the page."""
    standing = standing_reviews(reviews)
    return [describe_submission(submission, standing, language) for submission in submissions]


def standing_reviews(reviews: Reviews) -> dict[ReviewedItem, list[Review]]:
    """List the reviews of each item that are not withdrawn, the newest last."""
    by_item: dict[ReviewedItem, list[Review]] = {}
    for review in sorted(reviews.reviews, key=lambda review: review.order):
        if not review.withdrawn:
            by_item.setdefault(review.item, []).append(review)
    return by_item


def describe_submission(
    submission: SubmissionResult,
    standing: Mapping[ReviewedItem, Sequence[Review]],
    language: Language,
) -> Data:
    """Describe a submission: its exercises, the findings, and the decisions.

    Args:
        submission: the submission, with the reviews in it.
        standing: the reviews of each item that are not withdrawn.
        language: language of the words.
    """
    own_reviews = standing.get((submission.id, ""), ())
    exercises = []
    for exercise in submission.exercises:
        if exercise.status != "not_asked":
            exercise_reviews = standing.get((submission.id, exercise.id), ())
            exercises.append(_describe_exercise(exercise, exercise_reviews, language))

    return {
        "id": submission.id,
        "student": plain(submission.student or submission.file),
        "file": plain(submission.file),
        "assignment": submission.assignment,
        "status": word(submission.status, language),
        "earned": earned(submission, language),
        "says": _reason(submission.reason, language),
        "flags": [_describe_flag(flag, language) for flag in submission.flags],
        "problems": _problems(submission.execution.problems, language),
        "of": judged_whole(submission),
        **_decisions(submission.review, own_reviews),
        "exercises": exercises,
    }


def _reason(reason: Message | None, language: Language) -> list[str]:
    text = message_text(reason, language, "instructor") if reason else ""
    if not text:
        return []
    return [plain(text)]


def _problems(problems: Iterable[CellProblem], language: Language) -> str:
    errors = [plain(problem.error) for problem in problems if problem.error]
    return listed(errors, language)


def _describe_exercise(
    exercise: ExerciseResult,
    standing: Sequence[Review],
    language: Language,
) -> Data:
    found = [check.found for check in exercise.checks if check.found]
    return {
        "id": exercise.id,
        "title": plain(exercise.title),
        "automatic": exercise.automatic,
        "code": any(check.check == "manual" for check in exercise.checks),
        "status": exercise.status,
        "points": exercise.points,
        "max": exercise.max_points,
        "says": _automatic_sentences(exercise, language),
        "found": [_describe_evidence(evidence, language) for evidence in found],
        "flags": [_describe_flag(flag, language) for flag in exercise.flags],
        "of": judged(exercise),
        **_decisions(exercise.review, standing),
        "before": _automatic_result(exercise),
    }


def _automatic_sentences(exercise: ExerciseResult, language: Language) -> list[str]:
    """List the grader's own messages, without reviewers' decisions."""
    automatic = exercise.model_copy(update={"review": None})
    sentences = []
    for sentence in exercise_sentences(automatic, language, "instructor"):
        text = plain(sentence)
        if text:
            sentences.append(text)
    return list(dict.fromkeys(sentences))


def _automatic_result(exercise: ExerciseResult) -> Data:
    """Return the status and points that the grader decided."""
    review = exercise.review
    if review is None or review.automatic_status is None:
        return {"status": exercise.status, "points": exercise.points}
    return {"status": review.automatic_status, "points": review.automatic_points}


def _decisions(review: Reviewed | None, standing: Sequence[Review]) -> Data:
    """Return the decision that counts, and all decisions."""
    counting = None
    if review:
        counting = review.model_dump(include={*DECISION_FIELDS, "applies", "changed"})
    given = [review.model_dump(include={*DECISION_FIELDS, "of"}) for review in standing]
    return {"review": counting, "given": given}


def _describe_flag(flag: Flag, language: Language) -> Data:
    text = message_text(flag.message, language, "instructor")
    return {
        "id": flag.id,
        "says": plain(text),
        "found": [_describe_evidence(evidence, language) for evidence in flag.evidence],
    }


def _describe_evidence(evidence: Evidence, language: Language) -> Data:
    # An answer in prose has no line: it keeps its own line breaks.
    value = evidence.value
    if evidence.where.line:
        value = plain(value_found(evidence))
    return {
        "source": plain(evidence.where.source),
        "place": place(evidence.where, language),
        "value": value,
    }
