"""Put probes between a cell's statements. Runs inside the student's kernel.

A probe is `if probe.on: probe()`: two name look-ups once it is off, since of a statement that runs
a million times only the first two passes are recorded.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Any

from grader.kernel.sites import Site, end_line, names_in, site_of, written_names

PROBE_NAME = "_grader_probe_{}"
"""Builtin that holds a probe."""

SUBSTITUTE_NAME = "_grader_with_other_numbers"
"""Builtin that the expressions of a variant pass through."""

Assignment = ast.Assign | ast.AugAssign | ast.AnnAssign
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
Function = ast.FunctionDef | ast.AsyncFunctionDef
Loop = ast.For | ast.AsyncFor | ast.While

UNCHANGED = (ast.Constant, ast.Await, ast.Yield, ast.YieldFrom, ast.Starred)
"""Expressions that do not pass through the substitution themselves."""


class Instrument:
    """Instruments the cells of one run."""

    def __init__(self, register: Callable[[Site], str] | None, *, substitute: bool) -> None:
        """Take what makes probes, and whether expressions pass through the substitution.

        Args:
            register: called once per site; returns the name under which its probe is found. None:
                there are no probes.
            substitute: a variant: expressions get other numbers in place of the data, asserts are
                left out.
        """
        self._register = register
        self.substitute = substitute

    def visit(self, tree: ast.AST) -> Any:
        """Instrument a module. IPython calls this with each cell's tree."""
        if isinstance(tree, ast.Module):
            tree.body = self._statements(tree.body, "")
        return tree

    def _block(self, statements: Sequence[ast.stmt], scope: str) -> list[ast.stmt]:
        """Instrument the statements of a block, which may not become empty."""
        instrumented = self._statements(statements, scope)
        if not instrumented:
            return [ast.copy_location(ast.Pass(), statements[0])]
        return instrumented

    def _statements(self, statements: Sequence[ast.stmt], scope: str) -> list[ast.stmt]:
        instrumented: list[ast.stmt] = []
        for statement in statements:
            instrumented.extend(self._statement(statement, scope))
        return instrumented

    def _statement(self, node: ast.stmt, scope: str) -> list[ast.stmt]:
        if isinstance(node, ast.Assert) and self.substitute:
            return [ast.copy_location(ast.Pass(), node)]
        if isinstance(node, Definition):
            return [self._definition(node, scope)]
        if isinstance(node, Assignment):
            return self._assignment(node, scope)
        if isinstance(node, ast.Expr):
            return [self._expression(node, scope)]
        if isinstance(node, ast.Return):
            return [self._return(node, scope)]
        if isinstance(node, Loop):
            return self._loop(node, scope)
        self._inside(node, scope)
        return [node]

    def _definition(self, node: Definition, scope: str) -> ast.stmt:
        name = f"{scope}.{node.name}" if scope else node.name
        if isinstance(node, ast.ClassDef):
            # The class's own statements run once and make methods; what they compute is seen
            # through the methods.
            node.body = [self._in_class(inner, name) for inner in node.body]
            return node

        self._follow_defaults(node.args)
        if ast.get_docstring(node, clean=False) is None:
            node.body = self._block(node.body, name)
            return node

        docstring, *statements = node.body
        node.body = [docstring]
        if statements:
            node.body.extend(self._block(statements, name))
        return node

    def _follow_defaults(self, arguments: ast.arguments) -> None:
        arguments.defaults = [self._follow(default) for default in arguments.defaults]
        for index, default in enumerate(arguments.kw_defaults):
            if default is not None:
                arguments.kw_defaults[index] = self._follow(default)

    def _in_class(self, node: ast.stmt, scope: str) -> ast.stmt:
        if isinstance(node, Definition):
            return self._definition(node, scope)
        if isinstance(node, Assignment) and node.value is not None:
            node.value = self._follow(node.value)
        return node

    def _assignment(self, node: Assignment, scope: str) -> list[ast.stmt]:
        if node.value is None:
            return [node]
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        site = site_of(node, scope, "value", targets, node.value)
        node.value = self._follow(node.value)
        return [node, *self._probe(site, node)]

    def _expression(self, node: ast.Expr, scope: str) -> ast.stmt:
        if isinstance(node.value, ast.Constant):
            return node
        site = site_of(node, scope, "shown", [], node.value)
        value = self._follow(node.value)
        self._watch_arguments(node, value, scope)
        node.value = self._call(site, value)
        return node

    def _watch_arguments(self, node: ast.Expr, value: ast.expr, scope: str) -> None:
        """Watch the arguments of `print` and `display`.

        A change of the loss is often printed and never named.
        """
        while isinstance(value, ast.Call) and _is_named(value, SUBSTITUTE_NAME):
            value = value.args[0]
        if not isinstance(value, ast.Call) or not _is_named(value, "print", "display"):
            return

        for index, argument in enumerate(value.args):
            path = f"argument[{index}]"
            value.args[index] = self._argument(node, argument, scope, path)

    def _argument(self, node: ast.Expr, value: ast.expr, scope: str, path: str) -> ast.expr:
        if isinstance(value, (ast.Constant, ast.Starred)):
            return value
        if isinstance(value, ast.JoinedStr):
            for index, part in enumerate(value.values):
                if isinstance(part, ast.FormattedValue):
                    part.value = self._argument(node, part.value, scope, f"{path}[{index}]")
            return value

        site = Site(
            line=node.lineno,
            end_line=end_line(node),
            scope=scope,
            kind="argument",
            rhs=names_in([value]),
            path=path,
        )
        return self._call(site, value)

    def _return(self, node: ast.Return, scope: str) -> ast.stmt:
        if node.value is None or isinstance(node.value, ast.Constant):
            return node
        site = site_of(node, scope, "returned", [], node.value)
        site.path = "return"
        node.value = self._call(site, self._follow(node.value))
        return node

    def _loop(self, node: Loop, scope: str) -> list[ast.stmt]:
        targets = [] if isinstance(node, ast.While) else [node.target]
        written = written_names([*targets, *node.body])
        site = Site(
            line=node.lineno,
            end_line=end_line(node),
            scope=scope,
            kind="loop",
            names=written,
            assigned=written,
            rhs=names_in([node]),
        )
        self._inside(node, scope)
        return [node, *self._probe(site, node)]

    def _inside(self, node: ast.AST, scope: str) -> None:
        """Instrument what a compound statement holds; follow the data in its own expressions."""
        for name, value in ast.iter_fields(node):
            if isinstance(value, list):
                self._inside_list(node, name, value, scope)
            elif isinstance(value, ast.expr) and _is_evaluated(node, value):
                setattr(node, name, self._follow(value))

    def _inside_list(self, node: ast.AST, name: str, values: list[Any], scope: str) -> None:
        if values and isinstance(values[0], ast.stmt):
            setattr(node, name, self._block(values, scope))
            return
        for inner in values:
            if isinstance(inner, (ast.ExceptHandler, ast.match_case, ast.withitem)):
                self._inside(inner, scope)

    def _probe(self, site: Site, node: ast.stmt) -> list[ast.stmt]:
        """Make `if probe.on: probe()`, which stands after a statement."""
        if self._register is None:
            return []
        name = self._register(site)
        is_on = ast.Attribute(ast.Name(name, ast.Load()), "on", ast.Load())
        call = ast.Call(ast.Name(name, ast.Load()), [], [])
        probe = ast.If(is_on, [ast.Expr(call)], [])
        return [_at_end_of(node, probe)]

    def _call(self, site: Site, value: ast.expr) -> ast.expr:
        """Make `probe.passing(value)`: an expression's value goes through the probe unchanged."""
        if self._register is None:
            return value
        name = self._register(site)
        probe = ast.copy_location(ast.Name(name, ast.Load()), value)
        passing = ast.copy_location(ast.Attribute(probe, "passing", ast.Load()), value)
        return ast.copy_location(ast.Call(passing, [value], []), value)

    def _follow(self, node: ast.expr) -> ast.expr:
        if not self.substitute:
            return node
        followed: ast.expr = _Follow().visit(node)
        return _substituted(followed)


