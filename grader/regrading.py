"""Grades stored traces again, by the assignment and the reference as they are now."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.assignment import NotebookCell, load_assignments
from grader.batch import Grader, Progress, report_of
from grader.errors import GraderError
from grader.messages import word
from grader.report import Report, SubmissionResult
from grader.settings import Settings
from grader.store import Store, StoredTrace
from grader.submissions import Submission


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
    """Reasons, each once: `reference` or `job`."""
    changes: tuple[Change, ...]


def regrade(out: Path, settings: Settings, progress: Progress) -> Regraded:
    """Grade the stored traces of `out` by the assignment and reference as they are now, and write a new report.

    A trace that says too little for the reference of today is made again from the submission's file.

    Raises:
        GraderError: there is nothing to regrade; a file that has to run again is gone or has changed.
    """
    began = time.monotonic()
    settings = settings.model_copy(update={"out": out})
    with Store(out) as store:
        before = store.read_report()
        if before is None:
            raise GraderError(f"There is no report in {out}/.", "Run 'grade PATH' first.")
        grading = Grader(settings, store, load_assignments(settings.exercises, settings.assignment))
        progress.stage(word("stage-regrading", grading.assignments[0].language), len(before.submissions))
        results = asyncio.run(_regrade_all(grading, store, before, progress))
        report = report_of(grading, results, began)
        store.write_report(report)
    changes = tuple(_changes(before, report))
    old = {a.name: a.reference for a in before.assignments}
    why = tuple(a.name for a in report.assignments if a.reference != old.get(a.name))
    return Regraded(report, len(results) - len(grading.rerun), tuple(grading.rerun), why, changes)


async def _regrade_all(
    grading: Grader, store: Store, before: Report, progress: Progress
) -> tuple[SubmissionResult, ...]:
    stored = {result.id: store.read_any_trace(result.id) for result in before.submissions}
    results = []
    for result in before.submissions:
        trace = stored[result.id]
        results.append(await _regrade_one(grading, result, trace))
        store.write_result(results[-1])
        progress.advance(result.student)
    return tuple(results)


async def _regrade_one(grading: Grader, result: SubmissionResult, stored: StoredTrace | None) -> SubmissionResult:
    if stored is None:
        known = next((a for a in grading.assignments if a.name == result.assignment), None)
        if known is not None:
            grading.used[known.name] = known
        return result
    return await grading.grade_one(_remembered(result.id, stored.about))


def _changes(before: Report, after: Report) -> Iterable[Change]:
    earlier = {(s.id, e.id): e.points for s in before.submissions for e in s.exercises}
    for submission in after.submissions:
        for exercise in submission.exercises:
            was = earlier.get((submission.id, exercise.id), 0.0)
            if abs(was - exercise.points) > 1e-9:
                yield Change(submission.student, exercise.title, was, exercise.points)


def _remembered(submission_id: str, about: Mapping[str, Any]) -> Submission:
    return Submission(
        id=submission_id,
        student=about["student"],
        file=about["file"],
        path=Path(about["path"]),
        sha256=about["sha256"],
        cells=tuple(NotebookCell.model_validate(cell) for cell in about["cells"]),
        saved_outputs=tuple(about["saved_outputs"]),
    )
