"""Made-up reviews of the made-up class of `tests.support.reports`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from grader.grading.reviews import Review, Reviews, judged, judged_whole, settle_report
from grader.grading.rubric import RubricItem
from grader.report import CheckResult, Evidence, ExerciseResult, Report, SubmissionResult, Where
from grader.settings import Settings
from grader.store.store import Store
from tests.support.reports import not_graded, question, report, submission, typed_in


def answered(number: int, text: str) -> ExerciseResult:
    """A question with an answer; blank if that is empty."""
    if not text:
        return question(number, "missing")
    blank = question(number)
    found = Evidence(where=Where(cell=30, heading="Atividades"), value=text)
    check = CheckResult(check="text", message=blank.checks[0].message, found=found)
    return blank.model_copy(update={"checks": (check,)})


def review(
    result: SubmissionResult, exercise: str, credit: float | None, *, at: int = 1, **more: Any
) -> Review:
    """What a person decided of an exercise as it is in a result; `at` is the second of a minute."""
    judging = next(
        (judged(graded) for graded in result.exercises if graded.id == exercise),
        judged_whole(result),
    )
    given = {
        "by": "Ana Exemplo",
        "at": f"2024-05-01T12:00:{at:02}.000Z",
        "of": judging,
        "credit": credit,
    }
    return Review(submission=result.id, exercise=exercise, **(given | more))


def reviews(*given: Review) -> Reviews:
    """Reviews as a file has them."""
    return Reviews(reviews=given)


def item(*, at: int = 1, **more: Any) -> RubricItem:
    """A rubric item for the first question; `at` is the second of a minute."""
    fields = {
        "assignment": "autograd",
        "exercise": "question-1",
        "id": "sum",
        "text": "Names the sum.",
        "points": 0.5,
        "by": "Ana Exemplo",
        "at": f"2024-05-01T12:00:{at:02}.000Z",
    }
    return RubricItem.model_validate(fields | more)


def a_class() -> Report:
    """Three answered, one blank, one typed in, one that cannot be read."""
    return settle_report(
        report(
            submission(
                "Ana Exemplo", answered(1, "Porque guarda o gradiente."), answered(2, "É liberado.")
            ),
            submission(
                "Bruno Exemplo", answered(1, "porque  guarda o gradiente. "), answered(2, "Nada.")
            ),
            submission("Carla Exemplo", answered(1, "São de tipos diferentes."), answered(2, "")),
            typed_in().model_copy(
                update={"exercises": (*typed_in().exercises[:4], answered(1, ""), answered(2, ""))}
            ),
            not_graded("Olívia Exemplo", "unreadable", "unreadable.git-conflict", line=212),
        ),
        Reviews(),
    )


def written(folder: Path, graded: Report | None = None) -> Path:
    """An output folder with the report of a class."""
    with Store(folder) as store:
        store.write_report(graded or a_class())
    return folder


def settings(folder: Path) -> Settings:
    """Settings without a course beside the output folder."""
    return Settings(out=folder, exercises=folder / "exercises", solutions=folder / "solutions")
