"""Add up the points of a submission, and count a class. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from grader.grading.waiting import waiting_for_machine
from grader.report import (
    AssignmentInfo,
    ExerciseResult,
    ExerciseStatus,
    SubmissionResult,
    Summary,
)

SCORED = ("graded", "unchanged")
"""Statuses of the submissions that count in the mean."""

DIGITS = 6
"""Digits after the point to which sums are rounded."""


def status_for(credit: float) -> ExerciseStatus:
    """Return the status of an exercise that earned a share of its points."""
    if credit >= 1:
        return "passed"
    return "partial" if credit > 0 else "failed"


def with_points(result: SubmissionResult) -> SubmissionResult:
    """Add up the points of a submission.

    An exercise with a pending review counts in neither points nor maximum until it is settled.
    """
    points = 0.0
    max_points = 0.0
    pending_points = 0.0
    for exercise in result.exercises:
        if exercise.status == "pending":
            pending_points += exercise.max_points
        elif _is_settled(exercise):
            points += exercise.points
            max_points += exercise.max_points
    sums = {
        "points": round(points, DIGITS),
        "max_points": round(max_points, DIGITS),
        "pending_points": round(pending_points, DIGITS),
    }
    return result.model_copy(update=sums)


def total_of_submission(result: SubmissionResult) -> float:
    """Add up what the exercises of a submission are worth, whatever their status.

    Points are shown out of this number. It includes decided and pending exercises, and questions
    without an answer.
    """
    unanswered = 0.0
    for exercise in result.exercises:
        is_asked = exercise.status not in ("pending", "not_asked")
        if is_asked and not _is_settled(exercise):
            unanswered += exercise.max_points
    return round(result.max_points + result.pending_points + unanswered, DIGITS)


def total_of_assignment(info: AssignmentInfo) -> float:
    """Add up the points of an assignment, including those that a person gives."""
    return sum(exercise.points for exercise in info.exercises) or info.max_points


def _is_settled(exercise: ExerciseResult) -> bool:
    if exercise.status == "not_asked":
        return False
    return exercise.automatic or exercise.is_judged


def summarise(submissions: tuple[SubmissionResult, ...]) -> Summary:
    """Count the submissions of a class, and compute their mean points."""
    statuses = [submission.status for submission in submissions]
    return Summary(
        submissions=len(submissions),
        graded=statuses.count("graded"),
        unreadable=statuses.count("unreadable"),
        wrong_file=statuses.count("wrong_file"),
        unchanged=statuses.count("unchanged"),
        ungradable=statuses.count("ungradable"),
        mean_points=_mean_points(submissions),
        pending_exercises=sum(map(_pending_exercises, submissions)),
        waiting=waiting_for_machine(submissions),
    )


def _mean_points(submissions: Sequence[SubmissionResult]) -> float | None:
    scored = [one.points for one in submissions if one.status in SCORED]
    if not scored:
        return None
    return sum(scored) / len(scored)


def _pending_exercises(submission: SubmissionResult) -> int:
    statuses = [exercise.status for exercise in submission.exercises]
    return statuses.count("pending")
