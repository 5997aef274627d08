"""Write the outputs of a report: tables, gradebooks, CI results.

Files that the instructor gave are never overwritten.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import RenderableType

from grader.errors import GraderError
from grader.messages import Language
from grader.outputs import feedback
from grader.outputs.formats.csv import class_csv
from grader.outputs.formats.github import write_github
from grader.outputs.formats.gradescope import Visibility, results_json
from grader.outputs.formats.junit import junit_xml
from grader.outputs.gradebooks.canvas import fill_canvas
from grader.outputs.gradebooks.feedback_zip import PAGE, TEXT, pack_feedback
from grader.outputs.gradebooks.fill_in import FilledGradebook, only_assignment
from grader.outputs.gradebooks.grades import Scale
from grader.outputs.gradebooks.matching import Matches
from grader.outputs.gradebooks.moodle import fill_moodle
from grader.outputs.terminal.gradebook import feedback_zip_view, gradebook_view, written_line
from grader.report import Report
from grader.store.atomic import write_file

GRADED = ".graded"
"""Stands before the ending of a filled gradebook: `export.graded.csv` beside `export.csv`."""


@dataclass(frozen=True)
class Outputs:
    """The outputs to write beside the report, and their paths; None for those not wanted."""

    csv: Path | None = None
    canvas: Path | None = None
    """The file that Canvas exported."""
    canvas_column: str | None = None
    moodle: Path | None = None
    """The grading worksheet that Moodle gave."""
    moodle_feedback: Path | None = None
    gradescope: Path | None = None
    """A file `….json` for a single submission, else a folder."""
    hide_until: Visibility | None = None
    """When students see points and feedback there; None: at once."""
    junit: Path | None = None
    github: bool = False
    feedback: Path | None = None
    """A folder for the students' copies of their pages: `grader.outputs.pages.write` writes it."""
    scale: Scale = field(default_factory=Scale)


def write_outputs(
    outputs: Outputs,
    report: Report,
    language: Language,
    roots: Sequence[Path] = (),
    copies: Mapping[str, str] | None = None,
) -> list[RenderableType]:
    """Write the chosen outputs.

    Those for machines come first, so that they are there even if a gradebook does not fit.

    Args:
        outputs: what to write, and where.
        report: the report.
        language: language of the words.
        roots: the folders and files in which the submissions were found, for annotations; none
            if not known.
        copies: each student's own page by the id of the submission, for the zip of feedback.

    Returns:
        What to show.

    Raises:
        GraderError: a file cannot be read or written, or is not what it should be.
    """
    views: list[RenderableType] = []
    if outputs.gradescope:
        visibility = outputs.hide_until or "visible"
        for path in _write_gradescope(outputs.gradescope, report, language, visibility):
            views.append(written_line(path, language))
    if outputs.github:
        write_github(report, language, roots)
    if outputs.junit:
        write_file(outputs.junit, junit_xml(report, language))
        views.append(written_line(outputs.junit, language))
    if outputs.csv:
        write_file(outputs.csv, class_csv(report, language))
        views.append(written_line(outputs.csv, language))

    views += _write_gradebooks(outputs, report, language, copies or {})
    return views


def _write_gradebooks(
    outputs: Outputs,
    report: Report,
    language: Language,
    copies: Mapping[str, str],
) -> list[RenderableType]:
    views: list[RenderableType] = []
    matches = None

    if outputs.canvas:
        export = _read(outputs.canvas)
        gradebook = fill_canvas(export, report, outputs.scale, outputs.canvas_column)
        views.append(_write_gradebook(outputs.canvas, gradebook, language))

    if outputs.moodle:
        worksheet = _read(outputs.moodle)
        comments = {
            submission.id: feedback.as_comment(submission, language)
            for submission in report.submissions
        }
        gradebook = fill_moodle(worksheet, report, outputs.scale, comments)
        matches = gradebook.matches
        views.append(_write_gradebook(outputs.moodle, gradebook, language))

    if outputs.moodle_feedback:
        path = outputs.moodle_feedback
        views.append(
            _write_feedback_zip(
                path,
                report,
                copies,
                matches,
                language,
            )
        )

    return views


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        cause = error.strerror or error
        raise GraderError(f"{path} cannot be read ({cause}).", "Change its rights.") from None


def _write_gradebook(
    original: Path,
    gradebook: FilledGradebook,
    language: Language,
) -> RenderableType:
    """Write a filled gradebook beside the original, and show the outcome."""
    path = original.with_name(f"{original.stem}{GRADED}{original.suffix}")
    write_file(path, gradebook.data)
    return gradebook_view(path, gradebook, language)


def _write_feedback_zip(
    path: Path,
    report: Report,
    copies: Mapping[str, str],
    matches: Matches | None,
    language: Language,
) -> RenderableType:
    """Write the zip of feedback for Moodle, and show who is not in it."""
    info = only_assignment(report)

    files = {}
    for submission in report.submissions:
        files[submission.id] = {TEXT: feedback.as_text(submission, info, language)}
    for submission_id, page in copies.items():
        files[submission_id][PAGE] = page

    data, missing = pack_feedback(report.submissions, files, matches)
    write_file(path, data)

    packed_count = len(report.submissions) - len(missing)
    return feedback_zip_view(path, missing, packed_count, language)


def _write_gradescope(
    path: Path,
    report: Report,
    language: Language,
    visibility: Visibility,
) -> list[Path]:
    """Write one file if its name ends in `.json`; else one per submission into a folder."""
    single = path.suffix == ".json"
    count = len(report.submissions)
    if single and count != 1:
        raise GraderError(
            f"{path} is the result of one submission, and there are {count}.",
            "Give a folder with --gradescope, for a file per submission.",
        )

    infos = {info.name: info for info in report.assignments}
    for submission in report.submissions:
        target = path if single else path / f"{submission.id}.json"
        info = infos.get(submission.assignment)
        write_file(target, results_json(submission, info, language, visibility))

    return [path]
