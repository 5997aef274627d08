"""Results of a submission take the shape that the report gives them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from grader.batch.results import (
    about,
    assignment_info,
    fault,
    flags,
    graded,
    reviewed_result,
    ungraded,
)
from grader.grading.evaluation import Evaluation
from grader.grading.knowledge import Knowledge
from grader.grading.points import with_points
from grader.grading.search import Values
from grader.notebook.cells import NotebookCell
from grader.report import (
    CheckResult,
    Evidence,
    ExerciseResult,
    Message,
    SubmissionResult,
    Where,
    Who,
)
from grader.submissions.submission import Submission
from grader.trace import CellRun
from tests.support.traces import assignment, exercise, prints, run, trace

WHY = exercise("why", check="text", question="Por que a média muda", points=1)
HOW = exercise("how", check="text", question="Como se calcula a mediana", points=1)
COURSE = assignment(exercise("step", points=3), WHY, HOW)
ASKED = "**Por que a média muda com um único dado?**"


def submission(*sources: str, saved: tuple[str, ...] = ()) -> Submission:
    cells = tuple(NotebookCell(kind="markdown", source=source) for source in sources)
    return Submission(
        "0a", "ana", "turma/ana.ipynb", Path("ana.ipynb"), "00", cells=cells, saved_outputs=saved
    )


def result(
    status="passed", points=3.0, *, automatic=True, cell=0, check="value", max_points=3.0
) -> ExerciseResult:
    found = Evidence(where=Where(cell=cell, line=1), name="w", value="3.8")
    return ExerciseResult(
        id="step",
        title="Step",
        status=status,
        points=points,
        max_points=max_points,
        automatic=automatic,
        credit=1.0,
        checks=(CheckResult(check=check, message=Message(id="value.passed"), found=found),),
    )


def test_a_result_names_its_student_its_file_and_its_assignment():
    expected = {
        "id": "0a",
        "student": "ana",
        "file": "turma/ana.ipynb",
        "sha256": "00",
        "assignment": "course",
    }
    assert {**expected, "who": Who(), "release": ""} == about(submission(), COURSE)


def test_what_could_not_be_graded_has_a_status_a_reason_and_no_points():
    result = ungraded(submission(), COURSE, "unreadable", Message(id="unreadable.json"))
    assert ("unreadable", "unreadable.json") == (result.status, result.reason.id)
    assert (0.0, 3.0) == (result.points, result.max_points)
    assert () == result.exercises


def test_a_fault_of_ours_is_cut():
    assert 300 == len(fault("x" * 1_000).params["problem"])


# Texts


def answered(*sources: str) -> ExerciseResult:
    return reviewed_result(submission(*sources), COURSE, WHY, lambda cell: f"heading of {cell}")


def test_an_answered_question_waits_for_a_person():
    result = answered(ASKED, "Porque a soma muda, e com ela a média.")
    assert "pending" == result.status
    assert (0.0, 1.0) == (result.points, result.max_points)
    assert not result.automatic


def test_the_place_of_an_answer_has_its_heading():
    result = answered(ASKED, "Porque a soma muda, e com ela a média.")
    assert "heading of 1" == result.checks[0].found.where.heading


def test_a_question_without_an_answer_is_missing():
    assert "missing" == answered(ASKED).status


def test_the_answer_to_another_question_is_no_answer():
    result = answered(ASKED, "**Como se calcula a mediana?**", "Ordenando os dados todos.")
    assert "missing" == result.status


# Points


def total(*results: ExerciseResult) -> tuple[float, float, float]:
    """Add up points, most points and pending points."""
    graded = SubmissionResult(**about(submission(), COURSE), status="graded", exercises=results)
    totals = with_points(graded)
    return totals.points, totals.max_points, totals.pending_points


def test_points_are_added_up():
    assert (5.0, 6.0, 0) == total(result(), result("partial", 2.0))


def test_what_is_pending_counts_in_neither_points_nor_most_points():
    assert (3.0, 3.0, 3.0) == total(result(), result("pending", 0.0))


def test_what_a_person_grades_counts_as_pending_only():
    waiting = result("pending", 0.0, automatic=False, max_points=1.0)
    blank = result("missing", 0.0, automatic=False, max_points=1.0)
    assert (3.0, 3.0, 1.0) == total(result(), waiting, blank)


@pytest.mark.parametrize("status", ["failed", "missing", "not_run"])
def test_what_failed_counts_in_the_most_points(status):
    assert (3.0, 6.0, 0) == total(result(), result(status, 0.0))


def test_points_do_not_show_how_floats_add_up():
    assert (0.3, 0.3, 0) == total(*[result(points=0.1, max_points=0.1)] * 3)


# Flags


def flagged(saved: str, printed: str, *results: ExerciseResult, **fields) -> list[str]:
    saved_submission = submission("", saved=(saved,))
    fresh_trace = trace(run(prints(printed)), **fields)
    return [
        flag.id for flag in flags(saved_submission, Values(fresh_trace), results or (result(),))
    ]


def test_a_saved_output_that_a_fresh_run_contradicts_is_flagged_with_both_values():
    saved_submission = submission("", saved=("J = 45.36",))
    fresh_trace = trace(run(prints("J = 14.0")))
    (flag,) = flags(saved_submission, Values(fresh_trace), (result(),))
    assert "not-reproducible" == flag.id
    assert {"saved": "45.36", "fresh": "14.0"} == flag.message.params


def test_a_saved_output_that_agrees_is_not_flagged():
    assert [] == flagged("J = 45.36", "J = 45.36")


@pytest.mark.parametrize(("saved", "printed"), [("", "14.0"), ("45.36", "")])
def test_where_there_is_nothing_to_compare_nothing_is_flagged(saved, printed):
    assert [] == flagged(saved, printed)


@pytest.mark.parametrize("fields", [{"cell": 5}, {"check": "graph"}, {"automatic": False}])
def test_only_the_cells_of_values_are_compared(fields):
    assert [] == flagged("J = 45.36", "J = 14.0", result(**fields))


def test_a_contradiction_is_flagged_once():
    assert ["not-reproducible"] == flagged("J = 45.36", "J = 14.0", result(), result())


def test_messages_that_nobody_sent_are_flagged_with_their_count():
    (flag,) = flags(submission(), Values(trace(run(), forged=3)), ())
    assert "forged-events" == flag.id
    assert {"count": 3} == flag.message.params


# Several files


def evaluated(*results: ExerciseResult) -> Evaluation:
    knowledge = Knowledge(expectations={}, right={})
    return Evaluation(Values(trace(run())), knowledge, results)


def graded_with(**fields: object) -> SubmissionResult:
    handed_in = replace(submission(), **fields)
    missing = result("missing", 0.0, check="value")
    return graded(handed_in, COURSE, evaluated(missing), lambda _: "", similarity=1.0)


def test_what_is_not_in_the_file_that_counts_waits_where_another_may_be_meant():
    graded_result = graded_with(rival="turma/b.ipynb")
    (flag,) = graded_result.flags
    assert ("two-candidates", {"what": "turma/b.ipynb"}) == (flag.id, flag.message.params)
    assert ["pending", "pending", "pending"] == [
        exercise.status for exercise in graded_result.exercises
    ]
    assert 5.0 == graded_result.pending_points


def test_files_that_were_graded_together_are_named():
    (note,) = graded_with(joined=("turma/a1.ipynb", "turma/a2.ipynb")).execution.notes
    assert ("note.joined", {"what": "a1.ipynb, a2.ipynb"}) == (note.id, note.params)


# The assignment


def test_the_report_says_what_the_assignment_is():
    info = assignment_info(COURSE, "abc")
    assert ("course", "1", "abc") == (info.name, info.version, info.reference)
    assert 3.0 == info.max_points


def test_the_report_lists_the_exercises():
    info = assignment_info(COURSE, "abc")
    assert {"step": 3.0, "why": 1.0, "how": 1.0} == {
        exercise.id: exercise.points for exercise in info.exercises
    }
    assert ["step"] == [exercise.id for exercise in info.exercises if exercise.automatic]


@pytest.mark.parametrize(
    ("ended", "status"),
    [
        (CellRun(cell=0, status="error", error="ZeroDivisionError"), "wrong_file"),
        (CellRun(cell=0, status="timeout", error="KeyboardInterrupt"), "graded"),
        (CellRun(cell=0, status="died"), "graded"),
        (
            CellRun(
                cell=0,
                status="error",
                error="ModuleNotFoundError",
                message="No module named 'torchx'",
            ),
            "graded",
        ),
    ],
)
def test_a_notebook_that_could_not_run_is_no_wrong_file(ended: CellRun, status: str) -> None:
    ran = trace(run(ended=(ended,)), sources=["x = 1"])
    missing = (result("missing", 0.0, check="value"),)
    evaluation = Evaluation(Values(ran), Knowledge(expectations={}, right={}), missing)
    assert status == graded(submission(), COURSE, evaluation, lambda _: "", similarity=0).status
