"""Hold the decisions of reviewers, and apply them to results. Pure: no files.

A review identifies the judged work by a digest (`judged`), so that it does not apply to later work.
The automatic result can always be restored.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pydantic import BaseModel, ConfigDict, Field

from grader.grading.points import DIGITS, status_for, summarise, with_points
from grader.grading.rubric import RubricItem, merge_items
from grader.report import ExerciseResult, Report, Reviewed, RubricLine, SubmissionResult

REVIEWS_VERSION = "1.1"
READABLE_VERSIONS = ("1.0", "1.1")
"""Before 1.1 there were no rubric items."""

MAX_WORDS = 10_000
"""Most characters of a comment or a reason."""

ReviewedItem = tuple[str, str]
"""Ids of the reviewed submission and exercise."""


ReviewKey = tuple[str, str, str]
"""The ids of a submission and of an exercise, and who decided."""


class Review(BaseModel):
    """One reviewer's decision on one exercise, or on a submission as a whole."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    submission: str = Field(min_length=1)
    """Id of the submission."""
    exercise: str = ""
    """Id of the exercise; empty: the submission as a whole, its flags or its file."""
    by: str = Field(min_length=1, max_length=100)
    """Who decided."""
    at: str = Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
    """When, as ISO 8601 in UTC, to the millisecond."""
    credit: float | None = Field(None, ge=0, le=1, allow_inf_nan=False)
    """Share of the points, from 0 to 1; null: the automatic result stands, its flags are seen."""
    comment: str = Field("", max_length=MAX_WORDS)
    """For the student."""
    items: tuple[RubricLine, ...] = ()
    """Rubric items that were given; the credit follows from them."""
    reason: str = Field("", max_length=MAX_WORDS)
    """For the staff: why the automatic result was overridden; not shown to students."""
    of: str
    """The judged work: for a text the digest of the answer, else the automatic status, credit and
    flags.
    """
    knowing: bool = False
    """Whether the decisions of others were in view: then it is no disagreement with them."""
    withdrawn: bool = False
    """Whether the decision was taken back; the entry stays, so that a merge does not restore it."""

    @property
    def item(self) -> ReviewedItem:
        """The submission and the exercise that it is about."""
        return self.submission, self.exercise

    @property
    def key(self) -> ReviewKey:
        """The item and the person: only the newest review of each is kept."""
        return self.submission, self.exercise, self.by

    @property
    def order(self) -> tuple[str, str]:
        """The key that sorts reviews by age: the time; within a millisecond, all that they say."""
        return self.at, self.model_dump_json()


class Reviews(BaseModel):
    """All decisions: `reviews.json`. One entry per reviewer and item, the newest."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: str = REVIEWS_VERSION
    reviews: tuple[Review, ...] = ()
    rubric: tuple[RubricItem, ...] = ()
    """Items that can be given, with each person's newest version."""


ReviewsByItem = dict[ReviewedItem, list[Review]]


@dataclass(frozen=True)
class Conflict:
    """Reviewers who gave different credit for the same answer, the newest last."""

    submission: str
    exercise: str
    reviews: tuple[Review, ...]


def merge(*several: Reviews) -> Reviews:
    """Merge reviews: keep the newest per reviewer and item, whatever the order of the arguments."""
    newest: dict[ReviewKey, Review] = {}
    for reviews in several:
        for review in reviews.reviews:
            known = newest.get(review.key)
            if known is None or known.order < review.order:
                newest[review.key] = review
    in_order = [newest[key] for key in sorted(newest)]
    items = [item for reviews in several for item in reviews.rubric]
    return Reviews(reviews=tuple(in_order), rubric=merge_items(items))


def conflicts(reviews: Reviews) -> tuple[Conflict, ...]:
    """List the disagreements on the credit for the same answer.

    It is no conflict where somebody decided last with the others' credit in view.
    """
    found = []
    standing = _standing(reviews)
    for item in sorted(standing):
        open_reviews = _open_reviews(standing[item])
        credits = {review.credit for review in open_reviews}
        if len(credits) > 1:
            conflict = Conflict(*item, tuple(open_reviews))
            found.append(conflict)
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
    """Return, by item, the review that counts: the newest that was not withdrawn."""
    counting = {}
    for item, standing in _standing(reviews).items():
        counting[item] = standing[-1]
    return counting


def _standing(reviews: Reviews) -> ReviewsByItem:
    """Return, by item, the reviews that were not withdrawn, the newest last."""
    newest = merge(reviews).reviews
    standing: ReviewsByItem = {}
    for review in sorted(newest, key=lambda review: review.order):
        if review.withdrawn:
            continue
        of_item = standing.setdefault(review.item, [])
        of_item.append(review)
    return standing


