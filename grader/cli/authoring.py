"""The commands of who writes an assignment. As in `cli`, what is heavy is imported by what a command hands on to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.authoring.validation.view import validation_view
from grader.cli import options, screen
from grader.cli.exit import BELOW, guarded
from grader.messages import LANGUAGES, Language
from grader.outputs.terminal.release import release_view
from grader.progress import Progress
from grader.settings import Settings

if TYPE_CHECKING:
    from grader.authoring.drafting.draft import Draft
    from grader.authoring.release import Released
    from grader.authoring.validation.findings import Validation


TO = "The zip to write.  [default: ASSIGNMENT.zip]"
FORCE = "Replace an assignment of that name; it is kept in a folder beside it."
COURSE_LANGUAGE = (
    "Language of the course, and of what is printed; that of the notebook's words if not given."
)


def draft_assignment(
    name: str, notebook: Path, settings: Settings, progress: Progress, *, force: bool
) -> Draft:
    """Write an assignment from a solved notebook; see `grader.drafting`."""
    from grader.authoring.drafting.draft import draft
    from grader.running.sandbox.sandbox import trusted_sandbox

    with trusted_sandbox() as sandbox:
        return draft(name, notebook, settings, progress, sandbox.launch, force=force)


def show_draft(draft: Draft, language: Language) -> None:
    """Print what was drafted; see `grader.authoring.drafting.view`."""
    from grader.authoring.drafting.view import draft_view

    screen.show(draft_view(draft, language))


def show_steps(draft: Draft, language: Language, *, valid: bool) -> None:
    """Print what comes next; see `grader.authoring.drafting.view`."""
    from grader.authoring.drafting.view import steps_view

    screen.show(steps_view(draft, language, valid=valid))


def validate_assignments(
    name: str | None, settings: Settings, progress: Progress
) -> tuple[Validation, ...]:
    """Look whether assignments do what they say; see `grader.authoring.validation.validate`."""
    from grader.authoring.validation import validate as validation
    from grader.running.sandbox.sandbox import trusted_sandbox

    with trusted_sandbox() as sandbox:
        return validation.validate(name, settings, progress, sandbox.launch)


def make_release(
    name: str, to: Path, settings: Settings, progress: Progress, *, shows_points: bool
) -> Released:
    """Write the zip that students get; see `grader.authoring.release`."""
    from grader.authoring import release as releasing
    from grader.running.sandbox.sandbox import trusted_sandbox

    with trusted_sandbox() as sandbox:
        return releasing.release(
            name, to, settings, progress, sandbox.launch, shows_points=shows_points
        )


def languages(settings: Settings, name: str | None) -> dict[str, Language]:
    """The language of each assignment, by its name."""
    from grader.assignment import load_assignments

    return {
        assignment.name: assignment.language
        for assignment in load_assignments(settings.exercises, name)
    }


@click.command(cls=options.GroupedCommand)
@click.argument("assignment", required=False)
@options.folders
@options.language
@guarded
def validate(assignment: str | None, **given: Any) -> None:
    """Look whether an assignment does what it says, or all of them.

    The reference earns every point, each mistake loses what it says, mutants lose points, the handout earns nothing.
    """
    settings = options.settings_of(given)
    known = languages(settings, assignment)
    with screen.progress() as progress:
        validations = validate_assignments(assignment, settings, progress)
    for validation in validations:
        language = settings.language or known.get(validation.assignment, "en")
        screen.show(validation_view(validation.assignment, validation.findings, language))
    screen.leave(0 if all(validation.ok for validation in validations) else BELOW)


@click.command(cls=options.GroupedCommand)
@click.argument("name")
@click.argument("notebook", metavar="SOLVED.ipynb", type=click.Path(path_type=Path))
@options.option("--force", is_flag=True, help=FORCE)
@options.folders
@options.option("--language", type=click.Choice(LANGUAGES), help=COURSE_LANGUAGE)
@guarded
def new(name: str, notebook: Path, force: bool, **given: Any) -> None:
    """Make an assignment from a solved notebook: handout, reference, variants and mistakes.

    Answers are known by marks of this grader's, of nbgrader or of otter; without marks they are proposed. Then it is
    validated.
    """
    settings = options.settings_of(given)
    with screen.progress() as progress:
        drafted = draft_assignment(name, notebook, settings, progress, force=force)
    language = settings.language or drafted.language
    show_draft(drafted, language)
    with screen.progress() as progress:
        validations = validate_assignments(name, settings, progress)
    for validation in validations:
        screen.show(validation_view(validation.assignment, validation.findings, language))
    valid = all(validation.ok for validation in validations)
    show_steps(drafted, language, valid=valid)
    screen.leave(0 if valid else BELOW)


@click.command(cls=options.GroupedCommand)
@click.argument("assignment")
@options.option(
    "--to", metavar="FILE.zip", type=click.Path(dir_okay=False, path_type=Path), help=TO
)
@options.option("--show-points", is_flag=True, help="Tell a student who checks points, too.")
@options.folders
@options.language
@guarded
def release(assignment: str, to: Path | None, show_points: bool, **given: Any) -> None:
    """Write the zip that students get: the handout, its data, and what they check it with.

    No answer is in it: check.json says what the reference gives on the practice variants alone.
    """
    settings = options.settings_of(given)
    with screen.progress() as progress:
        made = make_release(
            assignment,
            to or Path(f"{assignment}.zip"),
            settings,
            progress,
            shows_points=show_points,
        )
    language = settings.language or made.release.language
    screen.show(release_view(made.path, made.files, made.release, language))
