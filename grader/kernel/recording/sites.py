"""Describe probed statements: their places, and the names they read and write."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

OURS = "_grader_"
"""Begins the names of the builtins that the grader adds."""

Names = tuple[str, ...]
"""Names in the order in which they occur, each once."""


CHAIN = (ast.Attribute, ast.Subscript, ast.Call)
"""Expressions that begin with another one: `w.data`, `w[0]`, `w()`."""


@dataclass(slots=True)
class ProbeSite:
    """A probed statement."""

    line: int
    end_line: int
    scope: str
    kind: str
    """`value`, `shown`, `returned`, `argument`, `loop` or `hook`."""
    names: Names = ()
    """Names in the statement: first those in its targets, then those it reads."""
    assigned: Names = ()
    """Names it binds or writes into."""
    rhs: Names = ()
    """Names its right-hand side reads; in an expression statement, all it reads."""
    column: int = 0
    """Column at which it begins: a line may contain several statements."""
    path: str = ""
    """Path of an expression's value: `return`, `argument[0]`; empty for an expression statement."""
    offset: int = 0
    """Number of lines of its cell above the code that it was compiled with."""
    source: str = ""
    """Its first line, as the student wrote it."""

    @property
    def key(self) -> tuple[Any, ...]:
        """A key that it shares with the same statement, compiled again."""
        first = self.line + self.offset
        last = self.end_line + self.offset
        place = (first, last, self.column, self.scope, self.kind, self.path)
        return place, self.names, self.assigned


def site_of(
    node: ast.stmt, scope: str, kind: str, targets: Sequence[ast.expr], value: ast.expr
) -> ProbeSite:
    """Describe a statement that assigns a value, or shows or returns one.

    Args:
        node: the statement.
        scope: name of the function or class that contains it.
        kind: the site's kind.
        targets: assigned targets; may be empty.
        value: its expression.
    """
    reads = names_in([value])
    assigned = written_names(targets) if targets else receivers(value)
    if isinstance(node, ast.AugAssign):
        reads = _each_once(assigned + reads)

    names = _each_once(names_in(targets) + reads)
    return ProbeSite(
        line=node.lineno,
        end_line=end_line(node),
        column=node.col_offset,
        scope=scope,
        kind=kind,
        names=names,
        assigned=assigned,
        rhs=reads,
    )


def end_line(node: ast.stmt) -> int:
    """Return the last line of a statement."""
    return node.end_lineno or node.lineno


def names_in(nodes: Iterable[ast.AST]) -> Names:
    """List the names in nodes, except those of builtins that were put into the code."""
    names: list[str] = []
    for node in nodes:
        for inner in ast.walk(node):
            if isinstance(inner, ast.Name) and not inner.id.startswith(OURS):
                names.append(inner.id)
    return _each_once(names)


def written_names(nodes: Iterable[ast.AST]) -> Names:
    """List the names that nodes bind, and those of the objects they modify.

    `w` in `w.data = …`, `losses` in `losses[0] = …`. A method call that is a statement writes into
    its receiver (`losses.append(…)`, `w.sub_(…)`).
    """
    names: list[str] = []
    for node in nodes:
        names.extend(_written_in(node))
    return _each_once(names)


def _written_in(node: ast.AST) -> Iterator[str]:
    for inner in ast.walk(node):
        if isinstance(inner, ast.Expr):
            yield from receivers(inner.value)
        elif isinstance(getattr(inner, "ctx", None), ast.Store):
            yield from _root(inner)


def receivers(node: ast.expr) -> Names:
    """Find the name that a method call may change: `w` in `w.sub_(…)`, not in `w.grad.zero_()`."""
    if not isinstance(node, ast.Call):
        return ()
    method = node.func
    if not isinstance(method, ast.Attribute):
        return ()

    for part in ast.walk(method):
        if isinstance(part, ast.Attribute) and part.attr == "grad":
            return ()
    return _root(method)


def _root(node: Any) -> Names:
    """Find the name at the start of an attribute, item or call."""
    while isinstance(node, CHAIN):
        node = node.func if isinstance(node, ast.Call) else node.value
    if isinstance(node, ast.Name):
        return (node.id,)
    return ()


def _each_once(names: Iterable[str]) -> Names:
    return tuple(dict.fromkeys(names))
