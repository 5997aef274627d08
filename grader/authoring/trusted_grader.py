"""Grades notebooks of the instructor's, as if students had handed them in, in a kernel that they share."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from grader.assignment import Assignment
from grader.grading.follows_data import CONFIRMATION
from grader.grading.grade import grade
from grader.grading.knowledge import Knowledge
from grader.grading.rerun_plan import cells_of_interest, needs_confirmation
from grader.notebook.cells import fold
from grader.report import ExerciseResult
from grader.running.notebook import executed, replay_notebook
from grader.running.session import Session
from grader.trace import CodeCell, Trace, VariedInput, variant_count, variant_numbers


class TrustedGrader:
    """Grades notebooks of one assignment, a namespace each."""

    def __init__(
        self,
        assignment: Assignment,
        knowledge: Knowledge,
        inputs: tuple[VariedInput, ...],
        session: Session,
    ) -> None:
        """Take the assignment, what is known of its answers, its data, and a session of its trusted job."""
        self._assignment = assignment
        self._knowledge = knowledge
        self._inputs = inputs
        self._session = session

    async def graded(
        self, name: str, cells: Iterable[tuple[int, str]], handout: Collection[str] = ()
    ) -> tuple[Trace, tuple[ExerciseResult, ...]]:
        """Run and grade a notebook.

        Args:
            name: keeps its runs apart from others'.
            cells: index and source of its code cells.
            handout: sources of cells that are the handout's; all others count as the student's own.

        Raises:
            KernelUnavailable: there is no kernel.
        """

        async def ask(trace: Trace) -> Sequence[int]:
            return cells_of_interest(trace, self._assignment, await self.known(trace))

        code = tuple(
            CodeCell(cell=cell, source=source, handout=fold(source) in handout)
            for cell, source in cells
            if source.strip()
        )
        trace = await replay_notebook(self._session, name, code, self._inputs, ask)
        results = await self._decided(trace)
        if needs_confirmation(results, trace):
            trace = await self._again(name, trace)
            results = await self._decided(trace)
        return trace, results

    async def known(self, trace: Trace) -> Knowledge:
        """What a trace is graded by: the same for every one."""
        return self._knowledge

    async def _decided(self, trace: Trace) -> tuple[ExerciseResult, ...]:
        return grade(trace, self._assignment, await self.known(trace), lambda _: "")

    async def _again(self, name: str, trace: Trace) -> Trace:
        """With the runs that confirm a denial: the batch makes them too, in a kernel of their own."""
        runs = list(trace.runs)
        for index in range(variant_count(self._inputs)):
            label = f"variant-{index + 1}{CONFIRMATION}"
            numbers = variant_numbers(self._inputs, index)
            await self._session.replay(
                f"{name}/{label}", executed(trace), numbers=numbers, narrow=True
            )
            runs.append(self._session.run_of(f"{name}/{label}", label))
        return trace.model_copy(update={"runs": tuple(runs)})
