"""Makes mutants of a reference: one small thing changed in a cell that holds an answer. Pure.

A mutant is made in the cell's text, at the place of a node of its tree, and keeps the number of lines: what is not
changed stays as it was written, and marks stay where they are. Nothing is changed in imports, in what only shows
something, in text and in the names of variables.
"""

from __future__ import annotations

import ast
import itertools
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from grader.notebook.code import DRAWING, SHOWING, parse_cell
from grader.reference.markers import MarkedCell

Kind = Literal["drop", "operator", "constant", "minus", "function"]
"""A statement is left out; an operator, a number or truth value, or a function is another; a minus sign is left out."""

OPERATORS: dict[type[ast.AST], tuple[str, tuple[str, ...]]] = {
    ast.Add: ("+", ("-", "*", "/")),
    ast.Sub: ("-", ("+", "*", "/")),
    ast.Mult: ("*", ("+", "-", "/", "**")),
    ast.Div: ("/", ("+", "-", "*")),
    ast.FloorDiv: ("//", ("*", "/")),
    ast.Mod: ("%", ("*", "/")),
    ast.Pow: ("**", ("+", "*", "/")),
    ast.MatMult: ("@", ("*",)),
    ast.Lt: ("<", ("<=", ">")),
    ast.LtE: ("<=", ("<", ">")),
    ast.Gt: (">", (">=", "<")),
    ast.GtE: (">=", (">", "<")),
    ast.Eq: ("==", ("!=",)),
    ast.NotEq: ("!=", ("==",)),
}
"""Each operator as it is written, and those that take its place."""

_PAIRS = (
    ("sum", "mean"),
    ("max", "min"),
    ("argmax", "argmin"),
    ("zeros", "ones"),
    ("zeros_like", "ones_like"),
)
FUNCTIONS = {one: other for pair in _PAIRS for one, other in (pair, pair[::-1])}
"""Functions that are taken for each other."""
PLAIN_FUNCTIONS = ("max", "min")
"""Those of them that Python has without a module."""


SLIGHTLY, TENFOLD = 1.1, 10.0

_COMMENT = re.compile(rb"#[^\n]*")


@dataclass(frozen=True)
class Mutant:
    """The reference with one small thing changed in it."""

    cell: int
    line: int
    """Line of the cell's code where it differs first, from 1."""
    kind: Kind
    number: int
    """Which of its kind on that line, from 1."""
    before: str
    """The line as it was."""
    after: str
    """The line as it is."""
    code: str
    """The cell's code with it."""

    @property
    def id(self) -> str:
        """Its name, the same as long as the reference is: cell (from 1), line, kind, number."""
        return f"{self.cell + 1}.{self.line}.{self.kind}.{self.number}"

    def within(self, cells: Sequence[MarkedCell]) -> list[MarkedCell]:
        """The reference's cells with it in them."""
        return [replace(cell, code=self.code) if cell.cell == self.cell else cell for cell in cells]


def mutants(cells: Iterable[MarkedCell]) -> tuple[Mutant, ...]:
    """The mutants of the cells that hold an answer, in the order in which what they change stands there."""
    answering = (cell for cell in cells if any(not mark.label for mark in cell.marks))
    return tuple(itertools.chain.from_iterable(map(_of_cell, answering)))


@dataclass(frozen=True)
class _Edit:
    """Another text in place of some bytes of a cell's code."""

    start: int
    end: int
    text: bytes
    kind: Kind


def _of_cell(cell: MarkedCell) -> Iterator[Mutant]:
    code = cell.code.encode()
    counts: Counter[tuple[int, Kind]] = Counter()
    seen = {cell.code}
    for edit in _Edits(cell.code).found():
        changed = (code[: edit.start] + edit.text + code[edit.end :]).decode()
        if changed in seen or not parse_cell(changed).body:
            continue
        seen.add(changed)
        line = code[: edit.start].count(b"\n") + 1
        counts[line, edit.kind] += 1
        several = b"\n" in code[edit.start : edit.end]
        yield Mutant(
            cell=cell.cell,
            line=line,
            kind=edit.kind,
            number=counts[line, edit.kind],
            before=_line(cell.code, line) + (" …" if several else ""),
            after=_line(changed, line),
            code=changed,
        )


def _line(code: str, number: int) -> str:
    return code.split("\n")[number - 1].strip()


