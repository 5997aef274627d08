"""Let a cell go on that demands a GPU where there is none. Runs inside the student's kernel.

`assert torch.cuda.is_available()` and `if not torch.cuda.is_available(): raise …` end a cell that
is right on Colab. In their tests, a builtin has the last word: it says that nothing has to stop.
What such a test finds is followed through names: `has_gpu = torch.cuda.is_available()`.
"""

from __future__ import annotations

import ast
import builtins
import itertools
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence

GO_ON_NAME = "_grader_without_gpu"
"""Builtin: whether a cell that demands a GPU goes on."""

NAMES = re.compile(r"cuda|gpu|\bmps\b|accelerator|nvidia", re.IGNORECASE)
"""A name or a text that speaks of a GPU."""

STOPS = ("exit", "quit", "_exit", "abort", "kill")
"""Functions that end a cell or a kernel: `sys.exit`, `os._exit`."""


def install(ask: Callable[[str], None]) -> None:
    """Put the builtin there.

    Args:
        ask: notes the device that a cell demanded.
    """

    def go_on(what: str) -> bool:
        torch = sys.modules.get("torch")
        if torch is not None and torch.cuda.is_available():
            return False  # there is a GPU: the test found something else
        ask(what)
        return True

    setattr(builtins, GO_ON_NAME, go_on)


class GpuDemands(ast.NodeVisitor):
    """Relaxes the statements of a notebook that stop it for want of a GPU."""

    def __init__(self, sources: Iterable[str]) -> None:
        """Take the notebook's cells: where none speaks of a GPU, nothing is looked at."""
        self._names: set[str] = set()
        """Names whose values tell whether there is a GPU."""
        self._is_idle = not any(map(NAMES.search, sources))

    def relax(self, tree: ast.AST) -> None:
        """Have the statements of a cell not stop it for want of a GPU."""
        if not self._is_idle:
            self.visit(tree)

    def visit_Assign(self, node: ast.Assign) -> None:
        """Follow what is found out."""
        self._follow(node.targets, node.value)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        """Follow what is found out."""
        if node.value is not None:
            self._follow([node.target], node.value)

    def _follow(self, targets: list[ast.expr], value: ast.expr) -> None:
        names = {target.id for target in targets if isinstance(target, ast.Name)}
        if self._speaks(value):
            self._names |= names
        else:
            self._names -= names

    def visit_Assert(self, node: ast.Assert) -> None:
        """Have an assertion hold."""
        if self._asks(node.test) or _tells([node.msg]):
            node.test = _or_go_on(node.test)

    def visit_If(self, node: ast.If) -> None:
        """Have the branch that stops not be taken."""
        asks = self._asks(node.test)
        self.generic_visit(node)
        if _stops(node.body) and (asks or _tells(node.body)):
            negated = ast.UnaryOp(ast.Not(), _call_go_on(node.test))
            node.test = _joined(ast.And(), node.test, negated)
        elif _stops(node.orelse) and (asks or _tells(node.orelse)):
            node.test = _or_go_on(node.test)

    def visit_Expr(self, node: ast.Expr) -> None:
        """Do `torch.cuda.is_available() or sys.exit("no GPU")`."""
        value = node.value
        if not isinstance(value, ast.BoolOp) or not isinstance(value.op, ast.Or):
            return
        *tests, last = value.values
        if _is_stop(last) and (any(map(self._asks, tests)) or _tells([last])):
            value.values = [*tests, _call_go_on(value), last]

    def _asks(self, test: ast.expr) -> bool:
        """Return whether a test looks for a GPU.

        One that names both the processor and a GPU looks at what a function was given.
        """
        texts = _texts(test)
        is_validation = "cpu" in texts and any(map(NAMES.search, texts))
        return self._speaks(test) and not is_validation

    def _speaks(self, value: ast.expr) -> bool:
        """Return whether an expression speaks of a GPU."""
        return any(word in self._names or NAMES.search(word) for word in _words(value))


def _words(node: ast.AST) -> Iterator[str]:
    """List the names, attributes and texts of an expression."""
    yield from _texts(node)
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name):
            yield inner.id
        elif isinstance(inner, ast.Attribute):
            yield inner.attr


def _texts(node: ast.AST) -> list[str]:
    constants = [inner.value for inner in ast.walk(node) if isinstance(inner, ast.Constant)]
    return [value for value in constants if isinstance(value, str)]


def _tells(nodes: Sequence[ast.AST | None]) -> bool:
    """Return whether a text among some expressions or statements tells of a GPU."""
    present = [node for node in nodes if node is not None]
    words = itertools.chain.from_iterable(map(_words, present))
    return any(map(NAMES.search, words))


def _stops(statements: list[ast.stmt]) -> bool:
    """Return whether a block ends with what ends the cell."""
    if not statements:
        return False
    last = statements[-1]
    if isinstance(last, ast.Raise):
        return True
    if isinstance(last, ast.Assert):
        return isinstance(last.test, ast.Constant) and not last.test.value
    return isinstance(last, ast.Expr) and _is_stop(last.value)


def _is_stop(value: ast.expr) -> bool:
    if not isinstance(value, ast.Call):
        return False
    function = value.func
    name = ""
    if isinstance(function, ast.Name):
        name = function.id
    elif isinstance(function, ast.Attribute):
        name = function.attr
    return name in STOPS


def _or_go_on(test: ast.expr) -> ast.expr:
    return _joined(ast.Or(), test, _call_go_on(test))


def _joined(operator: ast.boolop, first: ast.expr, second: ast.expr) -> ast.expr:
    joined = ast.BoolOp(operator, [first, second])
    return ast.fix_missing_locations(ast.copy_location(joined, first))


def _call_go_on(place: ast.expr) -> ast.expr:
    """Call the builtin where an expression stands, with the device it speaks of."""
    what = "mps" if "mps" in _words(place) else "cuda"
    function = ast.Name(GO_ON_NAME, ast.Load())
    call = ast.Call(function, [ast.Constant(what)], [])
    return ast.fix_missing_locations(ast.copy_location(call, place))
