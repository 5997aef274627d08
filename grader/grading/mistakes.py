"""Recognises known mistakes, alone and together, by what they compute. Pure.

A mistake is matched on the student's own computed values only: what is typed in explains nothing, nor does a value
that a right solution also comes by. What explains most wins; what explains equally much is told as a tie.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from grader.assignment import Exercise
from grader.grading.checks.registry import check_of
from grader.grading.expectation import Expectation
from grader.grading.follows_data import CONFIRMATION, carried
from grader.grading.search import Candidate, Values
from grader.trace import BASE, Event, Trace

MAX_PLAUSIBLE = 40
"""Most combinations of mistakes that are looked at closely for one submission."""

MAX_TOLD = 3
"""Most mistakes that are told of one submission."""


@dataclass(frozen=True)
class KnownMistake:
    """A wrong way, and what it computes."""

    id: str
    name: Mapping[str, str]
    hint: Mapping[str, str]
    credit: Mapping[str, float]
    """Share of the points left, per exercise; 0 where nothing is said."""
    expectations: Mapping[str, Expectation]
    """What it computes, for the exercises whose answer it changes."""
    told: Mapping[str, Mapping[str, Expectation]] = field(default_factory=dict)
    """What it computes of the values that an instructor is told of, per exercise and label."""
    leaves_out: Collection[str] = ()
    """Exercises that are not tried at all where it is made."""
    happened: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Per exercise and language, what happened where its value came to be: `{line}`, `{name}`, `{heading}`."""
    shown: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """The same of a value that earned a part of the points, though another was shown."""


@dataclass(frozen=True)
class WrongWay:
    """Mistakes that stand in one notebook, and what they compute together."""

    parts: tuple[KnownMistake, ...]
    """In the order in which what they change stands in the reference: the root cause first."""
    expectations: Mapping[str, Expectation]
    told: Mapping[str, Mapping[str, Expectation]]
    blamed: Mapping[str, tuple[KnownMistake, ...]]
    """Per exercise, the fewest of them that give what all give together."""

    @property
    def id(self) -> str:
        """The ids of its parts."""
        return "+".join(part.id for part in self.parts)

    @property
    def leaves_out(self) -> frozenset[str]:
        """Exercises that are not tried at all."""
        return frozenset(exercise for part in self.parts for exercise in part.leaves_out)

    def credit(self, exercise: str) -> float:
        """The share of an exercise's points that is left: the product of what its mistakes leave."""
        return math.prod(part.credit.get(exercise, 0.0) for part in self.blamed[exercise])


def alone(mistake: KnownMistake) -> WrongWay:
    """A mistake by itself."""
    blamed = dict.fromkeys(mistake.expectations, (mistake,))
    return WrongWay((mistake,), mistake.expectations, mistake.told, blamed)


Made = Mapping[str, Candidate]
"""Per exercise that earned points, the value that earned them."""


@dataclass(frozen=True)
class Recognised:
    """The mistakes that explain some of a submission's failures best."""

    way: WrongWay
    also: tuple[WrongWay, ...]
    """What explains as much."""
    explains: Mapping[str, Candidate | None]
    """Per failed exercise, the value that gave it away; None where it was left out."""


def recognise(
    values: Values,
    failed: Sequence[Exercise],
    made: Made,
    ways: Sequence[WrongWay],
    right: Mapping[str, Expectation],
    *,
    varied: bool = True,
) -> tuple[Recognised, ...]:
    """The known mistakes that explain why exercises failed.

    Args:
        values: what the submission computed.
        failed: exercises to explain.
        made: per exercise that earned points, the value that earned them: a mistake that would have spoiled it is
            less likely.
        ways: all known ones.
        right: per exercise, values that right solutions come by: they explain nothing.
        varied: whether a value has to agree in the variants, too; before they have run, it cannot.

    Returns:
        The best explanation; then that of what it leaves unexplained, and so on.
    """
    search = _Search(values, failed, right, made, varied=varied)
    explained = {way.id: search.explained(way) for way in ways}
    found: list[Recognised] = []
    left = {exercise.id for exercise in failed}
    told = 0
    while left and told < MAX_TOLD:
        done = {exercise.id for exercise in failed} - left
        able = [
            w for w in ways if done.isdisjoint(w.expectations) and told + len(w.parts) <= MAX_TOLD
        ]
        best = _best(able, explained, left, made)
        if best is None:
            break
        found.append(best)
        left -= best.explains.keys()
        told += len(best.way.parts)
    return tuple(found)


