"""The outputs beside the report: the options that ask for them, and `grade export` over an earlier run."""

from __future__ import annotations

import math
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.cli import options, screen
from grader.cli.exit import Command, guarded
from grader.errors import NothingToGrade
from grader.messages import Language, say
from grader.outputs.wording import language_of

if TYPE_CHECKING:
    from rich.console import RenderableType

    from grader.outputs.write import Outputs
    from grader.report import Report

OUTPUTS = "What else is written"
GRADES = "Grades in gradebooks"

NEW_FILE = click.Path(dir_okay=False, path_type=Path)
GIVEN_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
NEW_PATH = click.Path(path_type=Path)


class Amount(click.FloatRange):
    """A number above 0, and finite."""

    name = "number"

    def __init__(self) -> None:
        super().__init__(min=0, min_open=True)

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """The number; called by click."""
        amount = float(super().convert(value, param, ctx))
        if not math.isfinite(amount):
            self.fail(f"{value} is no number of points.", param, ctx)
        return amount


_OPTIONS: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    (
        "csv",
        OUTPUTS,
        "FILE",
        {"type": NEW_FILE, "help": "A table for a spreadsheet: a row per student."},
    ),
    (
        "canvas",
        OUTPUTS,
        "EXPORT.csv",
        {"type": GIVEN_FILE, "help": "Fill in Canvas's export: EXPORT.graded.csv."},
    ),
    (
        "canvas-column",
        OUTPUTS,
        "NAME",
        {"help": "The assignment's column there; found by its title if not given."},
    ),
    (
        "moodle",
        OUTPUTS,
        "SHEET.csv",
        {"type": GIVEN_FILE, "help": "Fill in Moodle's worksheet: SHEET.graded.csv."},
    ),
    (
        "moodle-feedback",
        OUTPUTS,
        "FILE.zip",
        {"type": NEW_FILE, "help": "Feedback files, as Moodle takes them."},
    ),
    (
        "feedback",
        OUTPUTS,
        "FOLDER",
        {"type": NEW_PATH, "help": "Each student's own page, without expected values."},
    ),
    (
        "gradescope",
        OUTPUTS,
        "PATH",
        {"type": NEW_PATH, "help": "results.json, or a folder for one per submission."},
    ),
    ("junit", OUTPUTS, "FILE", {"type": NEW_FILE, "help": "JUnit XML, for CI."}),
    (
        "github",
        OUTPUTS,
        "",
        {"is_flag": True, "help": "Annotations and a summary, for GitHub Actions."},
    ),
    (
        "scale",
        GRADES,
        "POINTS",
        {"type": Amount(), "help": "What all points are worth.  [default: their number]"},
    ),
    (
        "round",
        GRADES,
        "STEP",
        {"type": Amount(), "help": "Round to multiples of this, halves upwards."},
    ),
    (
        "provisional",
        GRADES,
        "",
        {"is_flag": True, "help": "Write grades also while exercises wait for a person."},
    ),
)
"""Name of each option, the group it is shown in, what it takes, what click has to know of it."""

_NAMES = tuple(name.replace("-", "_") for name, *_ in _OPTIONS)


def outputs(function: Command) -> Command:
    """The options that ask for outputs beside the report."""
    for name, group, takes, more in reversed(_OPTIONS):
        shown = {"metavar": takes} if takes else {}
        function = options.option(f"--{name}", group=group, **shown, **more)(function)
    return function


def take_outputs(given: dict[str, Any]) -> Outputs:
    """Take the options of `outputs` out of those that a command was given.

    Raises:
        click.UsageError: they do not go together.
    """
    from grader.outputs.gradebooks.grades import Scale
    from grader.outputs.write import Outputs

    taken = {name: given.pop(name) for name in _NAMES}
    scale = Scale(taken.pop("scale"), taken.pop("round"), taken.pop("provisional"))
    wanted = Outputs(**taken, scale=scale)
    if wanted.canvas_column is not None and not wanted.canvas:
        raise click.UsageError(
            "--canvas-column is of a gradebook of Canvas: give it with --canvas."
        )
    if scale != Scale() and not (wanted.canvas or wanted.moodle):
        raise click.UsageError(
            "--scale, --round and --provisional are of gradebooks: give --canvas or --moodle."
        )
    read = {path.resolve() for path in (wanted.canvas, wanted.moodle) if path}
    for path in (wanted.csv, wanted.moodle_feedback, wanted.gradescope, wanted.junit):
        if path and path.resolve() in read:
            raise click.UsageError(
                f"{path} is to be read, and would be overwritten: give another file."
            )
    return wanted


