"""Marks of courses around answers in code: what students get, and which lines answer."""

from __future__ import annotations

import ast
from textwrap import dedent

import pytest

from grader.authoring.drafting.readers.marked_code import MarkedCell, read_marked
from grader.authoring.drafting.solved import SolvedCell


def read(source: str) -> MarkedCell:
    return read_marked(SolvedCell("code", dedent(source).strip("\n")))


def handed(source: str) -> str | None:
    return read(source).cell.handout


def answers(source: str) -> list[list[int]]:
    return [sorted(spot.lines) for spot in read(source).spots]


@pytest.mark.parametrize(
    ("begin", "end"),
    [
        ("### START CODE HERE ###", "### END CODE HERE ###"),
        ("# BEGIN YOUR CODE", "# END YOUR CODE"),
        ("# *****START OF YOUR CODE*****", "# *****END OF YOUR CODE*****"),
        ("# YOUR CODE STARTS HERE", "# YOUR CODE ENDS HERE"),
        ("# TODO: the sum", "# END OF YOUR CODE"),
        ("# YOUR CODE HERE", "# END YOUR CODE"),
        ("# início do seu código", "# fim do seu código"),
        ("# Inicio de tu código", "# Fin de tu código"),
        ("# À COMPLÉTER", "# FIN"),
    ],
)
def test_what_stands_between_two_marks_is_the_answer(begin, end):
    source = f"x = 1\n{begin}\ns = x + 1\nt = s\n{end}\nu = 3"
    assert [[3, 4]] == answers(source)
    assert f"x = 1\n{begin}\n{end}\nu = 3" == handed(source)


@pytest.mark.parametrize(
    "mark",
    [
        "# TODO: the sum",
        "# TODO 2: the sum",
        "# ToDo: the sum",
        "# YOUR CODE HERE",
        "# your answer",
        "# TODO: your code here",
        "# seu código aqui",
        "## Your solution here",
        "# Write your code below",
        "'''TODO: the sum'''",
        "# À COMPLÉTER",
        "# à compléter : la somme",
        "# COMPLÉTER ICI",
        "# a completar",
        "# Da completare",
        "# zu ergänzen",
        "# TO BE COMPLETED",
    ],
)
def test_what_stands_below_a_mark_is_the_answer(mark):
    assert [[3]] == answers(f"x = 1\n{mark}\ns = x + 1")


@pytest.mark.parametrize(
    "comment",
    [
        "# todo o conjunto",
        "# the code",
        "# Your data",
        "# solution space",
        "# x is the answer",
        "# completa a matriz",
        "# complete batch",
        "# to complete the sum we add",
    ],
)
def test_other_comments_are_no_marks(comment):
    assert [] == answers(f"{comment}\ns = x + 1")


def test_the_boxes_around_marks_stay():
    source = """
        e = None
        ################
        # TODO: ones   #
        ################
        # Replace "pass" statement with your code
        e = torch.ones(7)
        ################
        #   END OF YOUR CODE   #
        ################
        print(e.shape == (7,))
    """
    assert [[6]] == answers(source)
    without = [line for line in dedent(source).strip().split("\n") if "ones(7)" not in line]
    assert "\n".join(without) == handed(source)


@pytest.mark.parametrize(
    ("line", "left"),
    [
        ("c = a + b  # TODO", "c = ...  # TODO"),
        ("c = a + b # TODO: the sum", "c = ...  # TODO: the sum"),
        ("return a + b  # YOUR CODE HERE", "return ...  # YOUR CODE HERE"),
    ],
)
def test_a_line_with_a_mark_at_its_end_is_the_answer(line, left):
    prefix = "def f(a, b):\n    " if line.startswith("return") else ""
    assert (prefix + left) == handed(prefix + line)


def test_a_marked_line_inside_a_statement_leaves_the_rest_of_it():
    source = "net = nn.Sequential(\n    nn.Linear(2, 3),  # TODO\n    nn.ReLU(),\n)"
    assert "net = nn.Sequential(\n    # TODO\n    nn.ReLU(),\n)" == handed(source)


@pytest.mark.parametrize(
    "source",
    [
        't = """\n# TODO: nothing\n### START CODE HERE\n"""\nprint(t)',
        "def f():\n    '''Returns one.\n\n    # TODO: more\n    '''\n    return 1",
        "print('# TODO: nothing')",
    ],
)
def test_there_are_no_marks_inside_strings(source):
    assert [] == answers(source)


def test_given_code_around_an_answer_in_a_function_stays():
    source = """
        def f(a):
            b = a + 1
            # TODO: square it
            c = b ** 2
            # END TODO
            return c

        f(2)
    """
    expected = """
        def f(a):
            b = a + 1
            # TODO: square it
            c = ...
            # END TODO
            return c

        f(2)
    """
    assert dedent(expected).strip("\n") == handed(source)


def test_a_mark_in_a_loop_asks_for_what_stands_in_the_loop():
    source = "for x in data:\n    # TODO: the loss\n    loss = f(x)\nlosses.append(loss)"
    assert [[3]] == answers(source)


def test_a_single_mark_in_a_function_asks_for_the_rest_of_it():
    source = (
        "def f(x):\n    # TODO: twice\n    y = x\n\n    # and again\n    y = y * 2\n    return y"
    )
    assert "def f(x):\n    # TODO: twice\n    y = ...\n    return y" == handed(source)


def test_each_of_several_marks_asks_for_its_paragraph():
    source = "# TODO: mean\nm = x.mean()\n\nz = x - m\n# TODO: spread\ns = z.std()\n\nprint(s)"
    assert [[2], [6]] == answers(source)


def test_a_mark_above_a_definition_with_marks_only_says_what_it_is_for():
    source = """
        '''TODO: add the layers'''
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                # TODO: the first
                self.first = nn.Linear(2, 3)

            def forward(self, x):
                return self.first(x)
    """
    assert [[6]] == answers(source)


def test_the_head_of_a_marked_definition_stays():
    source = "# TODO: the sum\ndef total(x):\n    return x.sum()"
    assert "# TODO: the sum\ndef total(x):\n    ..." == handed(source)


@pytest.mark.parametrize("gap", ["s = None", "s = ..."])
def test_a_placeholder_before_an_answer_stays(gap):
    assert f"# TODO: the sum\n{gap}" == handed(f"# TODO: the sum\n{gap}\ns = x.sum()")


@pytest.mark.parametrize("nothing", ["pass", "...", 'KEY = ""', "raise NotImplementedError('x')"])
def test_a_mark_above_a_placeholder_alone_has_no_answer(nothing):
    assert [] == answers(f"# TODO: fill in\n{nothing}")


def test_names_that_given_code_reads_get_a_placeholder():
    assert "# TODO: mean\nm = ...\nprint(m)" == handed("# TODO: mean\nm = x.mean()\nprint(m)")


@pytest.mark.parametrize("first", ["%matplotlib inline", "!pip install torch", "%%time"])
def test_a_cell_with_a_magic_stays_valid(first):
    source = f"{first}\nimport torch\n# TODO: one\ndef f():\n    return torch.ones(1)"
    assert f"{first}\nimport torch\n# TODO: one\ndef f():\n    ..." == handed(source)


def test_a_body_without_its_answer_is_still_python():
    handout = handed("for x in data:\n    # TODO: step\n    opt.step()\nprint(x)")
    assert "for x in data:\n    # TODO: step\n    ...\nprint(x)" == handout
    ast.parse(handout or "")
