"""The command `new`: make an assignment from a solved notebook."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.cli import console, options
from grader.cli.exit import BELOW, guarded
from grader.cli.validate import (
    QUICK,
    THOROUGH,
    ShownFindings,
    all_ok,
    effort_of,
    show_validation,
    validate_assignments,
)
from grader.messages import LANGUAGES
from grader.progress import Progress
from grader.settings import Settings

if TYPE_CHECKING:
    from grader.authoring.drafting.draft import Draft

FORCE = "Replace an assignment of that name; the old one is kept in a folder beside it."
HANDOUT = (
    "The course's own notebook without answers. Students get it byte for byte; the answers are the "
    "parts that only the solved notebook has."
)
LANGUAGE = "Language of the course and of the output; by default that of the notebook's text."


@click.command(cls=options.GroupedCommand)
@click.argument("name")
@click.argument("notebook", metavar="SOLVED.ipynb", type=click.Path(path_type=Path))
@options.option(
    "--handout",
    metavar="EXERCISES.ipynb",
    type=click.Path(path_type=Path),
    help=HANDOUT,
)
@options.option("--force", is_flag=True, help=FORCE)
@options.option("--quick", is_flag=True, help=QUICK)
@options.option("--thorough", is_flag=True, help=THOROUGH)
@options.folders
@options.option("--language", type=click.Choice(LANGUAGES), help=LANGUAGE)
@guarded
def new(
    name: str,
    notebook: Path,
    handout: Path | None,
    *,
    force: bool,
    quick: bool,
    thorough: bool,
    **given: Any,
) -> None:
    """Make an assignment from a solved notebook.

    Writes handout, reference, variants and known mistakes, and validates them. With --handout, the
    answers are what the course's own handout lacks. Otherwise they are found by marks, including
    those of nbgrader and otter, and without marks they are proposed.
    """
    from grader.authoring.drafting.view import draft_view, steps_view

    effort = effort_of(quick=quick, thorough=thorough)
    settings = options.settings_of({**given, "effort": effort})
    with console.progress() as progress:
        draft = draft_assignment(name, notebook, settings, progress, handout=handout, force=force)
    language = settings.language or draft.language
    console.show(draft_view(draft, language))

    if not draft.is_tried:  # that takes many runs, and has to be asked for
        console.show(steps_view(draft, language, valid=True))
        return
    shown = ShownFindings(settings, {name: language})
    with console.progress() as progress:
        shown.above(progress)
        validations = validate_assignments(name, settings, progress, shown.show)
    for validation in validations:
        show_validation(validation, language, shown=shown.count_of(name))

    valid = all_ok(validations)
    console.show(steps_view(draft, language, valid=valid))
    console.leave(0 if valid else BELOW)


def draft_assignment(
    name: str,
    notebook: Path,
    settings: Settings,
    progress: Progress,
    *,
    handout: Path | None,
    force: bool,
) -> Draft:
    """Write an assignment from a solved notebook; see `grader.authoring.drafting.draft`."""
    from grader.authoring.drafting.draft import draft
    from grader.running.sandbox.sandbox import trusted_sandbox

    with trusted_sandbox() as sandbox:
        return draft(
            name, notebook, settings, progress, sandbox.launch, handout=handout, force=force
        )
