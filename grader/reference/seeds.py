"""Run a reference under other seeds: which answers hang on them, and what they are then."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from grader.assignment import Assignment, Exercise
from grader.errors import AssignmentError
from grader.grading.checks.base import AutomaticCheck, Context
from grader.grading.checks.registry import AUTOMATIC, check_of
from grader.grading.expectation import Answer, Expectation
from grader.grading.knowledge import Knowledge, SeededAnswer
from grader.grading.search import Values
from grader.grading.seeds import OTHER_WAYS, seedings_of
from grader.grading.stability import Spread, spread_of, widest
from grader.reference.kernels import ReferenceKernels
from grader.reference.records import Answers, RunAnswers, StoredReference, StoredSeeds
from grader.settings import Seeding
from grader.trace import BASE

MAX_SEEDINGS = 40
"""Most ways to set seeds that the reference runs with, over a whole class: each takes its time."""


class SeededReference:
    """The answers of a reference under other seeds than its own."""

    def __init__(
        self,
        assignment: Assignment,
        kernels: ReferenceKernels,
        reference: StoredReference,
        stored: StoredSeeds,
    ) -> None:
        """Take the reference, what runs it, and what is known of it already."""
        self._exercises = [
            exercise for exercise in assignment.exercises if check_of(exercise).is_measured
        ]
        self._kernels = kernels
        self._reference = reference
        self.stored = stored
        """What is known; it grows."""

    async def extend(self, knowledge: Knowledge, values: Values) -> Knowledge:
        """Add what has to be known of random answers to decide about a submission.

        Args:
            knowledge: what is known without it.
            values: the values of the submission's trace so far.
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
            answers = await self._answers(seeding)
            if answers is None:
                return replace(knowledge, seeds_tried=False)
            knowledge = self._with_answers(knowledge, lacking, answers, seeding)
            lacking = [
                exercise
                for exercise in lacking
                if not _has_seeded_answer(exercise, values, knowledge)
            ]
        return knowledge

    def _with_answers(
        self,
        knowledge: Knowledge,
        exercises: Sequence[Exercise],
        answers: Answers,
        seeding: Seeding,
    ) -> Knowledge:
        """Add what some exercises give with other seeds."""
        seeded = dict(knowledge.seeded)
        for exercise in exercises:
            runs = answers.get(exercise.id)
            if not runs:
                continue
            check = check_of(exercise)
            expectation = Expectation(runs, check.tolerance(exercise))
            answer = SeededAnswer(expectation, seeding.draws)
            before = seeded.get(exercise.id, ())
            seeded[exercise.id] = (*before, answer)
        return replace(knowledge, seeded=seeded)

    async def _unfixed(self) -> frozenset[str]:
        """Return the exercises with an answer that hangs on seeds."""
        if self.stored.unfixed is None:
            other_ways = list(OTHER_WAYS.values())
            other_answers = await self._run(other_ways, variants=False)
            unfixed = unfixed_exercises(self._exercises, self._reference.answers, other_answers)
            self.stored = self.stored.model_copy(update={"unfixed": unfixed})
        return frozenset(self.stored.unfixed or ())

    async def _answers(self, seeding: Seeding) -> Answers | None:
        """Return what the reference gives with some seeds; None if too many were tried before."""
        key = seeding.model_dump_json()
        if key not in self.stored.answers:
            if len(self.stored.answers) >= MAX_SEEDINGS:
                return None
            [answers] = await self._run([seeding], variants=True)
            known = {**self.stored.answers, key: answers}
            self.stored = self.stored.model_copy(update={"answers": known})
        return self.stored.answers[key]

    async def _run(self, seedings: Sequence[Seeding], *, variants: bool) -> list[Answers]:
        try:
            return await self._kernels.seeded(seedings, self._reference, variants=variants)
        except AssignmentError:  # under these seeds it gives no answer
            return [{} for _ in seedings]


def unfixed_exercises(
    exercises: Iterable[Exercise], answers: Answers, other_answers: Sequence[Answers]
) -> tuple[str, ...]:
    """List the exercises with an answer that hangs on seeds.

    Args:
        exercises: the exercises; of those, numbers decide some.
        answers: what the reference gives.
        other_answers: what it gives with other seeds, each time.
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


def _lacks_answer(
    exercise: Exercise,
    values: Values,
    knowledge: Knowledge,
    expectation: Expectation | None = None,
) -> bool:
    """Tell whether a submission lacks an answer, on the handed-out data."""
    check: AutomaticCheck = AUTOMATIC[exercise.check]
    expected = expectation or knowledge.expectations[exercise.id]
    context = Context(values, expected, knowledge.right[exercise.id])
    return check.lacks_answer(exercise, context)


def _has_seeded_answer(exercise: Exercise, values: Values, knowledge: Knowledge) -> bool:
    """Tell whether a submission has an answer that is right with its seeds."""
    for answer in knowledge.seeded.get(exercise.id, ()):
        if not _lacks_answer(exercise, values, knowledge, answer.expectation):
            return True
    return False


def _spread(exercise: Exercise, own: RunAnswers, others: Sequence[RunAnswers]) -> Spread:
    """Measure how far the answers spread, mark by mark.

    A function has a run for each call; of other answers, the handed-out data is enough.
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
    return alternatives[number] if number < len(alternatives) else None
