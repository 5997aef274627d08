"""Find which answers of a reference depend on seeds, and compute them with other seeds."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from grader.assignment import Assignment, Exercise
from grader.errors import AssignmentError
from grader.grading.checks.base import AutomaticCheck, Context
from grader.grading.checks.registry import AUTOMATIC, check_of
from grader.grading.expectation import Answer, Expectation
from grader.grading.knowledge import Knowledge, SeededAnswer
from grader.grading.search import Values, find
from grader.grading.seeds import OTHER_WAYS, seedings_of
from grader.grading.stability import Spread, spread_of, widest
from grader.reference.kernels import ReferenceKernels
from grader.reference.records import Answers, RunAnswers, StoredReference, StoredSeeds
from grader.running.variant_budget import VariantBudget
from grader.settings import Seeding
from grader.trace import BASE

MAX_SEEDINGS = 40
"""Most ways to set seeds that the reference runs with, over a whole class: each takes its time."""

SEEDS_S = 120.0
"""Longest time that a class waits for these runs, in seconds: a person decides about the others."""


class SeededReference:
    """The answers of a reference with other seeds than its own."""

    def __init__(
        self,
        assignment: Assignment,
        kernels: ReferenceKernels,
        reference: StoredReference,
        stored: StoredSeeds,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Initialise with the reference, its runner, its stored results, and a clock."""
        self._exercises = [
            exercise for exercise in assignment.exercises if check_of(exercise).is_measured
        ]
        self._kernels = kernels
        self._reference = reference
        self._budget = VariantBudget(SEEDS_S, clock=clock)
        self.stored = stored
        """Stored results; they grow."""

    async def extend(self, knowledge: Knowledge, values: Values) -> Knowledge:
        """Add the random answers that are needed to decide about a submission.

        Args:
            knowledge: the knowledge without them. values: the values of the submission's trace so
            far.
        """
        if not self._reference.draws:
            return knowledge
        unfixed = await self._unfixed()
        knowledge = replace(knowledge, unfixed=unfixed)
        lacking: list[Exercise] = []
        for exercise in self._exercises:
            if exercise.id in unfixed and _lacks_answer(exercise, values, knowledge):
                lacking.append(exercise)

        for seeding in seedings_of(values.trace):
            if not lacking:
                break
            answers = await self._answers_for(lacking, values, seeding)
            if answers is None:
                return replace(knowledge, seeds_tried=False)
            knowledge = self._with_answers(knowledge, lacking, answers, seeding)
            lacking = [
                exercise
                for exercise in lacking
                if not _has_seeded_answer(exercise, values, knowledge)
            ]
        return knowledge

    async def _answers_for(
        self, exercises: Sequence[Exercise], values: Values, seeding: Seeding
    ) -> Answers | None:
        """Return the answers of exercises with other seeds; None if there is no time for it.

        The original data comes first: seeds that are not right there need not run on the
        variants.
        """
        on_data = await self._answers(seeding, variants=False)
        if on_data is None or not self._reference.inputs:
            return on_data
        following = [exercise for exercise in exercises if check_of(exercise).follows_data]
        for exercise in following:
            expectation = _expectation(exercise, on_data)
            if expectation and find(values, exercise.look_in, expectation):
                return await self._answers(seeding, variants=True)

        ids = {exercise.id for exercise in following}
        return {name: runs for name, runs in on_data.items() if name not in ids}

    def _with_answers(
        self,
        knowledge: Knowledge,
        exercises: Sequence[Exercise],
        answers: Answers,
        seeding: Seeding,
    ) -> Knowledge:
        """Add the answers of exercises with other seeds."""
        seeded = dict(knowledge.seeded)
        for exercise in exercises:
            expectation = _expectation(exercise, answers)
            if expectation is None:
                continue
            answer = SeededAnswer(expectation, seeding.draws)
            before = seeded.get(exercise.id, ())
            seeded[exercise.id] = (*before, answer)
        return replace(knowledge, seeded=seeded)

    async def _unfixed(self) -> frozenset[str]:
        """Return the exercises with answers that depend on seeds."""
        if self.stored.unfixed is None:
            other_ways = list(OTHER_WAYS.values())
            other_answers = await self._run(other_ways, variants=False)
            unfixed = unfixed_exercises(self._exercises, self._reference.answers, other_answers)
            self.stored = self.stored.model_copy(update={"unfixed": unfixed})
        return frozenset(self.stored.unfixed or ())

    async def _answers(self, seeding: Seeding, *, variants: bool) -> Answers | None:
        """Return the answers of the reference with some seeds; None if too many were tried."""
        stored = self.stored
        known = stored.answers if variants else stored.on_data
        key = seeding.model_dump_json()
        if key not in known:
            too_many = len(known) >= MAX_SEEDINGS
            if too_many or not self._budget.has_room:
                return None
            with self._budget.measured():
                [answers] = await self._run([seeding], variants=variants)
            known = {**known, key: answers}
            field = "answers" if variants else "on_data"
            self.stored = stored.model_copy(update={field: known})
        return known[key]

    async def _run(self, seedings: Sequence[Seeding], *, variants: bool) -> list[Answers]:
        try:
            return await self._kernels.seeded(seedings, self._reference, variants=variants)
        except AssignmentError:  # with these seeds it has no answer
            return [{} for _ in seedings]


