"""Other numbers for data: within its range, of its kind, and each time others."""

from __future__ import annotations

import math
from typing import Any

import pytest

from grader.authoring.drafting.inputs import NamedData
from grader.authoring.drafting.variants import (
    make_integral,
    make_uneven,
    number_families,
    propose_inputs,
    raise_slightly,
    rotate,
)
from grader.trace import Array


def array(
    *numbers: float, dtype: str = "float32", origin: Any = "tensor", shape: tuple[int, ...] = ()
) -> Array:
    return Array(origin=origin, shape=shape or (len(numbers),), dtype=dtype, elements=numbers)


X = array(0.0, 1.0, 2.0, 3.0)
Y = array(0.0, 2.0, 4.0, 6.0)

SOME = [
    X,
    array(1.0, 2.0, 4.0, 5.0, 7.0),
    array(3.0, 0.0, 12.0, 7.0, 1.0, 5.0),
    array(0.1, 0.4, 0.3),
    array(-2.0, 5.0, 0.5, 1.5),
]


@pytest.mark.parametrize("data", SOME)
def test_whole_numbers_stay_within_the_range_of_the_data(data):
    numbers = make_integral(data, (data.elements,))
    assert min(data.elements) <= min(numbers) <= max(numbers) <= max(data.elements)
    assert (len(numbers), True) == (data.size, numbers != data.elements and len(set(numbers)) > 1)


@pytest.mark.parametrize("data", SOME[:3])
def test_the_first_variant_is_whole_where_the_range_has_whole_numbers(data):
    assert all(number.is_integer() for number in make_integral(data, (data.elements,)))


@pytest.mark.parametrize("data", SOME)
def test_the_second_variant_is_on_no_round_grid(data):
    numbers = make_uneven(data, (data.elements,))
    assert len(set(numbers)) == data.size
    assert any(not (10 * number).is_integer() for number in numbers)
    assert min(data.elements) <= min(numbers) <= max(numbers) <= max(data.elements)


@pytest.mark.parametrize("maker", [make_integral, make_uneven, raise_slightly])
def test_data_that_rises_still_does(maker):
    numbers = maker(SOME[1], (SOME[1].elements,))
    assert list(numbers) == sorted(numbers)


@pytest.mark.parametrize("maker", [make_integral, make_uneven, rotate, raise_slightly])
def test_labels_stay_labels(maker):
    numbers = maker(array(0, 1, 1, 0, 2, dtype="int64"), ())
    assert [0, 0, 1, 1, 2] == sorted(numbers)


def written(data: NamedData) -> tuple[str, ...]:
    return propose_inputs([data], number_families()[1])[0].variants


def test_variants_have_the_kind_and_the_shape_of_the_data():
    pairs = array(1.0, 2.0, 3.0, 5.0, shape=(2, 2))
    assert "torch.tensor([[3., 5.], [1., 2.]])" == written(NamedData("x", pairs))[0]
    assert written(NamedData("x", pairs.model_copy(update={"origin": "array"})))[0].startswith(
        "np.array([["
    )
    assert (
        "[3., 5., 1., 2.]" == written(NamedData("x", array(1.0, 2.0, 3.0, 5.0, origin="list")))[0]
    )
    assert "torch.tensor([1, 0, 0])" == written(NamedData("x", array(0, 1, 0, dtype="int64")))[0]


def test_related_data_is_written_as_its_relation():
    assert ("2 * x", "2 * x") == written(NamedData("y", Y, "2 * x"))


def test_every_family_gives_finite_numbers():
    numbers = [
        numbers
        for makers in number_families()
        for drafted in propose_inputs([NamedData("x", d) for d in SOME], makers)
        for numbers in drafted.numbers
    ]
    assert all(math.isfinite(number) for numbers in numbers for number in numbers)


@pytest.mark.parametrize(
    "data", [*SOME, array(0, 1, 1, 0, 2, dtype="int64"), array(2.0, -1.0, 3.0)]
)
def test_all_variants_and_those_for_practice_differ_from_each_other_and_from_the_data(data):
    for drafted in (
        propose_inputs([NamedData("x", data)], makers)[0] for makers in number_families()
    ):
        assert (5, 2, 2) == (
            len({data.elements, *drafted.numbers}),
            len(drafted.variants),
            len(drafted.practice),
        )
