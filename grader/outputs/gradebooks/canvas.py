"""Fill in the gradebook that Canvas exports.

Its header begins with the student and the number of the user, `ID`. The columns up to `Section`
depend on the rights of who exported it, and on the language. An assignment's column is called
`NAME (12345)`. Rows above the first student say how grades are posted, and the points possible:
they have no number of a user.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from grader.errors import GraderError
from grader.outputs.gradebooks.cells import Sheet
from grader.outputs.gradebooks.fill_in import (
    FilledGradebook,
    GradebookColumns,
    check_scale,
    fill_in,
    first_number,
    only_assignment,
)
from grader.outputs.gradebooks.grades import Scale, find_decimal_sign, possible_points
from grader.outputs.gradebooks.matching import GradebookEntry, match, name_key
from grader.report import Report

STUDENT_COLUMN = 0
"""The column of the student, in every export."""
USER_COLUMN = 1
"""The column of the user's number, in every export."""

_ASSIGNMENT = re.compile(r"(?P<name>.*?)\s*\((?P<id>\d+)\)\s*", re.DOTALL)
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


def fill_canvas(
    data: bytes,
    report: Report,
    scale: Scale,
    column: str | None = None,
) -> FilledGradebook:
    """Write grades into a gradebook of Canvas.

    Args:
        data: the file.
        report: the report of one assignment.
        scale: how points become grades.
        column: name of the assignment's column, with or without its number, or the number alone;
            None: the column with the title or the name of the assignment.

    Raises:
        GraderError: it is not such a file; no single column fits; the points possible are others
            than the report's.
    """
    info = only_assignment(report)
    sheet = Sheet.parse(data)
    rows = _user_rows(sheet)
    names = [info.title, info.name] if column is None else [column]
    grade_column = _find_column(sheet.header, names)

    above_users = [sheet.value(row, grade_column) for row in range(1, rows[0])]
    check_scale(first_number(above_users), possible_points(info), scale)

    entries = [_entry(sheet, row) for row in rows]
    matches = match(entries, report.submissions, lambda person: person.canvas_id)
    decimal_sign = find_decimal_sign(_assignment_cells(sheet), sheet.separator)
    return fill_in(sheet, GradebookColumns(grade_column, decimal_sign), matches, scale)


def _user_rows(sheet: Sheet) -> list[int]:
    rows = [row for row in range(1, len(sheet)) if sheet.value(row, USER_COLUMN).isdigit()]
    if not rows:
        problem = "No row has the number of a user in its second column."
        advice = "Give the file that Canvas exports: Grades, Export, Entire Gradebook."
        raise GraderError(problem, advice)
    return rows


def _entry(sheet: Sheet, row: int) -> GradebookEntry:
    student = sheet.value(row, STUDENT_COLUMN)
    user_id = sheet.value(row, USER_COLUMN)
    user_cells = sheet.row(row)[USER_COLUMN + 1 : _first_assignment(sheet.header)]
    emails = [text for text in user_cells if _EMAIL.fullmatch(text)]
    return GradebookEntry(row, student, user_id, emails[0] if emails else "")


def _assignment_cells(sheet: Sheet) -> Iterator[str]:
    """List the cells of all assignments: the file's own numbers show its decimal sign."""
    first = _first_assignment(sheet.header)
    for row in range(1, len(sheet)):
        yield from sheet.row(row)[first:]


def _first_assignment(header: Sequence[str]) -> int:
    for column, text in enumerate(header):
        if _ASSIGNMENT.fullmatch(text):
            return column
    return len(header)


def _find_column(header: Sequence[str], names: Sequence[str]) -> int:
    """Find the single column of an assignment with one of some names; the first name that fits."""
    columns = _assignment_columns(header)
    for name in names:
        matching = _columns_called(name, columns)
        if len(matching) == 1:
            return matching[0]

    missing = " or ".join(f"“{name}”" for name in names)
    existing = ", ".join(f"“{header[column].strip()}”" for column in columns) or "none"
    problem = f"No single assignment in the gradebook is called {missing}."
    raise GraderError(problem, f"--canvas-column takes: {existing}.")


def _assignment_columns(header: Sequence[str]) -> dict[int, re.Match[str]]:
    columns = {}
    for column, text in enumerate(header):
        heading = _ASSIGNMENT.fullmatch(text)
        if heading:
            columns[column] = heading
    return columns


def _columns_called(name: str, columns: Mapping[int, re.Match[str]]) -> list[int]:
    """List the columns with exactly a name or number; without any, those with a similar name."""
    exact = []
    similar = []
    for column, heading in columns.items():
        if name.strip() in (heading.group().strip(), heading["id"]):
            exact.append(column)
        if name_key(heading["name"]) == name_key(name):
            similar.append(column)
    return exact or similar
