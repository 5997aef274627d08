"""Propose properties of values that depend on seeds: series, shapes and ranges. Pure."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from grader.authoring.drafting.candidates import AnswerCandidate, find_candidates
from grader.authoring.drafting.proposals.base import Observed, Proposal
from grader.authoring.drafting.proposals.notebook_code import LOOP, TaskCode, called_names
from grader.authoring.drafting.syntax import names_bound
from grader.trace import Array, Value

MIN_SERIES = 4
"""Fewest numbers of a series."""
EXACT_BAND = 0.02
"""Band of a series that is the same under each seed."""
BANDS = (0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.5)
MAX_RISE = 0.1
"""How far a series may rise, as a share of its whole fall: the default of its check."""
SERIES = (
    r" (curve|losses|history|each epoch|every epoch|per epoch|at each step|curva|perdas|historico"
    r"|cada epoca|por epoca|perdidas|numa lista|in a list) "
)
"""Words that ask for a series, folded."""
SHARE_MAKERS = frozenset(("rand", "rand_like", "sigmoid", "softmax", "random", "uniform_"))
"""Functions that return numbers between 0 and 1."""


def propose_properties(task: TaskCode, observed: Observed) -> Iterator[Proposal]:
    """Propose the shape, the dtype and the range of an exercise's random tensors.

    They say too little about values that a loop computes from draws.
    """
    if any(isinstance(node, LOOP) for node in task.bindings):
        return
    for candidate in find_candidates(task.code.cells, task.task):
        yield from _properties(task, candidate, observed)


def propose_series(task: TaskCode, observed: Observed) -> Iterator[Proposal]:
    """Propose lists that an exercise fills and is asked for, or that the handout begins."""
    for candidate in find_candidates(task.code.cells, task.task):
        value = observed.value(candidate)
        is_given = candidate.expression in task.code.begun
        is_asked = task.says(SERIES) or task.names(candidate.expression)
        if value is None or not (is_given or is_asked):
            continue
        if is_filled_list(task, candidate, value):
            yield from propose_list(candidate, value, observed)


def is_filled_list(task: TaskCode, candidate: AnswerCandidate, value: Value) -> bool:
    """Return whether an exercise fills a list of numbers, pass by pass."""
    if not isinstance(value, Array) or value.origin != "list":
        return False
    if len(value.shape) != 1 or value.size < MIN_SERIES:
        return False
    for call in task.calls:
        match call.func:
            case ast.Attribute(value=ast.Name(id=name), attr="append"):
                if name == candidate.expression:
                    return True
    return False


def propose_list(
    candidate: AnswerCandidate,
    value: Value,
    observed: Observed,
) -> Iterator[Proposal]:
    """Propose a list of numbers that falls, within a band that holds for each seed."""
    if not isinstance(value, Array):
        return
    last = value.elements[-1]
    if not last:
        return

    widest = 0.0
    for each in _arrays_of(candidate, observed):
        if not _falls(each.elements):
            return
        distance = abs(each.elements[-1] - last)
        widest = max(widest, distance)
    wanted = 1.5 * widest / abs(last)
    if observed.stability(candidate) == "fixed":
        wanted = EXACT_BAND
    for band in BANDS:
        if band >= wanted - 1e-9:
            yield Proposal("series", {"series": {"band": band}}, (candidate,), value)
            return


def _arrays_of(candidate: AnswerCandidate, observed: Observed) -> list[Array]:
    """List the arrays of a candidate in all runs."""
    values = observed.all_values(candidate)
    return [value for value in values if isinstance(value, Array)]


def _falls(numbers: Sequence[float]) -> bool:
    """Return whether numbers end below the first, and do not rise much in between."""
    fall = numbers[0] - min(numbers)
    if numbers[-1] >= numbers[0]:
        return False
    lowest = numbers[0]
    for number in numbers:
        if number > lowest + MAX_RISE * fall:
            return False
        lowest = min(lowest, number)
    return True


def _properties(
    task: TaskCode,
    candidate: AnswerCandidate,
    observed: Observed,
) -> Iterator[Proposal]:
    """Propose properties that a tensor has for every seed."""
    value = observed.value(candidate)
    name = candidate.expression
    if not isinstance(value, Array) or value.origin == "list":
        return
    if not name.isidentifier() or not task.code.is_named(name):
        return
    if value.size < 2 or observed.stability(candidate) == "fixed":
        return

    arrays = _arrays_of(candidate, observed)
    shapes = {each.shape for each in arrays}
    if len(shapes) > 1:
        return
    tensor = f"torch.as_tensor({name})"
    # A constant also has a dtype and lies in a range, so these earn no share of the points.
    is_drawn = f"tuple({name}.shape) == {value.shape!r} and len({tensor}.unique()) > 1"
    holds = [is_drawn]
    if value.origin == "tensor":
        has_dtype = f"{name}.dtype == torch.{value.dtype}"
        holds.append(f"{is_drawn} and {has_dtype}")
    if _is_share(task, name) and _are_shares(arrays):
        is_between = f"bool((({tensor} >= 0) & ({tensor} <= 1)).all())"
        holds.append(f"{is_drawn} and {is_between}")
    yield Proposal("test", {"holds": tuple(holds)})


def _is_share(task: TaskCode, name: str) -> bool:
    """Return whether an exercise draws a value between 0 and 1, or computes a share."""
    for node in task.bindings:
        if name not in names_bound(node):
            continue
        if not SHARE_MAKERS.isdisjoint(called_names(node)):
            return True
    return False


def _are_shares(arrays: Sequence[Array]) -> bool:
    """Return whether all numbers of some arrays are between 0 and 1; False without numbers."""
    if arrays[0].dtype == "bool":
        return False
    numbers: list[float] = []
    for each in arrays:
        numbers.extend(each.elements)
    if not numbers:
        return False
    return min(numbers) >= 0 and max(numbers) <= 1
