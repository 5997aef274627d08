"""When a series is the one asked for, and what is off in one that is not."""

from __future__ import annotations

import math

import pytest

from grader.assignment import SeriesRules
from grader.grading.series import as_series, compare_series, does_fall, is_like_mistake
from grader.trace import Array
from tests.support.traces import numbers, tensor, value_of

RULES = SeriesRules()
CURVE = numbers(8.0, 4.0, 2.0, 1.0)


def faults(value: Array, rules: SeriesRules = RULES, expected: Array = CURVE) -> tuple[str, ...]:
    return compare_series(value, expected, rules, 1e-6).faults


@pytest.mark.parametrize(
    "value",
    [numbers(2, 1), tensor(2, 1), tensor(2, 1, shape=(2, 1)), tensor(2, 1, dtype="float64")],
)
def test_numbers_in_a_row_are_a_series_whatever_holds_them(value):
    assert value == as_series(value)


@pytest.mark.parametrize(
    "value",
    [3.0, "text", True, tensor(1), tensor(1, 0, dtype="bool"), tensor(4, 3, 2, 1, shape=(2, 2))],
)
def test_what_is_not_in_a_row_is_no_series(value):
    assert as_series(value_of(value)) is None


def test_a_series_that_begins_elsewhere_and_ends_there_is_right():
    assert () == faults(numbers(100.0, 3.0, 2.0, 1.02))


def test_a_series_that_is_one_short_is_said_so():
    off = compare_series(numbers(8.0, 4.0, 1.0), CURVE, RULES, 1e-6)
    assert (("length",), 3, 4) == (off.faults, off.length, off.expected_length)


def test_a_series_that_rises_does_not_fall_and_ends_elsewhere():
    assert ("falls", "end") == faults(numbers(1.0, 2.0, 4.0, 8.0))


def test_a_series_that_ends_outside_of_the_band_is_said_so():
    assert ("end",) == faults(numbers(8.0, 4.0, 2.0, 1.06))


def test_the_rules_say_what_is_asked():
    free = SeriesRules(length="any", falls=False, band=1.0)
    assert () == faults(numbers(0.5, 2.0), free)


@pytest.mark.parametrize(
    ("series", "falls"),
    [
        ([8, 4, 2, 1], True),
        ([8, 2, 1, 1.0000001, 1], True),
        ([8, 2, 2.6, 1], True),
        ([8, 2, 2.8, 1], False),
        ([8, 9, 2, 1], False),
        ([1, 1, 1], False),
        ([8, 4, math.nan], False),
        ([math.inf, 4, 1], False),
        ([8, 1, 7.9], False),
    ],
    ids=[
        "halves",
        "trembles",
        "wavers",
        "leaps",
        "rises first",
        "still",
        "NaN",
        "infinity",
        "swings",
    ],
)
def test_a_series_falls_if_it_ends_below_and_hardly_rises_on_the_way(series, falls):
    assert falls == does_fall(series, 0.1)


def test_of_a_mistake_whose_series_falls_the_length_and_the_end_count():
    assert is_like_mistake(numbers(9.0, 4.0, 2.0, 1.005), CURVE, RULES, 1e-6)
    assert not is_like_mistake(numbers(9.0, 4.0, 2.0, 1.03), CURVE, RULES, 1e-6)


def test_of_a_mistake_whose_series_does_not_fall_each_value_counts():
    runaway = numbers(1.0, 10.0, 100.0, math.inf)
    assert is_like_mistake(numbers(1.0, 10.0, 100.0, math.inf), runaway, RULES, 1e-6)
    assert not is_like_mistake(numbers(1.0, 20.0, 100.0, math.inf), runaway, RULES, 1e-6)
    assert not is_like_mistake(numbers(1.0, 0.5, 0.4, 0.1), runaway, RULES, 1e-6)
