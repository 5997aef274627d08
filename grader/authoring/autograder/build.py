"""Lay out the zip of an autograder, as Gradescope unpacks and runs it.

Format: https://gradescope-autograders.readthedocs.io/en/latest/specs/
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from grader.assignment import FILE_NAME, Assignment, load_named
from grader.authoring.autograder.own_wheel import (
    own_wheel,
    pinned_requirements,
    pinned_version,
    wheel_name,
)
from grader.authoring.zips import write_zip
from grader.errors import AssignmentError
from grader.machine import install_name
from grader.messages import Language
from grader.reference.class_seed import ClassSeed
from grader.reference.data_folders import data_path
from grader.settings import Settings

SCRIPTS = ("setup.sh", "run_autograder")


@dataclass(frozen=True)
class AutograderOptions:
    """Options of an autograder."""

    language: Language
    hide_until: str = ""
    """`after_due_date` or `after_published`: students see points and feedback only then."""
    torch_index: str = ""
    """Address of the index that torch is installed from; the usual one if empty."""


def write_autograder(to: Path, name: str, settings: Settings, options: AutograderOptions) -> None:
    """Write the zip of an autograder.

    SECURITY: it contains the reference, and the seed of variants.

    Args:
        to: the zip; an existing one is replaced once the new one is complete.
        name: the assignment.
        settings: the folders of assignments and references.
        options: what differs from one autograder to another.

    Raises:
        AssignmentError: the assignment is not right, or needs what no container has.
        GraderError: the zip cannot be written.
    """
    assignment = load_named(settings.exercises, name)
    _check_portable(assignment)
    write_zip(to, dict(_contents(assignment, settings, options)), SCRIPTS)


def _check_portable(assignment: Assignment) -> None:
    """Require that all data is in the assignment's own folder."""
    where = assignment.folder / FILE_NAME
    if assignment.limits.datasets:
        raise AssignmentError(
            "an assignment with 'datasets' finds none of them in Gradescope's containers.",
            'Hand out a folder and say data = "FOLDER".',
            where=where,
        )
    folder = assignment.folder.resolve()
    if assignment.limits.data and not data_path(assignment).is_relative_to(folder):
        raise AssignmentError(
            "its 'data' lies outside of its folder, and would not be in the zip.",
            f"Move it into {assignment.folder}.",
            where=where,
        )


def _contents(
    assignment: Assignment,
    settings: Settings,
    options: AutograderOptions,
) -> Iterator[tuple[str, bytes]]:
    """Yield names and contents of the files in the zip."""
    scripts = files("grader.authoring.autograder")
    variables = {
        "ASSIGNMENT": assignment.name,
        "COURSE_LANGUAGE": options.language,
        "HIDE_UNTIL": options.hide_until,
        "TORCH_INDEX": options.torch_index,
    }
    assignments = []
    for name, value in variables.items():
        quoted = shlex.quote(value)
        assignments.append(f"{name}={quoted}\n")
    preamble = "".join(assignments)
    for name in SCRIPTS:
        file = scripts / name
        script = file.read_text("utf-8")
        first, _, rest = script.partition("\n")
        text = f"{first}\n{preamble}{rest}"
        yield name, text.encode()

    packages = [pinned_version(install_name(name)) for name in assignment.limits.packages]
    requirements = [*pinned_requirements(), *packages]
    lines = [f"{line}\n" for line in requirements]
    text = "".join(lines)
    yield "requirements.txt", text.encode()
    yield "class-seed", ClassSeed.new().secret.encode()
    yield wheel_name(), own_wheel()

    folders = {"exercises": assignment.folder, "solutions": settings.solutions / assignment.name}
    for place, folder in folders.items():
        for path in _files_in(folder):
            inside = path.relative_to(folder).as_posix()
            yield f"course/{place}/{assignment.name}/{inside}", path.read_bytes()


def _files_in(folder: Path) -> Iterator[Path]:
    """Yield the files of a folder that belong to an assignment."""
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        is_hidden = any(part.startswith((".", "__")) for part in inside.parts)
        if path.is_file() and not is_hidden:
            yield path
