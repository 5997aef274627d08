"""Numbers that were drawn: compared with others, and moved as far as rounding does."""

from __future__ import annotations

import pytest

from grader.job import VariedInput, VariedNumbers, VariedSeeds
from grader.reference.drawn_numbers import is_among, is_whole, nudged_inputs, repeats
from grader.trace import Array
from tests.support.traces import numbers


def varied(original: Array, *variants: Array) -> VariedNumbers:
    return VariedNumbers(name="x", original=original, variants=variants)


DATA = numbers(1.0, 2.0, 3.0)
DRAWN = numbers(3.0, 1.0, 1.0)
UNEVEN = numbers(0.5, 1.25, 2.0)
SEEDS = VariedSeeds(name="seeds", variants=(1, 2))


@pytest.mark.parametrize(
    ("variants", "index", "expected"),
    [
        ((DRAWN, UNEVEN), 0, False),
        ((DATA, UNEVEN), 0, True),
        ((DRAWN, DRAWN), 0, False),
        ((DRAWN, DRAWN), 1, True),
    ],
)
def test_numbers_are_repeated_that_the_data_or_an_earlier_variant_has(
    variants: tuple[Array, ...], index: int, *, expected: bool
) -> None:
    assert expected == repeats((varied(DATA, *variants),), index)


def test_data_that_varies_otherwise_repeats_nothing() -> None:
    inputs: tuple[VariedInput, ...] = (varied(DATA, DATA, DATA), SEEDS)
    assert not repeats(inputs, 0)
    assert not is_whole(inputs, 0)


def test_whole_numbers_may_be_drawn_twice() -> None:
    inputs = (varied(DATA, DRAWN, UNEVEN),)
    assert is_whole(inputs, 0)
    assert not is_whole(inputs, 1)


def test_numbers_are_looked_for_among_those_of_practice() -> None:
    inputs = (varied(DATA, DRAWN, UNEVEN),)
    assert is_among(inputs, 0, (varied(DATA, UNEVEN, DRAWN),), 2)
    assert not is_among(inputs, 0, (varied(DATA, UNEVEN, DATA),), 2)


def test_rounding_moves_a_variant_a_little_and_each_number_otherwise() -> None:
    inputs = (varied(DATA, DRAWN, UNEVEN),)
    (nudged,) = nudged_inputs(inputs, 0)
    assert isinstance(nudged, VariedNumbers)
    moved, other = nudged.variants
    first, second, third = moved.elements
    assert DRAWN.elements != moved.elements
    assert DRAWN.elements == pytest.approx(moved.elements, rel=1e-6)
    assert first > 3.0
    assert second != third
    assert UNEVEN == other


def test_integers_and_seeds_stay() -> None:
    integers = DRAWN.model_copy(update={"dtype": "int64"})
    inputs: tuple[VariedInput, ...] = (varied(DATA, integers), SEEDS)
    assert inputs == nudged_inputs(inputs, 0)


def test_labels_stay_where_rounding_moves_other_numbers() -> None:
    labels = varied(DATA, numbers(1.0, 0.0, 1.0))
    moved, kept = nudged_inputs((varied(DATA, DRAWN), labels), 0)
    assert varied(DATA, DRAWN) != moved
    assert labels == kept
