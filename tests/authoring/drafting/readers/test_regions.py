"""Marks around answers: what stays in the reference, what students get."""

from __future__ import annotations

import ast
from textwrap import dedent

import pytest

from grader.authoring.drafting.readers.regions import has_marks, read_regions, strip_details
from grader.authoring.drafting.solved import DraftCell, DraftLine, Placeholders, SolvedCell

PLACEHOLDERS = Placeholders("# your code here", "*Write your answer here.*")


def read(source: str, kind: str = "code") -> DraftCell:
    return read_regions(SolvedCell(kind, dedent(source).strip("\n")), PLACEHOLDERS)  # type: ignore[arg-type]


def test_a_region_is_replaced_by_a_placeholder():
    cell = read("a = 1\n### BEGIN SOLUTION\nb = a + 1\n### END SOLUTION\nprint(b)")
    assert ("a = 1\n# your code here\nprint(b)", "a = 1\nb = a + 1\nprint(b)") == (
        cell.handout,
        cell.source,
    )


def test_a_function_whose_body_is_an_answer_still_parses():
    cell = read("def f(a):\n    ### BEGIN SOLUTION\n    return a + 1\n    ### END SOLUTION")
    assert "def f(a):\n    # your code here\n    ..." == cell.handout
    ast.parse(cell.handout or "")


def test_hidden_tests_are_in_neither_notebook():
    cell = read("assert f(1) == 2\n### BEGIN HIDDEN TESTS\nassert f(2) == 3\n### END HIDDEN TESTS")
    assert ("assert f(1) == 2",) * 2 == (cell.handout, cell.source)


@pytest.mark.parametrize(
    ("line", "handed"),
    [
        ("x = a + 1  # SOLUTION", "x = ..."),
        ("return x ** 2 # SOLUTION", "return ..."),
        ("plot(x) # SOLUTION", "..."),
        ("x = 3 # SOLUTION NO PROMPT", None),
        ("t[0] = f(a=1) # SOLUTION", "t[0] = ..."),
        ("if x == 3: y = 1 # SOLUTION", "..."),
        ("x = 3  # the SOLUTION of the task", "x = 3  # the SOLUTION of the task"),
    ],
)
def test_a_line_that_is_an_answer(line, handed):
    assert handed == read(line).handout


def test_a_prompt_stands_in_place_of_an_answer():
    cell = read(
        "# BEGIN SOLUTION NO PROMPT\nx = 3\n# END SOLUTION\n"
        '""" # BEGIN PROMPT\nx = ...\n""" # END PROMPT\nx'
    )
    assert ("x = ...\nx", "x = 3\nx") == (cell.handout, cell.source)


def test_what_was_written_below_your_code_here_is_the_answer():
    cell = read("def f(a):\n    # YOUR CODE HERE\n    return a + 1\n\nf(2)")
    assert "def f(a):\n    # your code here\n    ...\nf(2)" == cell.handout
    assert "def f(a):\n    return a + 1\n\nf(2)" == cell.source


def test_your_code_here_beside_a_region_is_no_second_placeholder():
    cell = read("# YOUR CODE HERE\n### BEGIN SOLUTION\nx = 3\n### END SOLUTION")
    assert "# your code here" == cell.handout


def test_a_region_in_a_text_is_replaced_by_a_paragraph():
    cell = read("Why?\n\n### BEGIN SOLUTION\nBecause.\n### END SOLUTION", "markdown")
    assert "Why?\n\n*Write your answer here.*" == cell.handout


def test_a_cell_without_marks_has_none():
    assert not has_marks(SolvedCell("code", "solution = 3  # the best SOLUTIONS"))


def test_solutions_to_unfold_are_not_for_students():
    text = "Task.\n\n<details>\n<summary>ReferenceFiles</summary>\n\nUse `sum`.\n</details>"
    cell = strip_details(DraftCell("markdown", tuple(DraftLine(line) for line in text.split("\n"))))
    assert ("Task.", text) == (cell.handout, cell.source)


def test_hints_to_unfold_stay():
    text = "Task.\n<details><summary>Dica</summary>Use `sum`.</details>"
    assert (
        text
        == strip_details(
            DraftCell("markdown", tuple(DraftLine(line) for line in text.split("\n")))
        ).handout
    )
