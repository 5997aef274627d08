"""Fills in the grading worksheet of a Moodle assignment.

Its columns are named in the language of who downloaded it. English and Portuguese names are known; in another language
the columns are told by what is in them: participants (a word and a number), addresses, a maximum that is the same in
every row with the grade before it, and a last column that holds nothing or HTML, which feedback comments are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grader.errors import GraderError
from grader.outputs.gradebooks.cells import Sheet
from grader.outputs.gradebooks.filling import (
    NO_GRADE,
    Columns,
    Filled,
    check_scale,
    fill_in,
    first_number,
    only_assignment,
)
from grader.outputs.gradebooks.grades import Scale, as_number, decimal_sign, possible_points
from grader.outputs.gradebooks.matching import Entry, match
from grader.report import Report

IDENTIFIER = 0
"""The column of the participant, in every worksheet."""

_HEADERS = {
    "name": ("full name", "nome completo"),
    "email": ("email address", "endereço de email", "endereço de e-mail", "e-mail", "email"),
    "grade": ("grade", "nota"),
    "maximum": ("maximum grade", "nota máxima"),
    "comment": ("feedback comments", "comentários de feedback", "comentários do feedback"),
}
"""Names of the columns, in English and Portuguese, in small letters."""

_PARTICIPANT = re.compile(r"\D+?\s*(\d+)")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


@dataclass(frozen=True)
class Worksheet:
    """A grading worksheet, and where it has what."""

    sheet: Sheet
    grade: int
    name: int | None = None
    email: int | None = None
    maximum: int | None = None
    comment: int | None = None

    @property
    def entries(self) -> list[Entry]:
        """The participants."""
        rows = (
            row
            for row in range(1, len(self.sheet))
            if _PARTICIPANT.fullmatch(self.sheet.value(row, IDENTIFIER))
        )
        return [self._entry(row) for row in rows]

    def _entry(self, row: int) -> Entry:
        number = _PARTICIPANT.fullmatch(self.sheet.value(row, IDENTIFIER))
        name, email = self.sheet.value(row, self.name), self.sheet.value(row, self.email)
        return Entry(row, name, number[1] if number else "", email)


def fill_moodle(data: bytes, report: Report, scale: Scale, comments: Mapping[str, str]) -> Filled:
    """Write grades and feedback comments into a grading worksheet of Moodle.

    Args:
        data: the file.
        report: of one assignment.
        scale: how points become grades.
        comments: what is said to the student, as HTML, by the id of the submission.

    Raises:
        GraderError: it is not such a file, or its maximum grade is another than the report's.
    """
    info = only_assignment(report)
    worksheet = read_worksheet(data)
    sheet, entries = worksheet.sheet, worksheet.entries
    maximum = [sheet.value(entry.row, worksheet.maximum) for entry in entries]
    check_scale(first_number(maximum), possible_points(info), scale)
    sign = decimal_sign(
        [*maximum, *(sheet.value(e.row, worksheet.grade) for e in entries)], sheet.separator
    )
    matches = match(entries, report.submissions, lambda who: who.participant_id)
    return fill_in(
        sheet, Columns(worksheet.grade, sign, worksheet.comment), matches, scale, comments
    )


def read_worksheet(data: bytes) -> Worksheet:
    """Read a grading worksheet.

    Raises:
        GraderError: it is not one.
    """
    sheet = Sheet.parse(data)
    participants = [
        row for row in range(1, len(sheet)) if _PARTICIPANT.fullmatch(sheet.value(row, IDENTIFIER))
    ]
    shaped = _shaped(sheet, participants)
    named = {what: _named(sheet.header, names) for what, names in _HEADERS.items()}
    columns = {what: shaped.get(what) if at is None else at for what, at in named.items()}
    grade = columns.pop("grade")
    if not participants or grade is None:
        problem = "This is no grading worksheet: it has no participants, or no column of grades."
        raise GraderError(
            problem, "Download it from the assignment in Moodle: Download grading worksheet."
        )
    return Worksheet(sheet, grade, **columns)


def _named(header: Sequence[str], names: Sequence[str]) -> int | None:
    return next((at for at, text in enumerate(header) if text.strip().casefold() in names), None)


def _shaped(sheet: Sheet, rows: Sequence[int]) -> dict[str, int | None]:
    """The columns of a worksheet in another language, by what is in them."""
    cells = {
        at: [sheet.value(row, at) for row in rows]
        for at in range(IDENTIFIER + 1, len(sheet.header))
    }
    email = next((at for at, texts in cells.items() if any(map(_EMAIL.fullmatch, texts))), None)
    # Grades may all be the same, too: the maximum is the last such column.
    maximum = next(
        (at for at in reversed(cells) if len(set(cells[at])) == 1 and as_number(cells[at][0])), None
    )
    before = cells.get(maximum - 1, ["?"]) if maximum is not None else ["?"]
    last = len(sheet.header) - 1
    empty = all(not text or text.startswith("<") for text in cells.get(last, ["?"]))
    return {
        "name": None
        if email is None
        else IDENTIFIER + 1,  # where names are hidden, so are addresses
        "email": email,
        "grade": maximum - 1 if maximum is not None and all(map(_may_be_grade, before)) else None,
        "maximum": maximum,
        "comment": last if empty else None,
    }


def _may_be_grade(text: str) -> bool:
    return text in NO_GRADE or as_number(text) is not None
