"""Objects of a notebook are taken by what they hold, past what their classes say."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from grader.kernel.probing.overrides import without_overrides


def made(code: str) -> Any:
    """Make `x` by code of a notebook."""
    names: dict[str, Any] = {"__name__": "__main__"}
    exec(f"import collections, enum, dataclasses, torch\nimport numpy as np\n{code}", names)
    return names["x"]


LYING = {
    "a list that says what it holds": (
        "class L(list):\n    def __getitem__(self, i): return 0\nx = L([5., 6.])",
        [5.0, 6.0],
    ),
    "a number that is near anything": (
        "class N(float):\n    def __rsub__(self, o): return 0.\nx = N(3)",
        None,
    ),
    "numbers of such a class in a list": (
        "class N(float):\n    def __lt__(self, o): return True\nx = [1., N(3)]",
        None,
    ),
    "an object that equals anything": (
        "class A:\n    def __getattr__(s, n): return s\n    def __eq__(s, o): return True\nx = A()",
        None,
    ),
}

HONEST = {
    "a number": "x = 3.5",
    "a tensor": "x = torch.ones(2)",
    "a parameter": "x = torch.nn.Parameter(torch.ones(2))",
    "a tuple with names": "x = collections.namedtuple('P', 'x y')(1, 2)",
    "a dict with attributes": ("class D(dict):\n    __getattr__ = dict.get\nx = D(lr=.1)"),
    "a data class": "@dataclasses.dataclass\nclass P:\n    a: int\nx = P(1)",
    "a choice": "class C(enum.IntEnum):\n    A = 1\nx = C.A",
    "a vector with operators": (
        "class V:\n    def __init__(s, a): s.a = a\n    def __add__(s, o): return V(s.a + o.a)\n"
        "    def __eq__(s, o): return s.a == o.a\nx = V(1)"
    ),
    "a network": "class N(torch.nn.Module):\n    def forward(s, z): return z\nx = N()",
    "a class": "class V:\n    def __eq__(s, o): return True\nx = V",
    "a counter": "x = collections.Counter('ab')",
}


@pytest.mark.parametrize(("code", "held"), LYING.values(), ids=LYING)
def test_what_answers_by_its_class_is_taken_by_what_it_holds(code, held):
    assert {"x": held} == without_overrides({"x": made(code)})


def test_a_class_that_says_it_is_a_librarys_is_the_notebooks():
    code = """
class A:
    __module__ = "torch"
    def __getattr__(self, name): return self
    def __eq__(self, other): return True
x = A()
"""
    assert {"x": None} == without_overrides({"x": made(code)})


def test_a_class_of_a_module_that_was_handed_in_is_the_students(monkeypatch):
    names: dict[str, Any] = {"__name__": "helper"}
    exec("class L(list):\n    def __eq__(self, other): return True\nx = L([1])", names)
    objects = {"x": names["x"]}
    assert without_overrides(objects) is None
    monkeypatch.setattr("grader.kernel.probing.overrides.OWN_MODULES", {"helper"})
    assert without_overrides(objects) is not None


def test_a_method_that_a_notebook_adds_to_a_library_is_none_of_its_ways():
    code = "torch.Tensor.twice_ = lambda self: self * 2\nx = torch.ones(2)"
    try:
        assert without_overrides({"x": made(code)}) is None
    finally:
        del torch.Tensor.twice_


def test_a_tensor_of_a_class_of_its_own_is_a_plain_one():
    code = """
class S(torch.Tensor):
    @classmethod
    def __torch_function__(cls, f, types, args=(), kwargs=None): return True
x = torch.ones(2).as_subclass(S)
"""
    taken = without_overrides({"x": made(code)})
    assert taken is not None
    assert ("Tensor", [1.0, 1.0]) == (type(taken["x"]).__name__, taken["x"].tolist())


@pytest.mark.parametrize("code", HONEST.values(), ids=HONEST)
def test_what_honest_notebooks_make_is_taken_as_it_is(code):
    assert without_overrides({"x": made(code)}) is None
