"""Write the files of a draft, and move earlier files to a backup."""

from __future__ import annotations

import ast
import hashlib
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from grader.authoring.drafting.names import is_kebab, kebab
from grader.authoring.drafting.syntax import called_name
from grader.errors import AssignmentError
from grader.job import InputFile
from grader.notebook.cells import NotebookCell
from grader.notebook.code import parse_cell
from grader.notebook.filenames import is_plain
from grader.submissions.companion_files import SUFFIXES
from grader.submissions.paths import NOTEBOOK

READING = frozenset(
    ("open", "read_csv", "read_table", "read_json", "read_parquet", "load", "loadtxt", "genfromtxt")
)
"""Functions that read the file that their first argument names."""
BACKUP_SUFFIX = ".bak"
"""Ends the name of the folder with the backups of an assignment; each has a numbered folder in it.

They are one folder deeper than assignments, so that no backup is taken for one.
"""
MAX_BACKUPS = 10_000


def check_name(
    name: str,
    exercises: Path,
    solutions: Path,
    *,
    force: bool,
) -> None:
    """Check that a draft may be written under a name.

    Raises:
        AssignmentError: the name is not in kebab case, or is in use and `force` is false.
    """
    if not is_kebab(name):
        problem = f"{name!r} is no name for an assignment."
        example = kebab(name) or "lab-1"
        advice = "Write it in kebab case: small letters, digits and single dashes"
        raise AssignmentError(problem, f"{advice}: {example}.")

    folders = [exercises / name, solutions / name]
    existing = []
    for folder in folders:
        if folder.exists():
            existing.append(folder)
    if existing and not force:
        problem = f"There is {existing[0]}/ already."
        advice = f"Take another name, or say --force: it is then kept in {name}{BACKUP_SUFFIX}/."
        raise AssignmentError(problem, advice)


def move_to_backup(folder: Path) -> Path | None:
    """Move a folder to a new backup beside it.

    Returns:
        The backup; None: there was no such folder.
    """
    if not folder.exists():
        return None
    backups = folder.with_name(folder.name + BACKUP_SUFFIX)
    numbered = (backups / str(number) for number in range(1, MAX_BACKUPS))
    backup = next(path for path in numbered if not path.exists())

    backups.mkdir(parents=True, exist_ok=True)
    shutil.move(folder, backup)
    return backup


def write_files(folder: Path, files: Mapping[str, str | bytes]) -> None:
    """Write files into a folder, which is created if necessary.

    Args:
        folder: the folder.
        files: their contents, by name; a name may be a path below the folder.
    """
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, str):
            path.write_text(content, "utf-8", newline="")
        else:
            path.write_bytes(content)


def data_files(notebook: Path, cells: Sequence[NotebookCell]) -> tuple[InputFile, ...]:
    """Find the data files that a notebook's code names, and its own modules that it imports.

    Args:
        notebook: its path; files are in its folder or below.
        cells: its cells.
    """
    sources = []
    for cell in cells:
        if cell.kind == "code":
            sources.append(("", cell.source))
    files: dict[str, InputFile] = {}
    for folder, source in sources:
        for name in _file_names(source, folder):
            path = notebook.parent / name
            if name in files or not _is_data_file(name, path):
                continue
            content = path.read_bytes()
            sha256 = hashlib.sha256(content).hexdigest()
            files[name] = InputFile(name=name, path=path, sha256=sha256)
            if path.suffix == ".py":  # a module may name files, too
                package, _, _ = name.rpartition("/")
                code = content.decode("utf-8", "replace")
                sources.append((package, code))
    return tuple(files.values())


def _is_data_file(name: str, path: Path) -> bool:
    suffix = path.suffix.lower()
    if not is_plain(name):
        return False
    if suffix == NOTEBOOK:
        return False
    if suffix not in SUFFIXES:
        return False
    return path.is_file() and not path.is_symlink()


def _file_names(source: str, folder: str) -> Iterator[str]:
    """Find the texts in some code, and the files of the modules that it imports.

    Args:
        source: the code.
        folder: that of a module with the code, which its relative imports begin at.
    """
    package = folder.replace("/", ".")
    for node in ast.walk(parse_cell(source)):
        match node:
            case ast.Constant(value=str(text)):
                yield text.removeprefix("./")
            case ast.ImportFrom(module=module, names=aliases, level=level):
                above = module or ""
                if level == 1 and package:
                    below = f"{package}.{above}"
                    above = below.rstrip(".")
                if above:
                    yield from _module_files(above)
                for alias in aliases:
                    inner = f"{above}.{alias.name}"
                    yield from _module_files(inner.lstrip("."))
            case ast.Import(names=aliases):
                for alias in aliases:
                    yield from _module_files(alias.name)


def _module_files(module: str) -> Iterator[str]:
    """List the files that a module may have, with those of the packages that it is in."""
    package, *inner = module.split(".")
    for name in inner:
        yield f"{package}/__init__.py"
        package = f"{package}/{name}"
    yield f"{package}.py"
    yield f"{package}/__init__.py"


def missing_files(notebook: Path, cells: Sequence[NotebookCell]) -> tuple[str, ...]:
    """Find the data files that a notebook's code reads, and that are missing.

    Args:
        notebook: its path.
        cells: its cells.
    """
    missing: dict[str, None] = {}
    for cell in cells:
        if cell.kind != "code":
            continue
        for name in _names_read(cell.source):
            path = notebook.parent / name
            if not is_plain(name):
                continue
            suffix = path.suffix.lower()
            if suffix in SUFFIXES and not path.exists():
                missing[name] = None
    return tuple(missing)


def _names_read(source: str) -> Iterator[str]:
    """Find the files that calls in some code read, by the names of the functions."""
    for node in ast.walk(parse_cell(source)):
        match node:
            case ast.Call(args=[ast.Constant(value=str(name))]) if called_name(node) in READING:
                yield name.removeprefix("./")
            case ast.Call(args=[ast.Constant(value=str(name)), *_]) if _reads_table(node):
                yield name.removeprefix("./")


def _reads_table(call: ast.Call) -> bool:
    return called_name(call) in READING - {"open"}


def read_contents(files: Iterable[InputFile]) -> dict[str, bytes]:
    """Read data files, by their names in the notebook."""
    return {file.name: file.path.read_bytes() for file in files}
