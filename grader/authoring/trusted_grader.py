"""Grade the instructor's own notebooks like those of students, in one shared kernel."""

from __future__ import annotations

import copy
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence

from grader.assignment import Assignment
from grader.grading.evaluation import Evaluation
from grader.grading.follows_data import CONFIRMATION
from grader.grading.grade import evaluate
from grader.grading.knowledge import Knowledge
from grader.grading.own_answers import own_answers
from grader.grading.rerun_plan import cells_of_interest, needs_confirmation
from grader.grading.search import Values
from grader.job import OwnAnswers, VariedInput, variant_count, variant_numbers
from grader.notebook.cells import NotebookCell
from grader.notebook.folding import fold
from grader.running.notebook import executed, replay_notebook
from grader.running.session import Session
from grader.trace import CodeCell, Trace

KnowledgeOf = Callable[[Values], Awaitable[Knowledge]]
"""Returns the knowledge by which a trace is graded."""


class TrustedGrader:
    """Grades notebooks of one assignment, each in its own namespace."""

    def __init__(
        self,
        assignment: Assignment,
        knowledge: Knowledge,
        inputs: tuple[VariedInput, ...],
        session: Session,
        notebook: Sequence[NotebookCell] = (),
    ) -> None:
        """Initialise with the assignment, its answers, its data, and a trusted session.

        Args:
            assignment: the assignment.
            knowledge: its answers.
            inputs: its data.
            session: one of its trusted job.
            notebook: all cells of the reference, which notebooks have in the same places; none: an
                answer may stand in any of them.
        """
        self._notebook = notebook
        self._knowledge_of: KnowledgeOf | None = None
        self._assignment = assignment
        self._knowledge = knowledge
        self._inputs = inputs
        self._session = session

    def of_student(
        self, notebook: Sequence[NotebookCell], knowledge_of: KnowledgeOf
    ) -> TrustedGrader:
        """Return a grader of one notebook that treats it like a student's.

        Args:
            notebook: all of its cells.
            knowledge_of: returns the knowledge by which a trace is graded, which may depend on its
                seeds.
        """
        grader = copy.copy(self)
        grader._notebook = notebook
        grader._knowledge_of = knowledge_of
        return grader

    async def grade(
        self,
        name: str,
        cells: Iterable[tuple[int, str]],
        handout: Collection[str] = (),
    ) -> Evaluation:
        """Run and grade a notebook.

        Args:
            name: keeps its runs apart from those of other notebooks.
            cells: index and source of its code cells.
            handout: sources of cells that are the handout's; all others count as a student's own.

        Raises:
            KernelUnavailable: there is no kernel.
        """
        code = tuple(
            CodeCell(cell=cell, source=source, handout=fold(source) in handout)
            for cell, source in cells
            if source.strip()
        )
        trace = await replay_notebook(
            self._session,
            name,
            code,
            self._inputs,
            self._cells_to_vary,
            find_own=self._own_answers,
        )
        evaluation = await self._evaluate(trace)
        if not needs_confirmation(evaluation):
            return evaluation
        confirmed = await self._confirm(name, trace)
        return await self._evaluate(confirmed)

    async def as_given(self, evaluation: Evaluation) -> Evaluation:
        """Decide again about an unchanged handout, with its cells as given ones.

        Args:
            evaluation: of the notebook, with its cells as a student's own.
        """
        trace = evaluation.trace
        update = {"handout": True}
        cells = [cell.model_copy(update=update) for cell in trace.cells]
        given = trace.model_copy(update={"cells": tuple(cells)})
        values = Values(given)
        knowledge = await self.knowledge_for(values)
        return evaluate(values, self._assignment, knowledge, lambda _: "")

    async def knowledge_for(self, values: Values) -> Knowledge:
        """Return the knowledge for a trace."""
        if self._knowledge_of is not None:
            return await self._knowledge_of(values)
        return self._knowledge

    async def _cells_to_vary(self, trace: Trace) -> Sequence[int]:
        values = Values(trace)
        knowledge = await self.knowledge_for(values)
        return cells_of_interest(values, self._assignment, knowledge)

    async def _own_answers(self, trace: Trace) -> OwnAnswers:
        values = Values(trace)
        knowledge = await self.knowledge_for(values)
        return own_answers(values, self._assignment, knowledge, lambda _: "", self._notebook)

    async def _evaluate(self, trace: Trace) -> Evaluation:
        values = Values(trace)
        knowledge = await self.knowledge_for(values)
        return evaluate(values, self._assignment, knowledge, lambda _: "", self._notebook)

    async def _confirm(self, name: str, trace: Trace) -> Trace:
        """Add the runs that confirm a denial; those of a class are in a separate kernel."""
        runs = list(trace.runs)
        cells = executed(trace)
        for index in range(variant_count(self._inputs)):
            label = f"variant-{index + 1}{CONFIRMATION}"
            numbers = variant_numbers(self._inputs, index)
            replay = f"{name}/{label}"
            await self._session.replay(replay, cells, numbers=numbers, narrow=True)
            run = self._session.run_of(replay, label)
            runs.append(run)
        update = {"runs": tuple(runs)}
        return trace.model_copy(update=update)
