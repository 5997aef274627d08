"""Check one notebook for its student, with a release or with the reference.

A release contains no reference, and checking with one needs no Jupyter. The notebook runs on the
original data, to find cells that fail or do not end, and on the practice variants, to check its
values. The first practice variant takes the role of the original data in grading, and the others
take the role of the variants.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

from grader.assignment import Assignment, Exercise
from grader.batch.results import graded, unchanged, ungraded
from grader.errors import GraderError
from grader.grading.checks.outcome import message
from grader.grading.checks.registry import check_of
from grader.grading.evaluation import Evaluation
from grader.grading.exercise_results import left_to_person
from grader.grading.follows_data import carried
from grader.grading.grade import evaluate
from grader.grading.rerun_plan import plausible_combinations, unexplained
from grader.grading.search import Values
from grader.job import Job
from grader.messages import word
from grader.progress import Progress
from grader.reference.data_folders import data_at_home
from grader.reference.own_paths import with_own_paths
from grader.reference.release import Release, open_release, with_combinations
from grader.report import ExerciseResult, SubmissionResult
from grader.running.local import LocalRun
from grader.running.sandbox.sandbox import Sandbox
from grader.settings import Settings
from grader.submissions.class_assignment import language_of_class
from grader.submissions.companion_files import with_declared
from grader.submissions.identify import code_cells, heading_of, identify, is_unchanged
from grader.submissions.submission import Submission, submission_at
from grader.trace import BASE, Run, Trace

PRACTICE = "practice-"
"""Begins the labels of the runs with practice variants."""

UNSETTLED = ("value.absent", "value.absent-here", "value.blank", "value.missing")
"""Messages of failures that may be right answers where the practice variants never took the data's
place."""

_AT_HOME = {"machine.package": "home.package", "machine.module": "home.module"}
"""Messages about what is missing, and those for the student at home."""


def check_notebook(
    path: Path, settings: Settings, progress: Progress, sandbox: Sandbox
) -> tuple[Assignment, SubmissionResult]:
    """Check one notebook with the reference; write nothing.

    Raises:
        GraderError: the notebook is not there, or an assignment is not right.
    """
    # A student who checks with a release has no Jupyter, which these import.
    from grader.batch.grader import SubmissionGrader
    from grader.batch.run import load_course

    if path.is_dir():
        raise GraderError(
            f"{path}/ is a folder.", "Give one notebook; 'grade PATH' grades a folder."
        )
    assignments = load_course(settings)
    grader = SubmissionGrader(settings, assignments, sandbox, store=None)
    submission = submission_at(path)
    language = settings.language or language_of_class([submission], assignments)
    progress.stage(word("stage-checking", language), 1)
    result = asyncio.run(grader.grade(submission))
    progress.advance(submission.student)
    return grader.used[result.assignment], result


def check_with(
    path: Path, release_path: Path, progress: Progress
) -> tuple[Assignment, SubmissionResult, Release]:
    """Check one notebook with the release at a path; write nothing.

    Args:
        path: the notebook.
        release_path: `check.json`, its folder, or the zip that was handed out.
        progress: told how far it is, cell by cell.

    Raises:
        GraderError: the release or the notebook cannot be read, or Python could not be started.
    """
    with open_release(release_path) as (release, folder):
        assignment, result = check_with_release(path, release, folder, progress)
        return assignment, result, release


def check_with_release(
    path: Path, release: Release, folder: Path, progress: Progress
) -> tuple[Assignment, SubmissionResult]:
    """Check one notebook with an opened release; write nothing.

    Args:
        path: the notebook.
        release: the opened release.
        folder: the folder of the release's data files.
        progress: told how far it is, cell by cell.

    Raises:
        GraderError: the notebook is not there, or Python could not be started.
    """
    if path.is_dir():
        raise GraderError(f"{path}/ is a folder.", "Give one notebook.")
    assignment = release.assignment(folder, path.parent)
    submission = submission_at(path)
    if submission.problem is not None:
        status = submission.problem_status or "unreadable"
        return assignment, ungraded(submission, assignment, status, submission.problem)
    if is_unchanged(submission, assignment):
        return assignment, unchanged(submission, assignment)
    trace = _run(submission, assignment, release, progress)
    return assignment, judge(submission, assignment, release, trace)


def judge(
    submission: Submission, assignment: Assignment, release: Release, trace: Trace
) -> SubmissionResult:
    """Evaluate a notebook that ran.

    Args:
        submission: the notebook.
        assignment: the release's.
        release: the release.
        trace: the run `base`, on the original data, then a run per practice variant.
    """

    def headings(cell: int) -> str:
        return heading_of(submission, cell)

    has_variants = bool(release.numbers())
    practice_trace = trace
    if has_variants:
        practice_trace = _as_practice(trace)
    evaluation = _evaluate(practice_trace, assignment, release, submission)

    _, similarity = identify(submission, [assignment])
    results = list(evaluation.results)
    if similarity > 0 and has_variants:
        depends = evaluation.knowledge.depends
        results = [
            result
            if carried(practice_trace.base, depends.get(result.id))
            else _settle_later(result)
            for result in results
        ]
    results = [_unless_own_missing(result, assignment) for result in results]
    results = [_worded_for_home(result) for result in results]
    for exercise in assignment.exercises:
        if exercise.id in release.undecided:
            results.append(_undecided(exercise))

    evaluation = replace(evaluation, values=Values(trace), results=tuple(results))
    result = graded(submission, assignment, evaluation, headings, similarity=similarity)
    return _with_release_note(result, submission, release)


def _run(
    submission: Submission, assignment: Assignment, release: Release, progress: Progress
) -> Trace:
    questions = [each for each in assignment.questions if each.exercise not in release.undecided]
    job = Job(
        cells=code_cells(submission, assignment),
        files=with_declared(submission.files, assignment.files),
        data=data_at_home(assignment, (assignment.folder, submission.path.parent)),
        limits=assignment.limits,
        questions=with_own_paths(questions, assignment, release.marked),
        figures=assignment.looks_at_figures,
    )
    variants = [
        (f"{PRACTICE}{number}", numbers) for number, numbers in enumerate(release.numbers(), 1)
    ]
    cells_to_run = len(job.cells) * (1 + len(variants))
    progress.stage(word("stage-checking", release.language), cells_to_run)
    return LocalRun(job, variants, progress.advance).trace()


def _evaluate(
    trace: Trace, assignment: Assignment, release: Release, submission: Submission
) -> Evaluation:
    """Evaluate the exercises that can be decided with a release."""
    decidable = []
    for each in assignment.exercises:
        if each.id not in release.undecided:
            decidable.append(each)
    assignment = assignment.model_copy(update={"exercises": tuple(decidable)})
    values = Values(trace)
    knowledge = release.knowledge()
    if unexplained(values, assignment, knowledge):
        ways = release.ways(knowledge)
        plausible = plausible_combinations(values, assignment, knowledge, ways)
        knowledge = with_combinations(knowledge, tuple(plausible))

    def headings(cell: int) -> str:
        return heading_of(submission, cell)

    return evaluate(values, assignment, knowledge, headings, submission.cells)


def _as_practice(trace: Trace) -> Trace:
    """Present the practice runs as the base run and its variants."""
    practice = []
    for run in trace.runs:
        if run.label.startswith(PRACTICE):
            practice.append(run)
    calls = []
    for run in trace.runs:
        if run.label != BASE and run not in practice:
            calls.append(run)
    runs: list[Run] = []
    for index, run in enumerate(practice):
        label = f"variant-{index}" if index else BASE
        runs.append(_with_unfinished_cells(_with_label(run, label), trace))
    return trace.model_copy(update={"runs": (*runs, *calls)})


def _with_label(run: Run, label: str) -> Run:
    events = tuple(event.model_copy(update={"run": label}) for event in run.events)
    return run.model_copy(update={"label": label, "events": events})


def _with_unfinished_cells(run: Run, trace: Trace) -> Run:
    """Add cells that did not end on the original data, and so did not run again."""
    if run.label != BASE:
        return run
    present = {cell.cell for cell in run.cells}
    unfinished = [
        cell
        for cell in trace.base.cells
        if cell.cell not in present and cell.status not in ("ok", "error")
    ]
    return run.model_copy(update={"cells": (*run.cells, *unfinished)})


def _settle_later(result: ExerciseResult) -> ExerciseResult:
    """Leave a failure pending if the practice variants did not replace the data."""
    if result.checks[0].message.id not in UNSETTLED:
        return result
    unverified = message("unverified.input-not-seen")
    check = result.checks[0].model_copy(update={"message": unverified})
    pending = {
        "status": "pending",
        "points": 0.0,
        "credit": 0.0,
        "checks": (check,),
        "mistakes": (),
    }
    return result.model_copy(update=pending)


def _unless_own_missing(result: ExerciseResult, assignment: Assignment) -> ExerciseResult:
    """Leave an exercise pending if it refers to an answer that has another name here.

    Grading finds that answer by its value.
    """
    exercise = assignment.exercise(result.id)
    is_missing = result.checks[0].message.id == "probe.own-missing"
    if is_missing and exercise is not None:
        return _undecided(exercise)
    return result


def _worded_for_home(result: ExerciseResult) -> ExerciseResult:
    """Let a student install a missing package, or find a file, in place of waiting for a person."""
    check = result.checks[0]
    message_id = _AT_HOME.get(check.message.id)
    if message_id is None:
        return result
    worded = check.model_copy(update={"message": message(message_id, **check.message.params)})
    flags = tuple(flag for flag in result.flags if flag.id != "machine")
    return result.model_copy(update={"checks": (worded, *result.checks[1:]), "flags": flags})


def _undecided(exercise: Exercise) -> ExerciseResult:
    """Leave an exercise pending that a release cannot decide."""
    question = exercise.asked
    is_measured = check_of(exercise).is_measured
    is_asked_in_secret = question is not None and not question.own and not is_measured
    why = message("home.held-out" if is_asked_in_secret else "home.undecided")
    return left_to_person(exercise, why)


def _with_release_note(
    result: SubmissionResult, submission: Submission, release: Release
) -> SubmissionResult:
    """Add a note if the notebook belongs to another release than the one it is checked with."""
    if submission.release in ("", release.version):
        return result
    note = message("note.other-release", version=submission.release)
    execution = result.execution
    execution = execution.model_copy(update={"notes": (*execution.notes, note)})
    return result.model_copy(update={"execution": execution})
