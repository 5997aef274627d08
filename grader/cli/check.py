"""The command `check`: check one notebook for its student, without showing answers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.cli import console, options
from grader.cli.exit import BELOW, OUR_FAULT, UNCHECKED, code_for_check, guarded
from grader.cli.options import option
from grader.errors import GraderError
from grader.machine import install_name, names_own_file
from grader.messages import Language
from grader.outputs.terminal.student import student_notes, submission_view
from grader.progress import Progress
from grader.settings import RELEASE_FILE, Settings
from grader.submissions.paths import mode_of

if TYPE_CHECKING:
    from grader.assignment import Assignment
    from grader.reference.release import Release
    from grader.report import SubmissionResult

RELEASE = "The check.json, its folder or its zip; by default found beside the notebook."


@click.command(cls=options.GroupedCommand)
@click.argument("notebook", type=click.Path(path_type=Path))
@option("--release", metavar="PATH", type=click.Path(path_type=Path), help=RELEASE)
@options.assignment
@options.folders
@options.language
@guarded
def check(notebook: Path, release: Path | None, **given: Any) -> None:
    """Check one notebook: what passes, what does not and why. Shows no answers.

    With a release (the zip that came with the assignment, or the check.json in it), the notebook is
    also run on practice data, and no reference is needed. Without one, the reference is run.
    """
    settings = options.settings_of(given)
    release_path = release or find_release(notebook)
    with_points = True
    with console.progress() as progress:
        if release_path:
            assignment, result, used_release = check_with_release(notebook, release_path, progress)
            with_points = used_release.shows_points
        else:
            assignment, result = check_notebook(notebook, settings, progress)

    language = settings.language or assignment.language
    _tell_missing_packages(result, language)
    _show(assignment, result, language, with_points=with_points)
    if release_path:
        console.tell("with-other-numbers", language)
    code = code_for_check(result)
    _tell_end(result, code, language)
    console.leave(code)


def _require_course(notebook: Path, settings: Settings) -> None:
    """Raise if there is no release and no course, with advice that a student can follow.

    Raises:
        GraderError: there is neither such a notebook nor an assignment.
    """
    mode_of(notebook)
    if any(settings.exercises.glob("*/assignment.toml")):
        return
    raise GraderError(
        f"There is no {RELEASE_FILE} beside the notebook or here, and no course either.",
        "Unpack the zip that came with the assignment and put your notebook into its folder, or "
        "give the zip: grade check NOTEBOOK --release ZIP.",
    )


def _tell_missing_packages(result: SubmissionResult, language: Language) -> None:
    """Print which packages the notebook lacked here, and how to install them."""
    packages: dict[str, None] = {}
    for note in (*result.execution.notes, *(cell.reason for cell in result.execution.problems)):
        if note is not None and note.id in ("note.missing", "machine.package"):
            lacking = str(note.params.get("what", "")).split(", ")
            packages.update(dict.fromkeys(filter(None, lacking)))
    packages = {name: None for name in packages if not names_own_file(name)}
    if packages:
        names = ", ".join(packages)
        to_install = " ".join(map(install_name, packages))
        console.tell("check-lacks", language, names=names, install=to_install)


def _tell_end(result: SubmissionResult, code: int, language: Language) -> None:
    """Print what to do next; claim success only if everything was checked."""
    unchecked = [
        exercise.title
        for exercise in result.exercises
        if exercise.automatic and exercise.status == "pending"
    ]
    if code == BELOW:
        console.tell("again", language)
    elif code == UNCHECKED:
        console.tell("nothing-checked", language)
    elif code != OUR_FAULT and unchecked:
        console.tell("rest-right", language, names=", ".join(unchecked))
    elif code != OUR_FAULT:
        console.tell("all-right", language)


def _show(
    assignment: Assignment,
    result: SubmissionResult,
    language: Language,
    *,
    with_points: bool,
) -> None:
    view = submission_view(
        result,
        language,
        "student",
        title=assignment.title,
        notes=student_notes(assignment, language),
        with_points=with_points,
    )
    console.show(view)


def check_notebook(
    path: Path, settings: Settings, progress: Progress
) -> tuple[Assignment, SubmissionResult]:
    """Grade one notebook for its student; see `grader.batch.self_check`."""
    from grader.batch import self_check
    from grader.running.sandbox.sandbox import Sandbox

    _require_course(path, settings)
    with Sandbox("none") as sandbox:  # it is the student's own machine and notebook
        return self_check.check_notebook(path, settings, progress, sandbox)


def check_with_release(
    path: Path, release_path: Path, progress: Progress
) -> tuple[Assignment, SubmissionResult, Release]:
    """Check one notebook with a release; see `grader.batch.self_check`."""
    from grader.batch.self_check import check_with

    return check_with(path, release_path, progress)


def find_release(notebook: Path) -> Path | None:
    """Find the release for a notebook; see `grader.reference.release`.

    Without a `check.json` nothing is imported, since the import takes a while.
    """
    candidates = (notebook.parent / RELEASE_FILE, Path(RELEASE_FILE))
    if not any(path.is_file() for path in candidates):
        return None
    from grader.reference.release import find_release

    return find_release(notebook)
