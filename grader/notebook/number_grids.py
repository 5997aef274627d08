"""Find code that tries several literal numbers. Pure.

A comprehension tries them, as in `[w - lr * g for lr in (1, 0.1, 0.01, 0.001)]`, and so do a loop
over such numbers, expressions that differ only in a number, and repeated calls of one function. A
training loop, in which each pass continues from the result of the previous one, does not.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Iterable, Iterator, Mapping

MIN_NUMBERS = 4
"""Fewer numbers are a few attempts."""

SPACED = frozenset(("linspace", "logspace", "geomspace"))
"""Functions that create any number of numbers."""

COUNTED = frozenset(("range", "arange"))
"""Functions that count: a loop over them may only number its passes."""

_TOGETHER = "zip enumerate list tuple set sorted reversed iter tensor array asarray as_tensor"
TOGETHER = frozenset(_TOGETHER.split())
"""Functions that return the numbers of their argument."""

FILLING = frozenset(("append", "add", "extend", "insert", "update"))
"""Methods that put something into a list, a set or a dict."""

SHOWING = frozenset(("print", "display", "format"))

Comprehension = ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp
Loop = ast.For | ast.While
Counts = Mapping[str, int]
"""Number of numbers that each name refers to."""

NO_NAMES: Counts = {}
"""No name is known to refer to numbers."""


def count_numbers(node: ast.AST, known: Counts) -> int:
    """Count the numbers that an expression runs over, if all are written down.

    Args:
        node: the expression.
        known: names of such numbers.

    Returns:
        Their number; 0 if they are not written down.
    """
    match node:
        case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
            if _are_written(items):
                return len(items)
        case ast.Name(id=name):
            return known.get(name, 0)
        case ast.Call():
            return _count_called(node, known)
    return 0


def _count_called(call: ast.Call, known: Counts) -> int:
    name = called_name(call)
    if name in COUNTED:
        return _count_range(call.args)
    if name in SPACED:
        if _are_written(call.args):
            return MIN_NUMBERS
        return 0

    counts = []
    for argument in call.args:
        count = count_numbers(argument, known)
        counts.append(count)
    if name == "product":
        return math.prod(counts)
    if name in TOGETHER:
        return max(counts, default=0)
    return 0


def _count_range(arguments: Iterable[ast.expr]) -> int:
    """Count the numbers of a `range`; 0 if its ends are not written down."""
    try:
        numbers = list(map(ast.literal_eval, arguments))
        counted = range(*numbers)
    except (ValueError, TypeError):
        return 0
    # `len` would raise for more than fit into a word.
    first_ones = counted[:MIN_NUMBERS]
    return len(first_ones)


def _are_written(nodes: Iterable[ast.expr]) -> bool:
    return all(map(_is_written, nodes))


def _is_written(node: ast.AST) -> bool:
    """Return whether a number or text is written out, or a list of such."""
    match node:
        case ast.Constant():
            return True
        case ast.UnaryOp(operand=operand):
            return _is_written(operand)
        case ast.BinOp(left=left, right=right):
            return _are_written([left, right])
        case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
            return _are_written(items)
    return False


def called_name(node: ast.AST) -> str:
    """Return the name of the function or method that a call calls; empty for anything else."""
    match node:
        case ast.Call(func=ast.Name(id=name)):
            return name
        case ast.Call(func=ast.Attribute(attr=name)):
            return name
    return ""


# Loops and comprehensions


def tried_by_loop(loop: Loop, known: Counts) -> int:
    """Estimate how many numbers a loop tries; 0 for one that counts, indexes or trains.

    Here and below, `MIN_NUMBERS` stands for any unknown or larger count.
    """
    if _continues_previous_pass(loop):
        return 0
    carried = set(_carried_numbers(loop))
    if _calculates_with(loop.body, carried) or _takes_from(loop.body, known):
        return MIN_NUMBERS
    match loop:
        case ast.For():
            return _count_iterated(loop, known)
        case _:
            return 0


def _count_iterated(loop: ast.For, known: Counts) -> int:
    """Estimate how many of the numbers that a loop runs over it tries."""
    count = count_numbers(loop.iter, known)
    names = set(_names(loop.target))
    if _is_counting(loop.iter):
        is_tried = _calculates_with(loop.body, names)
    else:
        is_tried = _uses(loop.body, names)
    if is_tried:
        return count
    return 0


def _is_counting(node: ast.AST) -> bool:
    """Return whether a loop runs over whole numbers, as one that only numbers its passes."""
    name = called_name(node)
    return name in COUNTED or name == "enumerate"


def tried_by_comprehension(comprehension: Comprehension, known: Counts) -> int:
    """Estimate how many numbers a comprehension tries; 0 for one that runs over data."""
    element = _element(comprehension)
    product = 1
    for generator in comprehension.generators:
        count = count_numbers(generator.iter, known)
        if _is_counting(generator.iter):
            names = set(_names(generator.target))
            is_tried = _calculates_with([element], names)
            if not is_tried:
                return 0
        product *= count
    return product


def _element(comprehension: Comprehension) -> ast.expr:
    match comprehension:
        case ast.DictComp(value=value):
            return value
        case _:
            return comprehension.elt


def _names(node: ast.AST) -> Iterator[str]:
    for inner in ast.walk(node):
        match inner:
            case ast.Name(id=name):
                yield name


def _uses(nodes: Iterable[ast.AST], names: set[str]) -> bool:
    used: set[str] = set()
    for node in nodes:
        used.update(_names(node))
    return bool(used & names)


def _calculates_with(nodes: Iterable[ast.AST], names: set[str]) -> bool:
    """Return whether code calculates with some names, and does not only show or index with them."""
    pending = list(nodes)
    while pending:
        node = pending.pop()
        match node:
            case ast.Subscript(value=value):
                pending.append(value)
                continue
            case ast.JoinedStr():
                continue
            case ast.Call():
                if called_name(node) in SHOWING:
                    continue
            case ast.BinOp(op=ast.Mod() | ast.FloorDiv()):  # `if n % 100 == 0` numbers passes
                pass
            case ast.BinOp(left=left, right=right):
                if _is_one_of(left, names) or _is_one_of(right, names):
                    return True
        children = ast.iter_child_nodes(node)
        pending.extend(children)
    return False


def _is_one_of(operand: ast.expr, names: set[str]) -> bool:
    """Return whether an operand is one of some names, with or without a sign."""
    match operand:
        case ast.UnaryOp(operand=inner):
            return _is_one_of(inner, names)
        case ast.Name(id=name):
            return name in names
    return False


def _continues_previous_pass(loop: Loop) -> bool:
    """Return whether a pass continues from the result of the one before: the loop trains."""
    read: set[str] = set()
    bound: set[str] = set()
    if isinstance(loop, ast.For):
        bound.update(_names(loop.target))
    for statement in loop.body:
        used = set(_read_in(statement))
        read |= used - bound
        changed = set(_changed_in(statement))
        if changed & read:
            return True
        bound |= changed
    return False


def _read_in(statement: ast.stmt) -> Iterator[str]:
    for node in ast.walk(statement):
        match node:
            case ast.AugAssign(target=target):
                yield from _names(target)
            case ast.Name(id=name, ctx=ast.Load()):
                yield name


def _changed_in(statement: ast.stmt) -> Iterator[str]:
    """Yield the names that a statement binds or changes.

    Counters are not among them, nor numbers that it only multiplies, and lists that it fills.
    """
    for node in ast.walk(statement):
        if _carries_number(node):
            continue
        match node:
            case ast.AugAssign(target=target):
                yield from _names(target)
            case ast.Assign(targets=targets):
                for each in targets:
                    yield from _bound_in(each)
            case ast.Call(func=ast.Attribute(value=receiver, attr=method)):
                # `w.sub_(…)` and `optimizer.step()` change something in place.
                if method == "step" or method.endswith("_"):
                    yield from _names(receiver)


def _carried_numbers(loop: Loop) -> Iterator[str]:
    """Yield the names of numbers that each pass computes from those of the pass before."""
    for statement in loop.body:
        for node in ast.walk(statement):
            if _carries_number(node):
                yield _target_name(node)


def _carries_number(node: ast.AST) -> bool:
    """Return whether a statement changes a number by written ones: `lr *= 0.1`, `lr = lr / 2`."""
    match node:
        case ast.AugAssign(value=value):
            return _is_written(value)
        case ast.Assign(value=ast.BinOp(left=left, right=right)):
            name = _target_name(node)
            operands = [left, right]
            others = [operand for operand in operands if not _is_one_of(operand, {name})]
            return len(others) == 1 and _are_written(others)
    return False


def _target_name(node: ast.AST) -> str:
    """Return the only name that a statement assigns; empty if there are others."""
    match node:
        case ast.AugAssign(target=ast.Name(id=name)):
            return name
        case ast.Assign(targets=[ast.Name(id=name)]):
            return name
    return ""


def _takes_from(nodes: Iterable[ast.AST], known: Counts) -> bool:
    """Return whether written numbers are taken one after another: `rates[i]`, `rates.pop()`."""
    for node in nodes:
        for inner in ast.walk(node):
            if known.get(_taken_from(inner), 0) >= MIN_NUMBERS:
                return True
    return False


def _taken_from(node: ast.AST) -> str:
    """Return the name from which an expression takes one item; empty for anything else."""
    match node:
        case ast.Subscript(slice=ast.Constant()):
            return ""
        case ast.Subscript(value=ast.Name(id=name), ctx=ast.Load()):
            return name
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="pop")):
            return name
        case ast.Call(func=ast.Name(id="next"), args=[ast.Name(id=name), *_]):
            return name
    return ""


def _bound_in(target: ast.expr) -> Iterator[str]:
    match target:
        case ast.Subscript():  # a list or dict is filled
            return
    yield from _names(target)


# Statements


def tried_in_statement(statement: ast.AST, known: Counts, giving: frozenset[str]) -> int:
    """Estimate how many numbers one statement tries.

    Args:
        statement: the statement.
        known: names of written numbers.
        giving: functions that return a result for each of several numbers.
    """
    most = 0
    for node in ast.walk(statement):
        count = tried_by_expression(node, known, giving)
        most = max(most, count)
    return most


def tried_by_expression(node: ast.AST, known: Counts, giving: frozenset[str]) -> int:
    """Estimate how many numbers one expression tries. Args as those of `tried_in_statement`."""
    match node:
        case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
            return tried_by_comprehension(node, known)
        case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Dict(values=items):
            return count_alike(items)
        case ast.BinOp(left=left, right=right):
            in_left = count_numbers(left, NO_NAMES)
            in_right = count_numbers(right, NO_NAMES)
            return max(in_left, in_right)
        case ast.Call():
            return _tried_by_call(node, known, giving)
    return 0


def _tried_by_call(call: ast.Call, known: Counts, giving: frozenset[str]) -> int:
    name = called_name(call)
    if name in giving:
        return MIN_NUMBERS
    if name in SHOWING:
        return count_alike(call.args)
    if name == "dict":
        return count_alike(keyword.value for keyword in call.keywords)
    if name != "map":
        return 0
    most = 0
    for argument in call.args:
        count = count_numbers(argument, known)
        most = max(most, count)
    return most


def count_alike(items: Iterable[ast.expr]) -> int:
    """Count the expressions that differ in their numbers and signs alone."""
    by_shape: dict[str, set[str]] = {}
    most = 0
    for item in map(_without_name, items):
        if _is_written(item):
            continue
        if not has_number(item):
            continue
        shape = skeleton_of(item)
        text = ast.dump(item)
        texts = by_shape.setdefault(shape, set())
        texts.add(text)
        most = max(most, len(texts))
    return most


def _without_name(item: ast.expr) -> ast.expr:
    """Return the value of `(name := value)`."""
    match item:
        case ast.NamedExpr(value=value):
            return value
    return item


def has_number(node: ast.AST) -> bool:
    """Return whether a number is written in an expression, other than as an index."""
    pending = [node]
    while pending:
        inner = pending.pop()
        match inner:
            case ast.Subscript(value=value):
                pending.append(value)
                continue
            case ast.Constant(value=bool()):
                continue
            case ast.Constant(value=int() | float()):
                return True
        children = ast.iter_child_nodes(inner)
        pending.extend(children)
    return False


def skeleton_of(node: ast.AST) -> str:
    """Write an expression without its numbers and signs."""
    parts = []
    for inner in ast.walk(node):
        match inner:
            case ast.operator() | ast.unaryop() | ast.UnaryOp() | ast.expr_context():
                continue
            case ast.Name(id=name) | ast.Attribute(attr=name):
                parts.append(name)
            case _:
                kind = type(inner)
                parts.append(kind.__name__)
    return " ".join(parts)
