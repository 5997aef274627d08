"""The command `validate`: check that assignments grade as they should."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from grader.authoring.validation.view import finding_view, validation_view
from grader.cli import console, course, options
from grader.cli.exit import BELOW, guarded
from grader.messages import Language
from grader.progress import Progress
from grader.settings import Effort, Settings

if TYPE_CHECKING:
    from grader.authoring.validation.findings import Validation, ValidationFinding
    from grader.cli.progress_bar import ProgressBar


QUICK = "Check only the reference, the handout, the known mistakes and the messages to students."
THOROUGH = "Try everything, however long it takes."


@click.command(cls=options.GroupedCommand)
@click.argument("assignment", required=False)
@options.option("--quick", is_flag=True, help=QUICK)
@options.option("--thorough", is_flag=True, help=THOROUGH)
@options.folders
@options.option(
    "--out",
    group=options.FOLDERS,
    type=options.FOLDER,
    default="grades",
    show_default=True,
    help="Folder for stored trials, so that nothing is tried twice.",
)
@options.language
@guarded
def validate(assignment: str | None, quick: bool, thorough: bool, **given: Any) -> None:
    """Check that an assignment grades as it should.

    Without a name, checks all assignments. The reference must earn every point, also if it is
    written in other right ways; each mistake must lose the declared points; mutants and typed-in
    answers must lose points; the handout must earn nothing. Mutants, other ways and other seeds
    share two minutes of processor time; a line says what was left out, and running the command
    again tries it.
    """
    effort = effort_of(quick=quick, thorough=thorough)
    settings = options.settings_of({**given, "effort": effort})
    known = course.languages(settings, assignment)
    shown = ShownFindings(settings, known)
    with console.progress() as progress:
        shown.above(progress)
        validations = validate_assignments(assignment, settings, progress, shown.show)

    for validation in validations:
        language = shown.language_of(validation.assignment)
        show_validation(validation, language, shown=shown.count_of(validation.assignment))
    console.leave(0 if all_ok(validations) else BELOW)


def effort_of(*, quick: bool, thorough: bool) -> Effort:
    """Return how much to try, from two options.

    Raises:
        click.UsageError: both are given.
    """
    if quick and thorough:
        raise click.UsageError("Give --quick or --thorough, not both.")
    if quick:
        return "quick"
    return "thorough" if thorough else "default"


class ShownFindings:
    """Prints findings as they come, above the progress bar."""

    def __init__(self, settings: Settings, known: Mapping[str, Language]) -> None:
        """Initialise with the settings, and the language of each assignment."""
        self._settings = settings
        self._known = known
        self._counts: Counter[str] = Counter()
        self._progress: ProgressBar | None = None

    def above(self, progress: ProgressBar) -> None:
        """Set the bar that is hidden while a finding is printed."""
        self._progress = progress

    def show(self, assignment: str, finding: ValidationFinding) -> None:
        """Print a finding; called by the validation."""
        view = finding_view(finding, self.language_of(assignment))
        self._counts[assignment] += 1
        if self._progress is None:
            console.show(view)
            return
        with self._progress.paused():
            console.show(view)

    def language_of(self, assignment: str) -> Language:
        """Return the language in which to print an assignment's findings."""
        return self._settings.language or self._known.get(assignment, "en")

    def count_of(self, assignment: str) -> int:
        """Return how many findings of an assignment were printed."""
        return self._counts[assignment]


def validate_assignments(
    name: str | None,
    settings: Settings,
    progress: Progress,
    show: Callable[[str, ValidationFinding], None] | None = None,
) -> tuple[Validation, ...]:
    """Validate one assignment, or all of them; see `grader.authoring.validation.validate`."""
    from grader.authoring.validation.validate import show_nobody, validate
    from grader.running.sandbox.sandbox import trusted_sandbox

    with trusted_sandbox() as sandbox:
        return validate(name, settings, progress, sandbox.launch, show or show_nobody)


def show_validation(validation: Validation, language: Language, *, shown: int = 0) -> None:
    """Print the findings of a validation.

    Args:
        validation: the findings.
        language: language of the words.
        shown: how many of the findings have already been printed.
    """
    view = validation_view(validation.assignment, validation.findings, language, shown=shown)
    console.show(view)


def all_ok(validations: Sequence[Validation]) -> bool:
    """Return whether no assignment has a finding against it."""
    return all(validation.ok for validation in validations)
