"""Fill in a gradebook of any kind, and collect notes on it for a person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from grader.errors import GraderError
from grader.outputs.gradebooks.cells import Sheet
from grader.outputs.gradebooks.grades import (
    Scale,
    calculate_grade,
    format_grade,
    is_pending,
    parse_number,
)
from grader.outputs.gradebooks.matching import Matches
from grader.report import AssignmentInfo, Report

COMMENT_BEGINS = '<div class="grader-feedback">'
"""How the grader's comments begin: one that begins otherwise is a person's, and is kept."""

NO_GRADE = ("", "-")
"""Cell texts that mean that there is no grade yet."""


class GradeChange(NamedTuple):
    """A grade that replaced another one."""

    name: str
    before: str
    now: str


class KeptGrade(NamedTuple):
    """A person's entry in place of a grade, such as `EX` for excused."""

    name: str
    text: str


@dataclass
class FilledGradebook:
    """A filled gradebook, and notes on it for a person."""

    data: bytes = b""
    """The whole file."""
    graded: list[str] = field(default_factory=list)
    """Names in the file that have a grade now."""
    changed: list[GradeChange] = field(default_factory=list)
    pending: list[str] = field(default_factory=list)
    """Names without a grade because a person has still to look."""
    without_grade: list[str] = field(default_factory=list)
    """Names with a submission that could not be graded, or that is the unchanged handout."""
    commented: list[str] = field(default_factory=list)
    """Names that a comment was written to."""
    kept_grades: list[KeptGrade] = field(default_factory=list)
    kept_comments: list[str] = field(default_factory=list)
    """Names that have a person's comment, which is kept."""
    matches: Matches = field(default_factory=Matches)
    """Matched and unmatched rows and submissions."""


@dataclass(frozen=True)
class GradebookColumns:
    """The columns of a gradebook to fill in."""

    grade: int
    decimal_sign: str
    comment: int | None = None


def fill_in(
    sheet: Sheet,
    columns: GradebookColumns,
    matches: Matches,
    scale: Scale,
    comments: Mapping[str, str] | None = None,
) -> FilledGradebook:
    """Write grades, and comments beside them, into a gradebook.

    Args:
        sheet: the gradebook; it is changed.
        columns: where grades and comments go.
        matches: which submission belongs to which row.
        scale: how points become grades.
        comments: what the student reads, as HTML, by the id of the submission.
    """
    filled = FilledGradebook(matches=matches)
    writer = _GradebookWriter(sheet, columns, filled)

    for entry, submission in matches.pairs:
        name = entry.name or entry.id
        grade = calculate_grade(submission, scale)
        if grade is not None:
            writer.write_grade(entry.row, name, grade)
            if comments:
                writer.write_comment(entry.row, name, comments.get(submission.id, ""))
        elif submission.status == "graded" and is_pending(submission):
            filled.pending.append(name)
        else:
            filled.without_grade.append(name)

    filled.data = sheet.to_bytes()
    return filled


@dataclass
class _GradebookWriter:
    sheet: Sheet
    columns: GradebookColumns
    filled: FilledGradebook

    def write_grade(
        self,
        row: int,
        name: str,
        grade: Decimal,
    ) -> None:
        """Write a grade, unless a person wrote something other than a number."""
        column = self.columns.grade
        before = self.sheet.value(row, column)
        now = format_grade(grade, self.columns.decimal_sign)
        number = parse_number(before)

        is_empty = before in NO_GRADE
        if number is None and not is_empty:
            kept = KeptGrade(name, before)
            self.filled.kept_grades.append(kept)
            return

        self.filled.graded.append(name)
        if number == float(grade):  # 7,00 may stay unchanged
            return
        if number is not None:
            change = GradeChange(name, before, now)
            self.filled.changed.append(change)
        self.sheet.put(row, column, now)

    def write_comment(
        self,
        row: int,
        name: str,
        comment: str,
    ) -> None:
        """Write a comment, unless a person wrote one."""
        column = self.columns.comment
        if column is None or not comment:
            return
        before = self.sheet.value(row, column)
        if before and not before.startswith(COMMENT_BEGINS):
            self.filled.kept_comments.append(name)
            return
        marked = f"{COMMENT_BEGINS}{comment}</div>"
        self.sheet.put(row, column, marked)
        self.filled.commented.append(name)


def check_scale(
    possible: float | None,
    points: float,
    scale: Scale,
) -> None:
    """Refuse to write grades out of 12 if the gradebook has 10, unless a scale is given.

    Args:
        possible: the points that the gradebook has; None if it does not say.
        points: the points that the assignment has.
        scale: how points become grades.

    Raises:
        GraderError: the gradebook has other points than the assignment.
    """
    if scale.to is not None or possible is None:
        return
    if abs(possible - points) <= 1e-9:
        return
    problem = f"The gradebook has {possible:g} points, and the assignment {points:g}."
    advice = f"Say what all points are worth with --scale {possible:g}, or --scale {points:g}."
    raise GraderError(problem, advice)


def only_assignment(report: Report) -> AssignmentInfo:
    """Return the assignment of a report.

    Raises:
        GraderError: there are several, or none.
    """
    if len(report.assignments) == 1:
        return report.assignments[0]
    names = ", ".join(info.name for info in report.assignments) or "none"
    problem = f"A gradebook column holds one assignment, and the report has: {names}."
    raise GraderError(problem, "Name one: grade export FOLDER --assignment NAME.")


def select_assignment(report: Report, name: str) -> Report:
    """Restrict a report to one assignment.

    Raises:
        GraderError: it has no such assignment.
    """
    infos = [info for info in report.assignments if info.name == name]
    if not infos:
        names = ", ".join(info.name for info in report.assignments)
        problem = f"The report has no assignment {name}."
        raise GraderError(problem, f"There is: {names}.")

    submissions = [result for result in report.submissions if result.assignment == name]
    update = {"assignments": tuple(infos), "submissions": tuple(submissions)}
    return report.model_copy(update=update)


def first_number(texts: Iterable[str]) -> float | None:
    """Return the first number among the texts of some cells."""
    for text in texts:
        number = parse_number(text)
        if number is not None:
            return number
    return None
