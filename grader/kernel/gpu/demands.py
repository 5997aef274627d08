"""Let a cell continue that demands a GPU, if there is none. Runs inside the student's kernel.

`assert torch.cuda.is_available()` and `if not torch.cuda.is_available(): raise …` end a cell that
is right on Colab, and `if torch.cuda.is_available(): …` may skip all that it computes. A builtin is
added to such tests, which says that nothing has to stop, and nothing to be left out. Results of
such tests are followed through names: `has_gpu = torch.cuda.is_available()`.
"""

from __future__ import annotations

import ast
import builtins
import itertools
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence

from grader.kernel.gpu.branches import is_value_work, is_work

GO_ON_NAME = "_grader_without_gpu"
"""Builtin: whether a cell that demands a GPU goes on."""

NAMES = re.compile(r"cuda|gpu|\bmps\b|accelerator|nvidia", re.IGNORECASE)
"""A name or a text that speaks of a GPU."""

ABILITIES = re.compile(r"capab|support|propert|version|bf16|nccl|distributed", re.IGNORECASE)
"""A question about a GPU, rather than whether there is one."""

STOPS = ("exit", "quit", "_exit", "abort", "kill")
"""Functions that end a cell or a kernel: `sys.exit`, `os._exit`."""


def install(ask: Callable[[str], None]) -> None:
    """Put the builtin there.

    Args:
        ask: notes the device that a cell demanded.
    """

    def go_on(what: str) -> bool:
        torch = sys.modules.get("torch")
        has_gpu = torch is not None and torch.cuda.is_available()
        if has_gpu:
            return False  # the test found something else
        ask(what)
        return True

    setattr(builtins, GO_ON_NAME, go_on)


class GpuDemands(ast.NodeVisitor):
    """Relaxes the statements of a notebook that stop it for want of a GPU."""

    def __init__(self, sources: Iterable[str]) -> None:
        """Take the notebook's cells: where none speaks of a GPU, nothing is looked at."""
        self._names: set[str] = set()
        """Names of values that tell whether there is a GPU."""
        speaks_of_gpu = any(map(NAMES.search, sources))
        self._is_idle = not speaks_of_gpu

    def relax(self, tree: ast.AST) -> None:
        """Make the statements of a cell not stop it for want of a GPU."""
        if not self._is_idle:
            self.visit(tree)

    def visit_Assign(self, node: ast.Assign) -> None:
        """Follow what is found out."""
        targets = node.targets
        self._follow(targets, node.value)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        """Follow what is found out."""
        if node.value is None:
            return
        targets: list[ast.expr] = [node.target]
        self._follow(targets, node.value)

    def _follow(self, targets: list[ast.expr], value: ast.expr) -> None:
        speaks = self._speaks(value)
        for target in targets:
            if not isinstance(target, ast.Name):
                continue
            if speaks:
                self._names.add(target.id)
            else:
                self._names.discard(target.id)

    def visit_Assert(self, node: ast.Assert) -> None:
        """Make an assertion true."""
        test = node.test
        message: list[ast.AST] = []
        if node.msg is not None:
            message = [node.msg]
        if self._asks(test) or _mention_gpu(message):
            node.test = _or_go_on(test)

    def visit_If(self, node: ast.If) -> None:
        """Make the branch that stops not be taken."""
        original_test = node.test
        asks = self._asks(original_test)
        self.generic_visit(node)
        test = node.test
        if self._is_demand(node.body, asks):
            node.test = _and_not_go_on(test)
        elif self._is_demand(node.orelse, asks):
            node.test = _or_go_on(test)
        elif not asks or _asks_for_more(original_test):
            return
        elif _is_negated(original_test):
            if is_work(node.orelse, node.body):
                node.test = _and_not_go_on(test)
        elif is_work(node.body, node.orelse):
            node.test = _or_go_on(test)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        """Compute what is None without a GPU."""
        test = node.test
        asks = self._asks(test) and not _is_negated(test) and not _asks_for_more(test)
        self.generic_visit(node)
        if asks and is_value_work(node.body, node.orelse):
            node.test = _or_go_on(node.test)

    @staticmethod
    def _is_demand(statements: list[ast.stmt], asks: bool) -> bool:
        """Return whether a branch stops for want of a GPU: by its test, or by its message."""
        if not ends_cell(statements):
            return False
        return asks or _mention_gpu(statements)

    def visit_Expr(self, node: ast.Expr) -> None:
        """Do `torch.cuda.is_available() or sys.exit("no GPU")`."""
        match node.value:
            case ast.BoolOp(op=ast.Or(), values=[*tests, last]) as value if is_stop(last):
                asks = any(map(self._asks, tests))
                if asks or _mention_gpu([last]):
                    go_on = _call_go_on(value)
                    value.values = [*tests, go_on, last]

    def _asks(self, test: ast.expr) -> bool:
        """Return whether a test looks for a GPU.

        One that names both the CPU and a GPU looks at an argument.
        """
        if not self._speaks(test):
            return False
        texts = list(_texts(test))
        if "cpu" not in texts:
            return True
        names_gpu = any(map(NAMES.search, texts))
        return not names_gpu

    def _speaks(self, value: ast.expr) -> bool:
        """Return whether an expression speaks of a GPU."""
        words = set(_words(value))
        if words & self._names:
            return True
        return any(map(NAMES.search, words))


