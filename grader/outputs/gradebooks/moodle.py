"""Fill in the grading worksheet of a Moodle assignment.

Its column names are in the language of the user who downloaded it; English, Portuguese and Spanish
ones are known. In other languages columns are recognised by their content: participants (a word and
a number), email addresses, a maximum that is equal in every row, after the grade, and a last column
with HTML or nothing, the feedback comments.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grader.errors import GraderError
from grader.grading.points import total_of_assignment
from grader.outputs.gradebooks.cells import Sheet
from grader.outputs.gradebooks.fill_in import (
    NO_GRADE,
    FilledGradebook,
    GradebookColumns,
    check_scale,
    fill_in,
    first_number,
    only_assignment,
)
from grader.outputs.gradebooks.grades import (
    Scale,
    find_decimal_sign,
    parse_number,
)
from grader.outputs.gradebooks.matching import GradebookEntry, match
from grader.report import Report

PARTICIPANT_COLUMN = 0
"""The column of the participant, in every worksheet."""

_HEADERS = {
    "name": ("full name", "nome completo", "nombre completo"),
    "email": (
        *("email address", "endereço de email", "endereço de e-mail", "e-mail", "email"),
        *("dirección de correo", "dirección de correo electrónico", "correo electrónico"),
    ),
    "grade": ("grade", "nota", "calificación"),
    "maximum": ("maximum grade", "nota máxima", "calificación máxima"),
    "comment": (
        *("feedback comments", "comentários de feedback", "comentários do feedback"),
        *("comentarios de retroalimentación", "comentarios de la retroalimentación"),
    ),
}
"""Names of the columns, in English, Portuguese and Spanish, in small letters."""

_PARTICIPANT = re.compile(r"\D+?\s*(\d+)")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


@dataclass(frozen=True)
class Worksheet:
    """A grading worksheet, and its columns."""

    sheet: Sheet
    grade: int
    name: int | None = None
    email: int | None = None
    maximum: int | None = None
    comment: int | None = None

    @property
    def entries(self) -> list[GradebookEntry]:
        """The participants."""
        return [self._entry(row) for row in _participant_rows(self.sheet)]

    def _entry(self, row: int) -> GradebookEntry:
        return GradebookEntry(
            row=row,
            name=self.sheet.value(row, self.name),
            id=_participant_number(self.sheet, row),
            email=self.sheet.value(row, self.email),
        )


def fill_moodle(
    data: bytes,
    report: Report,
    scale: Scale,
    comments: Mapping[str, str],
) -> FilledGradebook:
    """Write grades and feedback comments into a grading worksheet of Moodle.

    Args:
        data: the file.
        report: the report of one assignment.
        scale: how points become grades.
        comments: what the student reads, as HTML, by the id of the submission.

    Raises:
        GraderError: it is not such a file, or its maximum grade differs from the report's.
    """
    info = only_assignment(report)
    worksheet = read_worksheet(data)
    sheet = worksheet.sheet
    entries = worksheet.entries

    maxima = [sheet.value(entry.row, worksheet.maximum) for entry in entries]
    possible = first_number(maxima)
    check_scale(possible, total_of_assignment(info), scale)

    grades = [sheet.value(entry.row, worksheet.grade) for entry in entries]
    decimal_sign = find_decimal_sign([*maxima, *grades], sheet.separator)
    columns = GradebookColumns(worksheet.grade, decimal_sign, worksheet.comment)
    matches = match(entries, report.submissions, lambda person: person.participant_id)
    return fill_in(sheet, columns, matches, scale, comments)


def read_worksheet(data: bytes) -> Worksheet:
    """Read a grading worksheet.

    Raises:
        GraderError: it is not one.
    """
    sheet = Sheet.parse(data)
    rows = _participant_rows(sheet)

    columns = _columns_by_content(sheet, rows)
    for name, headings in _HEADERS.items():
        column = _column_called(sheet.header, headings)
        if column is not None:
            columns[name] = column

    grade = columns.pop("grade")
    if not rows or grade is None:
        problem = "This is no grading worksheet: it has no participants, or no column of grades."
        advice = "Download it from the assignment in Moodle: Download grading worksheet."
        raise GraderError(problem, advice)
    return Worksheet(sheet, grade, **columns)


def _participant_rows(sheet: Sheet) -> list[int]:
    return [row for row in range(1, len(sheet)) if _participant_number(sheet, row)]


def _participant_number(sheet: Sheet, row: int) -> str:
    text = sheet.value(row, PARTICIPANT_COLUMN)
    participant = _PARTICIPANT.fullmatch(text)
    if not participant:
        return ""
    return participant[1]


def _column_called(header: Sequence[str], names: Sequence[str]) -> int | None:
    for column, text in enumerate(header):
        if text.strip().casefold() in names:
            return column
    return None


# Columns in another language


def _columns_by_content(sheet: Sheet, rows: Sequence[int]) -> dict[str, int | None]:
    """Recognise the columns of a worksheet in an unknown language."""
    cells: dict[int, list[str]] = {}
    for column in range(PARTICIPANT_COLUMN + 1, len(sheet.header)):
        cells[column] = [sheet.value(row, column) for row in rows]

    email = _email_column(cells)
    maximum = _maximum_column(cells)
    return {
        # Where names are hidden, so are addresses.
        "name": None if email is None else PARTICIPANT_COLUMN + 1,
        "email": email,
        "grade": _grade_column(cells, maximum),
        "maximum": maximum,
        "comment": _comment_column(cells),
    }


def _email_column(cells: Mapping[int, list[str]]) -> int | None:
    for column, texts in cells.items():
        if any(_EMAIL.fullmatch(text) for text in texts):
            return column
    return None


def _maximum_column(cells: Mapping[int, list[str]]) -> int | None:
    # Grades may all be the same, too: the maximum is the last such column.
    for column in sorted(cells, reverse=True):
        texts = cells[column]
        if len(set(texts)) == 1 and parse_number(texts[0]):
            return column
    return None


def _grade_column(cells: Mapping[int, list[str]], maximum: int | None) -> int | None:
    """Return the column before the maximum, if it may contain grades."""
    if maximum is None:
        return None
    column = maximum - 1
    if column not in cells:
        return None
    may_be_grades = all(_may_be_grade(text) for text in cells[column])
    if not may_be_grades:
        return None
    return column


def _comment_column(cells: Mapping[int, list[str]]) -> int | None:
    """Return the last column, if it is empty or contains HTML."""
    if not cells:
        return None
    column = max(cells)
    for text in cells[column]:
        if text and not text.startswith("<"):
            return None
    return column


def _may_be_grade(text: str) -> bool:
    return text in NO_GRADE or parse_number(text) is not None
