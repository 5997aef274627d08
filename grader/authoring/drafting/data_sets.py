"""Find the folder of data that a solved notebook reads, and the data sets of torchvision."""

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
"""Folders beside a notebook that hold no data of it."""


@dataclass(frozen=True)
class FoundDataSets:
    """The data of a notebook that is no single file."""

    folder: Path | None = None
    """A folder beside the notebook that its code names."""
    classes: tuple[str, ...] = ()
    """Classes of `torchvision.datasets` that its code calls, in alphabetical order."""

    def folders(self) -> tuple[DataFolder, ...]:
        """Return what a kernel is shown, as far as it is on this machine."""
        folders = []
        if self.folder is not None:
            folders.append(DataFolder(name=self.folder.name, path=self.folder.resolve(), digest=""))
        for name in self.classes:
            path = dataset_path(name)
            if path is not None:
                folders.append(
                    DataFolder(name=FOLDERS_OF_CLASSES[name], path=path, digest="", dataset=name)
                )
        return tuple(folders)

    def has(self, name: str) -> bool:
        """Tell whether a file, named by its path beside the notebook, lies in the folder."""
        first, slash, _ = name.partition("/")
        return self.folder is not None and bool(slash) and first == self.folder.name


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
        folders.update(_folders_named(tree, notebook.parent))
        classes.update(_classes_called(tree))
    folder = None
    for name, _ in folders.most_common(1):
        folder = notebook.parent / name
    if folder is not None:
        # What lies in the folder is opened there.
        classes = {name for name in classes if not (folder / FOLDERS_OF_CLASSES[name]).is_dir()}
    return FoundDataSets(folder, tuple(sorted(classes)))


def _folders_named(tree: ast.AST, beside: Path) -> Iterator[str]:
    """Give the folders beside a notebook that texts in its code lead into."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
            continue
        path = node.value.removeprefix("./")
        first, _, _ = path.partition("/")
        if not is_plain(first) or first in NO_DATA:
            continue
        names_folder = is_plain(path.strip("/")) and (beside / path).is_dir()
        if names_folder and (beside / first).is_dir():
            yield first


def _classes_called(tree: ast.AST) -> Iterator[str]:
    """Give the data sets of torchvision that some code opens."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and called_name(node) in FOLDERS_OF_CLASSES:
            yield called_name(node)


def copy_folder(folder: Path, target: Path) -> str:
    """Copy a folder of data into a drafted assignment, unless it is too large for a release.

    Returns:
        How the assignment names it: by its name, or a large one by its whole path.
    """
    size_bytes = 0
    for path in folder.rglob("*"):
        if path.is_file():
            size_bytes += path.stat().st_size
    if size_bytes > MAX_DATA_MIB << 20:
        return str(folder.resolve())
    shutil.copytree(folder, target / folder.name, dirs_exist_ok=True)
    return folder.name
