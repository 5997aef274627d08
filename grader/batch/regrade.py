"""Grades stored traces again, by the assignment and the reference as they are now."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.batch.grade import Grader, assignments_for, report_of, with_similar
from grader.batch.results import fault, ungraded
from grader.errors import GraderError
from grader.messages import word
from grader.progress import Progress
from grader.report import Report, SubmissionResult
from grader.running.sandbox.sandbox import Sandbox
from grader.settings import Settings
from grader.store.store import Store
from grader.submissions.snapshot import recall
from grader.submissions.submission import Submission


@dataclass(frozen=True)
class Change:
    """A score that a regrade changed."""

    student: str
    exercise: str
    """Title of the exercise."""
    before: float
    after: float


@dataclass(frozen=True)
class Regraded:
    """What a regrade did."""

    report: Report
    reused: int
    rerun: tuple[str, ...]
    """Students whose notebook had to run again."""
    why: tuple[str, ...]
    """Files of the assignments whose change made them run again, each once."""
    changes: tuple[Change, ...]


def regrade(
    out: Path, settings: Settings, progress: Progress, sandbox: Sandbox | None = None
) -> Regraded:
    """Grade the stored traces of `out` by the assignment and reference as they are now, and write a new report.

    Where a trace says too little for the reference of today, the notebook runs again: as it was when it was graded,
    since its cells are stored with its trace. So no report mixes two versions of anything.

    Args:
        out: the folder that was graded into.
        settings: how to run.
        progress: told how far it is.
        sandbox: where notebooks run, closed by the caller; None: as the settings say.

    Raises:
        GraderError: there is nothing to regrade, or an assignment is not right.
    """
    began = time.monotonic()
    settings = settings.model_copy(update={"out": out})
    with (
        Store(out) as store,
        nullcontext(sandbox) if sandbox else Sandbox(settings.sandbox) as place,
    ):
        before = store.read_report()
        if before is None:
            raise GraderError(f"There is no report in {out}/.", "Run 'grade PATH' first.")
        kept = {
            r.id: stored.about for r in before.submissions if (stored := store.read_any_trace(r.id))
        }
        belongs = {submission_id: str(about["assignment"]) for submission_id, about in kept.items()}
        grading = Grader(settings, store, assignments_for(settings), belongs, sandbox=place)
        progress.stage(word("stage-regrading", grading.language), len(kept))
        submissions = [recall(submission_id, about) for submission_id, about in kept.items()]
        results = asyncio.run(_regrade_all(grading, before, submissions, progress))
        others = {"left_out": before.left_out, "absent": before.absent}
        report = report_of(grading, results, began).model_copy(update=others)
        report = store.settled(with_similar(grading, report, submissions, progress))
        store.write_report(report)
    return Regraded(
        report=report,
        reused=grading.reused,
        rerun=tuple(submission.student for submission in grading.rerun),
        why=tuple(dict.fromkeys(_reasons(grading, kept))),
        changes=tuple(_changes(before, report)),
    )


Kept = Mapping[str, Mapping[str, Any]]
"""What is stored of each submission, by its id."""


async def _regrade_all(
    grading: Grader, before: Report, submissions: Sequence[Submission], progress: Progress
) -> tuple[SubmissionResult, ...]:
    regraded = {result.id: result for result in await grading.grade_all(submissions, progress)}
    return tuple(regraded.get(result.id) or _lost(grading, result) for result in before.submissions)


def _lost(grading: Grader, result: SubmissionResult) -> SubmissionResult:
    """A submission of which nothing is stored: its old result is of another version, so it does not stay."""
    assignment = next(
        (a for a in grading.assignments if a.name == result.assignment), grading.assignments[0]
    )
    grading.used[assignment.name] = assignment
    submission = Submission(
        result.id, result.student, result.file, Path(result.file), result.sha256, who=result.who
    )
    return ungraded(submission, assignment, "ungradable", fault("its stored run is gone"))


def _reasons(grading: Grader, kept: Kept) -> Iterable[str]:
    for submission in grading.rerun:
        about = kept[submission.id]
        then = about["parts"]
        now = grading.parts(str(about["assignment"]))
        yield from (file for file, part in now.items() if then.get(file) != part)


def _changes(before: Report, after: Report) -> Iterable[Change]:
    earlier = {submission.id: _points(submission) for submission in before.submissions}
    for submission in after.submissions:
        was, now = earlier.get(submission.id, {}), _points(submission)
        for exercise in {**now, **was}:
            title, points = now.get(exercise) or (was[exercise][0], 0.0)
            points_before = was[exercise][1] if exercise in was else 0.0
            if abs(points_before - points) > 1e-9:
                yield Change(submission.student, title, points_before, points)


def _points(submission: SubmissionResult) -> dict[str, tuple[str, float]]:
    """Title and points of each exercise, by its id."""
    return {exercise.id: (exercise.title, exercise.points) for exercise in submission.exercises}
