"""Recognise right results in another form: one value of a tuple, or in another order. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from grader.grading.expectation import Expectation
from grader.trace import Items, Value

Results = Mapping[str, Value]
"""Results of a function, by the label of their call."""


def is_other_form(results: Results, expectation: Expectation) -> bool:
    """Return whether results are right but for what is returned together, and in which order.

    Words such as "returns the gradient" leave that open where the reference returns a tuple of the
    gradient and the errors. All values of a student's are those of the reference, or all of the
    reference's are among the student's. Values that are the same in each call say nothing.
    """
    given = _by_place(results)
    entries = list(expectation.entries())
    return any(_are_among(given, parts) for parts in ([expectation], entries))


def _are_among(given: Sequence[Results], parts: Sequence[Expectation]) -> bool:
    """Return whether all results, by their places, are among the expected ones, or the reverse."""
    right_parts: set[int] = set()
    right_places: set[int] = set()
    for number, part in enumerate(parts):
        for place, results in enumerate(given):
            if all(part.matches(value, label) for label, value in results.items()):
                right_parts.add(number)
                right_places.add(place)
    if all(parts[number].is_constant for number in right_parts):
        return False
    return len(right_parts) == len(parts) or len(right_places) == len(given)


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
