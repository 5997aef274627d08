"""Find values in a trace that agree with an expectation. Pure."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from grader.grading.agreement import as_number
from grader.grading.causes import Causes, causes_of
from grader.grading.claims import Claims
from grader.grading.expectation import Expectation
from grader.grading.marked_answers import SEPARATOR
from grader.grading.origins import Origins
from grader.grading.printed_numbers import numbers_in
from grader.grading.tampering import Suspicion, find_in_module, find_tampering
from grader.trace import (
    BASE,
    MAX_ELEMENTS,
    Array,
    Event,
    Items,
    Number,
    Run,
    Trace,
    Value,
    is_literal,
)

MAX_CANDIDATES = 30_000
"""SECURITY: a forged trace could hold millions of values. A real one has some thousands at most."""

MAX_AT_PLACE = 4
"""Most values of one place that count: the first three and the last.

SECURITY: the same code leaves one value at a place, two where its cell ran again, and up to four
where loops are nested. Code that is run through `run_cell` or `exec` can leave any number.
"""

NOWHERE = -1
"""Cell of values that no cell computed."""

ASKED = ("call",)
"""Kinds of events of questions asked after the cells have run."""

ALWAYS_COMPUTED = ("grad", "step", "graph", "figure", "call")
"""Kinds of events with values that are always computed, and never typed in."""

Kinds = Sequence[str]
"""Kinds of events in which values are looked for."""


@dataclass(frozen=True)
class Place:
    """Where a value is, such that the same code puts it at the same place in every run."""

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
        value = self.value
        half_unit = self.half_unit
        if half_unit is not None and isinstance(value, Number):
            return expectation.matches_printed(value.value, half_unit, run)
        return expectation.matches(value, run)

    def distance(self, expectation: Expectation, run: str) -> float:
        """Return how far it is from the nearest answer in a run, in tolerances; 0 if it agrees."""
        if self.credit(expectation, run):
            return 0.0
        return expectation.distance(self.value, run)


Candidates = Sequence[Candidate]
CandidatesByPlace = dict[Place, list[Candidate]]


@dataclass(frozen=True)
class Found:
    """A candidate that agrees with the expectation on the original data."""

    candidate: Candidate
    credit: float


@dataclass(frozen=True)
class _SearchKey:
    """A run, and the kinds of events to search."""

    label: str
    kinds: tuple[str, ...]


class Values:
    """The values of a trace. Each run is searched once, for all exercises and mistakes."""

    def __init__(self, trace: Trace, *, is_claim: bool = False) -> None:
        """Initialise with the trace.

        Args:
            trace: the trace.
            is_claim: whether it is that of a student's notebook, so that it is compared with the
                code.
        """
        self.trace = trace
        self.is_claim = is_claim
        self._found: dict[_SearchKey, Candidates] = {}
        self._places: dict[_SearchKey, CandidatesByPlace] = {}
        self._crowded: dict[_SearchKey, Collection[Place]] = {}

    @functools.cached_property
    def causes(self) -> Causes:
        """Why cells failed."""
        return causes_of(self.trace)

    @functools.cached_property
    def suspicions(self) -> Sequence[Suspicion]:
        """The lines of the student's code that access the grader's internals."""
        suspicions: list[Suspicion] = []
        for cell in self.trace.cells:
            suspicions.extend(find_tampering(cell))
        for module in self.trace.modules:
            suspicions.extend(find_in_module(module))
        return suspicions

    @property
    def may_be_forged(self) -> bool:
        """Whether the student's code can have changed the trace."""
        if not self.is_claim:
            return False
        return any(each.is_strong for each in self.suspicions)

    def fitting(self) -> Values:
        """Return the values without those that the notebook's code cannot have given.

        Returns:
            These values themselves where all of them fit.
        """
        fitting = self._fitting_trace
        if fitting is self.trace:
            return self
        return Values(fitting, is_claim=True)

    @functools.cached_property
    def _claims(self) -> Claims:
        return Claims(self.trace.cells)

    @functools.cached_property
    def _fitting_trace(self) -> Trace:
        if not self.is_claim:
            return self.trace
        return self._claims.without_misfits(self.trace)

    @property
    def forged_claims(self) -> int:
        """How many events no code of the notebook can have caused; 0 if there are only a few."""
        return self._claims.count_forged(self.trace, self._fitting_trace)

    @functools.cached_property
    def origins(self) -> Origins:
        """How the values were made."""
        return Origins(self.trace)

    def of(self, label: str, look_in: Kinds) -> Candidates:
        """Return the values of a run in some kinds of events.

        There are none for a run that did not take place.
        """
        search = _SearchKey(label, tuple(look_in))
        if search not in self._found:
            self._look_into(search)
        return self._found[search]

    def at(self, label: str, place: Place, look_in: Kinds) -> Candidates:
        """Return the values of a run at a place; several if the cell ran twice."""
        search = _SearchKey(label, tuple(look_in))
        if search not in self._places:
            self._look_into(search)
        return self._places[search].get(place, ())

    def is_crowded(self, label: str, place: Place, look_in: Kinds) -> bool:
        """Return whether a run has more values at a place than the same code can produce."""
        search = _SearchKey(label, tuple(look_in))
        if search not in self._crowded:
            self._look_into(search)
        return place in self._crowded[search]

    def _look_into(self, search: _SearchKey) -> None:
        """Search a run, and keep the relevant values of each place."""
        found = self._search(search.label, search.kinds)
        places = _group_by_place(found)
        crowded = {place for place, held in places.items() if len(held) > MAX_AT_PLACE}
        if crowded:
            found = list(_without_crowds(found, places))
            places = _group_by_place(found)
        self._found[search] = found
        self._places[search] = places
        self._crowded[search] = crowded

    def _search(self, label: str, look_in: Kinds) -> Candidates:
        run = self.trace.run(label)
        if run is None:
            return []
        # SECURITY: an event may claim any cell; those that are not the notebook's count for
        # nothing. Answers to questions at the end come from no cell.
        cells = {cell.cell for cell in self.trace.cells}
        if tuple(look_in) == ASKED:
            cells.add(NOWHERE)
        claimed = {event.cell for event in run.events}
        return list(candidates(run, look_in, claimed - cells))


