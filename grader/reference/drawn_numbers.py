"""Compare and perturb the drawn numbers of variants. Pure."""

from __future__ import annotations

import math

from grader.job import VariedInput, VariedNumbers
from grader.trace import Array

NUDGE = 1e-6
"""Rounding moves a float32 number by up to a tenth of this share."""

GOLDEN = (math.sqrt(5) - 1) / 2
"""Multiples of it, modulo 1, fall nowhere near each other."""

Inputs = tuple[VariedInput, ...]
"""Data and variants."""

Elements = tuple[float, ...]
"""The numbers of some data, flat."""

Numbers = list[Elements]
"""Those of all inputs."""


def nudged_inputs(inputs: Inputs, index: int) -> Inputs:
    """Perturb a variant's numbers by about a rounding error; integers and labels stay."""
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
    if _is_integer(array) or _is_integer(original) or _has_labels(array):
        return varied

    elements: list[float] = []
    for position, number in enumerate(array.elements, start=1):
        # Away from 0, so that whole numbers do not become smaller ones.
        share = GOLDEN * position % 1
        factor = 1 + NUDGE * share
        elements.append(number * factor)

    moved = {"elements": tuple(elements)}
    variants = list(varied.variants)
    variants[index] = array.model_copy(update=moved)
    changed = {"variants": tuple(variants)}
    return varied.model_copy(update=changed)


def _is_integer(array: Array) -> bool:
    return "int" in array.dtype


def _has_labels(array: Array) -> bool:
    """Return whether all numbers are 0 or 1: such labels have no rounding errors."""
    return set(array.elements) <= {0.0, 1.0}


def repeats(inputs: Inputs, index: int) -> bool:
    """Return whether a variant has the same numbers as the data, or as an earlier variant."""
    elements = drawn_elements(inputs, index)
    if not elements:
        return False
    original = _original_elements(inputs)
    before = [original]
    for earlier in range(index):
        of_earlier = drawn_elements(inputs, earlier)
        before.append(of_earlier)
    return elements in before


def is_whole(inputs: Inputs, index: int) -> bool:
    """Return whether a variant has only integers: other numbers never repeat."""
    elements = drawn_elements(inputs, index)
    if not elements:
        return False
    for numbers in elements:
        for number in numbers:
            fraction = number % 1
            if fraction:
                return False
    return True


def is_among(inputs: Inputs, index: int, others: Inputs, count: int) -> bool:
    """Return whether a variant has the same numbers as one of some others.

    Args:
        inputs: the data, with the variant.
        index: of the variant.
        others: the same data, with other variants.
        count: how many these are.
    """
    elements = drawn_elements(inputs, index)
    known: list[Numbers] = []
    for other in range(count):
        numbers = drawn_elements(others, other)
        known.append(numbers)
    return elements in known


def drawn_elements(inputs: Inputs, index: int) -> Numbers:
    """Return the numbers of a variant, by input; None if some are unknown."""
    elements: Numbers = []
    for varied in inputs:
        if not isinstance(varied, VariedNumbers):
            return []
        variants = varied.variants
        if not variants:
            return []
        variant = variants[index]
        elements.append(variant.elements)
    return elements


def _original_elements(inputs: Inputs) -> Numbers:
    elements: Numbers = []
    for varied in inputs:
        if isinstance(varied, VariedNumbers):
            original = varied.original
            elements.append(original.elements)
    return elements
