"""Compare series of numbers, such as loss curves: by length, fall and end. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from grader.assignment import SeriesRules
from grader.trace import Array

MIN_VALUES = 2
"""A series has a first value and a last one."""

FINGERPRINT_BAND = 0.01
"""How near to a mistake's series one has to end, as a share.

Another mistake ends a few hundredths away.
"""

FINGERPRINT_RTOL = 1e-3
"""Relative tolerance of each value if a mistake's series does not fall.

The last value alone says little.
"""

SeriesFault = Literal["length", "falls", "end"]
"""The violated condition: the number of values, the fall, or the last value."""


@dataclass(frozen=True)
class SeriesDifference:
    """How a series differs, and how many values it has and should have."""

    faults: tuple[SeriesFault, ...]
    length: int
    expected_length: int


def as_series(value: object) -> Array | None:
    """Return a value as a series: numbers in a row, as list, tensor or array.

    Returns:
        None for any other value.
    """
    if not isinstance(value, Array):
        return None
    if value.dtype == "bool" or not value.elements:
        return None
    size = value.size
    if size < MIN_VALUES:
        return None
    is_row = max(value.shape) == size
    if not is_row:
        return None
    return value


def compare_series(
    value: Array, expected: Array, rules: SeriesRules, atol: float
) -> SeriesDifference:
    """Find how a series differs from the expected one.

    Args:
        value: the series. Of a long one there are 64 values, the first and the last among them.
        expected: the reference's.
        rules: what the exercise requires.
        atol: absolute tolerance of the last value, in its units.
    """
    numbers = value.elements
    length = value.size
    expected_length = expected.size

    faults: list[SeriesFault] = []
    if rules.length == "same" and length != expected_length:
        faults.append("length")
    if rules.falls and not does_fall(numbers, rules.rise):
        faults.append("falls")
    end = numbers[-1]
    expected_end = expected.elements[-1]
    if not _near(end, expected_end, rules.band, atol):
        faults.append("end")
    return SeriesDifference(tuple(faults), length, expected_length)


def is_like_mistake(value: Array, expected: Array, rules: SeriesRules, atol: float) -> bool:
    """Return whether a series agrees with that of a mistake.

    Two series that fall are compared by the rules for a right one, since they may begin anywhere.
    Two that do not fall are compared value by value: they end in the thousands, or nowhere.
    """
    falls = does_fall(value.elements, rules.rise)
    should_fall = does_fall(expected.elements, rules.rise)
    if falls != should_fall:
        return False

    if should_fall:
        band = min(rules.band, FINGERPRINT_BAND)
        narrow = rules.model_copy(update={"band": band})
        difference = compare_series(value, expected, narrow, atol)
        return not difference.faults

    if value.size != expected.size:
        return False
    pairs = zip(value.elements, expected.elements, strict=False)
    for number, expected_number in pairs:
        if not _near(number, expected_number, FINGERPRINT_RTOL, atol):
            return False
    return True


def does_fall(numbers: Sequence[float], rise: float) -> bool:
    """Return whether numbers fall.

    Then the last is below the first, and none is far above the lowest before it.

    Args:
        numbers: finite ones; with any other the answer is no.
        rise: how far one may be above the lowest before it, as a share of the whole fall. A curve
            of batches fluctuates, and one that has converged does so in the last digits.
    """
    if not all(map(math.isfinite, numbers)):
        return False
    first = numbers[0]
    last = numbers[-1]
    if not last < first:
        return False

    fall = first - last
    highest_rise = rise * fall
    lowest = first
    for number in numbers:
        lowest = min(lowest, number)
        if number - lowest > highest_rise:
            return False
    return True


def _near(value: float, expected: float, rtol: float, atol: float) -> bool:
    if math.isfinite(value) and math.isfinite(expected):
        limit = atol + rtol * abs(expected)
        return abs(value - expected) <= limit
    if math.isnan(value):
        return math.isnan(expected)
    return value == expected
