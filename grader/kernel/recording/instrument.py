"""Insert probes between a cell's statements. Runs inside the student's kernel.

A probe is `if probe.on: probe()`: only two name look-ups once it is off, since only the first two
passes of a statement are recorded, even if it runs a million times.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Any, TypeGuard

from grader.kernel.recording.sites import ProbeSite, end_line, names_in, site_of, written_names

PROBE_NAME = "_grader_probe_{}_{}"
"""Builtin that contains a probe: a random part per run, and a number."""

SUBSTITUTE_NAME = "_grader_with_other_numbers"
"""Builtin that the expressions of a variant pass through."""

SUBSTITUTION = (SUBSTITUTE_NAME,)
"""Functions that are the substitution."""

LEAVE_NAME = "_grader_leave"
"""Builtin that raises the exception that ends the cell again, if a handler catches everything."""

Assignment = ast.Assign | ast.AugAssign | ast.AnnAssign
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
Loop = ast.For | ast.AsyncFor | ast.While

Statements = list[ast.stmt]

POSITIONED = (ast.stmt, ast.expr)
"""Nodes that have a position in the source."""

CLAUSES = (ast.ExceptHandler, ast.match_case, ast.withitem)
"""Parts of a compound statement that are neither statements nor expressions."""

PRINTING = ("print", "display")
"""Functions that show their arguments."""

UNCHANGED = (ast.Constant, ast.Await, ast.Yield, ast.YieldFrom, ast.Starred)
"""Expressions that do not pass through the substitution themselves."""


class Instrument:
    """Instruments the cells of one run."""

    def __init__(self, register: Callable[[ProbeSite], str] | None, *, substitute: bool) -> None:
        """Initialise with a factory of probes, and whether expressions may be substituted.

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

    def _block(self, statements: Sequence[ast.stmt], scope: str) -> Statements:
        """Instrument the statements of a block, which must not become empty."""
        instrumented = self._statements(statements, scope)
        if not instrumented:
            return [_pass_at(statements[0])]
        return instrumented

    def _statements(self, statements: Sequence[ast.stmt], scope: str) -> Statements:
        instrumented: Statements = []
        for statement in statements:
            replacement = self._statement(statement, scope)
            instrumented.extend(replacement)
        return instrumented

    def _statement(self, node: ast.stmt, scope: str) -> Statements:
        match node:
            case ast.Assert() if self.substitute:
                return [_pass_at(node)]
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                return [self._definition(node, scope)]
            case ast.Assign() | ast.AugAssign() | ast.AnnAssign():
                return self._assignment(node, scope)
            case ast.Expr():
                return [self._expression(node, scope)]
            case ast.Return():
                return [self._return(node, scope)]
            case ast.For() | ast.AsyncFor() | ast.While():
                return self._loop(node, scope)
            case _:
                self._instrument_inside(node, scope)
                return [node]

    def _definition(self, node: Definition, scope: str) -> ast.stmt:
        name = node.name
        if scope:
            name = f"{scope}.{name}"
        if isinstance(node, ast.ClassDef):
            # The class's own statements run once and make methods; what they compute is seen
            # through the methods.
            body = node.body
            for index, inner in enumerate(body):
                body[index] = self._in_class(inner, name)
            return node

        self._follow_defaults(node.args)
        docstring = ast.get_docstring(node, clean=False)
        if docstring is None:
            node.body = self._block(node.body, name)
            return node

        first, *statements = node.body
        node.body = [first]
        if statements:
            block = self._block(statements, name)
            node.body.extend(block)
        return node

    def _follow_defaults(self, arguments: ast.arguments) -> None:
        defaults = arguments.defaults
        for index, default in enumerate(defaults):
            defaults[index] = self._follow(default)

        keyword_defaults = arguments.kw_defaults
        for index, value in enumerate(keyword_defaults):
            if value is not None:
                keyword_defaults[index] = self._follow(value)

    def _in_class(self, node: ast.stmt, scope: str) -> ast.stmt:
        if isinstance(node, Definition):
            return self._definition(node, scope)
        if not isinstance(node, Assignment):
            return node
        if node.value is not None:
            node.value = self._follow(node.value)
        return node

    def _assignment(self, node: Assignment, scope: str) -> Statements:
        value = node.value
        if value is None:
            return [node]

        targets = _targets(node)
        site = site_of(node, scope, "value", targets, value)
        node.value = self._follow(value)
        return self._then_probe(node, site)

    def _expression(self, node: ast.Expr, scope: str) -> ast.stmt:
        value = node.value
        if isinstance(value, ast.Constant):
            return node

        site = site_of(node, scope, "shown", (), value)
        value = self._follow(value)
        self._watch_arguments(node, value, scope)
        node.value = self._call(site, value)
        return node

    def _watch_arguments(self, node: ast.Expr, value: ast.expr, scope: str) -> None:
        """Watch the arguments of `print` and `display`.

        A change of the loss is often printed and never named.
        """
        while _is_call_of(value, SUBSTITUTION):
            value = value.args[0]
        if not _is_call_of(value, PRINTING):
            return

        arguments = value.args
        for index, argument in enumerate(arguments):
            path = f"argument[{index}]"
            watched = self._argument(node, argument, scope, path)
            arguments[index] = watched

    def _argument(self, node: ast.Expr, value: ast.expr, scope: str, path: str) -> ast.expr:
        if isinstance(value, (ast.Constant, ast.Starred)):
            return value
        if isinstance(value, ast.JoinedStr):
            parts = value.values
            for index, part in enumerate(parts):
                if not isinstance(part, ast.FormattedValue):
                    continue
                part_path = f"{path}[{index}]"
                part.value = self._argument(node, part.value, scope, part_path)
            return value

        site = ProbeSite(
            line=node.lineno,
            end_line=end_line(node),
            column=value.col_offset,
            scope=scope,
            kind="argument",
            rhs=names_in([value]),
            path=path,
        )
        return self._call(site, value)

    def _return(self, node: ast.Return, scope: str) -> ast.stmt:
        value = node.value
        if value is None:
            return node
        if isinstance(value, ast.Constant):
            return node

        site = site_of(node, scope, "returned", (), value)
        site.path = "return"
        followed = self._follow(value)
        node.value = self._call(site, followed)
        return node

    def _loop(self, node: Loop, scope: str) -> Statements:
        parts: list[ast.AST] = []
        if not isinstance(node, ast.While):
            parts.append(node.target)
        parts.extend(node.body)
        written = written_names(parts)
        site = ProbeSite(
            line=node.lineno,
            end_line=end_line(node),
            scope=scope,
            kind="loop",
            names=written,
            assigned=written,
            rhs=names_in([node]),
        )
        self._instrument_inside(node, scope)
        return self._then_probe(node, site)

    def _instrument_inside(self, node: ast.AST, scope: str) -> None:
        """Instrument the body of a compound statement, and follow the data in its expressions."""
        for name, value in ast.iter_fields(node):
            if isinstance(value, list):
                self._inside_list(node, name, value, scope)
                continue
            if not isinstance(value, ast.expr):
                continue
            if _is_evaluated(node, value):
                followed = self._follow(value)
                setattr(node, name, followed)

    def _inside_list(self, node: ast.AST, name: str, values: list[Any], scope: str) -> None:
        match values:
            case [ast.stmt(), *_]:
                block = self._block(values, scope)
                setattr(node, name, block)
                return

        is_try = isinstance(node, ast.Try)
        for inner in values:
            if isinstance(inner, CLAUSES):
                self._instrument_inside(inner, scope)
            if is_try and _catches_everything(inner):
                self._reraise_in(inner)

    def _reraise_in(self, handler: ast.ExceptHandler) -> None:
        """Make a handler raise again the error that ends the cell."""
        if self._register is None:
            return
        statement = _call_statement(LEAVE_NAME)
        for added in ast.walk(statement):
            if isinstance(added, POSITIONED):
                ast.copy_location(added, handler)
        body = handler.body
        body.insert(0, statement)

    def _then_probe(self, node: ast.stmt, site: ProbeSite) -> Statements:
        """Add `if probe.on: probe()` after a statement."""
        if self._register is None:
            return [node]

        name = self._register(site)
        probe = _load(name)
        is_on = _attribute(probe, "on")
        statement = _call_statement(name)
        probing = ast.If(is_on, [statement], [])
        _place_at_end(probing, node)
        return [node, probing]

    def _call(self, site: ProbeSite, value: ast.expr) -> ast.expr:
        """Create `probe.passing(value)`, which records an expression's value and returns it."""
        if self._register is None:
            return value

        name = self._register(site)
        probe = _load(name)
        passing = _attribute(probe, "passing")
        ast.copy_location(probe, value)
        ast.copy_location(passing, value)
        return _call_with(passing, value)

    def _follow(self, node: ast.expr) -> ast.expr:
        if not self.substitute:
            return node
        transformer = _Follow()
        followed: ast.expr = transformer.visit(node)
        return _wrap_in_substitution(followed)


