"""Puts what a reference and its mistakes computed into the shape that grading asks. Pure."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from grader.assignment import Exercise
from grader.grading.checks.registry import check_of
from grader.grading.expectation import Answer, Expectation, Tolerance, agrees
from grader.grading.knowledge import Knowledge
from grader.grading.mistakes import KnownMistake, WrongWay
from grader.reference.files import MistakeTable
from grader.reference.records import COMBINED, StoredMistake, StoredReference, Told
from grader.trace import BASE


@dataclass(frozen=True)
class KnowledgeBuilder:
    """What was computed of an assignment, beside what is said of it."""

    exercises: Mapping[str, Exercise]
    reference: StoredReference
    mistakes: Mapping[str, StoredMistake]
    said: Mapping[str, MistakeTable]
    """What is said of each mistake."""

    def knowledge(
        self, sources: Mapping[str, tuple[str, int]], accepted: Mapping[str, Mapping[str, str]]
    ) -> Knowledge:
        """What there is to know for grading, but for combinations of mistakes.

        Args:
            sources: per exercise that is given a value, the exercise which asks for it, and how many elements it has.
            accepted: what is said of each accepted way, per language.
        """
        made = self.reference
        return Knowledge(
            expectations={
                e: Expectation(runs, self._tolerance(e)) for e, runs in made.answers.items()
            },
            right={
                e: Expectation({BASE: right}, self._tolerance(e)) for e, right in made.right.items()
            },
            mistakes=tuple(self._known()),
            told=self._asked(made.told),
            inputs=made.inputs,
            sources=sources,
            accepted=accepted,
        )

    def ways(
        self,
        known: Sequence[KnownMistake],
        made: Mapping[str, StoredMistake],
        base: Mapping[str, StoredMistake],
    ) -> Iterator[WrongWay]:
        """What mistakes compute together; without those of which one changes nothing beside the others.

        Args:
            known: the mistakes.
            made: what is asked for, by the ids joined.
            base: what all combinations compute on the handed-out data.
        """
        by_id = {mistake.id: mistake for mistake in known}
        for name, together in made.items():
            names = name.split(COMBINED)
            single = {**self.mistakes, **base}
            blamed = {e: _fewest(e, names, single, self._as_made(e)) for e in together.answers}
            if set(itertools.chain(*blamed.values())) == set(names):
                yield WrongWay(
                    parts=tuple(by_id[part] for part in names),
                    expectations=self._expectations(together),
                    told=self._asked(together.told),
                    blamed={e: tuple(by_id[part] for part in parts) for e, parts in blamed.items()},
                )

    def _tolerance(self, exercise: str) -> Tolerance:
        asked = self.exercises[exercise]
        return check_of(asked).tolerance(asked)

    def _as_made(self, exercise: str) -> Tolerance:
        """The tolerance by which a value is taken for that of a mistake."""
        return self._tolerance(exercise).model_copy(update={"as_made": True})

    def _known(self) -> Iterator[KnownMistake]:
        for name, made in self.mistakes.items():
            said = self.said[name]
            yield KnownMistake(
                id=name,
                name=said.name,
                hint=said.hint,
                credit=said.credit,
                expectations=self._expectations(made),
                told=self._asked(made.told),
                leaves_out=said.leaves_out,
                happened=said.happened,
                shown=said.shown,
            )

    def _expectations(self, made: StoredMistake) -> dict[str, Expectation]:
        return {
            e: Expectation(self._fingerprint(e, runs), self._as_made(e))
            for e, runs in made.answers.items()
        }

    def _fingerprint(
        self, exercise: str, runs: Mapping[str, tuple[Answer, ...]]
    ) -> dict[str, tuple[Answer, ...]]:
        """A mistake's values, without partial answers that every notebook comes by (the loss before the step)."""
        seen, near = self.reference.seen.get(exercise, ()), self._tolerance(exercise)
        common = {
            place
            for place, answer in enumerate(runs.get(BASE, ()))
            if answer.credit < 1 and any(agrees(answer.value, other.value, near) for other in seen)
        }
        return {
            label: tuple(answer for place, answer in enumerate(answers) if place not in common)
            for label, answers in runs.items()
        }

    def _asked(self, told: Told) -> dict[str, dict[str, Expectation]]:
        return {
            e: {
                label: Expectation({BASE: (answer,)}, self._tolerance(e))
                for label, answer in labels.items()
            }
            for e, labels in told.items()
        }


def _fewest(
    exercise: str, names: Sequence[str], made: Mapping[str, StoredMistake], tolerance: Tolerance
) -> tuple[str, ...]:
    """The fewest of some mistakes that give on the handed-out data what all give together."""
    whole = _on_the_data(made[COMBINED.join(names)], exercise)
    for count in range(1, len(names)):
        for some in itertools.combinations(names, count):
            answers = _on_the_data(made[COMBINED.join(some)], exercise)
            same = (
                agrees(one.value, other.value, tolerance)
                for one, other in zip(answers, whole, strict=False)
            )
            if answers and len(answers) == len(whole) and all(same):
                return some
    return tuple(names)


def _on_the_data(made: StoredMistake, exercise: str) -> tuple[Answer, ...]:
    return made.answers.get(exercise, {}).get(BASE, ())
