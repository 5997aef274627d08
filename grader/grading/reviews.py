"""What people decided of submissions, and how that enters a result: pure, no files.

A review speaks of what was judged by a digest (`judged`), so that a later answer does not get the credit of an
earlier one. A result with reviews in it can always be taken back to the automatic one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pydantic import BaseModel, ConfigDict, Field

from grader.grading.points import status_for, summarise, with_points
from grader.report import ExerciseResult, Report, Reviewed, SubmissionResult

REVIEWS_VERSION = "1.0"
MAX_WORDS = 10_000
"""Characters of a comment or a reason."""

Item = tuple[str, str]
"""What a review is of: the ids of a submission and of an exercise."""


class Review(BaseModel):
    """What one person decided of one exercise, or of a submission as a whole."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    submission: str = Field(min_length=1)
    """Id of the submission."""
    exercise: str = ""
    """Id of the exercise; empty: the submission as a whole, that its flags or its file were seen."""
    by: str = Field(min_length=1, max_length=100)
    """Who decided."""
    at: str = Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
    """When, as ISO 8601 in UTC, to the millisecond."""
    credit: float | None = Field(None, ge=0, le=1, allow_inf_nan=False)
    """Share of the points, from 0 to 1; null: the automatic result stands, and its flags are settled."""
    comment: str = Field("", max_length=MAX_WORDS)
    """For the student."""
    reason: str = Field("", max_length=MAX_WORDS)
    """For the staff: why an automatic result does not stand. No student is shown it."""
    of: str
    """What was judged: of a text the digest of the answer, else the automatic status, credit and flags."""
    knowing: bool = False
    """Whether what others had given was in view: then it is no disagreement with them."""
    withdrawn: bool = False
    """Whether the person takes back what they decided; it stays as an entry, so that a merge does not revive it."""

    @property
    def item(self) -> Item:
        """What it is of."""
        return self.submission, self.exercise

    @property
    def order(self) -> tuple[str, str]:
        """What tells the newer of two reviews: the time; of the same millisecond, all that they say."""
        return self.at, self.model_dump_json()


class Reviews(BaseModel):
    """What people decided: `reviews.json`. Of a person and an item there is one entry, the newest."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: str = REVIEWS_VERSION
    reviews: tuple[Review, ...] = ()


@dataclass(frozen=True)
class Conflict:
    """People who gave different credit for the same, the newest last."""

    submission: str
    exercise: str
    reviews: tuple[Review, ...]


def merge(*several: Reviews) -> Reviews:
    """All reviews together: of each person and item the newest. In whatever order, the same comes out."""
    newest: dict[tuple[str, str, str], Review] = {}
    for review in (review for one in several for review in one.reviews):
        key = (*review.item, review.by)
        if key not in newest or newest[key].order < review.order:
            newest[key] = review
    return Reviews(reviews=tuple(newest[key] for key in sorted(newest)))


def conflicts(reviews: Reviews) -> tuple[Conflict, ...]:
    """Where people disagree on credit, of the same answer, and nobody decided with the others' credit in view."""
    found = []
    for (submission, exercise), standing in sorted(_standing(reviews).items()):
        same = [review for review in standing if review.of == standing[-1].of]
        knowing = [place for place, review in enumerate(same) if review.knowing]
        open_ones = same[knowing[-1] :] if knowing else same
        if len({review.credit for review in open_ones}) > 1:
            found.append(Conflict(submission, exercise, tuple(open_ones)))
    return tuple(found)


def current(reviews: Reviews) -> dict[Item, Review]:
    """Per item the review that counts: the newest of all persons, but for what they withdrew."""
    return {item: standing[-1] for item, standing in _standing(reviews).items()}


def _standing(reviews: Reviews) -> dict[Item, list[Review]]:
    """Per item what was not withdrawn, the newest last."""
    standing: dict[Item, list[Review]] = {}
    for review in sorted(merge(reviews).reviews, key=lambda review: review.order):
        if not review.withdrawn:
            standing.setdefault(review.item, []).append(review)
    return standing


