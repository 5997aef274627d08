"""Hold what people decided about submissions, and enter it into results. Pure: no files.

A review names what was judged by a digest (`judged`), so that a later answer does not get the credit
of an earlier one. A result with reviews in it can always be taken back to the automatic one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pydantic import BaseModel, ConfigDict, Field

from grader.grading.points import DIGITS, status_for, summarise, with_points
from grader.report import ExerciseResult, Report, Reviewed, SubmissionResult

REVIEWS_VERSION = "1.0"

MAX_WORDS = 10_000
"""Most characters of a comment or a reason."""

ReviewedItem = tuple[str, str]
"""What a review is about: the ids of a submission and of an exercise."""


class Review(BaseModel):
    """One person's decision on one exercise, or on a submission as a whole."""

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
    """Share of the points, from 0 to 1; null: the automatic result stands, its flags are settled."""
    comment: str = Field("", max_length=MAX_WORDS)
    """For the student."""
    reason: str = Field("", max_length=MAX_WORDS)
    """For the staff: why an automatic result does not stand. No student is shown it."""
    of: str
    """What was judged: for a text the digest of the answer, else the automatic status, credit and
    flags."""
    knowing: bool = False
    """Whether what others had given was in view: then it is no disagreement with them."""
    withdrawn: bool = False
    """Whether the person takes back the decision; it stays as an entry, so that a merge does not
    revive it."""

    @property
    def item(self) -> ReviewedItem:
        """The submission and the exercise that it is about."""
        return self.submission, self.exercise

    @property
    def order(self) -> tuple[str, str]:
        """The key that sorts reviews by age: the time, and within a millisecond all that they say."""
        return self.at, self.model_dump_json()


class Reviews(BaseModel):
    """What people decided: `reviews.json`. It has one entry per person and item, the newest."""

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
    """Merge reviews: the newest of each person and item. The order of the arguments does not matter."""
    newest: dict[tuple[str, str, str], Review] = {}
    for reviews in several:
        for review in reviews.reviews:
            key = (review.submission, review.exercise, review.by)
            known = newest.get(key)
            if known is None or known.order < review.order:
                newest[key] = review
    return Reviews(reviews=tuple(newest[key] for key in sorted(newest)))


def conflicts(reviews: Reviews) -> tuple[Conflict, ...]:
    """List where people disagree on the credit for the same answer.

    It is no conflict where somebody decided last with the others' credit in view.
    """
    found = []
    standing = _standing(reviews)
    for item in sorted(standing):
        open_reviews = _open_reviews(standing[item])
        if len({review.credit for review in open_reviews}) > 1:
            found.append(Conflict(*item, tuple(open_reviews)))
    return tuple(found)


def _open_reviews(standing: Sequence[Review]) -> list[Review]:
    """Return the reviews of the newest answer, from the last one that knew the others on."""
    newest = standing[-1]
    open_reviews: list[Review] = []
    for review in standing:
        if review.of != newest.of:
            continue
        if review.knowing:
            open_reviews.clear()
        open_reviews.append(review)
    return open_reviews


def current(reviews: Reviews) -> dict[ReviewedItem, Review]:
    """Return per item the review that counts: the newest that was not withdrawn."""
    return {item: standing[-1] for item, standing in _standing(reviews).items()}


def _standing(reviews: Reviews) -> dict[ReviewedItem, list[Review]]:
    """Return per item the reviews that were not withdrawn, the newest last."""
    standing: dict[ReviewedItem, list[Review]] = {}
    for review in sorted(merge(reviews).reviews, key=lambda review: review.order):
        if not review.withdrawn:
            standing.setdefault(review.item, []).append(review)
    return standing


def moment(now: datetime, earlier: Iterable[str] = ()) -> str:
    """Format a time as reviews have it, later than some.

    A clock that was set back must not make a decision the older one.
    """
    latest = now
    for time in earlier:
        just_after = datetime.fromisoformat(time) + timedelta(milliseconds=1)
        latest = max(latest, just_after)
    text = latest.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


# What was judged


