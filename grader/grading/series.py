"""When a series of numbers, as a loss curve, is the one asked for: by its length, its fall and its end. Pure."""

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
"""How near a mistake's series has to end, as a share: another mistake ends a few hundredths away."""

FINGERPRINT_RTOL = 1e-3
"""How near each value has to be to that of a mistake's series that does not fall: where it ends says little."""

Fault = Literal["length", "falls", "end"]
"""What is off: how many values there are, that they fall, where they end."""


@dataclass(frozen=True)
class Difference:
    """What is off in a series, and how many values it has and should have."""

    faults: tuple[Fault, ...]
    length: int
    wanted: int


def as_series(value: object) -> Array | None:
    """A value as a series, if it is one: numbers in a row, whether list, tensor or array."""
    if (
        not isinstance(value, Array)
        or value.dtype == "bool"
        or value.size < MIN_VALUES
        or not value.elements
    ):
        return None
    return value if max(value.shape) == value.size else None


def difference(value: Array, expected: Array, rules: SeriesRules, atol: float) -> Difference:
    """What is off in a series.

    Args:
        value: the series. Of a long one 64 values are there, the first and the last among them.
        expected: the reference's.
        rules: what is asked.
        atol: what the last value may be off besides, in its units.
    """
    faults: list[Fault] = []
    if rules.length == "same" and value.size != expected.size:
        faults.append("length")
    if rules.falls and not does_fall(value.elements, rules.rise):
        faults.append("falls")
    if not _near(value.elements[-1], expected.elements[-1], rules.band, atol):
        faults.append("end")
    return Difference(tuple(faults), value.size, expected.size)


def made_alike(value: Array, expected: Array, rules: SeriesRules, atol: float) -> bool:
    """Whether a series is as a mistake makes it.

    Of two that fall it matters what is asked of a right one, since they may begin anywhere. Of two that do not, each
    value does: they end in the thousands, or nowhere.
    """
    if does_fall(value.elements, rules.rise) != does_fall(expected.elements, rules.rise):
        return False
    if does_fall(expected.elements, rules.rise):
        narrow = rules.model_copy(update={"band": min(rules.band, FINGERPRINT_BAND)})
        return not difference(value, expected, narrow, atol).faults
    pairs = zip(value.elements, expected.elements, strict=False)
    return value.size == expected.size and all(
        _near(one, other, FINGERPRINT_RTOL, atol) for one, other in pairs
    )


def does_fall(numbers: Sequence[float], rise: float) -> bool:
    """Whether numbers fall: the last is below the first, and none stands far above the lowest before it.

    Args:
        numbers: finite ones; with any other it does not fall.
        rise: how far one may stand above the lowest before it, as a share of the whole fall. A curve of batches
            wavers, and one that has reached its lowest trembles in the last digits.
    """
    if not all(map(math.isfinite, numbers)) or not numbers[-1] < numbers[0]:
        return False
    most = rise * (numbers[0] - numbers[-1])
    lowest = numbers[0]
    for number in numbers:
        lowest = min(lowest, number)
        if number - lowest > most:
            return False
    return True


def _near(value: float, expected: float, rtol: float, atol: float) -> bool:
    if not math.isfinite(value) or not math.isfinite(expected):
        return value == expected or (math.isnan(value) and math.isnan(expected))
    return abs(value - expected) <= atol + rtol * abs(expected)
