"""Compare a value with the expected one, within a tolerance. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict

from grader.assignment import SeriesRules
from grader.grading.graphs import node_like, whole_below
from grader.grading.series import as_series, compare_series, is_like_mistake
from grader.trace import Array, Bool, Graph, Items, Module, Nothing, Number, Other, Text, Value

HALF_PRECISION = {"float16": 1e-3, "bfloat16": 8e-3}
"""Relative tolerance per dtype: two units in the last place of its mantissa (10 and 7 bits)."""

BOOL = "bool"
"""Dtype of tensors and arrays of truth values."""

# Parts of `Array.summary`.
COUNTS = slice(0, 2)
SUMS = slice(2, 4)
ABSOLUTE_SUM = 3
EXTREMES = slice(4, 6)
PROJECTIONS = slice(6, None)


class Tolerance(BaseModel):
    """How close a value must be: `|a - b| <= atol + rtol * |b|`, where b is the expected one."""

    model_config = ConfigDict(frozen=True)

    rtol: float = 1e-4
    atol: float = 1e-6
    series: SeriesRules | None = None
    """Rules for a series, in place of each value's nearness; `rtol` is then the band of its end."""
    ignore_case: bool = False
    """Whether capital letters of a text count as small ones."""
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
        wider_rtol = max(self.rtol, rtol)
        relative = wider_rtol * abs(expected)
        limit = self.atol + max(relative, half_unit)
        # No NaN comes through here, and no infinity where the limit is finite.
        if abs(value - expected) <= limit:
            return limit < math.inf
        return _is_same(value, expected)

    def widths(self, value: float, expected: float, rtol: float = 0.0) -> float:
        """Return how far a number is from the expected one, in tolerances: it agrees up to 1.

        Args:
            value: the number.
            expected: the expected number.
            rtol: see `near`.
        """
        if _is_same(value, expected):
            return 0.0

        wider_rtol = max(self.rtol, rtol)
        limit = self.atol + wider_rtol * abs(expected)
        if not 0 < limit < math.inf:
            return math.inf
        difference = abs(value - expected)
        if math.isnan(difference):
            return math.inf
        return difference / limit


def _is_same(value: float, expected: float) -> bool:
    if value == expected:
        return True
    return math.isnan(value) and math.isnan(expected)


