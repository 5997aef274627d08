"""The statements of a cell are the same whatever its comments, formatting and texts."""

from __future__ import annotations

import pytest

from grader.batch.similarity.statements import (
    MAX_CELL,
    MAX_LINES,
    MAX_STATEMENTS,
    MAX_TOKENS,
    Name,
    read_statements,
)


def tokens(source: str) -> list[tuple[object, ...]]:
    return [statement.tokens for statement in read_statements(source)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("w = 1 # one", "w=1"),
        ("y = f(a,\n      b)", "y = f(a, b)"),
        ("print('before', w)", 'print("after", w)'),
        ("w = 0.1", "w = 28"),
        ("w -= g", "w = w - g"),
        ("w: float = g", "w = g"),
        ("a = 1; b = 2", "a = 1\nb = 2"),
        ("%matplotlib inline\nw = g", "!pip install torch\nw = g"),
        ('"""What it does."""\nw = g', "w = g"),
    ],
)
def test_what_does_not_matter_is_taken_away(one, other):
    assert [t for t in tokens(one) if t] == [t for t in tokens(other) if t]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("y = x.sum()", "y = x.mean()"),
        ("y = a + b", "y = a - b"),
        ("f(x, dim=1)", "f(x, keepdim=1)"),
        ("y = 1", "y = True"),
    ],
)
def test_what_matters_is_kept(one, other):
    assert tokens(one) != tokens(other)


def test_the_head_of_a_loop_and_what_is_in_it_are_statements_of_their_own():
    source = "for i in r:\n    if i:\n        a = 1\n    else:\n        b = 2\nc = 3"
    assert [1, 2, 3, 5, 6] == [statement.line for statement in read_statements(source)]


def test_what_is_below_try_and_match_is_read():
    attempt = "try:\n    a = 1\nexcept E:\n    b = 2\nfinally:\n    c = 3"
    source = f"{attempt}\nmatch c:\n    case 1:\n        d = 4"
    assert {"a", "b", "c", "d"} == {
        name for statement in read_statements(source) for name in statement.binds
    }


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("a, (b, *c) = x", ("a", "b", "c")),
        ("w.data = x", ("w",)),
        ("def f(p, *q): pass", ("f", "p", "q")),
        ("m['k'] = 1", ("m",)),
    ],
)
def test_a_statement_says_which_names_it_gives_a_value(source, names):
    assert names == read_statements(source)[0].binds


@pytest.mark.parametrize(
    ("source", "imports"),
    [
        ("import torch.nn as nn", (("nn", "torch.nn"),)),
        ("import os.path", (("os", "os"),)),
        ("from torch import nn, optim as o", (("nn", "torch.nn"), ("o", "torch.optim"))),
        ("from . import x", (("x", "x"),)),
    ],
)
def test_an_import_says_what_its_names_stand_for(source, imports):
    assert imports == read_statements(source)[0].imports


def test_the_lines_of_a_cell_that_is_no_python_are_read_each_by_itself():
    source = "w = w - g\nfor k in r:\n    s = s + k\nprint((w"
    assert [*tokens("w = w - g\nfor k in r:\n    s = s + k"), ("print", "(", "(", "w")] == [
        tuple(
            token.id if isinstance(token, Name) and line == 4 else token
            for token in statement.tokens
        )
        for line, statement in enumerate(read_statements(source), 1)
    ]


def test_the_numbers_of_a_long_list_count_as_one_token_and_are_all_known():
    (statement,) = read_statements(f"a = [{', '.join(map(str, range(1000)))}]")
    assert (True, 1000) == (len(statement.tokens) < 6, len(statement.numbers))


# SECURITY: a cell is a student's to write


def test_a_deep_expression_is_cut():
    (statement,) = read_statements("w = " + "+".join(["a.b"] * 400))
    assert MAX_TOKENS == len(statement.tokens)


@pytest.mark.parametrize(
    "source", ["(" * 5000, "-" * 30_000 + "1", "x = " + "[" * 90 + "]" * 90, "a" + ".b" * 20_000]
)
def test_nesting_of_any_depth_ends_well(source):
    assert len(read_statements(source)) <= 1


@pytest.mark.parametrize("number", ["0x" + "f" * 10_000, "1" * 5000, "1e999", "1e400j"])
def test_a_number_of_any_size_is_a_number(number):
    assert tokens("w = 1") == tokens(f"w = {number}") or len(number) == 5000


def test_a_cell_of_any_length_is_cut():
    assert MAX_STATEMENTS == len(read_statements("a = 1\n" * 8000))
    assert MAX_LINES >= len(read_statements("a = = 1\n" * 8000))
    assert () == read_statements("\n" * MAX_CELL + "a = 1")
