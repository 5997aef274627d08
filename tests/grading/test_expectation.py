"""An expectation says which share of the points a value earns."""

from __future__ import annotations

import math

import pytest

from grader.grading.agreement import Tolerance, agrees
from grader.trace import BASE, Bool, Items, Number, Text
from tests.support.traces import alternatives, expects, tensor

NAN, INF = math.nan, math.inf
HUGE = 10.0**308


def test_what_is_expected_depends_on_the_run():
    expected = expects(3.8, 5.6)
    assert [1.0, 0.0] == [expected.matches(Number(value=3.8), run) for run in (BASE, "variant-1")]


def test_a_run_nobody_spoke_of_matches_nothing():
    assert expects(3.8).matches(Number(value=3.8), "variant-9") == 0


def test_the_alternative_that_earns_most_counts():
    expected = alternatives((0.75, [45.36]), (1.0, [45.36]), (0.5, [45.36]))
    assert expected.matches(Number(value=45.36), BASE) == 1


def test_a_partial_alternative_earns_its_share():
    expected = alternatives((1.0, [31.36]), (0.75, [45.36]))
    assert expected.matches(tensor(45.36), BASE) == 0.75


def test_of_alternatives_the_half_precise_one_alone_is_wider():
    expected = alternatives((1.0, [3.8]), (0.5, [tensor(3.8, dtype="float16")]))
    assert expected.matches(Number(value=3.803), BASE) == 0.5


@pytest.mark.parametrize(
    ("printed", "half_unit"), [(31.4, 0.05), (31.36, 0.005), (31.360001, 5e-7)]
)
def test_a_printed_number_agrees_to_its_printed_precision(printed, half_unit):
    assert expects(31.36).matches_printed(printed, half_unit, BASE) == 1


def test_a_printed_number_further_off_than_half_a_unit_does_not_agree():
    assert expects(31.36).matches_printed(31.4, 0.005, BASE) == 0


def test_a_printed_number_agrees_with_no_tensor_of_several():
    assert expects(tensor(1, 2)).matches_printed(1.0, 0.5, BASE) == 0


def test_a_printed_infinity_agrees_with_no_number():
    assert expects(31.36).matches_printed(INF, INF, BASE) == 0


def test_an_answer_that_is_the_same_in_every_run_is_constant():
    assert expects(1.0, 1.0, 1.0).is_constant
    assert expects(tensor(1, 1), tensor(1, 1)).is_constant
    assert not expects(1.0, 1.0, 2.0).is_constant


def test_one_run_alone_says_nothing_of_constancy():
    assert not expects(1.0).is_constant


def test_all_numbers_of_an_expectation_can_be_listed():
    assert expects(3.8, tensor(1, 2), "text").numbers() == (3.8, 1.0, 2.0)


VALUES = (
    Number(value=1.0),
    Bool(value=True),
    Text(value="1"),
    tensor(1.0),
    tensor(1.0, 2.0),
    tensor(1.0, 2.0, 3.0),
    tensor(1.0, 0.0, dtype="bool"),
    tensor(1.0, dtype="bool"),
    Items(form="list", entries=(Bool(value=True), Bool(value=False))),
    Items(form="dict", keys=("'a'", "'b'"), entries=(Number(value=1.0), Number(value=2.0))),
)


def test_a_value_earns_points_where_it_agrees():
    for value in VALUES:
        for expected in VALUES:
            earned = alternatives((1.0, [expected])).matches(value, BASE) > 0
            assert agrees(value, expected, Tolerance()) == earned, (value, expected)
