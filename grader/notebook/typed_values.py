"""Distinguish values that code writes out from those that it computes. Pure.

`acc = 0.96` and `x = torch.tensor([1, 2])` write a value out; `torch.zeros(3)` and `2 * n` do not.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from textwrap import dedent
from typing import Literal

from grader.kernel.portability.newer_python import as_older_python
from grader.notebook.code import parse_cell

Names = frozenset[str]

Typing = Literal["bare", "arithmetic", "computed"]
"""How an expression comes by its value.

`bare`: it is written out; `arithmetic`: numbers that are written out are reckoned with; `computed`:
a name or a function is asked.
"""

CONVERSIONS = frozenset(
    {
        "tensor",
        "as_tensor",
        "array",
        "asarray",
        "Variable",
        "Parameter",
        "Tensor",
        "FloatTensor",
        "DoubleTensor",
        "LongTensor",
        "IntTensor",
        "BoolTensor",
        "float",
        "int",
        "bool",
        "str",
        "complex",
        "list",
        "tuple",
        "dict",
        "round",
        "float16",
        "float32",
        "float64",
        "int8",
        "int16",
        "int32",
        "int64",
        "item",
        "to",
    }
)
"""Functions and methods that return the value written out in their arguments."""

_SHAPING = (
    "astype clone contiguous copy cpu detach double expand_as flatten float half long numpy ravel "
    "repeat requires_grad_ reshape squeeze t tolist transpose type unsqueeze view view_as"
)
SHAPING = frozenset(_SHAPING.split())
"""Functions and methods that return the numbers written out in their arguments in another form."""
MODULES = frozenset({"torch", "np", "numpy", "nn"})
TRANSPOSED = frozenset({"T", "mT", "H"})
PRINTING = frozenset({"print", "display"})
DISPLAYS = (ast.Tuple, ast.List, ast.Set, ast.Dict, ast.JoinedStr, ast.FormattedValue)
ARITHMETIC = (ast.BinOp, ast.Compare, ast.BoolOp)
SIGNS = (ast.UnaryOp,)
EMPTY = (None, ...)
BLANK = re.compile(r"_{3,}|\w*(YOUR|TODO|FIXME|FILL|BLANK)\w*")
"""Names that mark the place of an answer: `x = ____`."""
ARGUMENT = re.compile(r"argument\[(\d+)\]")
COUNTING = frozenset({"range", "trange", "enumerate", "count", "arange"})
"""Functions that count: the variable of a loop over them is neither typed in nor computed."""


def how_typed(expression: ast.expr, written: Names = frozenset()) -> Typing:
    """Classify an expression as computed, written out or neither.

    Args:
        expression: the expression.
        written: names that hold what was written out before.
    """
    if isinstance(expression, ast.Constant):
        return "bare"
    if isinstance(expression, ast.Name) and expression.id in written:
        return "bare"
    if isinstance(expression, ast.Call):
        name = _called_name(expression)
        parts = list(_converted(expression))
        if name in CONVERSIONS:
            return _of_parts(parts, written)
        # A name's value in another form is an answer if that form is asked for.
        if name not in SHAPING:
            return "computed"
        return _of_parts(parts)
    if isinstance(expression, ast.Attribute) and expression.attr in TRANSPOSED:
        return how_typed(expression.value)
    if isinstance(expression, DISPLAYS + SIGNS):
        return _of_parts(_inner(expression), written)
    if isinstance(expression, ARITHMETIC):
        inner = _of_parts(_inner(expression), written)
        if inner != "bare":
            return inner
        return "arithmetic"
    return "computed"


def _of_parts(parts: Sequence[ast.expr], written: Names = frozenset()) -> Typing:
    kinds: set[Typing] = set()
    for part in parts:
        kind = how_typed(part, written)
        kinds.add(kind)
    if "computed" in kinds:
        return "computed"
    if "arithmetic" in kinds:
        return "arithmetic"
    return "bare"


def _inner(expression: ast.expr) -> list[ast.expr]:
    inner = []
    for child in ast.iter_child_nodes(expression):
        if isinstance(child, ast.expr):
            inner.append(child)
    return inner


def _called_name(call: ast.Call) -> str:
    function = call.func
    if isinstance(function, ast.Attribute):
        return function.attr
    if isinstance(function, ast.Name):
        return function.id
    return ""


def _converted(call: ast.Call) -> Iterator[ast.expr]:
    """Yield the operand of a conversion: its first argument, or its method's object."""
    function = call.func
    if isinstance(function, ast.Attribute) and not _is_module(function.value):
        yield function.value
    else:
        yield from call.args[:1]


