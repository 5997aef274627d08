"""Fills in the gradebook that Canvas exports.

Its header begins with the student and the number of the user, `ID`; what comes up to `Section` depends on the rights of
who exported it, and on the language. An assignment's column is called `NAME (12345)`. Rows above the first student say
how grades are posted, and the points possible: they have no number of a user.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from grader.errors import GraderError
from grader.outputs.gradebooks.cells import Sheet
from grader.outputs.gradebooks.filling import (
    Columns,
    Filled,
    check_scale,
    fill_in,
    first_number,
    only_assignment,
)
from grader.outputs.gradebooks.grades import Scale, decimal_sign, possible_points
from grader.outputs.gradebooks.matching import Entry, match, name_key
from grader.report import Report

STUDENT, USER = 0, 1
"""The columns of the student and the user's number, in every export."""

_ASSIGNMENT = re.compile(r"(?P<name>.*?)\s*\((?P<id>\d+)\)\s*", re.DOTALL)
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


def fill_canvas(data: bytes, report: Report, scale: Scale, column: str | None = None) -> Filled:
    """Write grades into a gradebook of Canvas.

    Args:
        data: the file.
        report: of one assignment.
        scale: how points become grades.
        column: name of the assignment's column, with or without its number, or the number alone; None: that with
            the title or the name of the assignment.

    Raises:
        GraderError: it is not such a file; no single column fits; the points possible are others than the report's.
    """
    info = only_assignment(report)
    sheet = Sheet.parse(data)
    rows = [row for row in range(1, len(sheet)) if sheet.value(row, USER).isdigit()]
    if not rows:
        advice = "Give the file that Canvas exports: Grades, Export, Entire Gradebook."
        raise GraderError("No row has the number of a user in its second column.", advice)
    grade = _column(sheet.header, [column] if column is not None else [info.title, info.name])
    above = [sheet.value(row, grade) for row in range(1, rows[0])]
    check_scale(first_number(above), possible_points(info), scale)
    grades = (
        text
        for row in range(1, len(sheet))
        for text in sheet.row(row)[_first_assignment(sheet.header) :]
    )
    sign = decimal_sign(grades, sheet.separator)
    matches = match(
        [_entry(sheet, row) for row in rows], report.submissions, lambda who: who.canvas_id
    )
    return fill_in(sheet, Columns(grade, sign), matches, scale)


def _entry(sheet: Sheet, row: int) -> Entry:
    known = (
        text
        for text in sheet.row(row)[USER + 1 : _first_assignment(sheet.header)]
        if _EMAIL.fullmatch(text)
    )
    return Entry(row, sheet.value(row, STUDENT), sheet.value(row, USER), next(known, ""))


def _first_assignment(header: Sequence[str]) -> int:
    return next((at for at, text in enumerate(header) if _ASSIGNMENT.fullmatch(text)), len(header))


def _column(header: Sequence[str], wanted: Sequence[str]) -> int:
    """The column of the assignment that has one of some names, the first of them if it can be had."""
    columns = {
        at: found for at, text in enumerate(header) if (found := _ASSIGNMENT.fullmatch(text))
    }
    for name in wanted:
        exact = [at for at in columns if name.strip() in (header[at].strip(), columns[at]["id"])]
        alike = [at for at in columns if name_key(columns[at]["name"]) == name_key(name)]
        if len(fitting := exact or alike) == 1:
            return fitting[0]
    there = ", ".join(f"“{header[at].strip()}”" for at in columns) or "none"
    told = " or ".join(f"“{name}”" for name in wanted)
    raise GraderError(
        f"No single assignment in the gradebook is called {told}.",
        f"--canvas-column takes: {there}.",
    )
