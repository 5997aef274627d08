"""Propose to call a function that answers an exercise. Pure."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from grader.authoring.drafting.candidates import AnswerCandidate
from grader.authoring.drafting.proposals.base import (
    Field,
    Observed,
    Proposal,
    is_alike,
    is_comparable,
)
from grader.authoring.drafting.proposals.calls import parameter_requests, possible_calls
from grader.authoring.drafting.proposals.notebook_code import PlacedStatement, TaskCode
from grader.authoring.drafting.proposals.trials import called, changed
from grader.authoring.drafting.syntax import called_name
from grader.trace import Nothing, Value

MAX_CALLS = 5
MIN_CALLS = 2
MAX_EXPRESSIONS = 20
"""Most functions of an exercise that are called in one test."""

_SEEDS = (1, 2)
"""A call is tried under both, since a function may draw numbers itself."""
_IN_PLACE = re.compile(r"[a-z]\w*_")
"""Methods that change what they are called on."""


def requests(task: TaskCode) -> Iterator[AnswerCandidate]:
    """Ask what the functions of an exercise are called with."""
    for placed in functions_of(task):
        yield from parameter_requests(placed.cell, placed.node).values()


def functions_of(task: TaskCode) -> list[PlacedStatement]:
    """List the functions that an exercise defines, or that its marks name."""
    if not task.task.marked:
        return task.functions
    definitions = task.code.definitions.values()
    return [placed for placed in definitions if placed.cell in task.task.cells]


def trials(task: TaskCode, observed: Observed) -> Iterator[str]:
    """List the expressions that tell what calls of an exercise's functions give."""
    for placed in functions_of(task):
        name = placed.name
        changes = works_in_place(placed.node)
        for call in possible_calls(task, placed, observed):
            for seed in _SEEDS:
                yield called(name, call, seed)
            if changes:
                yield changed(name, call, _SEEDS[0])


def works_in_place(node: ast.AST) -> bool:
    """Return whether a function may change its arguments."""
    return any(map(_writes_into, ast.walk(node)))


def _writes_into(node: ast.AST) -> bool:
    """Return whether a statement or a call writes into something that exists already."""
    match node:
        case ast.AugAssign():
            return True
        case ast.Assign(targets=[target]):
            return isinstance(target, (ast.Subscript, ast.Attribute))
        case ast.Call():
            name = called_name(node)
            return _IN_PLACE.fullmatch(name) is not None
    return False


@dataclass(frozen=True)
class _TriedFunction:
    """A function of an exercise, and what its calls gave."""

    task: TaskCode
    placed: PlacedStatement
    observed: Observed

    @property
    def name(self) -> str:
        return self.placed.name

    @cached_property
    def calls(self) -> list[str]:
        """Arguments to call it with."""
        return possible_calls(self.task, self.placed, self.observed)

    def written(self, call: str) -> str:
        """Write a call of it."""
        return f"{self.name}({call})"

    def returned(self, call: str, seed: int) -> Sequence[Value]:
        """Return what a call gave in each run."""
        trial = called(self.name, call, seed)
        return self.observed.tried(trial)

    def always_returned(self, call: str) -> Value | None:
        """Return what a call gives whatever is drawn; None: it varies, or cannot be compared."""
        first, second = [self.returned(call, seed) for seed in _SEEDS]
        if not first or not second:
            return None

        expected = first[0]
        for value in (*first, *second):
            if not is_comparable(value):
                return None
            if not is_alike(value, expected):
                return None
        return expected

    def changed_argument(self, call: str) -> Value | None:
        """Return what a call that returns nothing leaves in its first argument."""
        returned = self.returned(call, _SEEDS[0])
        if not returned:
            return None
        if not all(isinstance(value, Nothing) for value in returned):
            return None

        trial = changed(self.name, call, _SEEDS[0])
        remaining = self.observed.tried(trial)
        if not remaining:
            return None
        first = remaining[0]
        if not is_comparable(first):
            return None
        return first

    def right_calls(self) -> list[str]:
        """List the calls that give something to compare, the most telling first.

        None if all give the same.
        """
        values = map(self.always_returned, self.calls)
        return _most_telling(self.calls, values)

    def changing_calls(self) -> list[str]:
        """List the calls that return nothing, and change their first argument."""
        values = map(self.changed_argument, self.calls)
        return _most_telling(self.calls, values)

    def proposal(self, calls: Sequence[str]) -> Proposal:
        """Propose to make the first of some calls; the mark stands below the definition."""
        mark = AnswerCandidate(self.placed.cell, self.placed.last_line, self.name)
        first = tuple(calls[:MAX_CALLS])
        fields: dict[str, Field] = {"function": self.name, "calls": first}
        return Proposal("function", fields, (mark,))


def _most_telling(calls: Iterable[str], values: Iterable[Value | None]) -> list[str]:
    """Sort calls so that each gives another value than those before; none if all give the same.

    Args:
        calls: the arguments of each.
        values: what each gives; None: nothing to compare.
    """
    known: list[Value] = []
    fresh: list[str] = []
    repeated: list[str] = []
    for call, value in zip(calls, values, strict=True):
        if value is None:
            continue
        if any(is_alike(value, other) for other in known):
            repeated.append(call)
        else:
            fresh.append(call)
            known.append(value)
    if len(fresh) < 2:
        return []
    return [*fresh, *repeated]


def propose(task: TaskCode, observed: Observed) -> Iterator[Proposal]:
    """Propose calls of the function of an exercise; of several functions, expressions."""
    if len(task.functions) == 1:
        yield from propose_one(task, observed)
    yield from _propose_together(task, observed)
    yield from _propose_shapes(task, observed)


def propose_one(task: TaskCode, observed: Observed) -> Iterator[Proposal]:
    """Propose calls of the one function of an exercise."""
    yield from propose_calls(task, task.functions[0], observed)


def propose_calls(
    task: TaskCode,
    placed: PlacedStatement,
    observed: Observed,
) -> Iterator[Proposal]:
    """Propose calls of one function."""
    function = _TriedFunction(task, placed, observed)
    calls = function.right_calls()
    if len(calls) >= MIN_CALLS:
        yield function.proposal(calls)

    changing = function.changing_calls()
    if len(changing) >= MIN_CALLS:
        proposal = function.proposal(changing)
        fields = {**proposal.fields, "changes": True}
        yield replace(proposal, fields=fields)


def _propose_together(task: TaskCode, observed: Observed) -> Iterator[Proposal]:
    """Propose a test with one expression for each function: a tuple of what its calls give."""
    expressions: list[str] = []
    for placed in task.functions:
        function = _TriedFunction(task, placed, observed)
        calls = function.right_calls()[:MAX_CALLS]
        if not calls:
            continue
        written = map(function.written, calls)
        joined = ", ".join(written)
        expressions.append(f"({joined})")

    if expressions:
        compared = tuple(expressions[:MAX_EXPRESSIONS])
        yield Proposal("test", {"equal": compared})


def _propose_shapes(task: TaskCode, observed: Observed) -> Iterator[Proposal]:
    """Propose the shapes of what a function returns that draws numbers itself."""
    expressions: list[str] = []
    for placed in task.functions:
        function = _TriedFunction(task, placed, observed)
        for call in function.calls:
            returned = function.returned(call, _SEEDS[0])
            if not returned or any(value.kind != "array" for value in returned):
                continue
            written = function.written(call)
            expressions.append(f"tuple({written}.shape)")

    distinct = list(dict.fromkeys(expressions))
    if len(distinct) >= MIN_CALLS:
        compared = tuple(distinct[:MAX_CALLS])
        yield Proposal("test", {"equal": compared})
