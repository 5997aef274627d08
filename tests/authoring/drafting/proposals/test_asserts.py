"""Test cells of other graders: expressions, so that what they compare with stays out of kernels."""

from __future__ import annotations

import pytest

from grader.authoring.drafting.proposals.asserts import expressions_of
from grader.authoring.drafting.proposals.choose import proposals_for
from grader.trace import Bool, Number
from tests.authoring.drafting.proposals.notebooks import observed, task_of

ANSWER = "def f(a):\n    return a + 1"


@pytest.mark.parametrize(
    ("test", "equal", "holds"),
    [
        ("assert f(2) == 3", ["f(2)"], []),
        ("assert 3 == f(2)", ["f(2)"], []),
        ("assert f(1) == 2 and f(2) == 3", ["f(1)", "f(2)"], []),
        ("assert torch.allclose(f(x), torch.ones(3))", ["f(x)"], []),
        ("np.testing.assert_allclose(f(2), 3, atol=1e-4)", ["f(2)"], []),
        ("assert f(x).equal(y)", ["f(x)"], []),
        ("assert round(f(2), 3) == 3.0", ["f(2)"], []),
        ("assert isinstance(f(x), torch.Tensor)", [], ["isinstance(f(x), torch.Tensor)"]),
        ("assert f(None) is None", ["f(None)"], []),
    ],
)
def test_an_assertion_becomes_an_expression(test, equal, holds):
    read = expressions_of(task_of(ANSWER, tests=[test]))
    assert (equal, holds, True) == (read.equal, read.holds, read.is_whole)


def test_the_expressions_of_all_test_cells_are_asked_with_what_they_set_up():
    task = task_of(ANSWER, tests=["a = 2\nassert f(a) == 3", "assert f(5) == 6"])
    tried = {"'f(a)'": [Number(value=3)], "'f(5)'": [Number(value=6)]}
    first = proposals_for(task, observed(task, {}, tried=tried))[0]
    assert {"setup": "a = 2", "equal": ("f(a)", "f(5)")} == first.fields


def test_a_test_cell_that_no_expression_says_comes_over_as_it_is():
    test = "try:\n    f(None)\nexcept TypeError:\n    pass\nelse:\n    assert False"
    task = task_of(ANSWER, tests=[test])
    first = proposals_for(task, observed(task, {}, tried={"f": [Bool(value=True)]}))[0]
    assert {"code": test, "hidden": True} == first.fields
