"""Find the small changes that can be made to the code of a cell. Pure."""

from __future__ import annotations

import ast
import itertools
import math
import re
from dataclasses import dataclass
from typing import Literal

from grader.notebook.code import DRAWING, SHOWING, parse_cell

MutantKind = Literal["drop", "operator", "constant", "minus", "function"]
"""A statement or a minus sign is left out; an operator, a constant or a function is another."""

OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "+ - * /",
    ast.Sub: "- + * /",
    ast.Mult: "* + - / **",
    ast.Div: "/ + - *",
    ast.FloorDiv: "// * /",
    ast.Mod: "% * /",
    ast.Pow: "** + * /",
    ast.MatMult: "@ *",
    ast.Lt: "< <= >",
    ast.LtE: "<= < >",
    ast.Gt: "> >= <",
    ast.GtE: ">= > <",
    ast.Eq: "== !=",
    ast.NotEq: "!= ==",
}
"""Each operator as it is written, followed by its replacements."""

FUNCTIONS = {
    "sum": "mean",
    "mean": "sum",
    "max": "min",
    "min": "max",
    "argmax": "argmin",
    "argmin": "argmax",
    "zeros": "ones",
    "ones": "zeros",
    "zeros_like": "ones_like",
    "ones_like": "zeros_like",
}
"""Functions, each with the one that takes its place."""
BUILT_IN = ("max", "min")
"""Those of them that Python has without a module."""

SLIGHTLY = 1.1
TENFOLD = 10.0

_COMMENT = re.compile(rb"#[^\n]*")


@dataclass(frozen=True)
class MutantEdit:
    """A replacement for some bytes of a cell's code."""

    start: int
    end: int
    text: bytes
    kind: MutantKind

    def apply(self, code: bytes) -> bytes:
        """Apply the edit to the code of the cell."""
        before = code[: self.start]
        after = code[self.end :]
        return before + self.text + after


