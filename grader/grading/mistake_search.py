"""Match failed exercises to known mistakes, by what the mistakes compute. Pure.

A mistake is matched on the student's own computed values only: what is typed in explains nothing, nor does a value
that a right solution also comes by. What explains most wins; what explains equally much is told as a tie.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from grader.assignment import Exercise
from grader.grading.checks.base import Check
from grader.grading.checks.registry import check_of
from grader.grading.expectation import Expectation
from grader.grading.follows_data import CONFIRMATION, carried
from grader.grading.gradient_use import GRADIENT, GradientUse
from grader.grading.mistakes import WrongWay
from grader.grading.search import Candidate, Values
from grader.trace import BASE, Event

MAX_PLAUSIBLE = 40
"""Most combinations of mistakes that are looked at closely for one submission."""

MAX_TOLD = 3
"""Most mistakes that are told of one submission."""

EarningValues = Mapping[str, Candidate]
"""Per exercise that earned points, the value that earned them."""

Explained = Mapping[str, Candidate | None]
"""Per explained exercise, the value that gave the mistake away; None where the exercise was left out."""


@dataclass(frozen=True)
class Failures:
    """The exercises of a submission that are to be explained, and what to explain them by."""

    values: Values
    exercises: Sequence[Exercise]
    earning: EarningValues
    """A mistake that would have spoiled one of these values is less likely."""
    right: Mapping[str, Expectation]
    """Per exercise, values that right solutions come by: they explain nothing."""


@dataclass(frozen=True)
class Explanation:
    """The mistakes that explain some of a submission's failures best."""

    way: WrongWay
    also: tuple[WrongWay, ...]
    """Ways that explain as much."""
    explains: Explained


class Score(NamedTuple):
    """How well a way explains the failures; the greater one is better."""

    explained: int
    unexplained: int
    """Minus the failed exercises that it should have explained as well."""
    contradicted: int
    """Minus the exercises that earned points, though it spoils them."""
    parts: int
    """Minus its mistakes."""


def explain_failures(
    failures: Failures, ways: Sequence[WrongWay], *, on_variants: bool = True
) -> tuple[Explanation, ...]:
    """Find the known mistakes that explain why exercises failed.

    Args:
        failures: the exercises to explain.
        ways: all known ways.
        on_variants: whether a value has to agree in the variants, too; before they have run, it cannot.

    Returns:
        The best explanation; then that of what it leaves unexplained, and so on.
    """
    search = _Search(failures, on_variants=on_variants)
    explained = {way.id: search.explained(way) for way in ways}

    failed = {exercise.id for exercise in failures.exercises}
    remaining = set(failed)
    explanations: list[Explanation] = []
    told = 0
    while remaining and told < MAX_TOLD:
        able = [way for way in ways if told + len(way.parts) <= MAX_TOLD]
        done = failed - remaining
        fresh = [way for way in able if done.isdisjoint(way.expectations)]
        best = _best(fresh, explained, remaining, failures.earning)
        if best is None:
            break
        explanations.append(best)
        remaining -= best.explains.keys()
        told += len(best.way.parts)
    return tuple(explanations)


def _best(
    ways: Iterable[WrongWay],
    explained: Mapping[str, Explained],
    failed: Collection[str],
    earning: Collection[str],
) -> Explanation | None:
    best_score: Score | None = None
    best: list[WrongWay] = []
    for way in ways:
        explains = explained[way.id]
        if not explains:
            continue
        score = _score(way, explains, failed, earning)
        if best_score is None or score > best_score:
            best_score = score
            best = [way]
        elif score == best_score:
            best.append(way)

    if not best:
        return None
    first, *others = best
    return Explanation(first, tuple(others), explained[first.id])


def _score(
    way: WrongWay, explains: Collection[str], failed: Collection[str], earning: Collection[str]
) -> Score:
    """Score a way: the more exercises it explains and the fewer it contradicts, the better."""
    changed = way.expectations.keys()
    unexplained = sum(exercise in changed and exercise not in explains for exercise in failed)
    contradicted = sum(exercise in changed for exercise in earning)
    return Score(len(explains), -unexplained, -contradicted, -len(way.parts))


def rank_plausible(failures: Failures, ways: Iterable[WrongWay]) -> list[WrongWay]:
    """List the ways that explain something on the handed-out data, the best first.

    Args:
        failures: the exercises to explain.
        ways: with what they compute on the handed-out data.
    """
    search = _Search(failures, on_variants=False)
    failed = [exercise.id for exercise in failures.exercises]
    scored: list[tuple[Score, WrongWay]] = []
    for way in ways:
        explains = search.explained(way)
        if explains:
            score = _score(way, explains, failed, failures.earning)
            scored.append((score, way))

    scored.sort(key=lambda pair: pair[0], reverse=True)
    return [way for _, way in scored[:MAX_PLAUSIBLE]]


def explaining_cells(failures: Failures, ways: Sequence[WrongWay]) -> set[int]:
    """Return the cells with values that agree, on the handed-out data, with some mistake."""
    search = _Search(failures, on_variants=False)
    return {candidate.place.cell for way in ways for candidate in search.all_agreeing(way)}


@dataclass(frozen=True)
class _FailedExercise:
    """A failed exercise, and where to look for what explains it."""

    exercise: Exercise
    check: Check
    first_run: str
    look_in: Sequence[str]
    right: Expectation
    candidates: Sequence[Candidate]
    """Values that the student's own code computed."""


