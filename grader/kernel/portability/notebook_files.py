"""Provide a notebook's own path under the names that editors set. Runs in a student's kernel.

VS Code sets `__vsc_ipynb_file__`, and `__file__` for cells in a script. Jupyter sets neither, so
code that tests for them still finds them undefined.
"""

from __future__ import annotations

import ast
import builtins
import os
from typing import Any

NAMES = ("__file__", "__vsc_ipynb_file__")

FILE_NAME = "_grader_notebook_file"
"""Builtin that returns the value of one of `NAMES`."""

NOTEBOOK = "notebook.ipynb"
"""File name of a notebook in its own code."""


def install(shell: Any, folder: str) -> None:
    """Define the function that `name_files` inserts into cells.

    Args:
        shell: the kernel's IPython shell.
        folder: the working directory.
    """
    path = os.path.join(folder, NOTEBOOK)  # noqa: PTH118 - as in the kernel

    def notebook_file(name: str) -> Any:
        names = shell.user_ns
        return names.get(name, path)

    setattr(builtins, FILE_NAME, notebook_file)


def name_files(tree: ast.AST) -> ast.AST:
    """Replace each of `NAMES` that is read outside of a `try` by the path of the notebook."""
    transformer = _FileNames()
    named: ast.AST = transformer.visit(tree)
    return named


class _FileNames(ast.NodeTransformer):
    """Replaces a name by a call."""

    def visit_Try(self, node: ast.Try) -> ast.Try:
        """Skip code with errors that the notebook itself expects; called by `visit`."""
        expected = node.body
        node.body = []
        self.generic_visit(node)
        node.body = expected
        return node

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """Replace a name that is read; called by `visit`."""
        if node.id not in NAMES:
            return node
        reading = node.ctx
        if not isinstance(reading, ast.Load):
            return node
        function = ast.Name(FILE_NAME, reading)
        name = ast.Constant(node.id)
        call = ast.Call(function, [name], [])
        ast.copy_location(call, node)
        return ast.fix_missing_locations(call)