class EditFinder(ast.NodeVisitor):
    """Finds possible changes in a cell; its `visit_` methods are called by `ast`."""

    def __init__(self, source: str) -> None:
        """Initialise with the code of the cell."""
        self._tree = parse_cell(source)
        self._code = source.encode()
        self._edits: list[MutantEdit] = []
        self._line_starts = [0]
        for line_feed in re.finditer(rb"\n", self._code):
            self._line_starts.append(line_feed.end())

    def find(self) -> list[MutantEdit]:
        """Find every edit, in the order of the changed code."""
        self.visit(self._tree)
        return sorted(self._edits, key=_start)

    def _span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        """Locate a node in the code's bytes; the columns of a tree also count bytes."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        first_line = self._line_starts[node.lineno - 1]
        last_line = self._line_starts[node.end_lineno - 1]
        return first_line + node.col_offset, last_line + node.end_col_offset

    def _add(
        self,
        kind: MutantKind,
        start: int,
        end: int,
        text: str,
    ) -> None:
        edit = MutantEdit(start, end, text.encode(), kind)
        self._edits.append(edit)

    def _drop(self, node: ast.stmt) -> None:
        """Remove a statement, but keep its number of lines."""
        start, end = self._span(node)
        count = self._code.count(b"\n", start, end)
        line_feeds = "\n" * count
        self._add("drop", start, end, f"pass{line_feeds}")

    def _swap(
        self,
        left: ast.expr,
        operator: ast.AST,
        right: ast.expr,
        *,
        ending: str = "",
    ) -> None:
        """Replace the operator between two operands; brackets and comments may surround it."""
        operators = OPERATORS.get(type(operator))
        if operators is None or _is_text(left) or _is_text(right):
            return
        written, *others = operators.split()
        _, left_end = self._span(left)
        right_start, _ = self._span(right)
        between = self._code[left_end:right_start]
        without_comments = _COMMENT.sub(_blank, between)
        start = left_end + without_comments.index(written.encode())
        end = start + len(written + ending)
        for other in others:
            self._add("operator", start, end, other + ending)

    def visit_Expr(self, node: ast.Expr) -> None:
        """Drop a call and change its parts, unless it only shows something."""
        if _shows(node.value):
            return
        self._drop(node)
        self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        """Drop an assignment, and change its parts."""
        self._drop(node)
        self.generic_visit(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        """Drop an assignment with an operator, and change it."""
        self._drop(node)
        self._swap(node.target, node.op, node.value, ending="=")
        self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        """Drop an assignment with a type, and change its value; the type stays unchanged."""
        if node.value is not None:
            self._drop(node)
            self.visit(node.value)

    def visit_Return(self, node: ast.Return) -> None:
        """Drop a returned value, and change its parts."""
        self._drop(node)
        self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        """Change a function's defaults and statements, not its decorators and types."""
        for default in [*node.args.defaults, *node.args.kw_defaults]:
            if default is not None:
                self.visit(default)
        for statement in node.body:
            self.visit(statement)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_BinOp(self, node: ast.BinOp) -> None:
        """Change an operation."""
        self._swap(node.left, node.op, node.right)
        self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> None:
        """Change a comparison, or each one in a chain."""
        operands = [node.left, *node.comparators]
        pairs = itertools.pairwise(operands)
        for (left, right), operator in zip(pairs, node.ops, strict=True):
            self._swap(left, operator, right)
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        """Leave a minus sign out."""
        if isinstance(node.op, ast.USub):
            start, _ = self._span(node)
            end = start + 1
            before = self._code[start - 1 : start]
            instead = " " if before.isalpha() else ""
            self._add("minus", start, end, instead)
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        """Change a number or truth value."""
        start, end = self._span(node)
        for other in _other_constants(node.value):
            self._add("constant", start, end, other)

    def visit_Call(self, node: ast.Call) -> None:
        """Call another function."""
        name = _name(node.func)
        other = FUNCTIONS.get(name)
        is_known = isinstance(node.func, ast.Attribute) or name in BUILT_IN
        if other is not None and is_known:
            _, end = self._span(node.func)
            start = end - len(name)
            self._add("function", start, end, other)
        self.generic_visit(node)

    def _leave(self, node: ast.AST) -> None:
        """Leave a node and its parts unchanged."""

    visit_Import = visit_ImportFrom = visit_Assert = visit_JoinedStr = _leave


def _start(edit: MutantEdit) -> int:
    return edit.start


def _blank(match: re.Match[bytes]) -> bytes:
    return b" " * len(match[0])


def _is_text(node: ast.expr) -> bool:
    match node:
        case ast.JoinedStr() | ast.Constant(value=str()):
            return True
    return False


def _shows(node: ast.expr) -> bool:
    """Return whether an expression statement only shows something."""
    match node:
        case ast.Await(value=ast.Call(func=function)) | ast.Call(func=function):
            is_shown = _name(function) in SHOWING
            return is_shown or _root(function) in DRAWING
    return True


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute):
        node = node.value
    return _name(node)


def _name(node: ast.expr) -> str:
    match node:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
    return ""


def _other_constants(value: object) -> list[str]:
    """List replacements for a number or bool; empty for anything else."""
    if isinstance(value, bool):
        return [repr(not value)]
    if isinstance(value, int):
        return _other_integers(value)
    if isinstance(value, float):
        return _other_floats(value)
    return []


def _other_integers(number: int) -> list[str]:
    if number == 0:
        return ["1"]
    return [str(number + 1), str(number - 1)]


def _other_floats(number: float) -> list[str]:
    if number == 0:
        return ["1.0"]
    if not math.isfinite(number * TENFOLD):
        return []
    return [_scaled(number, SLIGHTLY), _scaled(number, TENFOLD)]


def _scaled(value: float, factor: float) -> str:
    # Twelve digits: 0.1 * 1.1 is to be read as 0.11.
    return repr(float(f"{value * factor:.12g}"))