class _Follow(ast.NodeTransformer):
    """Routes every call, operator result and list or tuple display through the substitution."""

    def _visit_value(self, node: ast.expr) -> ast.AST:
        self.generic_visit(node)
        return _wrap_in_substitution(node)

    visit_Call = _visit_value
    visit_BinOp = _visit_value
    visit_ListComp = _visit_value

    def _visit_display(self, node: ast.List | ast.Tuple) -> ast.AST:
        self.generic_visit(node)
        is_target = not isinstance(node.ctx, ast.Load)
        if is_target:
            return node
        return _wrap_in_substitution(node)

    visit_List = _visit_display
    visit_Tuple = _visit_display

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        # The tuple in `x[0, 1, 2]` is an index, not data.
        node.value = self.visit(node.value)
        index = node.slice
        if not isinstance(index, ast.Tuple):
            node.slice = self.visit(index)
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        node.body = self.visit(node.body)
        return node


def _wrap_in_substitution(node: ast.expr) -> ast.expr:
    """Wrap an expression in a call of the substitution."""
    if isinstance(node, UNCHANGED):
        return node
    if _is_call_of(node, SUBSTITUTION):
        return node
    function = _load(SUBSTITUTE_NAME)
    ast.copy_location(function, node)
    return _call_with(function, node)


