"""Submissions → jobs → traces → results: order, concurrency, retries, progress."""

from __future__ import annotations

import asyncio
import hashlib
import importlib.metadata
import platform
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import grader
from grader.assignment import Assignment, NotebookCell, load_assignments
from grader.checks.following import AGAIN
from grader.checks.saved import contradicted
from grader.checks.text import check_text, find_answer
from grader.errors import GraderError, KernelUnavailable
from grader.expectation import Expectation, Tolerance
from grader.grading import (
    Knowledge,
    cells_of_interest,
    execution,
    grade,
    lacks_an_answer,
    needs_confirmation,
)
from grader.reference import References, Solution
from grader.report import (
    AssignmentInfo,
    Evidence,
    ExerciseResult,
    Flag,
    GraderInfo,
    Message,
    Report,
    SubmissionResult,
    summarise,
)
from grader.running.notebook import executed, run, run_again
from grader.settings import Settings
from grader.store import Store, StoredTrace
from grader.submissions import (
    Submission,
    code_cells,
    find_submissions,
    heading_above,
    identify,
    is_unchanged,
)
from grader.trace import Job, Trace

_NOTHING = Expectation({}, Tolerance())

SANDBOX = "none"
MAX_ATTEMPTS = 2
"""A submission that ended the grader itself this often is not tried again."""


class Progress(Protocol):
    """Told how far a batch is."""

    def stage(self, text: str, total: int | None) -> None:
        """A stage begins; `total` units, None if it cannot be said."""

    def advance(self, text: str = "") -> None:
        """One unit is done."""


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


class Grader:
    """Grades submissions of the assignments of one folder."""

    def __init__(self, settings: Settings, store: Store | None, assignments: Sequence[Assignment]) -> None:
        """Take settings, where traces are kept (None: nowhere), and the assignments."""
        self._settings = settings
        self._store = store
        self.assignments = assignments
        self._solutions = {a.name: Solution(a, settings.solutions / a.name) for a in assignments}
        self._references = {name: References(solution, store) for name, solution in self._solutions.items()}
        self.used: dict[str, Assignment] = {}
        self.rerun: list[str] = []

    async def grade_all(self, submissions: Sequence[Submission], progress: Progress) -> tuple[SubmissionResult, ...]:
        """Grade submissions side by side, in the order given."""
        free = asyncio.Semaphore(self._settings.jobs)

        async def one(submission: Submission) -> SubmissionResult:
            async with free:
                result = await self.grade_one(submission)
            if self._store:
                self._store.write_result(result)
            progress.advance(submission.student)
            return result

        tasks = [asyncio.ensure_future(one(submission)) for submission in submissions]
        try:
            return tuple(await asyncio.gather(*tasks))
        finally:
            for task in tasks:
                task.cancel()

    async def grade_one(self, submission: Submission) -> SubmissionResult:
        """Grade one submission. What goes wrong on our side is recorded as such, and scored as nothing."""
        assignment, similarity = identify(submission, self.assignments)
        self.used[assignment.name] = assignment
        if submission.problem is not None:
            status = submission.problem_status or "unreadable"
            return _ungraded(submission, assignment, status, submission.problem)
        try:
            if is_unchanged(submission, assignment):
                return self._unchanged(submission, assignment)
            return await self._graded(submission, assignment, similarity)
        except KernelUnavailable as error:
            return _ungraded(submission, assignment, "ungradable", _fault(error.problem))
        except GraderError:
            raise
        except Exception as error:  # noqa: BLE001 - a fault of ours must not cost the others their grading
            return _ungraded(submission, assignment, "ungradable", _fault(f"{type(error).__name__}: {error}"))

    async def _graded(self, submission: Submission, assignment: Assignment, similarity: float) -> SubmissionResult:
        references = self._references[assignment.name]
        trace = await self._trace(submission, assignment, references)
        knowledge = await _knowledge(references, trace, assignment)

        def headings(cell: int) -> str:
            return heading_above(submission.cells, cell)

        automatic = {result.id: result for result in grade(trace, assignment, knowledge, headings)}
        results = tuple(
            automatic.get(exercise.id) or _text_result(submission, assignment, exercise.id, headings)
            for exercise in assignment.exercises
        )
        if similarity == 0 and all(result.status in ("failed", "missing") for result in results):
            return _ungraded(submission, assignment, "wrong_file", Message(id="wrong-file.other-assignment"))
        return _with_points(
            SubmissionResult(
                **_about(submission, assignment),
                status="graded",
                exercises=results,
                execution=execution(trace, headings),
                flags=_flags(submission, trace, results),
            )
        )

    def _unchanged(self, submission: Submission, assignment: Assignment) -> SubmissionResult:
        nothing = Trace(cells=code_cells(submission, assignment), runs=())
        empty = Knowledge({e.id: _NOTHING for e in assignment.exercises if e.automatic}, {})
        automatic = {result.id: result for result in grade(nothing, assignment, empty, lambda _: "")}
        results = tuple(
            automatic.get(exercise.id) or _text_result(submission, assignment, exercise.id, lambda _: "")
            for exercise in assignment.exercises
        )
        reason = Message(id="unchanged")
        about = _about(submission, assignment)
        return _with_points(SubmissionResult(**about, status="unchanged", reason=reason, exercises=results))

    async def _trace(self, submission: Submission, assignment: Assignment, references: References) -> Trace:
        """The stored trace if it is of the same job and says enough, else that of a new run."""
        job = Job(
            cells=code_cells(submission, assignment), inputs=await references.inputs(), limits=assignment.limits
        )
        key = job_key(job)
        if self._store and not self._settings.fresh:
            stored = self._store.read_trace(submission.id, key)
            if stored is not None and await _says_enough(stored, assignment, references):
                return stored
        if self._store and self._store.note_attempt(submission.id, key) >= MAX_ATTEMPTS:
            raise KernelUnavailable("this notebook ended the grader itself, twice")
        self.rerun.append(submission.student)
        trace = await self._run(job, assignment, references)
        if self._store:
            self._store.write_trace(submission.id, key, trace, _remember(submission, assignment))
            self._store.clear_attempt(submission.id)
        return trace

    async def _run(self, job: Job, assignment: Assignment, references: References) -> Trace:
        async def ask(trace: Trace) -> Sequence[int]:
            return cells_of_interest(trace, assignment, await _knowledge(references, trace, assignment))

        trace = await _once_more(lambda: run(job, ask))
        knowledge = await _knowledge(references, trace, assignment)
        results = grade(trace, assignment, knowledge, lambda _: "")
        if not needs_confirmation(results, trace):
            return trace
        again = await _once_more(lambda: run_again(job, executed(trace), suffix=AGAIN))
        return trace.model_copy(update={"runs": trace.runs + again})

    def info(self) -> tuple[AssignmentInfo, ...]:
        """The assignments that submissions belong to, for the report."""
        return tuple(_info(assignment, self._solutions[name].version) for name, assignment in self.used.items())


