"""Parse the code of cells that may hold magics and installs."""

from __future__ import annotations

import ast
import warnings
from functools import lru_cache

from grader.kernel.installs import INSTALL

SHOWING = frozenset({"print", "pprint", "display", "make_dot"})
"""Functions that only show something where a call of them stands alone."""

DRAWING = frozenset({"plt", "pyplot"})
"""Modules of which every call that stands alone only shows something."""

MAX_SHARED = 10_000
"""Longest code, in characters, that is kept parsed: trees of hostile code are large."""


def parse_cell(source: str) -> ast.Module:
    """Parse a cell without its magic lines and installs; an empty tree if it is no Python."""
    lines = source.split("\n")
    for index, line in enumerate(lines):
        if _is_no_python(line):
            lines[index] = ""
    code = "\n".join(lines)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the terminal must not show a student's "\d"
            return ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ast.Module([], [])


def shared_tree(source: str) -> ast.Module:
    """Parse a cell as `parse_cell` does, once for all that read it: none of them may change it."""
    if len(source) > MAX_SHARED:
        return parse_cell(source)
    return _kept_tree(source)


@lru_cache(maxsize=64)
def _kept_tree(source: str) -> ast.Module:
    return parse_cell(source)


def _is_no_python(line: str) -> bool:
    """Return whether a line is a magic, a shell command or an install."""
    if line.lstrip().startswith(("%", "!")):
        return True
    return INSTALL.match(line) is not None
