"""Writes a report for GitHub Actions: annotations for the log, and a table for the page of the run.

SECURITY: a line of the log that begins with `::` is a command to the runner. What a student wrote is escaped, and so
cannot begin a line, end a command or add a property to it. In the table it is escaped as Markdown, and as HTML.
What is said is what the student is told.
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
from grader.outputs.safe_text import plain
from grader.outputs.wording import earned, outcome, points, summary_line
from grader.report import ExerciseResult, Report, SubmissionResult, Where

MOST = 10
"""Annotations of a kind: GitHub shows no more of a step."""
MOST_BYTES = 1_000_000
"""Of the table: GitHub takes no more than 1 MiB for a step."""

Kind = Literal["error", "warning", "notice"]
KINDS: dict[str, Kind] = {"partial": "warning", "pending": "notice"}
"""The kind of annotation by the status of an exercise; `error` for the others that did not pass."""

Locate = Callable[[SubmissionResult, Where | None], tuple[str, int]]
"""The path of a submission in the repository, and the line of the file for a place in it; 0 if that is not known."""

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|~:@])")


@dataclass(frozen=True)
class _Annotation:
    kind: Kind
    file: str
    line: int
    title: str
    message: str

    def __str__(self) -> str:
        properties = {
            "file": self.file,
            "line": str(self.line) if self.line else "",
            "title": self.title,
        }
        given = ",".join(
            f"{name}={_property(value)}" for name, value in properties.items() if value
        )
        return f"::{self.kind} {given}::{_data(self.message)}"


def commands(report: Report, language: Language, locate: Locate) -> list[str]:
    """Lines for standard output: at most ten of a kind, the errors first.

    Args:
        report: the report of a run.
        language: language of the words.
        locate: says where in the repository something is.
    """
    found = [one for submission in report.submissions for one in _of(submission, language, locate)]
    kinds: tuple[Kind, ...] = ("error", "warning", "notice")
    return [str(one) for kind in kinds for one in [one for one in found if one.kind == kind][:MOST]]


def summary(report: Report, language: Language) -> str:
    """The class as Markdown, for the file that `GITHUB_STEP_SUMMARY` names."""
    lines = list(_lines(report, language))
    kept, size = list[str](), 0
    for line in lines:
        size += len(line.encode()) + 1
        if size > MOST_BYTES:
            kept += ["", word("more", language, count=len(lines) - len(kept))]
            break
        kept.append(line)
    return "\n".join([*kept, ""])


def _of(submission: SubmissionResult, language: Language, locate: Locate) -> Iterator[_Annotation]:
    name = submission.student or submission.file
    if submission.status not in ("graded", "unchanged"):
        file, line = locate(submission, None)
        told = " ".join(feedback.general(submission, language)) or word(submission.status, language)
        yield _Annotation("error", file, line, f"{name}: {word(submission.status, language)}", told)
        return
    for one in submission.exercises:
        if one.status in ("passed", "not_asked") or (one.status == "missing" and not one.automatic):
            continue
        file, line = locate(submission, _where(one))
        told = " ".join(feedback.about(one, language)) or word(one.status, language)
        yield _Annotation(KINDS.get(one.status, "error"), file, line, f"{name}: {one.title}", told)


def _where(one: ExerciseResult) -> Where | None:
    return next((check.found.where for check in one.checks if check.found), None)


def _lines(report: Report, language: Language) -> Iterator[str]:
    for info in report.assignments:
        shown = [one for one in info.exercises if one.automatic]
        yield f"## {_markdown(info.title)}"
        yield ""
        heads = [word("student", language), word("points", language), *(one.id for one in shown)]
        yield _table_row(
            [*map(_markdown, heads), _markdown(word("csv-pending-points-of", language))]
        )
        yield _table_row(["---"] * (len(heads) + 1))
        for submission in report.submissions:
            if submission.assignment == info.name:
                yield _row(submission, [one.id for one in shown], language)
        yield ""
    yield _markdown(summary_line(report, language))


def _row(submission: SubmissionResult, shown: list[str], language: Language) -> str:
    results = {one.id: one for one in submission.exercises}
    score = (
        earned(submission, language)
        if submission.status == "graded"
        else word(submission.status, language)
    )
    marks = [outcome(results.get(name), language, with_points=True).plain for name in shown]
    waiting = points(submission.pending_points, language) if submission.pending_points else ""
    name = submission.student or submission.file
    return _table_row(
        [_markdown(name), _markdown(score), *map(_markdown, marks), _markdown(waiting)]
    )


def _table_row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _markdown(text: str) -> str:
    """Text as it is: no character of it is markup, HTML or a mention."""
    shown = plain(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return (
        _MARKDOWN.sub(r"\\\1", shown)
        .replace("\\@", "&#64;")
        .replace("\\:", "&#58;")
        .replace("\\|", "&#124;")
    )


def _data(text: str) -> str:
    return plain(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def write_github(report: Report, language: Language, roots: Sequence[Path]) -> None:
    """Print annotations, and add the table to the summary of the step, where there is one."""
    for line in commands(
        report, language, lambda submission, where: located(submission, where, roots)
    ):
        click.echo(line)
    if target := os.environ.get(SUMMARY):
        try:
            with Path(target).open("a", encoding="utf-8") as file:
                file.write(summary(report, language))
        except OSError as error:
            advice = f"Let {SUMMARY} name a file that can be."
            raise GraderError(
                f"{target} cannot be written ({error.strerror or error}).", advice
            ) from None


def located(
    submission: SubmissionResult, where: Where | None, roots: Sequence[Path]
) -> tuple[str, int]:
    """Where a submission is, seen from the current folder, and on which line of its file a student's line stands.

    Args:
        submission: the submission.
        where: a place in it.
        roots: the folders and files that were given.

    Returns:
        The path; the line, from 1, or 0 where the file cannot be read or has such a line not exactly once.
    """
    paths = (path for root in roots for path in (root / submission.file, root) if path.is_file())
    fitting = (path for path in paths if path.as_posix().endswith(submission.file))
    path = next(fitting, None)
    if path is None:
        return submission.file, 0
    shown = Path(os.path.relpath(path)).as_posix()
    return shown, _line(path, where.source.strip()) if where and where.source.strip() else 0


def _line(path: Path, source: str) -> int:
    if path.stat().st_size > MAX_NOTEBOOK_BYTES:
        return 0
    text = path.read_text("utf-8", errors="replace")
    # A notebook's lines are JSON strings, with letters either as they are or escaped.
    forms = {json.dumps(source, ensure_ascii=ascii)[1:-1] for ascii in (True, False)}
    found = [
        number
        for number, line in enumerate(text.split("\n"), 1)
        if any(form in line for form in forms)
    ]
    return found[0] if len(found) == 1 else 0


SUMMARY = "GITHUB_STEP_SUMMARY"
"""The variable in which GitHub names the file of a step's summary."""


MAX_NOTEBOOK_BYTES = 50 * 2**20
"""A larger file is not looked into for the line of an annotation."""
