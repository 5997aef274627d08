"""Which functions need a package that is not there."""

from __future__ import annotations

import pytest

from grader.grading.unmet_names import packages_in_functions
from grader.trace import CellRun, CodeCell, Run, Trace
from tests.support.traces import happens


def found(*sources: str) -> dict[int, str]:
    """The packages that functions of some cells need, where `helper` is not there."""
    cells = tuple(CodeCell(cell=index, source=source) for index, source in enumerate(sources))
    note = happens("note", {}, text="missing helper", cell=0)
    ended = tuple(CellRun(cell=cell.cell, status="ok") for cell in cells)
    run = Run(label="base", cells=ended, events=(note,))
    return packages_in_functions(Trace(cells=cells, runs=(run,)))


@pytest.mark.parametrize(
    ("imports", "function"),
    [
        ("import helper", "def f(x):\n    return helper.mse(x)"),
        ("import helper.losses as h", "f = lambda x: h.mse(x)"),
        ("from helper import mse", "def f(x):\n    return mse(x).sqrt()"),
        (
            "from helper.nets import Block as B",
            "class Net:\n    def g(self, x):\n        return B(x)",
        ),
        ("from helper import *", "def f(x):\n    return mse(x)"),
        ("import torch", "def f(x):\n    from helper import mse\n    return mse(x)"),
    ],
)
def test_a_function_that_needs_it_is_found(imports: str, function: str) -> None:
    assert {1: "helper"} == found(imports, function)


@pytest.mark.parametrize(
    ("imports", "code"),
    [
        ("import helper", "def f(x):\n    return (x ** 2).mean()"),
        ("import helper", "def f(helper):\n    return helper ** 2"),
        ("import helper", "loss = helper.mse(3)"),
        ("from helper import *", "def f(x):\n    return sum(x) / len(x)"),
        ("from helper import *", "scale = 2\ndef f(x):\n    y = scale * x\n    return y"),
        ("from helper import *\nimport math", "def f(x):\n    return math.sqrt(x)"),
        ("from helper import *", "def f(x):\n    def g(y):\n        return y\n    return g(x)"),
        ("from helper import *", "def f(x):\n    def g():\n        return x\n    return g()"),
        ("import torch", "def f(x):\n    return helper.mse(x)"),
    ],
)
def test_others_are_not(imports: str, code: str) -> None:
    assert {} == found(imports, code)
