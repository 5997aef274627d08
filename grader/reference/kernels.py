"""Run the reference and its mistakes in trusted kernels, some in parallel."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from grader.errors import AssignmentError
from grader.grading.knowledge import Given
from grader.reference.class_seed import ClassSeed
from grader.reference.files import ReferenceFiles
from grader.reference.records import Answers, StoredMistake, StoredReference
from grader.reference.runner import ReferenceRunner, trusted_job
from grader.running.notebook import once_more
from grader.running.session import Launch, Session
from grader.settings import Seeding

T = TypeVar("T")

Work = Callable[[ReferenceRunner], Awaitable[T]]
"""Work in one kernel of the reference."""

Mistakes = dict[str, StoredMistake]
"""Values of mistakes, by their ids."""

SharedWork = Callable[[ReferenceRunner, Sequence[str]], Awaitable[Mistakes]]
"""Work in one kernel with its share of mistakes, by their ids."""


class ReferenceKernels:
    """Provides kernels for the reference, and restarts one that has ended."""

    def __init__(
        self, solution: ReferenceFiles, launch: Launch, count: int, seed: ClassSeed | None
    ) -> None:
        """Initialise with the reference, and how it runs.

        Args:
            solution: the reference.
            launch: creates the host of each kernel.
            count: how many run in parallel.
            seed: that of the class; None: nothing is drawn.
        """
        self._solution = solution
        self._seed = seed
        self._launch = launch
        self._count = count

    async def reference(self, earlier_attempts: Sequence[int] = ()) -> StoredReference:
        """Run the reference on the original data and on every variant.

        Args:
            earlier_attempts: per variant, the drawing that was chosen for this class before.
        """

        async def run(runner: ReferenceRunner) -> StoredReference:
            return await runner.reference(earlier_attempts)

        return await once_more(lambda: self._in_kernel(run))

    async def mistakes(self, reference: StoredReference) -> Mistakes:
        """Run every known mistake."""
        names = list(self._solution.mistakes)

        async def run(runner: ReferenceRunner, share: Sequence[str]) -> Mistakes:
            return await runner.mistakes(share, reference)

        return await once_more(lambda: self._in_shares(names, run))

    async def combinations(
        self,
        names: Sequence[str],
        reference: StoredReference,
        *,
        variants: bool,
    ) -> Mistakes:
        """Run mistakes that are made together.

        Args:
            names: their ids, joined.
            reference: the reference's results.
            variants: also run them on the variants, not only on the original data.
        """

        async def run(runner: ReferenceRunner, share: Sequence[str]) -> Mistakes:
            return await runner.combinations(share, reference, variants=variants)

        return await once_more(lambda: self._in_shares(names, run))

    async def given(self, given: Sequence[Given], reference: StoredReference) -> list[Answers]:
        """Run exercises with a submission's values in place of the reference's own."""

        async def run(runner: ReferenceRunner) -> list[Answers]:
            return await runner.given(given, reference.inputs)

        return await once_more(lambda: self._in_kernel(run))

    async def seeded(
        self, seedings: Sequence[Seeding], reference: StoredReference, *, variants: bool
    ) -> list[Answers]:
        """Run the reference with other seeds; if requested, on the variants, too."""

        async def run(runner: ReferenceRunner) -> list[Answers]:
            return await runner.seeded(seedings, reference.inputs, variants=variants)

        return await once_more(lambda: self._in_kernel(run))

    async def _in_shares(self, names: Sequence[str], work: SharedWork) -> Mistakes:
        """Split work on the mistakes among several kernels, since submissions wait for it."""

        async def work_on(share: Sequence[str]) -> Mistakes:
            return await self._in_kernel(lambda runner: work(runner, share))

        count = min(self._count, len(names))
        shares = [names[first :: self._count] for first in range(count)]
        results = await asyncio.gather(*map(work_on, shares))

        mistakes: Mistakes = {}
        for index, name in enumerate(names):
            result = results[index % self._count]
            mistakes[name] = result[name]
        return mistakes

    async def _in_kernel(self, work: Work[T], *, last_try: bool = False) -> T:
        """Do work in a kernel, and retry once in another if the first one ended."""
        job = trusted_job(self._solution)
        async with Session(job, self._launch) as session:
            runner = ReferenceRunner(self._solution, session, seed=self._seed)
            try:
                result = await work(runner)
            except AssignmentError:
                if last_try or not session.ended:
                    raise
            else:
                if last_try or not session.ended:
                    return result
        return await self._in_kernel(work, last_try=True)
