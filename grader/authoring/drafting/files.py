"""Where a draft is written, and where what stood there before is kept."""

from __future__ import annotations

import ast
import hashlib
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from grader.authoring.drafting.names import is_kebab, kebab
from grader.errors import AssignmentError
from grader.notebook.cells import NotebookCell
from grader.notebook.code import parse_cell
from grader.notebook.filenames import is_plain
from grader.submissions.companion_files import NOTEBOOK, SUFFIXES
from grader.trace import InputFile

KEPT = ".bak"
"""Ends the name of the folder that keeps what was replaced; inside it each has a folder of its own, numbered.

One folder deeper than assignments lie, so that nothing takes it for one.
"""


def check_name(name: str, exercises: Path, solutions: Path, *, force: bool) -> None:
    """See that a draft may be written under a name.

    Raises:
        AssignmentError: it is no name for an assignment, or there is one of that name and nobody said to replace it.
    """
    if not is_kebab(name):
        advice = "Write it in kebab case: small letters, digits and single dashes"
        raise AssignmentError(
            f"{name!r} is no name for an assignment.", f"{advice}: {kebab(name) or 'lab-1'}."
        )
    there = [folder / name for folder in (exercises, solutions) if (folder / name).exists()]
    if there and not force:
        raise AssignmentError(
            f"There is {there[0]}/ already.",
            f"Take another name, or say --force: it is then kept in {name}{KEPT}/.",
        )


def put_aside(folder: Path) -> Path | None:
    """Move a folder into one beside it that keeps what was replaced; where to. None: there was nothing."""
    if not folder.exists():
        return None
    kept = folder.with_name(folder.name + KEPT)
    number = next(n for n in range(1, 10_000) if not (kept / str(n)).exists())
    kept.mkdir(parents=True, exist_ok=True)
    shutil.move(folder, kept / str(number))
    return kept / str(number)


def write(folder: Path, files: Mapping[str, str | bytes]) -> None:
    """Write files into a folder that may not be there yet; a name may be a path below it."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)


def data_files(notebook: Path, cells: Sequence[NotebookCell]) -> tuple[InputFile, ...]:
    """The files that a notebook's code names, in its folder or below it, and the modules of its own that it imports."""
    names = dict.fromkeys(
        name for cell in cells if cell.kind == "code" for name in _named(cell.source)
    )
    found = []
    for name in names:
        path = notebook.parent / name
        plain = is_plain(name) and path.suffix.lower() in SUFFIXES - {NOTEBOOK}
        if plain and path.is_file() and not path.is_symlink():
            found.append(
                InputFile(
                    name=name, path=path, sha256=hashlib.sha256(path.read_bytes()).hexdigest()
                )
            )
    return tuple(found)


def _named(source: str) -> Iterable[str]:
    for node in ast.walk(parse_cell(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value.removeprefix("./")
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            modules = (
                [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else [name.name for name in node.names]
            )
            yield from (f"{module}.py" for module in modules)


def contents(files: Iterable[InputFile]) -> dict[str, bytes]:
    """What is in data files, by the names that the notebook has for them."""
    return {file.name: file.path.read_bytes() for file in files}
