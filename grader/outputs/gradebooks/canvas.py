"""Fill in the gradebook that Canvas exports.

Its header begins with the student and the number of the user, `ID`. The columns up to `Section`
depend on the rights of who exported it, and on the language. An assignment's column is called
`NAME (12345)`. Rows above the first student say how grades are posted, and the points possible:
they have no number of a user.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from grader.errors import GraderError
from grader.grading.points import total_of_assignment
from grader.outputs.gradebooks.cells import Sheet
from grader.outputs.gradebooks.fill_in import (
    FilledGradebook,
    GradebookColumns,
    check_scale,
    fill_in,
    first_number,
    only_assignment,
)
from grader.outputs.gradebooks.grades import Scale, find_decimal_sign
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
        GraderError: it is not such a file; no single column fits; its possible points differ from
            the report's.
    """
    info = only_assignment(report)
    sheet = Sheet.parse(data)
    rows = _user_rows(sheet)
    names = [info.title, info.name]
    if column is not None:
        names = [column]
    grade_column = _find_column(sheet.header, names)

    above_users = [sheet.value(row, grade_column) for row in range(1, rows[0])]
    possible = first_number(above_users)
    check_scale(possible, total_of_assignment(info), scale)

    entries = [_entry(sheet, row) for row in rows]
    matches = match(entries, report.submissions, lambda person: person.canvas_id)

    decimal_sign = find_decimal_sign(_assignment_cells(sheet), sheet.separator)
    columns = GradebookColumns(grade_column, decimal_sign)
    return fill_in(sheet, columns, matches, scale)


def _user_rows(sheet: Sheet) -> list[int]:
    rows = []
    for row in range(1, len(sheet)):
        user = sheet.value(row, USER_COLUMN)
        if user.isdigit():
            rows.append(row)

    if not rows:
        problem = "No row has the number of a user in its second column."
        advice = "Give the file that Canvas exports: Grades, Export, Entire Gradebook."
        raise GraderError(problem, advice)
    return rows


def _entry(sheet: Sheet, row: int) -> GradebookEntry:
    return GradebookEntry(
        row=row,
        name=sheet.value(row, STUDENT_COLUMN),
        id=sheet.value(row, USER_COLUMN),
        email=_email(sheet, row),
    )


def _email(sheet: Sheet, row: int) -> str:
    """Find an email address between the user's number and the assignments; empty if none."""
    end = _first_assignment(sheet.header)
    cells = sheet.row(row)
    for text in cells[USER_COLUMN + 1 : end]:
        if _EMAIL.fullmatch(text):
            return text
    return ""


def _assignment_cells(sheet: Sheet) -> Iterator[str]:
    """List the cells of all assignments, to find the file's decimal sign."""
    first = _first_assignment(sheet.header)
    for row in range(1, len(sheet)):
        cells = sheet.row(row)
        yield from cells[first:]


def _first_assignment(header: Sequence[str]) -> int:
    for column, text in enumerate(header):
        if _ASSIGNMENT.fullmatch(text):
            return column
    return len(header)


def _find_column(header: Sequence[str], names: Sequence[str]) -> int:
    """Find the only column of an assignment; its possible names are tried in order."""
    columns = _assignment_columns(header)
    for name in names:
        matching = _columns_called(name, columns)
        if len(matching) == 1:
            return matching[0]

    missing = " or ".join(_quoted(names))
    existing = ", ".join(_quoted(header[column].strip() for column in columns))
    problem = f"No single assignment in the gradebook is called {missing}."
    advice = f"--canvas-column takes: {existing or 'none'}."
    raise GraderError(problem, advice)


def _quoted(names: Iterable[str]) -> list[str]:
    return [f"“{name}”" for name in names]


def _assignment_columns(header: Sequence[str]) -> dict[int, re.Match[str]]:
    columns = {}
    for column, text in enumerate(header):
        heading = _ASSIGNMENT.fullmatch(text)
        if heading:
            columns[column] = heading
    return columns


def _columns_called(
    name: str,
    columns: Mapping[int, re.Match[str]],
) -> list[int]:
    """List the columns with exactly this name or number, or else with a similar name."""
    exact = []
    similar = []
    for column, heading in columns.items():
        whole = heading.group()
        if name.strip() in (whole.strip(), heading["id"]):
            exact.append(column)
        if name_key(heading["name"]) == name_key(name):
            similar.append(column)
    return exact or similar
