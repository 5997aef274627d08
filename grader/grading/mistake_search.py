"""Match failed exercises to known mistakes, by the values that the mistakes compute. Pure.

Only values that the student's code computed are matched: typed-in numbers explain nothing, and
neither do values that correct solutions also compute. The mistakes that explain most win; if
several explain equally much, the result is a tie.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import NamedTuple

from grader.assignment import Exercise
from grader.grading.checks.base import Check
from grader.grading.checks.registry import check_of
from grader.grading.expectation import Expectation
from grader.grading.follows_data import CONFIRMATION, carried
from grader.grading.gradient_use import GRADIENT, GradientUse
from grader.grading.match_places import ExercisePlace
from grader.grading.mistakes import WrongWay
from grader.grading.search import Candidate, Values
from grader.trace import BASE, Event

MAX_PLAUSIBLE = 40
"""Most combinations of mistakes that are looked at closely for one submission."""

MAX_TOLD = 3
"""Most mistakes that are reported for one submission."""

EarningValues = Mapping[str, Candidate]
"""Per exercise that earned points, the value that earned them."""

MadeAt = dict[str, int]
"""Per exercise, the position of the event in the base run that made its value."""

Explained = dict[str, Candidate | None]
"""Per explained exercise, the value that revealed the mistake; None if it was left out."""


@dataclass(frozen=True)
class Failures:
    """The failed exercises of a submission, and the data to explain them by."""

    values: Values
    exercises: Sequence[Exercise]
    earning: EarningValues
    """A mistake that would have spoiled one of these values is less likely."""
    right: Mapping[str, Expectation]
    """Per exercise, values that right solutions come by: they explain nothing."""
    depends: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Per exercise, the data that its answer depends on; all data for missing exercises."""
    places: Mapping[str, ExercisePlace] = field(default_factory=dict)
    """Per exercise, where its answer is expected; answers of missing exercises may be anywhere."""
    unvaried: Collection[str] = ()
    """Exercises with an answer that no variant changes."""


@dataclass(frozen=True)
class Explanation:
    """The mistakes that explain most of a submission's failures."""

    way: WrongWay
    also: tuple[WrongWay, ...]
    """Ways that explain as much."""
    explains: Explained


class Score(NamedTuple):
    """How well mistakes explain the failures; higher is better."""

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
        on_variants: whether a value also has to agree in the variants; it cannot before they ran.

    Returns:
        The best explanation, then the best one of the unexplained rest, and so on.
    """
    search = _MistakeSearch(failures, on_variants=on_variants)
    able = _able_ways(search, ways)

    explanations: list[Explanation] = []
    remaining = {exercise.id for exercise in failures.exercises}
    may_tell = MAX_TOLD
    while remaining and may_tell > 0:
        best = _best(able, remaining, failures.earning, may_tell)
        if best is None:
            break
        explains = best.explains
        explanations.append(best)
        remaining -= explains.keys()
        may_tell -= len(best.way.parts)
        # A way that changes an exercise which is already explained contradicts the explanation.
        able = [one for one in able if one.changed.isdisjoint(explains)]
    return tuple(explanations)


@dataclass(frozen=True)
class _AbleWay:
    """Mistakes that explain something, and the exercises they explain."""

    way: WrongWay
    explains: Explained

    @property
    def changed(self) -> AbstractSet[str]:
        """The exercises with answers that the mistakes change."""
        return self.way.expectations.keys()

    def score(self, failed: Collection[str], earning: Collection[str]) -> Score:
        """Score the mistakes: by how many exercises they explain, and how few they contradict."""
        changed_failed = self.changed & set(failed)
        unexplained = changed_failed - self.explains.keys()
        contradicted = self.changed & set(earning)
        return Score(
            len(self.explains),
            unexplained=-len(unexplained),
            contradicted=-len(contradicted),
            parts=-len(self.way.parts),
        )


def _able_ways(search: _MistakeSearch, ways: Iterable[WrongWay]) -> list[_AbleWay]:
    able = []
    for way in ways:
        explains = search.explained(way)
        if explains:
            able.append(_AbleWay(way, explains))
    return able


def _best(
    able: Iterable[_AbleWay],
    failed: Collection[str],
    earning: Collection[str],
    most_parts: int,
) -> Explanation | None:
    """Return the mistakes with the best score, and those with an equal score."""
    best_score: Score | None = None
    best: list[_AbleWay] = []
    for one in able:
        if len(one.way.parts) > most_parts:
            continue
        score = one.score(failed, earning)
        if best_score is None or score > best_score:
            best_score = score
            best = [one]
        elif score == best_score:
            best.append(one)

    if not best:
        return None
    first, *others = best
    also = tuple(other.way for other in others)
    return Explanation(first.way, also, first.explains)


def rank_plausible(failures: Failures, ways: Iterable[WrongWay]) -> list[WrongWay]:
    """List the mistakes that explain something on the original data, the best first.

    Args:
        failures: the exercises to explain.
        ways: with their values on the original data.
    """
    search = _MistakeSearch(failures, on_variants=False)
    failed = {exercise.id for exercise in failures.exercises}
    able = _able_ways(search, ways)
    able.sort(key=lambda one: one.score(failed, failures.earning), reverse=True)
    best = able[:MAX_PLAUSIBLE]
    return [one.way for one in best]


def explaining_cells(failures: Failures, ways: Sequence[WrongWay]) -> set[int]:
    """Return the cells with values that agree, on the original data, with some mistake."""
    search = _MistakeSearch(failures, on_variants=False)
    cells = set()
    for way in ways:
        for candidate in search.all_agreeing(way):
            cells.add(candidate.place.cell)
    return cells


@dataclass(frozen=True)
class _FailedExercise:
    """A failed exercise, and where to look for an explanation."""

    id: str
    needs: Sequence[str]
    """Exercises that it builds on."""
    check: Check
    first_run: str
    look_in: Sequence[str]
    right: Expectation
    inputs: frozenset[str] | None
    """Names of the data on which its answer depends; None: all varied data."""
    candidates: Sequence[Candidate]
    """Values that the student's own code computed."""
    place: ExercisePlace | None
    """Where the answer is expected, if no variant changes it; None: variants decide."""

    def is_here(self, candidate: Candidate) -> bool:
        """Return whether a value is where the answer is expected."""
        place = self.place
        if place is None or place.is_here(candidate):
            return True
        return place.is_named(candidate)


