"""The reference: what its answers are on the handed-out data and on every variant, and what known mistakes compute.

Results are cached by content; mistakes are made only once a submission fails something.
"""

from __future__ import annotations

import asyncio
import functools
import itertools
import json
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from grader.answers import COMBINED, Maker, trusted_job
from grader.asking import (
    cells_of_interest,
    given_values,
    lacks_an_answer,
    needs_confirmation,
    plausible_combinations,
    unexplained,
)
from grader.assignment import Exercise
from grader.checks.mistakes import KnownMistake, WrongWay
from grader.errors import AssignmentError
from grader.expectation import Answer, Expectation, Tolerance, agrees
from grader.grading import Given, Knowledge, grade
from grader.running.kernels import PlainHousing
from grader.running.notebook import once_more
from grader.running.session import Launch, Session
from grader.solution import Solution
from grader.store import Store
from grader.stored import StoredCombinations, StoredGiven, StoredMistake, StoredMistakes, StoredReference, Told
from grader.trace import BASE, Array, Trace, VariedInput

T = TypeVar("T")
S = TypeVar("S", StoredCombinations, StoredGiven)


class References:
    """The knowledge of one assignment, made when it is asked for."""

    def __init__(
        self, solution: Solution, store: Store | None, launch: Launch = PlainHousing, kernels: int = 1
    ) -> None:
        """Take what is to be known, and how.

        Args:
            solution: the reference and its mistakes.
            store: where results are kept; None: nowhere.
            launch: gives kernels a place to live in.
            kernels: how many may run the mistakes side by side.
        """
        self.solution = solution
        self._kernels = kernels
        self._launch = launch
        self._store = store
        self._lock = asyncio.Lock()
        self._stored: StoredReference | None = None
        self._mistakes: StoredMistakes | None = None
        self._combinations: StoredCombinations | None = None
        self._given: StoredGiven | None = None
        self._base: Knowledge | None = None
        self._whole: Knowledge | None = None

    async def base(self) -> Knowledge:
        """What the reference gives, without mistakes."""
        stored = await self._reference()
        self._base = self._base or knowledge(self.solution, stored, None)
        return self._base

    async def whole(self) -> Knowledge:
        """What the reference and the known mistakes give."""
        stored = await self._reference()
        async with self._lock:
            self._mistakes = self._mistakes or await self._made_mistakes(stored)
            self._whole = self._whole or knowledge(self.solution, stored, self._mistakes)
        return self._whole

    async def of(self, trace: Trace) -> Knowledge:
        """What there is to know for grading a submission.

        Mistakes are made only for one that fails something, and several at a time only where none alone explains it.
        """
        assignment = self.solution.assignment
        base = await self.base()
        if not lacks_an_answer(trace, assignment, base):
            return base
        whole = await self.whole()
        if unexplained(trace, assignment, whole):
            whole = replace(whole, combinations=await self._plausible(trace, whole))
        asked = given_values(trace, assignment, whole)
        return replace(whole, given=await self._from(asked)) if asked else whole

    async def _from(self, asked: Sequence[Given]) -> dict[Given, Expectation]:
        """What exercises give from a submission's own values; what was asked before is remembered."""
        stored = await self._reference()
        exercises = {exercise.id: exercise for exercise in self.solution.assignment.exercises}
        async with self._lock:
            kept = self._given or self._read(self._stored_given, StoredGiven)
            kept = kept or StoredGiven(key=self.solution.mistakes_version, answers={})
            if missing := [one for one in asked if _key(one) not in kept.answers]:
                made = await once_more(lambda: self._made(lambda maker: maker.given(missing, stored.inputs)))
                more = {_key(one): answers for one, answers in zip(missing, made, strict=True)}
                kept = kept.model_copy(update={"answers": kept.answers | more})
                if self._store:
                    self._store.write_private(self._stored_given, kept)
            self._given = kept
        answers = {one: kept.answers[_key(one)].get(one.exercise, {}) for one in asked}
        return {one: Expectation(runs, tolerance(exercises[one.exercise])) for one, runs in answers.items() if runs}

    @property
    def _stored_given(self) -> str:
        return f"given-{self.solution.assignment.name}"

    def _read(self, name: str, model: type[S]) -> S | None:
        """What is kept of an earlier run, if it is of this solution."""
        kept = self._store.read_private(name, model) if self._store else None
        return kept if kept is not None and kept.key == self.solution.mistakes_version else None

    async def knows(self, trace: Trace) -> bool:
        """Whether a stored trace has all that the reference as it is now asks of a run.

        The variants ran every cell that matters, and a denial was confirmed.
        """
        assignment, known = self.solution.assignment, await self.of(trace)
        if not set(cells_of_interest(trace, assignment, known)) <= set(trace.asked):
            return False
        return not needs_confirmation(grade(trace, assignment, known, lambda _: ""), trace)

    async def _plausible(self, trace: Trace, whole: Knowledge) -> tuple[WrongWay, ...]:
        stored = await self._reference()
        async with self._lock:
            made = self._combinations or await self._made_combinations(stored)
            on_the_data = self._ways(whole, made.base, made.base)
            names = [way.id for way in plausible_combinations(trace, self.solution.assignment, whole, on_the_data)]
            if missing := [name for name in names if name not in made.whole]:
                varied = await once_more(lambda: self._run_combinations(stored, missing, variants=True))
                made = made.model_copy(update={"whole": made.whole | varied})
                self._keep(made)
            self._combinations = made
        return tuple(self._ways(whole, {name: made.whole[name] for name in names}, made.base))

    async def inputs(self) -> tuple[VariedInput, ...]:
        """The assignment's data, and the numbers that take its place."""
        return (await self._reference()).inputs

    async def _reference(self) -> StoredReference:
        async with self._lock:
            self._stored = self._stored or await self._made_reference()
            return self._stored

    async def _made_reference(self) -> StoredReference:
        name, key = f"reference-{self.solution.assignment.name}", self.solution.version
        kept = self._store.read_private(name, StoredReference) if self._store else None
        if kept is not None and kept.key == key:
            return kept
        stored = await once_more(self._run_reference)
        if self._store:
            self._store.write_private(name, stored)
        return stored

    async def _made_mistakes(self, stored: StoredReference) -> StoredMistakes:
        name, key = f"mistakes-{self.solution.assignment.name}", self.solution.mistakes_version
        kept = self._store.read_private(name, StoredMistakes) if self._store else None
        if kept is not None and kept.key == key:
            return kept
        made = StoredMistakes(key=key, mistakes=await once_more(lambda: self._run_mistakes(stored)))
        if self._store:
            self._store.write_private(name, made)
        return made

    async def _made_combinations(self, stored: StoredReference) -> StoredCombinations:
        if (kept := self._read(self._stored_combinations, StoredCombinations)) is not None:
            return kept
        mistakes = self._mistakes.mistakes if self._mistakes else {}
        values = {exercise.id for exercise in self.solution.assignment.exercises if exercise.varied}
        able = [name for name, mistake in mistakes.items() if not values.isdisjoint(mistake.answers)]
        names = [COMBINED.join(names) for names in self.solution.combinations(able)]
        base = await once_more(lambda: self._run_combinations(stored, names, variants=False))
        made = StoredCombinations(key=self.solution.mistakes_version, base=base, whole={})
        self._keep(made)
        return made

    @property
    def _stored_combinations(self) -> str:
        return f"combinations-{self.solution.assignment.name}"

    def _keep(self, made: StoredCombinations) -> None:
        if self._store:
            self._store.write_private(self._stored_combinations, made)

    async def _run_reference(self) -> StoredReference:
        return await self._made(lambda maker: maker.reference())

    async def _run_mistakes(self, stored: StoredReference) -> dict[str, StoredMistake]:
        return await self._shared(list(self.solution.mistakes), lambda maker, names: maker.mistakes(names, stored))

    async def _run_combinations(
        self, stored: StoredReference, names: Sequence[str], *, variants: bool
    ) -> dict[str, StoredMistake]:
        return await self._shared(names, lambda maker, own: maker.combinations(own, stored, variants=variants))

    async def _shared(
        self, names: Sequence[str], work: Callable[[Maker, Sequence[str]], Awaitable[dict[str, StoredMistake]]]
    ) -> dict[str, StoredMistake]:
        """Run mistakes, a share of them in each kernel; submissions wait for them."""

        async def share(maker: Maker, first: int) -> dict[str, StoredMistake]:
            return await work(maker, names[first :: self._kernels])

        firsts = range(min(self._kernels, len(names)))
        made = await asyncio.gather(*(self._made(functools.partial(share, first=first)) for first in firsts))
        return {name: made[place % self._kernels][name] for place, name in enumerate(names)}

    async def _made(self, work: Callable[[Maker], Awaitable[T]], *, again: bool = False) -> T:
        """What a kernel of the reference gives; of a second one, where something has ended the first."""
        async with Session(trusted_job(self.solution), self._launch) as session:
            try:
                made = await work(Maker(self.solution, session))
            except AssignmentError:
                if again or not session.ended:
                    raise
            else:
                if again or not session.ended:
                    return made
        return await self._made(work, again=True)

    def _ways(
        self, whole: Knowledge, made: Mapping[str, StoredMistake], base: Mapping[str, StoredMistake]
    ) -> Iterator[WrongWay]:
        """What mistakes compute together; without those of which one changes nothing beside the others."""
        known = {mistake.id: mistake for mistake in whole.mistakes}
        singles = self._mistakes.mistakes if self._mistakes else {}
        exercises = {exercise.id: exercise for exercise in self.solution.assignment.exercises}
        for name, together in made.items():
            names = name.split(COMBINED)
            blamed = {e: _fewest(e, names, {**singles, **base}, _as_made(exercises[e])) for e in together.answers}
            if set(itertools.chain(*blamed.values())) == set(names):
                yield WrongWay(
                    parts=tuple(known[part] for part in names),
                    expectations=self._expectations(together),
                    told=_asked(together.told, exercises),
                    blamed={e: tuple(known[part] for part in parts) for e, parts in blamed.items()},
                )

    def _expectations(self, made: StoredMistake) -> dict[str, Expectation]:
        seen = self._stored.seen if self._stored else {}
        exercises = {exercise.id: exercise for exercise in self.solution.assignment.exercises}
        return _expectations(made, seen, exercises)