class _Follow(ast.NodeTransformer):
    """Passes every call, operator result and list or tuple display through the substitution."""

    def _visit_value(self, node: ast.expr) -> ast.AST:
        self.generic_visit(node)
        return _substituted(node)

    visit_Call = _visit_value
    visit_BinOp = _visit_value
    visit_ListComp = _visit_value

    def _visit_display(self, node: Any) -> ast.AST:
        self.generic_visit(node)
        if not isinstance(node.ctx, ast.Load):
            return node  # type: ignore[no-any-return]
        return _substituted(node)

    visit_List = _visit_display
    visit_Tuple = _visit_display

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
    """Make a call of the substitution with an expression."""
    if isinstance(node, UNCHANGED):
        return node
    if isinstance(node, ast.Call) and _is_named(node, SUBSTITUTE_NAME):
        return node
    function = ast.copy_location(ast.Name(SUBSTITUTE_NAME, ast.Load()), node)
    return ast.copy_location(ast.Call(function, [node], []), node)


def _is_evaluated(node: ast.AST, value: ast.expr) -> bool:
    """Return whether a compound statement evaluates an expression of its own."""
    if isinstance(node, (ast.Delete, ast.match_case)):
        return False
    context = getattr(value, "ctx", None)
    return not isinstance(context, (ast.Store, ast.Del))


def _is_named(call: ast.Call, *names: str) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id in names


def _at_end_of(node: ast.stmt, added: ast.stmt) -> ast.stmt:
    """Place a new statement at the end of another: tracebacks still name the student's line."""
    line = end_line(node)
    for inner in ast.walk(added):
        if isinstance(inner, (ast.stmt, ast.expr)):
            inner.lineno = line
            inner.end_lineno = line
            inner.col_offset = 0
            inner.end_col_offset = 0
    return added