def _best(
    ways: Iterable[WrongWay],
    explained: Mapping[str, Mapping[str, Candidate | None]],
    failed: Collection[str],
    made: Collection[str],
) -> Recognised | None:
    best: tuple[tuple[int, int, int, int], list[WrongWay]] | None = None
    for way in ways:
        explains = explained[way.id]
        if not explains:
            continue
        score = _score(way, explains, failed, made)
        if best is None or score > best[0]:
            best = (score, [])
        if score == best[0]:
            best[1].append(way)
    if best is None:
        return None
    first, *others = best[1]
    return Recognised(first, tuple(others), explained[first.id])


def _score(
    way: WrongWay, explains: Collection[str], failed: Collection[str], made: Collection[str]
) -> tuple[int, int, int, int]:
    """How well a way explains: the more exercises and the fewer it contradicts, the better."""
    unexplained = sum(e in way.expectations and e not in explains for e in failed)
    contradicted = sum(e in way.expectations for e in made)
    return len(explains), -unexplained, -contradicted, -len(way.parts)


def plausible(
    values: Values,
    failed: Sequence[Exercise],
    made: Made,
    ways: Iterable[WrongWay],
    right: Mapping[str, Expectation],
) -> list[WrongWay]:
    """The ways that explain something on the handed-out data, the best first.

    Args:
        values: what the submission computed.
        failed: exercises to explain.
        made: per exercise that earned points, the value that earned them.
        ways: what they compute on the handed-out data.
        right: per exercise, values that right solutions come by.
    """
    search = _Search(values, failed, right, made, varied=False)
    names = [exercise.id for exercise in failed]
    scored = [
        (_score(way, explains, names, made), way)
        for way in ways
        if (explains := search.explained(way))
    ]
    return [way for _, way in sorted(scored, key=lambda one: one[0], reverse=True)[:MAX_PLAUSIBLE]]


def explaining_cells(
    values: Values,
    failed: Sequence[Exercise],
    ways: Sequence[WrongWay],
    right: Mapping[str, Expectation],
) -> set[int]:
    """Cells whose values, on the handed-out data, agree with some mistake."""
    search = _Search(values, failed, right, {}, varied=False)
    return {
        candidate.place.cell
        for way in ways
        for exercise in failed
        if (expectation := way.expectations.get(exercise.id)) is not None
        for candidate in search.agreeing(exercise, expectation, 0 if exercise.needs else None)
    }