def unfixed_exercises(
    exercises: Iterable[Exercise], answers: Answers, other_answers: Sequence[Answers]
) -> tuple[str, ...]:
    """List the exercises with answers that depend on seeds.

    Args:
        exercises: the exercises, some of which are decided by numbers.
        answers: the reference's answers.
        other_answers: its answers with other seeds, each time.
    """
    unfixed: list[str] = []
    for exercise in exercises:
        if not check_of(exercise).is_measured:
            continue
        own = answers.get(exercise.id, {})
        others = [other.get(exercise.id, {}) for other in other_answers]
        spread = _spread(exercise, own, others)
        if spread.stability != "fixed":
            unfixed.append(exercise.id)
    return tuple(unfixed)


def _expectation(exercise: Exercise, answers: Answers) -> Expectation | None:
    """Return the answer of an exercise, to compare with; None if there is none."""
    runs = answers.get(exercise.id)
    if not runs:
        return None
    check = check_of(exercise)
    return Expectation(runs, check.tolerance(exercise))


def _lacks_answer(
    exercise: Exercise,
    values: Values,
    knowledge: Knowledge,
    expectation: Expectation | None = None,
) -> bool:
    """Return whether a submission lacks an answer, on the original data."""
    check: AutomaticCheck = AUTOMATIC[exercise.check]
    expected = expectation or knowledge.expectations[exercise.id]
    context = Context(values, expected, knowledge.right[exercise.id])
    return check.lacks_answer(exercise, context)


def _has_seeded_answer(exercise: Exercise, values: Values, knowledge: Knowledge) -> bool:
    """Return whether a submission has an answer that is right with its seeds."""
    for answer in knowledge.seeded.get(exercise.id, ()):
        if not _lacks_answer(exercise, values, knowledge, answer.expectation):
            return True
    return False


def _spread(exercise: Exercise, own: RunAnswers, others: Sequence[RunAnswers]) -> Spread:
    """Measure how far the answers vary, mark by mark.

    A function has a run for each call; of other answers, the original data is enough.
    """
    check = check_of(exercise)
    tolerance = check.tolerance(exercise)
    spreads: list[Spread] = []
    for label, alternatives in own.items():
        if exercise.asked is None and label != BASE:
            continue
        in_others = [answers.get(label, ()) for answers in others]
        for number, answer in enumerate(alternatives):
            if answer.way:  # it was run with the reference's own seeds only
                continue
            given = [_at(some, number) for some in in_others]
            values = [other.value for other in given if other is not None]
            spread = Spread("free")
            if len(values) == len(given):
                spread = spread_of([answer.value, *values], tolerance)
            spreads.append(spread)
    return widest(spreads)


def _at(alternatives: Sequence[Answer], number: int) -> Answer | None:
    if number >= len(alternatives):
        return None
    return alternatives[number]