async def _once_more(attempt: Any) -> Any:
    """Try a second time where no kernel was to be had: the machine may have been short of memory."""
    try:
        return await attempt()
    except KernelUnavailable:
        return await attempt()


async def _knowledge(references: References, trace: Trace, assignment: Assignment) -> Knowledge:
    base = await references.base()
    return await references.whole() if lacks_an_answer(trace, assignment, base) else base


async def _says_enough(trace: Trace, assignment: Assignment, references: References) -> bool:
    """Whether the variants of a stored trace ran every cell that matters to the reference as it is now."""
    knowledge = await _knowledge(references, trace, assignment)
    wanted = set(cells_of_interest(trace, assignment, knowledge))
    ran = [{cell.cell for cell in run.cells} for run in trace.runs if run.label.startswith("variant-")]
    # A variant that ended early has run less, and would again.
    return not wanted or (bool(ran) and (wanted <= set().union(*ran) or trace.truncated))


def job_key(job: Job) -> str:
    """Hash of all that a trace depends on."""
    parts = [job.model_dump_json(), grader.__version__, importlib.metadata.version("torch"), SANDBOX]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def _remember(submission: Submission, assignment: Assignment) -> dict[str, Any]:
    """What a regrade needs of a submission without its file."""
    return {
        "student": submission.student,
        "file": submission.file,
        "path": str(submission.path),
        "sha256": submission.sha256,
        "assignment": assignment.name,
        "cells": [cell.model_dump() for cell in submission.cells],
        "saved_outputs": list(submission.saved_outputs),
    }


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


def _about(submission: Submission, assignment: Assignment) -> dict[str, Any]:
    return {
        "id": submission.id,
        "student": submission.student,
        "file": submission.file,
        "sha256": submission.sha256,
        "assignment": assignment.name,
    }


def _ungraded(submission: Submission, assignment: Assignment, status: Any, reason: Message) -> SubmissionResult:
    return SubmissionResult(
        **_about(submission, assignment), status=status, reason=reason, max_points=assignment.max_points
    )


def _fault(problem: str) -> Message:
    return Message(id="ungradable.kernel", params={"problem": problem[:300]})


