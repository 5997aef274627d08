"""Read where a reference answers its exercises, and under which names, from its marks. Pure."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from grader.assignment import Assignment
from grader.grading.marked_answers import SEPARATOR, MarkedAnswer, plain_path
from grader.notebook.alignment import Alignment
from grader.notebook.cell_names import root_name
from grader.notebook.cells import NotebookCell
from grader.notebook.code import parse_cell
from grader.notebook.folding import fold
from grader.notebook.typed_values import how_typed, is_region
from grader.reference.markers import Mark, MarkedCell

UNWRAPPED = frozenset({"item", "detach", "clone", "cpu", "numpy", "tolist", "data"})
"""Methods and attributes with the same numbers."""

ABOUT_GRADIENTS = frozenset({"grad", "requires_grad", "requires_grad_", "retain_grad", "backward"})
"""Methods and attributes that leave a tensor's own numbers as they are."""


def marked_answers(
    cells: Sequence[NotebookCell], marked: Sequence[MarkedCell], assignment: Assignment
) -> dict[str, MarkedAnswer]:
    """Read, by exercise, where its answer is marked.

    Args:
        cells: all cells of the reference.
        marked: its code cells, with their marks.
        assignment: the assignment.
    """
    alignment = Alignment(cells, assignment.handout)
    handout = assignment.handout_sources()
    answers: dict[str, MarkedAnswer] = {}
    for index, cell in enumerate(marked):
        section = alignment.section(cell.cell)
        folded = fold(cell.code)
        for mark in cell.marks:
            if mark.label:
                continue
            names = _names(mark)
            cells_so_far = marked[: index + 1]
            read = MarkedAnswer(
                names=tuple(names),
                sections=() if section is None else (section,),
                given=(folded,) if folded in handout else (),
                typed_in=_is_typed_in(mark, cells_so_far),
            )
            before = answers.get(mark.exercise)
            if before is not None:
                read = _joined(before, read)
            answers[mark.exercise] = read
    return answers


def _joined(answer: MarkedAnswer, other: MarkedAnswer) -> MarkedAnswer:
    names = dict.fromkeys(answer.names + other.names)
    sections = dict.fromkeys(answer.sections + other.sections)
    given = dict.fromkeys(answer.given + other.given)
    return MarkedAnswer(
        names=tuple(names),
        sections=tuple(sections),
        given=tuple(given),
        typed_in=answer.typed_in or other.typed_in,
    )


def _names(mark: Mark) -> Iterator[str]:
    """Yield the path of the value that a mark names; nothing for a computed value."""
    node = _expression(mark)
    parts = _names_in_tuple(node)
    if parts:
        yield SEPARATOR.join(parts)
        yield from parts

    inner = node
    while isinstance(inner, ast.Attribute | ast.Subscript):
        if isinstance(inner, ast.Subscript) and not isinstance(inner.slice, ast.Constant):
            return
        inner = inner.value
    if isinstance(inner, ast.Name):
        path = ast.unparse(node)
        yield plain_path(path)


def _expression(mark: Mark) -> ast.expr:
    tree = ast.parse(mark.value, mode="eval")
    return _unwrapped(tree.body)


def _names_in_tuple(node: ast.expr) -> list[str]:
    """List the names in a tuple; empty if it contains anything else."""
    names: list[str] = []
    parts = node.elts if isinstance(node, ast.Tuple) else []
    for part in parts:
        if not isinstance(part, ast.Name):
            return []
        names.append(part.id)
    return names


def _unwrapped(node: ast.expr) -> ast.expr:
    """Strip methods that return the same numbers: `J.detach().item()` is `J`."""
    while True:
        inner = node
        if isinstance(node, ast.Call) and not node.args and not node.keywords:
            inner = node.func
        if not isinstance(inner, ast.Attribute) or inner.attr not in UNWRAPPED:
            return node
        node = inner.value


def _is_typed_in(mark: Mark, cells: Sequence[MarkedCell]) -> bool:
    """Return whether the reference writes out the answer of a mark.

    Args:
        mark: the mark, in the last of the cells.
        cells: the cells up to it.
    """
    value = _expression(mark)
    if not isinstance(value, ast.Name):
        return how_typed(value) != "computed"

    last: ast.expr | None = None
    for cell in cells:
        code = cell.code
        if cell is cells[-1]:
            lines = code.split("\n")
            code = "\n".join(lines[: mark.after])
        tree = parse_cell(code)
        for node in ast.walk(tree):
            assigned = _assigned(node, value.id) or _filled(node, value.id)
            if assigned is not None:
                last = assigned
    if last is None:
        return False
    return how_typed(last) != "computed"


def _filled(node: ast.AST, name: str) -> ast.expr | None:
    """Return the name that a statement fills, as `losses.append(x)` does."""
    targets: list[ast.expr] = []
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        targets = [node.value.func]
    elif isinstance(node, ast.Assign):
        targets = node.targets
    elif isinstance(node, ast.AugAssign):
        targets = [node.target]

    for target in targets:
        is_part = isinstance(target, ast.Attribute | ast.Subscript)
        attributes = {node.attr for node in ast.walk(target) if isinstance(node, ast.Attribute)}
        if is_part and root_name(target) == name and attributes.isdisjoint(ABOUT_GRADIENTS):
            return _put_in(node, target)
    return None


def _put_in(node: ast.AST, target: ast.expr) -> ast.expr:
    """Return the value stored in an element, as in `x[0] = 2`; else the part, which is computed."""
    if isinstance(node, ast.Assign) and isinstance(target, ast.Subscript):
        if is_region(target):
            return target
        return node.value
    return target


def _assigned(node: ast.AST, name: str) -> ast.expr | None:
    """Return the value that a statement assigns to a name; None if there is none."""
    if isinstance(node, ast.Assign):
        targets = node.targets
    elif isinstance(node, ast.AugAssign | ast.AnnAssign):
        targets = [node.target]
    else:
        return None

    for target in targets:
        if isinstance(target, ast.Name) and target.id == name:
            # Where something is added, it is computed from itself.
            if isinstance(node, ast.AugAssign):
                return target
            return node.value
    return None
