"""Find the folder of data and the torchvision data sets that a solved notebook reads."""

from __future__ import annotations

import ast
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.authoring.drafting.syntax import called_name
from grader.job import DataFolder
from grader.notebook.cells import NotebookCell
from grader.notebook.code import parse_cell
from grader.notebook.filenames import is_plain
from grader.reference.data_folders import FOLDERS_OF_CLASSES, MAX_DATA_MIB, dataset_path

NO_DATA = frozenset({"exercises", "solutions", "grades", "submissions"})
"""Folders beside a notebook without data for it."""


@dataclass(frozen=True)
class FoundDataSets:
    """The data of a notebook other than single files."""

    folder: Path | None = None
    """A folder beside the notebook that its code names."""
    classes: tuple[str, ...] = ()
    """Classes of `torchvision.datasets` that its code calls, in alphabetical order."""

    def folders(self) -> tuple[DataFolder, ...]:
        """Return the folders of data for kernels, if they are on this machine."""
        folders = []
        if self.folder is not None:
            path = self.folder.resolve()
            own = DataFolder(name=self.folder.name, path=path, digest="")
            folders.append(own)
        for name in self.classes:
            found = dataset_path(name)
            if found is None:
                continue
            below = FOLDERS_OF_CLASSES[name]
            shown = DataFolder(name=below, path=found, digest="", dataset=name)
            folders.append(shown)
        return tuple(folders)

    def has(self, name: str) -> bool:
        """Return whether a file, given by its path beside the notebook, is in the folder."""
        first, slash, _ = name.partition("/")
        if self.folder is None or not slash:
            return False
        return first == self.folder.name


def find_data_sets(notebook: Path, cells: Sequence[NotebookCell]) -> FoundDataSets:
    """Find the folder and the data sets that a notebook's code names.

    Args:
        notebook: its path.
        cells: its cells.
    """
    folders: Counter[str] = Counter()
    classes: set[str] = set()
    for cell in cells:
        if cell.kind != "code":
            continue
        tree = parse_cell(cell.source)
        classes.update(_classes_called(tree))
        for text in _texts_in(tree):
            name = _folder_of(text, notebook.parent)
            if name:
                folders[name] += 1
    if not folders:
        return FoundDataSets(None, tuple(sorted(classes)))

    [(most_named, _)] = folders.most_common(1)
    folder = notebook.parent / most_named
    elsewhere = []
    for name in sorted(classes):
        # Its files are opened in that folder.
        own = folder / FOLDERS_OF_CLASSES[name]
        if not own.is_dir():
            elsewhere.append(name)
    return FoundDataSets(folder, tuple(elsewhere))


def _texts_in(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str(text)):
                yield text


def _folder_of(text: str, beside: Path) -> str:
    """Return the folder beside the notebook that contains a path; empty if there is none."""
    path = text.removeprefix("./")
    path = path.rstrip("/")
    if not is_plain(path):
        return ""
    first, _, _ = path.partition("/")
    folder = beside / path
    if first in NO_DATA or not folder.is_dir():
        return ""
    return first


def _classes_called(tree: ast.AST) -> Iterator[str]:
    """Yield the data sets of torchvision that some code opens."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = called_name(node)
        if name in FOLDERS_OF_CLASSES:
            yield name


def copy_folder(folder: Path, target: Path) -> str:
    """Copy a folder of data into a drafted assignment, unless it is too large for a release.

    Returns:
        How the assignment names it: by its name, or a large one by its whole path.
    """
    size_bytes = 0
    for path in folder.rglob("*"):
        state = path.lstat()
        size_bytes += state.st_size
    if size_bytes > MAX_DATA_MIB << 20:
        whole = folder.resolve()
        return str(whole)
    shutil.copytree(folder, target / folder.name, dirs_exist_ok=True)
    return folder.name
