"""Read where and under which names a reference answers its exercises, from its marks. Pure."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from grader.assignment import Assignment
from grader.grading.marked_answers import SEPARATOR, MarkedAnswer, plain_path
from grader.notebook.alignment import Alignment
from grader.notebook.cells import NotebookCell
from grader.notebook.code import parse_cell
from grader.notebook.folding import fold
from grader.notebook.typed_values import how_typed
from grader.reference.markers import Mark, MarkedCell

UNWRAPPED = frozenset({"item", "detach", "clone", "cpu", "numpy", "tolist", "data"})
"""Methods and attributes that give back the same numbers."""


def marked_answers(
    cells: Sequence[NotebookCell], marked: Sequence[MarkedCell], assignment: Assignment
) -> dict[str, MarkedAnswer]:
    """Read, per exercise, where its answer is marked.

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
            read = MarkedAnswer(
                names=tuple(_names(mark)),
                sections=() if section is None else (section,),
                given=(folded,) if folded in handout else (),
                typed_in=_is_typed_in(mark, marked[: index + 1]),
            )
            known = answers.get(mark.exercise, MarkedAnswer())
            answers[mark.exercise] = _joined(known, read)
    return answers


def _joined(answer: MarkedAnswer, other: MarkedAnswer) -> MarkedAnswer:
    return MarkedAnswer(
        names=tuple(dict.fromkeys(answer.names + other.names)),
        sections=tuple(dict.fromkeys(answer.sections + other.sections)),
        given=tuple(dict.fromkeys(answer.given + other.given)),
        typed_in=answer.typed_in or other.typed_in,
    )


def _names(mark: Mark) -> Iterator[str]:
    """Give the path of the value that a mark names; none for what is computed in it."""
    node = _unwrapped(ast.parse(mark.value, mode="eval").body)
    if isinstance(node, ast.Tuple) and all(isinstance(part, ast.Name) for part in node.elts):
        parts = [ast.unparse(part) for part in node.elts]
        yield SEPARATOR.join(parts)
        yield from parts
    inner = node
    while isinstance(inner, ast.Attribute | ast.Subscript):
        if isinstance(inner, ast.Subscript) and not isinstance(inner.slice, ast.Constant):
            return
        inner = inner.value
    if isinstance(inner, ast.Name):
        yield plain_path(ast.unparse(node))


def _unwrapped(node: ast.expr) -> ast.expr:
    """Take off methods that give back the same numbers: `J.detach().item()` is `J`."""
    while True:
        inner = node
        if isinstance(node, ast.Call) and not node.args and not node.keywords:
            inner = node.func
        if not isinstance(inner, ast.Attribute) or inner.attr not in UNWRAPPED:
            return node
        node = inner.value


def _is_typed_in(mark: Mark, cells: Sequence[MarkedCell]) -> bool:
    """Tell whether the reference writes the answer of a mark out.

    Args:
        mark: the mark, in the last of the cells.
        cells: the cells up to it.
    """
    value = _unwrapped(ast.parse(mark.value, mode="eval").body)
    if not isinstance(value, ast.Name):
        return how_typed(value) != "computed"

    last: ast.expr | None = None
    for cell in cells:
        code = cell.code
        if cell is cells[-1]:
            lines = code.split("\n")
            code = "\n".join(lines[: mark.after])
        for node in ast.walk(parse_cell(code)):
            last = _assigned(node, value.id) or last
    return last is not None and how_typed(last) != "computed"


def _assigned(node: ast.AST, name: str) -> ast.expr | None:
    """Return what a statement gives a name; None if it gives it nothing."""
    if isinstance(node, ast.AugAssign):
        # It is computed from itself, whatever is added.
        return node.target if _is_name(node.target, name) else None
    if isinstance(node, ast.Assign) and any(_is_name(target, name) for target in node.targets):
        return node.value
    if isinstance(node, ast.AnnAssign) and _is_name(node.target, name):
        return node.value
    return None


def _is_name(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name
