"""Writes a class as CSV for a spreadsheet: a row per student, a column per exercise.

SECURITY: what a student wrote, the name of a file included, cannot become a formula.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterator

from grader.messages import Language, word
from grader.outputs import feedback
from grader.outputs.safe_text import plain
from grader.outputs.wording import flag_in_few_words, flags, points
from grader.report import Report, SubmissionResult

FORMULAS = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins with one of these is a formula to a spreadsheet."""

SEPARATORS: dict[Language, str] = {"en": ",", "pt": ";"}
"""What a spreadsheet in a language takes to part cells: where numbers have a comma, it is the semicolon."""

_COLUMNS = ("name", "email", "file", "status", "late", "points", "max", "pending-points-of")
_LAST_COLUMNS = ("flags", "feedback")


def class_csv(report: Report, language: Language) -> bytes:
    """A class as a spreadsheet in its language opens it.

    UTF-8 with a byte order mark, without which Excel takes it for another encoding; lines end as RFC 4180 says.

    Args:
        report: the report of a run.
        language: language of the headings, the statuses and the feedback; it also decides the separator and the
            decimal sign.
    """
    columns = [(info.name, one.id) for info in report.assignments for one in info.exercises]
    several = len(report.assignments) > 1
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=SEPARATORS[language])
    first, last = (
        [word(f"csv-{name}", language) for name in names] for names in (_COLUMNS, _LAST_COLUMNS)
    )
    ids = [f"{assignment}/{exercise}" if several else exercise for assignment, exercise in columns]
    writer.writerow(map(defused, [*first, *ids, *last]))
    for submission in report.submissions:
        writer.writerow(_row(submission, columns, language))
    return stream.getvalue().encode("utf-8-sig", errors="replace")


def defused(text: str) -> str:
    """A text on one line that no spreadsheet takes for a formula: one that begins like one gets an apostrophe."""
    shown = plain(text)
    # Excel takes the full-width forms of these signs for them, too.
    begins = unicodedata.normalize("NFKC", shown[:1]) or " "
    return f"'{shown}" if text.startswith(FORMULAS) or begins.startswith(FORMULAS) else shown


def _row(
    submission: SubmissionResult, columns: list[tuple[str, str]], language: Language
) -> Iterator[str]:
    results = {one.id: one for one in submission.exercises}
    scored = submission.status == "graded"
    yield defused(submission.student)
    yield defused(submission.who.email)
    yield defused(submission.file)
    yield word(submission.status, language)
    yield word("csv-late", language) if submission.who.late else ""
    yield points(submission.points, language) if scored else ""
    yield points(submission.max_points, language) if scored else ""
    yield points(submission.pending_points, language) if scored else ""
    for assignment, exercise in columns:
        result = results.get(exercise) if submission.assignment == assignment else None
        yield feedback.earned(result, language) if result and scored else ""
    told = (flag_in_few_words(flag, language) for _, flag in flags(submission))
    yield defused("; ".join(dict.fromkeys(told)))
    yield defused(feedback.in_one_line(submission, language))
