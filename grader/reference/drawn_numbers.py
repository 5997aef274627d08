"""Compare and move the numbers of variants that were drawn. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence

from grader.job import VariedInput, VariedNumbers
from grader.trace import Array

NUDGE = 1e-6
"""Rounding moves a float32 number by up to a tenth of this share."""

GOLDEN = (math.sqrt(5) - 1) / 2
"""Multiples of it, modulo 1, fall nowhere near each other."""

Inputs = tuple[VariedInput, ...]
"""Data and variants."""

Elements = tuple[float, ...]


def nudged_inputs(inputs: Inputs, index: int) -> Inputs:
    """Move the numbers of a variant about as far as rounding does; integers stay."""
    nudged: list[VariedInput] = []
    for varied in inputs:
        if isinstance(varied, VariedNumbers):
            moved = _nudged(varied, index)
            nudged.append(moved)
        else:
            nudged.append(varied)
    return tuple(nudged)


def _nudged(varied: VariedNumbers, index: int) -> VariedNumbers:
    if not varied.variants:
        return varied
    array = varied.variants[index]
    original = varied.original
    if _is_integer(array) or _is_integer(original):
        return varied

    elements: list[float] = []
    for position, number in enumerate(array.elements, start=1):
        # Away from 0, so that whole numbers do not become smaller ones.
        share = GOLDEN * position % 1
        factor = 1 + NUDGE * share
        elements.append(number * factor)

    moved = array.model_copy(update={"elements": tuple(elements)})
    variants = list(varied.variants)
    variants[index] = moved
    return varied.model_copy(update={"variants": tuple(variants)})


def _is_integer(array: Array) -> bool:
    return "int" in array.dtype


def repeats(inputs: Inputs, index: int) -> bool:
    """Tell whether a variant has the numbers of the data, or of an earlier variant."""
    elements = drawn_elements(inputs, index)
    if not elements:
        return False
    before = [_original_elements(inputs)]
    for earlier in range(index):
        of_earlier = drawn_elements(inputs, earlier)
        before.append(of_earlier)
    return elements in before


def is_whole(inputs: Inputs, index: int) -> bool:
    """Tell whether a variant has whole numbers only: others are drawn once."""
    elements = drawn_elements(inputs, index)
    if not elements:
        return False
    for numbers in elements:
        for number in numbers:
            if number % 1:
                return False
    return True


def is_among(inputs: Inputs, index: int, others: Inputs, count: int) -> bool:
    """Tell whether a variant has the numbers of one of some other variants.

    Args:
        inputs: the data, with the variant.
        index: of the variant.
        others: the same data, with other variants.
        count: how many these are.
    """
    elements = drawn_elements(inputs, index)
    all_others = [drawn_elements(others, other) for other in range(count)]
    return elements in all_others


def drawn_elements(inputs: Inputs, index: int) -> Sequence[Elements]:
    """Return the numbers of a variant, per input; none where some of it is no known numbers."""
    elements: list[Elements] = []
    for varied in inputs:
        if not isinstance(varied, VariedNumbers) or not varied.variants:
            return []
        variant = varied.variants[index]
        elements.append(variant.elements)
    return elements


def _original_elements(inputs: Inputs) -> Sequence[Elements]:
    elements: list[Elements] = []
    for varied in inputs:
        if isinstance(varied, VariedNumbers):
            elements.append(varied.original.elements)
    return elements
