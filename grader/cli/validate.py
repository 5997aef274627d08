"""The command `validate`: prove that assignments grade as they say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from grader.authoring.validation.view import validation_view
from grader.cli import console, course, options
from grader.cli.exit import BELOW, guarded
from grader.messages import Language
from grader.progress import Progress
from grader.settings import Settings

if TYPE_CHECKING:
    from grader.authoring.validation.findings import Validation


@click.command(cls=options.GroupedCommand)
@click.argument("assignment", required=False)
@options.folders
@options.language
@guarded
def validate(assignment: str | None, **given: Any) -> None:
    """Check that an assignment grades as it says; all of them without a name.

    The reference earns every point, each mistake loses what it says, mutants lose points, the
    handout earns nothing.
    """
    settings = options.settings_of(given)
    known = course.languages(settings, assignment)
    with console.progress() as progress:
        validations = validate_assignments(assignment, settings, progress)

    for validation in validations:
        language = settings.language or known.get(validation.assignment, "en")
        show_validation(validation, language)
    console.leave(0 if all_ok(validations) else BELOW)


def validate_assignments(
    name: str | None, settings: Settings, progress: Progress
) -> tuple[Validation, ...]:
    """Validate one assignment, or all of them; see `grader.authoring.validation.validate`."""
    from grader.authoring.validation.validate import validate
    from grader.running.sandbox.sandbox import trusted_sandbox

    with trusted_sandbox() as sandbox:
        return validate(name, settings, progress, sandbox.launch)


def show_validation(validation: Validation, language: Language) -> None:
    """Print what a validation says about an assignment."""
    view = validation_view(validation.assignment, validation.findings, language)
    console.show(view)


def all_ok(validations: Sequence[Validation]) -> bool:
    """Tell whether nothing speaks against any of the assignments."""
    return all(validation.ok for validation in validations)
