"""Puts a submission and what was found of it into the report's shape. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from grader.assignment import Assignment
from grader.grading.checks.base import Notebooks
from grader.grading.checks.registry import CHECKS, REVIEWED
from grader.grading.evaluation import Evaluation
from grader.grading.execution import execution
from grader.grading.expectation import Expectation, Tolerance
from grader.grading.grade import evaluate
from grader.grading.knowledge import Headings, Knowledge
from grader.grading.points import with_points
from grader.grading.saved_outputs import contradicted
from grader.grading.search import Values
from grader.report import (
    AssignmentInfo,
    Evidence,
    ExerciseInfo,
    ExerciseResult,
    Flag,
    Message,
    SubmissionResult,
    SubmissionStatus,
)
from grader.submissions.identify import code_cells
from grader.submissions.submission import Submission
from grader.trace import Trace


def about(submission: Submission, assignment: Assignment) -> dict[str, Any]:
    """Whose a result is, and of what."""
    return {
        "id": submission.id,
        "student": submission.student,
        "who": submission.who,
        "file": submission.file,
        "sha256": submission.sha256,
        "assignment": assignment.name,
        "release": submission.release,
    }


def graded(
    submission: Submission,
    assignment: Assignment,
    evaluation: Evaluation,
    headings: Headings,
    *,
    similarity: float,
) -> SubmissionResult:
    """The result of a submission that ran: its exercises in the assignment's order, and how it ran.

    Args:
        submission: what was handed in.
        assignment: what it belongs to.
        evaluation: how it ran, and the results of the exercises that the grader decides.
        headings: gives the heading above a cell.
        similarity: how much of the handout is in it, from 0 to 1.
    """
    trace = evaluation.trace
    decided = {result.id: result for result in evaluation.results}
    results = _with_texts(submission, assignment, decided, headings)
    if similarity == 0 and all(result.status in ("failed", "missing") for result in results):
        return ungraded(
            submission, assignment, "wrong_file", Message(id="wrong-file.other-assignment")
        )
    return with_points(
        SubmissionResult(
            **about(submission, assignment),
            status="graded",
            exercises=(*results, *not_asked(assignment)),
            execution=execution(trace, headings),
            flags=flags(submission, trace, results),
        )
    )


def unchanged(submission: Submission, assignment: Assignment) -> SubmissionResult:
    """The result of a submission that is the handout as it was: nothing has to run for that."""
    nothing = Trace(cells=code_cells(submission, assignment), runs=())
    unknown = {e.id: Expectation({}, Tolerance()) for e in assignment.exercises if e.automatic}
    empty = Knowledge(expectations=unknown, right=unknown)
    decided = {
        result.id: result
        for result in evaluate(Values(nothing), assignment, empty, _no_heading).results
    }
    return with_points(
        SubmissionResult(
            **about(submission, assignment),
            status="unchanged",
            reason=Message(id="unchanged"),
            exercises=(
                *_with_texts(submission, assignment, decided, _no_heading),
                *not_asked(assignment),
            ),
        )
    )


def _with_texts(
    submission: Submission,
    assignment: Assignment,
    decided: Mapping[str, ExerciseResult],
    headings: Headings,
) -> tuple[ExerciseResult, ...]:
    return tuple(
        decided.get(exercise.id) or text_result(submission, assignment, exercise.id, headings)
        for exercise in assignment.exercises
    )


def _no_heading(_cell: int) -> str:
    return ""


def ungraded(
    submission: Submission, assignment: Assignment, status: SubmissionStatus, reason: Message
) -> SubmissionResult:
    """The result of a submission that could not be graded: no exercises, no points, and why."""
    return SubmissionResult(
        **about(submission, assignment),
        status=status,
        reason=reason,
        max_points=assignment.max_points,
    )


def fault(problem: str) -> Message:
    """A fault of ours, to be told."""
    return Message(id="ungradable.kernel", params={"problem": problem[:300]})


def text_result(
    submission: Submission, assignment: Assignment, exercise_id: str, headings: Headings
) -> ExerciseResult:
    """The result of an exercise that a person grades: whether there is something to read."""
    exercise = next(e for e in assignment.exercises if e.id == exercise_id)
    others = [e.question for e in assignment.exercises if e.question and e.id != exercise_id]
    notebooks = Notebooks(submission.cells, assignment.handout, others)
    status, check = REVIEWED[exercise.check].read(exercise, notebooks)
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


def not_asked(assignment: Assignment) -> tuple[ExerciseResult, ...]:
    """The exercises that the handout does not ask for: they count nowhere."""
    return tuple(
        ExerciseResult(
            id=exercise.id,
            title=exercise.title,
            status="not_asked",
            points=0.0,
            max_points=exercise.points,
            automatic=exercise.automatic,
            credit=0.0,
        )
        for exercise in assignment.not_asked
    )


def flags(
    submission: Submission, trace: Trace, results: Iterable[ExerciseResult]
) -> tuple[Flag, ...]:
    """What a person should look at in a submission as a whole."""
    found: list[Flag] = []
    if trace.forged:
        found.append(
            Flag(
                id="forged-events",
                message=Message(id="flag.forged-events", params={"count": trace.forged}),
            )
        )
    for evidence in _answers(results):
        cell = evidence.where.cell
        printed = "".join(
            e.text for e in trace.base.events if e.kind == "printed" and e.cell == cell
        )
        saved = submission.saved_outputs[cell] if cell < len(submission.saved_outputs) else ""
        differing = contradicted(saved, printed) if saved and printed else None
        if differing and all(flag.evidence[:1] != (evidence,) for flag in found):
            params = {"saved": differing[0], "fresh": differing[1]}
            told = Message(id="flag.not-reproducible", params=dict(params))
            found.append(Flag(id="not-reproducible", message=told, evidence=(evidence,)))
            break
    return tuple(found)


def _answers(results: Iterable[ExerciseResult]) -> Iterable[Evidence]:
    return (
        c.found
        for r in results
        if r.automatic and CHECKS[r.checks[0].check].shows_value
        for c in r.checks
        if c.found
    )


def assignment_info(assignment: Assignment, reference: str) -> AssignmentInfo:
    """What the report says of an assignment."""
    return AssignmentInfo(
        name=assignment.name,
        title=assignment.title,
        language=assignment.language,
        version=assignment.version,
        reference=reference,
        max_points=assignment.max_points,
        exercises=tuple(
            ExerciseInfo(
                id=exercise.id,
                title=exercise.title,
                points=exercise.points,
                automatic=exercise.automatic,
                note=dict(exercise.note),
                student_note=dict(exercise.student_note),
            )
            for exercise in assignment.exercises
        ),
    )


def least_sealed(results: Iterable[SubmissionResult]) -> str:
    """How the notebooks were sealed off, at least; empty if none ran."""
    tiers = {result.execution.sandbox for result in results}
    return next((tier for tier in ("none", "bwrap-cold", "bwrap") if tier in tiers), "")
