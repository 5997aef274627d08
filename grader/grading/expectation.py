"""What the reference gives for an exercise, and when a value agrees with it. An expectation is asked, never read."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict

from grader.assignment import SeriesRules
from grader.grading.graphs import node_like, whole_below
from grader.grading.series import Difference, as_series, difference, made_alike
from grader.trace import Array, Bool, Graph, Number, Text, Value

HALF_PRECISION = {"float16": 1e-3, "bfloat16": 8e-3}
"""Relative tolerance per dtype: two units in the last place of its mantissa (10 and 7 bits)."""


BOOL = "bool"
"""Dtype of tensors and arrays of truth values."""


class Tolerance(BaseModel):
    """How near a value must come: `|a - b| <= atol + rtol * |b|`, b the expected one."""

    model_config = ConfigDict(frozen=True)

    rtol: float = 1e-4
    atol: float = 1e-6
    series: SeriesRules | None = None
    """Of series: what is asked of them, in place of each value's nearness; `rtol` is then the band of their ends."""
    as_made: bool = False
    """Of series: whether one is held against a mistake's, and not against a right one."""

    def near(
        self, value: float, expected: float, rtol: float = 0.0, half_unit: float = 0.0
    ) -> bool:
        """Whether a number agrees with the expected one. NaN agrees with NaN, an infinity with itself.

        Args:
            value: the number.
            expected: the expected one.
            rtol: widens the relative tolerance, of a dtype with few digits.
            half_unit: of a printed number, half a unit of its last place.
        """
        limit = self.atol + max(max(self.rtol, rtol) * abs(expected), half_unit)
        if abs(value - expected) <= limit:  # no NaN, and no infinity where the limit is finite
            return limit < math.inf
        return value == expected or (math.isnan(value) and math.isnan(expected))

    def widths(self, value: float, expected: float, rtol: float = 0.0) -> float:
        """How far a number is from the expected one, in tolerances: up to 1 it is near. See `near`."""
        if value == expected or (math.isnan(value) and math.isnan(expected)):
            return 0.0
        limit = self.atol + max(self.rtol, rtol) * abs(expected)
        far = abs(value - expected) / limit if 0 < limit < math.inf else math.nan
        return math.inf if math.isnan(far) else far


class GraphDigest(BaseModel):
    """A graph by its hash: enough to recognise it by, and not to draw it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["graph-digest"] = "graph-digest"
    digest: str
    size: int
    """How many nodes it has."""


Expected = Value | GraphDigest
"""What a value is held against."""


class Answer(BaseModel):
    """One alternative of an exercise: a value, and the share of the points it earns."""

    model_config = ConfigDict(frozen=True, ser_json_inf_nan="strings")

    value: Expected
    credit: float = 1.0
    way: str = ""
    """Id of the accepted way that gives it; empty: the reference's own."""


