"""Propose to call a function that answers an exercise. Pure."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from grader.authoring.drafting.candidates import AnswerCandidate
from grader.authoring.drafting.proposals.base import Observed, Proposal, is_comparable
from grader.authoring.drafting.proposals.calls import parameter_requests, possible_calls
from grader.authoring.drafting.proposals.notebook_code import (
    PlacedStatement,
    TaskCode,
)
from grader.authoring.drafting.proposals.trials import called, changed
from grader.authoring.drafting.syntax import called_name
from grader.grading.agreement import Tolerance, agrees
from grader.trace import Nothing, Value

MAX_CALLS = 5
MIN_CALLS = 2

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
    return [placed for placed in task.code.definitions.values() if placed.cell in task.task.cells]


def trials(
    task: TaskCode,
    observed: Observed,
) -> Iterator[str]:
    """List the expressions that tell what calls of an exercise's functions give."""
    for placed in functions_of(task):
        for call in possible_calls(
            task,
            placed,
            observed,
        ):
            yield from _tried(placed.node, call)


def _tried(
    node: ast.stmt,
    call: str,
) -> Sequence[str]:
    """Write a call as trials: under two seeds, since a function may draw numbers itself."""
    name = getattr(
        node,
        "name",
        "",
    )
    by_seed = [
        called(
            name,
            call,
            seed,
        )
        for seed in (1, 2)
    ]
    if works_in_place(node):
        by_seed.append(
            changed(
                name,
                call,
                1,
            )
        )
    return by_seed


def works_in_place(node: ast.AST) -> bool:
    """Tell whether a function may change its arguments."""
    for inner in ast.walk(node):
        match inner:
            case ast.Assign(targets=[ast.Subscript() | ast.Attribute()]) | ast.AugAssign():
                return True
            case ast.Call() if _IN_PLACE.fullmatch(called_name(inner)):
                return True
    return False


def propose(
    task: TaskCode,
    observed: Observed,
) -> Iterator[Proposal]:
    """Propose calls of the function of an exercise; of several functions, expressions."""
    functions = task.functions
    if len(functions) == 1:
        yield from propose_calls(
            task,
            functions[0],
            observed,
        )
    expressions: list[str] = []
    for placed in functions:
        name = getattr(
            placed.node,
            "name",
            "",
        )
        calls = right_calls(
            task,
            placed,
            observed,
        )
        if calls:
            written = [f"{name}({call})" for call in calls[:MAX_CALLS]]
            expressions.append(f"({', '.join(written)})")
    if expressions:
        yield Proposal("test", {"equal": tuple(expressions[:20])})
    yield from _propose_shapes(task, observed)


def propose_one(
    task: TaskCode,
    observed: Observed,
) -> Iterator[Proposal]:
    """Propose calls of the one function of an exercise."""
    yield from propose_calls(
        task,
        task.functions[0],
        observed,
    )


def propose_calls(
    task: TaskCode,
    placed: PlacedStatement,
    observed: Observed,
) -> Iterator[Proposal]:
    """Propose calls of one function."""
    name = getattr(
        placed.node,
        "name",
        "",
    )
    mark = AnswerCandidate(
        placed.cell,
        placed.last_line,
        name,
    )
    calls = right_calls(
        task,
        placed,
        observed,
    )
    if len(calls) >= MIN_CALLS:
        fields = {"function": name, "calls": tuple(calls[:MAX_CALLS])}
        yield Proposal(
            "function",
            fields,
            (mark,),
        )
    changing = _changing_calls(
        task,
        placed,
        observed,
    )
    if len(changing) >= MIN_CALLS:
        fields = {"function": name, "calls": tuple(changing[:MAX_CALLS])}
        yield Proposal(
            "function",
            {**fields, "changes": True},
            (mark,),
        )


def right_calls(
    task: TaskCode,
    placed: PlacedStatement,
    observed: Observed,
) -> list[str]:
    """List the calls that give something to compare, whatever is drawn: the most telling first.

    None if all give the same.
    """
    name = getattr(
        placed.node,
        "name",
        "",
    )
    values: dict[str, Value] = {}
    for call in possible_calls(
        task,
        placed,
        observed,
    ):
        first = observed.tried(
            called(
                name,
                call,
                1,
            )
        )
        second = observed.tried(
            called(
                name,
                call,
                2,
            )
        )
        if _is_the_same(first, second):
            values[call] = first[0]
    return _different(values)


def _is_the_same(
    first: Sequence[Value],
    second: Sequence[Value],
) -> bool:
    """Tell whether something to compare came out each time, and always the same."""
    everything = [*first, *second]
    if not first or not second or not all(map(is_comparable, everything)):
        return False
    return all(
        agrees(
            value,
            first[0],
            Tolerance(),
        )
        for value in everything
    )


def _different(values: dict[str, Value]) -> list[str]:
    """Sort calls so that each gives another value than those before; none if all give the same."""
    fresh: list[str] = []
    repeated: list[str] = []
    for call, value in values.items():
        known = [values[other] for other in fresh]
        is_known = any(
            agrees(
                value,
                other,
                Tolerance(),
            )
            for other in known
        )
        target = repeated if is_known else fresh
        target.append(call)
    return [*fresh, *repeated] if len(fresh) > 1 else []


def _changing_calls(
    task: TaskCode,
    placed: PlacedStatement,
    observed: Observed,
) -> list[str]:
    """List the calls of a function that returns nothing, and changes its first argument."""
    name = getattr(
        placed.node,
        "name",
        "",
    )
    values: dict[str, Value] = {}
    for call in possible_calls(
        task,
        placed,
        observed,
    ):
        returned = observed.tried(
            called(
                name,
                call,
                1,
            )
        )
        if not returned or not all(isinstance(value, Nothing) for value in returned):
            continue
        left = observed.tried(
            changed(
                name,
                call,
                1,
            )
        )
        if left and is_comparable(left[0]):
            values[call] = left[0]
    return _different(values)


def _propose_shapes(
    task: TaskCode,
    observed: Observed,
) -> Iterator[Proposal]:
    """Propose the shapes of what a function returns that draws numbers itself."""
    expressions: list[str] = []
    for placed in task.functions:
        name = getattr(
            placed.node,
            "name",
            "",
        )
        for call in possible_calls(
            task,
            placed,
            observed,
        ):
            given = observed.tried(
                called(
                    name,
                    call,
                    1,
                )
            )
            if given and all(value.kind == "array" for value in given):
                expressions.append(f"tuple({name}({call}).shape)")
    distinct = list(dict.fromkeys(expressions))
    if len(distinct) >= MIN_CALLS:
        yield Proposal("test", {"equal": tuple(distinct[:MAX_CALLS])})