def _sources(solution: Solution, stored: StoredReference) -> dict[str, tuple[str, int]]:
    """Per exercise that is given a value: the exercise that asks for it, and how many elements it has."""
    found = {}
    for exercise in solution.assignment.exercises:
        source = solution.asks_for(exercise.given) if exercise.given else ""
        if source and (answers := stored.answers.get(source, {}).get(BASE)):
            value = answers[0].value
            found[exercise.id] = (source, value.size if isinstance(value, Array) else 1)
    return found


def _key(asked: Given) -> str:
    return json.dumps([asked.exercise, asked.values])


def _fewest(
    exercise: str, names: Sequence[str], made: Mapping[str, StoredMistake], tolerance: Tolerance
) -> tuple[str, ...]:
    """The fewest of some mistakes that give on the handed-out data what all give together."""
    whole = _on_the_data(made[COMBINED.join(names)], exercise)
    for count in range(1, len(names)):
        for some in itertools.combinations(names, count):
            answers = _on_the_data(made[COMBINED.join(some)], exercise)
            same = (agrees(one.value, other.value, tolerance) for one, other in zip(answers, whole, strict=False))
            if answers and len(answers) == len(whole) and all(same):
                return some
    return tuple(names)


def _on_the_data(made: StoredMistake, exercise: str) -> tuple[Answer, ...]:
    return made.answers.get(exercise, {}).get(BASE, ())