def _text_result(submission: Submission, assignment: Assignment, exercise_id: str, headings: Any) -> ExerciseResult:
    exercise = next(e for e in assignment.exercises if e.id == exercise_id)
    others = [e.question for e in assignment.exercises if e.question and e.id != exercise_id]
    status, check = check_text(exercise, find_answer(submission.cells, assignment.handout, exercise, others))
    if check.found is not None:
        found = check.found.where.model_copy(update={"heading": headings(check.found.where.cell)})
        check = check.model_copy(update={"found": check.found.model_copy(update={"where": found})})
    return ExerciseResult(
        id=exercise.id,
        title=exercise.title,
        status=status,
        points=0.0,
        max_points=exercise.points,
        automatic=False,
        credit=0.0,
        checks=(check,),
    )


def _with_points(result: SubmissionResult) -> SubmissionResult:
    """Add up: a pending exercise counts in neither points nor maximum until a person has settled it."""
    settled = [e for e in result.exercises if e.automatic and e.status != "pending"]
    return result.model_copy(
        update={
            "points": round(sum(exercise.points for exercise in settled), 6),
            "max_points": round(sum(exercise.max_points for exercise in settled), 6),
            "pending_points": round(sum(e.max_points for e in result.exercises if e.status == "pending"), 6),
        }
    )


def _flags(submission: Submission, trace: Trace, results: Iterable[ExerciseResult]) -> tuple[Flag, ...]:
    flags = []
    if trace.forged:
        flags.append(Flag(id="forged-events", message=Message(id="flag.forged-events", params={"count": trace.forged})))
    for evidence in _answers(results):
        cell = evidence.where.cell
        printed = "".join(e.text for e in trace.base.events if e.kind == "printed" and e.cell == cell)
        saved = submission.saved_outputs[cell] if cell < len(submission.saved_outputs) else ""
        differing = contradicted(saved, printed) if saved and printed else None
        if differing and all(flag.evidence[:1] != (evidence,) for flag in flags):
            params = {"saved": differing[0], "fresh": differing[1]}
            told = Message(id="flag.not-reproducible", params=dict(params))
            flags.append(Flag(id="not-reproducible", message=told, evidence=(evidence,)))
            break
    return tuple(flags)


def _answers(results: Iterable[ExerciseResult]) -> Iterable[Evidence]:
    return (c.found for r in results if r.automatic and r.checks[0].check == "value" for c in r.checks if c.found)


def _info(assignment: Assignment, reference: str) -> AssignmentInfo:
    return AssignmentInfo(
        name=assignment.name,
        title=assignment.title,
        language=assignment.language,
        version=assignment.version,
        reference=reference,
        max_points=assignment.max_points,
        exercises=tuple(
            {
                "id": exercise.id,
                "title": exercise.title,
                "points": exercise.points,
                "automatic": exercise.automatic,
                "note": dict(exercise.note),
                "student_note": dict(exercise.student_note),
            }
            for exercise in assignment.exercises
        ),
    )


def _report(grading: Grader, results: tuple[SubmissionResult, ...], began: float) -> Report:
    threads = {assignment.limits.threads for assignment in grading.assignments}
    return Report(
        grader=GraderInfo(
            version=grader.__version__,
            python=platform.python_version(),
            torch=importlib.metadata.version("torch"),
            sandbox=SANDBOX,
            threads=max(threads),
        ),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        seconds=round(time.monotonic() - began, 3),
        assignments=grading.info(),
        summary=summarise(results),
        submissions=results,
    )


def grade_paths(paths: Sequence[Path], settings: Settings, progress: Progress) -> Report:
    """Grade the submissions of some paths and write the report to `settings.out`.

    Raises:
        GraderError: nothing to grade, an assignment that is not right, an output folder that cannot be used.
    """
    began = time.monotonic()
    assignments = load_assignments(settings.exercises, settings.assignment)
    submissions = find_submissions(paths)
    with Store(settings.out) as store:
        grading = Grader(settings, store, assignments)
        progress.stage("grading", len(submissions))
        results = asyncio.run(grading.grade_all(submissions, progress))
        report = _report(grading, results, began)
        store.write_report(report)
    return report


def check_notebook(path: Path, settings: Settings, progress: Progress) -> tuple[Assignment, SubmissionResult]:
    """Grade one notebook and write nothing: what a student asks for.

    Raises:
        GraderError: as `grade_paths`.
    """
    grading = Grader(settings, None, load_assignments(settings.exercises, settings.assignment))
    (submission,) = find_submissions([path])
    progress.stage("checking", 1)
    result = asyncio.run(grading.grade_one(submission))
    progress.advance(submission.student)
    return grading.used[result.assignment], result


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
        progress.stage("regrading", len(before.submissions))
        results = asyncio.run(_regrade_all(grading, store, before, progress))
        report = _report(grading, results, began)
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


__all__ = ["Change", "Grader", "Progress", "Regraded", "check_notebook", "grade_paths", "regrade"]
