"""Find the statements of a notebook that take a step, changing a weight by its gradient. Pure.

A step can be written in many ways: in place, under a new name, in a function, with copies of the
weight and the gradient. In doubt, a statement is not a step.
"""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Iterable, Iterator, Sequence

from grader.notebook.code import parse_cell

GRADIENT = "grad"
"""Attribute with a gradient, and function of torch that returns one."""

COPYING = frozenset({"float", "copy", "deepcopy", "clone", "Variable", "Parameter", "tensor"})
"""Functions that return a copy of their argument."""

RETURNED = "return"
"""Path under which the recorder stores the result of a function."""

_Assignment = ast.Assign | ast.AnnAssign | ast.AugAssign
_Sequence = ast.Tuple | ast.List
_Path = ast.Name | ast.Attribute | ast.Subscript
"""Expressions that have a path in a trace."""


class Steps:
    """The statements of a notebook that take a step, and the paths that each changes."""

    def __init__(self, sources: Iterable[str], weight: str) -> None:
        """Read the cells of a notebook.

        Args:
            sources: their sources.
            weight: the name that the assignment has for the weight.
        """
        self._weight = weight
        self._weights = {weight}
        """Paths of weights and their copies: `w`, `m.w`."""
        self._gradients: set[str] = set()
        """Names of gradients, and of values computed from one without the weight."""
        self._functions: set[str] = set()
        """Functions that return a weight after a step."""
        self._changed: dict[str, set[str]] = {}

        cells = list(sources)
        trees = [parse_cell(source) for source in cells]
        # A student may write an expression that is too deep to be walked through.
        for tree in trees:
            with contextlib.suppress(RecursionError):
                self._read_weights(tree)
        for tree, source in zip(trees, cells, strict=True):
            lines = source.split("\n")
            with contextlib.suppress(RecursionError):
                self._read_cell(tree, lines)

    def changed_by(self, line: str) -> frozenset[str]:
        """Return the paths that the statements on a line change: `w`, `m.w`, `return`."""
        paths = self._changed.get(line, ())
        return frozenset(paths)

    # Weights

    def _read_weights(self, tree: ast.AST) -> None:
        """Learn from gradient expressions which weights they belong to."""
        for node in ast.walk(tree):
            match node:
                case ast.Attribute(attr="grad", value=weight):
                    path = _path(weight)
                    self._weights.add(path)
                case ast.Call(args=[_, weight]) if _is_gradient(node):
                    paths = map(_path, _parts(weight))
                    self._weights.update(paths)
        # `torch.autograd.grad` is a function, and an expression without a path is no weight.
        self._weights -= {"", "torch.autograd", "torch.func", "autograd"}

    def _is_weight(self, node: ast.AST) -> bool:
        """Return whether an expression is a weight, or a copy of one: `w.data`, `float(w)`."""
        if _path(node) in self._weights:
            return True
        match node:
            case ast.Attribute(attr="data", value=whole) | ast.Subscript(value=whole):
                return self._is_weight(whole)
            case ast.Call(args=[original, *_]):
                if _called(node) not in COPYING:
                    return False
                return self._is_weight(original)
            case ast.Call(func=ast.Attribute(value=original)):
                return self._is_weight(original)
        return False

    # Statements

    def _read_cell(self, tree: ast.AST, lines: Sequence[str]) -> None:
        for statement in _statements(tree):
            index = statement.lineno - 1
            line = lines[index].strip()
            for path in self._paths_changed(statement):
                paths = self._changed.setdefault(line, set())
                paths.add(path)

    def _paths_changed(self, statement: ast.stmt) -> Iterator[str]:
        """Yield the paths of the weights that a statement changes by a step."""
        match statement:
            case ast.FunctionDef(name=name):
                if self._returns_step(statement):
                    self._functions.add(name)
            case ast.Return(value=ast.expr() as value) if self._is_step(value):
                yield RETURNED
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=weight, attr=method))):
                in_place = method.endswith("_")
                changes_weight = in_place and self._is_weight(weight)
                if changes_weight and self._reads_gradient(statement):
                    yield self._path_of_weight(weight)
            case ast.Assign() | ast.AnnAssign() | ast.AugAssign():
                yield from self._paths_assigned(statement)

    def _returns_step(self, function: ast.FunctionDef) -> bool:
        for node in ast.walk(function):
            match node:
                case ast.Return(value=ast.expr() as value) if self._is_step(value):
                    return True
        return False

    def _paths_assigned(self, statement: _Assignment) -> Iterator[str]:
        """Yield the weights that an assignment changes; learn names of copies and gradients."""
        in_place = isinstance(statement, ast.AugAssign)
        for target, value in _assigned(statement):
            if self._takes_step(target, value, in_place=in_place):
                yield self._path_of_weight(target)
                continue
            path = _path(target)
            if self._is_weight(value):
                self._weights.add(path)
            elif self._is_made_of_gradient(value):
                self._gradients.add(path)

    def _is_made_of_gradient(self, value: ast.expr) -> bool:
        """Return whether an expression is computed from a gradient, without the weight."""
        if not self._reads_gradient(value):
            return False
        return not self._reads_weight(value)

    def _takes_step(self, target: ast.expr, value: ast.expr, *, in_place: bool) -> bool:
        if self._is_step(value):
            return True
        if self._is_weight(target) and self._reads_gradient(value):
            return True
        if self._path_of_weight(target) != self._weight:
            return False
        if in_place or _is_sum(value):
            return True
        return self._reads_weight(value)

    def _is_step(self, value: ast.expr) -> bool:
        """Return whether an expression is a weight after a step."""
        if _called(value) in self._functions:
            return True
        if not self._reads_weight(value):
            return False
        if self._reads_gradient(value):
            return True
        if not _is_sum(value):
            return False
        return self._has_weight_as_term(value)

    def _has_weight_as_term(self, value: ast.expr) -> bool:
        """Return whether a weight is a term of a sum: `w - 0.1 * dw`."""
        match value:
            case ast.BinOp(left=left, op=ast.Add() | ast.Sub(), right=right):
                if self._is_weight(right):
                    return True
                return self._has_weight_as_term(left)
        return self._is_weight(value)

    def _reads_gradient(self, code: ast.AST) -> bool:
        nodes = ast.walk(code)
        return any(map(self._is_gradient, nodes))

    def _is_gradient(self, node: ast.AST) -> bool:
        if _is_gradient(node):
            return True
        path = _path(node)
        return path in self._gradients

    def _reads_weight(self, code: ast.AST) -> bool:
        """Return whether code reads a weight, and not only its gradient."""
        if _is_gradient(code):
            return False
        if self._is_weight(code):
            return True
        children = ast.iter_child_nodes(code)
        return any(map(self._reads_weight, children))

    def _path_of_weight(self, target: ast.expr) -> str:
        """Return the path of the weight that contains a target: `w` for `w.data`."""
        while _path(target) not in self._weights:
            match target:
                case ast.Attribute(attr="data", value=whole) | ast.Subscript(value=whole):
                    target = whole
                case _:
                    break
        return _path(target)


