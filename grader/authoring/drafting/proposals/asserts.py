"""Propose the test cells that another grader has for an exercise. Pure.

An assertion that compares becomes an expression, so that the expected value stays out of the
kernel.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from grader.authoring.drafting.proposals.base import Field, Observed, Proposal
from grader.authoring.drafting.proposals.networks import is_same_each_time
from grader.authoring.drafting.proposals.notebook_code import TaskCode
from grader.authoring.drafting.proposals.trials import evaluated
from grader.authoring.drafting.syntax import called_name, names_bound, names_read
from grader.grading.agreement import is_true
from grader.notebook.code import parse_cell
from grader.trace import Value

COMPARING = frozenset(
    (
        "allclose",
        "assert_allclose",
        "assert_almost_equal",
        "assert_array_almost_equal",
        "assert_array_equal",
        "assert_close",
        "assert_equal",
        "assertAlmostEqual",
        "assertEqual",
        "equal",
        "isclose",
        "array_equal",
    )
)
"""Functions that compare their first argument with their second."""
COMPARING_MODULES = ("np", "torch", "numpy", "math")
"""Modules that have such functions."""
MAX_EXPRESSIONS = 20


@dataclass
class _Read:
    """The contents of test cells."""

    setup: list[str] = field(default_factory=list)
    """Statements that run before each expression."""
    equal: list[str] = field(default_factory=list)
    holds: list[str] = field(default_factory=list)
    is_whole: bool = True
    """Whether all assertions have become expressions."""

    @property
    def setup_code(self) -> str:
        """The setup as code."""
        return "\n".join(self.setup)

    @property
    def expressions(self) -> list[str]:
        """The expressions of both kinds."""
        return [*self.equal, *self.holds]


def expressions_of(task: TaskCode) -> _Read:
    """Read the test cells of an exercise."""
    read = _Read()
    for source in task.task.tests:
        _read_test(read, source)
    if not task.task.tests:
        for statement in _given_assertions(task):
            _read_statement(read, statement)
    return read


def _given_assertions(task: TaskCode) -> Iterator[ast.Assert]:
    """List the handout's assertions about names that an exercise binds."""
    bound: set[str] = set()
    for placed in task.others:
        names = names_bound(placed.node)
        bound.update(names)
    for placed in task.code.statements:
        if placed.is_answer:
            continue
        if not isinstance(placed.node, ast.Assert):
            continue
        read = names_read(placed.node)
        if read.isdisjoint(bound):
            continue
        if all(map(task.code.is_known, read - bound)):
            yield placed.node


def _read_test(read: _Read, source: str) -> None:
    if ">>>" in source:
        _read_doctest(read, source)
        return
    for statement in parse_cell(source).body:
        _read_statement(read, statement)


def _read_doctest(read: _Read, source: str) -> None:
    """Read examples such as `>>> f(3)` with their results below them."""
    for line in source.split("\n"):
        _, prompt, code = line.partition(">>> ")
        if not prompt:
            continue
        for statement in parse_cell(code).body:
            if isinstance(statement, ast.Expr):
                _read_assertion(read, statement.value)
            else:
                _read_statement(read, statement)


def _read_statement(read: _Read, statement: ast.stmt) -> None:
    match statement:
        case ast.Assert(test=test):
            _read_assertion(read, test)
        case ast.Expr(value=ast.Call() as call) if called_name(call) in COMPARING:
            _read_assertion(read, call)
        case ast.Expr(value=ast.Call() as call) if called_name(call) == "print":
            return
        case ast.Expr(value=ast.Constant()):
            return
        case ast.Assign() | ast.AugAssign() | ast.Import() | ast.ImportFrom():
            code = ast.unparse(statement)
            read.setup.append(code)
        case _:
            read.is_whole = False


