"""The answers of an exercise, and when a value agrees with one. An expectation is asked, never read. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

from grader.grading.agreement import Expected, Tolerance, agrees, as_number, dtype_rtol
from grader.grading.series import SeriesDifference, as_series, compare_series
from grader.trace import Array, Graph, Value


class Answer(BaseModel):
    """One alternative of an exercise: a value, and the share of the points it earns."""

    model_config = ConfigDict(frozen=True, ser_json_inf_nan="strings")

    value: Expected
    credit: float = 1.0
    way: str = ""
    """Id of the accepted way that gives it; empty: the reference's own."""


class _NumberAnswer(NamedTuple):
    """An alternative that is a number: comparing those is the innermost loop of grading."""

    number: float
    rtol: float
    """Relative tolerance of its dtype."""
    credit: float


class Expectation:
    """The answers of an exercise, for the handed-out data and for each variant."""

    def __init__(self, answers: Mapping[str, Iterable[Answer]], tolerance: Tolerance) -> None:
        """Take the alternatives per run label."""
        self._tolerance = tolerance
        self._answers = {label: tuple(alternatives) for label, alternatives in answers.items()}
        self._numbers = {
            label: tuple(_number_answers(alternatives))
            for label, alternatives in self._answers.items()
        }

    @property
    def runs(self) -> tuple[str, ...]:
        """Labels of the runs that it has answers for."""
        return tuple(self._answers)

    @cached_property
    def is_constant(self) -> bool:
        """Whether its first alternative is the same in every run, so that agreeing with it says little."""
        values = [answers[0].value for answers in self._answers.values() if answers]
        if len(values) < 2:
            return False
        return all(agrees(value, values[0], self._tolerance) for value in values)

    def matches(self, value: Value, run: str) -> float:
        """Return the share of the points that a value earns in a run: 0 if it agrees with no alternative."""
        number = as_number(value)
        if number is not None:
            return self._number_credit(number, run, rtol=dtype_rtol(value))

        best = 0.0
        for answer in self._answers.get(run, ()):
            if answer.credit > best and agrees(value, answer.value, self._tolerance):
                best = answer.credit
        return best

    def matches_printed(self, value: float, half_unit: float, run: str) -> float:
        """Return the share that a printed number earns, given half a unit of its last printed place."""
        return self._number_credit(value, run, half_unit=half_unit)

    def _number_credit(
        self, value: float, run: str, rtol: float = 0.0, half_unit: float = 0.0
    ) -> float:
        near = self._tolerance.near
        best = 0.0
        for number, number_rtol, credit in self._numbers.get(run, ()):
            if credit > best and near(value, number, max(rtol, number_rtol), half_unit):
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
        agreeing = []
        for answer in self._answers.get(run, ()):
            if self._agrees(value, answer, half_unit):
                agreeing.append(answer)

        best = max((answer.credit for answer in agreeing), default=0.0)
        ways = (answer.way for answer in agreeing if answer.credit == best)
        return next(ways, "")

    def _agrees(self, value: Value, answer: Answer, half_unit: float) -> bool:
        number = as_number(value)
        expected = as_number(answer.value)
        if number is None or expected is None:
            return agrees(value, answer.value, self._tolerance)
        rtol = max(dtype_rtol(value), dtype_rtol(answer.value))
        return self._tolerance.near(number, expected, rtol, half_unit)

    def difference(self, value: Value, run: str) -> SeriesDifference | None:
        """Say what is off in a series, compared with the alternative that it comes nearest to.

        Returns:
            None where the value is no series, or the exercise asks for none.
        """
        rules = self._tolerance.series
        series = as_series(value)
        if rules is None or series is None:
            return None

        differences = []
        for answer in self._answers.get(run, ()):
            expected = as_series(answer.value)
            if expected is not None:
                difference = compare_series(series, expected, rules, self._tolerance.atol)
                differences.append(difference)
        return min(differences, key=lambda difference: len(difference.faults), default=None)

    def graphs(self, run: str) -> tuple[Graph, ...]:
        """Return the graphs among the alternatives: the structure of a network is no secret."""
        values = (answer.value for answer in self._answers.get(run, ()))
        return tuple(value for value in values if isinstance(value, Graph))

    def numbers(self) -> tuple[float, ...]:
        """Return every number in it; for a series where it ends.

        It serves the test that no message to a student contains one.
        """
        numbers: list[float] = []
        for answers in self._answers.values():
            for answer in answers:
                numbers += self._numbers_in(answer.value)
        return tuple(numbers)

    def _numbers_in(self, value: Expected) -> tuple[float, ...]:
        if self._tolerance.series is not None:
            series = as_series(value)
            if series is not None:
                return (series.elements[-1],)
        if isinstance(value, Array) and not value.summary:
            return value.elements
        number = as_number(value)
        return () if number is None else (number,)


def _number_answers(answers: Iterable[Answer]) -> Iterator[_NumberAnswer]:
    for answer in answers:
        number = as_number(answer.value)
        if number is not None:
            yield _NumberAnswer(number, dtype_rtol(answer.value), answer.credit)
