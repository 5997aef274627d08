"""Propose calls of what a function returns, if that is a function itself. Pure."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from grader.authoring.drafting.candidates import AnswerCandidate
from grader.authoring.drafting.proposals.base import Observed, Proposal
from grader.authoring.drafting.proposals.calls import (
    FunctionNode,
    call_like,
    parameter_requests,
    parameters,
)
from grader.authoring.drafting.proposals.methods import SEEDS, VARIANTS, telling
from grader.authoring.drafting.proposals.notebook_code import PlacedStatement, TaskCode
from grader.authoring.drafting.proposals.trials import evaluated
from grader.authoring.drafting.syntax import FUNCTION
from grader.trace import Value


def requests(task: TaskCode) -> Iterator[AnswerCandidate]:
    """Request the arguments of the functions that the exercise's functions return."""
    for placed in task.functions:
        inner = _returned(placed.node)
        if inner is not None:
            yield from parameter_requests(placed.cell, placed.node).values()
            yield from parameter_requests(placed.cell, inner).values()


def trials(task: TaskCode, observed: Observed) -> Iterator[str]:
    """List the expressions that call a function, and what it returns."""
    for placed in task.functions:
        for expression in _expressions(placed, observed):
            for seed in SEEDS:
                yield evaluated(expression, seed)


def propose(task: TaskCode, observed: Observed) -> Iterator[Proposal]:
    """Propose the expressions with results that no seed changes, unless all are alike."""
    equal: list[str] = []
    for placed in task.functions:
        equal += telling(_expressions(placed, observed), observed)
    if equal:
        yield Proposal("test", {"equal": tuple(equal)})


def _returned(node: ast.AST) -> FunctionNode | None:
    """Find the function inside a function that it returns; None if it returns none."""
    if not isinstance(node, FUNCTION):
        return None
    inner = {}
    for statement in node.body:
        if isinstance(statement, FUNCTION):
            inner[statement.name] = statement
    match node.body[-1]:
        case ast.Return(value=ast.Name(id=name)):
            return inner.get(name)
    return None


def _expressions(placed: PlacedStatement, observed: Observed) -> list[str]:
    inner = _returned(placed.node)
    if inner is None or not isinstance(placed.node, FUNCTION):
        return []
    expressions = []
    for variant in VARIANTS:
        made = _arguments(placed.cell, placed.node, observed, variant)
        called = _arguments(placed.cell, inner, observed, variant)
        if made is not None and called is not None:
            expressions.append(f"{placed.name}({made})({called})")
    return expressions


def _arguments(cell: int, node: FunctionNode, observed: Observed, variant: int) -> str | None:
    """Write arguments like those of a function's first call; None if it was not called."""
    if not parameters(node):
        return ""
    wanted = parameter_requests(cell, node)
    first: list[Value] = []
    for request in wanted.values():
        first += observed.samples.get(request, ())[:1]
    if not first or len(first) < len(wanted):
        return None
    return call_like(first, variant)
