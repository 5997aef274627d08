"""Which cells of the handout are put back, where, and without which of their statements."""

from __future__ import annotations

import pytest

from grader.notebook.cells import NotebookCell
from grader.notebook.given_cells import GivenCell, given_cells_to_restore

DATA = "import numpy as np\nimport torch\ntable = [1., 2.]\nx = torch.tensor(table)"
START = "w = torch.ones(1)\nlr = 0.1"
HANDOUT = (
    "# The course",
    "## The data",
    DATA,
    "## The weight",
    START,
    "## The step",
    "# your code here",
)
"""Cells that begin with a mark are markdown, but for the last."""


def cell(source: str) -> NotebookCell:
    is_markdown = source.startswith("#") and "your code" not in source
    return NotebookCell(kind="markdown" if is_markdown else "code", source=source)


def cells(*sources: str) -> list[NotebookCell]:
    return [cell(source) for source in sources]


def restored(*sources: str, handout: tuple[str, ...] = HANDOUT) -> list[GivenCell]:
    return given_cells_to_restore(cells(*sources), cells(*handout))


def without(*left_out: str, own: str = "w = w - lr * x.sum()") -> list[str]:
    """The handout with a step of the student's, without some cells."""
    solved = [*HANDOUT[:-1], own]
    return [source for source in solved if source not in left_out]


def test_nothing_is_put_back_into_a_notebook_that_has_all_cells():
    assert [] == restored(*without())


def test_a_cell_that_the_students_code_needs_goes_where_it_stood():
    found = restored(*without(DATA))
    assert [GivenCell(DATA, before=2, names=("torch", "x"))] == found


def test_several_cells_go_back_in_their_order():
    found = restored(*without(DATA, START))
    assert [(DATA, 2), (START, 3)] == [(given.source, given.before) for given in found]


def test_a_cell_that_only_a_cell_put_back_needs_is_put_back_too():
    found = restored(*without(DATA, START, own="print(w)"))
    assert [DATA, START] == [given.source for given in found]


def test_a_cell_that_a_given_one_needs_is_put_back_for_code_that_relies_on_it():
    handout = ("# A", "import torch", "w = torch.ones(1)", "# your code here")
    found = restored("# A", "w = torch.ones(1)", "print(w * 2)", handout=handout)
    assert ["import torch"] == [given.source for given in found]


def test_a_given_cell_that_nobody_relies_on_stays_away():
    assert [] == restored(*without(DATA, START, own="print(1)"))


@pytest.mark.parametrize("kind", ["markdown", "raw"])
def test_a_cell_that_is_no_code_any_more_is_put_back_below_itself(kind):
    notebook = cells(*without())
    notebook[2] = NotebookCell(kind=kind, source=DATA)
    found = given_cells_to_restore(notebook, cells(*HANDOUT))
    assert [(DATA, 3)] == [(given.source, given.before) for given in found]


def test_an_emptied_cell_is_put_back():
    emptied = ["" if source == DATA else source for source in without()]
    assert [DATA] == [given.source for given in restored(*emptied)]


@pytest.mark.parametrize(
    "own",
    [
        f"{DATA}\nprint(x)",
        "import numpy as np\nimport torch\nx = torch.tensor([1., 2.])",
        "import torch\nfrom data import x",
        "import torch\nx, y = torch.zeros(2), 1",
        "import torch\nwith open('f') as x: pass",
        "import torch\nfor x in range(3): pass",
        "import torch\ndef x(): pass",
        "import torch\nx = = torch.tensor(table)",
    ],
)
def test_who_wrote_the_cell_anew_is_left_alone(own):
    assert [] == restored(*[own if source == DATA else source for source in without()])


def test_a_cell_split_in_two_is_left_alone():
    first, second = "import torch\ntable = [1., 2.]", "x = torch.tensor(table)"
    notebook = without()
    notebook[2:3] = [first, second]
    assert [] == restored(*notebook)


def test_a_cell_that_was_moved_below_is_left_alone():
    assert [] == restored(*without(DATA), DATA)


def test_a_name_that_the_student_binds_only_below_is_needed_above():
    notebook = without(START, own="print(w)")
    assert [START] == [given.source for given in restored(*notebook, "w = 5")]


@pytest.mark.parametrize("own", ["x += 1", "x.data = x * 2", "x = x.reshape(1, 2)", "x[0] = 3"])
def test_code_that_changes_a_name_does_not_give_it(own):
    notebook = without(DATA, START, own=f"import torch\n{own}")
    assert [DATA] == [given.source for given in restored(*notebook)]


def test_names_of_functions_and_comprehensions_are_their_own():
    own = "import torch\nw = [x for x in range(3)]\ndef f(x):\n    lr = x\n    return lr"
    assert [] == restored(*without(DATA, START, own=own))


def test_what_a_function_reads_is_needed_wherever_it_is_called():
    own = "import torch\ndef f():\n    return x"
    assert ["x"] == [name for given in restored(*without(DATA, own=own)) for name in given.names]


@pytest.mark.parametrize(
    "given",
    [
        "w = ...",
        "def mse(a, b):\n    ...",
        "def mse(a, b):\n    pass",
        "def mse(a, b):\n    # TODO\n    return 0",
        "def mse(a, b):\n    raise NotImplementedError",
        "w = 0  # your code here",
        "w = None  # seu código aqui",
        "w = None  # tu código aquí",
        "w = None  # Escribe el modelo",
        "w = 0  # À COMPLÉTER",
        "w = 0  # votre code ici",
        "w = 0  # zu ergänzen",
    ],
)
def test_what_was_left_to_be_filled_in_is_never_put_back(given):
    handout = ("# A", given, "print(1)")
    assert [] == restored("# A", "print(w, mse(1, 2))", handout=handout)


def test_what_the_student_bound_above_is_not_undone():
    handout = ("# A", "w = 1", "# B", "import math\nw = 5\nlr = w / 10\nprint(lr)\nb = 2")
    found = restored("# A", "w = 7", "# B", "print(lr)", handout=handout)
    assert [("import math\nlr = w / 10", 3)] == [(each.source, each.before) for each in found]


def test_a_notebook_of_something_else_is_not_completed():
    assert [] == restored("# Another course", "print(x)")
