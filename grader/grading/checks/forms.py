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
    given = _by_place(results)
    entries = list(expectation.entries())
    if _are_among(given, [expectation]) or _are_among(given, entries):
        return True
    if len(given) < 2 or len(given) != len(entries):
        return False
    pairs = zip(given, entries, strict=True)
    return all(_all_match(*pair) or is_other_form(*pair) for pair in pairs)


def _all_match(results: Results, expectation: Expectation) -> bool:
    return all(expectation.matches(value, label) for label, value in results.items())


def _are_among(given: Sequence[Results], parts: Sequence[Expectation]) -> bool:
    """Return whether all results, by their places, are among the expected ones, or the reverse."""
    right_parts: set[int] = set()
    right_places: set[int] = set()
    is_telling = False
    for number, part in enumerate(parts):
        for place, results in enumerate(given):
            if _all_match(results, part):
                right_parts.add(number)
                right_places.add(place)
                is_telling |= not part.is_constant and any(map(_is_telling, results.values()))
    if not is_telling:
        return False
    return len(right_parts) == len(parts) or len(right_places) == len(given)


def _is_telling(value: Value) -> bool:
    """Return whether a value agrees with another one hardly by chance."""
    match value:
        case Number(value=number):
            return not number.is_integer()
        case Array(size=size):
            return size > 1
    return False


def _by_place(results: Results) -> Sequence[Results]:
    """Split tuples into their entries; empty if their lengths differ."""
    split: list[dict[str, Value]] = []
    for label, value in results.items():
        entries = value.entries if isinstance(value, Items) else (value,)
        if not split:
            split = [{} for _ in entries]
        if len(split) != len(entries):
            return ()
        for place, entry in zip(split, entries, strict=True):
            place[label] = entry
    return split