class GraphDigest(BaseModel):
    """An autograd graph by its hash: enough to recognise it, but not to draw it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["graph-digest"] = "graph-digest"
    digest: str
    size: int
    """Number of its nodes."""


Expected = Value | GraphDigest
"""A value to compare with."""

Shape = tuple[int, ...]
Numbers = Sequence[float]


def as_number(value: Expected) -> float | None:
    """Return the number in a value: the value itself, or the element of a one-element tensor.

    A truth value contains none.
    """
    if isinstance(value, Number):
        return value.value
    if not isinstance(value, Array) or value.size != 1:
        return None
    if not value.elements or value.dtype == BOOL:
        return None
    return value.elements[0]


def dtype_rtol(value: Expected) -> float:
    """Return the relative tolerance that the dtype of a value needs; 0 for full precision."""
    if isinstance(value, Array):
        return HALF_PRECISION.get(value.dtype, 0.0)
    return 0.0


def _wider_rtol(value: Expected, expected: Expected) -> float:
    own_rtol = dtype_rtol(value)
    expected_rtol = dtype_rtol(expected)
    return max(own_rtol, expected_rtol)


def agrees(value: Expected, expected: Expected, tolerance: Tolerance) -> bool:
    """Return whether a value is the expected one.

    - Shapes agree if they are equal but for axes of length 1; nothing is broadcast.
    - A one-element tensor equals a number. Truth values and text never equal numbers.
    - Texts agree except for white space; tuples, lists and dicts if all their entries do.
    - A list of truth values agrees with a tensor of them.
    - A dict of numbers agrees with a tensor, a list or a column of them, in its order.
    - Graphs agree if the expected one is the whole graph, or all that lies below one node.
    - Tensors of more than 64 elements agree if their summaries and samples do.
    - Series agree by the rules for them.
    """
    if isinstance(expected, GraphDigest):
        return _is_graph_of(value, expected)
    rules = tolerance.series
    if rules is not None:
        return _series_agree(value, expected, tolerance, rules)

    match value, expected:
        case Graph(), Graph():
            return whole_below(value, expected) is not None
        case Text(value=text), Text(value=expected_text):
            return _folded(text, tolerance) == _folded(expected_text, tolerance)
        case Nothing(), Nothing():
            return True
        case Items(), Items():
            return _items_agree(value, expected, tolerance)
        case (Items() as items, Array() as array) | (Array() as array, Items() as items):
            if _truths_agree(items, array):
                return True
            return _numbers_in_dict_agree(value, expected, tolerance)
    truth = _as_truth(value)
    if truth is not None:
        return truth == _as_truth(expected)
    return _numbers_agree(value, expected, tolerance)


def is_true(value: Expected | None) -> bool:
    """Return whether a value is True, or a tensor with the single element True."""
    match value:
        case Bool(value=truth):
            return truth
        case Array(dtype="bool", elements=(element,)):
            return element == 1
    return False


def is_alike(value: Expected, other: Expected) -> bool:
    """Return whether two objects are of the same kind: the same shape, or the same class."""
    match value, other:
        case Array(), Array():
            return value.shape == other.shape
        case Other(), Other():
            return value.type == other.type
        case Module(), Module():
            return value.parameters == other.parameters
        case Number(), Number():
            return True
    return False


def _folded(text: str, tolerance: Tolerance) -> str:
    """Fold white space, and case where the tolerance says so."""
    words = text.split()
    folded = " ".join(words)
    if tolerance.ignore_case:
        return folded.casefold()
    return folded


def _as_truth(value: Expected) -> bool | None:
    """Return a value as a bool: the value itself, or the element of a tensor."""
    match value:
        case Bool():
            return value.value
        case Array(dtype=dtype, elements=(element,)) if dtype == BOOL:
            return bool(element)
        case _:
            return None


def _truths_agree(items: Items, array: Array) -> bool:
    """Compare a list or tuple of bools with a tensor of bools."""
    if items.form == "dict" or array.dtype != BOOL:
        return False
    length = len(items.entries)
    shape = _squeezed(array.shape)
    if shape != (length,):
        return False
    truths = [_as_truth(entry) for entry in items.entries]
    return truths == [bool(element) for element in array.elements]


def _numbers_in_dict_agree(value: Expected, expected: Expected, tolerance: Tolerance) -> bool:
    """Compare a dict of numbers, such as means by column, with as many unnamed numbers."""
    listed = _without_keys(value)
    expected_listed = _without_keys(expected)
    if listed is None or expected_listed is None:
        return False
    return _numbers_agree(listed, expected_listed, tolerance)


def _without_keys(value: Expected) -> Array | None:
    """Return the numbers of a dict as a list; an array unchanged."""
    if isinstance(value, Array):
        return value
    if not isinstance(value, Items) or value.form != "dict":
        return None
    numbers = [as_number(entry) for entry in value.entries]
    known = [number for number in numbers if number is not None]
    if len(known) < len(numbers):
        return None
    return Array(origin="list", shape=(len(known),), dtype="float64", elements=tuple(known))


def _items_agree(value: Items, expected: Items, tolerance: Tolerance) -> bool:
    """Compare containers entry by entry: dicts by their keys, tuples and lists by their order."""
    is_dict = value.form == "dict"
    should_be_dict = expected.form == "dict"
    if is_dict != should_be_dict:
        return False
    entries = value.entries
    expected_entries = expected.entries
    if len(entries) != len(expected_entries):
        return False
    if is_dict:
        by_key = dict(zip(value.keys, entries, strict=False))
        if by_key.keys() != set(expected.keys):
            return False
        entries = tuple(by_key[key] for key in expected.keys)

    for entry, other in zip(entries, expected_entries, strict=True):
        if not agrees(entry, other, tolerance):
            return False
    return True


def distance(value: Expected, expected: Expected, tolerance: Tolerance) -> float:
    """Return how far a value is from the expected one, in tolerances.

    It is the largest distance of any element; for a series that of its last value.

    Returns:
        Up to 1 if they agree; infinity if they do not and have no distance: other shapes, NaN,
        graphs, the sums of large tensors.
    """
    rule = tolerance.series
    if rule is not None:
        return _series_distance(value, expected, tolerance, rule)

    value = _without_keys(value) or value
    expected = _without_keys(expected) or expected
    numbers = _numbers_of(value)
    expected_numbers = _numbers_of(expected)
    if len(numbers) != len(expected_numbers):
        return math.inf
    if _shape_of(value) != _shape_of(expected):
        return math.inf

    farthest = 0.0
    rtol = _wider_rtol(value, expected)
    pairs = zip(numbers, expected_numbers, strict=True)
    for number, expected_number in pairs:
        widths = tolerance.widths(number, expected_number, rtol)
        farthest = max(farthest, widths)

    if farthest > 1:
        return farthest
    if agrees(value, expected, tolerance):
        return farthest
    return math.inf


def _is_graph_of(value: Expected, expected: GraphDigest) -> bool:
    if not isinstance(value, Graph):
        return value == expected
    node = node_like(value, expected.digest, expected.size)
    return node is not None


def _series_agree(
    value: Expected, expected: Expected, tolerance: Tolerance, rules: SeriesRules
) -> bool:
    series = as_series(value)
    expected_series = as_series(expected)
    if series is None or expected_series is None:
        return False

    atol = tolerance.atol
    if tolerance.as_made:
        return is_like_mistake(series, expected_series, rules, atol)
    difference = compare_series(series, expected_series, rules, atol)
    return not difference.faults


def _series_distance(
    value: Expected, expected: Expected, tolerance: Tolerance, rules: SeriesRules
) -> float:
    series = as_series(value)
    expected_series = as_series(expected)
    if series is None or expected_series is None:
        return math.inf

    difference = compare_series(series, expected_series, rules, tolerance.atol)
    other_faults = set(difference.faults) - {"end"}
    if other_faults:
        return math.inf
    end = series.elements[-1]
    expected_end = expected_series.elements[-1]
    return tolerance.widths(end, expected_end)


def _numbers_of(value: Expected) -> Numbers:
    number = as_number(value)
    if number is not None:
        return (number,)
    if isinstance(value, Array):
        return value.elements
    return ()


def _shape_of(value: Expected) -> Shape:
    if isinstance(value, Array):
        return _squeezed(value.shape)
    return ()


def _numbers_agree(value: Expected, expected: Expected, tolerance: Tolerance) -> bool:
    rtol = _wider_rtol(value, expected)
    expected_number = as_number(expected)
    if expected_number is not None:
        number = as_number(value)
        if number is None:
            return False
        return tolerance.near(number, expected_number, rtol)

    if isinstance(value, Array) and isinstance(expected, Array):
        return _arrays_agree(value, expected, tolerance, rtol)
    return False


def _arrays_agree(value: Array, expected: Array, tolerance: Tolerance, rtol: float) -> bool:
    if not _are_alike(value, expected):
        return False
    elements = value.elements
    if not elements and value.size:
        return False
    if not _all_near(elements, expected.elements, tolerance, rtol):
        return False
    if not expected.summary:
        return True
    return _summaries_agree(value, expected, tolerance, rtol)


def _are_alike(value: Array, expected: Array) -> bool:
    """Return whether two arrays have the same shape and the same kind of dtype."""
    shape = _squeezed(value.shape)
    expected_shape = _squeezed(expected.shape)
    if shape != expected_shape:
        return False

    is_bool = value.dtype == BOOL
    should_be_bool = expected.dtype == BOOL
    if is_bool != should_be_bool:
        return False

    if len(value.elements) != len(expected.elements):
        return False
    return len(value.summary) == len(expected.summary)


def _all_near(numbers: Numbers, expected: Numbers, tolerance: Tolerance, rtol: float) -> bool:
    near = tolerance.near
    pairs = zip(numbers, expected, strict=True)
    return all(near(number, other, rtol) for number, other in pairs)


def _summaries_agree(value: Array, expected: Array, tolerance: Tolerance, rtol: float) -> bool:
    """Counts must be equal; a sum or projection may be off by as much as its terms may."""
    summary = value.summary
    reference = expected.summary
    if summary[COUNTS] != reference[COUNTS]:
        return False
    extremes = summary[EXTREMES]
    reference_extremes = reference[EXTREMES]
    if not _all_near(extremes, reference_extremes, tolerance, rtol):
        return False

    absolute_sum = abs(reference[ABSOLUTE_SUM])
    wider_rtol = max(tolerance.rtol, rtol)
    slack = tolerance.atol * expected.size
    slack += wider_rtol * absolute_sum
    if not _all_within(slack, summary[SUMS], reference[SUMS]):
        return False
    projections = summary[PROJECTIONS]
    reference_projections = reference[PROJECTIONS]
    return _all_within(slack, projections, reference_projections)


def _all_within(slack: float, numbers: Numbers, expected: Numbers) -> bool:
    for number, other in zip(numbers, expected, strict=True):
        difference = abs(number - other)
        if not difference <= slack:  # NaN is not within it
            return False
    return True


def _squeezed(shape: Shape) -> Shape:
    return tuple(length for length in shape if length != 1)
