"""What a student's own step gave is the value that an exercise may start from, and no other is."""

from __future__ import annotations

import pytest

from grader.grading.knowledge import Given
from grader.grading.own_steps import last_that_moves, own_steps
from grader.grading.search import Values, computed_candidates
from grader.trace import BASE, Event
from tests.support.traces import run, sets, shows, steps, tensor, trace

STEP = "w_new = w - 0.3 * w.grad"
KINDS = ("value", "step", "shown")


def names_of_steps(*events: Event, source: str = STEP) -> list[str]:
    """Return the names of what the steps of a cell gave."""
    made = trace(run(*events), sources=[source])
    candidates = computed_candidates(Values(made), BASE, KINDS)
    return [candidate.place.path for candidate in own_steps(made, candidates, "w")]


def given(*elements: float, line: str = "") -> Given:
    """Make a value that has these elements in the base run and the variants."""
    by_run = tuple((f"run-{index}", (element,)) for index, element in enumerate(elements))
    return Given("loss", by_run, line)


def test_the_value_of_a_step_is_one():
    assert ["w_new"] == names_of_steps(sets("w_new", 9.4, source=STEP))


def test_the_parameters_after_an_optimizer_s_step_are_one_the_weight_before_the_bias():
    after = steps("net.weight", tensor(9.4))
    bias = tensor(0.5)
    after = after.model_copy(update={"values": after.values | {"net.bias": bias}})
    assert ["net.weight"] == names_of_steps(after, source="opt.step()")


@pytest.mark.parametrize("turn", ["2", "last"])
def test_what_a_loop_tried_several_times_is_none(turn: str):
    tried = [sets("w_new", 9.4, source=STEP), sets("w_new", 3.1, source=STEP, turn=turn)]
    assert [] == names_of_steps(*tried)


def test_another_value_of_the_same_line_is_none():
    assert [] == names_of_steps(sets("lr", 0.3, source=STEP))


def test_what_is_shown_without_a_step_is_none():
    assert [] == names_of_steps(shows(9.4, source="w - 5"), source="w - 5")


def test_the_last_value_that_moves_with_the_data_counts():
    first, last = given(9.4, 7.2, line="first"), given(3.1, 2.2, line="last")
    typed_in = given(5.0, 5.0)
    assert [last] == last_that_moves([first, last, typed_in])


def test_none_counts_that_stays_the_same():
    assert [] == last_that_moves([given(5.0, 5.0)])


def test_all_may_count_before_the_variants_ran():
    assert [given(9.4), given(5.0)] == last_that_moves([given(9.4), given(5.0)])