def knowledge(solution: Solution, stored: StoredReference, mistakes: StoredMistakes | None) -> Knowledge:
    """Put what was computed into the shape that grading asks."""
    exercises = {exercise.id: exercise for exercise in solution.assignment.exercises}
    known = [
        KnownMistake(
            id=name,
            name=solution.mistakes[name].name,
            hint=solution.mistakes[name].hint,
            credit=solution.mistakes[name].credit,
            expectations=_expectations(made, stored.seen, exercises),
            told=_asked(made.told, exercises),
            leaves_out=solution.mistakes[name].leaves_out,
            happened=solution.mistakes[name].happened,
            shown=solution.mistakes[name].shown,
        )
        for name, made in (mistakes.mistakes if mistakes else {}).items()
    ]
    return Knowledge(
        expectations={e: Expectation(runs, tolerance(exercises[e])) for e, runs in stored.answers.items()},
        right={e: Expectation({BASE: right}, tolerance(exercises[e])) for e, right in stored.right.items()},
        mistakes=tuple(known),
        told=_asked(stored.told, exercises),
        inputs=stored.inputs,
        sources=_sources(solution, stored),
        accepted={name: accepted.note for name, accepted in solution.accepted.items()},
    )


def _expectations(
    made: StoredMistake, seen: Mapping[str, Sequence[Answer]], exercises: Mapping[str, Exercise]
) -> dict[str, Expectation]:
    return {
        e: Expectation(_fingerprint(runs, seen.get(e, ()), exercises[e]), _as_made(exercises[e]))
        for e, runs in made.answers.items()
    }


def _asked(told: Told, exercises: Mapping[str, Exercise]) -> dict[str, dict[str, Expectation]]:
    return {
        e: {label: Expectation({BASE: (answer,)}, tolerance(exercises[e])) for label, answer in labels.items()}
        for e, labels in told.items()
    }


def _fingerprint(
    runs: Mapping[str, tuple[Answer, ...]], seen: Sequence[Answer], exercise: Exercise
) -> dict[str, tuple[Answer, ...]]:
    """A mistake's values, without partial answers that every notebook comes by (the loss before the step)."""
    common = {
        place
        for place, answer in enumerate(runs.get(BASE, ()))
        if answer.credit < 1 and any(agrees(answer.value, other.value, tolerance(exercise)) for other in seen)
    }
    return {
        label: tuple(answer for place, answer in enumerate(answers) if place not in common)
        for label, answers in runs.items()
    }


def tolerance(exercise: Exercise) -> Tolerance:
    """The tolerance of an exercise."""
    if exercise.check == "series":
        return Tolerance(rtol=exercise.series.band, atol=exercise.atol, series=exercise.series)
    return Tolerance(rtol=exercise.rtol, atol=exercise.atol)


def _as_made(exercise: Exercise) -> Tolerance:
    """The tolerance by which a value is taken for that of a mistake."""
    return tolerance(exercise).model_copy(update={"as_made": True})
