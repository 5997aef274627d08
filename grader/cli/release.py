"""The command `release`: write the zip that students get."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.cli import console, options
from grader.cli.exit import guarded
from grader.outputs.terminal.release import release_view
from grader.progress import Progress
from grader.settings import Settings

if TYPE_CHECKING:
    from grader.authoring.release import Released

TO = "The zip to write.  [default: ASSIGNMENT.zip]"
AUTOGRADER = (
    "Write the autograder for Gradescope in place of the students' zip. It contains the answers."
)
HIDE_UNTIL = "When students see points and feedback on Gradescope."
TORCH_INDEX = "Package index from which its image installs torch, such as one with CPU builds."
SHOW_POINTS = "Also show points to students who check their notebooks."

GRADESCOPE = "Gradescope"
NEW_ZIP = options.NewPath(dir_okay=False)


@click.command(cls=options.GroupedCommand)
@click.argument("assignment")
@options.option("--to", metavar="FILE.zip", type=NEW_ZIP, help=TO)
@options.option("--show-points", is_flag=True, help=SHOW_POINTS)
@options.option("--gradescope", metavar="FILE.zip", type=NEW_ZIP, group=GRADESCOPE, help=AUTOGRADER)
@options.option("--hide-until", type=options.MOMENTS, group=GRADESCOPE, help=HIDE_UNTIL)
@options.option("--torch-index", metavar="URL", default="", group=GRADESCOPE, help=TORCH_INDEX)
@options.folders
@options.language
@guarded
def release(
    assignment: str,
    to: Path | None,
    *,
    show_points: bool,
    gradescope: Path | None,
    hide_until: str | None,
    torch_index: str,
    **given: Any,
) -> None:
    """Write the zip that students get.

    It contains the handout, its data, and check.json, with which students check their notebooks.
    It contains no answers: check.json has only the reference's values on the practice variants.
    """
    settings = options.settings_of(given)
    if gradescope is not None:
        if to is not None or show_points:
            raise click.UsageError("--to and --show-points are for the students' zip.")
        make_autograder(assignment, gradescope, settings, hide_until or "", torch_index)
        return
    if hide_until or torch_index:
        raise click.UsageError("--hide-until and --torch-index need --gradescope FILE.zip.")

    path = to or Path(f"{assignment}.zip")
    with console.progress() as progress:
        released = make_release(assignment, path, settings, progress, shows_points=show_points)

    language = settings.language or released.release.language
    view = release_view(released.path, released.files, released.release, language)
    console.show(view)


def make_autograder(
    name: str, to: Path, settings: Settings, hide_until: str, torch_index: str
) -> None:
    """Write the zip that Gradescope takes; see `grader.authoring.autograder`."""
    from grader.assignment import load_named
    from grader.authoring.autograder.build import AutograderOptions, write_autograder

    assignment = load_named(settings.exercises, name)
    language = settings.language or assignment.language
    details = AutograderOptions(language, hide_until, torch_index)
    write_autograder(to, name, settings, details)
    console.tell("autograder-written", language, path=str(to))


def make_release(
    name: str,
    to: Path,
    settings: Settings,
    progress: Progress,
    *,
    shows_points: bool,
) -> Released:
    """Write the zip that students get; see `grader.authoring.release`."""
    from grader.authoring.release import release
    from grader.running.sandbox.sandbox import trusted_sandbox

    with trusted_sandbox() as sandbox:
        return release(
            name,
            to,
            settings,
            progress,
            sandbox.launch,
            shows_points=shows_points,
        )