def answer_text(exercise: ExerciseResult) -> str:
    """Return the answer to a question that a person reads; empty if there is none."""
    for check in exercise.checks:
        if check.found is not None:
            return check.found.value
    return ""


def judged(exercise: ExerciseResult) -> str:
    """Return what a review of an exercise is about: another text where the automatic result is another."""
    if not exercise.automatic:
        answer = answer_text(exercise).encode()
        return hashlib.sha256(answer).hexdigest()[:16]

    automatic = _without_review(exercise)
    flags = [flag.id for flag in exercise.flags]
    return " ".join([automatic.status, f"{automatic.credit:g}", *flags])


def judged_whole(result: SubmissionResult) -> str:
    """Return what a review of a submission as a whole is about."""
    reason = [result.reason.id] if result.reason else []
    flags = [flag.id for flag in result.flags]
    return " ".join([result.status, *reason, *flags])


# How reviews enter a result


def settle(result: SubmissionResult, reviews: Reviews) -> SubmissionResult:
    """Enter reviews into a result, in place of those that an earlier call entered."""
    return _settle(result, current(reviews))


def settle_report(report: Report, reviews: Reviews) -> Report:
    """Enter reviews into a report, and compute its summary anew."""
    counting = current(reviews)
    if not counting and not any(map(_is_reviewed, report.submissions)):
        return report
    submissions = tuple(_settle(result, counting) for result in report.submissions)
    summary = summarise(submissions)
    return report.model_copy(update={"submissions": submissions, "summary": summary})


def _is_reviewed(result: SubmissionResult) -> bool:
    if result.review is not None:
        return True
    return any(exercise.review for exercise in result.exercises)


def as_automatic(result: SubmissionResult) -> SubmissionResult:
    """Return a result as the grader alone gives it."""
    return _settle(result, {})


def _settle(result: SubmissionResult, counting: Mapping[ReviewedItem, Review]) -> SubmissionResult:
    exercises = []
    for exercise in result.exercises:
        review = counting.get((result.id, exercise.id))
        exercises.append(_enter_review(_without_review(exercise), review))

    of_whole = counting.get((result.id, ""))
    reviewed = _review_of_whole(result, of_whole) if of_whole else None
    settled = result.model_copy(update={"exercises": tuple(exercises), "review": reviewed})
    return with_points(settled) if exercises else settled


def _without_review(exercise: ExerciseResult) -> ExerciseResult:
    """Return the automatic result of an exercise."""
    review = exercise.review
    if review is None:
        return exercise
    automatic = {
        "status": review.automatic_status or exercise.status,
        "points": review.automatic_points,
        "credit": review.automatic_credit,
        "review": None,
    }
    return exercise.model_copy(update=automatic)


def _enter_review(exercise: ExerciseResult, review: Review | None) -> ExerciseResult:
    if review is None or exercise.status == "not_asked":
        return exercise

    changed = review.of != judged(exercise)
    applies = not changed or _overrides(exercise, review)
    reviewed = _reviewed(review, changed=changed, applies=applies)
    reviewed = _with_automatic(reviewed, exercise)
    if not reviewed.decides or review.credit is None:
        return exercise.model_copy(update={"review": reviewed})

    decided = {
        "status": status_for(review.credit),
        "credit": review.credit,
        "points": round(review.credit * exercise.max_points, DIGITS),
        "review": reviewed,
    }
    return exercise.model_copy(update=decided)


def _with_automatic(reviewed: Reviewed, exercise: ExerciseResult) -> Reviewed:
    """Keep the automatic result beside a review, so that it can be taken back to."""
    automatic = {
        "automatic_status": exercise.status,
        "automatic_points": exercise.points,
        "automatic_credit": exercise.credit,
    }
    return reviewed.model_copy(update=automatic)


def _overrides(exercise: ExerciseResult, review: Review) -> bool:
    """Return whether a review is an override: it stands whatever the grader decides later."""
    return exercise.automatic and review.credit is not None


def _review_of_whole(result: SubmissionResult, review: Review) -> Reviewed:
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
