"""Writes the outputs that are rendered from a report: tables, gradebooks, CI results. No original is overwritten."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import click
from rich.console import RenderableType

from grader.errors import GraderError
from grader.gradebooks.canvas import fill_canvas
from grader.gradebooks.feedback_zip import PAGE, TEXT, pack_feedback
from grader.gradebooks.filling import Filled, only_assignment
from grader.gradebooks.grades import Scale
from grader.gradebooks.matching import Matches
from grader.gradebooks.moodle import fill_moodle
from grader.messages import Language
from grader.render import feedback
from grader.render.csv_table import class_csv
from grader.render.filled import filled_view, lost_view, written_line
from grader.render.github import commands, summary
from grader.render.gradescope import results_json
from grader.render.junit import junit_xml
from grader.report import Report, SubmissionResult, Where

FILLED = ".graded"
"""Stands before the ending of a gradebook that was filled in: `export.graded.csv` beside `export.csv`."""
SUMMARY = "GITHUB_STEP_SUMMARY"
"""The variable in which GitHub names the file of a step's summary."""
MAX_NOTEBOOK_BYTES = 50 * 2**20
"""A larger file is not looked into for the line of an annotation."""


@dataclass(frozen=True)
class Outputs:
    """What is to be written beside the report, and where."""

    csv: Path | None = None
    canvas: Path | None = None
    """The file that Canvas exported."""
    canvas_column: str | None = None
    moodle: Path | None = None
    """The grading worksheet that Moodle gave."""
    moodle_feedback: Path | None = None
    gradescope: Path | None = None
    """A file `….json` for a single submission, else a folder."""
    junit: Path | None = None
    github: bool = False
    feedback: Path | None = None
    """A folder for the students' own copies of their pages, which `grader.pages` writes."""
    scale: Scale = field(default_factory=Scale)


def write_outputs(
    wanted: Outputs,
    report: Report,
    language: Language,
    roots: Sequence[Path] = (),
    copies: Mapping[str, str] | None = None,
) -> list[RenderableType]:
    """Write everything that is wanted; what is for machines first, so that a gradebook that does not fit leaves it.

    Args:
        wanted: what, and where.
        report: the report.
        language: language of the words.
        roots: the folders and files that the submissions were found in, for annotations; none if not known.
        copies: each student's own page, by the id of the submission, for the zip of feedback.

    Returns:
        What to show.

    Raises:
        GraderError: a file cannot be read or written, or is not what it should be.
    """
    shown: list[RenderableType] = []
    if wanted.gradescope:
        shown += [written_line(path, language) for path in _gradescope(wanted.gradescope, report, language)]
    if wanted.github:
        _github(report, language, roots)
    for path, render in ((wanted.junit, junit_xml), (wanted.csv, class_csv)):
        if path:
            write_file(path, render(report, language))
            shown.append(written_line(path, language))
    if wanted.canvas:
        filled = fill_canvas(_read(wanted.canvas), report, wanted.scale, wanted.canvas_column)
        shown.append(_filled(wanted.canvas, filled, language))
    matches = None
    if wanted.moodle:
        comments = {one.id: feedback.as_comment(one, language) for one in report.submissions}
        filled = fill_moodle(_read(wanted.moodle), report, wanted.scale, comments)
        matches = filled.matches
        shown.append(_filled(wanted.moodle, filled, language))
    if wanted.moodle_feedback:
        shown.append(_feedback_zip(wanted.moodle_feedback, report, copies or {}, matches, language))
    return shown


def write_file(path: Path, data: bytes) -> None:
    """Write a file as a whole, or leave the one that is there; folders above it are made.

    Raises:
        GraderError: it cannot be written.
    """
    temporary = path.with_name(f".writing-{secrets.token_hex(8)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            temporary.write_bytes(data)
            os.replace(temporary, path)  # noqa: PTH105
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise GraderError(f"{path} cannot be written ({error.strerror or error}).", "Give another file.") from None


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise GraderError(f"{path} cannot be read ({error.strerror or error}).", "Change its rights.") from None


def _filled(original: Path, filled: Filled, language: Language) -> RenderableType:
    path = original.with_name(f"{original.stem}{FILLED}{original.suffix}")
    write_file(path, filled.data)
    return filled_view(path, filled, language)


def _feedback_zip(
    path: Path, report: Report, copies: Mapping[str, str], matches: Matches | None, language: Language
) -> RenderableType:
    info = only_assignment(report)
    files = {one.id: {TEXT: feedback.as_text(one, info, language)} for one in report.submissions}
    for submission_id, page in copies.items():
        files[submission_id][PAGE] = page
    data, lost = pack_feedback(report.submissions, files, matches)
    write_file(path, data)
    return lost_view(path, lost, len(report.submissions) - len(lost), language)


def _gradescope(path: Path, report: Report, language: Language) -> list[Path]:
    """Write one file if its name ends in `.json`; else one per submission into a folder."""
    infos = {info.name: info for info in report.assignments}
    single = path.suffix == ".json"
    if single and len(report.submissions) != 1:
        problem = f"{path} is the result of one submission, and there are {len(report.submissions)}."
        raise GraderError(problem, "Give a folder with --gradescope, for a file per submission.")
    paths = []
    for submission in report.submissions:
        paths.append(path if single else path / f"{submission.id}.json")
        write_file(paths[-1], results_json(submission, infos.get(submission.assignment), language))
    return paths if single else [path]


def _github(report: Report, language: Language, roots: Sequence[Path]) -> None:
    """Print annotations, and add the table to the summary of the step, where there is one."""
    for line in commands(report, language, lambda submission, where: located(submission, where, roots)):
        click.echo(line)
    if target := os.environ.get(SUMMARY):
        try:
            with Path(target).open("a", encoding="utf-8") as file:
                file.write(summary(report, language))
        except OSError as error:
            advice = f"Let {SUMMARY} name a file that can be."
            raise GraderError(f"{target} cannot be written ({error.strerror or error}).", advice) from None


def located(submission: SubmissionResult, where: Where | None, roots: Sequence[Path]) -> tuple[str, int]:
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
    found = [number for number, line in enumerate(text.split("\n"), 1) if any(form in line for form in forms)]
    return found[0] if len(found) == 1 else 0
