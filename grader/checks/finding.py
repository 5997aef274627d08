"""Finds values in a trace that agree with an expectation. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from grader.expectation import Expectation
from grader.trace import BASE, Array, Event, Number, Run, Trace, Value, is_literal

PRINTED_NUMBER = re.compile(r"(?<![\w.,])[-+]?\d+(?:[.,]\d*)?(?:[eE][-+]?\d+)?(?!\w|[.,]\d)")
MIN_SIGNIFICANT_DIGITS = 3


@dataclass(frozen=True)
class Place:
    """Where a value stands, such that the same code has it at the same place in every run."""

    cell: int
    line: int
    scope: str
    kind: str
    turn: str
    path: str


@dataclass(frozen=True)
class Candidate:
    """A value at a place."""

    place: Place
    value: Value
    event: Event
    half_unit: float | None = None
    """Of a printed number: half a unit of its last printed place; None if the value is exact."""

    def credit(self, expectation: Expectation, run: str) -> float:
        """The share of the points it earns in a run."""
        if self.half_unit is not None and isinstance(self.value, Number):
            return expectation.matches_printed(self.value.value, self.half_unit, run)
        return expectation.matches(self.value, run)


@dataclass(frozen=True)
class Found:
    """A candidate that agrees with the expectation on the handed-out data."""

    candidate: Candidate
    credit: float


def candidates(run: Run, look_in: Collection[str], leave_out: Collection[int]) -> Iterator[Candidate]:
    """The values of a run that may answer an exercise.

    Args:
        run: the run.
        look_in: kinds of events that count.
        leave_out: cells that do not count.
    """
    for event in run.events:
        if event.cell in leave_out or event.kind not in look_in:
            continue
        if event.kind == "printed":
            yield from _printed(event)
            continue
        for path, value in event.values.items():
            yield Candidate(_place(event, path), value, event)
            yield from _elements(event, path, value)


def _place(event: Event, path: str) -> Place:
    return Place(event.cell, event.line, event.scope, event.kind, event.turn, path)


def _elements(event: Event, path: str, value: Value) -> Iterator[Candidate]:
    """The numbers in a list, each as a value of its own: losses kept in a list."""
    if isinstance(value, Array) and value.origin == "list" and value.size > 1:
        for index, number in enumerate(value.elements):
            yield Candidate(_place(event, f"{path}[{index}]"), Number(value=number), event)


def _printed(event: Event) -> Iterator[Candidate]:
    """Numbers in printed text, if the statement that printed them read a name of the student's own."""
    if is_literal(event):
        return
    for index, found in enumerate(PRINTED_NUMBER.finditer(event.text)):
        text = found[0].replace(",", ".")
        mantissa, _, exponent = text.lower().partition("e")
        digits = mantissa.lstrip("+-0.").replace(".", "")
        if "." not in mantissa or len(digits) < MIN_SIGNIFICANT_DIGITS:
            continue
        decimals = len(mantissa.partition(".")[2]) - int(exponent or 0)
        half_unit: float = 0.5 * 10.0**-decimals
        yield Candidate(_place(event, f"printed[{index}]"), Number(value=float(text)), event, half_unit)


def find(trace: Trace, look_in: Collection[str], expectation: Expectation) -> list[Found]:
    """The candidates of the base run that agree with an expectation, the one that earns most first.

    The handout's own cells are among them: run after a student's step, they print the student's own loss. That the
    handout by itself holds no answer is what `grade validate` shows.
    """
    found = []
    for candidate in candidates(trace.base, look_in, ()):
        credit = candidate.credit(expectation, BASE)
        if credit > 0:
            found.append(Found(candidate, credit))
    return sorted(found, key=lambda one: -one.credit)


def values_at(run: Run, place: Place, look_in: Collection[str]) -> list[Candidate]:
    """What a run has at a place; several where the cell ran twice."""
    return [candidate for candidate in candidates(run, look_in, ()) if candidate.place == place]
