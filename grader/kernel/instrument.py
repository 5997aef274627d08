"""Puts probes between a cell's statements. Runs inside the student's kernel: standard library only.

A probe is `if probe.on: probe()`: two name look-ups once it is off, since of a statement that runs a million times
only the first two passes are recorded.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

PROBE_NAME = "_grader_probe_{}"
SUBSTITUTE_NAME = "_grader_with_other_numbers"


@dataclass(slots=True)
class Site:
    """A statement that is watched."""

    line: int
    end_line: int
    scope: str
    kind: str
    """`value`, `shown`, `returned`, `argument` or `loop`."""
    names: tuple[str, ...]
    """Names the statement holds, in order, each once."""
    assigned: tuple[str, ...]
    """Names it binds or writes into."""
    rhs: tuple[str, ...]
    """Names its right-hand side reads; of an expression statement, all it reads."""
    path: str = ""
    """What an expression's value is called: `return`, `argument[0]`; empty for the expression of a statement."""
    offset: int = 0
    """How many lines of its cell stand above the code that it was compiled with."""
    source: str = ""
    """Its first line, as the student wrote it."""


class Instrument:
    """Instruments the cells of one run."""

    def __init__(self, register: Callable[[Site], str] | None, *, substitute: bool) -> None:
        """Take what gives a site its probe, and whether expressions are passed through the substitution.

        Args:
            register: called once per site; returns the name under which its probe is found. None: there are no probes.
            substitute: a variant: expressions get other numbers in place of the data, asserts are left out.
        """
        self._register = register
        self.substitute = substitute

    def visit(self, tree: ast.AST) -> Any:
        """Instrument a module. IPython calls this with each cell's tree."""
        if isinstance(tree, ast.Module):
            tree.body = self._block(tree.body, "", top=True)
        return tree

    def _block(
        self, statements: Sequence[ast.stmt], scope: str, *, top: bool = False
    ) -> list[ast.stmt]:
        out: list[ast.stmt] = []
        for statement in statements:
            out.extend(self._statement(statement, scope))
        return out or ([] if top else [ast.copy_location(ast.Pass(), statements[0])])

    def _statement(self, node: ast.stmt, scope: str) -> list[ast.stmt]:
        if isinstance(node, ast.Assert) and self.substitute:
            return [ast.copy_location(ast.Pass(), node)]
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            return [self._definition(node, scope)]
        if isinstance(node, (ast.Assign, ast.AugAssign, ast.AnnAssign)):
            return self._assignment(node, scope)
        if isinstance(node, ast.Expr):
            return [self._expression(node, scope)]
        if isinstance(node, ast.Return):
            return [self._return(node, scope)]
        if isinstance(node, (ast.For, ast.AsyncFor, ast.While)):
            return self._loop(node, scope)
        self._inside(node, scope)
        return [node]

    def _definition(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, scope: str
    ) -> ast.stmt:
        name = f"{scope}.{node.name}" if scope else node.name
        if isinstance(node, ast.ClassDef):
            # The class's own statements run once and make methods; what they compute is seen through the methods.
            node.body = [self._in_class(inner, name) for inner in node.body]
            return node
        defaults = node.args
        defaults.defaults = [self._follow(default) for default in defaults.defaults]
        defaults.kw_defaults = [
            default and self._follow(default) for default in defaults.kw_defaults
        ]
        documented = ast.get_docstring(node, clean=False) is not None
        head, body = node.body[: int(documented)], node.body[int(documented) :]
        node.body = [*head, *(self._block(body, name) if body else [])]
        return node

    def _in_class(self, node: ast.stmt, scope: str) -> ast.stmt:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            return self._definition(node, scope)
        if isinstance(node, (ast.Assign, ast.AugAssign, ast.AnnAssign)) and node.value is not None:
            node.value = self._follow(node.value)
        return node

    def _assignment(
        self, node: ast.Assign | ast.AugAssign | ast.AnnAssign, scope: str
    ) -> list[ast.stmt]:
        if node.value is None:
            return [node]
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        site = self._site(node, scope, "value", targets, node.value)
        node.value = self._follow(node.value)
        return [node, *self._probe(site, node)]

    def _expression(self, node: ast.Expr, scope: str) -> ast.stmt:
        if isinstance(node.value, ast.Constant):
            return node
        site = self._site(node, scope, "shown", [], node.value)
        value = self._follow(node.value)
        self._watch_arguments(node, value, scope)
        node.value = self._call(site, value)
        return node

    def _watch_arguments(self, node: ast.Expr, value: ast.expr, scope: str) -> None:
        """Watch what `print` and `display` are given: a change of the loss is often printed and never named."""
        while isinstance(value, ast.Call) and _is_named(value, SUBSTITUTE_NAME):
            value = value.args[0]
        if not (isinstance(value, ast.Call) and _is_named(value, "print", "display")):
            return
        holders = [(value.args, index) for index in range(len(value.args))]
        for count, (holder, index) in enumerate(holders):
            holder[index] = self._argument(node, holder[index], scope, f"argument[{count}]")

    def _argument(self, node: ast.Expr, value: ast.expr, scope: str, path: str) -> ast.expr:
        if isinstance(value, ast.JoinedStr):
            for count, part in enumerate(value.values):
                if isinstance(part, ast.FormattedValue):
                    part.value = self._argument(node, part.value, scope, f"{path}[{count}]")
            return value
        if isinstance(value, (ast.Constant, ast.Starred)):
            return value
        site = Site(node.lineno, _end(node), scope, "argument", (), (), _names([value]), path)
        return self._call(site, value)

    def _return(self, node: ast.Return, scope: str) -> ast.stmt:
        if node.value is not None and not isinstance(node.value, ast.Constant):
            site = self._site(node, scope, "returned", [], node.value)
            site.path = "return"
            node.value = self._call(site, self._follow(node.value))
        return node

    def _loop(self, node: ast.For | ast.AsyncFor | ast.While, scope: str) -> list[ast.stmt]:
        targets = [node.target] if isinstance(node, (ast.For, ast.AsyncFor)) else []
        written = tuple(
            dict.fromkeys(name for part in [*targets, *node.body] for name in _written(part))
        )
        site = Site(node.lineno, _end(node), scope, "loop", written, written, _names([node]))
        self._inside(node, scope)
        return [node, *self._probe(site, node)]

    def _inside(self, node: ast.AST, scope: str) -> None:
        """Instrument what a compound statement holds; follow the data in its own expressions."""
        for name, value in ast.iter_fields(node):
            if isinstance(value, list) and value and isinstance(value[0], ast.stmt):
                setattr(node, name, self._block(value, scope))
            elif isinstance(value, list):
                for inner in value:
                    if isinstance(inner, (ast.ExceptHandler, ast.match_case, ast.withitem)):
                        self._inside(inner, scope)
            elif isinstance(value, ast.expr) and not isinstance(node, (ast.Delete, ast.match_case)):
                if isinstance(getattr(value, "ctx", None), (ast.Store, ast.Del)):
                    continue
                setattr(node, name, self._follow(value))

    def _site(
        self, node: ast.stmt, scope: str, kind: str, targets: Sequence[ast.expr], value: ast.expr
    ) -> Site:
        assigned = tuple(dict.fromkeys(name for target in targets for name in _written(target)))
        reads = _names([value])
        if isinstance(node, ast.AugAssign):
            reads = tuple(dict.fromkeys(assigned + reads))
        if not targets:
            assigned = _receivers(value)
        inner = _names([*targets])
        return Site(
            node.lineno,
            _end(node),
            scope,
            kind,
            tuple(dict.fromkeys(inner + reads)),
            assigned,
            reads,
        )

    def _probe(self, site: Site, node: ast.stmt) -> list[ast.stmt]:
        if self._register is None:
            return []
        name = self._register(site)
        test = ast.Attribute(ast.Name(name, ast.Load()), "on", ast.Load())
        call = ast.Expr(ast.Call(ast.Name(name, ast.Load()), [], []))
        return [_at(ast.If(test, [call], []), node)]

    def _call(self, site: Site, value: ast.expr) -> ast.expr:
        """`probe.passing(value)`: what the expression gives goes through the probe unchanged."""
        if self._register is None:
            return value
        probe = ast.copy_location(ast.Name(self._register(site), ast.Load()), value)
        passing = ast.copy_location(ast.Attribute(probe, "passing", ast.Load()), value)
        return ast.copy_location(ast.Call(passing, [value], []), value)

    def _follow(self, node: ast.expr) -> ast.expr:
        if not self.substitute:
            return node
        followed: ast.expr = _Follow().visit(node)
        return _substituted(followed)


