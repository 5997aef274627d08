"""Compare a value with the expected one, within a tolerance. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Literal

from pydantic import BaseModel, ConfigDict

from grader.assignment import SeriesRules
from grader.grading.graphs import node_like, whole_below
from grader.grading.series import as_series, compare_series, is_like_mistake
from grader.trace import Array, Bool, Graph, Number, Text, Value

HALF_PRECISION = {"float16": 1e-3, "bfloat16": 8e-3}
"""Relative tolerance per dtype: two units in the last place of its mantissa (10 and 7 bits)."""

BOOL = "bool"
"""Dtype of tensors and arrays of truth values."""

COUNTS, SUMS, EXTREMES, PROJECTIONS = slice(0, 2), slice(2, 4), slice(4, 6), slice(6, None)
"""Parts of `Array.summary`."""

ABSOLUTE_SUM = 3
"""Index of the absolute sum in `Array.summary`."""


class Tolerance(BaseModel):
    """How near a value must come: `|a - b| <= atol + rtol * |b|`, where b is the expected one."""

    model_config = ConfigDict(frozen=True)

    rtol: float = 1e-4
    atol: float = 1e-6
    series: SeriesRules | None = None
    """Rules for a series, in place of each value's nearness; `rtol` is then the band of its end."""
    as_made: bool = False
    """Whether a series is compared with a mistake's, and not with a right one."""

    def near(
        self, value: float, expected: float, rtol: float = 0.0, half_unit: float = 0.0
    ) -> bool:
        """Return whether a number agrees with the expected one.

        NaN agrees with NaN, and an infinity with itself.

        Args:
            value: the number.
            expected: the expected number.
            rtol: relative tolerance of a dtype with few digits; it only widens.
            half_unit: for a printed number, half a unit of its last place.
        """
        limit = self.atol + max(max(self.rtol, rtol) * abs(expected), half_unit)
        # No NaN comes through here, and no infinity where the limit is finite.
        if abs(value - expected) <= limit:
            return limit < math.inf
        return value == expected or (math.isnan(value) and math.isnan(expected))

    def widths(self, value: float, expected: float, rtol: float = 0.0) -> float:
        """Return how far a number is from the expected one, in tolerances: up to 1 it is near.

        Args:
            value: the number.
            expected: the expected number.
            rtol: see `near`.
        """
        if value == expected:
            return 0.0
        if math.isnan(value) and math.isnan(expected):
            return 0.0

        limit = self.atol + max(self.rtol, rtol) * abs(expected)
        if not 0 < limit < math.inf:
            return math.inf
        widths = abs(value - expected) / limit
        return math.inf if math.isnan(widths) else widths


