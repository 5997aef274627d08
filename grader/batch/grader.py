"""Grade one submission: identify its assignment, run it or reuse its stored trace, decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from grader.assignment import Assignment
from grader.batch.evaluator import KernelSource
from grader.batch.results import fault, too_costly, unchanged, ungraded
from grader.batch.workers.local_runner import LocalRunner, decided
from grader.batch.workers.runner import Runner, RunRequest, request_for
from grader.errors import GraderError, KernelUnavailable
from grader.grading.causes import missing_packages
from grader.grading.evaluation import Evaluation
from grader.machine import is_installed
from grader.notebook.deadline import WorkTooLong
from grader.reference.cache import ReferenceCache
from grader.reference.class_seed import SEED_FILE, ClassSeed, class_seed
from grader.reference.files import ReferenceFiles
from grader.report import SubmissionResult
from grader.running.job_key import NOTHING_RAN, job_key
from grader.settings import Settings
from grader.store.store import Store
from grader.submissions.identify import identify, is_unchanged
from grader.submissions.snapshot import Snapshot, read_snapshot, snapshot_of
from grader.submissions.submission import Submission
from grader.trace import Trace

Parts = dict[str, str]
"""A hash of each thing that runs depend on, by its file."""


class SubmissionGrader:
    """Grades submissions of one or several assignments."""

    def __init__(
        self,
        settings: Settings,
        assignments: Sequence[Assignment],
        kernels: KernelSource,
        store: Store | None,
        *,
        known_assignments: Mapping[str, str] | None = None,
        runner: Runner | None = None,
    ) -> None:
        """Initialise with the settings, the assignments and a source of kernels.

        Args:
            settings: how to run.
            assignments: those that a submission may belong to.
            kernels: launches kernels: a sandbox.
            store: where traces are stored; None to store nothing.
            known_assignments: assignment names by submission id, for those that need not be
                identified from the content.
            runner: runs submissions; None to run them in these kernels.
        """
        self.assignments = assignments
        self.used: dict[str, Assignment] = {}
        """The assignments that submissions belong to, by name."""
        self.ran: list[Submission] = []
        """Submissions that ran, because no stored trace could be used."""
        self.reused = 0
        """How many submissions were graded from a stored trace."""

        self._settings = settings
        self._store = store
        self._known_assignments = known_assignments or {}
        self._runner = runner or LocalRunner(settings, kernels, store)
        self._files: dict[str, ReferenceFiles] = {}
        self._references: dict[str, ReferenceCache] = {}
        self._parts: dict[str, Parts] = {}
        self._seed: ClassSeed | None = None
        for assignment in assignments:
            name = assignment.name
            folder = settings.solutions / name
            files = ReferenceFiles(assignment, folder)
            if self._seed is None and files.variants.are_drawn:
                self._seed = class_seed(store, settings.out)
            self._files[name] = files
            launch = kernels.launch
            reference = ReferenceCache(files, store, launch, settings.jobs, self._seed)
            self._references[name] = reference

    def reference_files(self, assignment: str) -> ReferenceFiles:
        """Return the files of an assignment's reference."""
        return self._files[assignment]

    def parts(self, assignment: str) -> Parts:
        """Map the files on which runs of an assignment depend to their hashes."""
        known = self._parts.get(assignment)
        if known is not None:
            return known
        files = self._files[assignment]
        parts = files.parts
        seed = self._seed
        if seed is not None and files.variants.are_drawn:
            folder = self._settings.out.name
            parts[f"{folder}/{SEED_FILE}"] = seed.digest
        self._parts[assignment] = parts
        return parts

    async def grade(self, submission: Submission) -> SubmissionResult:
        """Grade one submission.

        An internal fault gives it the status `ungradable`.

        Raises:
            GraderError: the assignment or the output folder is at fault.
        """
        candidates = self._candidates(submission)
        assignment, similarity = identify(submission, candidates)
        self.used[assignment.name] = assignment
        try:
            runs = submission.problem is None and not is_unchanged(submission, assignment)
            if runs:
                return await self._grade_run(submission, assignment, similarity)
            result = _without_run(submission, assignment)
        except WorkTooLong as error:
            result = too_costly(submission, assignment, error.seconds)
        except KernelUnavailable as error:
            reason = fault(error.problem)
            result = ungraded(submission, assignment, "ungradable", reason)
        except GraderError:
            raise
        except Exception as error:  # noqa: BLE001 - one fault must not cost the others their grading
            kind = type(error).__name__
            reason = fault(f"{kind}: {error}")
            result = ungraded(submission, assignment, "ungradable", reason)
        self._store_without_trace(submission, assignment)
        return result

    def _candidates(self, submission: Submission) -> Sequence[Assignment]:
        known = self._known_assignments.get(submission.id)
        for assignment in self.assignments:
            if assignment.name == known:
                return [assignment]
        return self.assignments

    async def _grade_run(
        self, submission: Submission, assignment: Assignment, similarity: float
    ) -> SubmissionResult:
        async def key(sealed: bool) -> str:
            return await self._trace_key(request, sealed=sealed)

        reference = self._references[assignment.name]
        snapshot = self._snapshot(submission, assignment).to_json()
        request = request_for(submission, similarity, reference, key, snapshot)
        stored = await self._stored_evaluation(request)
        if stored is not None:
            self.reused += 1
            return decided(request, stored)

        self.ran.append(submission)
        outcome = await self._runner.run(request)
        if self._store:
            self._store.write_trace_file(submission.id, outcome.stored)
        return outcome.result

    async def _stored_evaluation(self, request: RunRequest) -> Evaluation | None:
        """Evaluate the stored trace; None if it belongs to another job or is incomplete."""
        submission = request.submission
        if self._store is None or self._settings.fresh:
            return None
        stored = self._store.read_trace(submission.id)
        if stored is None:
            return None
        keys = await self._trace_keys(request)
        if stored.key not in keys:
            return None
        lacked = missing_packages(stored.trace)
        if any(map(is_installed, lacked)):
            return None  # a package that was missing is installed now
        evaluator = request.evaluator()
        evaluation = await evaluator.evaluate(stored.trace)
        if not evaluator.is_complete(evaluation):
            return None

        before = read_snapshot(stored.about)
        is_same = before is not None and before.is_of(submission)
        if not is_same:  # the code is the same, but not the texts or outputs
            about = request.snapshot
            self._store.write_trace(submission.id, stored.key, stored.trace, about)
        return evaluation

    async def _trace_keys(self, request: RunRequest) -> list[str]:
        """Return the keys that a usable trace may have: one for each way to seal kernels."""
        keys: list[str] = []
        for sealed in self._runner.ways:
            key = await self._trace_key(request, sealed=sealed)
            keys.append(key)
        return keys

    async def _trace_key(self, request: RunRequest, *, sealed: bool) -> str:
        inputs = await request.reference.inputs()
        job = request.job.model_copy(update={"inputs": inputs})
        return job_key(job, sealed=sealed)

    def _store_without_trace(self, submission: Submission, assignment: Assignment) -> None:
        """Store a submission that did not run: a regrade must know it, and find no old trace."""
        if self._store is None:
            return
        snapshot = self._snapshot(submission, assignment).to_json()
        stored = self._store.read_trace(submission.id)
        if stored is None or stored.about != snapshot:
            empty = Trace(cells=(), runs=())
            self._store.write_trace(submission.id, NOTHING_RAN, empty, snapshot)

    def _snapshot(self, submission: Submission, assignment: Assignment) -> Snapshot:
        parts = self.parts(assignment.name)
        return snapshot_of(submission, assignment.name, parts)


def _without_run(submission: Submission, assignment: Assignment) -> SubmissionResult:
    if submission.problem is None:
        return unchanged(submission, assignment)
    status = submission.problem_status or "unreadable"
    return ungraded(submission, assignment, status, submission.problem)
