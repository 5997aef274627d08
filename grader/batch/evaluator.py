"""Run a job and evaluate its trace; run the variants again only to confirm a denial.

The reference is consulted here, in the grader's process. A kernel is told which cells to run, but
never the expected values.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from grader.grading.evaluation import Evaluation
from grader.grading.follows_data import CONFIRMATION
from grader.grading.grade import evaluate
from grader.grading.knowledge import Headings
from grader.grading.own_answers import own_answers
from grader.grading.rerun_plan import cells_of_interest, needs_confirmation
from grader.grading.search import Values
from grader.job import Job, OwnAnswers
from grader.notebook.cells import NotebookCell
from grader.notebook.deadline import within
from grader.reference.cache import ReferenceCache
from grader.running.kernels import KernelHost
from grader.running.notebook import executed_up_to_asked, once_more, run, run_again
from grader.trace import Trace

DECIDING_S = 5.0
"""Most processor time for each step of deciding; an honest submission takes a hundredth."""


class KernelSource(Protocol):
    """Launches kernels: a sandbox, or a wrapper that reports when it opens."""

    @property
    def sealed(self) -> bool:
        """Whether kernels are sealed."""

    @property
    def tier(self) -> str:
        """How kernels are sealed, as the report says it; known once one was launched."""

    def launch(self, job: Job) -> KernelHost:
        """Launch a kernel for a job."""


class Evaluator:
    """Evaluates traces of one submission against the reference of its assignment."""

    def __init__(
        self, reference: ReferenceCache, headings: Headings, notebook: Sequence[NotebookCell]
    ) -> None:
        """Initialise with the reference and the submission.

        Args:
            reference: the assignment and its expected answers.
            headings: returns the heading above a cell of the submission.
            notebook: all cells of the submission.
        """
        self._notebook = notebook
        self._reference = reference
        self._assignment = reference.solution.assignment
        self._headings = headings

    async def evaluate(self, trace: Trace) -> Evaluation:
        """Evaluate a trace."""
        values = _values_of(trace)
        knowledge = await self._reference.of(values)
        with within(DECIDING_S):
            return evaluate(values, self._assignment, knowledge, self._headings, self._notebook)

    def is_complete(self, evaluation: Evaluation) -> bool:
        """Return whether a trace has every run that the current reference asks for.

        That is, each relevant cell ran on the variants, and denials were confirmed.
        """
        with within(DECIDING_S):
            needed = cells_of_interest(evaluation.values, self._assignment, evaluation.knowledge)
        if not set(needed) <= set(evaluation.trace.asked):
            return False
        return not needs_confirmation(evaluation)

    async def run(self, job: Job, kernels: KernelSource) -> Evaluation:
        """Run the cells of a job, its variants, and the runs that confirm a denial.

        Args:
            job: what to run.
            kernels: gives each kernel its host.

        Raises:
            KernelUnavailable: no kernel could be started.
        """
        trace = await _with_second_chance(
            lambda: run(
                job,
                self._cells_to_vary,
                kernels.launch,
                self._reference.inputs,
                self._own_answers,
            )
        )
        trace = trace.model_copy(update={"sandbox": kernels.tier})
        evaluation = await self.evaluate(trace)
        if not needs_confirmation(evaluation):
            return evaluation

        confirmed = await self._confirm(job, trace, kernels)
        return await self.evaluate(confirmed)

    async def _cells_to_vary(self, trace: Trace) -> Sequence[int]:
        values = _values_of(trace)
        knowledge = await self._reference.of(values)
        with within(DECIDING_S):
            return cells_of_interest(values, self._assignment, knowledge)

    async def _own_answers(self, trace: Trace) -> OwnAnswers:
        """Find the submission's own answers to exercises that questions refer to."""
        knowledge = await self._reference.base()
        values = _values_of(trace)
        with within(DECIDING_S):
            return own_answers(values, self._assignment, knowledge, self._headings, self._notebook)

    async def _confirm(self, job: Job, trace: Trace, kernels: KernelSource) -> Trace:
        """Run the variants again in a fresh kernel, and add those runs to the trace."""
        inputs = await self._reference.inputs()
        varied_job = job.model_copy(update={"inputs": inputs})
        order = executed_up_to_asked(trace)
        confirmation = await _with_second_chance(
            lambda: run_again(varied_job, order, suffix=CONFIRMATION, launch=kernels.launch)
        )
        return trace.model_copy(update={"runs": trace.runs + confirmation.runs})


def _values_of(trace: Trace) -> Values:
    with within(DECIDING_S):
        return Values(trace, is_claim=True)


async def _with_second_chance(attempt: Callable[[], Awaitable[Trace]]) -> Trace:
    """Run a job, and repeat it once if its kernel died, in case that was a coincidence."""
    trace = await once_more(attempt)
    if not trace.ended:
        return trace
    return await once_more(attempt)
