"""Made-up reviews of the made-up class of `tests.render`."""

from __future__ import annotations

from typing import Any

from grader.report import CheckResult, Evidence, ExerciseResult, SubmissionResult, Where
from grader.reviews import Review, Reviews, judged, judged_whole
from tests.render import question


def answered(number: int, text: str) -> ExerciseResult:
    """A question with an answer; blank if that is empty."""
    if not text:
        return question(number, "missing")
    made = question(number)
    found = Evidence(where=Where(cell=30, heading="Atividades"), value=text)
    check = CheckResult(check="text", message=made.checks[0].message, found=found)
    return made.model_copy(update={"checks": (check,)})


def review(result: SubmissionResult, exercise: str, credit: float | None, *, at: int = 1, **more: Any) -> Review:
    """What a person decided of an exercise as it is in a result; `at` is the second of a minute."""
    judging = next((judged(one) for one in result.exercises if one.id == exercise), judged_whole(result))
    given = {"by": "Ana Exemplo", "at": f"2024-05-01T12:00:{at:02}.000Z", "of": judging, "credit": credit}
    return Review(submission=result.id, exercise=exercise, **(given | more))


def reviews(*given: Review) -> Reviews:
    """Reviews as a file has them."""
    return Reviews(reviews=given)