def _load(name: str) -> ast.Name:
    context = ast.Load()
    return ast.Name(name, context)


def _call_statement(name: str) -> ast.Expr:
    """Create a statement that calls a function without arguments."""
    function = _load(name)
    call = ast.Call(function, [], [])
    return ast.Expr(call)


def _attribute(value: ast.expr, name: str) -> ast.Attribute:
    context = ast.Load()
    return ast.Attribute(value, name, context)


def _pass_at(node: ast.stmt) -> ast.stmt:
    """Create a `pass` at the place of a statement."""
    statement = ast.Pass()
    return ast.copy_location(statement, node)


def _call_with(function: ast.expr, argument: ast.expr) -> ast.expr:
    """Create a call with one argument, at the place of the argument."""
    arguments = [argument]
    call = ast.Call(function, arguments, [])
    return ast.copy_location(call, argument)


def _targets(node: Assignment) -> Sequence[ast.expr]:
    if isinstance(node, ast.Assign):
        return node.targets
    return [node.target]


def _is_evaluated(node: ast.AST, value: ast.expr) -> bool:
    """Return whether a compound statement evaluates an expression in its header."""
    if isinstance(node, (ast.Delete, ast.match_case)):
        return False
    context = getattr(value, "ctx", None)
    is_bound = isinstance(context, (ast.Store, ast.Del))
    return not is_bound


def _catches_everything(node: ast.AST) -> TypeGuard[ast.ExceptHandler]:
    """Return whether a clause is a handler that also catches an interrupt."""
    if not isinstance(node, ast.ExceptHandler):
        return False
    if node.type is None:
        return True
    for part in ast.walk(node.type):
        if isinstance(part, ast.Name) and part.id == "BaseException":
            return True
    return False


def _is_call_of(node: ast.expr, names: Sequence[str]) -> TypeGuard[ast.Call]:
    """Return whether an expression calls one of some functions by name."""
    match node:
        case ast.Call(func=ast.Name(id=name)):
            return name in names
        case _:
            return False


def _place_at_end(added: ast.stmt, node: ast.stmt) -> None:
    """Place a new statement at the end of another: tracebacks still name the student's line."""
    line = end_line(node)
    for inner in ast.walk(added):
        if isinstance(inner, POSITIONED):
            inner.lineno = line
            inner.end_lineno = line
            inner.col_offset = 0
            inner.end_col_offset = 0
