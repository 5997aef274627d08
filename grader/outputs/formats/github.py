"""Write a report for GitHub Actions: annotations in the log, and a table in the job summary.

SECURITY: a log line that begins with `::` is a command to the runner. Text of students is escaped,
so it cannot begin a line, end a command or add a property to one. In the table it is escaped as
Markdown and as HTML. The texts are those that the student reads.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import click

from grader.errors import GraderError
from grader.messages import Language, word
from grader.outputs import feedback
from grader.outputs.class_summary import summary_line, waiting_lines
from grader.outputs.safe_text import plain
from grader.outputs.wording import earned, outcome, points
from grader.report import (
    AssignmentInfo,
    ExerciseInfo,
    ExerciseResult,
    Report,
    SubmissionResult,
    Where,
)

MAX_ANNOTATIONS = 10
"""Most annotations of a kind: GitHub shows no more per step."""
MAX_SUMMARY_BYTES = 1_000_000
"""Largest table: GitHub takes no more than 1 MiB per step."""
MAX_NOTEBOOK_BYTES = 50 * 2**20
"""A larger file is not searched for the line of an annotation."""

SUMMARY = "GITHUB_STEP_SUMMARY"
"""The environment variable in which GitHub names the summary file of a step."""

Kind = Literal["error", "warning", "notice"]
KINDS: tuple[Kind, ...] = ("error", "warning", "notice")
"""Kinds of annotations, in the order in which they are printed."""
KIND_BY_STATUS: dict[str, Kind] = {"partial": "warning", "pending": "notice"}
"""The kind by the status of an exercise; `error` for the others that did not pass."""

Locate = Callable[[SubmissionResult, Where | None], tuple[str, int]]
"""Gives the path of a submission in the repository, and the line in that file; 0 if unknown."""

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|~:@])")


@dataclass(frozen=True)
class _Annotation:
    kind: Kind
    file: str
    line: int
    title: str
    message: str

    def command(self) -> str:
        """Format the annotation as a command to GitHub's runner."""
        properties = []
        if self.file:
            properties.append(f"file={_escape_property(self.file)}")
        if self.line:
            properties.append(f"line={self.line}")
        if self.title:
            properties.append(f"title={_escape_property(self.title)}")
        joined = ",".join(properties)
        return f"::{self.kind} {joined}::{_escape_data(self.message)}"


def write_github(
    report: Report,
    language: Language,
    roots: Sequence[Path],
) -> None:
    """Print annotations, and append the table to the step's summary, if there is one."""

    def locate(submission: SubmissionResult, where: Where | None) -> tuple[str, int]:
        return locate_submission(submission, where, roots)

    for command in commands(report, language, locate):
        click.echo(command)

    target = os.environ.get(SUMMARY)
    if target:
        _append_summary(Path(target), summary(report, language))


