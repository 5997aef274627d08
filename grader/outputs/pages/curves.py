"""Draw a list of numbers, such as the losses of a training, as a small curve. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence

from grader.kernel.recording.values import sample_indices
from grader.trace import Array, Value

LEAST_NUMBERS = 8
"""A shorter list is read sooner than a curve."""
WIDTH = 96
HEIGHT = 20


def curve_points(value: Value) -> str:
    """Format a list's curve as points of an SVG polyline, in a box of WIDTH × HEIGHT.

    Empty for anything but a list of eight finite numbers or more that are not all equal. Of a list
    that the trace samples, the curve goes through the sampled numbers.
    """
    if not isinstance(value, Array) or value.origin != "list":
        return ""
    if len(value.shape) != 1:
        return ""
    heights = value.elements
    if len(heights) < LEAST_NUMBERS or not all(map(math.isfinite, heights)):
        return ""
    low = min(heights)
    high = max(heights)
    fall = high - low
    if fall == 0:
        return ""

    points = []
    indices = _indices(value)
    last_index = value.size - 1
    for index, height in zip(indices, heights, strict=True):
        x = WIDTH * index / last_index
        y = HEIGHT * (high - height) / fall
        points.append(f"{x:.1f},{y:.1f}")
    return " ".join(points)


def _indices(value: Array) -> Sequence[int]:
    """Return the indices that the recorded numbers have in the whole list."""
    if len(value.elements) == value.size:
        return range(value.size)
    return sample_indices(value.size)
