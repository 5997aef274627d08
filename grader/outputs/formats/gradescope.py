"""Writes a result as the `results.json` that Gradescope reads from an autograder.

Of its fields: `score`, `output`, `output_format`, `visibility`, `stdout_visibility`, `execution_time` and `tests`, each
with `name`, `number`, `score`, `max_score`, `status`, `output`, `output_format` and `visibility`. The student sees it
all, so it is the student's view. What the run printed stays with the instructor.
"""

from __future__ import annotations

import json
from typing import Any

from grader.messages import Language, word
from grader.outputs import feedback
from grader.outputs.safe_text import plain
from grader.report import AssignmentInfo, ExerciseResult, SubmissionResult

SHOWN = {"visibility": "visible", "output_format": "text"}
AROUND = {**SHOWN, "stdout_visibility": "hidden"}
"""What stands around every result: the student sees it, but not what the grader printed."""


def results_json(
    result: SubmissionResult, info: AssignmentInfo | None, language: Language
) -> bytes:
    """The result of one submission.

    An exercise that a person has still to look at has no score yet, neither earned nor to be had, and no status.
    """
    asked = [one for one in result.exercises if one.status != "not_asked"]
    told = feedback.general(result, language)
    if waiting := sum(one.status == "pending" for one in asked):
        told.append(word("gradescope-pending", language, count=waiting))
    return _json(
        {
            **AROUND,
            "score": max(result.points, 0.0),
            "execution_time": round(result.execution.seconds, 3),
            "output": "\n".join(told) or word(result.status, language),
            "tests": [_test(number, one, info, language) for number, one in enumerate(asked, 1)],
        }
    )


def failure_json(message: str) -> bytes:
    """The result where there is none, since our own run failed: no points, and words that say why.

    Args:
        message: what the student reads.
    """
    return _json({**AROUND, "score": 0.0, "output": plain(message), "tests": []})


def _test(
    number: int, one: ExerciseResult, info: AssignmentInfo | None, language: Language
) -> dict[str, Any]:
    told = feedback.lines_about(one, info, language) if info else feedback.about(one, language)
    test: dict[str, Any] = {
        **SHOWN,
        "number": str(number),
        "name": plain(one.title),
        "output": "\n".join(told),
    }
    if one.status == "pending":
        return {**test, "output": "\n".join([word("pending", language), *told])}
    test |= {"score": one.points, "max_score": one.max_points}
    return {**test, "status": "passed" if one.status == "passed" else "failed"}


def _json(data: dict[str, Any]) -> bytes:
    return json.dumps(data, indent=2, allow_nan=False).encode() + b"\n"
