"""Any value can be shown."""

from __future__ import annotations

import math

import pytest

from grader.grading.evidence import Places, show
from grader.grading.search import Values
from grader.trace import BASE, Module, Other
from tests.support.small_course import (
    NET,
)
from tests.support.traces import (
    numbers,
    run,
    sets,
    tensor,
    trace,
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


@pytest.mark.parametrize(
    ("source", "line", "told"),
    [
        ("y = f(x)", 2, ("y = f(x)", 2)),
        ("y = f(\n    x\n)", 3, ("y = f(\n    x\n)", 3)),
        ("return x + 1", 8, ("return x + 1", 0)),
    ],
)
def test_a_line_is_named_if_it_is_the_cells(source, line, told):
    """A function's lines are those of the cell that defines it."""
    given = trace(
        run(sets("y", 3.0, line=line, source=source)), sources=("x = 1\ny = f(x)  # of x\ny = f(",)
    )
    (candidate,) = Values(given).of(BASE, ("value",))
    evidence = Places(given, lambda _: "").evidence(candidate)
    assert evidence is not None
    assert told == (evidence.where.source, evidence.where.line)
