"""The reference: what its answers are on the handed-out data and on every variant, and what known mistakes compute.

Results are cached by content; mistakes are made only once a submission fails something.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar

from grader.answers import Maker, StoredMistake, StoredMistakes, StoredReference, Told, trusted_job
from grader.assignment import Exercise
from grader.checks.mistakes import KnownMistake
from grader.errors import AssignmentError
from grader.expectation import Answer, Expectation, Tolerance, agrees
from grader.grading import Knowledge
from grader.running.kernels import PlainHousing
from grader.running.notebook import once_more
from grader.running.session import Launch, Session
from grader.solution import Solution
from grader.store import Store
from grader.trace import BASE, VariedInput

T = TypeVar("T")


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

    async def base(self) -> Knowledge:
        """What the reference gives, without mistakes."""
        return self._knowledge(await self._reference(), None)

    async def whole(self) -> Knowledge:
        """What the reference and the known mistakes give."""
        stored = await self._reference()
        async with self._lock:
            self._mistakes = self._mistakes or await self._made_mistakes(stored)
        return self._knowledge(stored, self._mistakes)

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

    async def _run_reference(self) -> StoredReference:
        return await self._made(lambda maker: maker.reference())

    async def _run_mistakes(self, stored: StoredReference) -> dict[str, StoredMistake]:
        """Run the mistakes, a share of them in each kernel; submissions wait for them."""
        names = list(self.solution.mistakes)

        async def share(maker: Maker, first: int) -> dict[str, StoredMistake]:
            return {name: await maker.mistake(name, stored) for name in names[first :: self._kernels]}

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

    def _knowledge(self, stored: StoredReference, mistakes: StoredMistakes | None) -> Knowledge:
        return knowledge(self.solution, stored, mistakes)


def knowledge(solution: Solution, stored: StoredReference, mistakes: StoredMistakes | None) -> Knowledge:
    """Put what was computed into the shape that grading asks."""
    exercises = {exercise.id: exercise for exercise in solution.assignment.exercises}
    known = [
        KnownMistake(
            id=name,
            name=solution.mistakes[name].name,
            hint=solution.mistakes[name].hint,
            credit=solution.mistakes[name].credit,
            expectations={
                e: Expectation(_fingerprint(runs, stored.seen.get(e, ()), exercises[e]), tolerance(exercises[e]))
                for e, runs in made.answers.items()
            },
            told=_asked(made.told, exercises),
        )
        for name, made in (mistakes.mistakes if mistakes else {}).items()
    ]
    return Knowledge(
        expectations={e: Expectation(runs, tolerance(exercises[e])) for e, runs in stored.answers.items()},
        right={e: Expectation({BASE: right}, tolerance(exercises[e])) for e, right in stored.right.items()},
        mistakes=tuple(known),
        told=_asked(stored.told, exercises),
        inputs=stored.inputs,
    )


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
    return Tolerance(rtol=exercise.rtol, atol=exercise.atol)