def moment(now: datetime, earlier: Iterable[str] = ()) -> str:
    """A time as reviews have it, later than some: a clock that was set back must not make a decision the older one."""
    latest = max(
        (datetime.fromisoformat(one) + timedelta(milliseconds=1) for one in earlier), default=now
    )
    return (
        max(now, latest).astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    )


# What was judged


def answer_text(exercise: ExerciseResult) -> str:
    """The answer to a question that a person reads; empty if there is none."""
    return next((check.found.value for check in exercise.checks if check.found), "")


def judged(exercise: ExerciseResult) -> str:
    """What a review of an exercise is of, so that it can be told when that is another; of the automatic result."""
    automatic = _taken_back(exercise)
    if not exercise.automatic:
        return hashlib.sha256(answer_text(exercise).encode()).hexdigest()[:16]
    return " ".join(
        [automatic.status, f"{automatic.credit:g}", *(flag.id for flag in exercise.flags)]
    )


def judged_whole(result: SubmissionResult) -> str:
    """What a review of a submission as a whole is of."""
    reason = [result.reason.id] if result.reason else []
    return " ".join([result.status, *reason, *(flag.id for flag in result.flags)])


# How reviews enter a result


def settle(result: SubmissionResult, reviews: Reviews) -> SubmissionResult:
    """A result with reviews in it, and no others: what an earlier call put there is taken back first."""
    return _settled(result, current(reviews))


def settle_report(report: Report, reviews: Reviews) -> Report:
    """A report with reviews in it, its summary computed anew."""
    counting = current(reviews)
    if not counting and not any(_is_reviewed(result) for result in report.submissions):
        return report
    submissions = tuple(_settled(result, counting) for result in report.submissions)
    return report.model_copy(update={"submissions": submissions, "summary": summarise(submissions)})


def _is_reviewed(result: SubmissionResult) -> bool:
    return result.review is not None or any(exercise.review for exercise in result.exercises)


def as_automatic(result: SubmissionResult) -> SubmissionResult:
    """A result as the grader alone gives it."""
    return _settled(result, {})


def _settled(result: SubmissionResult, counting: Mapping[Item, Review]) -> SubmissionResult:
    exercises = tuple(
        _judged_by(_taken_back(exercise), counting.get((result.id, exercise.id)))
        for exercise in result.exercises
    )
    whole = counting.get((result.id, ""))
    settled = result.model_copy(
        update={"exercises": exercises, "review": _seen(result, whole) if whole else None}
    )
    return with_points(settled) if exercises else settled


def _taken_back(exercise: ExerciseResult) -> ExerciseResult:
    before = exercise.review
    if before is None:
        return exercise
    return exercise.model_copy(
        update={
            "status": before.automatic_status or exercise.status,
            "points": before.automatic_points,
            "credit": before.automatic_credit,
            "review": None,
        }
    )


def _judged_by(exercise: ExerciseResult, review: Review | None) -> ExerciseResult:
    if review is None or exercise.status == "not_asked":
        return exercise
    changed = review.of != judged(exercise)
    reviewed = _reviewed(
        review, changed=changed, applies=not changed or _overrides(exercise, review)
    ).model_copy(
        update={
            "automatic_status": exercise.status,
            "automatic_points": exercise.points,
            "automatic_credit": exercise.credit,
        }
    )
    if not reviewed.decides or review.credit is None:
        return exercise.model_copy(update={"review": reviewed})
    points = round(review.credit * exercise.max_points, 6)
    decided = {
        "status": status_for(review.credit),
        "credit": review.credit,
        "points": points,
        "review": reviewed,
    }
    return exercise.model_copy(update=decided)


def _overrides(exercise: ExerciseResult, review: Review) -> bool:
    """Whether a review stands in place of what the grader decides, whatever that comes to be."""
    return exercise.automatic and review.credit is not None


def _seen(result: SubmissionResult, review: Review) -> Reviewed:
    changed = review.of != judged_whole(result)
    return _reviewed(review, changed=changed, applies=not changed)


def _reviewed(review: Review, *, changed: bool, applies: bool) -> Reviewed:
    return Reviewed(
        by=review.by,
        at=review.at,
        credit=review.credit,
        comment=review.comment,
        reason=review.reason,
        applies=applies,
        changed=changed,
    )