def _words(node: ast.AST) -> Iterator[str]:
    """List the names, attributes and texts of an expression."""
    yield from _texts(node)
    for inner in ast.walk(node):
        match inner:
            case ast.Name(id=word) | ast.Attribute(attr=word):
                yield word


def _texts(node: ast.AST) -> Iterator[str]:
    """List the texts of an expression."""
    for inner in ast.walk(node):
        if not isinstance(inner, ast.Constant):
            continue
        value = inner.value
        if isinstance(value, str):
            yield value


def _asks_for_more(test: ast.expr) -> bool:
    """Return whether a test asks for more than a GPU: for several, or for what one can do."""
    for node in ast.walk(test):
        match node:
            case ast.Compare(ops=[ast.Gt()], comparators=[ast.Constant(value=int(count))]):
                if count >= 1:
                    return True
            case ast.Compare(ops=[ast.GtE()], comparators=[ast.Constant(value=int(count))]):
                if count >= 2:
                    return True
    return any(map(ABILITIES.search, _words(test)))


def _is_negated(test: ast.expr) -> bool:
    """Return whether a test that looks for a GPU is true without one."""
    match test:
        case ast.UnaryOp(op=ast.Not()):
            return True
        case ast.Compare(ops=[ast.Eq()], comparators=[ast.Constant(value=0 | False)]):
            return True
        case ast.Compare(ops=[ast.Eq()], comparators=[ast.Constant(value="cpu")]):
            return True
        case ast.Compare(ops=[ast.NotEq()], comparators=[ast.Constant(value=str(text))]):
            return text != "cpu"
    return False


def _mention_gpu(nodes: Sequence[ast.AST]) -> bool:
    """Return whether expressions or statements speak of a GPU."""
    lists = map(_words, nodes)
    words = itertools.chain.from_iterable(lists)
    return any(map(NAMES.search, words))


def ends_cell(statements: list[ast.stmt]) -> bool:
    """Return whether a block ends with a statement that ends the cell."""
    if not statements:
        return False
    last = statements[-1]
    if isinstance(last, ast.Raise):
        return True
    if isinstance(last, ast.Assert):
        test = last.test
        return isinstance(test, ast.Constant) and not test.value
    if isinstance(last, ast.Expr):
        return is_stop(last.value)
    return False


def is_stop(value: ast.expr) -> bool:
    """Return whether an expression calls a function that ends the cell."""
    if not isinstance(value, ast.Call):
        return False
    function = value.func
    if isinstance(function, ast.Name):
        return function.id in STOPS
    if isinstance(function, ast.Attribute):
        return function.attr in STOPS
    return False


def _or_go_on(test: ast.expr) -> ast.expr:
    """Create a test that is true if the cell continues."""
    go_on = _call_go_on(test)
    either = ast.Or()
    parts = [test, go_on]
    joined = ast.BoolOp(either, parts)
    return copy_place(joined, test)


def _and_not_go_on(test: ast.expr) -> ast.expr:
    """Create a test that is false if the cell continues."""
    go_on = _call_go_on(test)
    negation = ast.Not()
    negated = ast.UnaryOp(negation, go_on)
    both = ast.And()
    parts = [test, negated]
    joined = ast.BoolOp(both, parts)
    return copy_place(joined, test)


def _call_go_on(place: ast.expr) -> ast.expr:
    """Replace an expression by a call of the builtin, with the device that it names."""
    device = "cuda"
    if "mps" in _words(place):
        device = "mps"
    argument = ast.Constant(device)
    context = ast.Load()
    function = ast.Name(GO_ON_NAME, context)
    call = ast.Call(function, [argument], [])
    return copy_place(call, place)


def copy_place(added: ast.expr, place: ast.expr) -> ast.expr:
    """Give a new expression the position of another."""
    ast.copy_location(added, place)
    return ast.fix_missing_locations(added)
