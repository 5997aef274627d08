"""Find work that a notebook does only with a GPU. Runs inside the student's kernel.

`if torch.cuda.is_available(): a = torch.rand(2, 3).to("cuda")` computes nothing without one, so
that a right answer would be missing. A branch that only moves what is there already, or that has a
counterpart for the processor, is no such work.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

MOVES = ("to", "cuda")
"""Methods that move a value to a device."""
CLOCKS = frozenset(("time", "perf_counter", "process_time", "timeit", "synchronize", "Event"))
"""Functions by which code measures how fast a GPU is."""
MAX_NUMBERS = 10**7
"""Most numbers of a tensor for work that a processor does as well."""


def is_work(branch: Sequence[ast.stmt], other: Sequence[ast.stmt]) -> bool:
    """Return whether one branch of a test computes something that the other does not.

    Args:
        branch: the one for a GPU.
        other: the one for the processor; empty if there is none.
    """
    if _demonstrates(branch):
        return False
    made = set(_names_made(branch))
    if made - set(_names_made(other)):
        return True
    if made or any(map(_takes_steps, other)):
        return False
    trains = any(map(_takes_steps, branch))
    shows = any(map(_shows_moved, branch))
    return trains or shows


def is_value_work(value: ast.expr, other: ast.expr) -> bool:
    """Return whether one value of a conditional expression is computed, and the other is None."""
    match other:
        case ast.Constant(value=None):
            return _is_computed(value, set())
    return False


def _demonstrates(branch: Sequence[ast.stmt]) -> bool:
    """Return whether a branch shows how fast a GPU is, or fills it: a processor takes too long."""
    if any(map(_takes_steps, branch)):
        return False
    for statement in branch:
        for node in ast.walk(statement):
            if isinstance(node, ast.Call) and (_is_clock(node) or _is_large(node)):
                return True
    return False


def _is_clock(call: ast.Call) -> bool:
    name = ast.unparse(call.func).rpartition(".")[2]
    return name in CLOCKS


def _is_large(call: ast.Call) -> bool:
    """Return whether the sizes in a call make more numbers than a processor works on quickly."""
    count = 1
    for argument in call.args:
        for node in ast.walk(argument):
            match node:
                case ast.Constant(value=int(size)) if size > 1:
                    count *= size
    return count > MAX_NUMBERS


def _names_made(statements: Sequence[ast.stmt]) -> Iterator[str]:
    """Find the names that statements define, or assign what they compute."""
    for statement in statements:
        match statement:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name
            case ast.ClassDef(name=name):
                yield name
            case ast.Assign(targets=targets, value=value):
                names = set(_names_in(targets))
                if _is_computed(value, names):
                    yield from names
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                names = set(_names_in([target]))
                if _is_computed(value, names):
                    yield from names
            case ast.If(body=body, orelse=orelse) | ast.For(body=body, orelse=orelse):
                yield from _names_made([*body, *orelse])
            case ast.With(body=body) | ast.Try(body=body) | ast.While(body=body):
                yield from _names_made(body)


def _names_in(targets: Sequence[ast.expr]) -> Iterator[str]:
    for target in targets:
        for node in ast.walk(target):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                yield node.id


def _is_computed(value: ast.expr, names: set[str]) -> bool:
    """Return whether a value is computed, and no move of names to a device or choice of one.

    Args:
        value: the expression.
        names: those that it is assigned to.
    """
    has_call = False
    for node in ast.walk(value):
        match node:
            case ast.Name(id=name) if name in names:
                return False
            case ast.Call(func=function):
                has_call = has_call or not _asks_device(function)
    return has_call or isinstance(value, ast.BinOp)


def _asks_device(function: ast.expr) -> bool:
    """Return whether a function chooses or describes a device: `torch.device`, `torch.cuda.…`."""
    words = ast.unparse(function).split(".")
    return words[-1] == "device" or "cuda" in words[:-1] or words == ["len"]


def _takes_steps(statement: ast.stmt) -> bool:
    """Return whether a loop trains."""
    for node in ast.walk(statement):
        match node:
            case ast.Call(func=ast.Attribute(attr="backward")):
                return True
    return False


def _shows_moved(statement: ast.stmt) -> bool:
    """Return whether an expression shows what it makes on a device."""
    if not isinstance(statement, ast.Expr):
        return False
    for node in ast.walk(statement):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Call(), attr=name)) if name in MOVES:
                return True
            case ast.keyword(arg="device"):
                return True
    return False
