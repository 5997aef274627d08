"""Tell whether an answer hangs on random numbers, from what it was in several runs. Pure.

The runs set other seeds, or draw numbers more. What is asked of an answer has to fit: a value where
it is fixed, a band where it is settled, and properties (its shape, say) where it is free.
"""

from __future__ import annotations

import itertools
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

SETTLED_SHARE = 0.25
"""Widest band of a settled answer, as a share of its largest number."""


@dataclass(frozen=True)
class Spread:
    """What an answer was in several runs."""

    stability: Stability
    low: float = math.nan
    """The least of the number that moves most; NaN where the answer has no numbers, or more of them
    in some runs."""
    high: float = math.nan
    """The greatest of that number."""

    @property
    def is_measured(self) -> bool:
        """Whether numbers say how far it spreads."""
        return math.isfinite(self.low) and math.isfinite(self.high)


def spread_of(values: Sequence[Expected], tolerance: Tolerance) -> Spread:
    """Classify an answer.

    Args:
        values: the answer in each run, the reference's own first; not empty.
        tolerance: how near an answer has to come to earn its points.
    """
    own = values[0]
    is_fixed = all(agrees(value, own, tolerance) for value in values)
    numbers = [_numbers_of(value, tolerance) for value in values]
    counts = {len(some) for some in numbers}
    are_finite = all(map(math.isfinite, itertools.chain(*numbers)))
    if counts == {0} or len(counts) > 1 or not are_finite:
        return Spread("fixed" if is_fixed else "free")

    ranges = [(min(at_place), max(at_place)) for at_place in zip(*numbers, strict=True)]
    low, high = max(ranges, key=_width)
    if is_fixed:
        return Spread("fixed", low, high)
    is_settled = all(_is_band(*one_range) for one_range in ranges)
    return Spread("settled" if is_settled else "free", low, high)


def widest(spreads: Iterable[Spread]) -> Spread:
    """Return the spread of the answer that is the least fixed; fixed if there is none."""

    def order(spread: Spread) -> int:
        return LEAST_FIRST.index(spread.stability)

    return min(spreads, key=order, default=Spread("fixed"))


def _numbers_of(value: Expected, tolerance: Tolerance) -> tuple[float, ...]:
    """Return the numbers that decide about an answer: of a series, where it ends."""
    if tolerance.series is not None:
        series = as_series(value)
        return () if series is None else (series.elements[-1],)
    number = as_number(value)
    if number is not None:
        return (number,)
    return value.elements if isinstance(value, Array) else ()


def _width(bounds: tuple[float, float]) -> float:
    low, high = bounds
    return high - low


def _is_band(low: float, high: float) -> bool:
    largest = max(abs(low), abs(high))
    return high - low <= SETTLED_SHARE * largest
