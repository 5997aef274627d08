"""Run the reference and its mistakes in trusted kernels, some side by side."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from grader.errors import AssignmentError
from grader.grading.knowledge import Given
from grader.reference.files import ReferenceFiles
from grader.reference.records import Answers, StoredMistake, StoredReference
from grader.reference.runner import ReferenceRunner, trusted_job
from grader.running.notebook import once_more
from grader.running.session import Launch, Session

T = TypeVar("T")

Work = Callable[[ReferenceRunner], Awaitable[T]]
"""What is done in one kernel of the reference."""

SharedWork = Callable[[ReferenceRunner, Sequence[str]], Awaitable[dict[str, StoredMistake]]]
"""What is done in one kernel with its share of mistakes, by their ids."""


class ReferenceKernels:
    """Gives the reference kernels to run in, and starts another one where one has ended."""

    def __init__(self, solution: ReferenceFiles, launch: Launch, count: int) -> None:
        """Take the reference, what gives each kernel its host, and how many run side by side."""
        self._solution = solution
        self._launch = launch
        self._count = count

    async def reference(self) -> StoredReference:
        """Run the reference on the handed-out data and on every variant."""
        return await once_more(lambda: self._in_kernel(lambda runner: runner.reference()))

    async def mistakes(self, reference: StoredReference) -> dict[str, StoredMistake]:
        """Run every known mistake."""
        names = list(self._solution.mistakes)

        def run(
            runner: ReferenceRunner, share: Sequence[str]
        ) -> Awaitable[dict[str, StoredMistake]]:
            return runner.mistakes(share, reference)

        return await once_more(lambda: self._shared(names, run))

    async def combinations(
        self, names: Sequence[str], reference: StoredReference, *, variants: bool
    ) -> dict[str, StoredMistake]:
        """Run mistakes that are made together.

        Args:
            names: their ids, joined.
            reference: what the reference gives.
            variants: run them on the variants, too, and not on the handed-out data alone.
        """

        def run(
            runner: ReferenceRunner, share: Sequence[str]
        ) -> Awaitable[dict[str, StoredMistake]]:
            return runner.combinations(share, reference, variants=variants)

        return await once_more(lambda: self._shared(names, run))

    async def given(self, given: Sequence[Given], reference: StoredReference) -> list[Answers]:
        """Run exercises from values of a submission in place of the reference's own."""
        return await once_more(
            lambda: self._in_kernel(lambda runner: runner.given(given, reference.inputs))
        )

    async def _shared(self, names: Sequence[str], work: SharedWork) -> dict[str, StoredMistake]:
        """Do work with a share of the mistakes in each kernel, since submissions wait for it."""

        async def work_on_share(runner: ReferenceRunner, first: int) -> dict[str, StoredMistake]:
            return await work(runner, names[first :: self._count])

        kernels = range(min(self._count, len(names)))
        shares = await asyncio.gather(
            *(self._in_kernel(functools.partial(work_on_share, first=index)) for index in kernels)
        )
        return {name: shares[index % self._count][name] for index, name in enumerate(names)}

    async def _in_kernel(self, work: Work[T], *, last_try: bool = False) -> T:
        """Do work in a kernel, and once more in a second one where something ended the first."""
        async with Session(trusted_job(self._solution), self._launch) as session:
            try:
                result = await work(ReferenceRunner(self._solution, session))
            except AssignmentError:
                if last_try or not session.ended:
                    raise
            else:
                if last_try or not session.ended:
                    return result
        return await self._in_kernel(work, last_try=True)
