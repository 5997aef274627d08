"""Files handed in beside a notebook: data it reads, and modules it imports."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath

from grader.notebook.cells import NotebookCell
from grader.notebook.filenames import is_plain
from grader.trace import InputFile

SUFFIXES = frozenset(
    f".{ending}"
    for endings in (
        ("csv", "tsv", "txt", "json", "jsonl", "md", "xml", "yaml", "yml", "xlsx", "parquet"),
        ("npy", "npz", "mat", "h5", "pt", "pth", "pkl", "zip", "gz"),
        ("png", "jpg", "jpeg", "gif", "bmp", "tif", "tiff", "wav", "mp3"),
        ("py",),
    )
    for ending in endings
)
"""Endings of files that are laid out. A pickle is opened in the kernel only."""
NOTEBOOK, MODULE = ".ipynb", ".py"
MAX_FILES = 50
MAX_BYTES = 100 * 2**20
"""Of all the files of one submission together."""
_WORD = re.compile(r"\w+")


def files_beside(notebook: Path, cells: Sequence[NotebookCell]) -> tuple[InputFile, ...]:
    """The files beside a notebook that its code speaks of, if it has its folder to itself.

    In a folder with several notebooks nobody knows whose a file is, so that there are none.

    Args:
        notebook: the file that was handed in.
        cells: its cells.
    """
    if not _is_alone(notebook):
        return ()
    below = (
        (path.relative_to(notebook.parent).as_posix(), path) for path in _below(notebook.parent)
    )
    return files_among(below, cells)


def files_among(
    near: Iterable[tuple[str, Path]], cells: Sequence[NotebookCell]
) -> tuple[InputFile, ...]:
    """Those of some files that the code of a notebook speaks of; of two of one name, the first.

    Args:
        near: names that files would have in the notebook's folder, and where they lie.
        cells: its cells.
    """
    code = "\n".join(cell.source for cell in cells if cell.kind == "code")
    words = frozenset(_WORD.findall(code))
    found: dict[str, InputFile] = {}
    left = MAX_BYTES
    for name, path in near:
        if (
            len(found) < MAX_FILES
            and name not in found
            and _is_meant(PurePosixPath(name), code, words)
        ):
            data = _content(path, left)
            if data is not None:
                left -= len(data)
                found[name] = InputFile(
                    name=name, path=path, sha256=hashlib.sha256(data).hexdigest()
                )
    return tuple(found.values())


def together(beside: Iterable[InputFile], declared: Iterable[InputFile]) -> tuple[InputFile, ...]:
    """Files handed in, and those of the assignment, which nothing that was handed in takes the place of."""
    declared = tuple(declared)
    taken = {PurePosixPath(file.name).parts[0] for file in declared}
    return (*(file for file in beside if PurePosixPath(file.name).parts[0] not in taken), *declared)


def _is_alone(notebook: Path) -> bool:
    return sum(path.suffix.lower() == NOTEBOOK for path in notebook.parent.iterdir()) == 1


def _below(folder: Path) -> Iterator[Path]:
    """The files below a folder, those of folders with notebooks of their own left out, in a fixed order."""
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not _holds_notebook(Path(place, name)))
        yield from (Path(place, name) for name in sorted(files))


def _holds_notebook(folder: Path) -> bool:
    return folder.is_symlink() or any(path.suffix.lower() == NOTEBOOK for path in folder.iterdir())


def _is_meant(name: PurePosixPath, code: str, words: frozenset[str]) -> bool:
    suffix = name.suffix.lower()
    if suffix not in SUFFIXES or not is_plain(str(name)):
        return False
    return name.name in code or (suffix == MODULE and name.stem in words)


def _content(path: Path, most: int) -> bytes | None:
    """What is in a file; None if it is not a regular one, or larger than it may be.

    SECURITY: a link that was handed in leads to a file of the instructor's.
    """
    try:
        status = path.lstat()
        return (
            path.read_bytes() if stat.S_ISREG(status.st_mode) and status.st_size <= most else None
        )
    except OSError:
        return None