class _Follow(ast.NodeTransformer):
    """Passes every call, operator result and list or tuple display through the substitution."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        return _substituted(node)

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        return _substituted(node)

    def visit_ListComp(self, node: ast.ListComp) -> ast.AST:
        self.generic_visit(node)
        return _substituted(node)

    def visit_List(self, node: ast.List) -> ast.AST:
        self.generic_visit(node)
        return _substituted(node) if isinstance(node.ctx, ast.Load) else node

    def visit_Tuple(self, node: ast.Tuple) -> ast.AST:
        self.generic_visit(node)
        return _substituted(node) if isinstance(node.ctx, ast.Load) else node

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        # `x[0, 1, 2]` holds a tuple that is an index, not data.
        node.value = self.visit(node.value)
        if not isinstance(node.slice, ast.Tuple):
            node.slice = self.visit(node.slice)
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        node.body = self.visit(node.body)
        return node


def _substituted(node: ast.expr) -> ast.expr:
    if isinstance(node, (ast.Constant, ast.Await, ast.Yield, ast.YieldFrom, ast.Starred)):
        return node
    if isinstance(node, ast.Call) and _is_named(node, SUBSTITUTE_NAME):
        return node
    function = ast.copy_location(ast.Name(SUBSTITUTE_NAME, ast.Load()), node)
    return ast.copy_location(ast.Call(function, [node], []), node)


def _at(node: ast.stmt, like: ast.stmt) -> ast.stmt:
    """A new statement at the end of another, so that a traceback still names the student's line."""
    for inner in ast.walk(node):
        if isinstance(inner, (ast.stmt, ast.expr)):
            inner.lineno = inner.end_lineno = _end(like)
            inner.col_offset = inner.end_col_offset = 0
    return node


