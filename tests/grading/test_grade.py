"""A submission is graded by what it computed, whatever its trace claims."""

from __future__ import annotations

import math

import pytest

from grader.grading.evidence import show
from grader.grading.execution import MAX_SKIPPED, execution
from grader.grading.follows_data import CONFIRMATION
from grader.grading.grade import evaluate
from grader.grading.rerun_plan import cells_of_interest, lacks_an_answer, needs_confirmation
from grader.grading.search import Values
from grader.trace import MAX_ELEMENTS, CellRun, Event, Module, Other, Trace, VariedInput
from tests.support.traces import (
    VARIANTS,
    alternatives,
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
    numbers,
    prints,
    run,
    sets,
    shows,
    tensor,
    trace,
    value_of,
)

STEP, LOSS, NETWORK = (
    exercise("step", points=3),
    exercise("loss", needs=["step"]),
    exercise("net", check="graph"),
)
COURSE = assignment(STEP, LOSS, NETWORK, handout=["lr = 0.1"])
NET = graph("ReluBackward0", "parameter(64,)", edges=[(0, 1)])
RIGHT_STEP, RIGHT_LOSS = (3.8, 5.6, 4.9), (31.36, 84.64, 61.35)
SLOW_STEP, SLOW_LOSS = (1.28, 1.46, 1.39), (-6.74, -16.29, -12.33)
SLOW = mistake("slow", {"step": 0.5}, step=expects(*SLOW_STEP), loss=expects(*SLOW_LOSS))
LOSSES = alternatives((1.0, RIGHT_LOSS), (0.75, (45.36, 107.64, 80.93)))
KNOWN = knowledge(SLOW, step=expects(*RIGHT_STEP), loss=LOSSES, net=expects(NET))


def submitted(step=RIGHT_STEP, loss=RIGHT_LOSS, drawn=NET, **fields) -> Trace:
    """The step in cell 0, the loss in cell 1, the graph in cell 2."""
    runs = []
    for label, w, j in zip(("base", *VARIANTS), step, loss, strict=True):
        events = [
            sets("w", w, "x lr", cell=0, line=2),
            sets("d", j, "w x", cell=1),
            draws(drawn, cell=2),
        ]
        runs.append(run(*events, label=label))
    return trace(*runs, **fields)


def evaluated(made: Trace, known=KNOWN, course=COURSE):
    return evaluate(Values(made), course, known, lambda cell: f"heading of {cell}")


def graded(made: Trace, known=KNOWN):
    return {result.id: result for result in evaluated(made, known).results}


def credits_of(made: Trace, known=KNOWN) -> dict[str, float]:
    return {name: result.credit for name, result in graded(made, known).items()}


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


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3.8, "3.8"),
        (tensor(3.8), "3.8"),
        (math.nan, "nan"),
        (math.inf, "inf"),
        (tensor(1, 2), "[1, 2]"),
        (numbers(*range(9)), "[0, 1, 2, 3, 4, 5, …]"),
        (tensor(shape=(10**300,)), "[, …]"),
        (True, "True"),
        ("text", "text"),
        (NET, "make_dot(2)"),
        (Module(name="Net", parameters=3), "module"),
        (Other(type="set"), "set"),
    ],
)
def test_any_value_can_be_shown(value, text):
    assert text == show(value_of(value))


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


# What has to run again


def test_the_cells_behind_right_values_have_to_run_again():
    base = trace(
        run(sets("w", 3.8, cell=1), ended=[CellRun(cell=0, status="ok")]),
        sources=["x = 1", "w = x", "net = 2"],
    )
    assert [0, 1] == cells_of_interest(Values(base), COURSE, knowledge(**KNOWN.expectations))


def test_the_cells_behind_mistakes_have_to_run_again():
    base = trace(
        run(sets("w", 1.28, cell=1), ended=[CellRun(cell=0, status="ok")]),
        sources=["x = 1", "w = x", "net = 2"],
    )
    assert [0, 1] == cells_of_interest(Values(base), COURSE, KNOWN)


