"""Divide the code of an answer differently into cells and functions. Pure."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator, Sequence

from grader.authoring.validation.rewrite_source import CellSource
from grader.authoring.validation.rewrites import (
    CellChange,
    Rewrite,
    RewriteKind,
    SolvedNotebook,
    changed_cell,
)
from grader.notebook.cell_names import read_names

FUNCTION = "solve_cell_{}"
"""Name of the function with a cell's code; it contains the number of the cell."""

MOVABLE = (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Expr, ast.For, ast.With, ast.If, ast.While)
"""Statements that do the same in a function."""

STAYS = (ast.Global, ast.Delete, ast.Await, ast.Yield, ast.YieldFrom, ast.NamedExpr)
"""Nodes that behave differently in a function, or need a closer look."""

DRAWN_WITH = frozenset({"plt", "pyplot", "ax", "axs", "axes", "fig", "sns"})
"""Names by which cells draw."""


def in_functions(notebook: SolvedNotebook) -> Iterator[Rewrite]:
    """Move the code of each answer into a function that is called."""
    changes: list[CellChange] = []
    for cell in notebook.answer_cells:
        source = notebook.source(cell)
        name = FUNCTION.format(cell + 1)
        called = in_function(source, name)
        if called:
            change = changed_cell(cell, source, [called])
            changes.append(change)
    yield from _rewrite("function", changes)


def in_function(source: str, name: str) -> str:
    """Move the code of a cell into a function that is called; empty if that may change it.

    The value at the cell's end is still shown.
    """
    cell = CellSource(source)
    statements, shown = _without_shown(cell)
    bound = _bound_for_sure(statements)
    if not bound or _has_no_plain_code(cell):
        return ""

    module = ast.Module(statements, [])
    code = ast.unparse(module)
    if "'''" in code or '"""' in code:
        return ""  # the text on its further lines must not be indented
    reads = read_names(code).reads
    parameters = [name for name in bound if name in reads]
    arguments = ", ".join(parameters)
    results = ", ".join(bound)
    lines = [
        f"def {name}({arguments}):",
        textwrap.indent(code, "    "),
        f"    return {results}",
        "",
        f"{results} = {name}({arguments})",
    ]
    lines += map(ast.unparse, shown)
    return "\n".join(lines)


def _without_shown(cell: CellSource) -> tuple[list[ast.stmt], list[ast.stmt]]:
    """Divide a cell into its computations, and the value that it shows at its end."""
    statements = cell.statements
    end = len(statements)
    while end and isinstance(statements[end - 1], ast.Expr):
        end -= 1
    return statements[:end], statements[end:]


def _has_no_plain_code(cell: CellSource) -> bool:
    """Return whether a cell has magics, or code that cannot be moved into a function."""
    for line in cell.source.split("\n"):
        text = line.lstrip()
        if text.startswith(("%", "!")):
            return True
    return any(isinstance(node, STAYS) for node in ast.walk(cell.tree))


def _bound_for_sure(statements: Sequence[ast.stmt]) -> list[str]:
    """List the names that statements bind, in order; empty if one may stay unbound."""
    sure: dict[str, None] = {}
    maybe: set[str] = set()
    for statement in statements:
        if not isinstance(statement, MOVABLE):
            return []
        for target in _targets(statement):
            names = names_in(target)
            sure.update(dict.fromkeys(names))
        maybe |= _stored(statement)
    if maybe <= set(sure):
        return list(sure)
    return []


def _targets(statement: ast.stmt) -> list[ast.expr]:
    match statement:
        case ast.Assign(targets=targets):
            return targets
        case ast.AnnAssign(target=target, value=ast.expr()):
            return [target]
        case ast.AugAssign(target=target):
            return [target]
    return []


def names_in(target: ast.expr) -> Iterator[str]:
    """Yield the names that a target of an assignment or a loop binds."""
    match target:
        case ast.Name(id=name):
            yield name
        case ast.Tuple(elts=elements) | ast.List(elts=elements):
            for element in elements:
                yield from names_in(element)
        case ast.Starred(value=value):
            yield from names_in(value)


