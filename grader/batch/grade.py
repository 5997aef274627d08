"""Submissions → jobs → traces → results: order, concurrency, retries, progress."""

from __future__ import annotations

import asyncio
import importlib.metadata
import platform
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import grader
from grader.assignment import Assignment, load_assignments, with_limits
from grader.batch.admission import Admission
from grader.batch.isolated import run_isolated
from grader.batch.results import assignment_info, fault, graded, least_sealed, unchanged, ungraded
from grader.batch.similarity.compare import given_by, similar_work
from grader.batch.similarity.features import Given
from grader.errors import GraderError, KernelUnavailable
from grader.grading.follows_data import CONFIRMATION
from grader.grading.grade import grade
from grader.grading.points import summarise
from grader.grading.rerun_plan import cells_of_interest, needs_confirmation
from grader.messages import Language, word
from grader.notebook.headings import heading_above
from grader.progress import Progress
from grader.reference.cache import ReferenceCache
from grader.reference.files import ReferenceFiles
from grader.report import AssignmentInfo, GraderInfo, Report, SubmissionResult
from grader.running.job_key import NOTHING_RAN, job_key
from grader.running.kernels import KernelHost
from grader.running.notebook import executed_up_to_asked, once_more, run, run_again
from grader.running.sandbox.sandbox import Sandbox
from grader.settings import Settings
from grader.store.store import Store
from grader.submissions.collect import collected_from
from grader.submissions.companion_files import together
from grader.submissions.identify import code_cells, identify, is_unchanged
from grader.submissions.snapshot import is_of, keep
from grader.submissions.submission import Submission
from grader.trace import Job, Trace

MAX_ATTEMPTS = 2
"""A submission during which the grader itself ended this often runs in a process of its own: it may be the reason."""