def _is_module(node: ast.expr) -> bool:
    """Return whether a function belongs to a module: `torch.tensor`, not `torch.rand(2).tolist`."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name) and node.id in MODULES


def typing_of_statement(source: str, path: str = "", written: Names = frozenset()) -> Typing:
    """Classify the value of the statement in a text.

    Args:
        source: the text; `bare` if it is no Python.
        path: path of the value: `argument[1]` is the second one of a `print`.
        written: names that hold what was written out before.
    """
    code = dedent(source).strip()
    try:
        tree = ast.parse(as_older_python(code))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return "bare"
    for statement in tree.body:
        value = getattr(statement, "value", None)
        if not isinstance(value, ast.expr):
            continue
        if _changes_region(statement):
            return "computed"
        if isinstance(value, ast.Call) and _called_name(value) in PRINTING:
            shown = _shown(value, path)
            return _of_parts(shown, written)
        return how_typed(value, written)
    return "bare"


def _changes_region(statement: ast.stmt) -> bool:
    """Return whether a statement changes a region of a name's value: `x[1:-1] = 0`."""
    if not isinstance(statement, ast.Assign | ast.AugAssign):
        return False
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    return any(is_region(target) for target in targets)


def is_region(target: ast.expr) -> bool:
    """Return whether a target is a part selected by more than numbers: a slice, a mask."""
    if not isinstance(target, ast.Subscript):
        return False
    index = target.slice
    parts = index.elts if isinstance(index, ast.Tuple) else [index]
    return not all(map(_is_written_index, parts))


def _is_written_index(part: ast.expr) -> bool:
    if isinstance(part, ast.UnaryOp):
        part = part.operand
    return isinstance(part, ast.Constant)


def _shown(call: ast.Call, path: str) -> Sequence[ast.expr]:
    """Find the argument of a `print` that has a value; all of them if none is named."""
    argument = ARGUMENT.match(path)
    if argument is None:
        return call.args
    index = int(argument[1])
    return call.args[index : index + 1]


def is_placeholder(source: str) -> bool:
    """Return whether a cell does nothing yet: `answer = None`, `...`, imports and comments."""
    tree = parse_cell(source)
    return all(map(_does_nothing, tree.body))


def without_placeholders(source: str) -> str:
    """Remove the statements of a cell that do nothing yet, such as `answer = ...`."""
    tree = parse_cell(source)
    statements = [each for each in tree.body if not _does_nothing(each)]
    return "\n".join(map(ast.unparse, statements))


def _does_nothing(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Pass | ast.Import | ast.ImportFrom):
        return True
    if not isinstance(statement, ast.Assign | ast.AnnAssign | ast.Expr):
        return False
    value = statement.value
    if value is None:
        return True
    if isinstance(value, ast.Name):
        return BLANK.fullmatch(value.id) is not None
    if not isinstance(value, ast.Constant):
        return False
    is_alone = isinstance(statement, ast.Expr)
    return is_alone or value.value in EMPTY


# Loops


@lru_cache(maxsize=512)
def loop_names(source: str) -> Names:
    """List the names that the loops of a cell bind in each pass."""
    names: set[str] = set()
    tree = parse_cell(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.For | ast.AsyncFor):
            names |= _names_of(node.target)
        elif isinstance(node, ast.While):
            names |= _counted_in(node)
    return frozenset(names)


@lru_cache(maxsize=512)
def counters(source: str) -> Names:
    """List the names that count the passes of a cell's loops."""
    names: set[str] = set()
    tree = parse_cell(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.For | ast.AsyncFor):
            names |= _counted_by(node)
        elif isinstance(node, ast.While):
            names |= _counted_in(node)
    return frozenset(names)


def _counted_by(loop: ast.For | ast.AsyncFor) -> set[str]:
    called: set[str] = set()
    for node in ast.walk(loop.iter):
        if isinstance(node, ast.Call):
            name = _called_name(node)
            called.add(name)
    if called.isdisjoint(COUNTING):
        return set()

    target = loop.target
    if "enumerate" in called and isinstance(target, ast.Tuple):
        target = target.elts[0]
    return _names_of(target)


def _counted_in(loop: ast.While) -> set[str]:
    """List the names in a loop's condition to which each pass adds a written number."""
    counted: set[str] = set()
    for statement in loop.body:
        if not isinstance(statement, ast.AugAssign):
            continue
        if isinstance(statement.value, ast.Constant):
            counted |= _names_of(statement.target)
    asked = _names_of(loop.test)
    return asked & counted


def _names_of(node: ast.AST) -> set[str]:
    names: set[str] = set()
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name):
            names.add(inner.id)
    return names
