"""Values are found anywhere in a trace, by what they are and not by their names."""

from __future__ import annotations

import math

import pytest

from grader.grading.search import MAX_CANDIDATES, Values, candidates, find
from grader.trace import BASE
from tests.support.traces import (
    alternatives,
    draws,
    expects,
    gradient,
    graph,
    happens,
    numbers,
    prints,
    run,
    sets,
    shows,
    steps,
    tensor,
    trace,
)

EVERYWHERE = ("value", "step", "shown", "printed")


def found(*events, expected=45.36, look_in=EVERYWHERE):
    """The paths of the values that agree with a number."""
    values = Values(trace(run(*events)))
    return [one.candidate.place.path for one in find(values, look_in, expects(expected))]


def printed(text: str, reads: str = "J") -> list[tuple[str, float]]:
    """The numbers that a printed text may answer with: place and value."""
    there = candidates(run(prints(text, reads)), ("printed",), ())
    return [(one.place.path, one.value.value) for one in there]


# Where


@pytest.mark.parametrize(
    "name", ["J_new", "J2", "m.w", "res['depois']", "nova_perda", "x" * 10_000, ""]
)
def test_a_value_is_found_under_any_name(name):
    assert [name] == found(sets(name, 45.36))


def test_a_value_that_is_only_shown_is_found():
    assert [""] == found(shows(45.36))


def test_a_parameter_is_found_after_an_optimizers_step():
    assert ["net.weight"] == found(steps("net.weight", tensor(45.36)))


def test_a_later_right_answer_is_found_after_wrong_ones():
    assert ["c"] == found(sets("a", 1.0), sets("b", 2.0), sets("c", 45.36))


def test_every_right_value_is_found():
    assert ["a", "b"] == found(sets("a", 45.36), sets("b", tensor(45.36)))


def test_only_the_kinds_of_events_an_exercise_looks_in_count():
    events = [sets("a", -28.0), gradient("w", -28.0)]
    assert ["w.grad"] == found(*events, expected=-28.0, look_in=("grad",))
    assert ["a"] == found(*events, expected=-28.0)


def test_losses_kept_in_a_list_are_values_of_their_own():
    assert ["losses[1]"] == found(sets("losses", numbers(14, 45.36, 143)))


def test_the_elements_of_a_tensor_are_not():
    assert [] == found(sets("curve", tensor(14, 45.36, 143)))


def test_a_list_of_one_number_is_found_once():
    assert ["losses"] == found(sets("losses", numbers(45.36)))


def test_text_and_truth_are_no_answers():
    assert [] == found(sets("a", "1"), sets("b", True), expected=1.0)


def test_the_answer_that_earns_most_comes_first():
    values = Values(trace(run(sets("partial", 45.36), sets("whole", 31.36))))
    answers = alternatives((0.75, [45.36]), (1.0, [31.36]))
    assert ["whole", "partial"] == [
        one.candidate.place.path for one in find(values, EVERYWHERE, answers)
    ]


def test_cells_can_be_left_out():
    there = candidates(run(sets("a", 1.0, cell=0), sets("b", 1.0, cell=1)), EVERYWHERE, {0})
    assert ["b"] == [one.place.path for one in there]


# Printed numbers


@pytest.mark.parametrize(
    "text",
    ["J = 31.36", "31,36", "tensor(31.3600, grad_fn=<SumBackward0>)", "[31.36]", "3.136e+01"],
)
def test_a_printed_number_is_found(text):
    assert ["printed[0]"] == found(prints(text), expected=31.36)


@pytest.mark.parametrize("text", ["31", "3e1", "31.", "-31"])
def test_a_printed_number_without_decimals_is_not(text):
    assert [] == found(prints(text), expected=float(text))


@pytest.mark.parametrize("text", ["1.4", "0.03", "0,0012", "-0.050"])
def test_one_or_two_significant_digits_are_too_few(text):
    assert [] == printed(text)


def test_zeros_behind_are_significant():
    assert [("printed[0]", 14.0)] == printed("14.0")
    assert [("printed[0]", 100.0)] == printed("100.")