class Expectation:
    """What an exercise's answer is, for the handed-out data and for each variant."""

    def __init__(self, answers: Mapping[str, Iterable[Answer]], tolerance: Tolerance) -> None:
        """Take the alternatives per run label."""
        self._answers = {label: tuple(alternatives) for label, alternatives in answers.items()}
        self._tolerance = tolerance
        self._numbers = {
            label: tuple(_numbers(alternatives)) for label, alternatives in self._answers.items()
        }

    @property
    def runs(self) -> tuple[str, ...]:
        """Labels of the runs it speaks of."""
        return tuple(self._answers)

    @property
    def is_constant(self) -> bool:
        """Whether its first alternative is the same in every run, so that agreeing with it says little."""
        first = [answers[0].value for answers in self._answers.values() if answers]
        return len(first) > 1 and all(agrees(value, first[0], self._tolerance) for value in first)

    def matches(self, value: Value, run: str) -> float:
        """The share of the points a value earns in a run: 0 if it agrees with no alternative."""
        number = as_number(value)
        if number is not None:
            return self._number(number, run, rtol=_rtol(value))
        answers = self._answers.get(run, ())
        return max(
            (a.credit for a in answers if agrees(value, a.value, self._tolerance)), default=0.0
        )

    def matches_printed(self, value: float, half_unit: float, run: str) -> float:
        """The share a printed number earns, given half a unit of its last printed place."""
        return self._number(value, run, half_unit=half_unit)

    def _number(self, value: float, run: str, rtol: float = 0.0, half_unit: float = 0.0) -> float:
        best = 0.0
        for number, of_answer, credit in self._numbers.get(run, ()):
            if credit > best and self._tolerance.near(
                value, number, max(rtol, of_answer), half_unit
            ):
                best = credit
        return best

    def way(self, value: Value, run: str, half_unit: float = 0.0) -> str:
        """The accepted way by which a value earns what it does; empty where the reference's own answers earn as much.

        Args:
            value: the value.
            run: label of the run it is of.
            half_unit: of a printed number, half a unit of its last place.
        """
        number = as_number(value)
        agreeing = [
            a for a in self._answers.get(run, ()) if self._agrees(value, number, a, half_unit)
        ]
        best = max((answer.credit for answer in agreeing), default=0.0)
        return next((answer.way for answer in agreeing if answer.credit == best), "")

    def _agrees(self, value: Value, number: float | None, answer: Answer, half_unit: float) -> bool:
        expected = as_number(answer.value)
        if number is None or expected is None:
            return agrees(value, answer.value, self._tolerance)
        return self._tolerance.near(
            number, expected, max(_rtol(value), _rtol(answer.value)), half_unit
        )

    def difference(self, value: Value, run: str) -> Difference | None:
        """Of a series, what is off in it: held against the alternative that it comes nearest to; None: no series."""
        rules, own = self._tolerance.series, as_series(value)
        expected = (as_series(answer.value) for answer in self._answers.get(run, ()))
        if rules is None or own is None:
            return None
        found = (
            difference(own, other, rules, self._tolerance.atol)
            for other in expected
            if other is not None
        )
        return min(found, key=lambda one: len(one.faults), default=None)

    def graphs(self, run: str) -> tuple[Graph, ...]:
        """The graphs among the alternatives: a network's structure, which is no secret."""
        return tuple(a.value for a in self._answers.get(run, ()) if isinstance(a.value, Graph))

    def numbers(self) -> tuple[float, ...]:
        """Every number in it, for the test that no message to a student contains one; of a series where it ends."""
        found: list[float] = []
        for alternatives in self._answers.values():
            for answer in alternatives:
                if self._tolerance.series is not None and (series := as_series(answer.value)):
                    found.append(series.elements[-1])
                elif isinstance(answer.value, Array) and not answer.value.summary:
                    found.extend(answer.value.elements)
                elif (number := as_number(answer.value)) is not None:
                    found.append(number)
        return tuple(found)


def _numbers(answers: Iterable[Answer]) -> Iterator[tuple[float, float, float]]:
    """Of the alternatives that are numbers: the number, its relative tolerance and its credit."""
    for answer in answers:
        number = as_number(answer.value)
        if number is not None:
            yield number, _rtol(answer.value), answer.credit


def _rtol(value: Expected) -> float:
    return HALF_PRECISION.get(value.dtype, 0.0) if isinstance(value, Array) else 0.0


def as_number(value: Expected) -> float | None:
    """The number a value holds: itself, or the element of a one-element tensor. Bool holds none."""
    if isinstance(value, Number):
        return value.value
    if isinstance(value, Array) and value.size == 1 and value.elements and value.dtype != BOOL:
        return value.elements[0]
    return None


