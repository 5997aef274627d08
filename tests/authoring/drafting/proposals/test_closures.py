"""Functions that return a function: what they return is called."""

from __future__ import annotations

from grader.authoring.drafting.proposals.choose import proposals_for
from grader.trace import Number
from tests.authoring.drafting.proposals.notebooks import observed, task_of

POWER = """
    def power(n):
        def raised(x):
            return x**n
        return raised
"""
SEEN = {"n": Number(value=2), "x": Number(value=1.5)}


def test_what_a_function_returns_is_called_with_numbers_like_those_it_had():
    task = task_of(POWER, after="for n in (2, 3):\n    f = power(n)\n    f(1.5)")
    tried = {"power(2)(1.5)": [Number(value=2.25)], "power(3)(2.25)": [Number(value=11.390625)]}
    first = proposals_for(task, observed(task, SEEN, tried=tried))[0]
    assert ("test", {"equal": ("power(2)(1.5)", "power(3)(2.25)")}) == (first.check, first.fields)


def test_a_function_with_a_result_that_was_never_called_waits_for_a_person():
    task = task_of(POWER, after="f = power(2)")
    seen = observed(task, {"n": Number(value=2)}, tried={"power(": [Number(value=1)]})
    assert all("raised" not in str(each.fields) for each in proposals_for(task, seen))
