"""Expressions that draw numbers for data: of its shape and kind, within its range."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from grader.authoring.drafting.draws import draws_like
from grader.authoring.drafting.inputs import NamedData
from grader.authoring.drafting.variants import number_families
from tests.authoring.drafting.test_variants import array

X = (3.0, -1.0, 2.5, 7.0)
SQUARE = array(1.0, 5.0, 2.0, 8.0, 0.5, 3.0, shape=(2, 3))
LABELS = array(0, 1, 2, 1, dtype="int64")


def drawn(data: NamedData, family: int = 0, **names: object) -> list[object]:
    """Evaluate what draws the numbers of each variant."""
    expressions = draws_like(data, number_families()[family])
    generator = torch.Generator().manual_seed(3)
    known = {"torch": torch, "np": np, "g": generator, **names}
    return [eval(expression, known) for expression in expressions]


@pytest.mark.parametrize("family", range(3))
@pytest.mark.parametrize("data", [array(*X), SQUARE, LABELS, array(0.1, 0.2, 0.7)])
def test_numbers_have_the_shape_of_the_data(data, family):
    dtype = torch.int64 if data is LABELS else torch.float32
    given = torch.tensor(data.elements, dtype=dtype).reshape(data.shape)
    for numbers in drawn(NamedData("x", data), family, x=given):
        assert (given.shape, given.dtype) == (numbers.shape, numbers.dtype)


def test_the_first_numbers_are_whole_and_all_lie_within_the_range_of_the_data():
    whole, uneven = drawn(NamedData("x", array(*X)))
    assert torch.equal(whole, whole.round())
    for numbers in (whole, uneven):
        assert min(X) <= numbers.min() <= numbers.max() <= max(X)


def test_integers_stay_in_another_order():
    labels = torch.tensor([0, 1, 2, 1])
    for numbers in drawn(NamedData("y", LABELS), y=labels):
        assert sorted(labels.tolist()) == sorted(numbers.tolist())


def test_numbers_rise_where_the_data_does():
    for numbers in drawn(NamedData("x", array(0.0, 1.0, 4.0, 9.0))):
        assert sorted(numbers.tolist()) == numbers.tolist()


def test_lists_and_arrays_stay_what_they_are():
    listed = drawn(NamedData("x", array(*X, origin="list")))
    arrays = drawn(NamedData("x", array(*X, origin="array")))
    assert [list, list] == list(map(type, listed))
    assert [np.ndarray, np.ndarray] == list(map(type, arrays))


def test_data_that_follows_from_others_is_computed():
    related = NamedData("y", array(*X), relation="2 * x")
    assert ("2 * x",) == draws_like(related, number_families()[0])
