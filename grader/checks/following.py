"""Decides whether an answer follows the data: the heart of the grader. Pure.

An answer that was computed gives, with other numbers in place of the data, what the reference gives with them. It is
looked for at the same place in every run, so that a curve which happens to pass through the right values earns
nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Literal

from grader.checks.finding import Candidate, Found, Place, candidates
from grader.expectation import Expectation
from grader.trace import BASE, CodeCell, Number, Run, Trace

State = Literal["agrees", "same", "moved", "absent", "void"]
"""Of a place in a variant: it agrees with the reference; holds what it held on the handed-out data; holds something
else; is not there; or the variant could not be made, since its numbers found no data to replace."""

Verdict = Literal["follows", "does-not-follow", "only-here", "input-not-seen", "raises", "nothing-moved", "not-run"]

AGAIN = "-again"
"""Ends the labels of the runs in a fresh kernel that confirm a denial."""


@dataclass(frozen=True)
class Following:
    """Whether an answer follows the data, by which value, and what an instructor should look at."""

    verdict: Verdict
    found: Found | None
    error: str = ""
    """Of `raises`: the exception that a variant alone raised."""


def follow(
    trace: Trace,
    found: list[Found],
    look_in: Collection[str],
    expectation: Expectation,
    handout: tuple[CodeCell, ...],
) -> Following:
    """Whether one of the values that agree on the handed-out data follows every variant.

    Args:
        trace: the runs.
        found: the values that agree on the handed-out data, the one that earns most first; not empty.
        look_in: kinds of events that count.
        expectation: what the reference gives, per run.
        handout: the handout's code cells: numbers that stand in them are no evidence of typing in.
    """
    labels = [label for label in expectation.runs if label != BASE]
    if not labels:
        return Following("follows", found[0])
    attempts = [_Attempt(trace, labels, ending, look_in) for ending in ("", AGAIN)]
    for one in found:
        for attempt in attempts:
            if attempt.confirms(one, expectation):
                return Following("follows", one)
    return _why_not(trace, found, attempts[0], expectation, handout)


class _Attempt:
    """The runs on all variants: in the kernel of the base run, or again in a fresh one."""

    def __init__(self, trace: Trace, labels: list[str], ending: str, look_in: Collection[str]) -> None:
        self.runs = [(label, run) for label in labels if (run := trace.run(label + ending)) is not None]
        self.complete = len(self.runs) == len(labels)
        self._values = {label: _by_place(run, look_in) for label, run in self.runs}

    def states(self, one: Found, expectation: Expectation) -> list[State]:
        return [self._state(one, label, run, expectation) for label, run in self.runs]

    def confirms(self, one: Found, expectation: Expectation) -> bool:
        states = [state for state in self.states(one, expectation) if state != "void"]
        return self.complete and bool(states) and set(states) == {"agrees"}

    def _state(self, one: Found, label: str, run: Run, expectation: Expectation) -> State:
        if not run.carried or not all(run.carried.values()):
            return "void"
        there = self._values[label].get(one.candidate.place, [])
        if not there:
            return "absent"
        if any(candidate.credit(expectation, label) >= one.credit for candidate in there):
            return "agrees"
        return "same" if any(_same(candidate, one.candidate) for candidate in there) else "moved"


def _by_place(run: Run, look_in: Collection[str]) -> dict[Place, list[Candidate]]:
    places: dict[Place, list[Candidate]] = {}
    for candidate in candidates(run, look_in, ()):
        places.setdefault(candidate.place, []).append(candidate)
    return places


def _same(one: Candidate, other: Candidate) -> bool:
    if isinstance(one.value, Number) and isinstance(other.value, Number):
        return one.value.value == other.value.value
    return one.value == other.value


def _why_not(
    trace: Trace,
    found: list[Found],
    attempt: _Attempt,
    expectation: Expectation,
    handout: tuple[CodeCell, ...],
) -> Following:
    if not attempt.complete:
        return Following("not-run", found[0])
    states = {state: one for one in reversed(found) for state in attempt.states(one, expectation)}
    if set(states) == {"void"}:
        return Following("input-not-seen", found[0])
    if "absent" in states and (error := _new_error(trace, attempt, states["absent"])):
        return Following("raises", states["absent"], error)
    if "same" in states:
        typed = any(typed_in(trace, handout))
        return Following("does-not-follow" if typed else "nothing-moved", states["same"])
    if "moved" in states:
        return Following("only-here", states["moved"])
    return Following("not-run", found[0])


def _new_error(trace: Trace, attempt: _Attempt, one: Found) -> str:
    """The first exception in a variant, up to the answer's cell, in a cell that ended well on the handed-out data."""
    for _, run in attempt.runs:
        for cell in run.cells:
            if cell.status != "ok" and trace.base.ended_well(cell.cell):
                return cell.error or cell.status
        if not any(cell.cell == one.candidate.place.cell for cell in run.cells):
            return "not-run"
    return ""


def typed_in(trace: Trace, handout: tuple[CodeCell, ...]) -> Iterator[tuple[int, int]]:
    """Numbers in the student's own cells that the handout does not have: cell and line of each.

    Small whole numbers are everyone's. A string that holds a decimal number counts as one.
    """
    familiar = {number for cell in handout for _, number in _numbers(cell.source)} | set(range(11))
    for cell in trace.cells:
        if not cell.handout:
            yield from ((cell.cell, line) for line, number in _numbers(cell.source) if number not in familiar)


def _numbers(source: str) -> Iterator[tuple[int, float]]:
    for node in ast.walk(parse_cell(source)):
        if isinstance(node, ast.Constant):
            number = _as_float(node.value)
            if number is not None:
                yield node.lineno, abs(number)


def _as_float(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        return float(value.replace(",", ".") if isinstance(value, str) else value)
    except (ValueError, OverflowError):
        return None


def parse_cell(source: str) -> ast.Module:
    """The tree of a cell without its magic lines; an empty one if it is no Python."""
    lines = ["" if line.lstrip().startswith(("%", "!")) else line for line in source.split("\n")]
    try:
        return ast.parse("\n".join(lines))
    except (SyntaxError, ValueError, RecursionError):
        return ast.Module([], [])
