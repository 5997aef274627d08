"""Build the report's result of a submission. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePosixPath
from typing import Any

from grader.assignment import Assignment, Exercise
from grader.grading.agreement import Tolerance
from grader.grading.causes import Causes
from grader.grading.checks.base import Notebooks
from grader.grading.checks.registry import CHECKS, REVIEWED
from grader.grading.evaluation import Evaluation
from grader.grading.execution import execution
from grader.grading.exercise_results import left_to_person, without_points
from grader.grading.expectation import Expectation
from grader.grading.grade import evaluate
from grader.grading.knowledge import Headings, Knowledge
from grader.grading.points import with_points
from grader.grading.saved_outputs import contradicted
from grader.grading.search import Values
from grader.grading.tampering import Suspicion
from grader.messages import own_first
from grader.report import (
    AssignmentInfo,
    Evidence,
    ExerciseInfo,
    ExerciseResult,
    Flag,
    Message,
    SubmissionResult,
    SubmissionStatus,
    Where,
)
from grader.submissions.identify import code_cells
from grader.submissions.submission import Submission
from grader.trace import Trace

TIERS = ("none", "bwrap-cold", "bwrap")
"""How notebooks can be sealed, the weakest way first."""

MAX_SUSPICIONS = 3
"""Most lines that a flag shows."""
MAX_PROBLEM = 300
"""Most characters of a fault of ours that the report keeps."""


def about(submission: Submission, assignment: Assignment) -> dict[str, Any]:
    """Return the fields of a result that identify the submission and its assignment."""
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
    """Build the result of a submission that ran.

    Args:
        submission: what was handed in.
        assignment: the assignment it belongs to.
        evaluation: how it ran, and the results of the exercises that the grader decides.
        headings: returns the heading above a cell.
        similarity: how much of the handout is in it, from 0 to 1.
    """
    results = _in_order(submission, assignment, evaluation.results, headings)
    if submission.rival:
        results = tuple(_waiting_for_rival(result, submission.rival) for result in results)
    nothing_answered = not any(map(_may_be_answered, results))
    if similarity == 0 and nothing_answered and _is_students_doing(evaluation.values.causes):
        reason = Message(id="wrong-file.other-assignment")
        return ungraded(submission, assignment, "wrong_file", reason)
    ran = execution(evaluation.values, headings)
    if submission.joined:
        ran = ran.model_copy(update={"notes": (_joined_note(submission), *ran.notes)})
    result = SubmissionResult(
        **about(submission, assignment),
        status="graded",
        exercises=(*results, *not_asked(assignment)),
        execution=ran,
        flags=flags(submission, evaluation.values, results),
    )
    return with_points(result)


def _joined_note(submission: Submission) -> Message:
    """Note which files were graded together."""
    names = [PurePosixPath(file).name for file in submission.joined]
    return Message(id="note.joined", params={"what": ", ".join(names)})


def _waiting_for_rival(result: ExerciseResult, rival: str) -> ExerciseResult:
    """Leave an exercise pending that is missing in this file: a second file may have it."""
    message_id = ""
    if result.checks:
        message_id = result.checks[0].message.id
    not_found = message_id.endswith((".absent", ".missing"))
    if result.status != "missing" and not (result.status == "failed" and not_found):
        return result
    flag = _two_candidates(rival)
    check = result.checks[0].model_copy(update={"message": flag.message})
    changes = {"status": "pending", "checks": (check,), "flags": (*result.flags, flag)}
    return result.model_copy(update=changes)


def _two_candidates(rival: str) -> Flag:
    message = Message(id="flag.two-candidates", params={"what": rival})
    return Flag(id="two-candidates", message=message)


def _may_be_answered(result: ExerciseResult) -> bool:
    """Return whether a result shows that the notebook belongs to the assignment.

    Text in the place of a deleted question does not: it may be anything.
    """
    if result.status in ("failed", "missing"):
        return False
    return all(check.message.id != "text.in-its-place" for check in result.checks)


def _is_students_doing(causes: Causes) -> bool:
    """Return whether no cell failed because of the machine."""
    return all(cause.kind in ("student", "order") for cause in causes.failed.values())


def unchanged(submission: Submission, assignment: Assignment) -> SubmissionResult:
    """Build the result of an unchanged handout; nothing has to run for it."""
    trace = Trace(cells=code_cells(submission, assignment), runs=())
    automatic = [exercise for exercise in assignment.exercises if exercise.automatic]
    unknown = {exercise.id: Expectation({}, Tolerance()) for exercise in automatic}
    knowledge = Knowledge(expectations=unknown, right=unknown)
    evaluation = evaluate(Values(trace), assignment, knowledge, _no_heading)
    results = _in_order(submission, assignment, evaluation.results, _no_heading)
    result = SubmissionResult(
        **about(submission, assignment),
        status="unchanged",
        reason=Message(id="unchanged"),
        exercises=(*results, *not_asked(assignment)),
    )
    return with_points(result)


def ungraded(
    submission: Submission, assignment: Assignment, status: SubmissionStatus, reason: Message
) -> SubmissionResult:
    """Build the result of a submission that could not be graded: a reason, and no exercises."""
    return SubmissionResult(
        **about(submission, assignment),
        status=status,
        reason=reason,
        max_points=assignment.max_points,
    )


def too_costly(submission: Submission, assignment: Assignment, seconds: float) -> SubmissionResult:
    """Leave a whole submission pending, because deciding exceeds its time limit.

    Args:
        submission: what was handed in.
        assignment: the assignment it belongs to.
        seconds: the processor time that deciding was given.
    """
    reason = Message(id="unverified.too-costly", params={"seconds": round(seconds)})
    left = [left_to_person(exercise, reason) for exercise in assignment.exercises]
    result = SubmissionResult(
        **about(submission, assignment),
        status="graded",
        exercises=(*left, *not_asked(assignment)),
    )
    return with_points(result)


def fault(problem: str) -> Message:
    """Build the message about an internal fault."""
    return Message(id="ungradable.kernel", params={"problem": problem[:MAX_PROBLEM]})


def _in_order(
    submission: Submission,
    assignment: Assignment,
    automatic: Iterable[ExerciseResult],
    headings: Headings,
) -> tuple[ExerciseResult, ...]:
    """Sort results as in the assignment, with those of reviewed exercises added."""
    by_id = {result.id: result for result in automatic}
    results: list[ExerciseResult] = []
    for exercise in assignment.exercises:
        result = by_id.get(exercise.id)
        results.append(result or reviewed_result(submission, assignment, exercise, headings))
    return tuple(results)


def _no_heading(_cell: int) -> str:
    return ""


def reviewed_result(
    submission: Submission, assignment: Assignment, exercise: Exercise, headings: Headings
) -> ExerciseResult:
    """Build the result of an exercise that a person grades."""
    other_questions = [
        other.question
        for other in assignment.exercises
        if other.question and other.id != exercise.id
    ]
    notebooks = Notebooks(submission.cells, assignment.handout, other_questions)
    status, check = REVIEWED[exercise.check].read(exercise, notebooks)
    if check.found is not None:
        where = check.found.where
        where = where.model_copy(update={"heading": headings(where.cell)})
        evidence = check.found.model_copy(update={"where": where})
        check = check.model_copy(update={"found": evidence})
    return without_points(exercise, status, check)


def not_asked(assignment: Assignment) -> tuple[ExerciseResult, ...]:
    """Build the results of exercises that the handout does not ask for; they earn no points."""
    return tuple(without_points(exercise, "not_asked") for exercise in assignment.not_asked)


def flags(
    submission: Submission, values: Values, results: Iterable[ExerciseResult]
) -> tuple[Flag, ...]:
    """Flag what a person should look at in the submission as a whole."""
    trace = values.trace
    flags: list[Flag] = []
    if submission.rival:
        flags.append(_two_candidates(submission.rival))
    if trace.forged:
        message = Message(id="flag.forged-events", params={"count": trace.forged})
        flags.append(Flag(id="forged-events", message=message))
    if values.forged_claims:
        message = Message(id="flag.forged-claims", params={"count": values.forged_claims})
        flags.append(Flag(id="forged-events", message=message))
    if values.suspicions:
        flags.append(_tampering(values.suspicions, trace))
    contradiction = _contradicted_output(submission, trace, results)
    if contradiction is not None:
        flags.append(contradiction)
    return tuple(flags)


def _tampering(suspicions: Sequence[Suspicion], trace: Trace) -> Flag:
    """Flag code that accesses the grader's internals, with its first lines."""
    sources = {cell.cell: cell.source.split("\n") for cell in trace.cells}
    evidence = []
    in_cells = [suspicion for suspicion in suspicions if suspicion.cell in sources]
    for suspicion in in_cells[:MAX_SUSPICIONS]:
        lines = sources[suspicion.cell]
        source = ""
        if suspicion.line <= len(lines):
            source = lines[suspicion.line - 1].strip()
        where = Where(cell=suspicion.cell, line=suspicion.line, source=source[:MAX_PROBLEM])
        evidence.append(Evidence(where=where))
    used = dict.fromkeys(suspicion.what for suspicion in suspicions)
    what = ", ".join(list(used)[:MAX_SUSPICIONS])
    message = Message(id="flag.tampering", params={"what": what})
    return Flag(id="tampering", message=message, evidence=tuple(evidence))


