"""Marks say where and under which names a reference answers."""

from __future__ import annotations

import pytest

from grader.reference.answer_places import marked_answers
from grader.reference.markers import read_reference
from tests.notebook.test_alignment import cells
from tests.support.traces import assignment


def read(*sources: str, handout: tuple[str, ...] = ()):
    notebook = cells(*sources)
    code = [(index, cell.source) for index, cell in enumerate(notebook) if cell.kind == "code"]
    course = assignment(handout=()).model_copy(update={"handout": tuple(cells(*handout))})
    return marked_answers(notebook, read_reference(code).cells, course)["a"]


@pytest.mark.parametrize(
    ("marked", "name"),
    [
        ("loss", "loss"),
        ("w.grad", "w.grad"),
        ("net[2].weight", "net.2.weight"),
        ("res['acc']", "res.acc"),
        ("loss.detach().item()", "loss"),
        ("res.acc[0]", "res.acc.0"),
    ],
)
def test_a_mark_gives_the_name_of_its_value(marked: str, name: str) -> None:
    assert (name,) == read(f"f()\n# grade: a = {marked}").names


@pytest.mark.parametrize("marked", ["after - before", "losses[-1]", "f(x)"])
def test_what_is_computed_in_a_mark_has_no_name(marked: str) -> None:
    assert () == read(f"f()\n# grade: a = {marked}").names


def test_an_item_of_a_dict_and_an_attribute_have_the_name_too() -> None:
    answer = read("f()\n# grade: a = acc")
    assert [True, True, True, False] == [
        answer.is_name(path) for path in ("acc", "res['acc']", "m.acc", "acc_train")
    ]


@pytest.mark.parametrize(
    "source",
    [
        "x = torch.tensor([1, 2])\n# grade: a = x",
        "y = 2\nx = 3\n# grade: a = x",
        "x = torch.tensor([1.])\nx.requires_grad_()\nx.grad.zero_()\n# grade: a = x",
    ],
)
def test_an_answer_that_the_reference_writes_out_is_typed_in(source: str) -> None:
    assert read(source).typed_in


@pytest.mark.parametrize(
    "source",
    [
        "x = 0\nx += 1\n# grade: a = x",
        "x = f()\n# grade: a = x\nx = 3",
        "f()\n# grade: a = x - y",
        "x = []\nfor i in y:\n    x.append(i)\n# grade: a = x",
        "x = [0, 0]\nx[1] = f()\n# grade: a = x",
    ],
)
def test_an_answer_that_it_computes_is_not(source: str) -> None:
    assert not read(source).typed_in


def test_the_sections_and_given_cells_of_its_marks_are_known() -> None:
    handout = ("#!One", "", "#!Two", "out = f()")
    answer = read(
        "#!One", "a = 1\n# grade: a = a", "#!Two", "out = f()\n# grade: a = out", handout=handout
    )
    assert ((0, 2), ("out = f()",)) == (answer.sections, answer.given)


def test_a_tuple_of_names_has_all_of_them() -> None:
    answer = read("mean, std = f()\n# grade: a = (mean, std)")
    assert ((("mean, std", "mean", "std")), True) == (answer.names, answer.is_tuple)
