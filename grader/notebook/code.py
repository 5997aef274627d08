"""Parse the code of cells that may hold magics and installs."""

from __future__ import annotations

import ast
import warnings

from grader.kernel.installs import INSTALL


def parse_cell(source: str) -> ast.Module:
    """The tree of a cell without its magic lines and installs; an empty one if it is no Python."""
    lines = [
        "" if line.lstrip().startswith(("%", "!")) or INSTALL.match(line) else line
        for line in source.split("\n")
    ]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a student's "\d" is no business of the terminal
            return ast.parse("\n".join(lines))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ast.Module([], [])


SHOWING = frozenset({"print", "pprint", "display", "make_dot"})
"""Functions whose call, standing alone, only shows something."""


DRAWING = frozenset({"plt", "pyplot"})
"""Modules of which every call that stands alone does."""
