"""A submission is graded by what it computed, whatever its trace claims."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from grader.assignment import FigureRules
from grader.grading.execution import execution
from grader.grading.grade import evaluate
from grader.grading.rerun_plan import cells_of_interest, lacks_an_answer
from grader.grading.search import Values
from grader.notebook.cells import NotebookCell
from grader.trace import MAX_ELEMENTS, CellRun, Trace
from tests.support.small_course import (
    COURSE,
    KNOWN,
    LOSS,
    RIGHT_STEP,
    SLOW,
    SLOW_LOSS,
    SLOW_STEP,
    STEP,
    credits_of,
    evaluated,
    graded,
    submitted,
)
from tests.support.traces import (
    VARIANTS,
    assignment,
    computed,
    draws,
    exercise,
    expects,
    gradient,
    graph,
    happens,
    knowledge,
    mistake,
    prints,
    run,
    sets,
    shows,
    tensor,
    trace,
)

# Points


def test_a_right_submission_earns_everything():
    results = graded(submitted())
    assert [("passed", 3.0, 3.0), ("passed", 2.0, 2.0), ("passed", 2.0, 2.0)] == [
        (result.status, result.points, result.max_points) for result in results.values()
    ]


def test_results_come_in_the_assignments_order_without_texts():
    texts = assignment(exercise("why", check="text", question="Why"), LOSS, STEP)
    assert ["loss", "step"] == [
        result.id for result in evaluated(submitted(), course=texts).results
    ]


def test_an_empty_notebook_earns_nothing():
    assert ["missing"] * 3 == [
        result.status for result in graded(trace(run(), sources=())).values()
    ]


def test_a_submission_without_any_run_earns_nothing():
    assert ["missing"] * 3 == [result.status for result in graded(trace()).values()]


def test_an_exercise_keeps_its_points_where_another_fails():
    assert {"step": 1.0, "loss": 0.0, "net": 1.0} == credits_of(submitted(loss=(7.0, 8.0, 9.0)))


def test_a_partial_answer_earns_its_share():
    result = graded(submitted(loss=(45.36, 107.64, 80.93)))["loss"]
    assert ("partial", 1.5, ()) == (result.status, result.points, result.mistakes)


def test_what_is_pending_earns_nothing_yet():
    result = graded(trace(run(sets("w", 3.8))))["step"]
    assert ("pending", 0.0) == (result.status, result.points)


def test_a_section_without_code_is_told_as_such():
    elsewhere = trace(run(sets("a", 7.0, cell=0)), sources=("a = 7.0 * b",))
    known = replace(knowledge(**KNOWN.expectations), sections={"step": "B"})
    notebook = [
        NotebookCell(kind="code", source="a = 7.0 * b"),
        NotebookCell(kind="markdown", source="# B"),
    ]
    values = Values(elsewhere)
    results = evaluate(values, assignment(exercise("step")), known, lambda _: "A", notebook).results
    assert ("missing", "value.blank") == (results[0].status, results[0].checks[0].message.id)


def test_a_figure_that_the_machine_cut_off_waits():
    asked = exercise("curve", "figure", figure=FigureRules(kinds=("line",), labels=True))
    drawn = happens("figure", {"axes[0].kinds": "line"}, cell=0)
    ended = CellRun(
        cell=0, status="error", error="ModuleNotFoundError", message="No module named 'wandbx'"
    )
    cut = trace(run(drawn, ended=[ended]), sources=("curve = draw()",))
    known = knowledge(curve=expects("line"))
    result = evaluated(cut, known, assignment(asked)).results[0]
    assert ("pending", 0.0) == (result.status, result.points)


# Evidence


def test_the_deciding_value_is_shown_with_the_students_line():
    found = graded(submitted(sources=["a = 1\n  w = w - g  ", "", ""]))["step"].checks[0].found
    assert ("w", "3.8", "w = w - g", 2, "heading of 0") == (
        found.name,
        found.value,
        found.where.source,
        found.where.line,
        found.where.heading,
    )


def test_a_value_without_a_name_of_its_own_shows_none():
    runs = [
        run(shows(value), label=label)
        for value, label in zip(RIGHT_STEP, ("base", *VARIANTS), strict=True)
    ]
    assert "" == graded(trace(*runs))["step"].checks[0].found.name


def test_a_flag_shows_the_value_it_speaks_of():
    result = graded(submitted(step=(3.8, 3.8, 3.8), sources=["w = 3.8", "", ""]))["step"]
    assert [("does-not-follow-data", "3.8")] == [
        (flag.id, flag.evidence[0].value) for flag in result.flags
    ]


# Mistakes


def test_a_known_mistake_is_named_and_leaves_its_share():
    results = graded(submitted(SLOW_STEP, SLOW_LOSS))
    assert ("partial", 0.5, 1.5) == (
        results["step"].status,
        results["step"].credit,
        results["step"].points,
    )
    assert ("failed", 0.0) == (results["loss"].status, results["loss"].credit)
    assert [["slow"], ["slow"], []] == [
        [found.id for found in result.mistakes] for result in results.values()
    ]


def test_a_mistake_shows_the_value_that_gave_it_away():
    assert "1.28" == graded(submitted(SLOW_STEP, SLOW_LOSS))["step"].checks[0].found.value


def test_a_mistake_says_which_exercises_it_explains():
    (found,) = graded(submitted(SLOW_STEP, SLOW_LOSS))["step"].mistakes
    assert (("step", "loss"), ()) == (found.explains, found.also)


def test_a_tie_is_told_with_the_credit_of_the_first():
    same = mistake("same", {"step": 0.9}, step=expects(*SLOW_STEP), loss=expects(*SLOW_LOSS))
    known = knowledge(SLOW, same, **KNOWN.expectations)
    result = graded(submitted(SLOW_STEP, SLOW_LOSS), known)["step"]
    assert (0.5, ("same",)) == (result.credit, result.mistakes[0].also)


def test_a_mistake_that_takes_no_points_of_an_exercise_does_not_pass_it_where_it_failed():
    harmless = mistake("harmless", {"step": 1.0}, step=expects(*SLOW_STEP))
    result = graded(submitted(SLOW_STEP), knowledge(harmless, **KNOWN.expectations))["step"]
    assert ("failed", 0.0, ()) == (result.status, result.credit, result.mistakes)


def test_what_passed_is_explained_by_no_mistake():
    assert () == graded(submitted(loss=SLOW_LOSS))["step"].mistakes


def test_a_mistake_before_the_kernels_end_keeps_its_share():
    made = submitted(SLOW_STEP, SLOW_LOSS)
    base = made.base.model_copy(
        update={"cells": (*made.base.cells[:2], CellRun(cell=2, status="died"))}
    )
    result = graded(made.model_copy(update={"runs": (base, *made.runs[1:])}))["step"]
    assert ("partial", 0.5) == (result.status, result.credit)


def test_a_disguised_constant_earns_no_share_where_the_data_was_never_seen():
    void = [run(sets("w", 1.28, "k"), label=label, seen=None) for label in VARIANTS]
    assert 0.0 == graded(trace(run(sets("w", 1.28, "k")), *void))["step"].credit


# What builds on what


def notes(made: Trace) -> list[tuple[str, dict]]:
    return [(note.id, note.params) for note in graded(made)["loss"].checks[0].notes]


def test_a_failure_that_builds_on_another_says_so():
    assert [("value.depends", {"needs": "Step"})] == notes(
        submitted((7.0, 8.0, 9.0), (1.0, 2.0, 3.0))
    )


def test_an_answer_that_is_right_depends_on_nothing():
    assert [] == notes(submitted(step=(7.0, 8.0, 9.0)))


def test_a_failure_by_itself_depends_on_nothing():
    assert [] == notes(submitted(loss=(1.0, 2.0, 3.0)))


def test_what_an_exercise_builds_on_never_costs_points():
    assert 1.0 == graded(submitted(step=(7.0, 8.0, 9.0)))["loss"].credit


# Hostile traces: nothing a trace may claim ends the grading

FORGED = {
    "nan": sets("a", math.nan),
    "infinity": sets("a", -math.inf),
    "huge-number": sets("a", 1.7e308),
    "huge-shape": sets("a", tensor(1, 2, shape=(10**4000, -1, 0))),
    "no-elements": sets("a", tensor(shape=(3,))),
    "short-summary": sets("a", tensor(*[1.0] * MAX_ELEMENTS, shape=(100,), summary=(1.0,))),
    "empty-text": sets("", ""),
    "empty-name": sets("", 3.8),
    "cell-before-the-first": sets("w", 3.8, cell=-1),
    "cell-far-behind-the-last": sets("w", 3.8, cell=10**9),
    "line-far-behind-the-last": sets("w", 3.8, line=10**9),
    "line-before-the-first": sets("w", 3.8, line=-(10**9)),
    "deep-path": sets("w" + ".a[0]" * 10_000, 3.8),
    "512-values": happens("value", {f"a{count}": float(count) for count in range(512)}),
    "printed-out-of-range": prints(
        "1.23e400 1.23e-400 1.23e" + "9" * 5_000 + " " + "9" * 9_000 + ".25"
    ),
    "thousands-printed": prints("31.36 " * 3_000),
    "cyclic-graph": draws(graph("A", "B", edges=[(0, 1), (1, 0)])),
    "graph-edges-to-nowhere": draws(graph("A", edges=[(0, 10**9), (-5, 0)])),
    "graph-without-nodes": draws(graph(edges=[(0, 1)])),
    "graph-of-empty-labels": draws(graph("", "")),
    "gradient-of-nothing": gradient("", 3.8),
    "printed-by-a-gradient": happens("grad", {"": 3.8}, text="31.36"),
    "odd-kinds": happens("mark", {"step": 3.8}, alternative=-(10**9), credit=math.nan),
}


@pytest.mark.parametrize("event", FORGED.values(), ids=FORGED)
def test_no_forged_event_ends_the_grading_or_hides_the_work_beside_it(event):
    made = submitted(sources=["w = 3.8", "d = w", "make_dot(w)"])
    runs = tuple(one.model_copy(update={"events": (event, *one.events)}) for one in made.runs)
    made = made.model_copy(update={"runs": runs})
    cells_of_interest(Values(made), COURSE, KNOWN)
    execution(Values(made), lambda cell: "")
    assert {"step": 1.0, "loss": 1.0, "net": 1.0} == credits_of(made)


@pytest.mark.parametrize("event", FORGED.values(), ids=FORGED)
def test_no_forged_event_earns_points_by_itself(event):
    made = trace(
        *(run(event, label=label) for label in ("base", *VARIANTS)), sources=["w = 3.8", "", ""]
    )
    lacks_an_answer(Values(made), COURSE, KNOWN)
    assert {"step": 0.0, "loss": 0.0, "net": 0.0} == credits_of(made)


@pytest.mark.parametrize("event", FORGED.values(), ids=FORGED)
def test_a_forged_cell_never_has_to_run(event):
    made = trace(run(event), sources=["w = 3.8", "", ""])
    assert {0, 1, 2}.issuperset(cells_of_interest(Values(made), COURSE, KNOWN))


def test_a_claimed_path_or_text_makes_no_long_evidence():
    runs = [
        run(sets("w" * 10_000, value), label=one)
        for value, one in zip(RIGHT_STEP, ("base", *VARIANTS), strict=True)
    ]
    assert 200 == len(graded(trace(*runs))["step"].checks[0].found.name)


def test_runs_that_nobody_asked_for_change_nothing():
    made = submitted(step=(3.8, 9.0, 9.0))
    more = [
        run(sets("w", 3.8), label=label) for label in ("", "variant-99", "variant-1-again-again")
    ]
    assert 0.0 == graded(made.model_copy(update={"runs": (*made.runs, *more)}))["step"].credit


def test_a_run_claimed_twice_counts_once():
    made = submitted(step=(3.8, 9.0, 4.9))
    again = computed(3.8, 5.6, 4.9).runs[1]
    assert 0.0 == graded(made.model_copy(update={"runs": (*made.runs, again)}))["step"].credit


def test_a_source_that_is_no_python_is_graded():
    odd = ["\0", "(" * 1_000, "-" * 50_000 + "1"]
    assert {"step": 1.0, "loss": 1.0, "net": 1.0} == credits_of(submitted(sources=odd))
