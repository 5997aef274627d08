"""Writes the outputs that are rendered from a report: tables, gradebooks, CI results. No original is overwritten."""

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
from grader.outputs.formats.gradescope import results_json
from grader.outputs.formats.junit import junit_xml
from grader.outputs.gradebooks.canvas import fill_canvas
from grader.outputs.gradebooks.feedback_zip import PAGE, TEXT, pack_feedback
from grader.outputs.gradebooks.filling import Filled, only_assignment
from grader.outputs.gradebooks.grades import Scale
from grader.outputs.gradebooks.matching import Matches
from grader.outputs.gradebooks.moodle import fill_moodle
from grader.outputs.terminal.gradebook import filled_view, lost_view, written_line
from grader.report import Report
from grader.store.atomic import write_file

FILLED = ".graded"
"""Stands before the ending of a gradebook that was filled in: `export.graded.csv` beside `export.csv`."""


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
    """A folder for the students' own copies of their pages, which `grader.outputs.pages.write` writes."""
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
        shown += [
            written_line(path, language)
            for path in _gradescope(wanted.gradescope, report, language)
        ]
    if wanted.github:
        write_github(report, language, roots)
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


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise GraderError(
            f"{path} cannot be read ({error.strerror or error}).", "Change its rights."
        ) from None


def _filled(original: Path, filled: Filled, language: Language) -> RenderableType:
    path = original.with_name(f"{original.stem}{FILLED}{original.suffix}")
    write_file(path, filled.data)
    return filled_view(path, filled, language)


def _feedback_zip(
    path: Path,
    report: Report,
    copies: Mapping[str, str],
    matches: Matches | None,
    language: Language,
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
        problem = (
            f"{path} is the result of one submission, and there are {len(report.submissions)}."
        )
        raise GraderError(problem, "Give a folder with --gradescope, for a file per submission.")
    paths = []
    for submission in report.submissions:
        paths.append(path if single else path / f"{submission.id}.json")
        write_file(paths[-1], results_json(submission, infos.get(submission.assignment), language))
    return paths if single else [path]
