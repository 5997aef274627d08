"""Where a person reviews: an output folder, its report, and what is decided, saved at every change."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from grader.errors import GraderError, OutputInUse
from grader.grading.reviews import (
    MAX_WORDS,
    Review,
    Reviews,
    as_automatic,
    conflicts,
    moment,
    settle,
    settle_report,
)
from grader.messages import Language, texts
from grader.outputs.story.story import tell
from grader.report import ExerciseResult, Report, SubmissionResult
from grader.review import queue
from grader.review.context import Asked, Beside, beside
from grader.review.story import cells_of
from grader.settings import Settings
from grader.store.store import REPORT, Store, read_report, read_reviews, save_reviews
from grader.submissions.snapshot import read_run

WORDS = "review-page-"
"""How the ids of the page's texts begin."""


class Decision(BaseModel):
    """What a page sends of one exercise, or of a submission as a whole; its fields are those of a `Review`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    submission: str
    exercise: str = ""
    credit: float | None = Field(None, ge=0, le=1, allow_inf_nan=False)
    comment: str = Field("", max_length=MAX_WORDS)
    reason: str = Field("", max_length=MAX_WORDS)
    of: str
    knowing: bool = False
    withdrawn: bool = False


class Decisions(BaseModel):
    """What a page sends at once: the same for a group of equal answers, say."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    decisions: tuple[Decision, ...] = Field(min_length=1)


class Refused(GraderError):
    """A decision that cannot be: the page says why, and does not send it again."""


class ReviewService:
    """The reviewing of one output folder by one person."""

    def __init__(self, folder: Path, by: str, settings: Settings, language: Language) -> None:
        """Read the report and what stands beside its questions.

        Args:
            folder: the output folder.
            by: who decides.
            settings: where assignments and references are.
            language: language of the words.

        Raises:
            GraderError: there is no report, or it or the reviews cannot be read.
        """
        self.by = by
        self.language = language
        self._folder = folder
        self._stamp = self._report_stamp()
        self._report = read_report(folder)
        self._reviews = read_reviews(folder)
        self._beside: dict[Asked, Beside] = {}
        for info in self._report.assignments:
            self._beside |= beside(settings, info.name, language)

    def report(self) -> Report:
        """The report with all reviews in it; read anew if a run has written another since."""
        if (stamp := self._report_stamp()) != self._stamp:
            self._report, self._stamp = read_report(self._folder), stamp
        self._reviews = read_reviews(self._folder)
        return settle_report(self._report, self._reviews)

    def everything(self) -> dict[str, Any]:
        """All that the page shows."""
        report = self.report()
        return {
            "language": self.language,
            "words": {
                key.removeprefix(WORDS): text
                for key, text in texts("review-page-*", self.language).items()
            },
            "by": self.by,
            "titles": {info.name: info.title for info in report.assignments},
            "questions": queue.questions(report, self._beside),
            "looks": queue.looks(report),
            "submissions": list(queue.lists(report.submissions, self._reviews, self.language)),
            "conflicts": queue.disagreements(conflicts(self._reviews)),
        }

    def decide(self, decisions: Sequence[Decision]) -> dict[str, Any]:
        """Save what was decided.

        Returns:
            The submissions that it touches, as they are now, and where people disagree.

        Raises:
            Refused: a decision is of nothing that is there, or lacks a reason.
            GraderError: it could not be saved.
        """
        for decision in decisions:
            self._check(decision)
        own = [review.at for review in self._reviews.reviews if review.by == self.by]
        at = moment(datetime.now(UTC), own)
        added = (Review(by=self.by, at=at, **decision.model_dump()) for decision in decisions)
        self._reviews = save_reviews(self._folder, Reviews(reviews=tuple(added)))
        touched = dict.fromkeys(decision.submission for decision in decisions)
        settled = [settle(self._submission(submission), self._reviews) for submission in touched]
        return {
            "submissions": list(queue.lists(settled, self._reviews, self.language)),
            "conflicts": queue.disagreements(conflicts(self._reviews)),
        }

    def _check(self, decision: Decision) -> None:
        submission = as_automatic(self._submission(decision.submission))
        if not decision.exercise:
            if decision.credit is not None:
                raise Refused("A submission as a whole has no credit.", "Give it to an exercise.")
            return
        exercise = _exercise(submission, decision.exercise)
        overrides = (
            exercise.automatic and decision.credit is not None and exercise.status != "pending"
        )
        if overrides and not decision.withdrawn and not decision.reason.strip():
            raise Refused("An automatic result is overridden without a reason.", "Say why.")

    def _submission(self, submission_id: str) -> SubmissionResult:
        found = (one for one in self._report.submissions if one.id == submission_id)
        if (submission := next(found, None)) is None:
            raise Refused(
                f"The report has no submission {submission_id!r}.", "Load the page again."
            )
        return submission

    def lines(self, submission_id: str) -> dict[str, Any]:
        """The cells of a submission, and what their lines left behind; or what is missing for that."""
        submission = as_automatic(self._submission(submission_id))
        try:
            trace, handed_in = read_run(self._folder, submission)
        except GraderError as error:
            return {"problem": str(error)}
        return {"cells": cells_of(tell(trace, handed_in, submission), self.language)}

    def _report_stamp(self) -> tuple[int, int] | None:
        path = self._folder / REPORT
        return (path.stat().st_mtime_ns, path.stat().st_ino) if path.exists() else None


def finish(folder: Path) -> bool:
    """Bring the report's file up to date.

    Returns:
        Whether it was: a run that holds the folder takes the reviews in itself.
    """
    try:
        with Store(folder) as store:
            store.rewrite_report()
    except OutputInUse:
        return False
    return True


def _exercise(submission: SubmissionResult, exercise_id: str) -> ExerciseResult:
    for exercise in submission.exercises:
        if exercise.id == exercise_id and exercise.status != "not_asked":
            return exercise
    raise Refused(f"{submission.id} has no exercise {exercise_id!r}.", "Load the page again.")