def _stored(statement: ast.stmt) -> set[str]:
    """List the names that are bound in a statement, except those of its loops."""
    stored: set[str] = set()
    of_loops: set[str] = set()
    for node in ast.walk(statement):
        match node:
            case ast.Name(id=name, ctx=ast.Store()):
                stored.add(name)
            case ast.comprehension(target=target) | ast.For(target=target):
                names = names_in(target)
                of_loops.update(names)
    return stored - of_loops


def split(notebook: SolvedNotebook) -> Iterator[Rewrite]:
    """Split each cell with an answer in two."""
    changes: list[CellChange] = []
    for cell in notebook.answer_cells:
        source = notebook.source(cell)
        halves = _halves(CellSource(source))
        if halves:
            first, second = halves
            change = CellChange(cell, (first, second), last_line(first), first_line(second))
            changes.append(change)
    yield from _rewrite("split", changes)


def first_line(source: str) -> str:
    """Return the first line of a cell."""
    lines = source.strip().split("\n")
    return lines[0].strip()


def last_line(source: str) -> str:
    """Return the last line of a cell."""
    lines = source.strip().split("\n")
    return lines[-1].strip()


def _draws(cell: CellSource) -> bool:
    """Return whether a cell draws: a figure must stay in one cell."""
    for node in ast.walk(cell.tree):
        match node:
            case ast.Name(id=name) if name in DRAWN_WITH:
                return True
    return False


def _halves(cell: CellSource) -> list[str]:
    """Split a cell before its middle statement; empty if that is impossible."""
    statements = cell.statements
    if cell.has_magic or len(statements) < 2 or _draws(cell):
        return []
    middle = len(statements) // 2
    above = statements[middle - 1]
    below = statements[middle]
    end = above.end_lineno or above.lineno
    if end >= _begin(below):
        return []
    lines = cell.source.split("\n")
    first = "\n".join(lines[:end])
    second = "\n".join(lines[end:])
    return [first, second]


def _begin(statement: ast.stmt) -> int:
    """Return the first line of a statement, including decorators."""
    begin = statement.lineno
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    for decorator in decorators:
        begin = min(begin, decorator.lineno)
    return begin


def joined(notebook: SolvedNotebook) -> Iterator[Rewrite]:
    """Join cells with an answer and the next ones, if no text separates them."""
    changes: list[CellChange] = []
    taken = -1
    answering = set(notebook.answer_cells)
    for cell in sorted(notebook.own):
        following = cell + 1
        if cell <= taken or following not in notebook.own:
            continue
        if answering.isdisjoint((cell, following)):
            continue
        first = CellSource(notebook.source(cell))
        second = CellSource(notebook.source(following))
        if not _can_be_followed(first) or not _can_follow(second):
            continue
        before = first.source.rstrip()
        line = last_line(before)
        whole = CellChange(cell, (f"{before}\n{second.source}",), line, line)
        nothing = CellChange(following, (), "", "")
        changes += [whole, nothing]
        taken = following
    if changes:
        yield Rewrite("joined", tuple(changes), separable=False)


def _can_be_followed(cell: CellSource) -> bool:
    """Return whether a cell still shows the same if more code follows."""
    statements = cell.statements
    if cell.has_magic or not statements or _draws(cell):
        return False
    match statements[-1]:
        case ast.Expr(value=ast.Call(func=ast.Name(id="print"))):
            return True
        case ast.Expr():
            return False
    return True


def _can_follow(cell: CellSource) -> bool:
    """Return whether a cell still does the same if more code precedes it."""
    return not cell.has_magic and bool(cell.statements)


def _rewrite(kind: RewriteKind, changes: Sequence[CellChange]) -> Iterator[Rewrite]:
    if changes:
        yield Rewrite(kind, tuple(changes))
