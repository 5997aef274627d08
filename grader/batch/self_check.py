"""Checks a notebook with a release: on its owner's machine, without the reference, in a process without Jupyter.

The notebook runs on the data as it was handed out, for what ends or goes wrong there, and on the practice variants,
for what it computes: the first of them stands for the handed-out data, the others for the variants.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path

from grader.assignment import Assignment
from grader.batch.grade import Grader, assignments_for
from grader.batch.results import graded, unchanged, ungraded
from grader.errors import GraderError
from grader.grading.checks.outcome import message
from grader.grading.follows_data import carried
from grader.grading.grade import grade
from grader.grading.knowledge import Headings
from grader.grading.rerun_plan import plausible_combinations, unexplained
from grader.messages import word
from grader.notebook.headings import heading_above
from grader.progress import Progress
from grader.reference.release import Release, opened, with_combinations
from grader.report import CheckResult, ExerciseResult, SubmissionResult
from grader.running.local import LocalRun
from grader.settings import Settings
from grader.submissions.companion_files import together
from grader.submissions.identify import code_cells, identify, is_unchanged
from grader.submissions.submission import Submission, find_submissions
from grader.trace import BASE, Job, Run, Trace


def check_with(
    path: Path, given: Path, progress: Progress
) -> tuple[Assignment, SubmissionResult, Release]:
    """Check one notebook with the release at a path.

    Args:
        path: the notebook.
        given: `check.json`, its folder, or the zip that was handed out.
        progress: told how far it is, cell by cell.

    Raises:
        GraderError: the release or the notebook cannot be read, or Python could not be started.
    """
    with opened(given) as (release, folder):
        assignment, result = check_here(path, release, folder, progress)
        return assignment, result, release


PRACTICE = "practice-"
"""Begins the labels of the runs with practice variants."""

UNSETTLED = ("value.absent", "value.missing")
"""Why an exercise failed that may be right where the other numbers never took the data's place."""


def check_here(
    path: Path, release: Release, folder: Path, progress: Progress
) -> tuple[Assignment, SubmissionResult]:
    """Check one notebook with a release, and write nothing.

    Args:
        path: the notebook.
        release: what it is checked with.
        folder: where the release's data files are.
        progress: told how far it is, cell by cell.

    Raises:
        GraderError: the notebook is not there, or Python could not be started.
    """
    if path.is_dir():
        raise GraderError(f"{path}/ is a folder.", "Give one notebook.")
    assignment = release.assignment(folder, path.parent)
    (submission,) = find_submissions([path])
    if submission.problem is not None:
        status = submission.problem_status or "unreadable"
        return assignment, ungraded(submission, assignment, status, submission.problem)
    if is_unchanged(submission, assignment):
        return assignment, unchanged(submission, assignment)
    return assignment, judge(
        submission, assignment, release, _run(submission, assignment, release, progress)
    )


def judge(
    submission: Submission, assignment: Assignment, release: Release, trace: Trace
) -> SubmissionResult:
    """The result of a notebook that ran.

    Args:
        submission: the notebook.
        assignment: the release's.
        release: what it is checked with.
        trace: how it ran: `base`, on the data as it was handed out, then a run per practice variant.
    """
    _, similarity = identify(submission, [assignment])

    def headings(cell: int) -> str:
        return heading_above(submission.cells, cell)

    seen = _as_practice(trace) if release.numbers() else trace
    results = list(_decided(seen, assignment, release, headings))
    if similarity > 0 and release.numbers() and not carried(seen.base):
        results = [
            _unsettled(one) if one.checks[0].message.id in UNSETTLED else one for one in results
        ]
    result = graded(submission, assignment, results, trace, headings, similarity=similarity)
    if submission.release in ("", release.version):
        return result
    told = message("note.other-release", version=submission.release)
    return result.model_copy(
        update={
            "execution": result.execution.model_copy(
                update={"notes": (*result.execution.notes, told)}
            )
        }
    )


