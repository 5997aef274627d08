"""Run submissions in kernels of this machine, as many side by side as there is memory for."""

from __future__ import annotations

import asyncio

from grader.batch.evaluator import DECIDING_S, KernelSource
from grader.batch.results import graded, too_costly
from grader.batch.workers.admission import Admission
from grader.batch.workers.isolated import run_isolated
from grader.batch.workers.runner import RunOutcome, RunRequest, Workers
from grader.grading.evaluation import Evaluation
from grader.notebook.deadline import WorkTooLong, within
from grader.report import SubmissionResult
from grader.running.job_key import job_key
from grader.settings import Settings
from grader.store.store import Store, trace_file

MAX_ATTEMPTS = 2
"""Number of times that the grader's process may end while a submission runs. Then the submission
runs in a separate process, because it may be the reason.
"""


class LocalRunner:
    """Runs submissions on this machine."""

    def __init__(self, settings: Settings, kernels: KernelSource, store: Store | None) -> None:
        """Initialise with settings, kernels and store.

        Args:
            settings: how to run.
            kernels: creates the host of each kernel, as a sandbox does.
            store: records attempts; None: they are not recorded.
        """
        self._settings = settings
        self._kernels = kernels
        self._store = store
        self._admission = Admission(settings.jobs)

    @property
    def ways(self) -> tuple[bool, ...]:
        """Whether its kernels are sealed."""
        return (self._kernels.sealed,)

    async def run(self, request: RunRequest) -> RunOutcome:
        """Run a submission and decide about it; see `Runner`."""
        # The reference runs beside the first submissions' cells.
        key = asyncio.ensure_future(request.key(self._kernels.sealed))
        try:
            evaluation = await self._attempt(request)
        except BaseException:
            key.cancel()
            raise
        finally:
            await asyncio.gather(key, return_exceptions=True)
            # The attempt stays recorded only if this very process ends.
            if self._store:
                self._store.clear_attempt(request.submission.id)

        stored = trace_file(key.result(), evaluation.trace, request.snapshot)
        return RunOutcome(result=decided(request, evaluation), stored=stored)

    async def _attempt(self, request: RunRequest) -> Evaluation:
        """Run a submission; in a separate process if runs ended twice while it was running."""
        job = request.job
        evaluator = request.evaluator()
        attempts = 0
        if self._store:
            key = job_key(job, sealed=self._kernels.sealed)
            attempts = self._store.note_attempt(request.submission.id, key)
        if attempts >= MAX_ATTEMPTS and not self._settings.isolated:
            trace = await run_isolated(request.submission, request.assignment, self._settings)
            return await evaluator.evaluate(trace)
        async with self._admission.of(job.limits.memory_mib):
            return await evaluator.run(job, self._kernels)


def this_machine(settings: Settings, kernels: KernelSource, store: Store | None) -> Workers:
    """Have submissions run on this machine; see `LocalRunner`."""
    runner = LocalRunner(settings, kernels, store)
    return Workers(kernels=kernels, runner=runner, at_once=settings.jobs)


def decided(request: RunRequest, evaluation: Evaluation) -> SubmissionResult:
    """Make the result of a submission that ran; a person decides where that takes too long."""
    submission = request.submission
    assignment = request.assignment
    try:
        with within(DECIDING_S):
            return graded(
                submission,
                assignment,
                evaluation,
                request.headings,
                similarity=request.similarity,
            )
    except WorkTooLong as error:
        return too_costly(submission, assignment, error.seconds)
