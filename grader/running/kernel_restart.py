"""Choose the code that runs again in a new kernel so that functions can be called. Pure.

The functions that a notebook defines exist whatever a later cell does to the kernel. So if the
kernel ended, the cells that had completed run again in a new one, and of the other cells only their
definitions.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

from grader.notebook.code import parse_cell
from grader.notebook.imports import IMPORT
from grader.running.replays import Cells
from grader.trace import CellRun, CodeCell

_DEFINITION = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)

ENDED = ("ok", "error")
"""Statuses of cells that ended by themselves."""

UNFINISHED = ("died", "not_run")
"""Statuses of cells that ended the kernel, or did not run."""


def to_define_functions(
    cells: Sequence[CodeCell], runs: Sequence[CellRun], *, anew: bool
) -> list[tuple[int, str]]:
    """List the code that defines the functions of a notebook.

    Args:
        cells: its cells.
        runs: how they ended.
        anew: nothing ran in this kernel; else the cells that ended did.

    Returns:
        Index and source. The source of a cell that did not end by itself contains only its
        definitions.
    """
    ended = {run.cell for run in runs if run.status in ENDED}
    began = {run.cell for run in runs if run.status != "not_run"}
    order: list[tuple[int, str]] = []
    for cell in cells:
        source = cell.source
        if not anew and cell.cell in began:
            continue
        if cell.cell not in ended:
            source = definitions_in(source)
        if source:
            order.append((cell.cell, source))
    return order


def without_unfinished(order: Cells, runs: Sequence[CellRun]) -> list[tuple[int, str]]:
    """Remove the cells that ended the kernel, and those that did not run."""
    unfinished = {run.cell for run in runs if run.status in UNFINISHED}
    return [(cell, source) for cell, source in order if cell not in unfinished]


def definitions_in(source: str) -> str:
    """Keep the definitions and imports of a cell on their lines; empty if there are none."""
    tree = parse_cell(source)
    defining = [statement for statement in tree.body if _defines(statement)]
    if all(isinstance(statement, IMPORT) for statement in defining):
        return ""

    lines = source.split("\n")
    kept = [""] * len(lines)
    for statement in defining:
        first = _first_line(statement) - 1
        last = statement.end_lineno
        kept[first:last] = lines[first:last]
    return "\n".join(kept)


def _defines(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Assign):
        return isinstance(statement.value, ast.Lambda)
    return isinstance(statement, (*_DEFINITION, *IMPORT))


def _first_line(statement: ast.stmt) -> int:
    """Return the first line of a statement, including its decorators."""
    if not isinstance(statement, _DEFINITION):
        return statement.lineno
    lines = [decorator.lineno for decorator in statement.decorator_list]
    return min([statement.lineno, *lines])
