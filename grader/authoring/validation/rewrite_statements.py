"""Write the statements of an answer down in another way that computes the same. Pure."""

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
    """Swap two neighbouring statements of each answer that do not need each other."""
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
    """Tell whether two statements give the same in either order, as far as can be proved."""
    names = [single_target(first), single_target(second)]
    if not all(names) or names[0] == names[1]:
        return False
    values = [statement.value for statement in (first, second) if isinstance(statement, ast.Assign)]
    if not all(map(_is_pure, values)):
        return False
    reads = [_names(value) for value in values]
    return names[0] not in reads[1] and names[1] not in reads[0]


def _names(expression: ast.expr) -> set[str]:
    return {node.id for node in ast.walk(expression) if isinstance(node, ast.Name)}


def _is_pure(expression: ast.expr) -> bool:
    """Tell whether an expression surely changes nothing and draws nothing."""
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
    """Print answers where the reference gives them a name, if nothing else needs the name."""
    edits: dict[int, list[Edit]] = {}
    sources = [source for _, source in code_of(notebook.cells)]
    for answered in notebook.answers:
        if not answered.looks_at_shown:
            continue
        for name in answered.names:
            if name.isidentifier() and not notebook.protected(name):
                for cell, edit in _printed(name, answered, notebook, sources):
                    edits.setdefault(cell, []).append(edit)
    changes = [_with_edits(notebook, cell, in_cell) for cell, in_cell in sorted(edits.items())]
    yield from _rewrite("printed", changes)


def _printed(
    name: str, answered: Answered, notebook: SolvedNotebook, sources: Sequence[str]
) -> list[tuple[int, Edit]]:
    """Edit what binds and shows a name; an empty list if something else reads it."""
    edits: list[tuple[int, Edit]] = []
    counted = 0
    for cell, source in notebook.own_sources():
        for statement in CellSource(source).statements:
            text = ast.unparse(statement)
            count = count_name(name, [text])
            if not count:
                continue
            counted += count
            if single_target(statement) == name and isinstance(statement, ast.Assign):
                shown = f"print({ast.unparse(statement.value)})"
                edits.append((cell, (statement, shown)))
            elif text in (name, f"print({name})"):
                edits.append((cell, (statement, "pass")))
            else:
                return []
    binding = [cell for cell, (statement, _) in edits if single_target(statement) == name]
    is_whole = counted == count_name(name, [_without_comments(source) for source in sources])
    if len(binding) != 1 or binding[0] not in answered.cells or not is_whole:
        return []
    return edits


def _without_comments(source: str) -> str:
    return ast.unparse(CellSource(source).tree)


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
    numbers: set[str] = set()
    others: set[str] = set()
    for statement in cell.simple_statements():
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=int() | float())):
                numbers.add(name)
            case ast.Assign():
                others.update(read_names(ast.unparse(statement)).binds)

    for statement in cell.simple_statements():
        match statement:
            case ast.AugAssign(target=ast.Name(id=name)) if name in numbers - others:
                if any(notebook.is_given(line) for line in cell.lines_of(statement)):
                    continue
                read = ast.Name(name, ast.Load())
                value = ast.BinOp(read, statement.op, statement.value)
                yield statement, f"{name} = {ast.unparse(value)}"


def as_loops(notebook: SolvedNotebook) -> Iterator[Rewrite]:
    """Write a loop for a list comprehension."""
    sources = [source for _, source in code_of(notebook.cells)]
    changes: list[CellChange] = []
    for cell in notebook.answer_cells:
        source = CellSource(notebook.source(cell))
        edits: list[Edit] = []
        for statement in source.simple_statements():
            loop = _as_loop(statement, sources)
            if loop and not any(notebook.is_given(line) for line in source.lines_of(statement)):
                edits.append((statement, loop))
        if edits:
            changes.append(_with_edits(notebook, cell, edits))
    yield from _rewrite("loop", changes)


def _as_loop(statement: ast.stmt, sources: Sequence[str]) -> str:
    """Write a comprehension as a loop; empty if it is none, or its names are used elsewhere."""
    name = single_target(statement)
    match statement:
        case ast.Assign(value=ast.ListComp(elt=element, generators=[loop])):
            inner = {*_names(loop.target)}
            own = ast.unparse(statement)
            for each in inner:
                if count_name(each, sources) != count_name(each, [own]):
                    return ""
            if not name or loop.is_async or name in _names(statement.value):
                return ""
            lines = [f"{name} = []", f"for {_target(loop.target)} in {ast.unparse(loop.iter)}:"]
            indent = "    "
            for condition in loop.ifs:
                lines.append(f"{indent}if {ast.unparse(condition)}:")
                indent += "    "
            lines.append(f"{indent}{name}.append({ast.unparse(element)})")
            return "\n".join(lines)
    return ""


def _target(target: ast.expr) -> str:
    """Write what a loop binds, without the parentheses of a tuple."""
    text = ast.unparse(target)
    return text[1:-1] if isinstance(target, ast.Tuple) else text