def _failed_exercise(exercise: Exercise, failures: Failures) -> _FailedExercise:
    check = check_of(exercise)
    return _FailedExercise(
        exercise.id,
        exercise.needs,
        check,
        first_run=check.first_run(exercise),
        look_in=check.look_in(exercise),
        right=failures.right[exercise.id],
        inputs=failures.depends.get(exercise.id),
        candidates=check.computed_values(exercise, failures.values),
        place=_place_without_variants(exercise, failures),
    )


def _place_without_variants(exercise: Exercise, failures: Failures) -> ExercisePlace | None:
    if exercise.id not in failures.unvaried:
        return None
    if not check_of(exercise).follows_data:
        return None
    return failures.places.get(exercise.id)


class _MistakeSearch:
    """Searches a submission for the values that mistakes compute."""

    def __init__(self, failures: Failures, *, on_variants: bool) -> None:
        """Initialise with the data to search.

        Args:
            failures: the exercises to explain.
            on_variants: whether a value has to agree in the variants, too.
        """
        values = failures.values
        trace = values.trace
        self._values = values
        self._trace = trace
        self._on_variants = on_variants
        self._gradient = GradientUse(trace)
        self._failed: list[_FailedExercise] = []
        for exercise in failures.exercises:
            failed = _failed_exercise(exercise, failures)
            self._failed.append(failed)

        self._positions: dict[int, int] = {}
        """Per event of the base run (`id(event)`), its position."""
        for position, event in enumerate(trace.base.events):
            self._positions[id(event)] = position
        self._earned_at: MadeAt = {}
        for exercise_id, candidate in failures.earning.items():
            self._earned_at[exercise_id] = self._position_of(candidate)

    def explained(self, way: WrongWay) -> Explained:
        """Return the exercises that mistakes explain, each with the value that agrees.

        A way that leaves all points of an exercise does not explain why it failed.
        A value that is the same whatever the data, and builds on another answer, is explained only
        together with that one, and comes after it: a difference of 0 says nothing about a step
        that is not there.
        """
        found: Explained = {}
        made_at = dict(self._earned_at)
        unexplained = {failed.id for failed in self._failed}
        for failed in self._failed:
            name = failed.id
            if name not in way.expectations:
                continue

            agreeing = self._agreeing_with_way(failed, way, made_at, unexplained)
            if agreeing:
                positions = map(self._position_of, agreeing)
                made_at[name] = min(positions)
                found[name] = agreeing[0]
                unexplained.remove(name)
            elif self._is_left_out(name, way):
                found[name] = None
                unexplained.remove(name)

        found = self._without_chance(found)
        if not any(found.values()):
            return {}
        return found

    def _without_chance(self, found: Explained) -> Explained:
        """Drop single matches that no variant changes and that are not at the expected place.

        Two values that are not the same bear each other out.
        """
        numbers = {candidate.value for candidate in found.values() if candidate is not None}
        if len(numbers) > 1:
            return found
        places = {failed.id: failed for failed in self._failed}
        kept = {}
        for exercise, candidate in found.items():
            if candidate is None or places[exercise].is_here(candidate):
                kept[exercise] = candidate
        return kept

    def all_agreeing(self, way: WrongWay) -> Iterator[Candidate]:
        """Yield the values that agree with mistakes on the original data, in any order."""
        for failed in self._failed:
            expectation = way.expectations.get(failed.id)
            if expectation is not None:
                since = 0 if failed.needs else None
                yield from self._agreeing(failed, expectation, since)

    def _is_left_out(self, exercise: str, way: WrongWay) -> bool:
        """Return whether mistakes leave an exercise out, and nothing was computed for it."""
        if self._gradient.stepped:
            return False
        return way.leaves_out(exercise)

    def _agreeing_with_way(
        self,
        failed: _FailedExercise,
        way: WrongWay,
        made_at: MadeAt,
        unexplained: Collection[str],
    ) -> list[Candidate]:
        if way.leaves_out(failed.id):
            return []
        leaves_all_points = way.credit(failed.id) >= 1
        if leaves_all_points:
            return []

        expectation = way.expectations[failed.id]
        builds_on_failure = any(needed in unexplained for needed in failed.needs)
        if builds_on_failure and expectation.is_constant:
            return []

        since: int | None = None
        for needed in failed.needs:
            if needed in made_at:
                since = max(since or 0, made_at[needed])
        agreeing = self._agreeing(failed, expectation, since)
        return [one for one in agreeing if self._follows(one, failed, expectation)]

    def _agreeing(
        self, failed: _FailedExercise, expectation: Expectation, since: int | None
    ) -> Iterator[Candidate]:
        """Yield the values that agree with a mistake on the original data.

        Args:
            failed: the exercise that they answer.
            expectation: the mistake's values. If they are the same in every run, the last value
                comes first.
            since: position of the event that made what the exercise builds on; None: it builds on
                nothing.
        """
        needs_evidence = expectation.is_constant and failed.check.follows_data
        candidates = failed.candidates
        if needs_evidence:
            candidates = candidates[::-1]

        for candidate in candidates:
            if needs_evidence and not self._may_be_constant(candidate.event, since):
                continue
            if not candidate.credit(expectation, failed.first_run):
                continue
            if failed.place is not None and failed.place.is_chance(candidate):
                continue
            # Right solutions compute many values, so only values that agree are compared with them.
            if not candidate.credit(failed.right, BASE):
                yield candidate

    def _position_of(self, candidate: Candidate) -> int:
        """Return where in the base run a value was computed.

        The result of a call at the end counts as computed at the beginning: it depends on nothing.
        """
        event_id = id(candidate.event)
        return self._positions.get(event_id, 0)

    def _may_be_constant(self, event: Event, since: int | None) -> bool:
        event_id = id(event)
        if since is None:
            return event_id in self._gradient.used
        if GRADIENT in event.source:
            return False
        return self._positions[event_id] >= since

    def _follows(
        self, candidate: Candidate, failed: _FailedExercise, expectation: Expectation
    ) -> bool:
        """Return whether a value agrees on every variant that had other numbers.

        There must have been one.
        """
        if not self._on_variants:
            return True
        if expectation.runs == (failed.first_run,):
            return True

        is_confirmed = False
        for label in expectation.runs:
            runs = self._comparable_runs(label, failed)
            if not runs:
                continue
            in_runs = self._at_same_place(candidate, runs, failed.look_in)
            credits = [one.credit(expectation, label) for one in in_runs]
            if not any(credits):
                return False
            is_confirmed = True
        return is_confirmed

    def _comparable_runs(self, label: str, failed: _FailedExercise) -> list[str]:
        """Return the runs in which a value must agree with a mistake's."""
        if label == failed.first_run:
            return []
        if not failed.check.follows_data:
            return [label]

        labels = []
        for ending in ("", CONFIRMATION):
            run = self._trace.run(label + ending)
            if run is not None and carried(run, failed.inputs):
                labels.append(run.label)
        return labels

    def _at_same_place(
        self, candidate: Candidate, runs: Sequence[str], look_in: Sequence[str]
    ) -> Iterator[Candidate]:
        place = candidate.place
        for run in runs:
            yield from self._values.at(run, place, look_in)
