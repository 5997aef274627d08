"""Cut the code of an answer into cells and functions in another way. Pure."""

from __future__ import annotations

import ast
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
"""Name of the function that holds a cell's code; the number of the cell stands in it."""

MOVABLE = (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Expr, ast.For, ast.With, ast.If, ast.While)
"""Statements that do the same in a function."""

STAYS = (ast.Global, ast.Delete, ast.Await, ast.Yield, ast.YieldFrom, ast.NamedExpr)
"""What does not do the same there, or needs a closer look."""


DRAWN_WITH = frozenset({"plt", "pyplot", "ax", "axs", "axes", "fig", "sns"})
"""Names by which cells draw."""


def in_functions(notebook: SolvedNotebook) -> Iterator[Rewrite]:
    """Put the code of each answer into a function that is called."""
    changes: list[CellChange] = []
    for cell in notebook.answer_cells:
        source = notebook.source(cell)
        called = in_function(source, FUNCTION.format(cell + 1))
        if called:
            changes.append(changed_cell(cell, source, [called]))
    yield from _rewrite("function", changes)


def in_function(source: str, name: str) -> str:
    """Put the code of a cell into a function that is called; empty if it may do something else.

    What the cell shows at its end, it still shows.
    """
    cell = CellSource(source)
    statements = list(cell.statements)
    tail: list[ast.stmt] = []
    while statements and isinstance(statements[-1], ast.Expr):
        tail.insert(0, statements.pop())
    bound = _bound_for_sure(statements)
    if bound is None or not bound or _has_no_plain_code(cell):
        return ""

    reads = read_names(ast.unparse(ast.Module(statements, []))).reads
    arguments = [each for each in bound if each in reads]
    body = [ast.unparse(statement) for statement in statements]
    names = ", ".join(bound)
    inner = "\n".join([*body, f"return {names}"]).replace("\n", "\n    ")
    head = f"def {name}({', '.join(arguments)}):\n    {inner}"
    call = f"{names} = {name}({', '.join(arguments)})"
    shown = [ast.unparse(statement) for statement in tail]
    return "\n".join([head, "", call, *shown])


def _has_no_plain_code(cell: CellSource) -> bool:
    """Tell whether a cell holds magics, or what cannot be moved into a function."""
    lines = cell.source.split("\n")
    if any(line.lstrip().startswith(("%", "!")) for line in lines):
        return True
    return any(isinstance(node, STAYS) for node in ast.walk(cell.tree))


def _bound_for_sure(statements: Sequence[ast.stmt]) -> list[str] | None:
    """List the names that statements bind, in their order; None if one may stay unbound."""
    sure: dict[str, None] = {}
    for statement in statements:
        if not isinstance(statement, MOVABLE):
            return None
        targets: list[ast.expr] = []
        match statement:
            case ast.Assign():
                targets = statement.targets
            case ast.AnnAssign(value=ast.expr()):
                targets = [statement.target]
            case ast.AugAssign():
                targets = [statement.target]
        for target in targets:
            sure.update(dict.fromkeys(_names_in(target)))
    maybe = _stored(statements)
    return list(sure) if maybe <= set(sure) else None


def _names_in(target: ast.expr) -> Iterator[str]:
    match target:
        case ast.Name(id=name):
            yield name
        case ast.Tuple(elts=elements) | ast.List(elts=elements):
            for element in elements:
                yield from _names_in(element)
        case ast.Starred(value=value):
            yield from _names_in(value)


def _stored(statements: Sequence[ast.stmt]) -> set[str]:
    """List the names that are bound anywhere in some statements, but for those of comprehensions
    and of loops."""
    stored: set[str] = set()
    for statement in statements:
        loop_names: set[str] = set()
        for node in ast.walk(statement):
            if isinstance(node, ast.comprehension | ast.For):
                loop_names.update(_names_in(node.target))
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                stored.add(node.id)
        stored -= loop_names
    return stored


def split(notebook: SolvedNotebook) -> Iterator[Rewrite]:
    """Cut each cell with an answer in two."""
    changes: list[CellChange] = []
    for cell in notebook.answer_cells:
        source = notebook.source(cell)
        halves = _halves(CellSource(source))
        if halves:
            first = halves[0].rstrip().split("\n")[-1].strip()
            second = next(line.strip() for line in halves[1].split("\n") if line.strip())
            changes.append(CellChange(cell, tuple(halves), first, second))
    yield from _rewrite("split", changes)


def _draws(cell: CellSource) -> bool:
    """Tell whether a cell draws: a figure belongs to one cell."""
    names = {node.id for node in ast.walk(cell.tree) if isinstance(node, ast.Name)}
    return not names.isdisjoint(DRAWN_WITH)


def _halves(cell: CellSource) -> list[str]:
    """Cut a cell before the statement in its middle; an empty list if it cannot be cut."""
    statements = cell.statements
    if cell.has_magic or len(statements) < 2 or _draws(cell):
        return []
    middle = len(statements) // 2
    before = statements[middle - 1]
    first_line = _first_line(statements[middle])
    if before.end_lineno is None or before.end_lineno >= first_line:
        return []
    lines = cell.source.split("\n")
    end = before.end_lineno
    return ["\n".join(lines[:end]), "\n".join(lines[end:])]


def _first_line(statement: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    numbers = [decorator.lineno for decorator in decorators]
    return min([statement.lineno, *numbers])


def joined(notebook: SolvedNotebook) -> Iterator[Rewrite]:
    """Join cells with an answer and the next ones, where no text stands between."""
    changes: list[CellChange] = []
    taken = -1
    for cell in sorted(notebook.own):
        following = cell + 1
        if cell <= taken or following not in notebook.own:
            continue
        has_answer = not {cell, following}.isdisjoint(notebook.answer_cells)
        first = CellSource(notebook.source(cell))
        second = CellSource(notebook.source(following))
        if has_answer and _can_be_followed(first) and not second.has_magic and second.statements:
            whole = f"{first.source.rstrip()}\n{second.source}"
            shown = first.source.rstrip().split("\n")[-1].strip()
            changes.append(CellChange(cell, (whole,), shown, shown))
            changes.append(CellChange(following, (), "", ""))
            taken = following
    if changes:
        yield Rewrite("joined", tuple(changes), separable=False)


def _can_be_followed(cell: CellSource) -> bool:
    """Tell whether a cell shows the same at its end if more stands below it."""
    statements = cell.statements
    if cell.has_magic or not statements or _draws(cell):
        return False
    match statements[-1]:
        case ast.Expr(value=ast.Call(func=ast.Name(id="print"))):
            return True
        case ast.Expr():
            return False
    return True


def _rewrite(kind: RewriteKind, changes: Sequence[CellChange]) -> Iterator[Rewrite]:
    if changes:
        yield Rewrite(kind, tuple(changes))
