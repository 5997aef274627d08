"""A value in short: what stands beside the line that left it."""

from __future__ import annotations

import math

import pytest

from grader.outputs.values import in_short
from grader.trace import Module, Other
from tests.outputs.terminal.test_tables import HOSTILE
from tests.support.traces import graph, numbers, tensor, value_of


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (value_of(14.0), "14"),
        (value_of(-0.0279884341), "-0.0279884"),
        (value_of(math.nan), "nan"),
        (value_of(True), "True"),
        (value_of("lr"), "'lr'"),
        (tensor(3.799999952), "3.8"),
        (tensor(3.8, shape=(1, 1)), "3.8"),
        (tensor(0, 1, 2, 3), "[0, 1, 2, 3]"),
        (tensor(0, 1, 2, 3, shape=(2, 2)), "[[0, 1], [2, 3]]"),
        (tensor(0, 1, shape=(2, 1)), "[[0], [1]]"),
        (tensor(shape=(0,)), "[]"),
        (tensor(1, 0, dtype="bool"), "[True, False]"),
        (numbers(14.0), "[14]"),
        (tensor(*[1 / 3] * 10), "10 [0.3333, 0.3333, 0.3333, …]"),
        (tensor(*[0.5] * 64, shape=(1, 3, 224, 224)), "1×3×224×224 [0.5, 0.5, 0.5, …]"),
        (tensor(shape=(1 << 30,)), "1073741824"),
        (tensor(1, shape=(2, 2)), "2×2 [1, …]"),
        (graph("A", "B"), "graph of 2 nodes"),
        (Module(name="Linear", parameters=1), "Linear, 1 parameter"),
        (Other(type="Path"), "Path"),
    ],
)
def test_a_value_is_short(value, shown):
    assert shown == in_short(value, "en")


def test_what_is_no_number_is_counted_where_most_is_not_shown():
    few = tensor(*[1.0] * 8, math.nan, math.inf)
    many = tensor(*[1.0] * 64, shape=(100,), summary=(3.0, 0.0, 0, 0, 0, 0))
    assert ["10 [1, 1, 1, …] 1 nan 1 inf", "100 [1, 1, 1, …] 3 nan"] == [
        in_short(one, "en") for one in (few, many)
    ]


def test_a_long_text_is_cut():
    assert f"'{'a' * 60}…'" == in_short(value_of("a" * 100), "en")


@pytest.mark.parametrize(
    "value", [value_of(HOSTILE.replace("\ud800", "")), Module(name=HOSTILE[:9], parameters=1)]
)
def test_a_hostile_value_is_harmless(value):
    assert in_short(value, "en").isprintable()
