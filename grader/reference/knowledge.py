"""Build the knowledge for grading from the results of a reference and its mistakes. Pure."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from grader.assignment import Exercise
from grader.grading.agreement import Tolerance, agrees
from grader.grading.checks.registry import check_of
from grader.grading.expectation import Answer, Expectation
from grader.grading.knowledge import Knowledge
from grader.grading.mistakes import KnownMistake, WrongWay
from grader.reference.records import COMBINED, StoredMistake, StoredReference, Told
from grader.reference.tables import MistakeTable
from grader.trace import BASE


@dataclass(frozen=True)
class KnowledgeBuilder:
    """Combines computed results of an assignment with its author's descriptions."""

    exercises: Mapping[str, Exercise]
    """The exercises by their ids."""
    reference: StoredReference
    """Results of the reference."""
    mistakes: Mapping[str, StoredMistake]
    """Results of each mistake, by its id."""
    tables: Mapping[str, MistakeTable]
    """The author's table of each mistake, by its id."""

    def knowledge(
        self,
        sources: Mapping[str, tuple[str, int]],
        accepted: Mapping[str, Mapping[str, str]],
        sections: Mapping[str, str],
    ) -> Knowledge:
        """Build the knowledge for grading, without combinations of mistakes.

        Args:
            sources: per exercise with `given`, the id of the exercise whose answer it starts from,
                and the number of elements of that answer.
            accepted: the note on each accepted way, per language.
            sections: per exercise, the heading above its answer in the reference.
        """
        expectations = {
            exercise: Expectation(runs, self._tolerance(exercise))
            for exercise, runs in self.reference.answers.items()
        }
        right = {
            exercise: Expectation({BASE: values}, self._tolerance(exercise))
            for exercise, values in self.reference.right.items()
        }
        return Knowledge(
            expectations=expectations,
            right=right,
            mistakes=tuple(self._known_mistakes()),
            told=self._told_values(self.reference.told),
            inputs=self.reference.inputs,
            depends=self._depends(),
            sources=sources,
            accepted=accepted,
            sections=sections,
        )

    def ways(
        self,
        known: Sequence[KnownMistake],
        combinations: Mapping[str, StoredMistake],
        base: Mapping[str, StoredMistake],
    ) -> Iterator[WrongWay]:
        """Yield the combinations of mistakes in which every mistake changes the answer.

        Args:
            known: the mistakes.
            combinations: the combinations to try, by their joined ids.
            base: the values of all combinations, on the original data only.
        """
        by_id = {mistake.id: mistake for mistake in known}
        computed = {**self.mistakes, **base}
        for joined, combination in combinations.items():
            names = joined.split(COMBINED)
            blamed = {
                exercise: _fewest(exercise, names, computed, self._fingerprint_tolerance(exercise))
                for exercise in combination.answers
            }
            if set(itertools.chain(*blamed.values())) != set(names):
                continue
            yield WrongWay(
                parts=tuple(by_id[name] for name in names),
                expectations=self._expectations(combination),
                told=self._told_values(combination.told),
                blamed={
                    exercise: tuple(by_id[name] for name in fewest)
                    for exercise, fewest in blamed.items()
                },
            )

    def _depends(self) -> dict[str, frozenset[str]]:
        depends: dict[str, frozenset[str]] = {}
        for exercise, inputs in self.reference.depends.items():
            depends[exercise] = frozenset(inputs)
        return depends

    def _tolerance(self, exercise_id: str) -> Tolerance:
        exercise = self.exercises[exercise_id]
        return check_of(exercise).tolerance(exercise)

    def _fingerprint_tolerance(self, exercise_id: str) -> Tolerance:
        """Return how close a value must be to match a mistake's."""
        return self._tolerance(exercise_id).model_copy(update={"as_made": True})

    def _known_mistakes(self) -> Iterator[KnownMistake]:
        for name, mistake in self.mistakes.items():
            table = self.tables[name]
            yield KnownMistake(
                id=name,
                name=table.name,
                hint=table.hint,
                credit=table.credit,
                expectations=self._expectations(mistake),
                told=self._told_values(mistake.told),
                leaves_out=table.leaves_out,
                happened=table.happened,
                shown=table.shown,
            )

    def _expectations(self, mistake: StoredMistake) -> dict[str, Expectation]:
        expectations: dict[str, Expectation] = {}
        for exercise, runs in mistake.answers.items():
            fingerprint = self._fingerprint(exercise, runs)
            tolerance = self._fingerprint_tolerance(exercise)
            expectations[exercise] = Expectation(fingerprint, tolerance)
        return expectations

    def _fingerprint(
        self, exercise: str, runs: Mapping[str, tuple[Answer, ...]]
    ) -> dict[str, tuple[Answer, ...]]:
        """Return a mistake's values, without partial answers that every notebook computes.

        The loss before the step is such a value.
        """
        common = {
            index
            for index, answer in enumerate(runs.get(BASE, ()))
            if answer.credit < 1 and self._is_common(exercise, answer)
        }
        fingerprint: dict[str, tuple[Answer, ...]] = {}
        for label, answers in runs.items():
            fingerprint[label] = tuple(
                answer for index, answer in enumerate(answers) if index not in common
            )
        return fingerprint

    def _is_common(self, exercise: str, answer: Answer) -> bool:
        seen = self.reference.seen.get(exercise, ())
        tolerance = self._tolerance(exercise)
        return any(agrees(answer.value, other.value, tolerance) for other in seen)

    def _told_values(self, told: Told) -> dict[str, dict[str, Expectation]]:
        expectations: dict[str, dict[str, Expectation]] = {}
        for exercise, answers in told.items():
            tolerance = self._tolerance(exercise)
            expectations[exercise] = {
                label: Expectation({BASE: (answer,)}, tolerance)
                for label, answer in answers.items()
            }
        return expectations


def _fewest(
    exercise: str, names: Sequence[str], computed: Mapping[str, StoredMistake], tolerance: Tolerance
) -> tuple[str, ...]:
    """Return the smallest subset of mistakes that gives the same answer as all of them together.

    Only the answers on the original data are compared.
    """
    together = _base_answers(computed[COMBINED.join(names)], exercise)
    for count in range(1, len(names)):
        for subset in itertools.combinations(names, count):
            combined = computed.get(COMBINED.join(subset))
            if combined is None:
                continue  # it did not run: these mistakes have no answer in common
            answers = _base_answers(combined, exercise)
            if answers and _agree(answers, together, tolerance):
                return subset
    return tuple(names)


def _agree(answers: Sequence[Answer], others: Sequence[Answer], tolerance: Tolerance) -> bool:
    if len(answers) != len(others):
        return False
    return all(
        agrees(answer.value, other.value, tolerance)
        for answer, other in zip(answers, others, strict=True)
    )


def _base_answers(mistake: StoredMistake, exercise: str) -> tuple[Answer, ...]:
    runs = mistake.answers.get(exercise, {})
    if BASE in runs:
        return runs[BASE]
    # Questions after the cells have run have a run for each call.
    return tuple(itertools.chain(*runs.values()))