def _run(
    submission: Submission, assignment: Assignment, release: Release, progress: Progress
) -> Trace:
    job = Job(
        cells=code_cells(submission, assignment),
        files=together(submission.files, assignment.files),
        limits=assignment.limits,
        questions=tuple(
            one for one in assignment.questions if one.exercise not in release.undecided
        ),
    )
    variants = [
        (f"{PRACTICE}{number}", numbers) for number, numbers in enumerate(release.numbers(), 1)
    ]
    progress.stage(word("stage-checking", release.language), len(job.cells) * (1 + len(variants)))
    return LocalRun(job, variants, progress.advance).trace()


def _decided(
    seen: Trace, assignment: Assignment, release: Release, headings: Headings
) -> Iterable[ExerciseResult]:
    """The results of the exercises that can be decided here, and that the others wait."""
    known = [exercise for exercise in assignment.exercises if exercise.id not in release.undecided]
    asked = assignment.model_copy(update={"exercises": tuple(known)})
    knowledge = release.knowledge()
    if unexplained(seen, asked, knowledge):
        plausible = plausible_combinations(seen, asked, knowledge, release.ways(knowledge))
        knowledge = with_combinations(knowledge, tuple(plausible))
    yield from grade(seen, asked, knowledge, headings)
    for exercise in assignment.exercises:
        if exercise.id in release.undecided:
            yield _waiting(exercise.id, exercise.title, exercise.points)


def _as_practice(trace: Trace) -> Trace:
    """The trace in which practice variants stand for the handed-out data and its variants."""
    practised = [run for run in trace.runs if run.label.startswith(PRACTICE)]
    calls = [run for run in trace.runs if run.label != BASE and run not in practised]
    renamed = [
        _renamed(run, f"variant-{place}" if place else BASE) for place, run in enumerate(practised)
    ]
    return trace.model_copy(
        update={"runs": (*(_with_the_lost(run, trace) for run in renamed), *calls)}
    )


def _renamed(run: Run, label: str) -> Run:
    events = tuple(event.model_copy(update={"run": label}) for event in run.events)
    return run.model_copy(update={"label": label, "events": events})


def _with_the_lost(run: Run, trace: Trace) -> Run:
    """A run, with the cells that had not ended on the handed-out data, and so did not run again."""
    there = {cell.cell for cell in run.cells}
    lost = [
        cell
        for cell in trace.base.cells
        if cell.cell not in there and cell.status not in ("ok", "error")
    ]
    return run.model_copy(update={"cells": (*run.cells, *lost)}) if run.label == BASE else run


def _unsettled(result: ExerciseResult) -> ExerciseResult:
    check = result.checks[0].model_copy(update={"message": message("unverified.input-not-seen")})
    waiting = {
        "status": "pending",
        "points": 0.0,
        "credit": 0.0,
        "checks": (check,),
        "mistakes": (),
    }
    return result.model_copy(update=waiting)


def _waiting(exercise: str, title: str, points: float) -> ExerciseResult:
    return ExerciseResult(
        id=exercise,
        title=title,
        status="pending",
        points=0.0,
        max_points=points,
        automatic=True,
        credit=0.0,
        checks=(CheckResult(check="value", message=message("home.undecided")),),
    )


def check_notebook(
    path: Path, settings: Settings, progress: Progress
) -> tuple[Assignment, SubmissionResult]:
    """Grade one notebook and write nothing: what a student asks for.

    Raises:
        GraderError: as `grade_paths`.
    """
    grading = Grader(settings, None, assignments_for(settings))
    if path.is_dir():
        raise GraderError(
            f"{path}/ is a folder.", "Give one notebook; 'grade PATH' grades a folder."
        )
    (submission,) = find_submissions([path])
    progress.stage(word("stage-checking", grading.language), 1)
    result = asyncio.run(grading.grade_one(submission))
    progress.advance(submission.student)
    return grading.used[result.assignment], result
