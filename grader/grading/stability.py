"""Classify how an answer depends on random numbers, from its values in several runs. Pure.

The runs use other seeds, or draw more numbers. The check has to fit: a value if the answer is
fixed, a band if it is settled, and only properties (such as its shape) if it is free.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from grader.grading.agreement import Expected, Tolerance, agrees, as_number
from grader.grading.series import as_series
from grader.trace import Array

Stability = Literal["fixed", "settled", "free"]
"""How an answer behaves under other seeds.

`fixed`: it stays within the exercise's tolerance; `settled`: it stays in a band; `free`: neither.
"""

LEAST_FIRST: tuple[Stability, ...] = ("free", "settled", "fixed")

Range = tuple[float, float]
"""The least and the greatest of a number, over all runs."""

SETTLED_SHARE = 0.25
"""Widest band of a settled answer, as a share of its largest number."""


@dataclass(frozen=True)
class Spread:
    """How an answer varied over several runs."""

    stability: Stability
    low: float = math.nan
    """The least of the number that moves most; NaN where the answer has no numbers, or more of them
    in some runs."""
    high: float = math.nan
    """The greatest of that number."""

    @property
    def is_measured(self) -> bool:
        """Whether its spread is known in numbers."""
        return math.isfinite(self.low) and math.isfinite(self.high)


def spread_of(values: Sequence[Expected], tolerance: Tolerance) -> Spread:
    """Classify an answer.

    Args:
        values: the answer in each run, the reference's own first; not empty.
        tolerance: how near an answer has to come to earn its points.
    """
    own = values[0]
    is_fixed = all(agrees(value, own, tolerance) for value in values)
    ranges = _ranges(values, tolerance)
    stability: Stability = "fixed" if is_fixed else "free"
    if not ranges:
        return Spread(stability)

    if not is_fixed and all(map(_is_band, ranges)):
        stability = "settled"
    low, high = max(ranges, key=_width)
    return Spread(stability, low, high)


def widest(spreads: Iterable[Spread]) -> Spread:
    """Return the spread of the most random answer; fixed if there is none."""

    def order(spread: Spread) -> int:
        return LEAST_FIRST.index(spread.stability)

    return min(spreads, key=order, default=Spread("fixed"))


def _ranges(values: Sequence[Expected], tolerance: Tolerance) -> list[Range]:
    """Measure the range of each number of an answer.

    Returns:
        Nothing where the answer has no finite numbers, or not as many in every run.
    """
    numbers = [_numbers_of(value, tolerance) for value in values]
    counts = {len(some) for some in numbers}
    if len(counts) > 1:
        return []

    ranges: list[Range] = []
    for at_place in zip(*numbers, strict=True):
        if not all(map(math.isfinite, at_place)):
            return []
        low = min(at_place)
        high = max(at_place)
        ranges.append((low, high))
    return ranges


def _numbers_of(value: Expected, tolerance: Tolerance) -> tuple[float, ...]:
    """Return the numbers that decide about an answer: of a series, the last one."""
    if tolerance.series is not None:
        series = as_series(value)
        if series is None:
            return ()
        end = series.elements[-1]
        return (end,)

    number = as_number(value)
    if number is not None:
        return (number,)
    if isinstance(value, Array):
        return value.elements
    return ()


def _width(bounds: Range) -> float:
    low, high = bounds
    return high - low


def _is_band(bounds: Range) -> bool:
    largest = max(map(abs, bounds))
    widest_band = SETTLED_SHARE * largest
    return _width(bounds) <= widest_band
