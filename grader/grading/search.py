"""Find values in a trace that agree with an expectation. Pure."""

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

ALWAYS_COMPUTED = frozenset(("grad", "step", "graph", "call"))
"""Kinds of events whose values are always computed, and never typed in."""


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
    """For a printed number, half a unit of its last printed place; None if the value is exact."""

    def credit(self, expectation: Expectation, run: str) -> float:
        """Return the share of the points that it earns in a run."""
        if self.half_unit is not None and isinstance(self.value, Number):
            return expectation.matches_printed(self.value.value, self.half_unit, run)
        return expectation.matches(self.value, run)


@dataclass(frozen=True)
class Found:
    """A candidate that agrees with the expectation on the handed-out data."""

    candidate: Candidate
    credit: float


Key = tuple[str, tuple[str, ...]]
"""Label of a run, and the kinds of events that are looked at."""


class Values:
    """The values of a trace. Each run is searched once, for all exercises and mistakes together."""

    def __init__(self, trace: Trace) -> None:
        """Take the trace."""
        self.trace = trace
        # SECURITY: an event may claim any cell; those that are not the notebook's count for nothing.
        self._cells = frozenset(cell.cell for cell in trace.cells)
        self._candidates: dict[Key, list[Candidate]] = {}
        self._by_place: dict[Key, dict[Place, list[Candidate]]] = {}

    def of(self, label: str, look_in: Sequence[str]) -> Sequence[Candidate]:
        """Return the values of a run in some kinds of events; none for a run that did not take place."""
        key = (label, tuple(look_in))
        if key not in self._candidates:
            self._candidates[key] = self._search(label, look_in)
        return self._candidates[key]

    def at(self, label: str, place: Place, look_in: Sequence[str]) -> Sequence[Candidate]:
        """Return what a run has at a place; several values where the cell ran twice."""
        key = (label, tuple(look_in))
        if key not in self._by_place:
            self._by_place[key] = _group_by_place(self.of(label, look_in))
        return self._by_place[key].get(place, ())

    def _search(self, label: str, look_in: Sequence[str]) -> list[Candidate]:
        run = self.trace.run(label)
        if run is None:
            return []
        strange_cells = {event.cell for event in run.events} - self._cells
        return list(candidates(run, look_in, strange_cells))


def _group_by_place(found: Sequence[Candidate]) -> dict[Place, list[Candidate]]:
    places: dict[Place, list[Candidate]] = {}
    for candidate in found:
        places.setdefault(candidate.place, []).append(candidate)
    return places


def candidates(
    run: Run, look_in: Collection[str], leave_out: Collection[int]
) -> Iterator[Candidate]:
    """Give the values of a run that may answer an exercise.

    Args:
        run: the run.
        look_in: kinds of events that count.
        leave_out: cells that do not count.
    """
    return islice(_all_candidates(run, look_in, leave_out), MAX_CANDIDATES)


def _all_candidates(
    run: Run, look_in: Collection[str], leave_out: Collection[int]
) -> Iterator[Candidate]:
    for event in run.events:
        if event.cell not in leave_out and event.kind in look_in:
            yield from _event_candidates(event)


def _event_candidates(event: Event) -> Iterator[Candidate]:
    if event.kind == "printed":
        yield from _printed_numbers(event)
        return
    for path, value in event.values.items():
        yield Candidate(_place(event, path), value, event)
        if isinstance(value, Array):
            yield from _list_elements(event, path, value)


def _place(event: Event, path: str) -> Place:
    return Place(event.cell, event.line, event.scope, event.kind, event.turn, path)


def _list_elements(event: Event, path: str, value: Array) -> Iterator[Candidate]:
    """Give the numbers in a list, each as a value of its own: losses kept in a list."""
    if value.origin != "list" or value.size <= 1:
        return
    for index, number in enumerate(value.elements):
        place = _place(event, f"{path}[{index}]")
        yield Candidate(place, Number(value=number), event)


def _printed_numbers(event: Event) -> Iterator[Candidate]:
    """Give the numbers in printed text, if the statement that printed them read a name of the student's own.

    Every number is counted, also one that can be no answer, so that the others keep their places where another
    run prints `14.5` in place of `14`.
    """
    if is_literal(event):
        return
    for index, match in enumerate(PRINTED_NUMBER.finditer(event.text)):
        printed = _read_number(match[0])
        if printed is not None:
            number, half_unit = printed
            place = _place(event, f"printed[{index}]")
            yield Candidate(place, Number(value=number), event, half_unit)


def _read_number(printed: str) -> tuple[float, float] | None:
    """Read a printed number, and half a unit of its last place; None if it is too rough, or too large."""
    text = printed.replace(",", ".").lower()
    mantissa, _, exponent = text.partition("e")
    if "." not in mantissa:
        return None
    significant = mantissa.lstrip("+-0.").replace(".", "")
    if len(significant) < MIN_SIGNIFICANT_DIGITS:
        return None
    if abs(float(exponent or 0)) > MAX_EXPONENT:
        return None

    decimals = len(mantissa.partition(".")[2]) - int(exponent or 0)
    half_unit: float = 0.5 * 10.0**-decimals
    return float(text), half_unit


def find(values: Values, look_in: Sequence[str], expectation: Expectation) -> list[Found]:
    """Find the values of the base run that agree with an expectation, the one that earns most first.

    The handout's own cells are searched too: run after a student's step, they print the student's own loss. That
    the handout by itself holds no answer is shown by `grade validate`.
    """
    found = []
    for candidate in values.of(BASE, look_in):
        credit = candidate.credit(expectation, BASE)
        if credit > 0:
            found.append(Found(candidate, credit))
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
    """Return whether a statement made this value from the student's own names, rather than only read it."""
    event = candidate.event
    if event.kind in ALWAYS_COMPUTED:
        return True
    if is_literal(event):
        return False
    if event.kind != "value":
        return True
    root = candidate.place.path.replace("[", ".").partition(".")[0]
    return root in event.assigned or root == "return"
