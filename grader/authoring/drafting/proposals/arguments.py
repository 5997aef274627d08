"""Write arguments like those that a function was called with, without their numbers. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from grader.kernel.drafted import BETWEEN, NETWORK
from grader.trace import Array, Bool, Items, Nothing, Number, Text, Value

MAX_SIZE = 20_000
"""Most elements of an argument; of a larger one the first axis is shorter."""
MAX_TEXT = 80
MIN_TELLING = 6
"""Fewest numbers of which the signs tell that others have to be positive, too."""
SHORT_AXIS = 8
"""Length of the first axis, in place of a longer one."""
SUM_TOLERANCE = 1e-3
"""How far rows may be from 1 that are probabilities."""

LONGER = {2: 1, 3: 2}
"""Per variant, how much longer first axes are."""

INTEGERS = ("int", "uint")


@dataclass(frozen=True)
class Varied:
    """Which of several arguments is written, and for which of several calls."""

    variant: int
    """0 for the first call; others have other numbers."""
    position: int = 0
    """Of the argument in its call: no two have the same numbers."""

    def wave(self, count: int) -> str:
        """Write as many numbers between -1 and 1 that look like drawn ones."""
        rate = 1 + 0.7 * self.position
        shift = self.variant + 1
        return f"torch.sin(torch.arange({count}.) * {rate:g} + {shift})"


def argument(
    value: Value,
    varied: Varied,
    form: FirstAxis,
) -> str | None:
    """Write an argument of the kind, shape and range of one that was seen.

    Args:
        value: the argument.
        varied: which of several it is.
        form: how long first axes are.

    Returns:
        An expression; None: there is none for such an argument.
    """
    match value:
        case Number(value=number):
            return _number(number, varied.variant)
        case Bool(value=truth):
            return str(truth)
        case Nothing():
            return "None"
        case Text(value=text) if text.startswith(NETWORK):
            networks = stand_ins(value)
            return networks[varied.variant % len(networks)]
        case Text(value=text) if len(text) <= MAX_TEXT:
            return repr(text)
        case Array():
            return _array(
                value,
                varied,
                form,
            )
        case Items(form="tuple" | "list" as container, entries=entries):
            return _items(
                container,
                entries,
                varied,
                form,
            )
    return None


def stand_ins(value: Value) -> list[str]:
    """List the networks that may stand for an argument; none for what is no network."""
    if not isinstance(value, Text) or not value.value.startswith(NETWORK):
        return []
    networks = value.value.removeprefix(NETWORK)
    return networks.split(BETWEEN)


@dataclass(frozen=True)
class FirstAxis:
    """How long the first axes are that have a certain length in what was seen."""

    seen: int = 0
    """The length; 0: all stay as they are."""
    length: int = 0

    def is_changed(self, shape: Sequence[int]) -> bool:
        """Tell whether the first axis of a shape has another length now."""
        if not self.seen or not shape:
            return False
        return shape[0] == self.seen


def first_axis(
    values: Sequence[Value],
    variant: int,
) -> FirstAxis:
    """Choose the length of first axes: shorter where there is too much, longer in a variant."""
    arrays = []
    for value in values:
        if isinstance(value, Array) and value.shape:
            arrays.append(value)
    for array in arrays:
        if array.size > MAX_SIZE:
            seen = array.shape[0]
            shorter = min(seen, SHORT_AXIS)
            return FirstAxis(seen, shorter + LONGER.get(variant, 0))
    if variant in LONGER and arrays:
        seen = arrays[0].shape[0]
        return FirstAxis(seen, seen + LONGER[variant])
    return FirstAxis()


def _number(number: float, variant: int) -> str:
    if not math.isfinite(number):
        return f"float('{number}')"
    if number.is_integer() and abs(number) < 1e6:
        return str(int(number) + variant)
    larger = number * (1 + 0.5 * variant)
    return f"{larger:.6g}"


def _items(
    container: str,
    entries: Sequence[Value],
    varied: Varied,
    form: FirstAxis,
) -> str | None:
    written: list[str] = []
    for entry in entries:
        text = argument(entry, varied, form)
        if text is None:
            return None
        written.append(text)
    if not written:
        return None

    joined = ", ".join(written)
    if container == "list":
        return f"[{joined}]"
    if len(written) == 1:
        return f"({joined},)"
    return f"({joined})"


def _array(array: Array, varied: Varied, form: FirstAxis) -> str | None:
    shape = list(array.shape)
    if form.is_changed(shape):
        shape[0] = form.length
    tensor = _tensor(array, shape, varied)
    if tensor is None:
        return None
    match array.origin:
        case "list":
            return f"{tensor}.tolist()"
        case "array":
            return f"{tensor}.numpy()"
    return f"{tensor}.requires_grad_()" if array.requires_grad else tensor


def _tensor(
    array: Array,
    shape: Sequence[int],
    varied: Varied,
) -> str | None:
    """Write a tensor of other numbers in the range of an array.

    They are drawn by no generator, since another seed would make them others.
    """
    if not array.elements:
        return None
    low, high = _range(array)
    wave = varied.wave(math.prod(shape))
    sizes = ", ".join(map(str, shape)) or "()"
    reshaped = "" if len(shape) == 1 else f".reshape({sizes})"
    if array.dtype == "bool":
        return f"({wave} > 0){reshaped}"
    if _is_whole(array):
        count = max(int(high) - int(low), 1) + 1
        whole = f"(({wave} + 1) * {count / 2:g}).long()"
        if int(low):
            whole = f"({whole} + {int(low)})"
        return f"{whole}{reshaped}{_conversion(array, 'int64')}"
    if _are_probabilities(array):
        return f"torch.softmax({wave}{reshaped}, -1){_conversion(array, 'float32')}"
    numbers = _floats(array, wave, varied)
    return f"{numbers}{reshaped}{_conversion(array, 'float32')}"


def _floats(
    array: Array,
    wave: str,
    varied: Varied,
) -> str:
    """Write numbers of both signs, or from 0 on where those that were seen are."""
    low, high = _range(array)
    is_small = array.size < MIN_TELLING and varied.variant > 0
    if low < 0 or is_small:
        scale = varied.variant + 1
        if not varied.variant:
            return wave
        return f"({scale} * {wave} + {varied.variant})"
    if high <= 1:
        return f"{wave}.abs()"
    return f"({high:.3g} * {wave}.abs())"


def _conversion(
    array: Array,
    drawn: str,
) -> str:
    """Write what gives drawn numbers the dtype of an array."""
    if array.origin == "list" or array.dtype == drawn:
        return ""
    return f".to(torch.{array.dtype})"


def _range(array: Array) -> tuple[float, float]:
    low = min(array.elements)
    high = max(array.elements)
    if array.summary:
        low, high = array.summary[4:6]
    return low, high


def _is_whole(array: Array) -> bool:
    """Tell whether an array holds integers, or labels as floats."""
    if array.dtype.startswith(INTEGERS):
        return True
    if array.origin == "list":
        return all(number.is_integer() for number in array.elements)
    if array.size < 2:
        return False
    return set(array.elements) <= {0.0, 1.0}


def _are_probabilities(array: Array) -> bool:
    """Tell whether the rows of an array sum up to 1."""
    if array.summary or not array.shape:
        return False
    width = array.shape[-1]
    if width < 2:
        return False
    if min(array.elements) < 0:
        return False
    for start in range(
        0,
        len(array.elements),
        width,
    ):
        row = array.elements[start : start + width]
        if abs(sum(row) - 1) > SUM_TOLERANCE:
            return False
    return True
