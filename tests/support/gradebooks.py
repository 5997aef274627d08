"""A made-up class in the gradebooks of Canvas and Moodle."""

from __future__ import annotations

from grader.report import ExerciseResult, SubmissionResult
from tests.support.reports import exercise, question, submission


def settled(student: str, *exercises: ExerciseResult, **more: object) -> SubmissionResult:
    """A submission that waits for nobody, with blank questions; by default 10 of 12 points."""
    blank = (question(1, "missing"), question(2, "missing"))
    return submission(student, *exercises, *blank, **{"pending_points": 0.0, **more})


def half_step(student: str, **more: object) -> SubmissionResult:
    """The same with half a step: 8.5 of 12 points."""
    return settled(student, exercise("gradient-step", "partial", 0.5), **more)