def test_the_cell_that_makes_the_data_runs_again_also_where_the_answer_does_not_read_it():
    data = VariedInput(name="x", original=numbers(0.0, 1.0, 2.0), variants=())
    events = [
        sets("a", 1.0, cell=0),
        sets("x", tensor(0.0, 1.0, 2.0), cell=1),
        sets("z", tensor(0.0, 1.0, 2.0), cell=2),
    ]
    made = trace(
        run(*events, sets("w", 3.8, cell=3)), sources=["a = 1", "x = g()", "z = g()", "w = 3.8"]
    )
    assert [1, 3] == cells_of_interest(
        Values(made), COURSE, knowledge(inputs=[data], **KNOWN.expectations)
    )


def test_graphs_need_no_cell_to_run_again():
    assert [] == cells_of_interest(
        Values(trace(run(draws(NET)), sources=["make_dot(y)"])), COURSE, KNOWN
    )


def test_where_nothing_may_earn_nothing_runs_again():
    assert [] == cells_of_interest(
        Values(trace(run(sets("w", 7.0)), sources=["w = 7"])), COURSE, KNOWN
    )


@pytest.mark.parametrize(
    ("made", "lacking"),
    [
        (submitted(), False),
        (submitted(step=(7.0, 8.0, 9.0)), True),
        (submitted(drawn=graph()), True),
        (trace(), True),
    ],
)
def test_mistakes_are_worth_making_where_some_exercise_has_no_right_value(made, lacking):
    assert lacking == lacks_an_answer(Values(made), COURSE, KNOWN)


def confirmable(made: Trace) -> bool:
    return needs_confirmation(evaluated(made))


def test_a_denial_has_to_be_confirmed():
    assert confirmable(submitted(step=(3.8, 9.0, 9.0)))
    assert confirmable(submitted(step=(3.8, 3.8, 3.8), sources=["w = 3.8", "", ""]))


def test_a_denial_is_confirmed_once():
    made = submitted(step=(3.8, 9.0, 9.0))
    again = run(label=VARIANTS[0] + CONFIRMATION)
    assert not confirmable(made.model_copy(update={"runs": (*made.runs, again)}))


def test_what_passed_or_was_never_right_needs_no_confirmation():
    assert not confirmable(submitted())
    assert not confirmable(submitted(step=(7.0, 8.0, 9.0)))


# How the notebook ran


def ran(*cells: CellRun, events: tuple[Event, ...] = (), **fields):
    return execution(trace(run(*events, ended=cells), **fields), lambda cell: "")


def test_problems_are_listed_by_cell():
    made = ran(
        CellRun(cell=0, status="ok"),
        CellRun(cell=1, status="error", error="NameError", message="x"),
    )
    assert [(1, "error", "NameError")] == [
        (one.where.cell, one.status, one.error) for one in made.problems
    ]


def test_a_cell_that_ended_well_the_second_time_is_no_problem():
    made = ran(
        CellRun(cell=0, status="error", error="NameError"), CellRun(cell=0, status="ok", again=True)
    )
    assert ((), (0,), 1) == (made.problems, made.again, made.cells)


@pytest.mark.parametrize("status", ["died", "timeout", "flooded"])
def test_what_ended_a_cell_is_said(status):
    made = ran(CellRun(cell=2, status=status, seconds=8.04))
    assert (f"ended.{status}", {"cell": 2, "seconds": 8.0}) == (made.ended.id, made.ended.params)


def test_the_end_of_a_notebooks_time_is_said():
    made = ran(CellRun(cell=2, status="not_run", error="notebook-timeout"), seconds=120.04)
    assert ("ended.notebook-timeout", {"cell": 2, "seconds": 120.0}) == (
        made.ended.id,
        made.ended.params,
    )


def test_nothing_ended_a_notebook_that_ran_through():
    assert ran(CellRun(cell=0, status="error")).ended is None


def test_skipped_commands_are_listed_once():
    skipped = happens("skipped", {}, text="!pip install torchviz")
    assert ("!pip install torchviz",) == ran(events=(skipped, skipped)).skipped


def test_a_forged_list_of_skipped_commands_is_cut():
    many = tuple(happens("skipped", {}, text=f"{count} " + "x" * 10_000) for count in range(1_000))
    skipped = ran(events=many).skipped
    assert (MAX_SKIPPED, 200) == (len(skipped), max(map(len, skipped)))


def test_random_weights_and_a_full_recorder_are_noted():
    note = happens("note", {}, text="random-weights: resnet18")
    assert ["note.random-weights", "note.truncated"] == [
        one.id for one in ran(events=(note,), truncated=True).notes
    ]


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
    execution(made, lambda cell: "")
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
