"""Format recorded values in short, for the space beside a line of code."""

from __future__ import annotations

import math
from collections.abc import Sequence

from grader.grading.agreement import BOOL
from grader.messages import Language, word
from grader.outputs.safe_text import plain
from grader.trace import Array, Bool, Graph, Items, Module, Nothing, Number, Text, Value

MAX_ELEMENTS = 8
"""A larger tensor, array or list is shown by its shape and its first elements."""
FIRST_ELEMENTS = 3
MAX_TEXT = 60
"""Characters shown of a text."""

BRACKETS = {"tuple": "({})", "list": "[{}]", "dict": "{{{}}}"}

WHOLE_DIGITS = 6
"""Significant digits of a number, and of the elements of an array that is shown whole."""
PART_DIGITS = 4
"""Significant digits of the first elements of a larger array."""


def in_short(value: Value, language: Language) -> str:
    """Format a value on one line: `3.8`, `[0, 1, 2, 3]`, `1×3×224×224 [0.3, -1.2, …]`.

    Numbers are written as in the code beside them, with a decimal point in every language. An
    array of one element is written as a number, whatever its shape; a list keeps its brackets.
    """
    match value:
        case Number():
            return f"{value.value:.{WHOLE_DIGITS}g}"
        case Bool():
            return str(value.value)
        case Text():
            return _text(value)
        case Array():
            return _array(value)
        case Graph():
            return word("story-graph", language, count=len(value.labels))
        case Nothing():
            return "None"
        case Items():
            return _items(value, language)
        case Module():
            name = plain(value.name)
            return word(
                "story-module",
                language,
                name=name,
                count=value.parameters,
            )
    return plain(value.type)


def _items(value: Items, language: Language) -> str:
    """Format a container by its first entries, a dict with keys."""
    parts = [in_short(entry, language) for entry in value.entries[:FIRST_ELEMENTS]]
    if value.form == "dict":
        keys = map(plain, value.keys)
        pairs = zip(keys, parts, strict=False)
        parts = [f"{key}: {part}" for key, part in pairs]
    if len(value.entries) > FIRST_ELEMENTS:
        parts.append("…")
    joined = ", ".join(parts)
    return BRACKETS[value.form].format(joined)


def _text(value: Text) -> str:
    text = plain(value.value[:MAX_TEXT])
    if len(value.value) > MAX_TEXT:
        text += "…"
    return f"'{text}'"


def _array(value: Array) -> str:
    all_recorded = len(value.elements) == value.size
    if all_recorded and value.size <= MAX_ELEMENTS:
        return _whole_array(value)

    elements = _elements(value, FIRST_ELEMENTS, PART_DIGITS)
    lengths = [str(length) for length in value.shape]
    shape = "×".join(lengths)
    if not elements:
        return shape

    first = ", ".join([*elements, "…"])
    non_numbers = _non_numbers(value)
    return f"{shape} [{first}]{non_numbers}"


def _whole_array(value: Array) -> str:
    elements = _elements(value, MAX_ELEMENTS, WHOLE_DIGITS)
    if value.size != 1:
        return _nested(elements, value.shape)
    if value.origin == "list":
        return _nested(elements, value.shape)
    return elements[0]


def _elements(
    value: Array,
    count: int,
    digits: int,
) -> list[str]:
    """Format the first elements of an array."""
    first = value.elements[:count]
    if value.dtype == BOOL:
        return [str(bool(element)) for element in first]
    return [f"{element:.{digits}g}" for element in first]


def _nested(elements: Sequence[str], shape: Sequence[int]) -> str:
    """Put elements in brackets, nested as in the shape."""
    if len(shape) <= 1 or not elements:
        joined = ", ".join(elements)
        return f"[{joined}]"

    row_count, *row_shape = shape
    row_length = len(elements) // row_count
    rows = []
    for start in range(0, len(elements), row_length):
        row = elements[start : start + row_length]
        rows.append(_nested(row, row_shape))
    joined = ", ".join(rows)
    return f"[{joined}]"


def _non_numbers(value: Array) -> str:
    """Format how many elements are NaN or infinite, if most elements are not shown."""
    nan_count, inf_count = _non_number_counts(value)
    text = ""
    if nan_count:
        text = f" {nan_count:.6g} nan"
    if inf_count:
        text += f" {inf_count:.6g} inf"
    return text


def _non_number_counts(value: Array) -> tuple[float, float]:
    """Return the counts of NaN and inf: the recorded ones, or those of the elements."""
    if value.summary:
        # A trace is a claim: its summary may be too short for both counts.
        recorded_nan, recorded_inf = (*value.summary, 0.0)[:2]
        return recorded_nan, recorded_inf

    nan_count = sum(math.isnan(element) for element in value.elements)
    inf_count = sum(math.isinf(element) for element in value.elements)
    return nan_count, inf_count