def _end(node: ast.stmt) -> int:
    return node.end_lineno or node.lineno


def _names(nodes: Iterable[ast.AST]) -> tuple[str, ...]:
    found = (inner.id for node in nodes for inner in ast.walk(node) if isinstance(inner, ast.Name))
    return tuple(dict.fromkeys(found))


def _written(node: ast.AST) -> tuple[str, ...]:
    """Names bound in a node, and names of the objects written into (`w` in `w.data = …`, `losses` in `losses[0] = …`).

    A method call that ends a statement writes into its receiver (`losses.append(…)`, `w.sub_(…)`).
    """
    found: list[str] = []
    for inner in ast.walk(node):
        if isinstance(inner, (ast.Name, ast.Attribute, ast.Subscript)) and isinstance(
            inner.ctx, ast.Store
        ):
            found.extend(_root(inner))
        elif isinstance(inner, ast.Expr):
            found.extend(_receivers(inner.value))
    return tuple(dict.fromkeys(found))


def _receivers(node: ast.expr) -> tuple[str, ...]:
    """The name a method call may change: `w` in `w.sub_(…)`, but not in `w.grad.zero_()`."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        of_gradient = any(
            isinstance(part, ast.Attribute) and part.attr == "grad" for part in ast.walk(node.func)
        )
        return () if of_gradient else _root(node.func)
    return ()


def _is_named(call: ast.Call, *names: str) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id in names


def _root(node: Any) -> tuple[str, ...]:
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Call)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return (node.id,) if isinstance(node, ast.Name) else ()