def moment(now: datetime, earlier: Iterable[str] = ()) -> str:
    """Format the current time for a review, later than some given times.

    A clock that was set back must not make the newer decision look older.
    """
    latest = now
    for text in earlier:
        time = datetime.fromisoformat(text)
        just_after = time + timedelta(milliseconds=1)
        latest = max(latest, just_after)

    in_utc = latest.astimezone(UTC)
    formatted = in_utc.isoformat(timespec="milliseconds")
    return formatted.replace("+00:00", "Z")


# Digests of judged work


def answer_text(exercise: ExerciseResult) -> str:
    """Return the answer to a question that a person reads; empty if there is none."""
    for check in exercise.checks:
        if check.found is not None:
            return check.found.value
    return ""


def judged(exercise: ExerciseResult) -> str:
    """Return a digest of the work that a review of an exercise judges.

    It changes with the answer and with the automatic result.
    """
    if not exercise.automatic:
        answer = answer_text(exercise)
        digest = hashlib.sha256(answer.encode())
        return digest.hexdigest()[:16]

    automatic = _without_review(exercise)
    credit = f"{automatic.credit:g}"
    flags = [flag.id for flag in exercise.flags]
    parts = [automatic.status, credit, *flags]
    return " ".join(parts)


def judged_whole(result: SubmissionResult) -> str:
    """Return a digest of the work that a review of a whole submission judges."""
    parts: list[str] = [result.status]
    if result.reason:
        parts.append(result.reason.id)
    parts += [flag.id for flag in result.flags]
    return " ".join(parts)


# How reviews enter a result


def settle(result: SubmissionResult, reviews: Reviews) -> SubmissionResult:
    """Apply reviews to a result, replacing those applied before."""
    return _settle(result, current(reviews))


def settle_report(report: Report, reviews: Reviews) -> Report:
    """Apply reviews to a report, and update its summary."""
    counting = current(reviews)
    was_reviewed = any(map(_is_reviewed, report.submissions))
    if not counting and not was_reviewed:
        return report

    results = [_settle(result, counting) for result in report.submissions]
    submissions = tuple(results)
    settled = {
        "submissions": submissions,
        "summary": summarise(submissions),
    }
    return report.model_copy(update=settled)


def _is_reviewed(result: SubmissionResult) -> bool:
    if result.review is not None:
        return True
    return any(exercise.review for exercise in result.exercises)


def as_automatic(result: SubmissionResult) -> SubmissionResult:
    """Return a result without its reviews."""
    return _settle(result, {})


def _settle(result: SubmissionResult, counting: Mapping[ReviewedItem, Review]) -> SubmissionResult:
    exercises = []
    for exercise in result.exercises:
        item = (result.id, exercise.id)
        automatic = _without_review(exercise)
        reviewed = _enter_review(automatic, counting.get(item))
        exercises.append(reviewed)

    whole = (result.id, "")
    changes = {
        "exercises": tuple(exercises),
        "review": _review_of_whole(result, counting.get(whole)),
    }
    settled = result.model_copy(update=changes)
    if not exercises:
        return settled
    return with_points(settled)


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
    """Apply a review to the result of an exercise."""
    if review is None or exercise.status == "not_asked":
        return exercise

    changed = review.of != judged(exercise)
    applies = not changed or _overrides(exercise, review)
    reviewed = _reviewed(review, changed=changed, applies=applies)
    reviewed = _with_automatic(reviewed, exercise)
    if not reviewed.decides or review.credit is None:
        return exercise.model_copy(update={"review": reviewed})

    points = review.credit * exercise.max_points
    decided = {
        "status": status_for(review.credit),
        "credit": review.credit,
        "points": round(points, DIGITS),
        "review": reviewed,
    }
    return exercise.model_copy(update=decided)


def _with_automatic(reviewed: Reviewed, exercise: ExerciseResult) -> Reviewed:
    """Keep the automatic result beside a review, so that it can be restored."""
    automatic = {
        "automatic_status": exercise.status,
        "automatic_points": exercise.points,
        "automatic_credit": exercise.credit,
    }
    return reviewed.model_copy(update=automatic)


def _overrides(exercise: ExerciseResult, review: Review) -> bool:
    """Return whether a review is an override: it applies whatever the grader decides later."""
    return exercise.automatic and review.credit is not None


def _review_of_whole(result: SubmissionResult, review: Review | None) -> Reviewed | None:
    if review is None:
        return None
    changed = review.of != judged_whole(result)
    return _reviewed(review, changed=changed, applies=not changed)


def _reviewed(review: Review, *, changed: bool, applies: bool) -> Reviewed:
    return Reviewed(
        by=review.by,
        at=review.at,
        credit=review.credit,
        comment=review.comment,
        items=review.items,
        reason=review.reason,
        applies=applies,
        changed=changed,
    )
