"""Recognises known mistakes by what they compute. Pure.

A mistake is matched on the student's own computed values only: what is typed in explains nothing, nor does a value
that a right solution also comes by. What explains most wins; what explains equally much is told as a tie.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from grader.assignment import Exercise
from grader.checks.finding import Candidate, Values
from grader.checks.following import AGAIN, carried
from grader.checks.graph import LOOK_IN as GRAPHS
from grader.expectation import Expectation
from grader.trace import BASE, Trace, is_literal


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


@dataclass(frozen=True)
class Recognised:
    """The mistakes that explain a submission best."""

    mistakes: tuple[KnownMistake, ...]
    """The first is told; the others explain as much."""
    explains: Mapping[str, Candidate]
    """Per failed exercise, the value that gave it away."""


def recognise(
    values: Values,
    failed: Sequence[Exercise],
    passed: Sequence[Exercise],
    mistakes: Sequence[KnownMistake],
    right: Mapping[str, Expectation],
) -> Recognised | None:
    """The known mistakes that explain why exercises failed.

    Args:
        values: what the submission computed.
        failed: exercises to explain.
        passed: exercises that earned their points: a mistake that would have lost them is less likely.
        mistakes: all known ones.
        right: per exercise, values that right solutions come by: they explain nothing.

    Returns:
        The best explanation; None if no mistake explains anything.
    """
    search = _Search(values, failed, right)
    best: tuple[tuple[int, int, int], list[tuple[KnownMistake, dict[str, Candidate]]]] | None = None
    for mistake in mistakes:
        explains = search.explained(mistake)
        if not explains:
            continue
        unexplained = sum(e.id in mistake.expectations and e.id not in explains for e in failed)
        contradicted = sum(e.id in mistake.expectations for e in passed)
        score = (len(explains), -unexplained, -contradicted)
        if best is None or score > best[0]:
            best = (score, [])
        if score == best[0]:
            best[1].append((mistake, explains))
    if best is None:
        return None
    return Recognised(tuple(mistake for mistake, _ in best[1]), best[1][0][1])


def explaining_cells(
    values: Values,
    failed: Sequence[Exercise],
    mistakes: Sequence[KnownMistake],
    right: Mapping[str, Expectation],
) -> set[int]:
    """Cells whose values, on the handed-out data, agree with some mistake."""
    search = _Search(values, failed, right)
    return {
        candidate.place.cell
        for mistake in mistakes
        for exercise in failed
        if (expectation := mistake.expectations.get(exercise.id)) is not None
        for candidate in search.agreeing(exercise, expectation)
    }


class _Search:
    """Looks in a submission for the values that mistakes compute."""

    def __init__(self, values: Values, failed: Sequence[Exercise], right: Mapping[str, Expectation]) -> None:
        self._values = values
        self._failed = failed
        self._after_gradient = _after_gradient(values.trace)
        self._handout = values.trace.handout_cells()
        self._own = {exercise.id: self._own_values(exercise, right[exercise.id]) for exercise in failed}

    def _own_values(self, exercise: Exercise, right: Expectation) -> list[Candidate]:
        """The student's own computed values, without those that right solutions come by."""
        there = self._values.of(BASE, _look_in(exercise))
        own = (one for one in there if one.place.cell not in self._handout and is_computed(one))
        return [candidate for candidate in own if not candidate.credit(right, BASE)]

    def explained(self, mistake: KnownMistake) -> dict[str, Candidate]:
        """The exercises a mistake explains, each with the value that agrees with what the mistake computes.

        A value that is the same whatever the data, and builds on another answer, is explained only together with
        it: a difference of 0 says nothing of a step that is not there.
        """
        found: dict[str, Candidate] = {}
        unexplained: set[str] = set()
        for exercise in self._failed:
            expectation = mistake.expectations.get(exercise.id)
            if expectation is None:
                continue
            alone = expectation.is_constant and not unexplained.isdisjoint(exercise.needs)
            agreeing = () if alone else self.agreeing(exercise, expectation)
            candidate = next((one for one in agreeing if self._follows(one, _look_in(exercise), expectation)), None)
            if candidate is None:
                unexplained.add(exercise.id)
            else:
                found[exercise.id] = candidate
        return found

    def agreeing(self, exercise: Exercise, expectation: Expectation) -> Iterator[Candidate]:
        """The values that agree with what a mistake computes on the handed-out data; of a constant, the last first."""
        own = self._own[exercise.id]
        if expectation.is_constant:
            own = [one for one in reversed(own) if id(one.event) in self._after_gradient]
        yield from (candidate for candidate in own if candidate.credit(expectation, BASE))

    def _follows(self, candidate: Candidate, look_in: Sequence[str], expectation: Expectation) -> bool:
        """Whether a value agrees on every variant that had other numbers, and there was one."""
        agreed = [
            self._agrees(candidate, look_in, expectation, label, able)
            for label in expectation.runs
            if label != BASE and (able := self._able(label))
        ]
        return all(agreed) and (bool(agreed) or expectation.runs == (BASE,))

    def _able(self, label: str) -> list[str]:
        runs = [run for ending in ("", AGAIN) if (run := self._values.trace.run(label + ending)) is not None]
        return [run.label for run in runs if carried(run)]

    def _agrees(
        self, candidate: Candidate, look_in: Sequence[str], expectation: Expectation, label: str, able: Sequence[str]
    ) -> bool:
        there = (other for run in able for other in self._values.at(run, candidate.place, look_in))
        return any(other.credit(expectation, label) for other in there)


def _look_in(exercise: Exercise) -> Sequence[str]:
    return GRAPHS if exercise.check == "graph" else exercise.look_in


def _after_gradient(trace: Trace) -> set[int]:
    """Ids of the events that did more with what a backward reached than copy it.

    A value that is the same whatever the data, as a step of 0, needs that evidence: otherwise every
    `w = torch.ones(1)` would look like a step that did not move.
    """
    found: set[int] = set()
    reached: set[str] = set()
    backward = False
    for event in trace.base.events:
        if event.kind == "grad":
            backward = True
            reached |= {path.partition(".")[0] for path in event.values if path.endswith(".grad")}
            continue
        touched = not reached.isdisjoint(event.reads)
        if touched and event.kind in ("value", "step"):
            reached.update(event.assigned)
        works = len(event.reads) > 1 or ".grad" in event.source
        if backward and (event.kind == "step" or (touched and works)):
            found.add(id(event))
    return found


def is_computed(candidate: Candidate) -> bool:
    """Whether a statement made this value, rather than only read it, from something of the student's own."""
    event, root = candidate.event, candidate.place.path.replace("[", ".").partition(".")[0]
    if event.kind in ("grad", "step", "graph"):
        return True
    if is_literal(event):
        return False
    return event.kind != "value" or root in event.assigned or root == "return"