def _read_assertion(read: _Read, test: ast.expr) -> None:
    match test:
        case ast.BoolOp(op=ast.And(), values=values):
            for value in values:
                _read_assertion(read, value)
        case ast.Compare(left=left, ops=[ast.Eq() | ast.Is()], comparators=[right]):
            _compare(read, left, right)
        case ast.Call(args=[left, right, *_]) if called_name(test) in COMPARING:
            _compare(read, left, right)
        case ast.Call(func=ast.Attribute(value=left, attr=name), args=[right]) if (
            name in COMPARING and not _is_module(left)
        ):
            _compare(read, left, right)
        case ast.Call(func=ast.Name(id="bool" | "all"), args=[inner]):
            _read_assertion(read, inner)
        case _:
            _hold(read, test)


def _compare(read: _Read, left: ast.expr, right: ast.expr) -> None:
    """Add the side of a comparison that is not written out."""
    if isinstance(left, ast.Constant) or not names_read(left):
        left, right = right, left
    if isinstance(right, ast.Constant):
        left = _without_rounding(left)
    asked = ast.unparse(left)
    read.equal.append(asked)


def _without_rounding(node: ast.expr) -> ast.expr:
    match node:
        case ast.Call(args=[inner, *_]) if called_name(node) == "round":
            return inner
    return node


def _hold(read: _Read, test: ast.expr) -> None:
    """Add an assertion unchanged; one with numbers in it stays in the test cell."""
    expression = ast.unparse(test)
    if any(map(_is_number, ast.walk(test))):
        read.equal.append(expression)
        read.is_whole = False
        return
    read.holds.append(expression)


def _is_number(node: ast.AST) -> bool:
    match node:
        case ast.Constant(value=bool()):
            return False
        case ast.Constant(value=int() | float()):
            return True
    return False


def _is_module(node: ast.expr) -> bool:
    if not isinstance(node, ast.Name):
        return False
    return node.id in COMPARING_MODULES


def trials(task: TaskCode, observed: Observed) -> Iterator[str]:
    """List the expressions that evaluate the values checked by the test cells."""
    read = expressions_of(task)
    for expression in read.expressions:
        yield from _trials_of(expression, read)


def _trials_of(expression: str, read: _Read) -> Iterator[str]:
    """Write the trials of an expression, one for each seed."""
    for seed in (1, 2):
        yield evaluated(expression, seed, read.setup_code)


def propose(task: TaskCode, observed: Observed) -> Iterator[Proposal]:
    """Propose the expressions of the test cells, or else the cells themselves."""
    read = expressions_of(task)
    if read.is_whole and read.expressions:
        fields = _fields(read, observed)
        if fields is not None:
            yield Proposal("test", fields)
    code = "\n".join(_asserting(task.task.tests))
    if code:
        yield Proposal("test", {"code": code, "hidden": True})


def _fields(read: _Read, observed: Observed) -> dict[str, Field] | None:
    """List the expressions as fields of a check; None if one cannot be compared."""
    equal = [each for each in read.equal if _is_same(each, read, observed)]
    holds = [each for each in read.holds if _is_held(each, read, observed)]
    usable = {*equal, *holds}
    if len(usable) < len(set(read.expressions)):
        return None

    fields: dict[str, Field] = {}
    if read.setup:
        fields["setup"] = read.setup_code
    if equal:
        fields["equal"] = _first(equal)
    if holds:
        fields["holds"] = _first(holds)
    return fields


def _first(expressions: Sequence[str]) -> tuple[str, ...]:
    distinct = dict.fromkeys(expressions)
    return tuple(distinct)[:MAX_EXPRESSIONS]


def _is_same(expression: str, read: _Read, observed: Observed) -> bool:
    """Return whether an expression has the same value for all seeds."""
    values: list[Value] = []
    for trial in _trials_of(expression, read):
        values += observed.tried(trial)
    return is_same_each_time(values)


def _is_held(expression: str, read: _Read, observed: Observed) -> bool:
    trial = evaluated(expression, 1, read.setup_code)
    values = observed.tried(trial)
    if not values:
        return False
    return all(map(is_true, values))


def _asserting(tests: Sequence[str]) -> Iterator[str]:
    """Yield the test cells that assert something in plain code."""
    for source in tests:
        if ">>>" in source:
            continue
        if "assert" in source:
            yield source
