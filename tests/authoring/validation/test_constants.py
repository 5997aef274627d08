"""Notebooks with answers typed in, and what is said of a check that takes them."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest

from grader.authoring.validation.constant_trials import ConstantTrial, judge
from grader.authoring.validation.constants import Known, alike, literal, typed_in
from grader.authoring.validation.findings import ValidationFinding
from grader.grading.expectation import Answer
from grader.trace import Bool, Items, Nothing, Text
from tests.support.solved_references import code_in, solved_reference
from tests.support.traces import exercise, tensor, value_of

TENSOR = value_of([[1.0, 2.5], [3.0, -4.0]])


@pytest.mark.parametrize(
    ("value", "zero", "typed"),
    [
        (value_of(2.5), "0", "2.5"),
        (value_of(3.0), "0", "3"),
        (value_of(float("nan")), "0", "float('nan')"),
        (Bool(value=True), "False", "True"),
        (Text(value="cat"), "''", "'cat'"),
        (Nothing(), "", "None"),
        (
            Items(form="dict", keys=("'a'",), entries=(value_of(1.0),)),
            "{'a': 0}",
            "{'a': 1}",
        ),
        (Items(form="tuple", entries=(value_of(1.0),)), "(0,)", "(1,)"),
    ],
)
def test_values_are_written_as_one_types_them_in(value: Any, zero: str, typed: str) -> None:
    assert (zero, typed) == (alike(value, 0), literal(value))


def typed(check: str, name: str, handout: list[str]) -> dict[str, list[str]]:
    """The own cell of each notebook with something typed in, by its kind."""
    solved = solved_reference(["x = 1", f"{name} = x + 1"], {name: 1}, handout=handout)
    (answered,) = solved.answers
    fields = {"function": name, "calls": ["1", "2"]} if check == "function" else {}
    known = Known(exercise(name, check, **fields), answered, Answer(value=value_of(2.5)))
    return {each.kind: code_in(each.notebook) for each in typed_in(solved, [known])}


def test_an_answer_is_typed_in_where_it_stands_and_given_cells_stay() -> None:
    assert {
        "zero": ["x = 1", "import torch\ny = 0\nprint(y)"],
        "one": ["x = 1", "import torch\ny = 1\nprint(y)"],
        "typed": ["x = 1", "import torch\ny = 2.5\nprint(y)"],
        "given": ["x = 1", "import torch\ny = x\nprint(y)"],
    } == typed("value", "y", ["x = 1"])


def test_a_constant_is_not_typed_in_where_the_reference_has_no_more_than_one() -> None:
    solved = solved_reference(["import torch", "y = torch.zeros(2)"], {"y": 1}, handout=[])
    (answered,) = solved.answers
    known = Known(exercise("y", "value"), answered, Answer(value=tensor(0.0, 0.0)))
    assert ["one"] == [each.kind for each in typed_in(solved, [known])]


@pytest.mark.parametrize(
    ("data", "kinds"),
    [
        ("data = [[3, 1], [4, -1.5]]", ["zero", "one", "given"]),
        ("data = [[3, 1], [4, 2]]", ["zero", "one", "typed", "given"]),
        ("data = [3, n]", ["zero", "one", "typed", "given"]),
    ],
)
def test_data_is_not_typed_in_where_it_is_the_answer(data: str, kinds: list[str]) -> None:
    solved = solved_reference([data, "y = torch.tensor(data)"], {"y": 1}, handout=[data])
    (answered,) = solved.answers
    right = Answer(value=tensor(3.0, 1.0, 4.0, -1.5))
    known = Known(exercise("y", "value"), answered, right)
    assert kinds == [each.kind for each in typed_in(solved, [known])]


def test_own_cells_without_the_answer_are_left_out() -> None:
    assert ["", "import torch\ny = 0\nprint(y)"] == typed("value", "y", [])["zero"]


def test_a_function_gives_a_constant_or_what_it_was_given() -> None:
    by_kind = typed("function", "f", ["x = 1"])
    assert "def f(*given, **named):\n    return 2.5" in by_kind["typed"][1]
    assert "def f(first, *others, **named):\n    return first" in by_kind["given"][1]


@dataclass
class _Knowledge:
    varied: bool

    def is_varied(self, name: str) -> bool:
        return self.varied


def findings(
    credit: float, check: str = "value", *, varied: bool = False, line: str = "y = 0"
) -> list[ValidationFinding]:
    of_kind = {"function": {"function": "f", "calls": ["1", "2"]}, "test": {"holds": ["y > 0"]}}
    fields: dict[str, Any] = of_kind.get(check, {})
    asked = exercise("y", check, **fields)
    earned = {"y": credit} if credit else {}
    trial = ConstantTrial(kind="zero", earned=earned, lines={"y": line})
    assignment: Any = SimpleNamespace(exercises=(asked,))
    knowledge: Any = _Knowledge(varied)
    return list(judge([trial], assignment, knowledge))


def judged(credit: float, check: str = "value", *, varied: bool = False) -> list[Any]:
    found = findings(credit, check, varied=varied)
    return [(finding.ok, finding.message.id) for finding in found]


def test_a_long_line_is_cut_where_it_is_shown() -> None:
    [finding] = findings(1.0, line=f"y = {'9' * 100}")
    [detail] = finding.details
    assert ("y", 1.0, 61) == (
        detail.params["exercise"],
        detail.params["credit"],
        len(str(detail.params["line"])),
    )


def test_a_check_that_takes_a_constant_is_red_with_what_to_do() -> None:
    assert [(False, "validate.constant-plain")] == judged(1.0)
    assert [(False, "validate.constant-varied")] == judged(1.0, varied=True)
    assert [(False, "validate.constant-function")] == judged(0.5, "function")
    assert [(False, "validate.constant-test")] == judged(0.75, "test")
    assert [(True, "validate.constants")] == judged(0.5, "test")


def test_a_small_share_for_a_constant_is_no_fault() -> None:
    assert [(True, "validate.constants")] == judged(0.25)
    assert [(True, "validate.constants")] == judged(0.0)
