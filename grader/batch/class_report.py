"""Build the report of a class from its results."""

from __future__ import annotations

import importlib.metadata
import platform
import time
from collections.abc import Iterable
from datetime import UTC, datetime

import grader
from grader.batch.grader import SubmissionGrader
from grader.batch.results import assignment_info, least_sealed
from grader.batch.similarity.compare import given_by, similar_work
from grader.grading.points import summarise
from grader.messages import Language, word
from grader.progress import Progress
from grader.report import AssignmentInfo, GraderInfo, Report, SubmissionResult
from grader.submissions.submission import Submission


def new_report(
    grading: SubmissionGrader, results: tuple[SubmissionResult, ...], began: float
) -> Report:
    """Build the report of a run.

    Args:
        grading: what graded the submissions.
        results: of all submissions.
        began: when the run began, by `time.monotonic()`.
    """
    threads = [assignment.limits.threads for assignment in grading.assignments]
    info = GraderInfo(
        version=grader.__version__,
        python=platform.python_version(),
        torch=importlib.metadata.version("torch"),
        sandbox=least_sealed(results),
        threads=max(threads),
    )
    return Report(
        grader=info,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        seconds=round(time.monotonic() - began, 3),
        assignments=_assignments(grading),
        summary=summarise(results),
        submissions=results,
    )


def _assignments(grading: SubmissionGrader) -> tuple[AssignmentInfo, ...]:
    infos: list[AssignmentInfo] = []
    for assignment in grading.assignments:
        if assignment.name in grading.used:
            reference = grading.reference_files(assignment.name)
            infos.append(assignment_info(assignment, reference.mistakes_version))
    return tuple(infos)


def add_similar_work(
    grading: SubmissionGrader,
    report: Report,
    submissions: Iterable[Submission],
    progress: Progress,
    language: Language,
) -> Report:
    """Add pairs of submissions with similar work."""
    if len(report.submissions) < 2:
        return report
    progress.stage(word("stage-comparing", language), None)

    expected = {name: given_by(grading.reference_files(name)) for name in grading.used}
    cells = {submission.id: submission.cells for submission in submissions}
    similarity = similar_work(report.submissions, cells, expected)
    shared = {
        "similar": similarity.similar,
        "similar_left_out": similarity.left_out,
        "sameness": similarity.sameness,
    }
    return report.model_copy(update=shared)
