"""Hold the answers of an exercise, and compare values with them. Pure.

Other modules ask an expectation to compare; they do not read its values.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

from grader.grading.agreement import (
    Expected,
    Tolerance,
    agrees,
    as_number,
    distance,
    dtype_rtol,
    is_alike,
)
from grader.grading.series import SeriesDifference, as_series, compare_series
from grader.trace import Array, Graph, Items, Number, Value


class Answer(BaseModel):
    """One accepted value, and the share of the points it earns."""

    model_config = ConfigDict(frozen=True, ser_json_inf_nan="strings")

    value: Expected
    credit: float = 1.0
    part: int = 0
    """Which of several values it is that an exercise asks for together."""
    way: str = ""
    """Id of the accepted way that it comes from; empty: the reference's own."""


Answers = tuple[Answer, ...]
"""The alternatives of an exercise in one run."""

VARIANT = "variant-"
"""Begins the labels of the runs on variants."""


class _NumberAnswer(NamedTuple):
    """An accepted number, precomputed: comparing numbers is the innermost loop of grading."""

    number: float
    rtol: float
    """Relative tolerance of its dtype."""
    credit: float


class Expectation:
    """The answers of an exercise, for the original data and for each variant."""

    def __init__(self, answers: Mapping[str, Iterable[Answer]], tolerance: Tolerance) -> None:
        """Initialise with the alternatives by run label."""
        self._tolerance = tolerance
        self._answers: dict[str, Answers] = {}
        self._numbers: dict[str, list[_NumberAnswer]] = {}
        self._sizes: dict[str, frozenset[int] | None] = {}
        for label, alternatives in answers.items():
            in_run = tuple(alternatives)
            self._answers[label] = in_run
            self._numbers[label] = list(_number_answers(in_run))
            self._sizes[label] = None if tolerance.series else _sizes_of(in_run)

    @property
    def runs(self) -> tuple[str, ...]:
        """Labels of the runs that it has answers for."""
        return tuple(self._answers)

    @cached_property
    def is_constant(self) -> bool:
        """Whether its first alternative is the same in every run.

        Agreeing with it then says little.
        """
        first_answers = [answers[0] for answers in self._answers.values() if answers]
        if len(first_answers) < 2:
            return False
        value = first_answers[0].value
        tolerance = self._tolerance
        return all(agrees(answer.value, value, tolerance) for answer in first_answers)

    @property
    def is_varied(self) -> bool:
        """Whether the answer differs between runs."""
        return len(self._answers) > 1 and not self.is_constant

    def matches(self, value: Value, run: str) -> float:
        """Return the share of the points that a value earns in a run.

        It is 0 if the value agrees with no alternative.
        """
        if isinstance(value, Array) and not self._has_size(value, run):
            return 0.0
        number = as_number(value)
        if number is not None:
            rtol = dtype_rtol(value)
            return self._number_credit(number, run, rtol=rtol)

        best = 0.0
        tolerance = self._tolerance
        for answer in self._in_run(run):
            credit = answer.credit
            if credit <= best:
                continue
            if agrees(value, answer.value, tolerance):
                best = credit
        return best

    def _has_size(self, array: Array, run: str) -> bool:
        """Return whether a tensor may agree with some alternative of a run by its size."""
        sizes = self._sizes.get(run)
        return sizes is None or array.size in sizes

    def distance(self, value: Value, run: str) -> float:
        """Return how far a value is from the nearest alternative of a run, in tolerances.

        It is infinite where nothing measures that; see `agreement.distance`.
        """
        nearest = math.inf
        for answer in self._in_run(run):
            far = distance(value, answer.value, self._tolerance)
            nearest = min(nearest, far)
        return nearest

    def is_like(self, value: Value, run: str) -> bool:
        """Return whether an object has the same kind as the reference's: shape or class."""
        answers = self._in_run(run)
        return any(is_alike(value, answer.value) for answer in answers)

    def matches_printed(self, value: float, half_unit: float, run: str) -> float:
        """Return the share that a printed number earns, given half a unit of its last place."""
        return self._number_credit(value, run, half_unit=half_unit)

    def parts(self) -> Iterator[Expectation]:
        """Yield the expectation of each of several marks."""
        all_answers = itertools.chain(*self._answers.values())
        numbers = {answer.part for answer in all_answers}
        for number in sorted(numbers):
            of_part: dict[str, list[Answer]] = {}
            for label, answers in self._answers.items():
                of_part[label] = [answer for answer in answers if answer.part == number]
            yield Expectation(of_part, self._tolerance)

    def entries(self) -> Iterator[Expectation]:
        """Yield the expectation of each entry of a tuple.

        There are none where an alternative is no tuple, or some have other lengths.
        """
        by_label: dict[str, list[Answers]] = {}
        lengths: set[int] = set()
        for label, answers in self._answers.items():
            split = [_by_entries(answer) for answer in answers]
            by_label[label] = split
            lengths.update(map(len, split))
        if len(lengths) != 1:
            return

        for index in range(lengths.pop()):
            of_entry: dict[str, list[Answer]] = {}
            for label, split in by_label.items():
                of_entry[label] = [entries[index] for entries in split]
            yield Expectation(of_entry, self._tolerance)

    def alternatives_like(self, value: Value, run: str) -> Iterator[Expected]:
        """Yield the alternatives that a value agrees with, to compare their form."""
        for answer in self._in_run(run):
            if self._agrees(value, answer, 0.0):
                yield answer.value

    def _in_run(self, run: str) -> Answers:
        return self._answers.get(run, ())

    def _number_credit(
        self, value: float, run: str, rtol: float = 0.0, half_unit: float = 0.0
    ) -> float:
        near = self._tolerance.near
        best = 0.0
        answers = self._numbers.get(run, ())
        for number, number_rtol, credit in answers:
            if credit <= best:
                continue
            wider_rtol = max(rtol, number_rtol)
            if near(value, number, wider_rtol, half_unit):
                best = credit
        return best

    def way(self, value: Value, run: str, half_unit: float = 0.0) -> str:
        """Return the id of the accepted way by which a value earns its points.

        It is empty where the reference's own answers earn as much.

        Args:
            value: the value.
            run: label of the run that it comes from.
            half_unit: for a printed number, half a unit of its last place.
        """
        best: Answer | None = None
        for answer in self._in_run(run):
            if best is not None and answer.credit <= best.credit:
                continue
            if self._agrees(value, answer, half_unit):
                best = answer
        if best is None:
            return ""
        return best.way

    def _agrees(self, value: Value, answer: Answer, half_unit: float) -> bool:
        number = as_number(value)
        expected = as_number(answer.value)
        if number is None or expected is None:
            return agrees(value, answer.value, self._tolerance)

        own_rtol = dtype_rtol(value)
        answer_rtol = dtype_rtol(answer.value)
        rtol = max(own_rtol, answer_rtol)
        return self._tolerance.near(number, expected, rtol, half_unit)

    def difference(self, value: Value, run: str) -> SeriesDifference | None:
        """Compare a series with the alternative that it comes nearest to.

        Returns:
            None where the value is no series, or the exercise asks for none.
        """
        rules = self._tolerance.series
        series = as_series(value)
        if rules is None or series is None:
            return None

        atol = self._tolerance.atol
        differences = []
        for answer in self._in_run(run):
            expected = as_series(answer.value)
            if expected is not None:
                difference = compare_series(series, expected, rules, atol)
                differences.append(difference)
        return min(differences, key=_count_faults, default=None)

    def values(self, run: str) -> tuple[Expected, ...]:
        """Return the alternatives of a run."""
        values = [answer.value for answer in self._in_run(run)]
        return tuple(values)

    def graphs(self, run: str) -> tuple[Graph, ...]:
        """Return the graphs among the alternatives; the structure of a network is no secret."""
        values = self.values(run)
        graphs = [value for value in values if isinstance(value, Graph)]
        return tuple(graphs)

    def numbers(self, *, of_variants: bool = True) -> tuple[float, ...]:
        """Return every number of the answer; of a series, the last one.

        It serves the test that no message to a student contains one.

        Args:
            of_variants: also those of variants.
        """
        numbers: list[float] = []
        for label, answers in self._answers.items():
            if label.startswith(VARIANT) and not of_variants:
                continue
            for answer in answers:
                numbers += self._numbers_in(answer.value)
        return tuple(numbers)

    def _numbers_in(self, value: Expected) -> tuple[float, ...]:
        series = None
        if self._tolerance.series is not None:
            series = as_series(value)
        if series is not None:
            end = series.elements[-1]
            return (end,)
        if isinstance(value, Array) and not value.summary:
            return value.elements
        number = as_number(value)
        if number is None:
            return ()
        return (number,)