def _group_by_place(found: Candidates) -> CandidatesByPlace:
    places: CandidatesByPlace = {}
    for candidate in found:
        at_place = places.setdefault(candidate.place, [])
        at_place.append(candidate)
    return places


def _without_crowds(found: Candidates, places: CandidatesByPlace) -> Iterator[Candidate]:
    """Yield the first values of each place, and its last."""
    passed: Counter[Place] = Counter()
    for candidate in found:
        place = candidate.place
        passed[place] += 1
        count = passed[place]
        if count < MAX_AT_PLACE or count == len(places[place]):
            yield candidate


def candidates(run: Run, look_in: Kinds, leave_out: Collection[int]) -> Iterator[Candidate]:
    """Yield the values of a run that may answer an exercise.

    Args:
        run: the run.
        look_in: kinds of events that count.
        leave_out: cells that do not count.
    """
    found = _all_candidates(run, look_in, leave_out)
    return islice(found, MAX_CANDIDATES)


def _all_candidates(run: Run, look_in: Kinds, leave_out: Collection[int]) -> Iterator[Candidate]:
    is_base = run.label == BASE
    for event in run.events:
        if event.cell in leave_out or event.kind not in look_in:
            continue
        if event.kind == "printed":
            yield from _printed_numbers(event, rough=not is_base)
        else:
            yield from _event_candidates(event)


def _event_candidates(event: Event) -> Iterator[Candidate]:
    for path, value in event.values.items():
        place = _place(event, path)
        yield Candidate(place, value, event)
        if isinstance(value, Array):
            yield from _list_elements(event, path, value)
    if len(event.assigned) > 1:
        yield from _unpacked(event)


def _unpacked(event: Event) -> Iterator[Candidate]:
    """Yield the tuple that a statement unpacked into several names: `mean, std = measure(x)`."""
    if event.kind != "value" or event.turn == "last":
        return
    values = [event.values[name] for name in event.assigned if name in event.values]
    if len(values) < len(event.assigned):
        return

    path = SEPARATOR.join(event.assigned)
    place = _place(event, path)
    whole = _together(values)
    yield Candidate(place, whole, event)


def _together(values: Sequence[Value]) -> Value:
    """Combine values into a list of numbers, or a tuple if one is no number."""
    numbers = [number for number in map(as_number, values) if number is not None]
    count = len(values)
    if len(numbers) < count:
        entries = tuple(values[:MAX_ELEMENTS])
        return Items(form="tuple", entries=entries)
    return Array(origin="list", shape=(count,), dtype="list", elements=tuple(numbers))


def _place(event: Event, path: str) -> Place:
    return Place(
        cell=event.cell,
        line=event.line,
        scope=event.scope,
        kind=event.kind,
        turn=event.turn,
        path=path,
    )


def _list_elements(event: Event, path: str, value: Array) -> Iterator[Candidate]:
    """Yield the numbers in a list as separate values: losses kept in a list."""
    is_list = value.origin == "list"
    if not is_list or value.size <= 1:
        return
    for index, element in enumerate(value.elements):
        number = Number(value=element)
        place = _place(event, f"{path}[{index}]")
        yield Candidate(place, number, event)


def _printed_numbers(event: Event, *, rough: bool) -> Iterator[Candidate]:
    """Yield the numbers in printed text.

    The statement that printed them must have read a name of the student's own. Every number is
    counted, even one that cannot be an answer, so that the others keep their places if another run
    prints `14.5` in place of `14`.

    Args:
        event: the printed text.
        rough: also yield rough numbers; on the original data an answer must show enough digits.
    """
    if is_literal(event):
        return
    for index, printed in enumerate(numbers_in(event.text, rough=rough)):
        if printed is None:
            continue
        place = _place(event, f"printed[{index}]")
        number = Number(value=printed.number)
        yield Candidate(place, number, event, printed.half_unit)


def find(values: Values, look_in: Kinds, expectation: Expectation) -> list[Found]:
    """Find the values of the base run that agree with an expectation, the best first.

    The handout's own cells are searched too: run after a student's step, they print the student's
    own loss. `grade validate` shows that the handout by itself contains no answer.
    """
    found = []
    for candidate in values.of(BASE, look_in):
        credit = candidate.credit(expectation, BASE)
        if credit > 0:
            found.append(Found(candidate, credit))
    found.sort(key=_credit_of, reverse=True)
    return found


def _credit_of(found: Found) -> float:
    return found.credit


def computed_candidates(values: Values, label: str, look_in: Kinds) -> list[Candidate]:
    """List the values that the student's own code computed in one run.

    A function of theirs that a given cell calls is their code.
    """
    origins = values.origins
    computed = []
    for candidate in values.of(label, look_in):
        if origins.is_given(candidate.event):
            continue
        if is_computed(candidate):
            computed.append(candidate)
    return computed


def is_computed(candidate: Candidate) -> bool:
    """Return whether a statement computed a value from the student's own names.

    A statement that only reads a value did not compute it.
    """
    event = candidate.event
    if event.kind in ALWAYS_COMPUTED:
        return True
    if is_literal(event):
        return False
    if event.kind != "value":
        return True

    path = candidate.place.path.replace("[", ".")
    root, _, _ = path.partition(".")
    return root in event.assigned or root == "return"