def _statements(tree: ast.AST) -> Iterator[ast.stmt]:
    """Yield the statements of a cell, including nested ones, in order."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.stmt):
            yield node
        yield from _statements(node)


def _assigned(statement: _Assignment) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Yield the targets of a statement, each with the expression assigned to it."""
    value = statement.value
    if value is None:
        return
    values = _parts(value)
    for target in _targets(statement):
        parts = _parts(target)
        if len(parts) == len(values):
            yield from zip(parts, values, strict=True)
            continue
        for part in parts:
            yield part, value


def _targets(statement: _Assignment) -> list[ast.expr]:
    if isinstance(statement, ast.Assign):
        return statement.targets
    return [statement.target]


def _parts(expression: ast.expr) -> list[ast.expr]:
    """Return the parts of a tuple or list, or else the expression itself."""
    if isinstance(expression, _Sequence):
        return expression.elts
    return [expression]


def _is_gradient(node: ast.AST) -> bool:
    """Return whether an expression is a gradient: `w.grad`, `torch.autograd.grad(J, w)`."""
    match node:
        case ast.Attribute(attr=name) | ast.Call(func=ast.Name(id=name)):
            return name == GRADIENT
        case ast.Call(func=function):
            return _is_gradient(function)
    return False


def _is_sum(value: ast.expr) -> bool:
    match value:
        case ast.BinOp(op=ast.Add() | ast.Sub()):
            return True
    return False


def _called(value: ast.AST) -> str:
    """Return the name of the function or method that an expression calls."""
    match value:
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            return name
    return ""


def _path(node: ast.AST) -> str:
    """Return the path of an expression in a trace; empty if it has none."""
    if isinstance(node, _Path):
        return ast.unparse(node)
    return ""
