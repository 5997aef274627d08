"""Rewrite the statements of an answer equivalently. Pure."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator, Sequence

from grader.authoring.validation.rewrite_source import (
    CellSource,
    Edit,
    count_name,
    single_target,
)
from grader.authoring.validation.rewrites import (
    Answered,
    CellChange,
    Rewrite,
    RewriteKind,
    SolvedNotebook,
    changed_cell,
    code_of,
)
from grader.notebook.cell_names import read_names

PURE_FUNCTIONS = frozenset({"len", "sum", "float", "int", "abs", "max", "min", "round", "sorted"})
"""Functions of Python that change nothing and draw nothing."""

PURE_METHODS = frozenset(
    {
        "mean",
        "sum",
        "std",
        "var",
        "max",
        "min",
        "argmax",
        "argmin",
        "abs",
        "norm",
        "float",
        "long",
        "int",
        "double",
        "item",
        "tolist",
        "numel",
        "size",
        "dim",
        "t",
        "reshape",
        "view",
        "flatten",
        "squeeze",
        "unsqueeze",
        "sqrt",
        "exp",
        "log",
        "matmul",
        "mm",
        "dot",
        "tensor",
        "zeros",
        "ones",
        "arange",
        "linspace",
        "numpy",
        "clone",
        "detach",
    }
)
"""Methods and functions of torch and numpy that change nothing and draw nothing."""

PURE_NODES = (
    ast.Name,
    ast.Constant,
    ast.BinOp,
    ast.UnaryOp,
    ast.Compare,
    ast.Subscript,
    ast.Slice,
    ast.Attribute,
    ast.Tuple,
    ast.List,
    ast.keyword,
    ast.operator,
    ast.unaryop,
    ast.cmpop,
    ast.expr_context,
)


def _rewrite(kind: RewriteKind, changes: Sequence[CellChange]) -> Iterator[Rewrite]:
    if changes:
        yield Rewrite(kind, tuple(changes))


def _with_edits(notebook: SolvedNotebook, cell: int, edits: Sequence[Edit]) -> CellChange:
    source = notebook.source(cell)
    new = CellSource(source).edited(edits)
    return changed_cell(cell, source, [new])


# Independent statements in another order


def reordered(notebook: SolvedNotebook) -> Iterator[Rewrite]:
    """Swap two neighbouring, independent statements of each answer."""
    changes: list[CellChange] = []
    for cell in notebook.answer_cells:
        edits = _swapped(CellSource(notebook.source(cell)))
        if edits:
            changes.append(_with_edits(notebook, cell, edits))
    yield from _rewrite("reordered", changes)


def _swapped(cell: CellSource) -> list[Edit]:
    statements = cell.statements
    for first, second in itertools.pairwise(statements):
        if _are_independent(first, second):
            return [(first, ast.unparse(second)), (second, ast.unparse(first))]
    return []


def _are_independent(first: ast.stmt, second: ast.stmt) -> bool:
    """Return whether two statements provably have the same effects in either order."""
    one = single_target(first)
    other = single_target(second)
    if not one or not other or one == other:
        return False
    assert isinstance(first, ast.Assign)
    assert isinstance(second, ast.Assign)
    if not _is_pure(first.value) or not _is_pure(second.value):
        return False
    reads_other = other in _names(first.value)
    is_read = one in _names(second.value)
    return not reads_other and not is_read


def _names(expression: ast.expr) -> set[str]:
    return {node.id for node in ast.walk(expression) if isinstance(node, ast.Name)}


def _is_pure(expression: ast.expr) -> bool:
    """Return whether an expression certainly changes nothing and draws nothing."""
    for node in ast.walk(expression):
        match node:
            case ast.Call(func=ast.Name(id=name)) if name in PURE_FUNCTIONS:
                continue
            case ast.Call(func=ast.Attribute(attr=name)) if name in PURE_METHODS:
                continue
        if not isinstance(node, PURE_NODES):
            return False
    return True


# An answer under no name


def printed(notebook: SolvedNotebook) -> Iterator[Rewrite]:
    """Print answers that the reference binds to a name, if nothing else needs the name."""
    edits: dict[int, list[Edit]] = {}
    for answered in notebook.answers:
        if not answered.looks_at_shown:
            continue
        for name in answered.names:
            if not name.isidentifier() or notebook.protected(name):
                continue
            for cell, edit in _printed(name, answered, notebook):
                in_cell = edits.setdefault(cell, [])
                in_cell.append(edit)
    changes: list[CellChange] = []
    for cell in sorted(edits):
        change = _with_edits(notebook, cell, edits[cell])
        changes.append(change)
    yield from _rewrite("printed", changes)


def _printed(name: str, answered: Answered, notebook: SolvedNotebook) -> list[tuple[int, Edit]]:
    """Edit the statements that assign and show a name; empty if others read it."""
    edits: list[tuple[int, Edit]] = []
    binding: list[int] = []
    for cell, source in code_of(notebook.cells):
        for statement in CellSource(source).statements:
            text = ast.unparse(statement)
            if not count_name(name, [text]):
                continue
            edit = _shown_only(name, statement, text)
            if edit is None or cell not in notebook.own:
                return []
            edits.append((cell, edit))
            if single_target(statement):
                binding.append(cell)
    if len(binding) != 1 or binding[0] not in answered.cells:
        return []
    return edits


def _shown_only(name: str, statement: ast.stmt, text: str) -> Edit | None:
    """Edit a statement that binds or shows a name, so that its value is printed once.

    Returns:
        None if it does something else with the name.
    """
    if text in (name, f"print({name})"):
        return statement, "pass"
    if single_target(statement) != name:
        return None
    value = text.removeprefix(f"{name} = ")
    if count_name(name, [value]):
        return None
    return statement, f"print({value})"


# In place and anew, loops and comprehensions


def accumulators(notebook: SolvedNotebook) -> Iterator[Rewrite]:
    """Write `total = total + x` for `total += x`, where the total began as a number."""
    changes: list[CellChange] = []
    for cell in notebook.answer_cells:
        source = CellSource(notebook.source(cell))
        edits = list(_added_anew(source, notebook))
        if edits:
            changes.append(_with_edits(notebook, cell, edits))
    yield from _rewrite("accumulator", changes)


def _added_anew(cell: CellSource, notebook: SolvedNotebook) -> Iterator[Edit]:
    totals = _totals(cell)
    for statement in cell.simple_statements():
        match statement:
            case ast.AugAssign(target=ast.Name(id=name)) if name in totals:
                if _has_given_line(statement, cell, notebook):
                    continue
                read = ast.Name(name, ast.Load())
                value = ast.BinOp(read, statement.op, statement.value)
                yield statement, f"{name} = {ast.unparse(value)}"


def _totals(cell: CellSource) -> set[str]:
    """List the names that only plain numbers are assigned to."""
    numbers: set[str] = set()
    others: set[str] = set()
    for statement in cell.simple_statements():
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=int() | float())):
                numbers.add(name)
            case ast.Assign():
                text = ast.unparse(statement)
                others |= read_names(text).binds
    return numbers - others


def _has_given_line(statement: ast.stmt, cell: CellSource, notebook: SolvedNotebook) -> bool:
    lines = cell.lines_of(statement)
    return any(map(notebook.is_given, lines))


def as_loops(notebook: SolvedNotebook) -> Iterator[Rewrite]:
    """Write a loop for a list comprehension."""
    sources = [source for _, source in code_of(notebook.cells)]
    changes: list[CellChange] = []
    for cell in notebook.answer_cells:
        source = CellSource(notebook.source(cell))
        edits: list[Edit] = []
        for statement in source.simple_statements():
            loop = _as_loop(statement, sources)
            if not loop or _has_given_line(statement, source, notebook):
                continue
            edits.append((statement, loop))
        if edits:
            change = _with_edits(notebook, cell, edits)
            changes.append(change)
    yield from _rewrite("loop", changes)


def _as_loop(statement: ast.stmt, sources: Sequence[str]) -> str:
    """Write a comprehension as a loop; empty if it is none, or its names are used elsewhere."""
    name = single_target(statement)
    match statement:
        case ast.Assign(value=ast.ListComp(elt=element, generators=[loop])) if name:
            if loop.is_async or name in _names(statement.value):
                return ""
            if _is_used_elsewhere(loop.target, statement, sources):
                return ""
            return _loop_for(name, element, loop)
    return ""


def _is_used_elsewhere(target: ast.expr, statement: ast.stmt, sources: Sequence[str]) -> bool:
    """Return whether a name that a comprehension binds is used outside of it."""
    own = ast.unparse(statement)
    for name in _names(target):
        inside = count_name(name, [own])
        everywhere = count_name(name, sources)
        if everywhere != inside:
            return True
    return False


def _loop_for(name: str, element: ast.expr, loop: ast.comprehension) -> str:
    """Write a comprehension as a loop that fills a list."""
    append = ast.Attribute(ast.Name(name), "append")
    call = ast.Call(append, [element], [])
    body: ast.stmt = ast.Expr(call)
    for condition in reversed(loop.ifs):
        body = ast.If(condition, [body], [])
    empty = ast.Assign([ast.Name(name)], ast.List([]))
    filling = ast.For(loop.target, loop.iter, [body], [])
    module = ast.Module([empty, filling], [])
    ast.fix_missing_locations(module)
    return ast.unparse(module)
