"""Read which names Python code reads from around it. Pure."""

from __future__ import annotations

import ast
import builtins
import symtable
from collections.abc import Collection, Iterable

from grader.kernel.aliases import DATA, MODULES
from grader.notebook.code import parse_cell
from grader.notebook.slicing import names_bound_by

DEFINITIONS = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
"""Statements that bind one name."""


def is_expression(text: str) -> bool:
    """Tell whether a text is one Python expression."""
    try:
        ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError):
        return False
    return True


def names_read(expressions: Iterable[str], *, setup: str = "") -> tuple[str, ...]:
    """List the names that some expressions, and the statements before them, take from a notebook.

    They are neither builtins, nor modules that are there by themselves, nor bound by the statements
    or inside an expression.
    """
    bound = names_bound(setup)
    known = {*MODULES, DATA, *dir(builtins)}
    names: dict[str, None] = {}
    for code in (setup, *expressions):
        for name in _free_names(code):
            if name not in known and name not in bound:
                names[name] = None
    return tuple(names)


def names_bound(code: str) -> frozenset[str]:
    """List the names that statements bind at their top level."""
    if not code.strip():
        return frozenset()
    table = symtable.symtable(code, "<code>", "exec")
    symbols = table.get_symbols()
    return frozenset(
        symbol.get_name() for symbol in symbols if symbol.is_assigned() or symbol.is_imported()
    )


def binding_line(source: str, names: Collection[str]) -> int:
    """Find the last line of a cell with a statement that binds one of some names; 0 if none does.

    Of a statement over several lines it is the first. A class or a function binds its own name, and
    what it declares as global: whatever else it calls so inside is another thing.
    """
    line = 0
    lines = source.split("\n")
    for statement in parse_cell(source).body:
        last = statement.end_lineno
        statement_lines = lines[statement.lineno - 1 : last]
        if isinstance(statement, DEFINITIONS):
            bound = _bound_by_definition(statement)
        else:
            bound = names_bound_by("\n".join(statement_lines))
        if not bound.isdisjoint(names):
            line = statement.lineno
    return line


def _bound_by_definition(statement: ast.stmt) -> frozenset[str]:
    bound: set[str] = set()
    for node in ast.walk(statement):
        if isinstance(node, ast.Global):
            bound.update(node.names)
    if isinstance(statement, DEFINITIONS):
        bound.add(statement.name)
    return frozenset(bound)


def _free_names(code: str) -> Iterable[str]:
    """Give the names that some code reads from around it, in the order in which they stand."""
    if not code.strip():
        return
    table = symtable.symtable(code.strip(), "<code>", "exec")
    free = _global_names(table)
    for node in ast.walk(ast.parse(code.strip())):
        if isinstance(node, ast.Name) and node.id in free:
            yield node.id


def _global_names(table: symtable.SymbolTable) -> set[str]:
    names: set[str] = set()
    for symbol in table.get_symbols():
        is_top = table.get_type() == "module"
        if symbol.is_referenced() and (is_top or symbol.is_global()):
            names.add(symbol.get_name())
    for child in table.get_children():
        names |= _global_names(child)
    return names
