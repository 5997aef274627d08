"""Finds values in a trace that agree with an expectation. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from grader.grading.expectation import Expectation
from grader.trace import BASE, Array, Event, Number, Run, Trace, Value, is_literal

PRINTED_NUMBER = re.compile(
    r"(?<![\w.,])[-+]?[0-9]+(?:[.,][0-9]*)?(?:[eE][-+]?[0-9]+)?(?!\w|[.,]\d)"
)
MIN_SIGNIFICANT_DIGITS = 3
MAX_EXPONENT = 300
"""A printed number with a larger exponent, of either sign, is no answer: floats end near 1e308."""
MAX_CANDIDATES = 100_000
"""SECURITY: a forged trace could hold millions of values. A real one has hundreds, at most some thousands."""


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


class Values:
    """The values of a trace. Each run is looked through once, for all exercises and mistakes together."""

    def __init__(self, trace: Trace) -> None:
        """Take the trace."""
        self.trace = trace
        # SECURITY: an event may claim any cell; those that are not the notebook's count for nothing.
        self._cells = frozenset(cell.cell for cell in trace.cells)
        self._all: dict[tuple[str, Sequence[str]], list[Candidate]] = {}
        self._places: dict[tuple[str, Sequence[str]], dict[Place, list[Candidate]]] = {}

    def of(self, label: str, look_in: Sequence[str]) -> Sequence[Candidate]:
        """The values of a run in some kinds of events; of a run that did not take place, none."""
        key = (label, tuple(look_in))
        if key not in self._all:
            run = self.trace.run(label)
            strange = {event.cell for event in run.events} - self._cells if run else ()
            self._all[key] = list(candidates(run, look_in, strange)) if run else []
        return self._all[key]

    def at(self, label: str, place: Place, look_in: Sequence[str]) -> Sequence[Candidate]:
        """What a run has at a place; several where the cell ran twice."""
        key = (label, tuple(look_in))
        if key not in self._places:
            places = self._places[key] = {}
            for candidate in self.of(label, look_in):
                places.setdefault(candidate.place, []).append(candidate)
        return self._places[key].get(place, ())


def candidates(
    run: Run, look_in: Collection[str], leave_out: Collection[int]
) -> Iterator[Candidate]:
    """The values of a run that may answer an exercise.

    Args:
        run: the run.
        look_in: kinds of events that count.
        leave_out: cells that do not count.
    """
    events = (
        event for event in run.events if event.cell not in leave_out and event.kind in look_in
    )
    return islice((candidate for event in events for candidate in _of_event(event)), MAX_CANDIDATES)


def _of_event(event: Event) -> Iterator[Candidate]:
    if event.kind == "printed":
        yield from _printed(event)
        return
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
    """Numbers in printed text, if the statement that printed them read a name of the student's own.

    Every number is counted, also one that can be no answer, so that the others keep their places where another
    run prints `14.5` in place of `14`.
    """
    if is_literal(event):
        return
    for index, found in enumerate(PRINTED_NUMBER.finditer(event.text)):
        number = _read_number(found[0])
        if number is not None:
            yield Candidate(
                _place(event, f"printed[{index}]"), Number(value=number[0]), event, number[1]
            )


def _read_number(printed: str) -> tuple[float, float] | None:
    """A printed number, and half a unit of its last place; None if it is too rough, or too large, to be an answer."""
    text = printed.replace(",", ".").lower()
    mantissa, _, exponent = text.partition("e")
    digits = mantissa.lstrip("+-0.").replace(".", "")
    if (
        "." not in mantissa
        or len(digits) < MIN_SIGNIFICANT_DIGITS
        or abs(float(exponent or 0)) > MAX_EXPONENT
    ):
        return None
    decimals = len(mantissa.partition(".")[2]) - int(exponent or 0)
    half_unit: float = 0.5 * 10.0**-decimals
    return float(text), half_unit


def find(values: Values, look_in: Sequence[str], expectation: Expectation) -> list[Found]:
    """The values of the base run that agree with an expectation, the one that earns most first.

    The handout's own cells are among them: run after a student's step, they print the student's own loss. That the
    handout by itself holds no answer is what `grade validate` shows.
    """
    earned = (
        (candidate, candidate.credit(expectation, BASE)) for candidate in values.of(BASE, look_in)
    )
    found = [Found(candidate, credit) for candidate, credit in earned if credit > 0]
    return sorted(found, key=lambda one: -one.credit)


def computed_candidates(values: Values, label: str, look_in: Sequence[str]) -> list[Candidate]:
    """List the values that the student's own code computed in one run, in some kinds of events."""
    handout = values.trace.handout_cells()
    return [
        candidate
        for candidate in values.of(label, look_in)
        if candidate.place.cell not in handout and is_computed(candidate)
    ]


def is_computed(candidate: Candidate) -> bool:
    """Whether a statement made this value, rather than only read it, from something of the student's own."""
    event, root = candidate.event, candidate.place.path.replace("[", ".").partition(".")[0]
    if event.kind in ("grad", "step", "graph", "call"):
        return True
    if is_literal(event):
        return False
    return event.kind != "value" or root in event.assigned or root == "return"
