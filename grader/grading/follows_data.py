"""Decides whether an answer follows the data: the heart of the grader. Pure.

An answer that was computed gives, with other numbers in place of the data, what the reference gives with them. It is
looked for at the same place in every run, so that a curve which happens to pass through the right values earns
nothing.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from grader.grading.expectation import Expectation, Tolerance, agrees
from grader.grading.search import Candidate, Found, Values
from grader.notebook.code import parse_cell
from grader.trace import BASE, CodeCell, Run, Trace

State = Literal["same", "moved", "absent", "void"]
"""Of a place in the variants: it holds what it held on the handed-out data in each; holds something else in one; is
not there in one; or no variant could be made, since its numbers found no data to replace."""

Verdict = Literal[
    "follows",
    "does-not-follow",
    "only-here",
    "input-not-seen",
    "raises",
    "nothing-moved",
    "not-run",
]

CONFIRMATION = "-again"
"""Ends the labels of the runs in a fresh kernel that confirm a denial."""

EXACTLY = Tolerance(rtol=0, atol=0)


@dataclass(frozen=True)
class Following:
    """Whether an answer follows the data, by which value, and what an instructor should look at."""

    verdict: Verdict
    found: Found | None
    error: str = ""
    """Of `raises`: the exception that a variant alone raised."""


def follow(
    values: Values,
    found: Sequence[Found],
    look_in: Sequence[str],
    expectation: Expectation,
    handout: tuple[CodeCell, ...],
) -> Following:
    """Whether one of the values that agree on the handed-out data follows every variant.

    Args:
        values: those of all runs.
        found: the values that agree on the handed-out data, the one that earns most first; not empty.
        look_in: kinds of events that count.
        expectation: what the reference gives, per run.
        handout: the handout's code cells: numbers that stand in them are no evidence of typing in.

    Returns:
        Of an answer that follows, what it earns in every run: the least of them.
    """
    labels = [label for label in expectation.runs if label != BASE]
    if not labels:
        return Following("follows", found[0])
    attempts = [_Attempt(values, labels, ending, look_in) for ending in ("", CONFIRMATION)]
    earned = [
        Found(one.candidate, attempt.credit(one, expectation))
        for one in found
        for attempt in attempts
    ]
    best = max(earned, key=lambda one: one.credit)
    if best.credit > 0:
        return Following("follows", best)
    return _why_not(values.trace, found, attempts[0], handout)


class _Attempt:
    """The runs on all variants: in the kernel of the base run, or again in a fresh one."""

    def __init__(
        self, values: Values, labels: Sequence[str], ending: str, look_in: Sequence[str]
    ) -> None:
        runs = [
            (label, run)
            for label in labels
            if (run := values.trace.run(label + ending)) is not None
        ]
        self.complete = len(runs) == len(labels)
        self.able = [(label, run) for label, run in runs if carried(run)]
        self._values = values
        self._look_in = look_in

    def credit(self, one: Found, expectation: Expectation) -> float:
        """What a value earns in every run that had other numbers; 0 where one of them disagrees or is missing."""
        if not self.complete or not self.able:
            return 0.0
        earned = (
            max(
                (candidate.credit(expectation, label) for candidate in self._at(one, run)),
                default=0.0,
            )
            for label, run in self.able
        )
        return min(one.credit, *earned)

    def state(self, one: Found) -> State:
        """What became of a value that does not follow."""
        if not self.able:
            return "void"
        there = [self._at(one, run) for _, run in self.able]
        if not all(there):
            return "absent"
        still = all(any(_same(candidate, one.candidate) for candidate in run) for run in there)
        return "same" if still else "moved"

    def _at(self, one: Found, run: Run) -> Sequence[Candidate]:
        return self._values.at(run.label, one.candidate.place, self._look_in)


def carried(run: Run) -> bool:
    """Whether a variant's numbers took the place of all the data that the run met, and it met some."""
    return bool(run.carried) and all(run.carried.values())


def _same(one: Candidate, other: Candidate) -> bool:
    return agrees(one.value, other.value, EXACTLY)


def _why_not(
    trace: Trace, found: Sequence[Found], attempt: _Attempt, handout: tuple[CodeCell, ...]
) -> Following:
    if not attempt.complete:
        return Following("not-run", found[0])
    states = {attempt.state(one): one for one in reversed(found)}
    if "void" in states:
        return Following("input-not-seen", states["void"])
    if "absent" in states and (error := _new_error(trace, attempt, states["absent"])):
        return Following("raises", states["absent"], error)
    if "same" in states:
        typed = any(typed_in(trace, handout))
        return Following("does-not-follow" if typed else "nothing-moved", states["same"])
    if "moved" in states:
        return Following("only-here", states["moved"])
    return Following("not-run", states["absent"])


def _new_error(trace: Trace, attempt: _Attempt, one: Found) -> str:
    """The first exception in a variant, up to the answer's cell, in a cell that ended well on the handed-out data."""
    for _, run in attempt.able:
        cells = [cell.cell for cell in run.cells]
        if one.candidate.place.cell not in cells:
            return "not-run"
        last = len(cells) - cells[::-1].index(one.candidate.place.cell)
        for cell in run.cells[:last]:
            if cell.status != "ok" and trace.base.ended_well(cell.cell):
                return cell.error or cell.status
    return ""


def typed_in(trace: Trace, handout: tuple[CodeCell, ...]) -> Iterator[tuple[int, int]]:
    """Numbers in the student's own cells that the handout does not have: cell and line of each.

    Small whole numbers are everyone's. A string that holds a decimal number counts as one.
    """
    familiar = {number for cell in handout for _, number in _numbers(cell.source)} | set(range(11))
    for cell in trace.cells:
        if not cell.handout:
            yield from (
                (cell.cell, line)
                for line, number in _numbers(cell.source)
                if number not in familiar
            )


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
        number = float(value.replace(",", ".") if isinstance(value, str) else value)
    except (ValueError, OverflowError):
        return None
    # `float("inf")` is how many a search for a least value begins.
    return number if math.isfinite(number) else None
