"""Recognises known mistakes by what they compute. Pure.

A mistake is matched on the student's own computed values only: what is typed in explains nothing, nor does a value
that a right solution also comes by. What explains most wins; what explains equally much is told as a tie.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grader.assignment import Exercise
from grader.checks.finding import Candidate, Found, Place, candidates
from grader.checks.following import AGAIN
from grader.checks.graph import LOOK_IN as GRAPHS
from grader.expectation import Expectation
from grader.trace import BASE, Run, Trace, is_literal


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


@dataclass(frozen=True)
class Recognised:
    """The mistakes that explain a submission best."""

    mistakes: tuple[KnownMistake, ...]
    """The first is told; the others explain as much."""
    explains: Mapping[str, Candidate]
    """Per failed exercise, the value that gave it away."""


def recognise(
    trace: Trace,
    failed: Sequence[Exercise],
    passed: Sequence[Exercise],
    mistakes: Sequence[KnownMistake],
    right: Mapping[str, Expectation],
) -> Recognised | None:
    """The known mistakes that explain why exercises failed.

    Args:
        trace: what the submission computed.
        failed: exercises to explain.
        passed: exercises that earned their points: a mistake that would have lost them is less likely.
        mistakes: all known ones.
        right: per exercise, values that right solutions come by: they explain nothing.

    Returns:
        The best explanation; None if no mistake explains anything.
    """
    best: tuple[tuple[int, int, int], list[tuple[KnownMistake, dict[str, Candidate]]]] | None = None
    for mistake in mistakes:
        explains = explained(trace, failed, mistake, right)
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


def explained(
    trace: Trace, failed: Sequence[Exercise], mistake: KnownMistake, right: Mapping[str, Expectation]
) -> dict[str, Candidate]:
    """The exercises a mistake explains, each with the value that agrees with what the mistake computes.

    A value that is the same whatever the data, and builds on another answer, is explained only together with it: a
    difference of 0 says nothing of a step that is not there.
    """
    found: dict[str, Candidate] = {}
    unexplained: set[str] = set()
    for exercise in failed:
        expectation = mistake.expectations.get(exercise.id)
        if expectation is None:
            continue
        candidate = None
        if not (expectation.is_constant and unexplained.intersection(exercise.needs)):
            candidate = _explaining(trace, exercise, expectation, right[exercise.id])
        if candidate is None:
            unexplained.add(exercise.id)
        else:
            found[exercise.id] = candidate
    return found


def _explaining(trace: Trace, exercise: Exercise, expectation: Expectation, right: Expectation) -> Candidate | None:
    look_in = GRAPHS if exercise.check == "graph" else exercise.look_in
    after_gradient = _AfterGradient(trace)
    for candidate in candidates(trace.base, look_in, trace.handout_cells()):
        if not is_computed(candidate) or not candidate.credit(expectation, BASE):
            continue
        if candidate.credit(right, BASE) or not _follows(trace, candidate, look_in, expectation):
            continue
        if expectation.is_constant and not after_gradient.behind(candidate):
            continue
        return candidate
    return None


class _AfterGradient:
    """Which values come from a gradient: one that is the same whatever the data, as a step of 0, needs that evidence.

    Otherwise every `w = torch.ones(1)` would look like a step that did not move.
    """

    def __init__(self, trace: Trace) -> None:
        self._from: dict[int, set[str]] = {}
        names: set[str] = set()
        for event in trace.base.events:
            if event.kind == "grad":
                names |= {path.partition(".")[0] for path in event.values if path.endswith(".grad")}
                names |= {"autograd.grad"}
            elif names and event.kind in ("value", "step") and names.intersection(event.reads):
                names |= set(event.assigned)
            self._from[id(event)] = set(names)

    def behind(self, candidate: Candidate) -> bool:
        """Whether a statement made a value after a backward, and did more with what that reached than copy it."""
        event = candidate.event
        names = self._from.get(id(event), set())
        works = len(event.reads) > 1 or ".grad" in event.source
        return bool(names) and (event.kind == "step" or (works and bool(names.intersection(event.reads))))


def is_computed(candidate: Candidate) -> bool:
    """Whether a statement made this value, rather than only read it, from something of the student's own."""
    event, root = candidate.event, candidate.place.path.replace("[", ".").partition(".")[0]
    if event.kind in ("grad", "step", "graph"):
        return True
    if is_literal(event):
        return False
    return event.kind != "value" or root in event.assigned or root == "return"


def _follows(trace: Trace, candidate: Candidate, look_in: Sequence[str], expectation: Expectation) -> bool:
    for label in expectation.runs:
        if label == BASE:
            continue
        runs = [run for ending in ("", AGAIN) if (run := trace.run(label + ending)) is not None]
        able = [run for run in runs if run.carried and all(run.carried.values())]
        if able and not any(_agrees_at(run, candidate.place, look_in, expectation, label) for run in able):
            return False
    return True


def _agrees_at(run: Run, place: Place, look_in: Sequence[str], expectation: Expectation, label: str) -> bool:
    there = (candidate for candidate in candidates(run, look_in, ()) if candidate.place == place)
    return any(candidate.credit(expectation, label) for candidate in there)


def explaining_cells(
    trace: Trace,
    failed: Sequence[Exercise],
    mistakes: Sequence[KnownMistake],
    right: Mapping[str, Expectation],
) -> set[int]:
    """Cells whose values, on the handed-out data, agree with some mistake."""
    return {
        candidate.place.cell for mistake in mistakes for candidate in explained(trace, failed, mistake, right).values()
    }


__all__ = ["Found", "KnownMistake", "Recognised", "explaining_cells", "is_computed", "recognise"]