def _failed_exercise(exercise: Exercise, failures: Failures) -> _FailedExercise:
    check = check_of(exercise)
    return _FailedExercise(
        exercise,
        check,
        first_run=check.first_run(exercise),
        look_in=check.look_in(exercise),
        right=failures.right[exercise.id],
        candidates=check.computed_values(exercise, failures.values),
    )


class _Search:
    """Looks in a submission for the values that mistakes compute."""

    def __init__(self, failures: Failures, *, on_variants: bool) -> None:
        """Take what to look in.

        Args:
            failures: the exercises to explain.
            on_variants: whether a value has to agree in the variants, too.
        """
        self._trace = failures.values.trace
        self._values = failures.values
        self._on_variants = on_variants
        self._failed = [_failed_exercise(one, failures) for one in failures.exercises]
        events = enumerate(self._trace.base.events)
        self._position = {id(event): position for position, event in events}
        self._earned_at = {
            exercise: self._position_of(candidate)
            for exercise, candidate in failures.earning.items()
        }
        self._gradient = GradientUse(self._trace)

    def explained(self, way: WrongWay) -> dict[str, Candidate | None]:
        """Return the exercises that a way explains, each with the value that agrees with what the way computes.

        A way that leaves all points of an exercise does not explain why it failed.
        A value that is the same whatever the data, and builds on another answer, is explained only together with
        that one, and comes after it: a difference of 0 says nothing about a step that is not there.
        """
        found: dict[str, Candidate | None] = {}
        positions = dict(self._earned_at)
        unexplained = {failed.exercise.id for failed in self._failed}
        for failed in self._failed:
            exercise = failed.exercise
            if exercise.id not in way.expectations:
                continue

            agreeing = self._agreeing_with_way(failed, way, positions, unexplained)
            if agreeing:
                positions[exercise.id] = min(map(self._position_of, agreeing))
                found[exercise.id] = agreeing[0]
                unexplained.remove(exercise.id)
            elif way.leaves_out(exercise.id) and not self._gradient.stepped:
                found[exercise.id] = None
                unexplained.remove(exercise.id)
        return found if any(found.values()) else {}

    def all_agreeing(self, way: WrongWay) -> Iterator[Candidate]:
        """Give the values that agree with a way on the handed-out data, whatever the order of the answers."""
        for failed in self._failed:
            expectation = way.expectations.get(failed.exercise.id)
            if expectation is not None:
                since = 0 if failed.exercise.needs else None
                yield from self._agreeing(failed, expectation, since)

    def _agreeing_with_way(
        self,
        failed: _FailedExercise,
        way: WrongWay,
        positions: Mapping[str, int],
        unexplained: Collection[str],
    ) -> list[Candidate]:
        exercise = failed.exercise
        if way.leaves_out(exercise.id) or way.credit(exercise.id) >= 1:
            return []

        expectation = way.expectations[exercise.id]
        builds_on_failure = any(needed in unexplained for needed in exercise.needs)
        if builds_on_failure and expectation.is_constant:
            return []

        made_at = [positions[needed] for needed in exercise.needs if needed in positions]
        agreeing = self._agreeing(failed, expectation, since=max(made_at, default=None))
        return [one for one in agreeing if self._follows(one, failed, expectation)]

    def _agreeing(
        self, failed: _FailedExercise, expectation: Expectation, since: int | None
    ) -> Iterator[Candidate]:
        """Give the values that agree with what a mistake computes on the handed-out data.

        Args:
            failed: the exercise that they answer.
            expectation: what the mistake computes. Where it is the same in every run, the last value comes first.
            since: position of the event that made what the exercise builds on; None: it builds on nothing.
        """
        candidates = failed.candidates
        if expectation.is_constant and failed.check.follows_data:
            candidates = [
                one for one in reversed(candidates) if self._may_be_constant(one.event, since)
            ]

        for candidate in candidates:
            if not candidate.credit(expectation, failed.first_run):
                continue
            # Right solutions come by many values: only what agrees is compared with them.
            if not candidate.credit(failed.right, BASE):
                yield candidate

    def _position_of(self, candidate: Candidate) -> int:
        """Return where in the base run a value came to be.

        What a call gave at the end counts as made at the beginning: it needs nothing.
        """
        return self._position.get(id(candidate.event), 0)

    def _may_be_constant(self, event: Event, since: int | None) -> bool:
        if since is None:
            return id(event) in self._gradient.used
        return self._position[id(event)] >= since and GRADIENT not in event.source

    def _follows(
        self, candidate: Candidate, failed: _FailedExercise, expectation: Expectation
    ) -> bool:
        """Return whether a value agrees on every variant that had other numbers, and there was one."""
        if not self._on_variants:
            return True
        if expectation.runs == (failed.first_run,):
            return True

        is_confirmed = False
        for label in expectation.runs:
            runs = self._comparable_runs(label, failed)
            if not runs:
                continue
            values = self._at_same_place(candidate, runs, failed.look_in)
            if not any(value.credit(expectation, label) for value in values):
                return False
            is_confirmed = True
        return is_confirmed

    def _comparable_runs(self, label: str, failed: _FailedExercise) -> list[str]:
        """Return the labels of the runs in which a value has to agree with what a mistake computes in a run."""
        if label == failed.first_run:
            return []
        if not failed.check.follows_data:
            return [label]

        labels = []
        for ending in ("", CONFIRMATION):
            run = self._trace.run(label + ending)
            if run is not None and carried(run):
                labels.append(run.label)
        return labels

    def _at_same_place(
        self, candidate: Candidate, runs: Sequence[str], look_in: Sequence[str]
    ) -> Iterator[Candidate]:
        for run in runs:
            yield from self._values.at(run, candidate.place, look_in)
