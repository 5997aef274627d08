"""Write arguments like those that a function was called with, but with other numbers. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grader.kernel.probing.drafted import BETWEEN, NETWORK
from grader.trace import Array, Bool, Items, Nothing, Number, Text, Value

MAX_SIZE = 20_000
"""Most elements of an argument; of a larger one the first axis is shorter."""
MAX_WRITTEN = 12
"""Most numbers of an argument that are written one by one."""
PLAIN = ("bool", "float32", "int64")
"""Dtypes that torch gives to numbers by itself."""
MAX_TEXT = 80
MIN_TELLING = 6
"""Least number of positive values from which other values also have to be positive."""
SHORT_AXIS = 8
"""Length of the first axis, in place of a longer one."""
SUM_TOLERANCE = 1e-3
"""How far rows may be from 1 that are probabilities."""

MAX_KEPT = 6
"""Most integers of a list that may be a shape."""

LONGER = {2: 1, 3: 2}
"""Per variant, how much longer first axes are."""

SMALLER = (2, 3)
"""Variants with smaller numbers in place of large ones, of which an exponential is infinite."""
SMALL = 5
LARGE = 20
"""Above this size, numbers are large; those in their place are up to `SMALL`."""

INTEGERS = ("int", "uint")


@dataclass(frozen=True)
class FirstAxis:
    """The lengths of first axes in place of a common one that was seen."""

    seen: int = 0
    """The length; 0: all stay as they are."""
    length: int = 0

    def resize(self, shape: Sequence[int]) -> list[int]:
        """Return a shape, with the new length if its first axis had the old one."""
        match shape:
            case [length, *others] if self.seen and length == self.seen:
                return [self.length, *others]
        return list(shape)


AS_SEEN = FirstAxis()


@dataclass(frozen=True)
class _Spread:
    """How numbers between -1 and 1 become those of an argument."""

    factor: float = 1.0
    offset: float = 0.0
    is_positive: bool = False
    """Whether only their size counts."""


def first_axis(values: Sequence[Value], variant: int) -> FirstAxis:
    """Choose the length of first axes: shorter if there is too much data, longer in a variant."""
    arrays = []
    for value in values:
        if not isinstance(value, Array):
            continue
        if value.shape:
            arrays.append(value)
    if not arrays:
        return AS_SEEN

    longer = LONGER.get(variant, 0)
    for array in arrays:
        if array.size > MAX_SIZE:
            seen = array.shape[0]
            shorter = min(seen, SHORT_AXIS)
            return FirstAxis(seen, shorter + longer)
    seen = arrays[0].shape[0]
    return FirstAxis(seen, seen + longer)


def stand_ins(value: Value) -> list[str]:
    """List the networks that may replace an argument; empty if it is not a network."""
    match value:
        case Text(value=text) if text.startswith(NETWORK):
            networks = text.removeprefix(NETWORK)
            return networks.split(BETWEEN)
    return []


@dataclass(frozen=True)
class ArgumentWriter:
    """Writes arguments with the kind, shape and range of those that were seen."""

    variant: int
    """0 for the first call; others have other numbers."""
    position: int = 0
    """Of the argument in its call: no two have the same numbers."""
    first_axis: FirstAxis = AS_SEEN
    keeps_integers: bool = False
    """Whether integers and short lists of them stay: they may be axes or a shape."""

    def write(self, value: Value) -> str | None:
        """Write an argument like a given one; None if its kind cannot be written."""
        match value:
            case Nothing():
                return "None"
            case Bool(value=truth):
                return str(truth)
            case Number(value=number):
                return self._number(number)
            case Text():
                return self._text(value)
            case Items():
                return self._items(value)
            case Array():
                return self._array(value)
        return None

    def _number(self, number: float) -> str:
        if not math.isfinite(number):
            return self._infinite(number)
        if number.is_integer() and abs(number) < 1e6:
            whole = int(number)
            if not self.keeps_integers:
                whole += self.variant
            return str(whole)
        factor = 1 + 0.5 * self.variant
        larger = number * factor
        return f"{larger:.6g}"

    def _infinite(self, number: float) -> str:
        """Write an infinity or NaN first, then large numbers: results with them can be compared."""
        if math.isnan(number):
            return "float('nan')"
        if not self.variant:
            return f"float('{number}')"
        size = 100.0 * self.variant
        large = math.copysign(size, number)
        return f"{large:g}"

    def _text(self, text: Text) -> str | None:
        networks = stand_ins(text)
        if networks:
            return networks[self.variant % len(networks)]
        if len(text.value) > MAX_TEXT:
            return None
        return repr(text.value)

    def _items(self, items: Items) -> str | None:
        written: list[str] = []
        for entry in items.entries:
            text = self.write(entry)
            if text is None:
                return None
            written.append(text)
        if not written:
            return None

        joined = ", ".join(written)
        if items.form == "list":
            return f"[{joined}]"
        if items.form != "tuple":
            return None
        if len(written) == 1:
            return f"({joined},)"
        return f"({joined})"

    def _array(self, array: Array) -> str | None:
        if self.keeps_integers and _is_short_list(array):
            integers = list(map(int, array.elements))
            return str(integers)
        written = self._written_out(array)
        if written is not None:
            return written
        tensor = self._tensor(array)
        if tensor is None:
            return None
        if array.origin == "list":
            return f"{tensor}.tolist()"
        if array.origin == "array":
            return f"{tensor}.numpy()"
        if array.requires_grad:
            return f"{tensor}.requires_grad_()"
        return tensor

    def _written_out(self, array: Array) -> str | None:
        """Write the numbers of a small array one by one, as people read them; else None."""
        shape = self.first_axis.resize(array.shape)
        count = math.prod(shape)
        is_small = 0 < count <= MAX_WRITTEN
        if not is_small:
            return None
        if not array.elements:
            return None
        if not _is_whole(array) and _are_probabilities(array):
            return None
        numbers = self._numbers(array, count)
        texts = list(map(str, numbers))
        text = _nested(texts, shape)
        if array.origin == "list":
            return text
        arguments = [text]
        if array.dtype not in PLAIN:
            arguments.append(f"dtype=torch.{array.dtype}")
        if array.requires_grad:
            arguments.append("requires_grad=True")
        joined = ", ".join(arguments)
        tensor = f"torch.tensor({joined})"
        if array.origin == "array":
            return f"{tensor}.numpy()"
        return tensor

    def _numbers(self, array: Array, count: int) -> Iterator[float | bool]:
        """Yield the numbers that `_tensor` writes as an expression, with two decimals."""
        low, high = self._bounds(array)
        is_whole = _is_whole(array)
        is_float = array.dtype.startswith("float")
        spread = self._spread(array)
        for index in range(count):
            angle = index * self._rate
            angle += self.variant + 1
            height = math.sin(angle)
            if array.dtype == "bool":
                yield height > 0
                continue
            if is_whole:
                scale = _scale(low, high)
                step = int((height + 1) * scale)
                whole = step + int(low)
                yield float(whole) if is_float else whole
                continue
            if spread.is_positive:
                height = abs(height)
            number = spread.factor * height
            number += spread.offset
            yield round(number, 2)

    def _spread(self, array: Array) -> _Spread:
        """Choose the spread of numbers: not negative if those that were seen are not."""
        low, high = self._bounds(array)
        shift = self.variant
        has_many = array.size >= MIN_TELLING
        is_first = not shift
        tells_sign = low < high and (has_many or is_first)
        if low >= 0 and tells_sign:
            largest = float(f"{high:.3g}")
            return _Spread(max(largest, 1.0), is_positive=True)
        if not shift:
            return _Spread()
        return _Spread(shift + 1, shift)

    def _bounds(self, array: Array) -> tuple[float, float]:
        """Return the lowest number and the highest: those that were seen, or small ones."""
        low, high = _range(array)
        if self.variant not in SMALLER:
            return low, high
        largest = max(-low, high)
        if low > SMALL or largest <= LARGE:
            return low, high
        lowest = max(low, -SMALL)
        highest = min(high, SMALL)
        return lowest, highest

    @property
    def _rate(self) -> float:
        """How fast the numbers of a wave follow each other."""
        return 1 + 0.7 * self.position

    def _tensor(self, array: Array) -> str | None:
        """Write a tensor of other numbers in the range of an array.

        They do not come from a generator, because they would change with the seed.
        """
        if not array.elements:
            return None
        shape = self.first_axis.resize(array.shape)
        wave = self._wave(math.prod(shape))
        reshaped = _reshaped(shape)
        if array.dtype == "bool":
            return f"({wave} > 0){reshaped}"
        if _is_whole(array):
            low, high = self._bounds(array)
            numbers = _whole(low, high, wave)
            converted = _converted(array, "int64")
            return f"{numbers}{reshaped}{converted}"

        converted = _converted(array, "float32")
        if _are_probabilities(array):
            logits = f"{wave}{reshaped}"
            return f"torch.softmax({logits}, -1){converted}"
        numbers = self._floats(array, wave)
        return f"{numbers}{reshaped}{converted}"

    def _wave(self, count: int) -> str:
        """Write as many numbers between -1 and 1 that look random."""
        shift = self.variant + 1
        rate = f"{self._rate:g}"
        angles = f"torch.arange({count}.) * {rate} + {shift}"
        return f"torch.sin({angles})"

    def _floats(self, array: Array, wave: str) -> str:
        """Write the numbers of a wave, spread as those that were seen."""
        spread = self._spread(array)
        numbers = wave
        if spread.is_positive:
            numbers = f"{wave}.abs()"
        if spread.factor == 1 and not spread.offset:
            return numbers
        factor = f"{spread.factor:g}"
        numbers = f"{factor} * {numbers}"
        if spread.offset:
            offset = f"{spread.offset:g}"
            numbers = f"{numbers} + {offset}"
        return f"({numbers})"


def _nested(numbers: Sequence[str], shape: Sequence[int]) -> str:
    """Write numbers as nested lists of a shape."""
    if not shape:
        return numbers[0]
    count, *inner = shape
    length = len(numbers) // count
    rows = []
    for start in range(0, len(numbers), length):
        row = numbers[start : start + length]
        rows.append(_nested(row, inner))
    joined = ", ".join(rows)
    return f"[{joined}]"


def _is_short_list(array: Array) -> bool:
    """Return whether a value is a list of a few integers."""
    if array.origin != "list":
        return False
    if len(array.shape) != 1:
        return False
    if array.size > MAX_KEPT:
        return False
    return _are_integers(array)


def _are_integers(array: Array) -> bool:
    """Return whether all known numbers of an array are integers."""
    return all(number.is_integer() for number in array.elements)


def _reshaped(shape: Sequence[int]) -> str:
    """Write an expression that reshapes a row of numbers."""
    if len(shape) == 1:
        return ""
    sizes = ", ".join(map(str, shape))
    return f".reshape({sizes or '()'})"


def _converted(array: Array, drawn: str) -> str:
    """Write an expression that converts drawn numbers to the dtype of an array."""
    if array.origin == "list":
        return ""
    if array.dtype == drawn:
        return ""
    return f".to(torch.{array.dtype})"


def _whole(low: float, high: float, wave: str) -> str:
    """Write the numbers of a wave as integers from the lowest to the highest."""
    scale = f"{_scale(low, high):g}"
    numbers = f"(({wave} + 1) * {scale}).long()"
    lowest = int(low)
    if not lowest:
        return numbers
    return f"({numbers} + {lowest})"


def _scale(low: float, high: float) -> float:
    """Return half the count of integers in a range, which has at least two."""
    steps = int(high) - int(low)
    count = max(steps, 1) + 1
    return count / 2


def _range(array: Array) -> tuple[float, float]:
    if array.summary:
        low, high = array.summary[4:6]
        return low, high
    low = min(array.elements)
    high = max(array.elements)
    return low, high


def _is_whole(array: Array) -> bool:
    """Return whether an array contains integers, or labels as floats."""
    if array.dtype.startswith(INTEGERS):
        return True
    if array.origin == "list":
        return _are_integers(array)
    if array.size < 2:
        return False
    # Zeros alone are no labels: a function may be called with weights that begin there.
    return set(array.elements) == {0.0, 1.0}


def _are_probabilities(array: Array) -> bool:
    """Return whether the rows of an array sum to 1."""
    if array.summary:
        return False
    if not array.shape:
        return False
    width = array.shape[-1]
    if width < 2:
        return False
    if min(array.elements) < 0:
        return False
    for start in range(0, len(array.elements), width):
        row = array.elements[start : start + width]
        total = sum(row)
        if abs(total - 1) > SUM_TOLERANCE:
            return False
    return True
