"""Review the report of an output folder; every decision is saved immediately."""

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
    merge,
    moment,
    settle,
    settle_report,
)
from grader.grading.rubric import MAX_ITEMS, MAX_TEXT, RubricItem, credit_of, current_items
from grader.messages import Language, texts
from grader.outputs.pages.page_content import SubmissionRun
from grader.outputs.story.story import tell
from grader.report import ExerciseResult, Report, SubmissionResult
from grader.review import queue
from grader.review.context import AnswerContext, QuestionKey, load_context, sections_of
from grader.review.rubric import (
    carry_over,
    count_holders,
    items_from_guides,
    items_of,
    next_id,
)
from grader.review.story import cells_of
from grader.review.submission_data import describe_submissions
from grader.settings import Settings
from grader.store.reviews import read_reviews, save_reviews
from grader.store.store import REPORT, Store, read_report
from grader.submissions.snapshot import read_run

WORDS = "review-page-"
"""The ids of the page's texts begin with this."""


class Decision(BaseModel):
    """A decision on one exercise, or on a whole submission, as the page sends it.

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
    items: tuple[str, ...] = ()
    """Ids of rubric items; the credit follows from them."""


class Decisions(BaseModel):
    """Decisions to save together, such as the same one for a group of equal answers."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    decisions: tuple[Decision, ...] = Field(min_length=1)


class ItemChange(BaseModel):
    """A rubric item as the page sends it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    assignment: str
    exercise: str
    id: str = ""
    """Empty: it is a new item."""
    text: str = Field(min_length=1, max_length=MAX_TEXT)
    points: float = Field(ge=-1000, le=1000, allow_inf_nan=False)
    removed: bool = False


class Refused(GraderError):
    """An impossible decision: the page shows why, and does not send it again."""


class ReviewService:
    """Reviews one output folder, for one person."""

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
        self._take_items_from_guides()

    def _take_items_from_guides(self) -> None:
        at = moment(datetime.now(UTC), [item.at for item in self._reviews.rubric])
        items = items_from_guides(self._contexts, self._reviews, at)
        if items:
            self._save_items(items)

    def report(self) -> Report:
        """Return the report with all reviews; read again if a run wrote a new one."""
        stamp = self._report_stamp()
        if stamp != self._stamp:
            self._report = read_report(self._folder)
            self._stamp = stamp
        self._reviews = read_reviews(self._folder)
        return settle_report(self._report, self._reviews)

    def everything(self) -> dict[str, Any]:
        """Return all data of the page."""
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
            "rubric": self._rubric(),
            **self._data(report.submissions),
        }

    def _data(self, submissions: Iterable[SubmissionResult]) -> dict[str, Any]:
        return {
            "submissions": describe_submissions(submissions, self._reviews, self.language),
            "conflicts": queue.disagreements(conflicts(self._reviews)),
        }

    def decide(self, decisions: Sequence[Decision]) -> dict[str, Any]:
        """Save decisions.

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
        added = [self._review(decision, at) for decision in decisions]
        self._reviews = save_reviews(self._folder, Reviews(reviews=tuple(added)))
        return self._touched(decision.submission for decision in decisions)

    def _touched(self, ids: Iterable[str]) -> dict[str, Any]:
        settled = []
        for id_ in dict.fromkeys(ids):
            settled.append(settle(self._submission(id_), self._reviews))
        return self._data(settled)

    def _review(self, decision: Decision, at: str) -> Review:
        fields = decision.model_dump(exclude={"items"})
        review = Review(by=self.by, at=at, **fields)
        if not decision.items:
            return review

        submission = self._submission(decision.submission)
        exercise = _exercise(submission, decision.exercise)
        items = items_of(self._reviews, (submission.assignment or "", exercise.id))
        lines = []
        for id_ in decision.items:
            if id_ not in items:
                raise Refused(f"There is no rubric item {id_!r}.", "Load the page again.")
            lines.append(items[id_].line())
        credit = credit_of(lines, exercise.max_points)
        return review.model_copy(update={"items": tuple(lines), "credit": credit})

    # Rubric

    def change_item(self, change: ItemChange) -> dict[str, Any]:
        """Save a new or changed rubric item, and update the points of answers that have it.

        Returns:
            All items, and the submissions that the change touches, as they are now.

        Raises:
            Refused: nobody reads the exercise, it has too many items, or an answer still has the
                item that is removed.
            GraderError: it could not be saved.
        """
        question = (change.assignment, change.exercise)
        if question not in self._questions():
            raise Refused(f"{change.exercise!r} is no question.", "Load the page again.")
        if change.removed:
            self._require_unused(change)
        elif not change.id and len(items_of(self._reviews, question)) >= MAX_ITEMS:
            raise Refused(f"There are {MAX_ITEMS} items.", "Remove one first.")

        id_ = change.id or next_id(self._reviews, question)
        item = RubricItem(
            assignment=change.assignment,
            exercise=change.exercise,
            id=id_,
            text=change.text,
            points=change.points,
            by=self.by,
            at=moment(datetime.now(UTC), [item.at for item in self._reviews.rubric]),
            withdrawn=change.removed,
        )
        changed = self._save_items((item,))
        return {"rubric": self._rubric(), **self._touched(review.submission for review in changed)}

    def _questions(self) -> set[QuestionKey]:
        questions = set()
        for info in self._report.assignments:
            for exercise in info.exercises:
                if not exercise.automatic:
                    questions.add((info.name, exercise.id))
        return questions

    def _require_unused(self, change: ItemChange) -> None:
        ids = []
        for submission in self._report.submissions:
            if submission.assignment == change.assignment:
                ids.append(submission.id)
        count = count_holders(self._reviews, ids, change.exercise, change.id)
        if count:
            raise Refused(f"{count} answers have this item.", "Take it from them first.")

    def _save_items(self, items: tuple[RubricItem, ...]) -> tuple[Review, ...]:
        """Save items, and the reviews with outdated copies of them; return these reviews."""
        together = merge(self._reviews, Reviews(rubric=items))
        changed = carry_over(together, self._report.submissions, datetime.now(UTC))
        self._reviews = save_reviews(self._folder, Reviews(reviews=changed, rubric=items))
        return changed

    def _rubric(self) -> list[dict[str, Any]]:
        fields = {"assignment", "exercise", "id", "text", "points"}
        items = current_items(self._reviews.rubric).values()
        return [item.model_dump(include=fields) for item in items]

    # Data for the page

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
        """Return the cells of a submission and their effects, or why there are none."""
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
"""Writes pages and exports of a report; called while its output folder is locked."""


def finish(folder: Path, render: Render) -> bool:
    """Update the report's file, and the outputs made from it.

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