def write(
    wanted: Outputs,
    report: Report,
    folder: Path,
    asked: Language | None,
    *,
    roots: Sequence[Path] = (),
    err: bool = False,
) -> None:
    """Write the outputs, and say on standard output, or standard error, what was written.

    Args:
        wanted: what, and where.
        report: the report.
        folder: the output folder it is in.
        asked: the language; None: that of the first assignment.
        roots: what was graded, for the paths of annotations.
        err: say it on standard error.
    """
    from grader.outputs.write import write_outputs

    language = language_of(report, asked)
    copies = _copies(folder, report, asked) if wanted.feedback or wanted.moodle_feedback else {}
    # First, since a gradebook that does not fit ends the rest.
    told = [_feedback(wanted.feedback, report, copies, language)] if wanted.feedback else []
    told += write_outputs(wanted, report, language, roots, copies)
    with muted(wanted):
        for shown in told:
            screen.show(shown, err=err)


def _copies(folder: Path, report: Report, asked: Language | None) -> Mapping[str, str]:
    from grader.outputs.pages.write import students_copies

    with screen.progress() as progress:
        return students_copies(folder, report, asked, progress)


def _feedback(
    target: Path, report: Report, copies: Mapping[str, str], language: Language
) -> RenderableType:
    from grader.outputs.pages.write import write_copies
    from grader.outputs.terminal.gradebook import feedback_line

    return feedback_line(target, len(write_copies(target, report.submissions, copies)), language)


@contextmanager
def muted(wanted: Outputs) -> Iterator[None]:
    """Keep GitHub from taking what is printed inside for its commands, if its commands are wanted at all.

    SECURITY: a table names students and files, and one may be named `::add-mask::…`. What lets GitHub listen again
    is a word that no student can know.
    """
    if not wanted.github:
        yield
        return
    word = secrets.token_hex(16)
    click.echo(f"::stop-commands::{word}")
    try:
        yield
    finally:
        click.echo(f"::{word}::")


@contextmanager
def failing_to(wanted: Outputs, asked: Language | None) -> Iterator[None]:
    """Write a `results.json` that says so if what is inside fails: Gradescope shows nothing without one.

    Args:
        wanted: where it goes; without a single file for Gradescope, nothing is written.
        asked: the language; None: English, since no assignment may be known.
    """
    path = wanted.gradescope if wanted.gradescope and wanted.gradescope.suffix == ".json" else None
    before = _state(path)
    try:
        yield
    except (Exception, KeyboardInterrupt) as error:
        if (
            path and _state(path) == before
        ):  # what failed came before the result was written, not after it
            _write_failure(path, error, asked or "en")
        raise


def _state(path: Path | None) -> tuple[int, int] | None:
    """What tells one file of a name from another that took its place; None if there is none."""
    if path is None or not path.exists():
        return None
    status = path.stat()
    return status.st_ino, status.st_mtime_ns


def _write_failure(path: Path, error: BaseException, language: Language) -> None:
    from grader.outputs.formats.gradescope import failure_json
    from grader.store.atomic import write_file

    # The words of our own errors may name files of the instructor's: the student gets others.
    told = "run-failed.nothing" if isinstance(error, NothingToGrade) else "run-failed.fault"
    write_file(path, failure_json(say(told, {}, language=language, reader="student")))


@click.command(cls=options.GroupedCommand)
@click.argument("folder", default="grades", type=click.Path(path_type=Path))
@outputs
@options.option(
    "--assignment", group=options.FOLDERS, metavar="NAME", help="Only what is of this assignment."
)
@options.language
@guarded
def export(folder: Path, assignment: str | None, language: Language | None, **given: Any) -> None:
    """Write tables, gradebooks and CI results from the report of an earlier run."""
    wanted = take_outputs(given)
    if not _anything(wanted):
        raise click.UsageError(
            "Nothing is asked for: give --csv, --canvas, --moodle or another output."
        )
    with failing_to(wanted, language):
        write(wanted, _report(folder, assignment), folder, language)


def _report(folder: Path, assignment: str | None) -> Report:
    from grader.outputs.gradebooks.filling import of_assignment
    from grader.store.store import read_report

    report = read_report(folder)
    return of_assignment(report, assignment) if assignment else report


def _anything(wanted: Outputs) -> bool:
    read = (wanted.canvas, wanted.moodle)
    written = (wanted.csv, wanted.moodle_feedback, wanted.feedback, wanted.gradescope, wanted.junit)
    return wanted.github or any(read) or any(written)
