"""Recognise right results in another form: one value of a tuple, or in another order. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from grader.grading.expectation import Expectation
from grader.trace import Array, Items, Number, Value

Results = Mapping[str, Value]
"""Results of a function, by the label of their call."""


def is_other_form(results: Results, expectation: Expectation) -> bool:
    """Return whether results are right but for what is returned together, and in which order.

    Words such as "returns the gradient" leave that open where the reference returns a tuple of the
    gradient and the errors. All values of a student's are those of the reference, or all of the
    reference's are among the student's. Values that are the same in each call say nothing, nor do
    whole numbers: they may be a shape. Of a tuple of several calls, each one is judged by itself.

    Args:
        results: a student's; empty if there are none.
        expectation: what the reference gives in the same calls.
    """
    given = _by_index(results)
    entries = list(expectation.entries())
    for parts in ([expectation], entries):
        if _Matches(given, parts).are_telling:
            return True

    if len(given) < 2:
        return False
    if len(given) != len(entries):
        return False
    for of_call, expected in zip(given, entries, strict=True):
        if _all_match(of_call, expected):
            continue
        if not is_other_form(of_call, expected):
            return False
    return True


class _Matches:
    """Which entries of a student's tuple agree with which of the reference's, in all calls."""

    def __init__(self, given: Sequence[Results], expected: Sequence[Expectation]) -> None:
        self._given = given
        self._expected = expected
        self._right_given: set[int] = set()
        self._right_expected: set[int] = set()
        self._has_evidence = False
        for number, expectation in enumerate(expected):
            for index, results in enumerate(given):
                if _all_match(results, expectation):
                    self._add(index, number)

    def _add(self, index: int, number: int) -> None:
        self._right_given.add(index)
        self._right_expected.add(number)
        expectation = self._expected[number]
        if expectation.is_constant:
            return
        results = self._given[index]
        if any(map(_is_evidence, results.values())):
            self._has_evidence = True

    @property
    def are_telling(self) -> bool:
        """Whether all entries of one side agree, and some of them hardly by chance."""
        if not self._has_evidence:
            return False
        if len(self._right_expected) == len(self._expected):
            return True
        return len(self._right_given) == len(self._given)


def _all_match(results: Results, expectation: Expectation) -> bool:
    return all(expectation.matches(value, label) for label, value in results.items())


def _is_evidence(value: Value) -> bool:
    """Return whether a value agrees with another one hardly by chance."""
    match value:
        case Number(value=number):
            return not number.is_integer()
        case Array(size=size):
            return size > 1
    return False


def _by_index(results: Results) -> Sequence[Results]:
    """Split tuples into their entries, by index; empty if their lengths differ."""
    split: list[dict[str, Value]] = []
    for label, value in results.items():
        entries = _entries(value)
        if not split:
            for _ in entries:
                split.append({})
        if len(split) != len(entries):
            return ()
        for by_label, entry in zip(split, entries, strict=True):
            by_label[label] = entry
    return split


def _entries(value: Value) -> Sequence[Value]:
    """Return the entries of a tuple; of another value, itself."""
    if isinstance(value, Items):
        return value.entries
    return (value,)
