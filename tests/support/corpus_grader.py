"""Grade many made-up notebooks in a few kernels, each in a namespace of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from grader.authoring.trusted_grader import TrustedGrader
from grader.grading.execution import execution
from grader.grading.knowledge import Knowledge
from grader.grading.search import Values
from grader.job import Job, VariedInput
from grader.reference.cache import ReferenceCache
from grader.report import ExerciseResult, SubmissionResult
from grader.running.session import Launch, Session
from grader.store.store import Store
from grader.trace import Trace
from tests.support import forks
from tests.support.courses import KERNELS, Course
from tests.support.secrecy import numbers_in, telling_numbers

PER_KERNEL = 30
"""Notebooks that share a kernel: a session looks through all its events for each run."""


@dataclass(frozen=True)
class GradedNotebook:
    """What a notebook earned, and what it computed."""

    results: Mapping[str, ExerciseResult]
    trace: Trace

    def as_submission(self) -> SubmissionResult:
        """Return the results as a report holds them."""
        return SubmissionResult(
            id="0",
            student="ana",
            file="ana.ipynb",
            sha256="",
            status="graded",
            assignment="autograd",
            exercises=tuple(self.results.values()),
            execution=execution(Values(self.trace), lambda _: ""),
        )


Notebooks = Mapping[str, Sequence[str]]
"""The sources of code cells, by the name of their notebook."""


class CorpusGrader:
    """Grades made-up notebooks by one assignment, in kernels that they share."""

    def __init__(self, course: Course, name: str, *, combined: bool = False) -> None:
        """Run the reference and its mistakes.

        Args:
            course: where the assignment is.
            name: the assignment.
            combined: run every combination of mistakes, too.
        """
        course.prepare(name, combined=combined)
        self._files = course.reference_files(name)
        self._prepared = course.prepared
        self._assignment = self._files.assignment
        self._handout = self._assignment.handout_sources()

    def grade(
        self, notebooks: Notebooks, launch: Launch | None = None
    ) -> dict[str, GradedNotebook]:
        """Run and grade notebooks.

        Args:
            notebooks: the notebooks.
            launch: how to start a kernel; None: as the shared kernels are started.
        """
        return asyncio.run(self._grade_all(notebooks, launch or forks.shared().launch))

    def answered(self, cells: Sequence[str]) -> list[str]:
        """List the exercises that a notebook answers, computed or typed in.

        No mistake is looked for.
        """
        return asyncio.run(self._answered(cells))

    def secrets(self) -> frozenset[str]:
        """Return the numbers of the reference and its mistakes that the handout does not show."""
        with Store(self._prepared) as store:
            references = self._references(store, forks.shared().launch)
            knowledge = asyncio.run(references.whole())

        shown = "\n".join(cell.source for cell in self._assignment.handout)
        return telling_numbers(knowledge) - numbers_in(shown)

    async def _answered(self, cells: Sequence[str]) -> list[str]:
        launch = forks.shared().launch
        with Store(self._prepared) as store:
            references = self._references(store, launch)
            inputs = await references.inputs()
            base = await references.base()
            async with Session(self._job, launch) as session:
                grader = TrustedGrader(self._assignment, base, inputs, session)
                evaluation = await grader.grade("one", enumerate(cells), self._handout)

        # What was typed in earns nothing, and is flagged.
        return [result.id for result in evaluation.results if result.credit or result.flags]

    async def _grade_all(self, notebooks: Notebooks, launch: Launch) -> dict[str, GradedNotebook]:
        remaining = iter(notebooks.items())
        with Store(self._prepared) as store:
            references = self._references(store, launch)
            inputs = await references.inputs()
            workers = [
                self._grade_shares(remaining, references, inputs, launch) for _ in range(KERNELS)
            ]
            shares = await asyncio.gather(*workers)

        graded: dict[str, GradedNotebook] = {}
        for share in shares:
            graded |= share
        return graded

    async def _grade_shares(
        self,
        remaining: Iterator[tuple[str, Sequence[str]]],
        references: ReferenceCache,
        inputs: tuple[VariedInput, ...],
        launch: Launch,
    ) -> dict[str, GradedNotebook]:
        """Grade notebooks in one kernel after another until none remain."""
        graded: dict[str, GradedNotebook] = {}
        while share := tuple(islice(remaining, PER_KERNEL)):
            async with Session(self._job, launch) as session:
                grader = _OnDemandGrader(references, await references.base(), inputs, session)
                for name, cells in share:
                    evaluation = await grader.grade(name, enumerate(cells), self._handout)
                    results = {result.id: result for result in evaluation.results}
                    graded[name] = GradedNotebook(results, evaluation.trace)
        return graded

    def _references(self, store: Store, launch: Launch) -> ReferenceCache:
        return ReferenceCache(self._files, store, launch)

    @property
    def _job(self) -> Job:
        """The job of a kernel that runs many notebooks."""
        return Job(cells=(), files=self._assignment.files, questions=self._assignment.questions)


class _OnDemandGrader(TrustedGrader):
    """Grades as a batch does: what a trace calls for is computed then."""

    def __init__(
        self,
        references: ReferenceCache,
        base: Knowledge,
        inputs: tuple[VariedInput, ...],
        session: Session,
    ) -> None:
        super().__init__(references.solution.assignment, base, inputs, session)
        self._references = references

    async def knowledge_for(self, values: Values) -> Knowledge:
        return await self._references.of(values)
