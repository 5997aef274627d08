"""Data of any size is known by a sample and a summary, and an expression makes other numbers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch

from grader.kernel.recording.values import describe
from grader.kernel.variants.substitution import Substitution

DATA = torch.linspace(-2.0, 3.0, 200).reshape(100, 2)
LABELS = np.arange(100) % 3


def entry(name: str, value: Any, expression: str) -> dict[str, Any]:
    described = describe(value)
    return {
        "name": name,
        "original": [float(element) for element in described["elements"]],
        "summary": described.get("summary", []),
        "shape": described["shape"],
        "size": math.prod(described["shape"]),
        "origin": described["origin"],
        "dtype": described["dtype"],
        "expression": expression,
    }


def of_data(expression: str = "x * 1.1 + .05") -> Substitution:
    return Substitution([entry("x", DATA, expression)], narrow=False)


@pytest.mark.parametrize(
    "value",
    [
        DATA,
        DATA.reshape(-1),
        DATA.double(),
        DATA.half(),
        DATA.numpy(),
        DATA.reshape(-1).tolist(),
        torch.nn.Parameter(DATA.clone()),
    ],
    ids=["tensor", "flat", "float64", "float16", "array", "list", "parameter"],
)
def test_large_data_is_followed_in_any_type_and_shape(value: Any) -> None:
    other = of_data()(value)
    expected = (DATA * 1.1 + 0.05).reshape(-1)
    numbers = torch.as_tensor(other).detach().float().reshape(-1)
    assert type(other) is (torch.Tensor if isinstance(value, torch.Tensor) else type(value))
    assert torch.allclose(expected, numbers, rtol=3e-3, atol=3e-3)


def test_other_numbers_of_the_same_size_are_no_data() -> None:
    substitution = of_data()
    one_off = DATA.clone()
    one_off[40, 1] += 3.0
    reversed_data = DATA.flip(0)
    assert substitution(one_off) is one_off
    assert substitution(reversed_data) is reversed_data
    assert {} == substitution.carried()


def test_expressions_that_draw_alike_move_data_and_labels_alike() -> None:
    order = "[torch.randperm(100, generator=g).numpy()]"
    data = entry("x", DATA.numpy(), f"x{order}")
    labels = entry("y", LABELS, f"y{order}")
    substitution = Substitution([data, labels], narrow=False)
    other_data, other_labels = substitution((DATA.numpy(), LABELS))
    expected = {(float(row[0]), int(label)) for row, label in zip(DATA, LABELS, strict=True)}
    moved = zip(other_data, other_labels, strict=True)
    assert expected == {(float(row[0]), int(label)) for row, label in moved}
    assert not np.array_equal(LABELS, other_labels)


DRAW = "x * torch.rand(1) + np.random.rand() + random.random()"


def drawn(seed: int) -> torch.Tensor:
    data = entry("x", DATA, DRAW) | {"seed": seed, "shared_seed": 1}
    other: torch.Tensor = Substitution([data], narrow=False)(DATA)
    return other


def test_an_expression_draws_the_same_numbers_for_a_seed_and_others_for_another() -> None:
    assert torch.equal(drawn(7), drawn(7))
    assert not torch.allclose(drawn(7), drawn(8))


def test_rows_are_drawn_alike_for_all_data_of_a_variant() -> None:
    expression = "[torch.randint(100, (100,), generator=g).numpy()]"
    data = entry("x", DATA.numpy(), f"x{expression}") | {"seed": 1, "shared_seed": 5}
    labels = entry("y", LABELS, f"y{expression}") | {"seed": 2, "shared_seed": 5}
    other_data, other_labels = Substitution([data, labels], narrow=False)((DATA.numpy(), LABELS))
    rows = {(float(row[0]), int(label)) for row, label in zip(DATA, LABELS, strict=True)}
    assert rows > {(float(r[0]), int(k)) for r, k in zip(other_data, other_labels, strict=True)}


def test_drawing_moves_no_generator_of_the_notebook() -> None:
    torch.manual_seed(3)
    np.random.seed(3)
    expected = (torch.rand(2).tolist(), np.random.rand())
    torch.manual_seed(3)
    np.random.seed(3)
    drawn(7)
    assert expected == (torch.rand(2).tolist(), np.random.rand())


def test_an_expression_may_use_the_variant_of_other_data() -> None:
    data = {"name": "k", "original": [1.0, 2.0, 3.0], "other": [2.0, 3.0, 4.0]}
    substitution = Substitution([data, entry("x", DATA, "x * k.sum()")], narrow=False)
    assert torch.allclose(DATA * 9, substitution(DATA))


def test_an_expression_that_fails_carries_nothing_and_says_why() -> None:
    substitution = of_data("x + nothing")
    assert substitution(DATA) is DATA
    assert {"x": False} == substitution.carried()
    assert "x: NameError: name 'nothing' is not defined" == substitution.problem()


def test_an_expression_has_to_give_as_many_numbers() -> None:
    substitution = of_data("x[:10]")
    substitution(DATA)
    assert "x: ValueError: it has 20 numbers, the data has 200" == substitution.problem()


def test_an_expression_cannot_change_the_data_itself() -> None:
    data = DATA.clone()
    of_data("x.mul_(2)")(data)
    assert torch.equal(DATA, data)


def test_missing_values_are_followed() -> None:
    data = DATA.clone()
    data[0, 0] = math.nan
    substitution = Substitution([entry("x", data, "x + 1")], narrow=False)
    assert torch.equal(torch.isnan(data), torch.isnan(substitution(data)))
    assert {"x": True} == substitution.carried()


def test_whole_numbers_take_a_whole_variant_only() -> None:
    labels = torch.arange(100) % 3
    halves = Substitution([entry("y", labels, "y + .5")], narrow=False)
    assert halves(labels) is labels
    assert {"y": False} == halves.carried()
    others = Substitution([entry("y", labels, "(y + 1) % 3")], narrow=True)
    assert torch.equal((labels + 1) % 3, others(labels))


def test_data_that_a_function_returns_with_others_is_followed() -> None:
    pair = ("name", DATA, [1, 2])
    name, other, rest = of_data("x + 1")(pair)
    assert ("name", [1, 2]) == (name, rest)
    assert torch.equal(DATA + 1, other)
