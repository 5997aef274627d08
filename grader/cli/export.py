"""Options that write outputs beside the report, and the command `export`.

`grade export` writes the same outputs from the report of an earlier run.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.cli import console, options
from grader.cli.exit import Command, guarded
from grader.errors import NothingToGrade
from grader.messages import Language, say
from grader.outputs.wording import language_of

if TYPE_CHECKING:
    from rich.console import RenderableType

    from grader.outputs.write import Outputs
    from grader.report import Report
    from grader.store.store import Store

OUTPUTS = "Additional output"
GRADES = "Grades in gradebooks"

NEW_FILE = options.NewPath(dir_okay=False)
GIVEN_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
NEW_PATH = options.NewPath(dir_okay=True)


AMOUNT = options.PositiveNumber("number", "a number of points")
"""An amount of points."""

_OPTIONS: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    (
        "csv",
        OUTPUTS,
        "FILE",
        {"type": NEW_FILE, "help": "Write a table for spreadsheets, with a row per student."},
    ),
    (
        "canvas",
        OUTPUTS,
        "EXPORT.csv",
        {
            "type": GIVEN_FILE,
            "help": "Write EXPORT.graded.csv, a copy of Canvas's export with grades.",
        },
    ),
    (
        "canvas-column",
        OUTPUTS,
        "NAME",
        {"help": "The assignment's column in it; by default found by its title."},
    ),
    (
        "moodle",
        OUTPUTS,
        "SHEET.csv",
        {
            "type": GIVEN_FILE,
            "help": "Write SHEET.graded.csv, a copy of Moodle's worksheet with grades.",
        },
    ),
    (
        "moodle-feedback",
        OUTPUTS,
        "FILE.zip",
        {"type": NEW_FILE, "help": "Write a zip of feedback files to upload in Moodle."},
    ),
    (
        "feedback",
        OUTPUTS,
        "FOLDER",
        {"type": NEW_PATH, "help": "Write each student's own page, without expected values."},
    ),
    (
        "gradescope",
        OUTPUTS,
        "PATH",
        {"type": NEW_PATH, "help": "Write results.json, or one per submission into a folder."},
    ),
    (
        "hide-until",
        OUTPUTS,
        "",
        {"type": options.MOMENTS, "help": "When students on Gradescope see points and feedback."},
    ),
    ("junit", OUTPUTS, "FILE", {"type": NEW_FILE, "help": "Write JUnit XML for CI."}),
    (
        "github",
        OUTPUTS,
        "",
        {"is_flag": True, "help": "Write annotations and a summary for GitHub Actions."},
    ),
    (
        "scale",
        GRADES,
        "POINTS",
        {"type": AMOUNT, "help": "Convert grades to this maximum.  [default: the points]"},
    ),
    (
        "round",
        GRADES,
        "STEP",
        {"type": AMOUNT, "help": "Round to multiples of this, halves upwards."},
    ),
    (
        "provisional",
        GRADES,
        "",
        {"is_flag": True, "help": "Also write grades while exercises wait for a person."},
    ),
)
"""Name of each option, the group it is shown in, its metavar, its parameters for click."""

_NAMES = tuple(name.replace("-", "_") for name, *_ in _OPTIONS)


def outputs(function: Command) -> Command:
    """Add the options for further outputs to a command."""
    for name, group, metavar, parameters in reversed(_OPTIONS):
        shown = {"metavar": metavar} if metavar else {}
        add = options.option(f"--{name}", group=group, **shown, **parameters)
        function = add(function)
    return function


def take_outputs(given: dict[str, Any]) -> Outputs:
    """Move the options of `outputs` from a command's options into an `Outputs`.

    Raises:
        click.UsageError: they contradict each other.
    """
    from grader.outputs.gradebooks.grades import Scale
    from grader.outputs.write import Outputs

    taken = {name: given.pop(name) for name in _NAMES}
    scale = Scale(
        to=taken.pop("scale"),
        step=taken.pop("round"),
        provisional=taken.pop("provisional"),
    )
    requested = Outputs(**taken, scale=scale)

    has_gradebook = requested.canvas or requested.moodle
    if requested.canvas_column is not None and not requested.canvas:
        raise click.UsageError(
            "--canvas-column is of a gradebook of Canvas: give it with --canvas."
        )
    if requested.hide_until is not None and not requested.gradescope:
        raise click.UsageError("--hide-until is of Gradescope: give it with --gradescope.")
    if scale != Scale() and not has_gradebook:
        raise click.UsageError(
            "--scale, --round and --provisional are of gradebooks: give --canvas or --moodle."
        )
    _refuse_overwriting(requested)
    return requested


def _refuse_overwriting(requested: Outputs) -> None:
    inputs = {path.resolve() for path in (requested.canvas, requested.moodle) if path}
    targets = (
        requested.csv,
        requested.moodle_feedback,
        requested.gradescope,
        requested.junit,
    )
    for path in targets:
        if path and path.resolve() in inputs:
            raise click.UsageError(
                f"{path} is to be read, and would be overwritten: give another file."
            )


def write(
    requested: Outputs,
    report: Report,
    store: Store,
    asked: Language | None,
    *,
    roots: Sequence[Path] = (),
    err: bool = False,
) -> None:
    """Write the outputs, and print which files were written.

    Args:
        requested: the requested outputs, and their files.
        report: the report.
        store: the output folder it is in, open or not.
        asked: the language; None: that of the first assignment.
        roots: the graded files and folders, for the paths of annotations.
        err: whether to print to standard error.
    """
    from grader.outputs.write import write_outputs

    language = language_of(report, asked)
    copies: Mapping[str, str] = {}
    if requested.feedback or requested.moodle_feedback:
        copies = _render_copies(store, report, asked)

    # The copies come first: a gradebook that does not fit ends the rest.
    messages: list[RenderableType] = []
    if requested.feedback:
        messages.append(_write_copies(requested.feedback, report, copies, language))
    messages += write_outputs(requested, report, language, roots, copies)

    with muted(requested):
        for message in messages:
            console.show(message, err=err)


def _store(folder: Path) -> Store:
    from grader.store.store import Store

    return Store(folder)


def _render_copies(
    store: Store,
    report: Report,
    asked: Language | None,
) -> Mapping[str, str]:
    from grader.outputs.pages.write import students_copies

    with console.progress() as progress:
        return students_copies(store, report, asked, progress)


def _write_copies(
    target: Path,
    report: Report,
    copies: Mapping[str, str],
    language: Language,
) -> RenderableType:
    from grader.outputs.pages.write import write_copies
    from grader.outputs.terminal.gradebook import feedback_line

    paths = write_copies(target, report.submissions, copies)
    return feedback_line(target, len(paths), language)


@contextmanager
def muted(requested: Outputs) -> Iterator[None]:
    """Keep GitHub from interpreting the output as commands, if annotations are requested.

    SECURITY: a table names students and files, and one may be named `::add-mask::…`. GitHub
    interprets commands again only after a word that no student can know.
    """
    if not requested.github:
        yield
        return
    secret = secrets.token_hex(16)
    click.echo(f"::stop-commands::{secret}")
    try:
        yield
    finally:
        click.echo(f"::{secret}::")


@contextmanager
def reporting_failure(requested: Outputs, asked: Language | None) -> Iterator[None]:
    """Write a `results.json` about the failure if the `with` block raises.

    Gradescope shows nothing without one.

    Args:
        requested: the requested outputs; without a single file for Gradescope, nothing is written.
        asked: the language; None: English, since the assignment may be unknown.
    """
    path = requested.gradescope
    if path is None or path.suffix != ".json":
        yield
        return

    before = _file_state(path)
    try:
        yield
    except (Exception, KeyboardInterrupt) as error:
        # A result that was written before the failure stays.
        if _file_state(path) == before:
            _write_failure(path, error, asked or "en")
        raise


def _file_state(path: Path) -> tuple[int, int] | None:
    """Return a key that changes when a file is replaced; None if there is no file."""
    if not path.exists():
        return None
    status = path.stat()
    return status.st_ino, status.st_mtime_ns


def _write_failure(
    path: Path,
    error: BaseException,
    language: Language,
) -> None:
    from grader.outputs.formats.gradescope import failure_json
    from grader.store.atomic import write_file

    # The text of an error may name files of the instructor's: the student gets another one.
    is_empty = isinstance(error, NothingToGrade)
    message_id = "run-failed.nothing" if is_empty else "run-failed.fault"
    message = say(message_id, {}, language=language, reader="student")
    write_file(path, failure_json(message))


@click.command(cls=options.GroupedCommand)
@click.argument("folder", default="grades", type=click.Path(path_type=Path))
@outputs
@options.option(
    "--assignment", group=options.FOLDERS, metavar="NAME", help="Only results of this assignment."
)
@options.language
@guarded
def export(
    folder: Path,
    assignment: str | None,
    language: Language | None,
    **given: Any,
) -> None:
    """Write tables, gradebooks and CI results of an earlier run."""
    requested = take_outputs(given)
    if not _has_any(requested):
        raise click.UsageError(
            "Nothing is asked for: give --csv, --canvas, --moodle or another output."
        )
    with reporting_failure(requested, language):
        report = _read_report(folder, assignment)
        write(requested, report, _store(folder), language)


def _read_report(folder: Path, assignment: str | None) -> Report:
    from grader.outputs.gradebooks.fill_in import select_assignment
    from grader.store.store import read_report

    report = read_report(folder)
    if not assignment:
        return report
    return select_assignment(report, assignment)


def _has_any(requested: Outputs) -> bool:
    files = (
        requested.canvas,
        requested.moodle,
        requested.csv,
        requested.moodle_feedback,
        requested.feedback,
        requested.gradescope,
        requested.junit,
    )
    return requested.github or any(files)