class Grader:
    """Grades submissions of the assignments of one folder."""

    def __init__(
        self,
        settings: Settings,
        store: Store | None,
        assignments: Sequence[Assignment],
        belongs: Mapping[str, str] | None = None,
        *,
        sandbox: Sandbox | None = None,
    ) -> None:
        """Take what to grade by.

        Args:
            settings: how to run.
            store: where traces are kept; None: nowhere.
            assignments: those that a submission may belong to.
            belongs: name of the assignment by submission id, where it need not be found from the content.
            sandbox: where notebooks run; None: in plain processes.
        """
        self._sandbox = sandbox or Sandbox("none")
        self._admission = Admission(settings.jobs)
        self._progress: Progress | None = None
        self._left = 0
        self._belongs = belongs or {}
        self._settings = settings
        self._store = store
        self.assignments = assignments
        self._solutions = {
            a.name: ReferenceFiles(a, settings.solutions / a.name) for a in assignments
        }
        self._references = {
            name: ReferenceCache(solution, store, self._launch, settings.jobs)
            for name, solution in self._solutions.items()
        }
        self.used: dict[str, Assignment] = {}
        self.rerun: list[Submission] = []
        """Those that ran, since no stored trace would do."""
        self.reused = 0
        """How many were graded from a stored trace."""

    def _launch(self, job: Job) -> KernelHost:
        """A place for a kernel to live in; the first time, after what seals kernels is ready."""
        if self._sandbox.sealed and not self._sandbox.ready:
            self._tell("stage-starting")
            self._sandbox.open()
            self._tell("stage-grading")
        return self._sandbox.launch(job)

    @property
    def language(self) -> Language:
        """The language of what is shown meanwhile."""
        return self._settings.language or self.assignments[0].language

    def _tell(self, stage: str) -> None:
        if self._progress is not None:
            total = self._left if stage == "stage-grading" else None
            self._progress.stage(word(stage, self.language), total)

    async def grade_all(
        self, submissions: Sequence[Submission], progress: Progress
    ) -> tuple[SubmissionResult, ...]:
        """Grade submissions side by side, in the order given."""
        free = asyncio.Semaphore(self._settings.jobs)
        self._progress, self._left = progress, len(submissions)

        async def one(submission: Submission) -> SubmissionResult:
            async with free:
                result = await self.grade_one(submission)
            if self._store:
                self._store.write_result(result)
            self._left -= 1
            progress.advance(submission.student)
            return result

        tasks = [asyncio.ensure_future(one(submission)) for submission in submissions]
        try:
            return tuple(await asyncio.gather(*tasks))
        finally:
            for task in tasks:
                if (
                    not task.cancelling()
                ):  # a second time would break into the closing of its kernel
                    task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def grade_one(self, submission: Submission) -> SubmissionResult:
        """Grade one submission. What goes wrong on our side is recorded as such, and scored as nothing."""
        named = [a for a in self.assignments if a.name == self._belongs.get(submission.id)]
        assignment, similarity = identify(submission, named or self.assignments)
        self.used[assignment.name] = assignment
        try:
            if submission.problem is None and not is_unchanged(submission, assignment):
                return await self._graded(submission, assignment, similarity)
            result = self._not_run(submission, assignment)
        except KernelUnavailable as error:
            result = ungraded(submission, assignment, "ungradable", fault(error.problem))
        except GraderError:
            raise
        except Exception as error:  # noqa: BLE001 - a fault of ours must not cost the others their grading
            result = ungraded(
                submission, assignment, "ungradable", fault(f"{type(error).__name__}: {error}")
            )
        self._remember(submission, assignment)
        return result

    async def _graded(
        self, submission: Submission, assignment: Assignment, similarity: float
    ) -> SubmissionResult:
        references = self._references[assignment.name]
        trace = await self._trace(submission, assignment, references)
        knowledge = await references.of(trace)

        def headings(cell: int) -> str:
            return heading_above(submission.cells, cell)

        automatic = grade(trace, assignment, knowledge, headings)
        return graded(submission, assignment, automatic, trace, headings, similarity=similarity)

    def _not_run(self, submission: Submission, assignment: Assignment) -> SubmissionResult:
        if submission.problem is None:
            return unchanged(submission, assignment)
        return ungraded(
            submission, assignment, submission.problem_status or "unreadable", submission.problem
        )

    async def _trace(
        self, submission: Submission, assignment: Assignment, references: ReferenceCache
    ) -> Trace:
        """The stored trace if it is of the same job and says enough, else that of a new run."""
        job = Job(
            cells=code_cells(submission, assignment),
            files=together(submission.files, assignment.files),
            limits=assignment.limits,
            questions=assignment.questions,
        )
        if (stored := await self._stored(submission, job, references)) is not None:
            self.reused += 1
            return stored
        attempts = self._store.note_attempt(submission.id, self._key(job)) if self._store else 0
        self.rerun.append(submission)
        reference = asyncio.ensure_future(
            references.inputs()
        )  # it runs beside the first submissions' cells
        try:
            if attempts >= MAX_ATTEMPTS and not self._settings.alone:
                trace = await run_isolated(submission, assignment, self._settings)
            else:
                async with self._admission.of(job.limits.memory_mib):
                    trace = await self._run(job, assignment, references)
        except BaseException:
            reference.cancel()
            raise
        finally:
            await asyncio.gather(reference, return_exceptions=True)
            # Only what ends this very process leaves its attempt standing.
            if self._store:
                self._store.clear_attempt(submission.id)
        if self._store:
            key = self._key(await _with_inputs(job, references))
            self._store.write_trace(submission.id, key, trace, self._about(submission, assignment))
        return trace

    async def _stored(
        self, submission: Submission, job: Job, references: ReferenceCache
    ) -> Trace | None:
        """A trace of the same job that says enough, if there is one."""
        if self._store is None or self._settings.fresh:
            return None
        stored = self._store.read_any_trace(submission.id)
        if stored is None or stored.key != self._key(await _with_inputs(job, references)):
            return None
        if not await references.knows(stored.trace):
            return None
        if not is_of(stored.about, submission):  # other text or outputs around the same code
            assignment = references.solution.assignment
            self._store.write_trace(
                submission.id, stored.key, stored.trace, self._about(submission, assignment)
            )
        return stored.trace

    def _key(self, job: Job) -> str:
        return job_key(job, sealed=self._sandbox.sealed)

    def _remember(self, submission: Submission, assignment: Assignment) -> None:
        """Keep a submission without a trace: a regrade has to know it, and not to take an older one's trace for its."""
        if self._store is None:
            return
        about = self._about(submission, assignment)
        stored = self._store.read_any_trace(submission.id)
        if stored is None or stored.about != about:
            self._store.write_trace(submission.id, NOTHING_RAN, Trace(cells=(), runs=()), about)

    def _about(self, submission: Submission, assignment: Assignment) -> dict[str, Any]:
        """What a regrade, and the story, need of a submission without its file."""
        return keep(submission, assignment.name, self.parts(assignment.name))

    def parts(self, assignment: str) -> dict[str, str]:
        """Hash of each part of an assignment that a run depends on, by the file it is in."""
        return self._solutions[assignment].parts

    async def _run(self, job: Job, assignment: Assignment, references: ReferenceCache) -> Trace:
        async def ask(trace: Trace) -> Sequence[int]:
            return cells_of_interest(trace, assignment, await references.of(trace))

        trace = await _confirmed(lambda: run(job, ask, self._launch, references.inputs))
        trace = trace.model_copy(update={"sandbox": self._sandbox.tier})
        knowledge = await references.of(trace)
        results = grade(trace, assignment, knowledge, lambda _: "")
        if not needs_confirmation(results, trace):
            return trace
        whole, order = await _with_inputs(job, references), executed_up_to_asked(trace)
        again = await _confirmed(
            lambda: run_again(whole, order, suffix=CONFIRMATION, launch=self._launch)
        )
        return trace.model_copy(update={"runs": trace.runs + again.runs})

    def given(self) -> dict[str, Given]:
        """Per assignment that submissions belong to, what all of them are expected to have."""
        return {
            a.name: given_by(self._solutions[a.name])
            for a in self.assignments
            if a.name in self.used
        }

    def info(self) -> tuple[AssignmentInfo, ...]:
        """The assignments that submissions belong to, for the report."""
        return tuple(
            assignment_info(assignment, self._solutions[assignment.name].mistakes_version)
            for assignment in self.assignments
            if assignment.name in self.used
        )