def _contradicted_output(
    submission: Submission, trace: Trace, results: Iterable[ExerciseResult]
) -> Flag | None:
    """Flag the first answer with a saved output that differs from the output of this run."""
    for evidence in _shown_answers(results):
        cell = evidence.where.cell
        saved = ""
        if cell < len(submission.saved_outputs):
            saved = submission.saved_outputs[cell]
        printed = _printed(trace, cell)
        if not saved or not printed:
            continue
        difference = contradicted(saved, printed)
        if difference:
            params = {"saved": difference[0], "fresh": difference[1]}
            message = Message(id="flag.not-reproducible", params=dict(params))
            return Flag(id="not-reproducible", message=message, evidence=(evidence,))
    return None


def _printed(trace: Trace, cell: int) -> str:
    texts: list[str] = []
    for event in trace.base.events:
        if event.kind == "printed" and event.cell == cell:
            texts.append(event.text)
    return "".join(texts)


def _shown_answers(results: Iterable[ExerciseResult]) -> Iterator[Evidence]:
    for result in results:
        if not result.automatic or not CHECKS[result.checks[0].check].shows_value:
            continue
        for check in result.checks:
            if check.found:
                yield check.found


def assignment_info(assignment: Assignment, reference: str) -> AssignmentInfo:
    """Describe an assignment for the report.

    Args:
        assignment: what submissions belong to.
        reference: version of its reference and mistakes.
    """
    language = assignment.language
    exercises = tuple(
        ExerciseInfo(
            id=exercise.id,
            title=exercise.title,
            points=exercise.points,
            automatic=exercise.automatic,
            note=own_first(exercise.note, language),
            student_note=own_first(exercise.student_note, language),
        )
        for exercise in assignment.exercises
    )
    return AssignmentInfo(
        name=assignment.name,
        title=assignment.title,
        language=language,
        version=assignment.version,
        reference=reference,
        max_points=assignment.max_points,
        exercises=exercises,
    )


def least_sealed(results: Iterable[SubmissionResult]) -> str:
    """Return the weakest sandbox tier that any notebook ran in; empty if none ran."""
    tiers = {result.execution.sandbox for result in results}
    return next((tier for tier in TIERS if tier in tiers), "")
