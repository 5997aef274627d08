"""Read the numbers of a pandas data frame or series. Runs in the student's kernel.

Only objects of pandas' own classes are read. Nothing is imported: whatever made them has imported
pandas.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

MAX_COLUMNS = 64
MAX_ROWS = 8
"""Of a table with results; data has more."""

MAX_ELEMENTS = 1 << 16
"""Of a frame: columns of different types are copied to become one array."""


def frame_numbers(value: Any) -> Any:
    """Return the numbers of a series, or of a frame with numeric columns only, as an array.

    Anything else gives None. Like a series, the array may contain texts.
    """
    kind = type(value)
    if kind is _class("pandas.core.series", "Series"):
        return kind.to_numpy(value)
    if kind is not _class("pandas.core.frame", "DataFrame"):
        return None

    columns = len(value.columns)
    if columns > MAX_COLUMNS or columns * len(value.index) > MAX_ELEMENTS:
        return None
    return kind.to_numpy(value)


def is_table(value: Any) -> bool:
    """Return whether a value is a data frame or a series."""
    kind = type(value)
    series = _class("pandas.core.series", "Series")
    frame = _class("pandas.core.frame", "DataFrame")
    return kind is series or kind is frame


def frame_parts(value: Any) -> Iterator[tuple[Any, Any]]:
    """List the columns of a small frame by their names, or the entries of a small series."""
    if not is_table(value):
        return
    rows = len(value.index)
    if rows > MAX_ROWS:
        return

    kind = type(value)
    frame = _class("pandas.core.frame", "DataFrame")
    if kind is frame:
        yield from kind.items(value)
        return
    entries = kind.to_numpy(value)
    yield from enumerate(entries)


def _class(module: str, name: str) -> Any:
    """Return a class of pandas; None if pandas is not imported."""
    return getattr(sys.modules.get(module), name, None)
