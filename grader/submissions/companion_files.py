"""Find the files that belong to a notebook: data that it reads, and modules that it imports."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath

from grader.job import InputFile
from grader.notebook.cells import NotebookCell
from grader.notebook.filenames import is_plain
from grader.submissions.file_kinds import holds_notebook
from grader.submissions.paths import NOTEBOOK
from grader.trace import ModuleSource

MODULE = ".py"
"""Ending of a module that a notebook may import."""

SUFFIXES = frozenset(
    {
        *(".csv", ".tsv", ".txt", ".json", ".jsonl", ".md", ".xml", ".yaml", ".yml"),
        *(".xlsx", ".parquet"),
        *(".npy", ".npz", ".mat", ".h5", ".pt", ".pth", ".pkl", ".zip", ".gz"),
        *(".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".wav", ".mp3"),
        MODULE,
    }
)
"""Endings of files that are laid out. A pickle is opened in the kernel only."""

MAX_FILES = 50
"""Most files of one submission."""

MAX_BYTES = 100 * 2**20
"""Most bytes of all files of one submission together."""

MAX_MODULE_BYTES = 500_000
"""Most bytes of a module that is laid out: all of it is looked at for tampering."""

NamedPath = tuple[str, Path]
"""The name that a file would have in the notebook's folder, and its path."""

NamedPaths = Iterable[NamedPath]

_WORD = re.compile(r"\w+")


def files_beside(notebook: Path, cells: Sequence[NotebookCell]) -> tuple[InputFile, ...]:
    """Find the files beside a notebook that its code names, unless it shares its folder.

    In a folder with several notebooks it is unknown to which one a file belongs, so there are none.

    Args:
        notebook: the file that was handed in.
        cells: its cells.
    """
    folder = notebook.parent
    if _holds_other_notebook(notebook):
        return ()
    return files_among(_files_below(folder), cells)


def files_among(near: NamedPaths, cells: Sequence[NotebookCell]) -> tuple[InputFile, ...]:
    """Choose the files that the code of a notebook names; of two with one name, the first.

    Args:
        near: names that files would have in the notebook's folder, and their paths.
        cells: the cells of the notebook.
    """
    sources = [cell.source for cell in cells if cell.kind == "code"]
    code = "\n".join(sources)
    words = frozenset(_WORD.findall(code))

    files: dict[str, InputFile] = {}
    remaining_bytes = MAX_BYTES
    for name, path in near:
        if len(files) == MAX_FILES:
            break
        if name in files:
            continue
        if not _is_named_in(code, words, PurePosixPath(name)):
            continue

        max_bytes = remaining_bytes
        if PurePosixPath(name).suffix.lower() == MODULE:
            max_bytes = min(max_bytes, MAX_MODULE_BYTES)
        data = _read_content(path, max_bytes)
        if data is None:
            continue

        remaining_bytes -= len(data)
        digest = hashlib.sha256(data).hexdigest()
        files[name] = InputFile(name=name, path=path, sha256=digest)

    return tuple(files.values())


def with_declared(
    handed_in: Iterable[InputFile], declared: Iterable[InputFile]
) -> tuple[InputFile, ...]:
    """Combine the submitted files with the assignment's own.

    No file that was handed in takes the place of the assignment's.
    """
    declared = tuple(declared)
    taken = {_first_part(file) for file in declared}
    others = [file for file in handed_in if _first_part(file) not in taken]
    return (*others, *declared)


def modules_among(files: Iterable[InputFile]) -> tuple[ModuleSource, ...]:
    """Read the Python modules among files that were handed in."""
    modules = []
    for file in files:
        if PurePosixPath(file.name).suffix.lower() != MODULE:
            continue
        data = _read_content(file.path, MAX_MODULE_BYTES) or b""
        source = data.decode("utf-8", "replace")
        modules.append(ModuleSource(name=file.name, source=source))
    return tuple(modules)


def _first_part(file: InputFile) -> str:
    return PurePosixPath(file.name).parts[0]


def _holds_other_notebook(notebook: Path) -> bool:
    """Return whether the folder of a notebook contains another one."""
    for path in notebook.parent.iterdir():
        if path.name != notebook.name and _is_notebook(path):
            return True
    return False


def _files_below(folder: Path) -> Iterator[NamedPath]:
    """List the files below a folder in a fixed order, with their relative paths.

    Folders with notebooks of their own are left out.
    """
    for parent, folders, files in os.walk(folder):
        closed = [name for name in folders if _is_closed(Path(parent, name))]
        folders[:] = sorted(name for name in folders if name not in closed)
        for name in sorted(files):
            path = Path(parent, name)
            yield path.relative_to(folder).as_posix(), path


def _is_closed(folder: Path) -> bool:
    """Return whether a folder is a link, or contains a notebook."""
    if folder.is_symlink():
        return True
    return any(_is_notebook(path) for path in folder.iterdir())


def _is_notebook(path: Path) -> bool:
    if path.suffix.lower() == NOTEBOOK:
        return True
    return holds_notebook(path)


def _is_named_in(code: str, words: frozenset[str], name: PurePosixPath) -> bool:
    """Return whether code names a file that may be copied."""
    suffix = name.suffix.lower()
    if suffix not in SUFFIXES:
        return False
    if not is_plain(str(name)):
        return False
    if name.name in code:
        return True
    return suffix == MODULE and name.stem in words


def _read_content(path: Path, max_bytes: int) -> bytes | None:
    """Read a file; None if it is not regular, or too large.

    SECURITY: a link that was handed in may lead to a file of the instructor's.
    """
    try:
        status = path.lstat()
        if not stat.S_ISREG(status.st_mode):
            return None
        if status.st_size > max_bytes:
            return None
        return path.read_bytes()
    except OSError:
        return None
