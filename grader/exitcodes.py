"""Which exit code a class or a check ends with, once it was graded."""

from __future__ import annotations

from grader.faults import BELOW, OUR_FAULT
from grader.report import Report, SubmissionResult


def of_class(report: Report, percent: float) -> int:
    """The exit code under `--fail-under`: 1 if one is below; 3 if none is, but one is ungradable by our fault."""
    if any(is_below(submission, percent) for submission in report.submissions):
        return BELOW
    return OUR_FAULT if any(one.status == "ungradable" for one in report.submissions) else 0


def is_below(submission: SubmissionResult, percent: float) -> bool:
    """Whether a submission has less than a percentage of its automatic points.

    One that cannot be read or is a wrong file always counts as below; one without points to be had (all of
    them pending) never does, nor one that we could not grade.
    """
    if submission.status in ("unreadable", "wrong_file"):
        return True
    if submission.status == "ungradable" or not submission.max_points:
        return False
    return 100 * submission.points / submission.max_points < percent - 1e-9


def of_check(result: SubmissionResult) -> int:
    """The exit code of a check: whether a student's notebook passes all that is decided automatically."""
    if result.status == "ungradable":
        return OUR_FAULT
    automatic = [exercise.status for exercise in result.exercises if exercise.automatic]
    passed = result.status == "graded" and all(status in ("passed", "pending") for status in automatic)
    return 0 if passed else BELOW
