"""The files that lie in a notebook's working directory: an allow-list of names, checked before any is copied."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from grader.trace import InputFile

MAX_DEPTH = 4
_PART = re.compile(r"\w[\w .()+-]{0,98}")


def is_plain(name: str) -> bool:
    """Whether a relative path, with `/` between its parts, is one that a file may be laid out under.

    SECURITY: each part begins with a letter, a digit or an underscore, so there are no hidden files, no `..` and no
    options in it; there are no controls, no links' targets and no drive letters either.
    """
    parts = PurePosixPath(name).parts
    return 0 < len(parts) <= MAX_DEPTH and all(
        _PART.fullmatch(part) and not part.endswith((" ", ".")) for part in parts
    )


def lay_out(files: Iterable[InputFile], folder: Path) -> None:
    """Copy files below a folder.

    Args:
        files: what to copy; of two of one name, the later one stays.
        folder: where they go.

    Raises:
        ValueError: a name is not plain.
    """
    for file in files:
        if not is_plain(file.name):
            raise ValueError(f"not a name for a file: {file.name!r}")
        target = folder.joinpath(*PurePosixPath(file.name).parts)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file.path, target)
        target.chmod(0o644)
