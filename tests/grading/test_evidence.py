"""Any value can be shown."""

from __future__ import annotations

import math

import pytest

from grader.grading.evidence import show
from grader.trace import Module, Other
from tests.support.small_course import (
    NET,
)
from tests.support.traces import (
    numbers,
    tensor,
    value_of,
)


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
        (Module(name="Net", parameters=3), "Net(3)"),
        (Other(type="set"), "set"),
    ],
)
def test_any_value_can_be_shown(value, text):
    assert text == show(value_of(value))
