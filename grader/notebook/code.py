"""Parse the code of cells that may contain magics and installs."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TypeVar

from grader.kernel.portability.installs import INSTALL
from grader.kernel.portability.newer_python import as_older_python

SHOWING = frozenset({"print", "pprint", "display", "make_dot"})
"""Functions that only show something if a call of them is a statement."""

DRAWING = frozenset({"plt", "pyplot"})
"""Modules whose functions only show something if a call is a statement."""

MAX_KEPT = 4_000
"""Longest code, in characters, of which something is kept: trees of hostile code are large."""

T = TypeVar("T")


def parse_cell(source: str) -> ast.Module:
    """Parse a cell without its magic lines and installs; an empty tree if it is no Python."""
    lines = source.split("\n")
    for index, line in enumerate(lines):
        if _is_no_python(line):
            lines[index] = ""
    code = as_older_python("\n".join(lines))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the terminal must not show a student's "\d"
            return ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ast.Module([], [])


def is_broken(source: str) -> bool:
    """Return whether a cell contains code, and is no Python."""
    if parse_cell(source).body:
        return False
    lines = (line.strip() for line in source.split("\n"))
    return any(line and line[0] != "#" and not _is_no_python(line) for line in lines)


def cached_by_source(read: Callable[[str], T]) -> Callable[[str], T]:
    """Cache the result of a function for a cell; nobody may change it."""
    cached = lru_cache(maxsize=64)(read)

    @wraps(read)
    def reading(source: str) -> T:
        if len(source) > MAX_KEPT:
            return read(source)
        return cached(source)

    return reading


shared_tree = cached_by_source(parse_cell)
"""Parses a cell as `parse_cell` does, once for all that read it."""


def _is_no_python(line: str) -> bool:
    """Return whether a line is a magic, a shell command or an install."""
    if line.lstrip().startswith(("%", "!")):
        return True
    return INSTALL.match(line) is not None
