"""Arguments like those that were seen: of their kind, shape and range, without their numbers."""

from __future__ import annotations

import math

import pytest
import torch

from grader.authoring.drafting.proposals.arguments import ArgumentWriter, first_axis
from grader.trace import Array, Bool, Items, Nothing, Number, Other, Text, Value
from tests.authoring.drafting.proposals.notebooks import tensor


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (Number(value=3), "3"),
        (Number(value=0.5), "0.5"),
        (Number(value=float("inf")), "float('inf')"),
        (Bool(value=True), "True"),
        (Nothing(), "None"),
        (Text(value="mean"), "'mean'"),
        (tensor(-1.5, 2, shape=(2, 1)), "torch.tensor([[0.84], [0.91]])"),
        (tensor(0.25, 0.5), "torch.tensor([0.84, 0.91])"),
        (tensor(0, 4.5), "torch.tensor([3.79, 4.09])"),
        (
            tensor(0.25, 0.75, 0.5, 0.5, shape=(2, 2)),
            "torch.softmax(torch.sin(torch.arange(4.) * 1 + 1).reshape(2, 2), -1)",
        ),
        (tensor(0, 2, dtype="int64"), "torch.tensor([2, 2])"),
        (tensor(0, 1), "torch.tensor([1.0, 1.0])"),
        (tensor(1, 0, dtype="bool"), "torch.tensor([True, True])"),
        (tensor(-2, 3, dtype="float64"), "torch.tensor([0.84, 0.91], dtype=torch.float64)"),
        (
            Array(origin="array", shape=(2,), dtype="float64", elements=(-1, 1.5)),
            "torch.tensor([0.84, 0.91], dtype=torch.float64).numpy()",
        ),
        (Items(form="tuple", entries=(Number(value=2), Text(value="a"))), "(2, 'a')"),
        (Other(type="DataLoader"), None),
        (Items(form="list", entries=(Other(type="SGD"),)), None),
    ],
)
def test_an_argument_is_written_like_the_one_that_was_seen(value: Value, written: str | None):
    assert written == ArgumentWriter(0).write(value)


def test_another_variant_has_other_numbers():
    seen: list[Value] = [Number(value=3), Number(value=0.5), tensor(*range(-8, 8))]
    assert ["4", "0.75", "(2 * torch.sin(torch.arange(16.) * 1 + 2) + 1)"] == [
        ArgumentWriter(1).write(each) for each in seen
    ]


def test_too_large_data_is_shorter_in_all_arguments():
    points = Array(origin="tensor", shape=(50_000, 2), dtype="float32", elements=(-1.0, 1.0))
    labels = Array(origin="tensor", shape=(50_000,), dtype="int64", elements=(0, 3))
    writer = ArgumentWriter(0, first_axis=first_axis([points, labels], 0))
    written = [writer.write(each) for each in (points, labels)]
    assert [True, True] == [
        "arange(16.)" in str(written[0]),
        "torch.tensor([3, " in str(written[1]),
    ]


def test_two_arguments_of_a_call_have_numbers_of_their_own():
    seen = tensor(*range(-4, 4))
    assert ArgumentWriter(0, 0).write(seen) != ArgumentWriter(0, 1).write(seen)


def test_zeros_alone_tell_neither_labels_nor_signs():
    seen = tensor(*[0] * 16)
    assert "torch.sin(torch.arange(16.) * 1 + 1)" == ArgumentWriter(0).write(seen)


def test_an_infinity_becomes_a_large_number_in_further_calls():
    written = [ArgumentWriter(variant).write(Number(value=-math.inf)) for variant in (0, 1, 2)]
    assert ["float('-inf')", "-100", "-200"] == written


def test_numbers_that_are_written_out_are_those_of_the_expression():
    small = tensor(*range(-6, 6))
    large = tensor(*range(-7, 6))
    for variant in (0, 1, 2):
        written = str(ArgumentWriter(variant).write(small))
        computed = str(ArgumentWriter(variant).write(large))
        assert written.startswith("torch.tensor(")
        numbers, expected = eval(written), eval(computed)[:12]
        assert torch.allclose(numbers, expected, atol=0.006)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(-100, 100, (-5, 5)), (0, 255, (0, 5)), (-3, 9, (-3, 9)), (1990, 2020, (1990, 2020))],
)
def test_further_calls_have_small_numbers_in_place_of_large_ones(
    low: int, high: int, expected: tuple[int, int]
):
    seen = Array(origin="tensor", shape=(400,), dtype="int64", elements=(low, high))
    numbers = eval(str(ArgumentWriter(2).write(seen)))
    assert expected == (int(numbers.min()), int(numbers.max()))
    first = eval(str(ArgumentWriter(0).write(seen)))
    assert (low, high) == (int(first.min()), int(first.max()))


def test_a_list_is_written_as_a_list():
    seen = Array(origin="list", shape=(2,), dtype="list", elements=(-1, 1.5))
    assert "[0.84, 0.91]" == ArgumentWriter(0).write(seen)
