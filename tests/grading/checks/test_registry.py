"""The registry holds one object per check."""

from __future__ import annotations

from typing import get_args

import pytest

from grader.assignment import CHECK_FIELDS, READ_BY_A_PERSON, CheckName
from grader.grading.checks.registry import (
    AUTOMATIC,
    CHECKS,
    REVIEWED,
    check_named,
    check_of,
    propose_check,
)
from grader.trace import Text
from tests.support.traces import exercise, graph, numbers, tensor, value_of


def test_every_name_that_an_assignment_may_say_has_its_check():
    assert get_args(CheckName) == tuple(CHECKS)


def test_a_person_decides_by_the_checks_that_the_assignment_names_so():
    assert READ_BY_A_PERSON == set(REVIEWED)


def test_only_checks_have_fields_of_their_own():
    assert set(CHECKS) >= set(CHECK_FIELDS)


def test_values_and_series_follow_the_data():
    assert ["value", "series"] == [name for name in CHECKS if CHECKS[name].follows_data]


def test_numbers_decide_values_series_and_functions():
    assert ["value", "series", "function"] == [n for n in CHECKS if CHECKS[n].is_measured]


def test_a_check_of_a_newer_report_is_not_known():
    assert check_named("essay") is None


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (3.8, "value"),
        (tensor(1.0, 2.0), "value"),
        (numbers(1.0, 2.0), "value"),
        (graph("AddBackward0"), "graph"),
        (graph(), ""),
        (float("nan"), ""),
        (tensor(1.0, float("inf")), ""),
        (Text(value="text"), ""),
    ],
)
def test_the_first_check_that_fits_a_value_is_proposed(value, name):
    assert name == propose_check(value_of(value))


NEEDED_FIELDS = {
    "function": {"function": "f", "calls": ("1", "2")},
    "test": {"holds": ("x > 1",)},
    "score": {"of": "net", "with": "net(1)", "at_least": 1.0},
    "module": {"module": "Net", "inputs": ("1",)},
    "figure": {"figure": {"labels": True}},
}


@pytest.mark.parametrize("name", AUTOMATIC)
def test_a_strict_tolerance_is_never_wider_than_the_exercises_own(name):
    narrow = exercise("step", name, rtol=1e-9, atol=1e-12, **NEEDED_FIELDS.get(name, {}))
    check = check_of(narrow)
    assert check.strict_tolerance(narrow).atol == check.tolerance(narrow).atol
    assert check.strict_tolerance(narrow).rtol <= check.tolerance(narrow).rtol


def test_a_narrow_band_of_a_series_stays_narrow():
    curve = exercise("curve", "series", series={"band": 1e-6})
    assert 1e-6 == check_of(curve).strict_tolerance(curve).rtol
