"""Writes a value of a trace in short, as it stands beside the line that left it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from grader.grading.expectation import BOOL
from grader.messages import Language, word
from grader.outputs.safe_text import plain
from grader.trace import Array, Bool, Graph, Module, Number, Text, Value

MAX_ELEMENTS = 8
"""A larger tensor, array or list is shown by its shape and its first elements."""
FIRST_ELEMENTS = 3
MAX_TEXT = 60
"""Characters shown of a text."""


def in_short(value: Value, language: Language) -> str:
    """A value on one line: `3.8`, `[0, 1, 2, 3]`, `1×3×224×224 [0.3, -1.2, …]`; six significant digits,
    of a part four. Numbers are written as in the code beside them.

    One element stands for itself, whatever its shape, but for one in a list.
    """
    match value:
        case Number():
            return f"{value.value:.6g}"
        case Bool():
            return str(value.value)
        case Text():
            return f"'{plain(value.value[:MAX_TEXT])}{'…' * (len(value.value) > MAX_TEXT)}'"
        case Array():
            return _array(value)
        case Graph():
            return word("story-graph", language, count=len(value.labels))
        case Module():
            return word("story-module", language, name=plain(value.name), count=value.parameters)
    return plain(value.type)


def _array(value: Array) -> str:
    whole = value.size <= MAX_ELEMENTS and len(value.elements) == value.size
    digits = 6 if whole else 4
    shown = value.elements if whole else value.elements[:FIRST_ELEMENTS]
    elements = [str(bool(one)) if value.dtype == BOOL else f"{one:.{digits}g}" for one in shown]
    if whole:
        return (
            elements[0]
            if value.size == 1 and value.origin != "list"
            else _nested(elements, value.shape)
        )
    shape = "×".join(map(str, value.shape))
    return f"{shape} [{', '.join([*elements, '…'])}]{_odd(value)}" if elements else shape


def _nested(elements: Sequence[str], shape: Sequence[int]) -> str:
    """Elements in brackets, as deep as the shape."""
    if len(shape) <= 1 or not elements:
        return f"[{', '.join(elements)}]"
    step = len(elements) // shape[0]
    rows = (elements[place : place + step] for place in range(0, len(elements), step))
    return f"[{', '.join(_nested(row, shape[1:]) for row in rows)}]"


def _odd(value: Array) -> str:
    """How many elements are no numbers, where most are not shown."""
    nan, inf = (*value.summary[:2], 0.0, 0.0)[:2]
    if not value.summary:
        nan, inf = sum(map(math.isnan, value.elements)), sum(map(math.isinf, value.elements))
    return "".join(f" {count:.6g} {name}" for count, name in ((nan, "nan"), (inf, "inf")) if count)
