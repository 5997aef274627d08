"""Decide answers that depend on random numbers: the student's seeds may differ. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from grader.assignment import Exercise
from grader.grading.checks.outcome import Outcome, RaisedFlag, message
from grader.grading.checks.registry import check_of
from grader.grading.expectation import Expectation
from grader.grading.knowledge import Knowledge, SeededAnswer
from grader.grading.search import Candidate, Values
from grader.grading.seeds import may_set_seeds, told_seeds
from grader.trace import BASE, Array, Trace

OPEN = frozenset(("random.no-seed", "random.other-answer", "random.not-compared"))
"""Messages of answers that seeds may explain."""


def is_better(outcome: Outcome, before: Outcome) -> bool:
    """Return whether an outcome with the student's seeds beats one with the reference's."""
    if outcome.status == "pending":
        return before.credit == 0
    return outcome.credit > before.credit


def with_own_seeds(outcome: Outcome, answer: SeededAnswer, trace: Trace) -> Outcome:
    """Note on an outcome that it was found with the student's seeds, or with more draws."""
    if answer.draws:
        note = message("random.more-draws", count=answer.draws)
    else:
        note = message("random.own-seeds", seeds=told_seeds(trace))
    return replace(outcome, notes=(*outcome.notes, note))


def attempt_at(
    exercise: Exercise,
    values: Values,
    knowledge: Knowledge,
    cells: Collection[int],
    *,
    with_right: bool = False,
) -> Candidate | None:
    """Find a value of the student's that may be meant for a random answer.

    Args:
        exercise: the exercise.
        values: the submission's values.
        knowledge: the reference's values.
        cells: the student's cells that attempt the exercise.
        with_right: whether values count that some seeds make right, as small numbers often are.

    Returns:
        The last one with as many numbers as the answer has; None if there is none. A statement that
        draws numbers need not read a name of the student's.
    """
    check = check_of(exercise)
    right = knowledge.right[exercise.id]
    expectation = knowledge.expectations[exercise.id]
    run = check.first_run(exercise)
    sizes = _sizes(expectation, run)
    tolerance = check.tolerance(exercise)
    is_series = tolerance.series is not None
    look_in = check.look_in(exercise)

    attempt = None
    for candidate in values.of(run, look_in):
        if candidate.place.cell not in cells:
            continue
        if not with_right and candidate.credit(right, BASE):
            continue
        if _is_constant(candidate.value) or not _is_computed(candidate, values):
            continue
        size = _size(candidate.value)
        is_a_series = is_series and size > 1
        if is_a_series or size in sizes:
            attempt = candidate
    return attempt


def _is_computed(candidate: Candidate, values: Values) -> bool:
    """Return whether a statement computes its value, and does not type it in."""
    if "(" in candidate.event.source:
        return True
    return values.origins.typing(candidate) == "computed"


def _is_constant(value: object) -> bool:
    """Return whether all elements of a value are equal: nothing random made it."""
    if not isinstance(value, Array) or value.size <= 1:
        return False
    numbers = set(value.elements)
    return len(numbers) == 1


def _sizes(expectation: Expectation, run: str) -> set[int]:
    sizes = {_size(value) for value in expectation.values(run)}
    return sizes - {0}


def _size(value: object) -> int:
    """Count the numbers in a value."""
    if isinstance(value, Array):
        return value.size
    return 1 if getattr(value, "kind", "") == "number" else 0


def rests_on_open(exercise: Exercise, outcomes: Mapping[str, Outcome]) -> bool:
    """Return whether an exercise builds on another one that seeds may explain."""
    for name in exercise.needs:
        needed = outcomes.get(name)
        if needed is not None and needed.message.id in OPEN:
            return True
    return False


def open_outcome(attempt: Candidate, trace: Trace, knowledge: Knowledge) -> Outcome:
    """Leave an exercise pending, because seeds may explain its answer."""
    seeds = told_seeds(trace)
    if not may_set_seeds(trace):
        why = message("random.no-seed")
    elif seeds and knowledge.seeds_tried:
        why = message("random.other-answer", seeds=seeds)
    else:
        why = message("random.not-compared")
    flag = RaisedFlag("unverified", attempt, why)
    return Outcome("pending", why, found=attempt, flags=(flag,))