class _Search:
    """Looks in a submission for the values that mistakes compute."""

    def __init__(
        self,
        values: Values,
        failed: Sequence[Exercise],
        right: Mapping[str, Expectation],
        made: Made,
        *,
        varied: bool,
    ) -> None:
        """Take what to look in.

        Args:
            values: what the submission computed.
            failed: exercises to explain.
            right: per exercise, values that right solutions come by.
            made: per exercise that earned points, the value that earned them.
            varied: whether a value has to agree in the variants, too.
        """
        self._values = values
        self._failed = failed
        self._varied = varied
        self._place = {id(event): place for place, event in enumerate(values.trace.base.events)}
        self._made = {exercise: self._place_of(candidate) for exercise, candidate in made.items()}
        gradient = _Gradient(values.trace)
        self._after_gradient = gradient.used
        self._stepped = gradient.stepped
        self.computed_candidates = {
            exercise.id: check_of(exercise).computed_values(exercise, values) for exercise in failed
        }
        self._right = right

    def explained(self, way: WrongWay) -> dict[str, Candidate | None]:
        """The exercises a way explains, each with the value that agrees with what the way computes.

        A way that leaves all points of an exercise does not explain why it failed.
        A value that is the same whatever the data, and builds on another answer, is explained only together with
        that one, and comes after it: a difference of 0 says nothing of a step that is not there.
        """
        found: dict[str, Candidate | None] = {}
        places = dict(self._made)
        unexplained = {exercise.id for exercise in self._failed}
        for exercise in self._failed:
            expectation = way.expectations.get(exercise.id)
            if expectation is None:
                continue
            agreeing: list[Candidate] = []
            alone = expectation.is_constant and not unexplained.isdisjoint(exercise.needs)
            if exercise.id not in way.leaves_out and not alone and way.credit(exercise.id) < 1:
                since = max(
                    (places[needed] for needed in exercise.needs if needed in places), default=None
                )
                agreeing = [
                    one
                    for one in self.agreeing(exercise, expectation, since)
                    if self._follows(one, exercise, way)
                ]
            if agreeing:
                places[exercise.id] = min(map(self._place_of, agreeing))
            if agreeing or (exercise.id in way.leaves_out and not self._stepped):
                found[exercise.id] = agreeing[0] if agreeing else None
                unexplained.remove(exercise.id)
        return found if any(found.values()) else {}

    def agreeing(
        self, exercise: Exercise, expectation: Expectation, since: int | None = None
    ) -> Iterator[Candidate]:
        """The values that agree with what a mistake computes on the handed-out data.

        Args:
            exercise: the exercise they answer.
            expectation: what the mistake computes. Of one that is the same in every run, the last value comes first.
            since: place of the event that made what the exercise builds on; None: it builds on nothing.
        """
        own = self.computed_candidates[exercise.id]
        check = check_of(exercise)
        if expectation.is_constant and check.follows_data:
            own = [one for one in reversed(own) if self._may_be_constant(one.event, since)]
        agreeing = (one for one in own if one.credit(expectation, check.first_run(exercise)))
        # What right solutions come by is many values: only what agrees is held against them.
        yield from (one for one in agreeing if not one.credit(self._right[exercise.id], BASE))

    def _place_of(self, candidate: Candidate) -> int:
        """Where in the base run a value came to be; what a call gave at the end, at the beginning: it needs nothing."""
        return self._place.get(id(candidate.event), 0)

    def _may_be_constant(self, event: Event, since: int | None) -> bool:
        if since is None:
            return id(event) in self._after_gradient
        return self._place[id(event)] >= since and ".grad" not in event.source

    def _follows(self, candidate: Candidate, exercise: Exercise, way: WrongWay) -> bool:
        """Whether a value agrees on every variant that had other numbers, and there was one."""
        if not self._varied:
            return True
        check = check_of(exercise)
        expectation = way.expectations[exercise.id]
        look_in = check.look_in(exercise)
        first_run = check.first_run(exercise)
        agreed = [
            self._agrees(candidate, look_in, expectation, label, able)
            for label in expectation.runs
            if label != first_run and (able := self._able(label, exercise))
        ]
        return all(agreed) and (bool(agreed) or expectation.runs == (first_run,))

    def _able(self, label: str, exercise: Exercise) -> list[str]:
        if not check_of(exercise).follows_data:
            return [label]
        runs = [
            run
            for ending in ("", CONFIRMATION)
            if (run := self._values.trace.run(label + ending)) is not None
        ]
        return [run.label for run in runs if carried(run)]

    def _agrees(
        self,
        candidate: Candidate,
        look_in: Sequence[str],
        expectation: Expectation,
        label: str,
        able: Sequence[str],
    ) -> bool:
        there = (other for run in able for other in self._values.at(run, candidate.place, look_in))
        return any(other.credit(expectation, label) for other in there)


class _Gradient:
    """What the student's statements did with what a backward reached.

    A value that is the same whatever the data, as a step of 0, needs that evidence: otherwise every
    `w = torch.ones(1)` would look like a step that did not move.
    """

    def __init__(self, trace: Trace) -> None:
        self.used: set[int] = set()
        """Ids of the events that did more with it than copy it."""
        self.stepped = False
        """Whether something was computed from a gradient and kept, or an optimizer took a step."""
        self._handout = trace.handout_cells()
        self._reached: set[str] = set()
        self._gradients: set[str] = set()
        self._backward = False
        for event in trace.base.events:
            self._see(event)

    def _see(self, event: Event) -> None:
        if event.kind == "grad":
            self._backward = True
            self._reached |= {
                path.partition(".")[0] for path in event.values if path.endswith(".grad")
            }
            return
        touched = not self._reached.isdisjoint(event.reads)
        if touched and event.kind in ("value", "step"):
            self._reached.update(event.assigned)
        works = len(event.reads) > 1 or ".grad" in event.source
        if self._backward and (event.kind == "step" or (touched and works)):
            self.used.add(id(event))
        self._see_step(event)

    def _see_step(self, event: Event) -> None:
        of_gradient = ".grad" in event.source or not self._gradients.isdisjoint(event.reads)
        if not self._backward or event.cell in self._handout:
            return
        if event.kind == "value" and of_gradient and len(event.reads) == 1:
            self._gradients.update(event.assigned)
        self.stepped |= event.kind == "step" or (
            event.kind == "value" and of_gradient and len(event.reads) > 1
        )
