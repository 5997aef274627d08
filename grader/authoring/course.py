"""Create the folder of a course: folders for assignments, and files for the term."""

from __future__ import annotations

import importlib.metadata
import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import grader
from grader.errors import GraderError
from grader.messages import Language
from grader.store.atomic import cannot_write

DISTRIBUTION = "notebook-grader"
"""Name of the grader for pip."""

FOLDERS = ("exercises", "solutions", "submissions")
WORKFLOW = ".github/workflows/grade.yml"


@dataclass(frozen=True)
class NewCourse:
    """The folder that was created."""

    folder: Path
    written: tuple[str, ...]
    """Files and empty folders, relative to it; those of the example are not among them."""
    kept: tuple[str, ...]
    """Files that were there already, and stay as they are."""


def create_course(folder: Path, language: Language, *, example: bool) -> NewCourse:
    """Create the folder of a course, without changing existing files.

    Args:
        folder: created if it does not exist; it may contain other files, such as those of a
            repository.
        language: of its README.
        example: whether to put a small assignment with submissions into it.

    Raises:
        GraderError: the folder holds a course already, or cannot be written.
    """
    for name in FOLDERS:
        if (folder / name).exists():
            raise GraderError(
                f"{folder / name} is there already.",
                "Name a folder that is new, or add to this course with 'grade new'.",
            )
    contents = _contents(language)
    written = [name for name in contents if not (folder / name).exists()]
    try:
        for name in FOLDERS:
            (folder / name).mkdir(parents=True)
        if example:
            _copy(files("grader.authoring") / "course_files/example", folder)
        for name in written:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(contents[name], "utf-8")
    except OSError as error:
        raise cannot_write(folder, error, "Give another folder.") from error

    kept = tuple(name for name in contents if name not in written)
    places = tuple(f"{name}/" for name in FOLDERS)
    return NewCourse(folder, (*places, *written), kept)


def _contents(language: Language) -> dict[str, str]:
    """Return the texts of a course's files, by their names in it."""
    templates = files("grader.authoring") / "course_files"
    texts = {
        "README.md": f"README.{language}.md",
        ".gitignore": "gitignore",
        WORKFLOW: "workflow.yml",
    }
    contents = {}
    for name, file in texts.items():
        template = templates / file
        contents[name] = template.read_text("utf-8")
    lines = [f"{line}\n" for line in _requirements()]
    contents["requirements.txt"] = "".join(lines)
    return contents


def _requirements() -> Iterator[str]:
    """Yield lines for pip that install this grader on another machine."""
    recorded = _direct_url()
    source = recorded.get("vcs_info")
    name = f"{DISTRIBUTION}[grading]"
    if source:
        system = source["vcs"]
        url = recorded["url"]
        commit = source["commit_id"]
        yield f"{name} @ {system}+{url}@{commit}"
        return
    if str(recorded.get("url", "")).startswith("file:"):
        yield "# It was installed from a file of one machine. For others, give an address:"
        yield f"# {name} @ git+https://…"
    yield f"{name}=={grader.__version__}"


def _direct_url() -> dict[str, Any]:
    """Return where pip got the grader from (PEP 610); empty if from an index."""
    try:
        distribution = importlib.metadata.distribution(DISTRIBUTION)
    except importlib.metadata.PackageNotFoundError:
        return {}
    text = distribution.read_text("direct_url.json") or "{}"
    recorded: dict[str, Any] = json.loads(text)
    return recorded


def _copy(source: Traversable, folder: Path) -> None:
    """Copy a folder of the package."""
    for entry in source.iterdir():
        path = folder / entry.name
        if entry.is_dir():
            path.mkdir(exist_ok=True)
            _copy(entry, path)
        else:
            path.write_bytes(entry.read_bytes())
