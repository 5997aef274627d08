"""Write a result as the `results.json` that Gradescope reads from an autograder.

Fields in use: `score`, `output`, `output_format`, `visibility`, `stdout_visibility`,
`execution_time` and `tests`, each with `name`, `number`, `score`, `max_score`, `status`, `output`,
`output_format` and `visibility`. The student sees all of it, so it contains the student's view. The
printed output of the run is visible to the instructor only.
"""

from __future__ import annotations

import json
from typing import Any, Literal

from grader.messages import Language, word
from grader.outputs import feedback
from grader.outputs.safe_text import plain
from grader.report import AssignmentInfo, ExerciseResult, SubmissionResult

Visibility = Literal["visible", "after_due_date", "after_published"]
"""When a student sees an exercise's points and feedback."""

TEXT = {"output_format": "text"}
RESULT_SETTINGS = {**TEXT, "visibility": "visible", "stdout_visibility": "hidden"}
"""Settings of every result: visible to the student, except for the grader's printed output."""


def results_json(
    result: SubmissionResult,
    info: AssignmentInfo | None,
    language: Language,
    visibility: Visibility = "visible",
) -> bytes:
    """Write the result of one submission.

    A pending exercise has no score yet, neither earned nor possible, and no status. Messages about
    the whole notebook, such as that it could not be read, are visible at once.
    """
    exercises = [exercise for exercise in result.exercises if exercise.status != "not_asked"]
    tests = []
    for number, exercise in enumerate(exercises, 1):
        test = _test(number, exercise, info, language)
        tests.append({**test, "visibility": visibility})

    data: dict[str, Any] = {
        **RESULT_SETTINGS,
        "score": max(result.points, 0.0),
        "execution_time": round(result.execution.seconds, 3),
        "output": _summary(result, exercises, language),
        "tests": tests,
    }
    return _to_json(data)


def failure_json(message: str) -> bytes:
    """Write the result of a failed run: no points, and an explanation.

    Args:
        message: the explanation for the student.
    """
    data = {**RESULT_SETTINGS, "score": 0.0, "output": plain(message), "tests": []}
    return _to_json(data)


def _summary(
    result: SubmissionResult,
    exercises: list[ExerciseResult],
    language: Language,
) -> str:
    sentences = feedback.submission_sentences(result, language)
    pending = sum(exercise.status == "pending" for exercise in exercises)
    if pending:
        sentences.append(word("gradescope-pending", language, count=pending))
    return "\n".join(sentences) or word(result.status, language)


def _test(
    number: int,
    exercise: ExerciseResult,
    info: AssignmentInfo | None,
    language: Language,
) -> dict[str, Any]:
    lines = feedback.exercise_lines(exercise, info, language)
    test: dict[str, Any] = {
        **TEXT,
        "number": str(number),
        "name": plain(exercise.title),
        "output": "\n".join(lines),
    }

    if exercise.status == "pending":
        test["output"] = "\n".join([word("pending", language), *lines])
        return test

    test["score"] = exercise.points
    test["max_score"] = exercise.max_points
    test["status"] = "passed" if exercise.status == "passed" else "failed"
    return test


def _to_json(data: dict[str, Any]) -> bytes:
    return json.dumps(data, indent=2, allow_nan=False).encode() + b"\n"
