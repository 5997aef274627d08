"""Find code that computes the same for several numbers that are written down. Pure.

`[w - lr * g for lr in (1, 0.1, 0.01, 0.001)]` does, and so do a loop over such numbers, a list of
statements that differ in a number only, and calls of one function with a number each. A loop that
goes on from what its last pass left trains, and is none of these.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeGuard

MIN_NUMBERS = 4
"""Fewer numbers are a few attempts."""

SPACED = frozenset(("linspace", "logspace", "geomspace"))
"""Functions that make as many numbers as one likes."""

COUNTED = frozenset(("range", "arange"))
"""Functions that count: a loop over them may only number its passes."""

TOGETHER = frozenset(("zip", "enumerate", "list", "tuple", "set", "sorted", "reversed", "iter"))
MADE_OF = frozenset(("tensor", "array", "asarray", "as_tensor"))
FILLING = frozenset(("append", "add", "extend", "insert", "update"))
"""Methods that put something into a list, a set or a dict."""

SHOWING = frozenset(("print", "display", "format"))

Comprehension = ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp
Counts = Mapping[str, int]
"""How many numbers a name stands for."""


def count_numbers(node: ast.AST, known: Counts) -> int:
    """Count the numbers that an expression runs over, if all are written down.

    Args:
        node: the expression.
        known: names that stand for such numbers.

    Returns:
        Their number; 0 if they are not written down.
    """
    match node:
        case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
            return len(items) if items and all(map(_is_written, items)) else 0
        case ast.Name(id=name):
            return known.get(name, 0)
        case ast.Call(args=args):
            return _count_called(called(node), args, known)
    return 0


def _count_called(name: str, args: list[ast.expr], known: Counts) -> int:
    if name in SPACED:
        return MIN_NUMBERS if all(map(_is_written, args)) else 0
    if name in COUNTED:
        return _count_range(args)
    counts = [count_numbers(arg, known) for arg in args]
    if name == "product":
        return _product(counts)
    if name in TOGETHER or name in MADE_OF:
        return max(counts, default=0)
    return 0


def _count_range(args: list[ast.expr]) -> int:
    numbers = []
    for arg in args:
        match arg:
            case ast.Constant(value=int(number)):
                numbers.append(number)
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(number))):
                numbers.append(-number)
    if not numbers or len(numbers) < len(args):
        return 0
    return max(0, len(range(*numbers[:2])))


def _product(counts: Iterable[int]) -> int:
    product = 1
    for count in counts:
        product *= count
    return product


def _is_written(node: ast.AST) -> bool:
    """Tell whether a number, or a tuple of them, is written out."""
    match node:
        case ast.Constant(value=bool() | int() | float() | str()):
            return True
        case ast.UnaryOp(operand=operand):
            return _is_written(operand)
        case ast.BinOp(left=left, right=right):
            return _is_written(left) and _is_written(right)
        case ast.Tuple(elts=items) | ast.List(elts=items):
            return all(map(_is_written, items))
    return False


def called(node: ast.AST) -> str:
    """Return the name of the function or method that a call calls; empty for anything else."""
    match node:
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            return name
    return ""


# Loops and comprehensions


def count_passes(loop: ast.For, known: Counts) -> int:
    """Count the numbers that a loop tries; 0 for one that counts, indexes or trains."""
    count = count_numbers(loop.iter, known)
    if not count or _goes_on(loop):
        return 0
    names = set(_names(loop.target))
    if is_counting(loop.iter):
        return count if _reckons_with(loop.body, names) else 0
    return count if _uses(loop.body, names) else 0


def is_counting(node: ast.AST) -> bool:
    """Tell whether a loop runs over whole numbers, as it does that only numbers its passes."""
    return called(node) in COUNTED or called(node) == "enumerate"


def count_ways_of(comprehension: Comprehension, known: Counts) -> int:
    """Count the numbers that a comprehension tries; 0 for one that runs over data."""
    counts = []
    for generator in comprehension.generators:
        count = count_numbers(generator.iter, known)
        names = set(_names(generator.target))
        made = _elements(comprehension)
        if is_counting(generator.iter) and not _reckons_with(made, names):
            count = 0
        counts.append(count)
    return _product(counts)


def _elements(comprehension: Comprehension) -> list[ast.AST]:
    if isinstance(comprehension, ast.DictComp):
        return [comprehension.value]
    return [comprehension.elt]


def _names(node: ast.AST) -> Iterator[str]:
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name):
            yield inner.id


def _uses(nodes: Iterable[ast.AST], names: set[str]) -> bool:
    read: set[str] = set()
    for node in nodes:
        read.update(_names(node))
    return not names.isdisjoint(read)


def _reckons_with(nodes: Iterable[ast.AST], names: set[str]) -> bool:
    """Tell whether some names are reckoned with, not only shown or used as an index."""
    pending = list(nodes)
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Subscript):
            pending.append(node.value)
            continue
        if isinstance(node, ast.JoinedStr) or called(node) in SHOWING:
            continue
        if isinstance(node, ast.BinOp) and _is_reckoned(node, names):
            return True
        pending.extend(ast.iter_child_nodes(node))
    return False


def _is_reckoned(node: ast.BinOp, names: set[str]) -> bool:
    """Tell whether one of some names is an operand; `n % 100 == 0` only numbers passes."""
    if isinstance(node.op, ast.Mod | ast.FloorDiv):
        return False
    return _is_one_of(node.left, names) or _is_one_of(node.right, names)


def _is_one_of(operand: ast.expr, names: set[str]) -> bool:
    if isinstance(operand, ast.UnaryOp):
        operand = operand.operand
    return isinstance(operand, ast.Name) and operand.id in names


def _goes_on(loop: ast.For) -> bool:
    """Tell whether a pass goes on from what the one before left: the loop trains."""
    read: set[str] = set()
    bound: set[str] = set(_names(loop.target))
    for statement in loop.body:
        changed = set(_changed_in(statement))
        read.update(name for name in _read_in(statement) if name not in bound)
        if not changed.isdisjoint(read):
            return True
        bound |= changed
    return False


def _read_in(statement: ast.stmt) -> Iterator[str]:
    for node in ast.walk(statement):
        if isinstance(node, ast.AugAssign):
            yield from _names(node.target)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            yield node.id


def _changed_in(statement: ast.stmt) -> Iterator[str]:
    """Give the names that a statement binds or changes; not counters, and lists that it fills."""
    for node in ast.walk(statement):
        match node:
            case ast.AugAssign(target=target, value=value) if not _is_written(value):
                yield from _names(target)
            case ast.Assign(targets=targets):
                for each in targets:
                    yield from _changed_by(each)
            case ast.Call(func=ast.Attribute(value=receiver, attr=method)):
                if method.endswith("_") or method == "step":
                    yield from _names(receiver)


def _changed_by(target: ast.expr) -> Iterator[str]:
    """Give the names that an assignment changes; a place in a list or dict is filled."""
    if not isinstance(target, ast.Subscript):
        yield from _names(target)


# Statements


def count_ways_in(statement: ast.AST, known: Counts, giving: frozenset[str]) -> int:
    """Count the numbers that one statement tries.

    Args:
        statement: the statement.
        known: names that stand for written numbers.
        giving: functions that give a result for each of several numbers.
    """
    most = 0
    for node in ast.walk(statement):
        most = max(most, count_ways(node, known, giving))
    return most


def count_ways(node: ast.AST, known: Counts, giving: frozenset[str]) -> int:
    """Count the numbers that one expression tries; args as those of `count_ways_in`."""
    if _is_comprehension(node):
        return count_ways_of(node, known)
    match node:
        case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Dict(values=items):
            return count_alike(items)
        case ast.Call(func=ast.Name(id="map"), args=[_, *others]):
            return max((count_numbers(each, known) for each in others), default=0)
        case ast.Call(args=args) if called(node) in SHOWING:
            return count_alike(args)
        case ast.Call(func=ast.Name(id=name)) if name in giving:
            return MIN_NUMBERS
        case ast.BinOp(left=left, right=right):
            return max(count_numbers(left, {}), count_numbers(right, {}))
    return 0


def _is_comprehension(node: ast.AST) -> TypeGuard[Comprehension]:
    return isinstance(node, Comprehension)


def count_alike(items: list[ast.expr]) -> int:
    """Count the expressions that differ from the first in their numbers and signs alone."""
    if len(items) < MIN_NUMBERS:
        return 0
    by_shape: dict[str, set[str]] = {}
    for item in items:
        if _is_written(item) or not has_number(item):
            continue
        shape = shape_of(item)
        texts = by_shape.setdefault(shape, set())
        texts.add(ast.dump(item))
    return max(map(len, by_shape.values()), default=0)


def has_number(node: ast.AST) -> bool:
    """Tell whether a number is written in an expression, other than as an index."""
    pending = [node]
    while pending:
        inner = pending.pop()
        if isinstance(inner, ast.Constant) and isinstance(inner.value, int | float):
            return True
        if isinstance(inner, ast.Subscript):
            pending.append(inner.value)
        else:
            pending.extend(ast.iter_child_nodes(inner))
    return False


def shape_of(node: ast.AST) -> str:
    """Write an expression without its numbers and signs."""
    parts = []
    for inner in ast.walk(node):
        match inner:
            case ast.operator() | ast.unaryop() | ast.UnaryOp() | ast.expr_context():
                continue
            case ast.Name(id=name) | ast.Attribute(attr=name):
                parts.append(name)
            case _:
                parts.append(type(inner).__name__)
    return " ".join(parts)