def _by_entries(answer: Answer) -> Answers:
    """Split an answer that is a tuple into one answer per entry."""
    split = []
    for entry in _entries(answer.value):
        of_entry = answer.model_copy(update={"value": entry})
        split.append(of_entry)
    return tuple(split)


def _entries(value: Expected) -> tuple[Value, ...]:
    """Return the entries of a tuple, or of a row of numbers."""
    match value:
        case Items(form="tuple" | "list", entries=entries):
            return entries
        case Array(shape=(_,), elements=elements):
            numbers = [Number(value=element) for element in elements]
            return tuple(numbers)
    return ()


def _count_faults(difference: SeriesDifference) -> int:
    return len(difference.faults)


def _sizes_of(answers: Answers) -> frozenset[int] | None:
    """Return the sizes of tensors that may agree with one of some answers; None: any size."""
    sizes = set()
    for answer in answers:
        match answer.value:
            case Array() as array:
                sizes.add(array.size)
            case Items():
                return None
            case _:
                sizes.add(1)
    return frozenset(sizes)


def _number_answers(answers: Answers) -> Iterator[_NumberAnswer]:
    for answer in answers:
        value = answer.value
        number = as_number(value)
        if number is not None:
            rtol = dtype_rtol(value)
            yield _NumberAnswer(number, rtol, answer.credit)