class _Edits(ast.NodeVisitor):
    """What can be changed in a cell."""

    def __init__(self, source: str) -> None:
        self._tree = parse_cell(source)
        self._code = source.encode()
        self._starts = [
            0,
            *(place + 1 for place, byte in enumerate(self._code) if byte == ord("\n")),
        ]
        self._edits: list[_Edit] = []

    def found(self) -> list[_Edit]:
        """Every edit, in the order of their places."""
        self.visit(self._tree)
        return sorted(self._edits, key=lambda edit: edit.start)

    def _span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        """Where a node begins and ends in the code's bytes; the columns of a tree count bytes too."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        start = self._starts[node.lineno - 1] + node.col_offset
        return start, self._starts[node.end_lineno - 1] + node.end_col_offset

    def _add(self, kind: Kind, start: int, end: int, *texts: str) -> None:
        self._edits += [_Edit(start, end, text.encode(), kind) for text in texts]

    def _drop(self, node: ast.stmt) -> None:
        """Leave a statement out, with as many lines as it had."""
        start, end = self._span(node)
        self._add("drop", start, end, "pass" + "\n" * self._code.count(b"\n", start, end))

    def _swap(
        self, left: ast.expr, operator: ast.AST, right: ast.expr, *, ending: str = ""
    ) -> None:
        """Put other operators between two operands; between them stand brackets and comments besides."""
        if type(operator) not in OPERATORS or _is_text(left) or _is_text(right):
            return
        written, others = OPERATORS[type(operator)]
        start, end = self._span(left)[1], self._span(right)[0]
        between = _COMMENT.sub(lambda comment: b" " * len(comment[0]), self._code[start:end])
        place = start + between.index(written.encode())
        self._add(
            "operator", place, place + len(written + ending), *(other + ending for other in others)
        )

    def visit_Expr(self, node: ast.Expr) -> None:
        """A statement that only shows something stays as it is."""
        if isinstance(node.value, (ast.Call, ast.Await)) and not _shows(node.value):
            self._drop(node)
            self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        """An assignment."""
        self._drop(node)
        self.generic_visit(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        """An assignment with an operator."""
        self._drop(node)
        self._swap(node.target, node.op, node.value, ending="=")
        self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        """An assignment with a type, which stays as it is."""
        if node.value is not None:
            self._drop(node)
            self.visit(node.value)

    def visit_Return(self, node: ast.Return) -> None:
        """What a function gives."""
        self._drop(node)
        self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        """A function: its defaults and its statements, not its decorators and types."""
        for child in (*node.args.defaults, *filter(None, node.args.kw_defaults), *node.body):
            self.visit(child)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_BinOp(self, node: ast.BinOp) -> None:
        """An operation."""
        self._swap(node.left, node.op, node.right)
        self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> None:
        """A comparison, or a chain of them."""
        operands = [node.left, *node.comparators]
        for (left, right), operator in zip(itertools.pairwise(operands), node.ops, strict=True):
            self._swap(left, operator, right)
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        """A minus sign."""
        if isinstance(node.op, ast.USub):
            start, _ = self._span(node)
            self._add(
                "minus", start, start + 1, " " if self._code[start - 1 : start].isalpha() else ""
            )
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        """A number or truth value."""
        self._add("constant", *self._span(node), *_other_constants(node.value))

    def visit_Call(self, node: ast.Call) -> None:
        """A function that is taken for another one."""
        function = node.func
        name = _name(function)
        if name in FUNCTIONS and (isinstance(function, ast.Attribute) or name in PLAIN_FUNCTIONS):
            _, end = self._span(function)
            self._add("function", end - len(name), end, FUNCTIONS[name])
        self.generic_visit(node)

    def _stays(self, node: ast.AST) -> None:
        """What is not changed."""

    visit_Import = visit_ImportFrom = visit_Assert = visit_JoinedStr = _stays


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def _shows(node: ast.expr) -> bool:
    call = node.value if isinstance(node, ast.Await) else node
    if not isinstance(call, ast.Call):
        return True
    root: ast.expr = call.func
    while isinstance(root, ast.Attribute):
        root = root.value
    return _name(call.func) in SHOWING or _name(root) in DRAWING


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _other_constants(value: object) -> tuple[str, ...]:
    """What takes the place of a number or truth value; of anything else nothing does."""
    if isinstance(value, bool):
        return (repr(not value),)
    if isinstance(value, int):
        return (str(value + 1), str(value - 1)) if value else ("1",)
    if isinstance(value, float) and math.isfinite(value * TENFOLD):
        # Twelve digits: 0.1 * 1.1 is to be read as 0.11.
        return (
            tuple(repr(float(f"{value * factor:.12g}")) for factor in (SLIGHTLY, TENFOLD))
            if value
            else ("1.0",)
        )
    return ()
