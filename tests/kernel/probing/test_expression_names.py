"""What expressions call `given.NAME` and `own.ID`."""

from __future__ import annotations

import ast
from typing import Any

import pytest
import torch

from grader.kernel.probing.expression_names import (
    ExpressionNames,
    GivenMissing,
    GivenWatch,
    OwnMissing,
    OwnUnclear,
    made_from,
)
from grader.kernel.recording.values import describe
from grader.notebook.expressions import statements_about


class Notebook:
    """A notebook whose cells note what given statements make."""

    def __init__(self, *handout: str, name: str = "A") -> None:
        statements = statements_about(name, handout)
        self.question: dict[str, Any] = {"given": {name: statements}}
        self.expression_names = ExpressionNames()
        self.names: dict[str, Any] = {"torch": torch}
        self.watch = GivenWatch([self.question], lambda: self.expression_names)
        self.watch.install(lambda: self.names)

    def run(self, *cells: str) -> Notebook:
        for cell in cells:
            tree = ast.parse(cell)
            found = self.watch.find_in(tree)
            self.watch.put_into(tree, found)
            exec(compile(tree, "<cell>", "exec"), self.names)
        return self

    def given(self, name: str = "A") -> Any:
        reader = self.expression_names.of(self.question, self.names)["given"]
        return getattr(reader, name)


# Given values


def test_a_given_value_is_there_after_the_name_is_bound_anew():
    assert [1, 2] == Notebook("A = [1, 2]").run("A = [1, 2]", "A = 5").given()


def test_a_given_tensor_is_what_it_was_before_it_is_changed_in_place():
    notebook = Notebook("A = torch.zeros(3)").run("A = torch.zeros(3)", "B = A\nB.add_(1)")
    assert torch.equal(torch.zeros(3), notebook.given())


def test_a_given_network_has_its_first_weights():
    code = "A = torch.nn.Linear(1, 1)"
    notebook = Notebook(code).run(code)
    before = notebook.names["A"].weight.item()
    notebook.run("with torch.no_grad():\n    A.weight.fill_(7)")
    assert before == notebook.given().weight.item()


def test_what_is_drawn_is_the_notebooks_own_draw():
    notebook = Notebook("A = torch.rand(3)").run("A = torch.rand(3)")
    expected = notebook.names["A"].clone()
    notebook.run("A.zero_()")
    assert torch.equal(expected, notebook.given())


def test_given_statements_count_wherever_they_stand():
    notebook = Notebook("# data\nA = [1]\nB = 2").run("B = 2", "A = [1]; A.append(3)\nprint(A)")
    assert [1] == notebook.given()


def test_statements_that_go_on_with_a_given_value_are_part_of_it():
    notebook = Notebook("A = torch.zeros(2)\nA[0] = 5").run("A = torch.zeros(2)\nA[0] = 5\nA *= 0")
    assert [5, 0] == notebook.given().tolist()


def test_what_is_printed_between_them_does_not_count():
    notebook = Notebook("A = torch.zeros(2)\nA[0] = 5")
    notebook.run("A = torch.zeros(2)\nprint(A.shape)\nA[0] = 5")
    assert [5, 0] == notebook.given().tolist()


def test_a_given_cell_that_shows_a_changed_value_does_not_make_it_given():
    notebook = Notebook("A = [1]", "A.sort()").run("A = [1]", "A.append(0)", "A.sort()")
    assert [1] == notebook.given()


def test_a_given_value_may_have_another_name():
    assert [1, 2] == Notebook("A = [1, 2]").run("data = [1, 2]", "data = 3").given()


def test_the_handouts_own_name_comes_first():
    notebook = Notebook("A = [1, 2]").run("mine = [1, 2]", "mine.append(3)", "A = [1, 2]")
    assert [1, 2] == notebook.given()


def test_a_given_function_is_the_handouts():
    code = "def A():\n    return 1"
    assert 1 == Notebook(code).run(code, "def A():\n    return 2").given()()


def test_each_reading_gives_a_copy():
    notebook = Notebook("A = [1]").run("A = [1]")
    notebook.given().append(2)
    assert [1] == notebook.given()


def test_a_generator_is_given_as_it_is():
    code = "A = iter([1, 2])"
    assert 1 == next(Notebook(code).run(code).given())


def test_a_value_that_no_given_statement_made_is_missing():
    with pytest.raises(GivenMissing):
        Notebook("A = [1, 2]").run("A = [1, 2, 3]").given()


def test_the_last_expression_of_a_cell_stays_the_last():
    tree = ast.parse("A = [1]\nA.copy()")
    notebook = Notebook("A = [1]\nA.copy()")
    notebook.watch.put_into(tree, notebook.watch.find_in(tree))
    assert isinstance(tree.body[-1], ast.Expr)
    last = compile(ast.Expression(tree.body[-1].value), "<cell>", "eval")
    assert [1] == eval(last, {"A": [1]})


# Own answers


def own(names: dict[str, Any], **told: Any) -> Any:
    """Return what `own.w_grad` is in a notebook."""
    expression_names = ExpressionNames()
    expression_names.told = {"w-grad": told}
    question = {"own": ["w-grad"], "own_paths": {"w-grad": ["w.grad", "g"]}}
    return expression_names.of(question, names)["own"].w_grad


def test_the_value_that_the_host_chose_comes_first():
    assert 4 == own({"g": 1}, value=describe(4.0))


def test_without_one_what_has_the_name_of_the_mark_counts():
    assert 1 == own({"g": 1}, tried=True)


def test_an_object_is_found_by_its_path():
    assert "net" == own({"box": {"m": "net"}}, path="box.m")


def test_an_answer_that_is_not_there_is_missing():
    with pytest.raises(OwnMissing):
        own({})


def test_a_try_without_a_value_is_unclear():
    with pytest.raises(OwnUnclear):
        own({}, tried=True)


def test_a_large_tensor_is_found_by_its_description():
    large = torch.rand(100)
    assert own({"renamed": large}, value=describe(large)) is large


def test_a_large_tensor_that_is_gone_is_unclear():
    with pytest.raises(OwnUnclear):
        own({}, value=describe(torch.rand(100)))


@pytest.mark.parametrize(
    "value",
    [2.5, 3, True, "text", [1.0, 2.0], (1, "a"), {"k": 2.5}, [[1.0, 2.0], [3.0, 4.0]]],
)
def test_a_plain_value_is_made_again(value):
    assert value == made_from(describe(value))


@pytest.mark.parametrize("dtype", [torch.float64, torch.int16, torch.bool])
def test_a_tensor_is_made_again(dtype):
    tensor = torch.tensor([[1, 0], [0, 1]]).to(dtype)
    again = made_from(describe(tensor))
    assert torch.equal(tensor, again)
    assert dtype == again.dtype


def test_what_the_reference_marks_is_kept_as_it_was():
    expression_names = ExpressionNames()
    marked = [1]
    expression_names.keep_marked("w-grad", marked)
    marked.append(2)
    assert [1] == expression_names.of({"own": ["w-grad"]}, {})["own"]["w-grad"]
