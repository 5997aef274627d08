"""`loss.data[0]` of older notebooks gives the number; other indices are as they were."""

from __future__ import annotations

import ast
import builtins
from typing import Any

import pytest
import torch

from grader.kernel.portability import former_indices
from grader.kernel.portability.former_indices import FIRST_NAME, FormerIndices


@pytest.fixture
def noted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was noted."""
    monkeypatch.setattr(builtins, FIRST_NAME, None, raising=False)
    notes: list[str] = []
    former_indices.install(notes.append)
    return notes


def value_of(expression: str) -> Any:
    tree = ast.parse(f"value = {expression}")
    FormerIndices().relax(tree)
    names: dict[str, Any] = {
        "loss": torch.tensor(2.5, requires_grad=True),
        "w": torch.tensor([3.0, 4.0], requires_grad=True),
        "table": type("Table", (), {"data": [7, 8]}),
    }
    exec(compile(tree, "<cell>", "exec"), names)
    return names["value"]


@pytest.mark.parametrize(
    "expression",
    ["loss.data[0]", "loss.data.cpu()[0]", "loss.data.numpy()[0]", "loss.data.cpu().numpy()[0]"],
)
def test_a_number_is_indexed_as_in_older_releases(expression: str, noted: list[str]) -> None:
    assert 2.5 == value_of(expression)
    assert ["version data[0]"] == noted


@pytest.mark.parametrize(
    ("expression", "expected"),
    [("w.data[0]", 3.0), ("w.data[1]", 4.0), ("table.data[0]", 7), ("w.data.numpy()[0]", 3.0)],
)
def test_what_has_elements_is_indexed_as_ever(
    expression: str, expected: float, noted: list[str]
) -> None:
    assert expected == value_of(expression)
    assert [] == noted


@pytest.mark.parametrize("expression", ["loss[0]", "loss.data[1]", "loss.data.view(1)[1]"])
def test_an_index_that_was_never_right_still_raises(expression: str, noted: list[str]) -> None:
    with pytest.raises(IndexError):
        value_of(expression)
