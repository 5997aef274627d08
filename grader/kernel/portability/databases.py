"""Make `sqlite3` find files by paths of another machine. Runs inside the student's kernel."""

from __future__ import annotations

import functools
import os
import re
import types
from collections.abc import Callable
from typing import Any

from grader.kernel.portability.paths import ForeignPaths, is_there, text_of

ADDRESS = re.compile(r"^file:(//)?(?P<path>[^?]+)(?P<rest>.*)$")
"""Address of a database with `uri=True`: its path, and options."""


def wrap_connect(paths: ForeignPaths, sqlite3: types.ModuleType) -> None:
    """Wrap `sqlite3.connect`, which opens a file in C."""
    plain: Callable[..., Any] = sqlite3.connect

    @functools.wraps(plain)
    def connect(database: Any, *args: Any, **kwargs: Any) -> Any:
        text = text_of(database)
        if text is not None and not is_there(text):
            database = _find_database(paths, text) or database
        return plain(database, *args, **kwargs)

    sqlite3.connect = connect  # type: ignore[attr-defined]


def _find_database(paths: ForeignPaths, text: str) -> str | None:
    """Return the database to open in place of a missing one; None to keep the path."""
    address = ADDRESS.match(text)
    if address is None:
        real = paths.readable(text)
        if real is None and not can_write(text):
            real = paths.writable(text)
        return real

    path = address["path"]
    real = None if is_there(path) else paths.readable(path)
    if real is None:
        return None
    return f"file:{real}{address['rest']}"


def can_write(file: Any) -> bool:
    """Return whether a file can be created at a path; True if it is not a path."""
    text = text_of(file)
    if text is None:
        return True
    absolute = os.path.abspath(text)  # noqa: PTH100
    folder = os.path.dirname(absolute)  # noqa: PTH120
    return os.access(folder, os.W_OK | os.X_OK)
