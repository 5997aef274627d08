"""Grade stored traces again, with the current assignment and reference."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.assignment import Assignment
from grader.batch.class_progress import ClassProgress
from grader.batch.class_report import add_similar_work, new_report
from grader.batch.grader import SubmissionGrader
from grader.batch.results import fault, ungraded
from grader.batch.run import grade_class, load_course
from grader.batch.workers.local_runner import this_machine
from grader.errors import GraderError
from grader.messages import Language, common_language
from grader.progress import Progress
from grader.report import Report, SubmissionResult
from grader.running.sandbox.sandbox import Sandbox
from grader.settings import Settings
from grader.store.store import Store
from grader.submissions.snapshot import Snapshot, read_snapshot, submission_from
from grader.submissions.submission import Submission

SAME_POINTS = 1e-9
"""Scores that differ by less are the same."""


@dataclass(frozen=True)
class ScoreChange:
    """A score that a regrade changed."""

    student: str
    exercise: str
    """Title of the exercise."""
    before: float
    after: float


@dataclass(frozen=True)
class Regraded:
    """The outcome of a regrade."""

    report: Report
    reused: int
    rerun: tuple[str, ...]
    """Students with a notebook that had to run again."""
    why: tuple[str, ...]
    """Changed assignment files that made them run again, each once."""
    changes: tuple[ScoreChange, ...]


@dataclass(frozen=True)
class StoredRun:
    """The stored traces of an earlier run, to be graded again."""

    settings: Settings
    store: Store
    """The open output folder."""
    sandbox: Sandbox
    """Where notebooks run that have to; closed by the caller."""

    def regrade(self, progress: Progress) -> Regraded:
        """Grade again with the current assignment and reference, and write a new report.

        If a trace lacks runs that the current reference asks for, the notebook runs again as it was
        graded: its cells are stored with its trace. So no report mixes versions.

        Raises:
            GraderError: there is nothing to regrade, or an assignment is not right.
        """
        began = time.monotonic()
        before = self.store.read_report()
        if before is None:
            raise GraderError(
                f"There is no report in {self.store.folder}/.", "Run 'grade PATH' first."
            )
        assignments = load_course(self.settings)
        snapshots = _snapshots(self.store, before)
        language = self.settings.language or _language(assignments, snapshots)
        submissions = [submission_from(name, snapshot) for name, snapshot in snapshots.items()]
        class_progress = ClassProgress(progress, language, self.sandbox, len(submissions))
        workers = this_machine(self.settings, class_progress, self.store)
        grader = SubmissionGrader(
            self.settings,
            assignments,
            class_progress,
            self.store,
            known_assignments={name: each.assignment for name, each in snapshots.items()},
            runner=workers.runner,
        )

        class_progress.begin("stage-regrading")
        regraded = grade_class(grader, submissions, class_progress, self.store, workers)

        results = _in_order(grader, before, regraded)
        report = new_report(grader, results, began)
        report = report.model_copy(update={"left_out": before.left_out, "absent": before.absent})
        report = add_similar_work(grader, report, submissions, progress, language)
        report = self.store.settled(report)
        self.store.write_report(report)
        return Regraded(
            report=report,
            reused=grader.reused,
            rerun=tuple(submission.student for submission in grader.ran),
            why=tuple(dict.fromkeys(_reasons(grader, snapshots))),
            changes=tuple(_changes(before, report)),
        )


def _language(assignments: Sequence[Assignment], snapshots: Mapping[str, Snapshot]) -> Language:
    """Return the language of the assignments that were graded."""
    names = {snapshot.assignment for snapshot in snapshots.values()}
    return common_language(each.language for each in assignments if each.name in names)


def _snapshots(store: Store, report: Report) -> dict[str, Snapshot]:
    """Read the stored snapshots of a report's submissions, by their ids."""
    snapshots: dict[str, Snapshot] = {}
    for result in report.submissions:
        stored = store.read_trace(result.id)
        snapshot = read_snapshot(stored.about) if stored else None
        if snapshot is not None:
            snapshots[result.id] = snapshot
    return snapshots


def _in_order(
    grader: SubmissionGrader, before: Report, regraded: Iterable[SubmissionResult]
) -> tuple[SubmissionResult, ...]:
    """Sort results as in the earlier report; a submission without a snapshot is ungradable."""
    by_id = {result.id: result for result in regraded}
    return tuple(
        by_id.get(result.id) or _without_snapshot(grader, result) for result in before.submissions
    )


def _without_snapshot(grader: SubmissionGrader, earlier: SubmissionResult) -> SubmissionResult:
    """Return an ungradable result for a submission without a stored snapshot."""
    named = [each for each in grader.assignments if each.name == earlier.assignment]
    assignment = named[0] if named else grader.assignments[0]
    grader.used[assignment.name] = assignment
    submission = Submission(
        earlier.id,
        earlier.student,
        earlier.file,
        Path(earlier.file),
        earlier.sha256,
        who=earlier.who,
    )
    return ungraded(submission, assignment, "ungradable", fault("its stored run is gone"))


def _reasons(grader: SubmissionGrader, snapshots: Mapping[str, Snapshot]) -> Iterable[str]:
    """Yield the changed assignment files that made notebooks run again."""
    for submission in grader.ran:
        snapshot = snapshots[submission.id]
        parts = grader.parts(snapshot.assignment)
        for file, digest in parts.items():
            if snapshot.parts.get(file) != digest:
                yield file


@dataclass(frozen=True)
class _ExerciseScore:
    title: str
    points: float


def _changes(before: Report, after: Report) -> Iterable[ScoreChange]:
    """Yield the scores that differ, by exercise; a missing exercise counts as 0 points."""
    earlier = {submission.id: _scores(submission) for submission in before.submissions}
    for submission in after.submissions:
        old_scores = earlier.get(submission.id, {})
        new_scores = _scores(submission)
        for exercise in {**new_scores, **old_scores}:
            old = old_scores.get(exercise)
            new = new_scores.get(exercise)
            points_before = old.points if old else 0.0
            points_after = new.points if new else 0.0
            if abs(points_before - points_after) > SAME_POINTS:
                title = (new or old_scores[exercise]).title
                yield ScoreChange(submission.student, title, points_before, points_after)


def _scores(submission: SubmissionResult) -> dict[str, _ExerciseScore]:
    return {
        exercise.id: _ExerciseScore(exercise.title, exercise.points)
        for exercise in submission.exercises
    }
