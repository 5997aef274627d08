"""Find the names that Python code reads from its surroundings. Pure."""

from __future__ import annotations

import ast
import builtins
import symtable
from collections.abc import Collection, Iterable
from functools import lru_cache

from grader.kernel.recording.aliases import DATA, GIVEN, MODULES, OWN
from grader.notebook.code import cached_by_source, parse_cell, shared_tree
from grader.notebook.slicing import names_bound_by

KNOWN = frozenset((*MODULES, DATA, GIVEN, OWN, *dir(builtins)))
"""Names that expressions may read and that are no names of a notebook."""

SIMPLE = (ast.Assign, ast.AnnAssign, ast.AugAssign)
"""Statements that read a name before they bind it."""

KEPT = 256
"""Questions of which the names are kept: they are the same for each submission."""

DEFINITIONS = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
"""Statements that bind one name."""

COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp)

Comprehension = ast.ListComp | ast.SetComp | ast.DictComp


def is_expression(text: str) -> bool:
    """Return whether a text is one Python expression."""
    try:
        ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError):
        return False
    return True


def names_read(expressions: Iterable[str], *, setup: str = "") -> tuple[str, ...]:
    """List the names that expressions, and the statements before them, read from a notebook.

    They are neither builtins, nor modules that are there by themselves, nor bound by the statements
    or inside an expression.
    """
    return _names_read(tuple(expressions), setup)


@lru_cache(maxsize=KEPT)
def _names_read(expressions: tuple[str, ...], setup: str) -> tuple[str, ...]:
    bound = names_bound(setup)
    names: dict[str, None] = {}
    for code in (setup, *expressions):
        for name in _free_names(code):
            if name not in KNOWN and name not in bound:
                names[name] = None
    return tuple(names)


def names_needed(code: str, *, setup: str = "") -> tuple[str, ...]:
    """List the names that statements read before they bind them.

    Args:
        code: the statements.
        setup: statements that run before them.
    """
    bound = set(names_bound(setup))
    names = dict.fromkeys(names_read((), setup=setup))
    for statement in parse_cell(code).body:
        source = ast.unparse(statement)
        own = names_bound(source)
        read = list(_free_names(source))
        match statement:
            case ast.AugAssign(target=ast.Name(id=name)):
                read.append(name)
        known = KNOWN | bound
        if not isinstance(statement, SIMPLE):
            known |= own
        for name in read:
            if name not in known:
                names[name] = None
        bound |= own
    return tuple(names)


def parts_read(name: str, codes: Iterable[str]) -> tuple[str, ...]:
    """List the parts that code reads of a name: `A` for `given.A` and for `given["A"]`."""
    return _parts_read(name, tuple(codes))


@lru_cache(maxsize=KEPT)
def _parts_read(name: str, codes: tuple[str, ...]) -> tuple[str, ...]:
    parts: dict[str, None] = {}
    for code in codes:
        for node in ast.walk(parse_cell(code)):
            match node:
                case ast.Attribute(value=ast.Name(id=base), attr=part) if base == name:
                    parts[part] = None
                case ast.Subscript(value=ast.Name(id=base), slice=ast.Constant(value=str(part))):
                    if base == name:
                        parts[part] = None
    return tuple(parts)


def statements_about(name: str, cells: Iterable[str]) -> tuple[str, ...]:
    """List the top-level statements of cells that mention a name, once it is bound."""
    statements: list[str] = []
    for cell in cells:
        for statement in parse_cell(cell).body:
            source = ast.unparse(statement)
            is_mentioned = name in names_bound(source)
            if statements and not is_mentioned:
                is_mentioned = name in _free_names(source)
            if is_mentioned:
                statements.append(source)
    return tuple(statements)


def names_bound(code: str) -> frozenset[str]:
    """List the names that statements bind at top level."""
    if not code.strip():
        return frozenset()
    table = _symbols(code)
    names: set[str] = set()
    for symbol in table.get_symbols():
        if symbol.is_assigned() or symbol.is_imported():
            names.add(symbol.get_name())
    return frozenset(names)


def binding_line(source: str, names: Collection[str]) -> int:
    """Find the last line of a cell with a statement that binds one of some names; 0 if none does.

    Of a statement over several lines it is the first. A class or a function binds its own name, and
    what it declares as global: whatever else it calls so inside is another thing.
    """
    line = 0
    for first, bound in _bindings(source):
        if not bound.isdisjoint(names):
            line = first
    return line


@cached_by_source
def _bindings(source: str) -> list[tuple[int, frozenset[str]]]:
    """List the first line of each statement of a cell, and the names that it binds."""
    bindings = []
    lines = source.split("\n")
    for statement in shared_tree(source).body:
        first = statement.lineno
        statement_lines = lines[first - 1 : statement.end_lineno]
        if isinstance(statement, DEFINITIONS):
            bound = _bound_by_definition(statement)
        else:
            bound = names_bound_by("\n".join(statement_lines))
        bindings.append((first, bound))
    return bindings


def _bound_by_definition(statement: ast.stmt) -> frozenset[str]:
    bound: set[str] = set()
    for node in ast.walk(statement):
        if isinstance(node, ast.Global):
            bound.update(node.names)
    if isinstance(statement, DEFINITIONS):
        bound.add(statement.name)
    return frozenset(bound)


def _free_names(code: str) -> Iterable[str]:
    """Yield the names that code reads from its surroundings, in order."""
    if not code.strip():
        return
    stripped = code.strip()
    table = _symbols(stripped)
    free = _global_names(table)
    for node in ast.walk(ast.parse(stripped)):
        match node:
            case ast.Name(id=name) if name in free:
                yield name


def _symbols(code: str) -> symtable.SymbolTable:
    """Return the symbols of statements, those of comprehensions apart."""
    tree = ast.parse(code)
    if any(isinstance(node, COMPREHENSIONS) for node in ast.walk(tree)):
        code = ast.unparse(_AsGenerators().visit(tree))
    return symtable.symtable(code, "<code>", "exec")


class _AsGenerators(ast.NodeTransformer):
    """Turns comprehensions into generator expressions.

    From Python 3.12 on, names of comprehensions are among the symbols around them (PEP 709).
    """

    def visit_ListComp(self, node: ast.ListComp) -> ast.AST:
        return self._generator(node, node.elt)

    def visit_SetComp(self, node: ast.SetComp) -> ast.AST:
        return self._generator(node, node.elt)

    def visit_DictComp(self, node: ast.DictComp) -> ast.AST:
        pair = ast.Tuple([node.key, node.value], ast.Load())
        return self._generator(node, pair)

    def _generator(self, node: Comprehension, element: ast.expr) -> ast.AST:
        generator = ast.GeneratorExp(element, node.generators)
        return self.generic_visit(generator)


def _global_names(table: symtable.SymbolTable) -> set[str]:
    names: set[str] = set()
    for symbol in table.get_symbols():
        is_top = table.get_type() == "module"
        if symbol.is_referenced() and (is_top or symbol.is_global()):
            names.add(symbol.get_name())
    for child in table.get_children():
        names |= _global_names(child)
    return names
