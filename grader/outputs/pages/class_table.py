"""Build the table of a class: a row per student, a column per exercise; sortable and filterable."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from grader.grading.points import total_of_submission
from grader.messages import Language, word
from grader.outputs import attention, wording
from grader.outputs.pages.class_charts import bin_of
from grader.outputs.pages.links import PageLink, link_to
from grader.outputs.safe_text import plain
from grader.report import ExerciseInfo, ExerciseResult, SubmissionResult

NOT_ASKED_KEY = -3.0
OTHER_STATUS_KEY = -2.0
STATUS_KEYS = {"pending": -1.0, "missing": -0.5}
"""Sort keys of exercises without points: they are below those with 0 points."""
NO_POINTS_KEY = -1.0
"""Sort key of a submission without points."""


@dataclass(frozen=True)
class ColumnHeading:
    """The heading of a column."""

    text: str
    title: str = ""
    """Its tooltip."""
    is_numeric: bool = True


@dataclass(frozen=True)
class TableCell:
    """A cell of the table."""

    sort_key: float
    text: str = ""
    mark: str = ""
    status: str = ""


@dataclass(frozen=True)
class StudentRow:
    """A row of the table."""

    id: str
    link: PageLink
    chips: tuple[str, ...]
    bin: int | None
    """The bar of the distribution that it is counted in; None if in none."""
    points: TableCell
    exercises: tuple[TableCell, ...]
    questions: TableCell | None
    """None where the assignment has no questions."""
    flags: tuple[str, ...]
    summary: str


def column_headings(
    exercises: Sequence[ExerciseInfo],
    language: Language,
) -> tuple[ColumnHeading, ...]:
    """List the headings: student, points, exercises, questions and notes."""
    headings = [
        ColumnHeading(word("student", language), is_numeric=False),
        ColumnHeading(word("points", language)),
    ]
    for exercise in exercises:
        if exercise.automatic:
            headings.append(ColumnHeading(plain(exercise.title), exercise.id))
    if _has_questions(exercises):
        headings.append(ColumnHeading(word("questions", language)))
    headings.append(ColumnHeading(word("what", language), is_numeric=False))
    return tuple(headings)


def student_rows(
    exercises: Sequence[ExerciseInfo],
    submissions: Iterable[SubmissionResult],
    language: Language,
    addresses: Mapping[str, str],
) -> Iterator[StudentRow]:
    """List the rows of submissions, with a cell for each exercise."""
    has_questions = _has_questions(exercises)
    for submission in submissions:
        yield StudentRow(
            id=submission.id,
            link=link_to(submission, addresses),
            chips=tuple(_chips(submission, language)),
            bin=bin_of(submission),
            points=_points_cell(submission, language),
            exercises=tuple(_exercise_cells(submission, exercises, language)),
            questions=_questions_cell(submission, language) if has_questions else None,
            flags=tuple(dict.fromkeys(_flags(submission, language))),
            summary="; ".join(dict.fromkeys(_facts(submission, language))),
        )


def _has_questions(exercises: Iterable[ExerciseInfo]) -> bool:
    return any(not exercise.automatic for exercise in exercises)


def _chips(submission: SubmissionResult, language: Language) -> Iterator[str]:
    who = submission.who
    if who.group:
        yield plain(who.group)
    if who.late:
        yield word("late", language)
    if who.in_roster is False:
        yield word("not-in-roster", language)


def _points_cell(submission: SubmissionResult, language: Language) -> TableCell:
    text = wording.earned(submission, language)
    total = total_of_submission(submission)
    if submission.status != "graded" or not total:
        return TableCell(NO_POINTS_KEY, text)
    return TableCell(submission.points / total, text)


def _exercise_cells(
    submission: SubmissionResult,
    exercises: Iterable[ExerciseInfo],
    language: Language,
) -> Iterator[TableCell]:
    results = {result.id: result for result in submission.exercises}
    for exercise in exercises:
        if exercise.automatic:
            yield _exercise_cell(results.get(exercise.id), language)


def _exercise_cell(result: ExerciseResult | None, language: Language) -> TableCell:
    if result is None:
        return TableCell(NOT_ASKED_KEY)

    mark = wording.MARKS[result.status][0]
    if wording.is_decided(result):
        text = wording.points(result.points, language)
        return TableCell(result.credit, text, mark, result.status)

    sort_key = STATUS_KEYS.get(result.status, OTHER_STATUS_KEY)
    return TableCell(sort_key, "", mark, result.status)


def _questions_cell(submission: SubmissionResult, language: Language) -> TableCell:
    results = [result for result in submission.exercises if not result.automatic]
    pending = [result for result in results if result.status == "pending"]
    return TableCell(
        sort_key=len(pending),
        text=wording.questions(results, language).plain,
        status="pending" if pending else "",
    )


def _flags(submission: SubmissionResult, language: Language) -> Iterator[str]:
    if submission.status == "graded":
        for _, flag in attention.flags(submission):
            yield attention.flag_in_few_words(flag, language)


def _facts(submission: SubmissionResult, language: Language) -> Iterator[str]:
    """List the notes on a submission, without the flags, which precede them."""
    texts = []
    for note in submission.execution.notes:
        texts.append(wording.in_few_words(note, language))
    texts += attention.main_things(submission, language)

    flags = set(_flags(submission, language))
    for text in texts:
        if text and text not in flags:
            yield plain(text)
