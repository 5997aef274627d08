"""The reference: what its answers are on the handed-out data and on every variant, and what known mistakes compute.

Results are cached by content; mistakes are made only once a submission fails something.
"""

from __future__ import annotations

import asyncio
import functools
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from grader.errors import AssignmentError
from grader.grading.expectation import Expectation
from grader.grading.grade import grade
from grader.grading.knowledge import Given, Knowledge
from grader.grading.mistakes import WrongWay
from grader.grading.rerun_plan import (
    cells_of_interest,
    given_values,
    lacks_an_answer,
    needs_confirmation,
    plausible_combinations,
    unexplained,
)
from grader.reference.files import ReferenceFiles
from grader.reference.knowledge import KnowledgeBuilder, tolerance
from grader.reference.records import (
    StoredCombinations,
    StoredGiven,
    StoredMistake,
    StoredMistakes,
    StoredReference,
)
from grader.reference.runner import ReferenceRunner, combinable, trusted_job
from grader.running.notebook import once_more
from grader.running.session import Launch, Session
from grader.store.store import Store
from grader.trace import BASE, Array, Trace, VariedInput

T = TypeVar("T")
S = TypeVar("S", StoredCombinations, StoredGiven)


class ReferenceCache:
    """The knowledge of one assignment, made when it is asked for."""

    def __init__(
        self,
        solution: ReferenceFiles,
        store: Store | None,
        launch: Launch,
        kernels: int = 1,
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
        self._on_the_data: tuple[WrongWay, ...] | None = None
        self._given: StoredGiven | None = None
        self._base: Knowledge | None = None
        self._whole: Knowledge | None = None

    async def base(self) -> Knowledge:
        """What the reference gives, without mistakes."""
        stored = await self._reference()
        self._base = self._base or self._knowledge(stored, {})
        return self._base

    async def whole(self) -> Knowledge:
        """What the reference and the known mistakes give."""
        stored = await self._reference()
        async with self._lock:
            self._mistakes = self._mistakes or await self._made_mistakes(stored)
            self._whole = self._whole or self._knowledge(stored, self._mistakes.mistakes)
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
                made = await once_more(
                    lambda: self._made(lambda maker: maker.given(missing, stored.inputs))
                )
                more = {_key(one): answers for one, answers in zip(missing, made, strict=True)}
                kept = kept.model_copy(update={"answers": kept.answers | more})
                if self._store:
                    self._store.write_private(self._stored_given, kept)
            self._given = kept
        answers = {one: kept.answers[_key(one)].get(one.exercise, {}) for one in asked}
        return {
            one: Expectation(runs, tolerance(exercises[one.exercise]))
            for one, runs in answers.items()
            if runs
        }

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
            computed = self._computed(stored, self._mistakes.mistakes if self._mistakes else {})
            self._on_the_data = self._on_the_data or tuple(
                computed.ways(whole.mistakes, made.base, made.base)
            )
            plausible = plausible_combinations(
                trace, self.solution.assignment, whole, self._on_the_data
            )
            names = [way.id for way in plausible]
            if missing := [name for name in names if name not in made.whole]:
                varied = await once_more(
                    lambda: self._run_combinations(stored, missing, variants=True)
                )
                made = made.model_copy(update={"whole": made.whole | varied})
                self._keep(made)
            self._combinations = made
        asked_for = {name: made.whole[name] for name in names}
        return tuple(computed.ways(whole.mistakes, asked_for, made.base))

    def _computed(
        self, stored: StoredReference, mistakes: Mapping[str, StoredMistake]
    ) -> KnowledgeBuilder:
        exercises = {exercise.id: exercise for exercise in self.solution.assignment.exercises}
        return KnowledgeBuilder(exercises, stored, mistakes, self.solution.mistakes)

    def _knowledge(
        self, stored: StoredReference, mistakes: Mapping[str, StoredMistake]
    ) -> Knowledge:
        accepted = {name: accepted.note for name, accepted in self.solution.accepted.items()}
        return self._computed(stored, mistakes).knowledge(_sources(self.solution, stored), accepted)

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
        names = combinable(self.solution, mistakes)
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
        return await self._shared(
            list(self.solution.mistakes), lambda maker, names: maker.mistakes(names, stored)
        )

    async def _run_combinations(
        self, stored: StoredReference, names: Sequence[str], *, variants: bool
    ) -> dict[str, StoredMistake]:
        return await self._shared(
            names, lambda maker, own: maker.combinations(own, stored, variants=variants)
        )

    async def _shared(
        self,
        names: Sequence[str],
        work: Callable[[ReferenceRunner, Sequence[str]], Awaitable[dict[str, StoredMistake]]],
    ) -> dict[str, StoredMistake]:
        """Run mistakes, a share of them in each kernel; submissions wait for them."""

        async def share(maker: ReferenceRunner, first: int) -> dict[str, StoredMistake]:
            return await work(maker, names[first :: self._kernels])

        firsts = range(min(self._kernels, len(names)))
        made = await asyncio.gather(
            *(self._made(functools.partial(share, first=first)) for first in firsts)
        )
        return {name: made[place % self._kernels][name] for place, name in enumerate(names)}

    async def _made(
        self, work: Callable[[ReferenceRunner], Awaitable[T]], *, again: bool = False
    ) -> T:
        """What a kernel of the reference gives; of a second one, where something has ended the first."""
        async with Session(trusted_job(self.solution), self._launch) as session:
            try:
                made = await work(ReferenceRunner(self.solution, session))
            except AssignmentError:
                if again or not session.ended:
                    raise
            else:
                if again or not session.ended:
                    return made
        return await self._made(work, again=True)


def _sources(solution: ReferenceFiles, stored: StoredReference) -> dict[str, tuple[str, int]]:
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
