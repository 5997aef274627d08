"""Grade a class, in named steps: collect, grade, compare, settle, write.

The order of the steps is the specification. Pages and other outputs are rendered from the report
afterwards, by the caller, while the output folder is still open.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from grader.assignment import Assignment, load_assignments, with_limits
from grader.batch.class_progress import ClassProgress
from grader.batch.class_report import add_similar_work, new_report
from grader.batch.grader import SubmissionGrader
from grader.batch.workers.cluster_file import ClusterChoice
from grader.batch.workers.local_runner import this_machine
from grader.batch.workers.parallel import grade_side_by_side
from grader.batch.workers.runner import Workers
from grader.messages import Language
from grader.progress import Progress
from grader.report import Report, SubmissionResult
from grader.running.gpu import require_devices
from grader.running.sandbox.pool import sweep_abandoned
from grader.running.sandbox.sandbox import Sandbox
from grader.settings import Settings
from grader.store.store import Store
from grader.submissions.class_assignment import assignments_of_class, language_of_class
from grader.submissions.collect import Collected, collected_from
from grader.submissions.submission import Submission


def load_course(settings: Settings) -> tuple[Assignment, ...]:
    """Load the assignments that submissions may belong to, with the requested limits.

    Raises:
        AssignmentError: there is none, one is not right, or it needs a GPU that is not here.
    """
    loaded = load_assignments(settings.exercises, settings.assignment)
    assignments = tuple(with_limits(assignment, settings.limits) for assignment in loaded)
    require_devices(assignments, sealed=settings.sandbox != "none")
    return assignments


@dataclass(frozen=True)
class ClassRun:
    """A run that has collected its submissions and locked its output folder."""

    settings: Settings
    assignments: tuple[Assignment, ...]
    collected: Collected
    store: Store
    sandbox: Sandbox
    cluster: ClusterChoice | None = None
    """Cluster on which notebooks run; None: they run in the sandbox of this machine."""

    @property
    def language(self) -> Language:
        """The language of progress messages."""
        if self.settings.language:
            return self.settings.language
        return language_of_class(self.collected.submissions, self.assignments)

    def grade(self, progress: Progress) -> Report:
        """Grade every submission and write the report.

        Raises:
            GraderError: the reference is not right, or the output folder cannot be written to.
        """
        began = time.monotonic()
        submissions = [self._with_kept_files(each) for each in self.collected.submissions]
        class_progress = ClassProgress(progress, self.language, self.sandbox, len(submissions))
        names = assignments_of_class(submissions, self.assignments)
        with self._workers(class_progress) as workers:
            grader = SubmissionGrader(
                self.settings,
                self.assignments,
                workers.kernels,
                self.store,
                known_assignments=names,
                runner=workers.runner,
            )
            class_progress.begin("stage-grading")
            results = grade_class(grader, submissions, class_progress, self.store, workers)

        report = new_report(grader, results, began)
        report = self._with_absent(report)
        report = add_similar_work(grader, report, submissions, progress, self.language)
        report = self.store.settled(report)
        self.store.write_report(report)
        return report

    @contextmanager
    def _workers(self, class_progress: ClassProgress) -> Iterator[Workers]:
        """Provide the workers that submissions run on, for a `with` statement."""
        if self.cluster is None:
            yield this_machine(self.settings, class_progress, self.store)
            return
        from grader.batch.workers.cluster_runner import on_cluster

        with on_cluster(self.cluster, self.settings, self.store, class_progress) as workers:
            yield workers

    def _with_kept_files(self, submission: Submission) -> Submission:
        """Keep the files of an unpacked submission, which are deleted when the run ends."""
        if not submission.unpacked:
            return submission
        files = tuple(self.store.keep_file(file) for file in submission.files)
        return replace(submission, files=files)

    def _with_absent(self, report: Report) -> Report:
        """Add the files that were left out and the students who submitted nothing."""
        others = {"left_out": self.collected.left_out, "absent": self.collected.absent}
        return report.model_copy(update=others)


@contextmanager
def open_run(
    paths: Sequence[Path],
    settings: Settings,
    sandbox: Sandbox,
    cluster: ClusterChoice | None = None,
) -> Iterator[ClassRun]:
    """Collect submissions and open the output folder, for a `with` statement.

    Args:
        paths: files, folders and zips.
        settings: how to run.
        sandbox: the sandbox of this machine; closed by the caller.
        cluster: the cluster on which notebooks run; None: they run in `sandbox`.

    Raises:
        GraderError: nothing to grade, an assignment that is not right, an output folder that
            cannot be used.
    """
    assignments = load_course(settings)
    sweep_abandoned()
    with (
        collected_from(paths, assignments, settings.roster) as collected,
        Store(settings.out) as store,
    ):
        yield ClassRun(settings, assignments, collected, store, sandbox, cluster)


def grade_class(
    grader: SubmissionGrader,
    submissions: Sequence[Submission],
    progress: ClassProgress,
    store: Store,
    workers: Workers,
) -> tuple[SubmissionResult, ...]:
    """Grade submissions in parallel, and store each result as soon as it is available.

    Returns:
        The results, in the order of the submissions.
    """

    def keep(result: SubmissionResult) -> None:
        store.write_result(result)
        progress.advance(result)

    async def grade_all() -> tuple[SubmissionResult, ...]:
        async with workers.connected():
            return await grade_side_by_side(submissions, grader.grade, keep, workers.at_once)

    return asyncio.run(grade_all())
