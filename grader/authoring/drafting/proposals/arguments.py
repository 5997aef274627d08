"""Write arguments like those that a function was called with, without their numbers. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from grader.trace import Array, Bool, Items, Nothing, Number, Text, Value

MAX_SIZE = 20_000
"""Most elements of an argument; of a larger one the first axis is shorter."""
MAX_TEXT = 80
SHORT_AXIS = 8
"""Length of the first axis, in place of a longer one."""
SUM_TOLERANCE = 1e-3
"""How far rows may be from 1 that are probabilities."""

INTEGERS = ("int", "uint")


def argument(value: Value, variant: int, short: int | None = None) -> str | None:
    """Write an argument of the kind, shape and range of one that was seen.

    Args:
        value: the argument.
        variant: 0 for the first; others give other numbers.
        short: length of a first axis that is too long in the place of this one; None: none is.

    Returns:
        An expression; None: there is none for such an argument.
    """
    match value:
        case Number(value=number):
            return _number(number, variant)
        case Bool(value=truth):
            return str(truth)
        case Nothing():
            return "None"
        case Text(value=text) if len(text) <= MAX_TEXT:
            return repr(text)
        case Array():
            return _array(value, variant, short)
        case Items(form="tuple" | "list" as form, entries=entries):
            return _items(form, entries, variant, short)
    return None


def too_long_axis(values: Sequence[Value]) -> int | None:
    """Find the length of the first axis of an argument with too many elements."""
    for value in values:
        if isinstance(value, Array) and value.size > MAX_SIZE:
            return value.shape[0]
    return None


def _number(number: float, variant: int) -> str:
    if number == int(number) and abs(number) < 1e6:
        whole = int(number)
        return str(whole + variant)
    larger = number * (1 + 0.5 * variant)
    return f"{larger:.6g}"


def _items(form: str, entries: Sequence[Value], variant: int, short: int | None) -> str | None:
    written = [argument(entry, variant, short) for entry in entries]
    known = [text for text in written if text is not None]
    if len(known) < len(written) or not known:
        return None
    joined = ", ".join(known)
    if form == "list":
        return f"[{joined}]"
    return f"({joined},)" if len(known) == 1 else f"({joined})"


def _array(array: Array, variant: int, short: int | None) -> str | None:
    shape = list(array.shape)
    if short is not None and shape and shape[0] == short:
        shape[0] = min(short, SHORT_AXIS)
    tensor = _tensor(array, shape, variant)
    if tensor is None:
        return None
    match array.origin:
        case "list":
            return f"{tensor}.tolist()"
        case "array":
            return f"{tensor}.numpy()"
    return f"{tensor}.requires_grad_()" if array.requires_grad else tensor


def _tensor(array: Array, shape: Sequence[int], variant: int) -> str | None:
    """Write a tensor of random numbers in the range of an array."""
    if not array.elements:
        return None
    low, high = _range(array)
    sizes = ", ".join(map(str, shape)) or "()"
    if array.dtype == "bool":
        return f"(torch.rand({sizes}) > {0.5 + 0.1 * variant:g})"
    if _is_whole(array):
        highest = max(int(high), int(low) + 1)
        size = f"({sizes},)" if len(shape) == 1 else f"({sizes})"
        drawn = f"torch.randint({int(low)}, {highest + 1}, {size})"
        mirrored = f"{drawn}.flip(0)" if variant and shape else drawn
        return f"{mirrored}{_conversion(array, 'int64')}"
    return f"{_floats(array, sizes, variant)}{_conversion(array, 'float32')}"


def _floats(array: Array, sizes: str, variant: int) -> str:
    """Write random numbers; those of another variant are spread in another way."""
    low, high = _range(array)
    normal = f"torch.randn({sizes})"
    uniform = f"torch.rand({sizes})"
    if variant:
        normal = f"({variant + 1} * {normal} + 1)"
        uniform = f"({uniform} ** {variant + 1})"
    if _are_probabilities(array):
        return f"torch.softmax({normal}, -1)"
    if low >= 0 and high <= 1:
        return uniform
    if low >= 0:
        return f"({high:.3g} * {uniform})"
    return normal


def _conversion(array: Array, drawn: str) -> str:
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
        return all(number == int(number) for number in array.elements)
    return array.size > 1 and set(array.elements) <= {0.0, 1.0}


def _are_probabilities(array: Array) -> bool:
    """Tell whether the rows of an array sum up to 1."""
    if array.summary or not array.shape or array.shape[-1] < 2:
        return False
    width = array.shape[-1]
    if min(array.elements) < 0:
        return False
    for start in range(0, len(array.elements), width):
        row = array.elements[start : start + width]
        if abs(sum(row) - 1) > SUM_TOLERANCE:
            return False
    return True
