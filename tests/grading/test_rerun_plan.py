"""A trace says which cells have to run again, and what has to be made or confirmed."""

from __future__ import annotations

import pytest

from grader.grading.follows_data import CONFIRMATION
from grader.grading.rerun_plan import cells_of_interest, lacks_an_answer, needs_confirmation
from grader.grading.search import Values
from grader.job import VariedNumbers
from grader.trace import CellRun, Trace
from tests.support.small_course import (
    COURSE,
    KNOWN,
    NET,
    evaluated,
    submitted,
)
from tests.support.traces import (
    VARIANTS,
    draws,
    graph,
    knowledge,
    numbers,
    run,
    sets,
    tensor,
    trace,
)


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
    data = VariedNumbers(name="x", original=numbers(0.0, 1.0, 2.0), variants=())
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
