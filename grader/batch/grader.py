"""Grade one submission: identify its assignment, run it or reuse its stored trace, decide."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from grader.assignment import Assignment
from grader.batch.evaluator import DECIDING_S, Evaluator, KernelSource
from grader.batch.results import fault, graded, too_costly, unchanged, ungraded
from grader.batch.workers.admission import Admission
from grader.batch.workers.isolated import run_isolated
from grader.errors import GraderError, KernelUnavailable
from grader.grading.causes import missing_packages
from grader.grading.evaluation import Evaluation
from grader.job import Job
from grader.machine import is_installed
from grader.notebook.deadline import WorkTooLong, within
from grader.reference.cache import ReferenceCache
from grader.reference.class_seed import SEED_FILE, ClassSeed, class_seed
from grader.reference.files import ReferenceFiles
from grader.report import SubmissionResult
from grader.running.job_key import NOTHING_RAN, job_key
from grader.settings import Settings
from grader.store.store import Store
from grader.submissions.companion_files import with_declared
from grader.submissions.identify import code_cells, heading_of, identify, is_unchanged
from grader.submissions.snapshot import Snapshot, read_snapshot, snapshot_of
from grader.submissions.submission import Submission
from grader.trace import Trace

MAX_ATTEMPTS = 2
"""A submission during which the grader's own process ended this often runs in a process of its own:
the submission may be the reason."""


class SubmissionGrader:
    """Grades submissions of the assignments of one folder."""

    def __init__(
        self,
        settings: Settings,
        assignments: Sequence[Assignment],
        kernels: KernelSource,
        store: Store | None,
        known_assignments: Mapping[str, str] | None = None,
    ) -> None:
        """Take what to grade by.

        Args:
            settings: how to run.
            assignments: those that a submission may belong to.
            kernels: gives each kernel its host: a sandbox.
            store: where traces are kept; None: nowhere.
            known_assignments: name of the assignment by submission id, where it need not be found
                from the content.
        """
        self.assignments = assignments
        self.used: dict[str, Assignment] = {}
        """The assignments that submissions belong to, by name."""
        self.rerun: list[Submission] = []
        """Submissions that ran, since no stored trace would do."""
        self.reused = 0
        """How many submissions were graded from a stored trace."""

        self._settings = settings
        self._kernels = kernels
        self._store = store
        self._known_assignments = known_assignments or {}
        self._admission = Admission(settings.jobs)
        self._files: dict[str, ReferenceFiles] = {}
        self._references: dict[str, ReferenceCache] = {}
        self._seed: ClassSeed | None = None
        for assignment in assignments:
            files = ReferenceFiles(assignment, settings.solutions / assignment.name)
            if files.variants.are_drawn and self._seed is None:
                self._seed = class_seed(store, settings.out)
            self._files[assignment.name] = files
            self._references[assignment.name] = ReferenceCache(
                files, store, kernels.launch, settings.jobs, self._seed
            )

    def reference_files(self, assignment: str) -> ReferenceFiles:
        """The reference of an assignment, as its author wrote it."""
        return self._files[assignment]

    def parts(self, assignment: str) -> dict[str, str]:
        """Return a hash of each thing that runs of an assignment depend on, by its file."""
        files = self._files[assignment]
        parts = files.parts
        if self._seed is not None and files.variants.are_drawn:
            parts[f"{self._settings.out.name}/{SEED_FILE}"] = self._seed.digest
        return parts

    async def grade(self, submission: Submission) -> SubmissionResult:
        """Grade one submission. A fault of ours is recorded as such, and earns no points."""
        assignment, similarity = identify(submission, self._candidates(submission))
        self.used[assignment.name] = assignment
        try:
            if submission.problem is None and not is_unchanged(submission, assignment):
                return await self._grade_run(submission, assignment, similarity)
            result = _without_run(submission, assignment)
        except WorkTooLong as error:
            result = too_costly(submission, assignment, error.seconds)
        except KernelUnavailable as error:
            result = ungraded(submission, assignment, "ungradable", fault(error.problem))
        except GraderError:
            raise
        except Exception as error:  # noqa: BLE001 - one fault must not cost the others their grading
            problem = f"{type(error).__name__}: {error}"
            result = ungraded(submission, assignment, "ungradable", fault(problem))
        self._store_without_trace(submission, assignment)
        return result

    def _candidates(self, submission: Submission) -> Sequence[Assignment]:
        name = self._known_assignments.get(submission.id)
        known = [assignment for assignment in self.assignments if assignment.name == name]
        return known or self.assignments

    async def _grade_run(
        self, submission: Submission, assignment: Assignment, similarity: float
    ) -> SubmissionResult:
        def headings(cell: int) -> str:
            return heading_of(submission, cell)

        reference = self._references[assignment.name]
        evaluator = Evaluator(reference, headings, submission.cells)
        evaluation = await self._evaluation(submission, assignment, evaluator)
        with within(DECIDING_S):
            return graded(submission, assignment, evaluation, headings, similarity=similarity)

    async def _evaluation(
        self, submission: Submission, assignment: Assignment, evaluator: Evaluator
    ) -> Evaluation:
        """Evaluate the stored trace if it is of the same job and complete, else a new run."""
        solution = self._references[assignment.name].solution
        job = Job(
            cells=code_cells(submission, assignment),
            files=with_declared(submission.files, assignment.files),
            data=solution.data,
            limits=assignment.limits,
            questions=solution.questions,
            held_out=solution.probes.held_out,
            figures=assignment.looks_at_figures,
        )
        stored = await self._stored_evaluation(submission, assignment, job, evaluator)
        if stored is not None:
            self.reused += 1
            return stored

        self.rerun.append(submission)
        evaluation = await self._attempt(submission, assignment, job, evaluator)
        if self._store:
            key = await self._trace_key(job, assignment)
            snapshot = self._snapshot(submission, assignment)
            self._store.write_trace(submission.id, key, evaluation.trace, snapshot.to_json())
        return evaluation

    async def _stored_evaluation(
        self, submission: Submission, assignment: Assignment, job: Job, evaluator: Evaluator
    ) -> Evaluation | None:
        if self._store is None or self._settings.fresh:
            return None
        stored = self._store.read_trace(submission.id)
        if stored is None or stored.key != await self._trace_key(job, assignment):
            return None
        if any(map(is_installed, missing_packages(stored.trace))):
            return None  # what it lacked is there now
        evaluation = await evaluator.evaluate(stored.trace)
        if not evaluator.is_complete(evaluation):
            return None

        before = read_snapshot(stored.about)
        if before is None or not before.is_of(submission):  # other text or outputs, the same code
            snapshot = self._snapshot(submission, assignment)
            self._store.write_trace(submission.id, stored.key, stored.trace, snapshot.to_json())
        return evaluation

    async def _attempt(
        self, submission: Submission, assignment: Assignment, job: Job, evaluator: Evaluator
    ) -> Evaluation:
        """Run a submission; in a process of its own if runs ended twice while it was in hand."""
        attempts = 0
        if self._store:
            attempts = self._store.note_attempt(submission.id, self._job_key(job))
        # The reference runs beside the first submissions' cells.
        inputs = asyncio.ensure_future(self._references[assignment.name].inputs())
        try:
            if attempts >= MAX_ATTEMPTS and not self._settings.isolated:
                trace = await run_isolated(submission, assignment, self._settings)
                return await evaluator.evaluate(trace)
            async with self._admission.of(job.limits.memory_mib):
                return await evaluator.run(job, self._kernels)
        except BaseException:
            inputs.cancel()
            raise
        finally:
            await asyncio.gather(inputs, return_exceptions=True)
            # Only what ends this very process leaves its attempt standing.
            if self._store:
                self._store.clear_attempt(submission.id)

    async def _trace_key(self, job: Job, assignment: Assignment) -> str:
        inputs = await self._references[assignment.name].inputs()
        return self._job_key(job.model_copy(update={"inputs": inputs}))

    def _job_key(self, job: Job) -> str:
        return job_key(job, sealed=self._kernels.sealed)

    def _store_without_trace(self, submission: Submission, assignment: Assignment) -> None:
        """Store a submission that did not run: a regrade must know it, and find no older trace."""
        if self._store is None:
            return
        snapshot = self._snapshot(submission, assignment).to_json()
        stored = self._store.read_trace(submission.id)
        if stored is None or stored.about != snapshot:
            self._store.write_trace(submission.id, NOTHING_RAN, Trace(cells=(), runs=()), snapshot)

    def _snapshot(self, submission: Submission, assignment: Assignment) -> Snapshot:
        parts = self.parts(assignment.name)
        return snapshot_of(submission, assignment.name, parts)


def _without_run(submission: Submission, assignment: Assignment) -> SubmissionResult:
    if submission.problem is None:
        return unchanged(submission, assignment)
    status = submission.problem_status or "unreadable"
    return ungraded(submission, assignment, status, submission.problem)
