"""Which names an author's expressions take from a notebook."""

from __future__ import annotations

import pytest

from grader.notebook.expressions import binding_line, is_expression, names_bound, names_read


@pytest.mark.parametrize(
    ("expressions", "names"),
    [
        (("len(loader)", "x.shape"), ("loader", "x")),
        (("sum(p.numel() for p in net.parameters())",), ("net",)),
        (("torch.allclose(z, F.relu(np.abs(z)))",), ("z",)),
        (("[w for w in words if w != stop]",), ("words", "stop")),
        (("(lambda v: v + k)(x)",), ("x", "k")),
        (("DATA / 'a.csv'",), ()),
        (("3 > 2",), ()),
    ],
)
def test_an_expression_reads_what_it_does_not_bind(expressions, names):
    assert set(names) == set(names_read(expressions))


def test_what_the_setup_binds_is_not_the_notebooks():
    setup = (
        "import os\nopt = torch.optim.SGD(net.parameters(), lr=rate)\ndef f(a):\n    return a * k"
    )
    assert {"net", "rate", "k"} == set(names_read(["f(opt)"], setup=setup))


def test_code_binds_its_imports_functions_and_names():
    code = "from torch import nn as layers\nimport os.path\nlimit = 3\ndef f(a):\n    b = a"
    assert {"layers", "os", "limit", "f"} == names_bound(code)


@pytest.mark.parametrize(("text", "expected"), [("a + b", True), ("a = b", False), ("(", False)])
def test_a_statement_is_no_expression(text, expected):
    assert expected is is_expression(text)


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("loader = 1\nloader = 2\nprint(loader)", 2),
        ("%matplotlib inline\nfor i in range(3):\n    loader = i", 2),
        ("print(loader)", 0),
        ("x, loader = 1, 2", 1),
        ("loader = 1\ndef f(loader):\n    loader = loader + 1", 1),
        ("loader = 1\nclass Net:\n    loader = 2", 1),
        ("def loader():\n    pass", 1),
        ("loader = 1\ndef f():\n    global loader\n    loader = 2", 2),
    ],
)
def test_the_last_statement_that_binds_a_name_is_found(source, line):
    assert line == binding_line(source, {"loader"})
