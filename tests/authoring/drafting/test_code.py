"""Code whose answer nobody marked: what is given stays, what computes is taken out."""

from __future__ import annotations

import ast
from textwrap import dedent

import pytest

from grader.authoring.drafting.code import computes, is_given, take_out
from grader.authoring.drafting.solved import Placeholders, SolvedCell
from grader.authoring.drafting.syntax import imported_names, names_bound

PLACEHOLDERS = Placeholders("# your code here", "*Write your answer here.*")
MODULES = ("torch", "np")


def taken_out(source: str, *, keep_given: bool = True) -> str | None:
    cell = SolvedCell("code", dedent(source).strip("\n"))
    return take_out(cell, PLACEHOLDERS, MODULES, keep_given=keep_given).handout


@pytest.mark.parametrize(
    ("statement", "given"),
    [
        ("import torch", True),
        ("torch.manual_seed(3)", True),
        ("x = torch.tensor([1., 2.])", True),
        ("lr, steps = 0.1, 20", True),
        ("w = torch.ones(3, requires_grad=True)", False),
        ("x = torch.Tensor([1, 2])", True),
        ("x = torch.rand(3)", False),
        ("model = nn.Linear(2, 1)", False),
        ("y = 2 * x", False),
        ("x[0] = 3", False),
        ("print(3)", False),
        ("def f(a): return a", False),
    ],
)
def test_what_only_sets_the_scene_is_given(statement, given):
    assert given == is_given(ast.parse(statement).body[0], MODULES)


def test_data_before_an_answer_stays():
    assert "# Task 1\nx = torch.ones(3)\n# your code here" == taken_out(
        "# Task 1\nx = torch.ones(3)\n\ny = 2 * x\ny"
    )


def test_comments_that_explain_an_answer_go_with_it():
    assert "lr = 0.1\n# your code here" == taken_out(
        "lr = 0.1\n# the step goes downhill\nw = w - lr * g"
    )


def test_a_comment_that_says_the_answer_goes_though_it_opens_the_cell():
    assert "# your code here" == taken_out("# Solution: it is 14\ny = 2 * x")


def test_an_answer_that_is_data_is_taken_out_as_a_whole():
    assert "# your code here" == taken_out("x = torch.ones(3)", keep_given=False)


def test_of_a_function_its_first_line_and_its_docstring_stay():
    source = '''
        def mse(a,
                b):
            """The mean of squares."""
            return ((a - b) ** 2).mean()

        mse(x, y)
    '''
    expected = 'def mse(a,\n        b):\n    """The mean of squares."""\n    # your code here'
    assert expected == taken_out(source)


def test_of_a_function_without_docstring_the_handout_parses():
    assert "def f(a):\n    # your code here\n    ..." == taken_out("def f(a):\n    return a + 1")


def test_magics_stay():
    assert "%%time\n# your code here" == taken_out("%%time\ny = 2 * x")


@pytest.mark.parametrize(
    ("source", "does"),
    [
        ("x", False),
        ("print(f'{x:.2f}')", False),
        ("plt.plot(x)", False),
        ("x = torch.ones(2)", False),
        ("print(x.mean())", True),
        ("y = x + 1", True),
        ("w.backward()", True),
    ],
)
def test_a_cell_that_shows_or_gives_computes_nothing(source, does):
    assert does == computes(source, MODULES)


def test_names_that_are_written_into_are_bound():
    assert ["a", "w", "b", "c"] == names_bound(
        ast.parse("a = 1\nw.data -= 2\nfor i in x:\n    b, (c, _) = i")
    )[:4]


def test_imported_names_are_those_that_code_says():
    assert {"torch", "np", "nn"} == imported_names(
        ["import torch, numpy as np", "from torch import nn"]
    )
