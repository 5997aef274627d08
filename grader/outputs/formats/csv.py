"""Write a class as CSV for a spreadsheet: a row per student, a column per exercise.

SECURITY: text of a student, including file names, cannot become a formula.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from grader.grading.points import total_of_submission
from grader.messages import Language, decimal_sign, word
from grader.outputs import feedback
from grader.outputs.attention import flag_in_few_words, flags
from grader.outputs.safe_text import plain
from grader.outputs.wording import points
from grader.report import ExerciseResult, Report, SubmissionResult

FORMULAS = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins with one of these is a formula to a spreadsheet."""

_FIRST_COLUMNS = ("name", "email", "file", "status", "late", "points", "max", "pending-points-of")
_LAST_COLUMNS = ("flags", "reviewed-by", "feedback")


@dataclass(frozen=True)
class _ExerciseColumn:
    assignment: str
    exercise: str


def class_csv(report: Report, language: Language) -> bytes:
    """Write a class as CSV in the form that spreadsheets expect in its language.

    The file is UTF-8 with a byte order mark, without which Excel assumes another encoding. Lines
    end as RFC 4180 says.

    Args:
        report: the report of a run.
        language: language of the headings, the statuses and the feedback; it also decides the
            separator and the decimal sign.
    """
    columns = _exercise_columns(report)
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=separator(language))

    writer.writerow(_header(report, columns, language))
    for submission in report.submissions:
        writer.writerow(_row(submission, columns, language))

    return stream.getvalue().encode("utf-8-sig", errors="replace")


def separator(language: Language) -> str:
    """Return the separator that a spreadsheet expects: a semicolon beside a decimal comma."""
    return ";" if decimal_sign(language) == "," else ","


def escape_formula(text: str) -> str:
    """Put a text on one line, prefixed with an apostrophe if it looks like a formula."""
    shown = plain(text)
    # Excel takes the full-width forms of these signs for them, too.
    first_sign = unicodedata.normalize("NFKC", shown[:1]) or " "

    if text.startswith(FORMULAS) or first_sign.startswith(FORMULAS):
        return f"'{shown}"
    return shown


def _exercise_columns(report: Report) -> list[_ExerciseColumn]:
    columns = []
    for info in report.assignments:
        for exercise in info.exercises:
            columns.append(_ExerciseColumn(info.name, exercise.id))
    return columns


def _header(
    report: Report,
    columns: Sequence[_ExerciseColumn],
    language: Language,
) -> list[str]:
    has_several = len(report.assignments) > 1
    headings = _headings(_FIRST_COLUMNS, language)

    for column in columns:
        prefix = f"{column.assignment}/" if has_several else ""
        headings.append(f"{prefix}{column.exercise}")

    headings += _headings(_LAST_COLUMNS, language)
    return [escape_formula(heading) for heading in headings]


def _headings(names: Iterable[str], language: Language) -> list[str]:
    return [word(f"csv-{name}", language) for name in names]


def _row(
    submission: SubmissionResult,
    columns: Sequence[_ExerciseColumn],
    language: Language,
) -> list[str]:
    late = ""
    if submission.who.late:
        late = word("csv-late", language)
    return [
        escape_formula(submission.student),
        escape_formula(submission.who.email),
        escape_formula(submission.file),
        word(submission.status, language),
        late,
        *_point_cells(submission, language),
        *_exercise_cells(submission, columns, language),
        escape_formula(_flag_summary(submission, language)),
        escape_formula(_reviewers(submission)),
        escape_formula(feedback.in_one_line(submission, language)),
    ]


def _point_cells(submission: SubmissionResult, language: Language) -> list[str]:
    """List points, maximum and pending points; empty, not 0, if not graded."""
    if submission.status != "graded":
        return ["", "", ""]
    return [
        points(submission.points, language),
        points(total_of_submission(submission), language),
        points(submission.pending_points, language),
    ]


def _exercise_cells(
    submission: SubmissionResult,
    columns: Sequence[_ExerciseColumn],
    language: Language,
) -> list[str]:
    results = {result.id: result for result in submission.exercises}
    cells = []
    for column in columns:
        is_theirs = column.assignment == submission.assignment
        result = results.get(column.exercise) if is_theirs else None
        cells.append(_exercise_cell(submission, result, language))
    return cells


def _exercise_cell(
    submission: SubmissionResult,
    result: ExerciseResult | None,
    language: Language,
) -> str:
    if result is None or submission.status != "graded":
        return ""
    return feedback.points_cell(result, language)


def _flag_summary(submission: SubmissionResult, language: Language) -> str:
    texts = [flag_in_few_words(flag, language) for _, flag in flags(submission)]
    return "; ".join(dict.fromkeys(texts))


def _reviewers(submission: SubmissionResult) -> str:
    """List the reviewers of decisions in force, each once."""
    reviews = [submission.review]
    reviews += [exercise.review for exercise in submission.exercises]

    names = []
    for review in reviews:
        if review is not None and review.applies:
            names.append(review.by)
    return "; ".join(dict.fromkeys(names))
