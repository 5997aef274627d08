"""Which cells an answer needs: those before it that bind or change a name it reads. Pure.

It may take a cell too many, which costs time, never one too few.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from grader.checks.following import parse_cell

STATEFUL = ("seed", "manual_seed", "set_", "use_", "simplefilter", "filterwarnings")
"""Beginnings of functions that change a library for all that follows."""


@dataclass(frozen=True)
class _Names:
    reads: frozenset[str]
    changes: frozenset[str]
    always: bool
    """Nothing can be said of it, or it changes a library: it is always needed."""


def cells_behind(order: Sequence[tuple[int, str]], wanted: Iterable[int]) -> list[int]:
    """The cells to run for some cells to compute what they did.

    Args:
        order: index and source of each cell, in the order they ran; a cell that ran twice stands there twice.
        wanted: indices of the cells whose values matter.

    Returns:
        Indices, sorted, the wanted ones among them.
    """
    names = [(cell, _names(source)) for cell, source in order]
    modules = frozenset().union(*(_imported(source) for _, source in order))
    needed = set(wanted)
    last = max((place for place, (cell, _) in enumerate(names) if cell in needed), default=-1)
    read: set[str] = set()
    for cell, of_cell in reversed(names[: last + 1]):
        changes = of_cell.changes | (_imported_in(order, cell) if modules else frozenset())
        if cell in needed or of_cell.always or read & changes:
            needed.add(cell)
            read |= of_cell.reads
    return sorted(needed)


def _imported_in(order: Sequence[tuple[int, str]], cell: int) -> frozenset[str]:
    return _imported(next(source for index, source in order if index == cell))


def _names(source: str) -> _Names:
    tree = parse_cell(source)
    modules = _imported(source)
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    stored = {node.id for node in names if not isinstance(node.ctx, ast.Load)}
    defined = {n.name for n in ast.walk(tree) if isinstance(n, (ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef))}
    written = {_root(node) for node in ast.walk(tree) if _is_written(node)}
    touched = {_root(part) for call in calls for part in (call.func, *call.args, *(k.value for k in call.keywords))}
    unknown = not tree.body and bool(source.strip()) and not source.lstrip().startswith(("%", "!", "#"))
    stateful = any(isinstance(call.func, ast.Attribute) and call.func.attr.startswith(STATEFUL) for call in calls)
    star = any(alias.name == "*" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) for alias in n.names)
    changes = (stored | defined | written | touched) - {""} - KNOWN_MODULES
    return _Names(frozenset(n.id for n in names), frozenset(changes - modules), unknown or stateful or star)


KNOWN_MODULES = frozenset({"torch", "np", "numpy", "plt", "nn", "F", "optim", "torchvision", "models", "print", "math"})
"""Names that a call on does not change: `torch.randn(…)` changes no `torch`."""


def _imported(source: str) -> frozenset[str]:
    found = (
        (alias.asname or alias.name).partition(".")[0]
        for node in ast.walk(parse_cell(source))
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for alias in node.names
    )
    return frozenset(found)


def _is_written(node: ast.AST) -> bool:
    return isinstance(node, (ast.Attribute, ast.Subscript)) and not isinstance(node.ctx, ast.Load)


def _root(node: ast.AST) -> str:
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Call)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""
