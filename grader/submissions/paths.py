"""Read the file types of submitted paths, and name submissions by their paths."""

from __future__ import annotations

import difflib
import stat
from collections import Counter
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import NoReturn

from grader.errors import GraderError, NothingToGrade
from grader.notebook.format import safe_name

NOTEBOOK = ".ipynb"
"""Ending of a notebook."""

Parts = tuple[str, ...]
"""A path by its parts."""


def stem_of(name: str) -> str:
    """Return the name of a file without folder and endings: `ana` for `ana.ipynb.txt`."""
    path = PurePosixPath(name)
    position = path.name.lower().find(NOTEBOOK)
    if position > 0:
        return path.name[:position]
    return path.stem


def mode_of(path: Path) -> int:
    """Return `st_mode` of a path; 0 if it cannot be examined.

    Raises:
        NothingToGrade: there is no such file.
    """
    try:
        return path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        shown = safe_name(str(path))
        raise NothingToGrade(f"There is no {shown}.", _advice_for(path)) from None
    except OSError:
        return 0  # the submission says so


def _advice_for(path: Path) -> str:
    """Suggest a similar path in place of a missing one."""
    try:
        names = [other.name for other in path.absolute().parent.iterdir()]
    except OSError:
        return "Check the path."

    similar = difflib.get_close_matches(path.name, names, n=1)
    if not similar:
        return "Check the path."
    shown = safe_name(str(path.with_name(similar[0])))
    return f"Did you mean {shown}?"


def is_ignored(name: str) -> bool:
    """Return whether a name is the system's: hidden, a Jupyter checkpoint, or macOS metadata."""
    return name.startswith(".") or name == "__MACOSX"


def is_regular(path: Path) -> bool:
    """Return whether a path is a regular file: no link, pipe, device or socket."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def cannot_open(error: OSError) -> NoReturn:
    """Raise for a folder that cannot be opened; called by `os.walk`.

    Going on would leave out the students in that folder without a word.
    """
    folder = safe_name(str(error.filename))
    raise GraderError(
        f"{folder} cannot be opened ({error.strerror}).",
        "Change its permissions.",
    )


def unique_names(depths: Mapping[Parts, int]) -> dict[Parts, str]:
    """Name each file by its relative path, longer if two would be equal.

    Args:
        depths: for each path, by its parts, the least number of trailing parts in its name.
    """
    depths = dict(depths)
    while True:
        names: dict[Parts, str] = {}
        for parts, depth in depths.items():
            names[parts] = "/".join(parts[-depth:])

        counts = Counter(names.values())
        if len(counts) == len(names):
            return names

        for parts, name in names.items():
            if counts[name] > 1:
                depths[parts] += 1