class GraphDigest(BaseModel):
    """A graph by its hash: enough to recognise it, and not enough to draw it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["graph-digest"] = "graph-digest"
    digest: str
    size: int
    """Number of its nodes."""


Expected = Value | GraphDigest
"""What a value is compared with."""


def as_number(value: Expected) -> float | None:
    """Return the number that a value holds: itself, or the element of a one-element tensor.

    A truth value holds none.
    """
    if isinstance(value, Number):
        return value.value
    if isinstance(value, Array) and value.size == 1 and value.elements and value.dtype != BOOL:
        return value.elements[0]
    return None


def dtype_rtol(value: Expected) -> float:
    """Return the relative tolerance that the dtype of a value needs; 0 for full precision."""
    if isinstance(value, Array):
        return HALF_PRECISION.get(value.dtype, 0.0)
    return 0.0


def agrees(value: Expected, expected: Expected, tolerance: Tolerance) -> bool:
    """Return whether a value is the expected one.

    - Shapes agree if they are equal but for axes of length 1; nothing is broadcast.
    - A one-element tensor equals a number. Truth values and text never equal numbers.
    - Graphs agree if the expected one is the whole graph, or all that lies below one node.
    - Tensors of more than 64 elements agree if their summaries and samples do.
    - Series agree by the rules for them.
    """
    if isinstance(expected, GraphDigest):
        return _is_graph_of(value, expected)
    if tolerance.series is not None:
        return _series_agree(value, expected, tolerance, tolerance.series)
    if isinstance(value, Graph) and isinstance(expected, Graph):
        return whole_below(value, expected) is not None
    if isinstance(value, Bool) and isinstance(expected, Bool):
        return value.value == expected.value
    if isinstance(value, Text) and isinstance(expected, Text):
        return value.value == expected.value
    return _numbers_agree(value, expected, tolerance)


def distance(value: Expected, expected: Expected, tolerance: Tolerance) -> float:
    """Return how far a value is from the expected one, in tolerances.

    It is the distance of the element that is farthest off; for a series that of its end.

    Returns:
        Up to 1 where they agree; infinity where they do not and nothing measures by how much:
        other shapes, NaN, graphs, the sums of large tensors.
    """
    if tolerance.series is not None:
        return _series_distance(value, expected, tolerance, tolerance.series)

    numbers = _measured(value)
    expected_numbers = _measured(expected)
    if len(numbers) != len(expected_numbers) or _shape(value) != _shape(expected):
        return math.inf

    rtol = max(dtype_rtol(value), dtype_rtol(expected))
    farthest = 0.0
    for number, expected_number in zip(numbers, expected_numbers, strict=True):
        farthest = max(farthest, tolerance.widths(number, expected_number, rtol))

    if farthest <= 1 and not agrees(value, expected, tolerance):
        return math.inf
    return farthest


def _is_graph_of(value: Expected, expected: GraphDigest) -> bool:
    if isinstance(value, Graph):
        return node_like(value, expected.digest, expected.size) is not None
    return value == expected


def _series_agree(
    value: Expected, expected: Expected, tolerance: Tolerance, rules: SeriesRules
) -> bool:
    series = as_series(value)
    expected_series = as_series(expected)
    if series is None or expected_series is None:
        return False
    if tolerance.as_made:
        return is_like_mistake(series, expected_series, rules, tolerance.atol)
    return not compare_series(series, expected_series, rules, tolerance.atol).faults


def _series_distance(
    value: Expected, expected: Expected, tolerance: Tolerance, rules: SeriesRules
) -> float:
    series = as_series(value)
    expected_series = as_series(expected)
    if series is None or expected_series is None:
        return math.inf

    difference = compare_series(series, expected_series, rules, tolerance.atol)
    if set(difference.faults) - {"end"}:
        return math.inf
    return tolerance.widths(series.elements[-1], expected_series.elements[-1])


def _measured(value: Expected) -> tuple[float, ...]:
    number = as_number(value)
    if number is not None:
        return (number,)
    return value.elements if isinstance(value, Array) else ()


def _shape(value: Expected) -> tuple[int, ...]:
    return _squeezed(value.shape) if isinstance(value, Array) else ()


def _numbers_agree(value: Expected, expected: Expected, tolerance: Tolerance) -> bool:
    rtol = max(dtype_rtol(value), dtype_rtol(expected))
    expected_number = as_number(expected)
    if expected_number is not None:
        number = as_number(value)
        return number is not None and tolerance.near(number, expected_number, rtol)

    if isinstance(value, Array) and isinstance(expected, Array):
        return _arrays_agree(value, expected, tolerance, rtol)
    return False


def _arrays_agree(value: Array, expected: Array, tolerance: Tolerance, rtol: float) -> bool:
    if not _are_alike(value, expected):
        return False
    if not value.elements and value.size:
        return False
    if not _all_near(value.elements, expected.elements, tolerance, rtol):
        return False
    if not expected.summary:
        return True
    return _summaries_agree(value, expected, tolerance, rtol)


def _are_alike(value: Array, expected: Array) -> bool:
    """Return whether two arrays have as many numbers, in the same shape and of the same sort."""
    if _squeezed(value.shape) != _squeezed(expected.shape):
        return False
    if (value.dtype == BOOL) != (expected.dtype == BOOL):
        return False
    if len(value.elements) != len(expected.elements):
        return False
    return len(value.summary) == len(expected.summary)


def _all_near(
    numbers: Iterable[float], expected: Iterable[float], tolerance: Tolerance, rtol: float
) -> bool:
    for number, expected_number in zip(numbers, expected, strict=True):
        if not tolerance.near(number, expected_number, rtol):
            return False
    return True


def _summaries_agree(value: Array, expected: Array, tolerance: Tolerance, rtol: float) -> bool:
    """Counts must be equal; a sum or projection may be off by as much as its terms may."""
    summary = value.summary
    expected_summary = expected.summary
    if summary[COUNTS] != expected_summary[COUNTS]:
        return False
    if not _all_near(summary[EXTREMES], expected_summary[EXTREMES], tolerance, rtol):
        return False

    relative = max(tolerance.rtol, rtol) * abs(expected_summary[ABSOLUTE_SUM])
    slack = tolerance.atol * expected.size + relative
    sums = summary[SUMS] + summary[PROJECTIONS]
    expected_sums = expected_summary[SUMS] + expected_summary[PROJECTIONS]
    pairs = zip(sums, expected_sums, strict=True)
    return all(abs(total - expected_total) <= slack for total, expected_total in pairs)


def _squeezed(shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(length for length in shape if length != 1)
