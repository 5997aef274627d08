"""Let a person review the report in an output folder; every decision is saved at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
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
from grader.outputs.pages.page_content import SubmissionRun
from grader.outputs.story.story import tell
from grader.report import ExerciseResult, Report, SubmissionResult
from grader.review import queue
from grader.review.context import AnswerContext, QuestionKey, load_context, sections_of
from grader.review.story import cells_of
from grader.review.submission_data import describe_submissions
from grader.settings import Settings
from grader.store.reviews import read_reviews, save_reviews
from grader.store.store import REPORT, Store, read_report
from grader.submissions.snapshot import read_run

WORDS = "review-page-"
"""The ids of the page's texts begin with this."""


class Decision(BaseModel):
    """A decision on one exercise, or on a submission as a whole, as the page sends it.

    Its fields are those of a `Review`.
    """

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
    """Decisions that are saved together, such as the same one for a group of equal answers."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    decisions: tuple[Decision, ...] = Field(min_length=1)


class Refused(GraderError):
    """A decision that is not possible: the page says why, and does not send it again."""


class ReviewService:
    """Reviews of one output folder by one person."""

    def __init__(
        self,
        folder: Path,
        by: str,
        settings: Settings,
        language: Language,
    ) -> None:
        """Read the report and the context of its questions.

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
        self._settings = settings
        self._stamp = self._report_stamp()
        self._report = read_report(folder)
        self._reviews = read_reviews(folder)
        self._contexts: dict[QuestionKey, AnswerContext] = {}
        for info in self._report.assignments:
            self._contexts |= load_context(settings, info.name, language)

    def report(self) -> Report:
        """Return the report with all reviews in it; read anew if a run wrote another one."""
        stamp = self._report_stamp()
        if stamp != self._stamp:
            self._report = read_report(self._folder)
            self._stamp = stamp
        self._reviews = read_reviews(self._folder)
        return settle_report(self._report, self._reviews)

    def everything(self) -> dict[str, Any]:
        """Return all that the page shows."""
        report = self.report()
        words = {}
        for key, text in texts(f"{WORDS}*", self.language).items():
            words[key.removeprefix(WORDS)] = text
        return {
            "language": self.language,
            "words": words,
            "by": self.by,
            "titles": {info.name: info.title for info in report.assignments},
            "questions": queue.questions(report, self._contexts),
            "looks": queue.results_to_check(report),
            **self._data(report.submissions),
        }

    def _data(self, submissions: Iterable[SubmissionResult]) -> dict[str, Any]:
        return {
            "submissions": describe_submissions(submissions, self._reviews, self.language),
            "conflicts": queue.disagreements(conflicts(self._reviews)),
        }

    def decide(self, decisions: Sequence[Decision]) -> dict[str, Any]:
        """Save what was decided.

        Returns:
            The submissions that it touches, as they are now, and where people disagree.

        Raises:
            Refused: a decision names no known exercise, or lacks a reason.
            GraderError: it could not be saved.
        """
        for decision in decisions:
            self._check(decision)

        earlier = [review.at for review in self._reviews.reviews if review.by == self.by]
        at = moment(datetime.now(UTC), earlier)
        added = []
        for decision in decisions:
            added.append(Review(by=self.by, at=at, **decision.model_dump()))
        self._reviews = save_reviews(self._folder, Reviews(reviews=tuple(added)))

        touched = dict.fromkeys(decision.submission for decision in decisions)
        settled = [settle(self._submission(id_), self._reviews) for id_ in touched]
        return self._data(settled)

    def _check(self, decision: Decision) -> None:
        submission = as_automatic(self._submission(decision.submission))
        if not decision.exercise:
            if decision.credit is not None:
                raise Refused("A submission as a whole has no credit.", "Give it to an exercise.")
            return

        exercise = _exercise(submission, decision.exercise)
        if decision.withdrawn or decision.reason.strip():
            return
        if _overrides(decision, exercise):
            raise Refused("An automatic result is overridden without a reason.", "Say why.")

    def _submission(self, submission_id: str) -> SubmissionResult:
        for submission in self._report.submissions:
            if submission.id == submission_id:
                return submission
        problem = f"The report has no submission {submission_id!r}."
        raise Refused(problem, "Load the page again.")

    def lines(self, submission_id: str) -> dict[str, Any]:
        """Return the cells of a submission and their effects, or say why there are none."""
        submission = as_automatic(self._submission(submission_id))
        try:
            trace, handed_in = read_run(Store(self._folder), submission)
        except GraderError as error:
            return {"problem": str(error)}
        story = tell(trace, handed_in, submission)
        pictures = SubmissionRun(trace, story).pictures()
        sections = sections_of(self._settings, submission.assignment or "", handed_in)
        return {"cells": cells_of(story, self.language, pictures, sections)}

    def _report_stamp(self) -> tuple[int, int] | None:
        path = self._folder / REPORT
        if not path.exists():
            return None
        status = path.stat()
        return status.st_mtime_ns, status.st_ino


Render = Callable[[Store, Report], None]
"""Writes what is made from a report; called while its output folder is held."""


def finish(folder: Path, render: Render) -> bool:
    """Bring the report's file up to date, and what is made from it.

    Args:
        folder: the output folder.
        render: writes the pages.

    Returns:
        False if a run holds the folder: that run takes in the reviews itself.
    """
    try:
        with Store(folder) as store:
            store.rewrite_report()
            render(store, read_report(folder))
    except OutputInUse:
        return False
    return True


def _exercise(submission: SubmissionResult, exercise_id: str) -> ExerciseResult:
    for exercise in submission.exercises:
        if exercise.id == exercise_id and exercise.status != "not_asked":
            return exercise
    raise Refused(f"{submission.id} has no exercise {exercise_id!r}.", "Load the page again.")


def _overrides(decision: Decision, exercise: ExerciseResult) -> bool:
    """Return whether a decision gives credit in place of the grader's."""
    if decision.credit is None or not exercise.automatic:
        return False
    return exercise.status != "pending"
