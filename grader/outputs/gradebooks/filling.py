"""What filling in a gradebook comes to: the same for every kind of file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from grader.errors import GraderError
from grader.outputs.gradebooks.cells import Sheet
from grader.outputs.gradebooks.grades import Scale, as_number, as_written, grade_of, is_pending
from grader.outputs.gradebooks.matching import Matches
from grader.report import AssignmentInfo, Report

COMMENT_BEGINS = '<div class="grader-feedback">'
"""How a comment of the grader's begins: one that begins otherwise is a person's, and is kept."""

NO_GRADE = ("", "-")
"""How a gradebook says that there is no grade yet."""


@dataclass
class Filled:
    """A gradebook that was filled in, and what a person should know of it."""

    data: bytes = b""
    """The whole file."""
    graded: list[str] = field(default_factory=list)
    """Names in the file that a grade was written to."""
    changed: list[tuple[str, str, str]] = field(default_factory=list)
    """Name, grade before and grade now, where there was another one."""
    pending: list[str] = field(default_factory=list)
    """Names whose grade was not written, since a person has still to look."""
    without_grade: list[str] = field(default_factory=list)
    """Names whose submission has no grade: it could not be graded, or is the handout as it was."""
    commented: list[str] = field(default_factory=list)
    """Names that a comment was written to."""
    kept_grades: list[tuple[str, str]] = field(default_factory=list)
    """Name and what stands there in place of a grade, such as `EX` for excused: a person's word."""
    kept_comments: list[str] = field(default_factory=list)
    """Names whose comment is a person's."""
    matches: Matches = field(default_factory=lambda: Matches((), (), (), ()))
    """Who was found, and who was not."""


@dataclass(frozen=True)
class Columns:
    """Where a gradebook has what is filled in."""

    grade: int
    decimal_sign: str
    comment: int | None = None


def fill_in(
    sheet: Sheet,
    columns: Columns,
    matches: Matches,
    scale: Scale,
    comments: Mapping[str, str] | None = None,
) -> Filled:
    """Write grades, and comments beside them, into a gradebook.

    Args:
        sheet: the gradebook; it is changed.
        columns: where they go.
        matches: which submission is of which row.
        scale: how points become grades.
        comments: what is said to the student, as HTML, by the id of the submission.
    """
    filling = _Filling(sheet, columns, Filled(matches=matches))
    for entry, submission in matches.pairs:
        name, grade = entry.name or entry.id, grade_of(submission, scale)
        if grade is not None:
            filling.grade(entry.row, name, grade)
            filling.comment(entry.row, name, (comments or {}).get(submission.id, ""))
        elif submission.status == "graded" and is_pending(submission):
            filling.filled.pending.append(name)
        else:
            filling.filled.without_grade.append(name)
    filling.filled.data = sheet.to_bytes()
    return filling.filled


@dataclass
class _Filling:
    sheet: Sheet
    columns: Columns
    filled: Filled

    def grade(self, row: int, name: str, grade: Decimal) -> None:
        """Write a grade, unless something else than a number stands there."""
        before, now = (
            self.sheet.value(row, self.columns.grade),
            as_written(grade, self.columns.decimal_sign),
        )
        number = as_number(before)
        if number is None and before not in NO_GRADE:
            self.filled.kept_grades.append((name, before))
            return
        self.filled.graded.append(name)
        if number == float(grade):  # 7,00 may stay as it is written
            return
        if number is not None:
            self.filled.changed.append((name, before, now))
        self.sheet.put(row, self.columns.grade, now)

    def comment(self, row: int, name: str, comment: str) -> None:
        """Write a comment, unless a person's stands there."""
        if self.columns.comment is None or not comment:
            return
        before = self.sheet.value(row, self.columns.comment)
        if before and not before.startswith(COMMENT_BEGINS):
            self.filled.kept_comments.append(name)
            return
        self.sheet.put(row, self.columns.comment, f"{COMMENT_BEGINS}{comment}</div>")
        self.filled.commented.append(name)


def check_scale(possible: float | None, points: float, scale: Scale) -> None:
    """Refuse to write grades out of 12 where the gradebook has 10, unless the scale was said.

    Raises:
        GraderError: the gradebook says that all points are worth something else.
    """
    if scale.to is None and possible is not None and abs(possible - points) > 1e-9:
        advice = f"Say what all points are worth with --scale {possible:g}, or --scale {points:g}."
        raise GraderError(
            f"The gradebook has {possible:g} points, and the assignment {points:g}.", advice
        )


def only_assignment(report: Report) -> AssignmentInfo:
    """The assignment of a report.

    Raises:
        GraderError: there are several, or none.
    """
    if len(report.assignments) == 1:
        return report.assignments[0]
    names = ", ".join(info.name for info in report.assignments) or "none"
    advice = "Name one: grade export FOLDER --assignment NAME."
    raise GraderError(
        f"A gradebook's column is of one assignment, and the report has: {names}.", advice
    )


def of_assignment(report: Report, name: str) -> Report:
    """The part of a report that is of one assignment.

    Raises:
        GraderError: it has no such assignment.
    """
    infos = tuple(info for info in report.assignments if info.name == name)
    if not infos:
        names = ", ".join(info.name for info in report.assignments)
        raise GraderError(f"The report has no assignment {name}.", f"There is: {names}.")
    submissions = tuple(one for one in report.submissions if one.assignment == name)
    return report.model_copy(update={"assignments": infos, "submissions": submissions})


def first_number(texts: Iterable[str]) -> float | None:
    """The first of some cells that is a number."""
    return next((number for text in texts if (number := as_number(text)) is not None), None)
