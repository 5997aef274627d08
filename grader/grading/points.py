"""Add up the points of a submission, and count a class. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from grader.report import ExerciseStatus, SubmissionResult, Summary

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
    decided = [one for one in result.exercises if one.automatic or one.is_judged]
    settled = [one for one in decided if one.status not in ("pending", "not_asked")]
    pending = [one for one in result.exercises if one.status == "pending"]
    points = sum(exercise.points for exercise in settled)
    max_points = sum(exercise.max_points for exercise in settled)
    pending_points = sum(exercise.max_points for exercise in pending)
    return result.model_copy(
        update={
            "points": round(points, DIGITS),
            "max_points": round(max_points, DIGITS),
            "pending_points": round(pending_points, DIGITS),
        }
    )


def summarise(submissions: tuple[SubmissionResult, ...]) -> Summary:
    """Count the submissions of a class, and take the mean of their points."""
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
    )


def _mean_points(submissions: Sequence[SubmissionResult]) -> float | None:
    scored = [one.points for one in submissions if one.status in ("graded", "unchanged")]
    return sum(scored) / len(scored) if scored else None


def _pending_exercises(submission: SubmissionResult) -> int:
    return sum(exercise.status == "pending" for exercise in submission.exercises)