def agrees(value: Expected, expected: Expected, tolerance: Tolerance) -> bool:
    """Whether a value is the expected one.

    Shapes agree when they are equal but for axes of length 1; a one-element tensor equals a number; nothing is
    broadcast. Bool and text never equal numbers. Graphs agree when the expected graph is the value's whole, or all
    that lies below one of its nodes. Tensors of more than 64 elements agree when their summaries and samples do.
    Series agree by what is asked of them.
    """
    if isinstance(expected, GraphDigest):
        return value == expected or (
            isinstance(value, Graph)
            and node_like(value, expected.digest, expected.size) is not None
        )
    if tolerance.series is not None:
        return _series(value, expected, tolerance, tolerance.series)
    if isinstance(value, Graph) and isinstance(expected, Graph):
        return whole_below(value, expected) is not None
    if isinstance(value, Bool) and isinstance(expected, Bool):
        return value.value == expected.value
    if isinstance(value, Text) and isinstance(expected, Text):
        return value.value == expected.value
    rtol = max(_rtol(value), _rtol(expected))
    number = as_number(expected)
    if number is not None:
        own = as_number(value)
        return own is not None and tolerance.near(own, number, rtol)
    return (
        isinstance(value, Array)
        and isinstance(expected, Array)
        and _arrays(value, expected, tolerance, rtol)
    )


def distance(value: Expected, expected: Expected, tolerance: Tolerance) -> float:
    """How far a value is from the expected one, in tolerances: that of the element which is farthest off.

    Returns:
        Up to 1 where they agree; infinity where they do not and nothing measures by how much: other shapes, NaN,
        graphs, the sums of large tensors. Of series it is their ends that are measured.
    """
    if tolerance.series is not None:
        return _distance_of_series(value, expected, tolerance, tolerance.series)
    rtol = max(_rtol(value), _rtol(expected))
    pairs = zip(_measured(value), _measured(expected), strict=False)
    far = max((tolerance.widths(own, other, rtol) for own, other in pairs), default=0.0)
    comparable = len(_measured(value)) == len(_measured(expected)) and _shape(value) == _shape(
        expected
    )
    if not comparable or (far <= 1 and not agrees(value, expected, tolerance)):
        return math.inf
    return far


def _series(value: Expected, expected: Expected, tolerance: Tolerance, rules: SeriesRules) -> bool:
    own, other = as_series(value), as_series(expected)
    if own is None or other is None:
        return False
    if tolerance.as_made:
        return made_alike(own, other, rules, tolerance.atol)
    return not difference(own, other, rules, tolerance.atol).faults


def _distance_of_series(
    value: Expected, expected: Expected, tolerance: Tolerance, rules: SeriesRules
) -> float:
    own, other = as_series(value), as_series(expected)
    if (
        own is None
        or other is None
        or set(difference(own, other, rules, tolerance.atol).faults) - {"end"}
    ):
        return math.inf
    return tolerance.widths(own.elements[-1], other.elements[-1])


def _measured(value: Expected) -> tuple[float, ...]:
    number = as_number(value)
    if number is not None:
        return (number,)
    return value.elements if isinstance(value, Array) else ()


def _shape(value: Expected) -> tuple[int, ...]:
    return _squeezed(value.shape) if isinstance(value, Array) else ()


def _arrays(value: Array, expected: Array, tolerance: Tolerance, rtol: float) -> bool:
    if _squeezed(value.shape) != _squeezed(expected.shape) or (value.dtype == BOOL) != (
        expected.dtype == BOOL
    ):
        return False
    if len(value.elements) != len(expected.elements) or len(value.summary) != len(expected.summary):
        return False
    if not value.elements and value.size:
        return False
    near = all(
        tolerance.near(a, b, rtol) for a, b in zip(value.elements, expected.elements, strict=True)
    )
    return near and _summaries(value, expected, tolerance, rtol)


def _summaries(value: Array, expected: Array, tolerance: Tolerance, rtol: float) -> bool:
    """Counts must be equal; a sum or projection may be off by as much as its terms may."""
    if not expected.summary:
        return True
    if value.summary[:2] != expected.summary[:2]:
        return False
    slack = tolerance.atol * expected.size + max(tolerance.rtol, rtol) * abs(expected.summary[3])
    extremes = all(
        tolerance.near(a, b, rtol)
        for a, b in zip(value.summary[4:6], expected.summary[4:6], strict=True)
    )
    sums = (*zip(value.summary[2:4], expected.summary[2:4], strict=True),)
    projections = (*zip(value.summary[6:], expected.summary[6:], strict=True),)
    return extremes and all(abs(a - b) <= slack for a, b in sums + projections)


def _squeezed(shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(length for length in shape if length != 1)
