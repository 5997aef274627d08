"""Index a single number as torch did up to 0.4: `loss.data[0]`. Runs inside the student's kernel.

A loss was then a tensor of one element. It has no axis today, and indexing it raises.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable
from typing import Any

from grader.kernel.gpu.demands import copy_place
from grader.kernel.recording.inspection import is_ndarray, is_tensor

FIRST_NAME = "_grader_first"
"""Builtin that takes the first element of a value."""

DATA = "data"
"""The attribute that such code reads, also as `loss.data.cpu().numpy()[0]`."""

Note = Callable[[str], None]


def install(note: Note) -> None:
    """Add the builtin.

    Args:
        note: notes that a number was indexed.
    """

    def first(value: Any) -> Any:
        is_array = is_tensor(value) or is_ndarray(value)
        if is_array and value.ndim == 0:
            note("version data[0]")
            return value.item()
        return value[0]

    setattr(builtins, FIRST_NAME, first)


class FormerIndices(ast.NodeTransformer):
    """Rewrites the indices `[0]` of a notebook's expressions that read `data` of a tensor."""

    def relax(self, tree: ast.AST) -> None:
        """Make such indices accept a single number."""
        self.visit(tree)

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        """Rewrite `loss.data[0]` where it is read."""
        self.generic_visit(node)
        match node:
            case ast.Subscript(slice=ast.Constant(value=0), ctx=ast.Load(), value=value):
                if _reads_data(value):
                    function = ast.Name(FIRST_NAME, ast.Load())
                    return copy_place(ast.Call(function, [value], []), node)
        return node


def _reads_data(value: ast.expr) -> bool:
    """Return whether an expression ends with `data`, but for calls without arguments."""
    match value:
        case ast.Attribute(attr=attribute):
            return attribute == DATA
        case ast.Call(func=ast.Attribute(value=owner), args=[], keywords=[]):
            return _reads_data(owner)
    return False
