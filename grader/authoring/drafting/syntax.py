"""Analyse the syntax tree of a cell: names read and bound, functions called. Pure."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from grader.authoring.drafting.solved import DraftCell
from grader.notebook.code import parse_cell
from grader.notebook.imports import imports_in

FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)
DEFINITION = (*FUNCTION, ast.ClassDef)


def imported_names(sources: Iterable[str]) -> frozenset[str]:
    """Collect the names that cells import."""
    names: set[str] = set()
    for source in sources:
        tree = parse_cell(source)
        for imported in imports_in(tree):
            names.add(imported.name)
    return frozenset(names)


def names_read(node: ast.AST) -> set[str]:
    """Collect the names that code reads, including nested functions."""
    names = set()
    for inner in ast.walk(node):
        match inner:
            case ast.Name(id=name, ctx=ast.Load()):
                names.add(name)
    return names


def names_bound(node: ast.AST) -> list[str]:
    """Collect the names that a statement assigns or modifies, in order.

    `w.data -= …` writes into `w`. Names that functions and classes in it assign are their own.
    """
    targets: list[ast.expr] = []
    for inner in _outside_definitions(node):
        match inner:
            case ast.Assign():
                targets.extend(inner.targets)
            case ast.AugAssign() | ast.AnnAssign():
                targets.append(inner.target)

    targets.sort(key=_position)
    names: list[str] = []
    for target in targets:
        names.extend(_target_names(target))
    return list(dict.fromkeys(names))


def names_of_loops(node: ast.AST) -> set[str]:
    """Collect the names that the loops of a statement bind, pass by pass."""
    names: set[str] = set()
    for inner in _outside_definitions(node):
        if isinstance(inner, (ast.For, ast.AsyncFor)):
            names.update(_target_names(inner.target))
    return names


def _outside_definitions(node: ast.AST) -> Iterator[ast.AST]:
    """Walk through code, except the bodies of functions and classes."""
    yield node
    if isinstance(node, DEFINITION):
        return
    for child in ast.iter_child_nodes(node):
        yield from _outside_definitions(child)


def _position(node: ast.expr) -> tuple[int, int]:
    return node.lineno, node.col_offset


def _target_names(target: ast.expr) -> Iterator[str]:
    if isinstance(target, (ast.Tuple, ast.List)):
        for element in target.elts:
            yield from _target_names(element)
        return

    while isinstance(target, (ast.Attribute, ast.Subscript, ast.Starred)):
        target = target.value
    if isinstance(target, ast.Name):
        yield target.id


def statements_of(cell: DraftCell) -> list[ast.stmt]:
    """List the top-level statements of a cell; empty for a text."""
    if cell.kind != "code":
        return []
    return parse_cell(cell.source).body


def called_name(call: ast.Call) -> str:
    """Return the name of a called function without its module; empty if it has no name."""
    match call.func:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
    return ""


def root_name(node: ast.expr) -> str:
    """Return the variable at the start of a chain of attributes; empty if there is none."""
    while isinstance(node, ast.Attribute):
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    return node.id


def line_range(statement: ast.stmt) -> range:
    """Return the lines (from 1) of a statement."""
    end = statement.end_lineno or statement.lineno
    return range(statement.lineno, end + 1)


def leading_space(line: str) -> str:
    """Return the leading white space of a line."""
    return line[: len(line) - len(line.lstrip())]