@pytest.mark.parametrize(
    ("text", "agrees"), [("31.4", True), ("31.36", True), ("31.3", False), ("31.37", False)]
)
def test_a_printed_number_counts_to_its_printed_precision(text, agrees):
    assert agrees == bool(found(prints(text), expected=31.36))


def test_the_exponent_counts_for_the_precision():
    assert ["printed[0]"] == found(prints("3.14e1"), expected=31.36)
    assert [] == found(prints("3.140e1"), expected=31.36)


def test_what_a_statement_prints_without_a_name_of_the_students_own_is_typed_in():
    assert [] == found(prints("45.36", reads=""))


@pytest.mark.parametrize("text", ["resnet45.36", "v1.45.36", "45.36.1", "45.36px", "1,234.56"])
def test_what_only_looks_like_a_number_is_none(text):
    assert [] == printed(text)


@pytest.mark.parametrize("before", ["14", "14.5", "-14", "1.4e+01"])
def test_a_neighbour_printed_with_or_without_decimals_moves_no_place(before):
    assert ("printed[1]", 45.36) == printed(f"{before} -> 45.36")[-1]


@pytest.mark.parametrize(
    "text", ["1.23e400", "1.23e-400", f"1.23e{'9' * 5000}", f"{'1' * 5000}.5", f"0.{'1' * 5000}"]
)
def test_numbers_beyond_the_range_of_floats_match_nothing(text):
    assert [] == found(prints(text))


def test_thousands_of_printed_numbers_are_read():
    assert 4_000 == len(printed("1.25 " * 4_000))


# What a trace may claim


@pytest.mark.parametrize("cell", [-1, 3, 10**9, -(10**9)])
def test_a_cell_that_the_notebook_does_not_have_holds_no_answer(cell):
    assert [] == found(sets("a", 45.36, cell=cell), prints("45.36", cell=cell))


def test_odd_values_are_passed_over():
    odd = [math.nan, math.inf, -math.inf, tensor(shape=(10**400,)), graph("", edges=[(5, 7)]), ""]
    assert [] == found(*(sets("a", value, line=10**9) for value in odd), draws(graph()))


def test_of_a_forged_trace_only_so_many_values_are_looked_at():
    event = sets("a", numbers(*range(64)))
    there = candidates(run(*[event] * (MAX_CANDIDATES // 64 + 1)), EVERYWHERE, ())
    assert MAX_CANDIDATES == sum(1 for _ in there)


# Places


def test_what_a_run_has_at_a_place_is_looked_up():
    values = Values(
        trace(run(sets("a", 1.0)), run(sets("a", 2.0), sets("b", 3.0), label="variant-1"))
    )
    (one,) = values.of(BASE, EVERYWHERE)
    assert [2.0] == [other.value.value for other in values.at("variant-1", one.place, EVERYWHERE)]


def test_a_cell_that_ran_twice_has_several_values_at_a_place():
    values = Values(trace(run(sets("a", 1.0), sets("a", 2.0))))
    place = values.of(BASE, EVERYWHERE)[0].place
    assert [1.0, 2.0] == [other.value.value for other in values.at(BASE, place, EVERYWHERE)]


def test_a_run_that_did_not_take_place_has_nothing():
    assert () == tuple(Values(trace()).of("variant-1", EVERYWHERE))


@pytest.mark.parametrize("field", ["cell", "line", "scope", "turn"])
def test_a_place_is_cell_line_scope_and_pass(field):
    other = {"cell": 1, "line": 2, "scope": "f", "turn": "last"}[field]
    values = Values(trace(run(sets("a", 1.0), happens("value", {"a": 1.0}, **{field: other}))))
    first, second = values.of(BASE, EVERYWHERE)
    assert first.place != second.place


# Claims


REACHING = trace(run(sets("w", 1.0)), sources=("import gc\ngc.get_objects()",))


def test_a_students_code_that_reaches_for_the_recorder_may_forge():
    assert Values(REACHING, is_claim=True).may_be_forged
    assert not Values(REACHING).may_be_forged


def test_what_a_students_code_cannot_have_given_is_left_out():
    misfit = trace(run(sets("w", 1.0, line=7)), sources=("w = 1",))
    assert [] == list(Values(misfit, is_claim=True).fitting().of(BASE, ("value",)))
    assert 1 == len(Values(misfit).fitting().of(BASE, ("value",)))