def _append_summary(path: Path, text: str) -> None:
    try:
        with path.open("a", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        problem = f"{path} cannot be written ({error.strerror or error})."
        advice = f"Let {SUMMARY} name a file that can be."
        raise GraderError(problem, advice) from None


# Annotations


def commands(
    report: Report,
    language: Language,
    locate: Locate,
) -> list[str]:
    """List the annotations of a report, a line each: at most ten of each kind, errors first.

    Args:
        report: the report of a run.
        language: language of the texts.
        locate: finds a place of a submission in the repository.
    """
    annotations: list[_Annotation] = []
    for submission in report.submissions:
        annotations += _annotations(submission, language, locate)

    lines = []
    for kind in KINDS:
        same_kind = [annotation for annotation in annotations if annotation.kind == kind]
        lines += [annotation.command() for annotation in same_kind[:MAX_ANNOTATIONS]]
    return lines


def _annotations(
    submission: SubmissionResult,
    language: Language,
    locate: Locate,
) -> Iterator[_Annotation]:
    if submission.status not in ("graded", "unchanged"):
        yield _submission_annotation(submission, language, locate)
        return
    for exercise in submission.exercises:
        if _needs_annotation(exercise):
            yield _exercise_annotation(submission, exercise, language, locate)


def _submission_annotation(
    submission: SubmissionResult,
    language: Language,
    locate: Locate,
) -> _Annotation:
    file, line = locate(submission, None)
    status = word(submission.status, language)
    sentences = feedback.submission_sentences(submission, language)
    return _Annotation(
        kind="error",
        file=file,
        line=line,
        title=f"{_name(submission)}: {status}",
        message=" ".join(sentences) or status,
    )


def _exercise_annotation(
    submission: SubmissionResult,
    exercise: ExerciseResult,
    language: Language,
    locate: Locate,
) -> _Annotation:
    file, line = locate(submission, _where_found(exercise))
    sentences = feedback.student_sentences(exercise, language)
    return _Annotation(
        kind=KIND_BY_STATUS.get(exercise.status, "error"),
        file=file,
        line=line,
        title=f"{_name(submission)}: {exercise.title}",
        message=" ".join(sentences) or word(exercise.status, language),
    )


def _needs_annotation(exercise: ExerciseResult) -> bool:
    if exercise.status in ("passed", "not_asked"):
        return False
    return exercise.automatic or exercise.status != "missing"


def _where_found(exercise: ExerciseResult) -> Where | None:
    for check in exercise.checks:
        if check.found:
            return check.found.where
    return None


def _name(submission: SubmissionResult) -> str:
    return submission.student or submission.file


def _escape_data(text: str) -> str:
    without_percent = plain(text).replace("%", "%25")
    without_returns = without_percent.replace("\r", "%0D")
    return without_returns.replace("\n", "%0A")


def _escape_property(text: str) -> str:
    return _escape_data(text).replace(":", "%3A").replace(",", "%2C")


# The summary


def summary(report: Report, language: Language) -> str:
    """Write the class as Markdown, for the file that `GITHUB_STEP_SUMMARY` names."""
    lines = list(_summary_lines(report, language))
    kept: list[str] = []
    size_bytes = 0

    for line in lines:
        size_bytes += len(line.encode()) + 1
        if size_bytes > MAX_SUMMARY_BYTES:
            left_out = len(lines) - len(kept)
            kept += ["", word("more", language, count=left_out)]
            break
        kept.append(line)

    return "\n".join([*kept, ""])


def _summary_lines(report: Report, language: Language) -> Iterator[str]:
    for sentence in waiting_lines(report, language):
        yield f"> {_escape_markdown(sentence)}"
        yield ""
    for info in report.assignments:
        yield from _assignment_table(report, info, language)
        yield ""
    yield _escape_markdown(summary_line(report, language))


def _assignment_table(
    report: Report,
    info: AssignmentInfo,
    language: Language,
) -> Iterator[str]:
    exercises = [exercise for exercise in info.exercises if exercise.automatic]
    headings = [
        word("student", language),
        word("points", language),
        *(exercise.id for exercise in exercises),
        word("csv-pending-points-of", language),
    ]

    yield f"## {_escape_markdown(info.title)}"
    yield ""
    yield _table_row([_escape_markdown(heading) for heading in headings])
    yield _table_row(["---"] * len(headings))
    for submission in report.submissions:
        if submission.assignment == info.name:
            yield _submission_row(submission, exercises, language)


def _submission_row(
    submission: SubmissionResult,
    exercises: Sequence[ExerciseInfo],
    language: Language,
) -> str:
    cells = [_name(submission), _score(submission, language)]

    results = {result.id: result for result in submission.exercises}
    for exercise in exercises:
        result = results.get(exercise.id)
        cells.append(outcome(result, language, with_points=True).plain)

    pending = ""
    if submission.pending_points:
        pending = points(submission.pending_points, language)
    cells.append(pending)
    return _table_row([_escape_markdown(cell) for cell in cells])


def _score(submission: SubmissionResult, language: Language) -> str:
    if submission.status == "graded":
        return earned(submission, language)
    return word(submission.status, language)


def _table_row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _escape_markdown(text: str) -> str:
    """Escape a text so that no character of it is markup, HTML or a mention."""
    ampersands = plain(text).replace("&", "&amp;")
    html = ampersands.replace("<", "&lt;").replace(">", "&gt;")
    escaped = _MARKDOWN.sub(r"\\\1", html)
    return escaped.replace("\\@", "&#64;").replace("\\:", "&#58;").replace("\\|", "&#124;")


# Where an annotation points


def locate_submission(
    submission: SubmissionResult,
    where: Where | None,
    roots: Sequence[Path],
) -> tuple[str, int]:
    """Find a submission relative to the current folder, and a student's line in its file.

    Args:
        submission: the submission.
        where: a place in it.
        roots: the folders and files that were given.

    Returns:
        The path; the line, from 1, or 0 where the file cannot be read or does not have that line
        exactly once.
    """
    path = _find_file(submission, roots)
    if path is None:
        return submission.file, 0

    shown = Path(os.path.relpath(path)).as_posix()
    source = where.source.strip() if where else ""
    if not source:
        return shown, 0
    return shown, _line_number(path, source)


def _find_file(submission: SubmissionResult, roots: Sequence[Path]) -> Path | None:
    for root in roots:
        for path in (root / submission.file, root):
            if path.is_file() and path.as_posix().endswith(submission.file):
                return path
    return None


def _line_number(path: Path, source: str) -> int:
    if path.stat().st_size > MAX_NOTEBOOK_BYTES:
        return 0

    text = path.read_text("utf-8", errors="replace")
    # A notebook's lines are JSON strings, with letters either as they are or escaped.
    escaped = json.dumps(source)[1:-1]
    unescaped = json.dumps(source, ensure_ascii=False)[1:-1]

    numbers = []
    for number, line in enumerate(text.split("\n"), 1):
        if escaped in line or unescaped in line:
            numbers.append(number)
    if len(numbers) != 1:
        return 0
    return numbers[0]