async def _confirmed(make: Callable[[], Awaitable[Trace]]) -> Trace:
    """What a run brings back; one whose kernel ended is made twice, since a notebook that ends it does so each time."""
    trace = await once_more(make)
    return await once_more(make) if trace.ended else trace


async def _with_inputs(job: Job, references: ReferenceCache) -> Job:
    return job.model_copy(update={"inputs": await references.inputs()})


def report_of(grading: Grader, results: tuple[SubmissionResult, ...], began: float) -> Report:
    """The report of a run that began at `began` (`time.monotonic()`)."""
    threads = {assignment.limits.threads for assignment in grading.assignments}
    return Report(
        grader=GraderInfo(
            version=grader.__version__,
            python=platform.python_version(),
            torch=importlib.metadata.version("torch"),
            sandbox=least_sealed(results),
            threads=max(threads),
        ),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        seconds=round(time.monotonic() - began, 3),
        assignments=grading.info(),
        summary=summarise(results),
        submissions=results,
    )


def with_similar(
    grading: Grader, report: Report, submissions: Iterable[Submission], progress: Progress
) -> Report:
    """The report with what its submissions share."""
    if len(report.submissions) < 2:
        return report
    progress.stage(word("stage-comparing", grading.language), None)
    found = similar_work(
        report.submissions, {one.id: one.cells for one in submissions}, grading.given()
    )
    shared = {
        "similar": found.similar,
        "similar_left_out": found.left_out,
        "sameness": found.sameness,
    }
    return report.model_copy(update=shared)


def grade_paths(
    paths: Sequence[Path], settings: Settings, progress: Progress, sandbox: Sandbox | None = None
) -> Report:
    """Grade the submissions of some paths and write the report to `settings.out`.

    Args:
        paths: files, folders and zips.
        settings: how to run.
        progress: told how far the run is.
        sandbox: where notebooks run, closed by the caller; None: as the settings say.

    Raises:
        GraderError: nothing to grade, an assignment that is not right, an output folder that cannot be used.
    """
    began = time.monotonic()
    assignments = assignments_for(settings)
    with (
        collected_from(paths, assignments, settings.roster) as arrivals,
        Store(settings.out) as store,
        nullcontext(sandbox) if sandbox else Sandbox(settings.sandbox) as place,
    ):
        grading = Grader(settings, store, assignments, sandbox=place)
        submissions = [_kept(store, submission) for submission in arrivals.submissions]
        progress.stage(word("stage-grading", grading.language), len(submissions))
        results = asyncio.run(grading.grade_all(submissions, progress))
        others = {"left_out": arrivals.left_out, "absent": arrivals.absent}
        report = report_of(grading, results, began).model_copy(update=others)
        report = store.settled(with_similar(grading, report, submissions, progress))
        store.write_report(report)
    return report


def _kept(store: Store, submission: Submission) -> Submission:
    """A submission whose files stay where they are: what was unpacked is gone when the run ends."""
    if not submission.unpacked:
        return submission
    return replace(submission, files=tuple(store.keep_file(file) for file in submission.files))


def assignments_for(settings: Settings) -> tuple[Assignment, ...]:
    """The assignments that submissions may belong to, with the limits that were asked for.

    Raises:
        AssignmentError: there is none, or one is not right.
    """
    found = load_assignments(settings.exercises, settings.assignment)
    return tuple(with_limits(assignment, settings.limits) for assignment in found)
