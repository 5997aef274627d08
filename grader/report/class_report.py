"""Define the report of a class: its submissions, similar work, and a summary."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from pydantic import Field

from grader.report.submission import (
    ByLanguage,
    LeftOut,
    Message,
    Person,
    ReportModel,
    SubmissionResult,
    Texts,
    Where,
)

if TYPE_CHECKING:
    import pandas

SCHEMA_VERSION = "1.0"


class ExerciseInfo(ReportModel):
    """An exercise, as the assignment describes it."""

    id: str
    """Its name in `assignment.toml`."""
    title: str
    """Its title."""
    points: float
    """Points to be had."""
    automatic: bool
    """Whether the grader decides it, rather than a person."""
    note: ByLanguage = Field(default_factory=dict)
    """Note for the instructor, per language."""
    student_note: ByLanguage = Field(default_factory=dict)
    """Note for the student, per language."""


class AssignmentInfo(ReportModel):
    """The assignment that submissions belong to."""

    name: str
    """Name of its folder."""
    title: str
    """Its title."""
    language: str
    """Language of the course: `pt`, `en` or `es`."""
    version: str
    """Hash of the handout and `assignment.toml`."""
    reference: str
    """Hash of the reference, its variants and its mistakes."""
    max_points: float
    """Points of the exercises that the grader decides."""
    exercises: tuple[ExerciseInfo, ...] = ()
    """Its exercises."""


class GraderInfo(ReportModel):
    """The grader and its environment."""

    version: str
    """Version of the grader."""
    python: str
    """Version of Python."""
    torch: str
    """Version of torch."""
    sandbox: str
    """The weakest sandbox of the run; empty if no notebook ran.

    `bwrap`: in forks of a fork server. `bwrap-cold`: in a process of its own. `none`: not
    sandboxed, with the rights of the person at the terminal.
    """
    threads: int
    """Threads of torch."""


class Waiting(ReportModel):
    """A fault of the machine, and the submissions that wait because of it."""

    reason: Message
    """Missing resource of the machine, or limit that was reached."""
    submissions: int
    """Number of submissions with an exercise that waits for it."""


class Summary(ReportModel):
    """The class in numbers."""

    submissions: int = 0
    """Number of submissions."""
    graded: int = 0
    """Number with this status."""
    unreadable: int = 0
    """Number with this status."""
    wrong_file: int = 0
    """Number with this status."""
    unchanged: int = 0
    """Number with this status."""
    ungradable: int = 0
    """Number with this status."""
    mean_points: float | None = None
    """Mean points of the graded and the unchanged submissions; None if there is none."""
    pending_exercises: int = 0
    """Number of exercises pending review."""
    waiting: tuple[Waiting, ...] = ()
    """Reasons of the machine for which submissions wait, the most frequent first."""


class Shared(ReportModel):
    """A line or a sentence that two submissions share and few others have."""

    left: Where
    """Place in the first submission."""
    right: Where
    """Place in the second submission; the names may differ there."""
    others: int
    """Number of other students who have it."""


class Similar(ReportModel):
    """Two submissions that are similar irrespective of handout, comments, names and formatting.

    For a person to look at: it costs no points, and does not say who had it from whom.
    """

    submissions: tuple[str, str]
    """Ids of the two."""
    share: float
    """Shared code as a share of the code of the one that has less, from 0 to 1.

    Rare code counts more. Code of the handout or the reference does not count.
    """
    shared: tuple[Shared, ...] = ()
    """Code and sentences that both have and few others, in the order of the first submission."""
    more: int = 0
    """Number of further lines and sentences."""
    answers: Texts = ()
    """Ids of the exercises that both answer in the same words."""


class Sameness(ReportModel):
    """Code or answers that much of a class shares, which are no evidence for any two of them."""

    submissions: Texts
    """Ids of the submissions that share it."""
    compared: int
    """Number of submissions of the assignment that were compared."""
    exercises: Texts = ()
    """Ids of the exercises that they answer in the same words; empty for code."""
    lines: tuple[Where, ...]
    """The lines, or one answer per exercise, in the first of these submissions."""


class Report(ReportModel):
    """The outcome of a run."""

    schema_version: str = SCHEMA_VERSION
    """Version of this format."""
    grader: GraderInfo
    """The grader and its environment."""
    created: str
    """When, as ISO 8601 in UTC."""
    seconds: float
    """Wall time of the whole run, in seconds."""
    assignments: tuple[AssignmentInfo, ...]
    """The assignments of the submissions."""
    summary: Summary
    """The class in numbers."""
    submissions: tuple[SubmissionResult, ...]
    """The submissions, sorted by file."""
    left_out: tuple[LeftOut, ...] = ()
    """Other files that were handed in, and why they were not graded."""
    absent: tuple[Person, ...] = ()
    """People on the roster who handed in nothing."""
    similar: tuple[Similar, ...] = ()
    """Pairs of similar submissions for a person to look at, most evidence first."""
    similar_left_out: int = 0
    """Number of further pairs."""
    sameness: tuple[Sameness, ...] = ()
    """Code and answers that much of a class shares."""

    def to_dataframe(self) -> pandas.DataFrame:
        """Return a table with a row per submission.

        Columns are `student`, `file`, `assignment`, `status`, `points` and `pending` (the number of
        exercises that wait for a person), and one with the points of each exercise, by its id: NaN
        while it waits, and where the submission's assignment has none of that id.

        Raises:
            ModuleNotFoundError: pandas is not installed.
        """
        import pandas

        rows = [_row(submission) for submission in self.submissions]
        return pandas.DataFrame(rows)

    def _repr_html_(self) -> str | None:
        """Show the table in a notebook; without pandas, fall back to `repr`."""
        try:
            table = self.to_dataframe()
        except ModuleNotFoundError:
            return None
        html: str = table.to_html(na_rep="", index=False)
        return html

    def canonical(self) -> dict[str, Any]:
        """Return the report without times, memory and machine: equal for runs on the same input."""
        data = self.model_dump(mode="json")
        del data["created"]
        del data["seconds"]
        del data["grader"]["python"]
        for submission in data["submissions"]:
            _remove_measurements(submission["execution"])
        return data


def _row(submission: SubmissionResult) -> dict[str, str | float]:
    """Return a submission as a row of a table."""
    pending = [exercise for exercise in submission.exercises if exercise.status == "pending"]
    row: dict[str, str | float] = {
        "student": submission.student,
        "file": submission.file,
        "assignment": submission.assignment,
        "status": submission.status,
        "points": submission.points,
        "pending": len(pending),
    }
    for exercise in submission.exercises:
        is_pending = exercise.status == "pending"
        row[exercise.id] = math.nan if is_pending else exercise.points
    return row


def _remove_measurements(execution: dict[str, Any]) -> None:
    del execution["seconds"]
    del execution["peak_mib"]
    ended = execution["ended"]
    if ended is not None:
        ended["params"].pop("seconds", None)
