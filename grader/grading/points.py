"""Adds up: the points of a submission, and a class in numbers. Pure."""

from __future__ import annotations

from grader.report import ExerciseStatus, SubmissionResult, Summary


def status_for(credit: float) -> ExerciseStatus:
    """Return the status of an exercise that earned a share of its points."""
    if credit >= 1:
        return "passed"
    return "partial" if credit > 0 else "failed"


def with_points(result: SubmissionResult) -> SubmissionResult:
    """Add up: an exercise that waits for a person counts in neither points nor maximum until it is settled."""
    decided = [e for e in result.exercises if e.automatic or e.is_judged]
    settled = [e for e in decided if e.status not in ("pending", "not_asked")]
    return result.model_copy(
        update={
            "points": round(sum(exercise.points for exercise in settled), 6),
            "max_points": round(sum(exercise.max_points for exercise in settled), 6),
            "pending_points": round(
                sum(e.max_points for e in result.exercises if e.status == "pending"), 6
            ),
        }
    )


def summarise(submissions: tuple[SubmissionResult, ...]) -> Summary:
    """The class in numbers."""
    states = [submission.status for submission in submissions]
    scored = [s.points for s in submissions if s.status in ("graded", "unchanged")]
    return Summary(
        submissions=len(submissions),
        graded=states.count("graded"),
        unreadable=states.count("unreadable"),
        wrong_file=states.count("wrong_file"),
        unchanged=states.count("unchanged"),
        ungradable=states.count("ungradable"),
        mean_points=sum(scored) / len(scored) if scored else None,
        pending_exercises=sum(e.status == "pending" for s in submissions for e in s.exercises),
    )
