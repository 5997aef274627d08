"""What functions of the student's return holds without the ways of its class."""

from __future__ import annotations

from typing import Any

import pytest

from grader.kernel.probing.assertions import AssertionRun
from grader.kernel.probing.call_results import CallResults

ANYTHING = """
class Anything:
    def __eq__(self, other): return True
    def __getattr__(self, name): return self
    def __call__(self, *args): return self
def f(x): return Anything()
def several(x): return [Anything(), Anything()]
"""
TENSOR = """
class Tensor(torch.Tensor):
    def __eq__(self, other): return True
    def min(self): return 0
def f(x): return x.as_subclass(Tensor)
"""
VECTOR = """
class Vector(tuple):
    def __add__(self, other): return Vector(a + b for a, b in zip(self, other))
    def norm(self): return sum(a * a for a in self) ** .5
"""


NAMED = ("f", "several", "Vector", "A")
"""What the author's code calls by name."""


def notebook(code: str) -> dict[str, Any]:
    """The names of a notebook."""
    names: dict[str, Any] = {"__name__": "__main__"}
    exec(f"import torch\n{code}", names)
    return names


def given(code: str, expression: str) -> tuple[Any, Any]:
    """What an expression gives, and what it gives without the notebook's own ways."""
    names = notebook(code)
    first = CallResults(NAMED)
    result = first.give(expression, dict(names))
    if not first.has_overrides:
        return result, result
    return result, CallResults(NAMED, makes_plain=True).give(expression, dict(names))


@pytest.mark.parametrize(
    ("code", "expression"),
    [
        (ANYTHING, "f(3) == 9"),
        (ANYTHING, "several(3)[1] == 9"),
        (ANYTHING, "getattr(f(3), 'item', len) == 9"),
        (TENSOR, "bool(f(torch.ones(2)).min() == 0)"),
    ],
)
def test_a_result_that_answers_anything_does_not_hold(code, expression):
    result, without = given(code, expression)
    assert (True, False) == (bool(result), bool(without))


@pytest.mark.parametrize(
    ("code", "expression"),
    [
        ("def f(x): return 2 * x", "f(torch.ones(2)).sum().item() == 4"),
        ("def f(x): return [x, x]", "f(1) == [1, 1]"),
        (VECTOR, "(Vector((3, 4)) + Vector((0, 0))).norm() == 5"),
        ("class A:\n    def __eq__(self, other): return False", "A() != A()"),
    ],
)
def test_honest_results_hold(code, expression):
    assert (True, True) == given(code, expression)


def test_a_list_is_the_same_list():
    names = notebook("kept = []\ndef f(): return kept")
    assert CallResults(NAMED).give("f() is kept", names)


def test_a_function_that_returns_anything_passes_no_test_cell():
    names = notebook(ANYTHING)
    run = AssertionRun("assert f(2) == 4", shares=True)
    run.run(dict(names), CallResults(NAMED, makes_plain=True))
    assert [False] == [result.holds for result in run.results]
