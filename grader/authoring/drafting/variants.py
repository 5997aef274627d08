"""Compute other numbers for data: variants that decide, and others for practice. Pure."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from grader.authoring.drafting.inputs import NamedData
from grader.trace import Array

GOLDEN = (math.sqrt(5) - 1) / 2
"""Multiples of it, modulo 1, fall nowhere near each other."""
BENDS = (1.4, 0.65, 1.8, 0.8, 2.2, 0.5)
"""Powers that make evenly spaced data uneven, but keep its order."""
MAX_TRIES = 24
"""Most attempts to make new numbers."""
VARIANTS = 2
"""Number of variants that decide; those after them are for practice."""

Elements = tuple[float, ...]
"""The numbers of some data, flat."""

MakeElements = Callable[[Array, Collection[Elements]], Elements]
"""Makes numbers for some data: other ones than those known already, if it can."""

Family = tuple[MakeElements, ...]
"""A way to make numbers for each variant, then for each one for practice."""


@dataclass(frozen=True)
class DraftedInput:
    """A table of `variants.toml`."""

    data: NamedData
    variants: tuple[str, ...]
    """Expressions."""
    practice: tuple[str, ...]
    """Expressions that students check their notebooks with."""
    numbers: tuple[Elements, ...]
    """The numbers of each variant, then of each one for practice; none if computed from others."""


def number_families() -> tuple[Family, ...]:
    """List the ways to compute the numbers of all variants, the best first.

    A notebook may not run with each of them.
    """
    return (
        (make_integral, make_uneven, make_integral, make_uneven),
        (rotate, make_uneven, rotate, make_uneven),
        (rotate, raise_slightly, rotate, raise_slightly),
    )


def propose_inputs(
    data: Sequence[NamedData],
    makers: Sequence[MakeElements],
) -> tuple[DraftedInput, ...]:
    """Propose variants for each input, one per maker; the n-th variants belong together."""
    return tuple(_propose_input(named, makers) for named in data)


def _propose_input(data: NamedData, makers: Sequence[MakeElements]) -> DraftedInput:
    expressions: list[str] = []
    numbers: list[Elements] = []
    if data.relation:
        expressions = [data.relation] * len(makers)
        return _drafted(data, expressions, numbers)

    array = data.array
    for make in makers:
        known = (array.elements, *numbers)
        elements = make(array, known)
        expression = _expression(array, elements)
        numbers.append(elements)
        expressions.append(expression)
    return _drafted(data, expressions, numbers)


def _drafted(
    data: NamedData,
    expressions: Sequence[str],
    numbers: Sequence[Elements],
) -> DraftedInput:
    variants = tuple(expressions[:VARIANTS])
    practice = tuple(expressions[VARIANTS:])
    return DraftedInput(data, variants, practice, tuple(numbers))


def make_integral(array: Array, known: Collection[Elements]) -> Elements:
    """Compute integers within the range of the data.

    Data of an integer type, or with a range without whole numbers, keeps its own numbers.
    """
    if not has_whole_numbers(array):
        return rotate(array, known)
    low = math.ceil(min(array.elements))
    high = math.floor(max(array.elements))
    spreads = _spreads(array)
    tries = (_whole_numbers(spread, low, high) for spread in spreads)
    elements = _first_new(tries, known)
    if elements is None:
        return rotate(array, known)
    return elements


def _whole_numbers(
    spread: Sequence[float],
    low: int,
    high: int,
) -> Elements:
    count = high - low + 1
    numbers = []
    for position in spread:
        step = int(count * position)
        numbers.append(float(low + step))
    return tuple(numbers)


def make_uneven(array: Array, known: Collection[Elements]) -> Elements:
    """Compute numbers within the range of the data, evenly spread on no round grid.

    Data of an integer type keeps its own numbers.
    """
    if is_integer(array):
        return rotate(array, known)

    low = min(array.elements)
    high = max(array.elements)
    width = high - low
    spreads = _spreads(array)
    tries = (_uneven_numbers(spread, low, width) for spread in spreads)
    elements = _first_new(tries, known)
    if elements is None:
        return raise_slightly(array, known)
    return elements


def _uneven_numbers(
    spread: Sequence[float],
    low: float,
    width: float,
) -> Elements:
    magnitude = math.floor(math.log10(width))
    digits = max(2, 2 - magnitude)
    numbers = []
    for position in spread:
        share = 0.02 + 0.96 * position  # not up to the ends, which are round
        numbers.append(round(low + width * share, digits))
    return tuple(numbers)


def rotate(array: Array, known: Collection[Elements]) -> Elements:
    """Rotate the data's own numbers: their properties as a whole stay."""
    elements = array.elements
    middle = array.size // 2
    later_starts = range(middle, array.size)
    earlier_starts = range(1, middle)

    tries = []
    for start in itertools.chain(later_starts, earlier_starts):
        before = elements[:start]
        after = elements[start:]
        tries.append(after + before)
    reverse = elements[::-1]
    tries.append(reverse)
    rotated = _first_new(tries, known)
    if rotated is None:
        return tries[0]
    return rotated


def raise_slightly(array: Array, known: Collection[Elements]) -> Elements:
    """Increase each number slightly: the order and the signs stay."""
    if is_integer(array):
        return rotate(array, known)
    elements = array.elements
    steps = range(MAX_TRIES)
    tries = (_raised(elements, step) for step in steps)
    raised = _first_new(tries, known)
    if raised is None:
        return elements
    return raised


def _raised(elements: Elements, step: int) -> Elements:
    raised = []
    factor = 1.02 + 0.04 * step
    for index, number in enumerate(elements):
        shift = 0.03 * _golden_position(index)
        product = number * (factor + shift)
        rounded = f"{product:.4g}"
        raised.append(float(rounded))
    return tuple(raised)


def _first_new(tries: Iterable[Elements], known: Collection[Elements]) -> Elements | None:
    """Find the first numbers that are new, and not all the same."""
    for elements in tries:
        different = set(elements)
        if len(different) == 1:
            continue
        if elements not in known:
            return elements
    return None


def has_whole_numbers(array: Array) -> bool:
    """Return whether there are other integers within the range of float data."""
    if is_integer(array):
        return False
    elements = array.elements
    lowest = math.ceil(min(elements))
    highest = math.floor(max(elements))
    return lowest < highest


def is_integer(array: Array) -> bool:
    """Return whether data is of an integer type."""
    return array.dtype.startswith(("int", "uint"))


def _spreads(array: Array) -> Iterator[list[float]]:
    """Spread positions from 0 to 1, one per number, in various ways.

    They rise if the numbers do, else they are in disorder.
    """
    indices = range(array.size)
    if is_rising(array.elements):
        even = [(index + 0.4) / array.size for index in indices]
        for bend in BENDS:
            yield [position**bend for position in even]
        return
    for shift in range(MAX_TRIES):
        yield [_golden_position(index + shift) for index in indices]


def _golden_position(index: int) -> float:
    return (GOLDEN * (index + 1)) % 1


def is_rising(numbers: Sequence[float]) -> bool:
    """Return whether each number is larger than the previous one."""
    pairs = itertools.pairwise(numbers)
    return all(number < following for number, following in pairs)


def _expression(array: Array, elements: Elements) -> str:
    """Write numbers as an expression of the data's kind and shape."""
    are_integers = is_integer(array)
    figures = []
    for number in elements:
        figures.append(_figure(number, is_integer=are_integers))
    rows = _nested(figures, array.shape)
    match array.origin:
        case "tensor":
            return f"torch.tensor({rows})"
        case "array":
            return f"np.array({rows})"
        case _:
            return rows


def _figure(number: float, *, is_integer: bool) -> str:
    whole = int(number)
    if number != whole:
        digits = f"{number:.6g}"
        rounded = float(digits)
        return repr(rounded)
    if is_integer:
        return str(whole)
    return f"{whole}."


def _nested(figures: Sequence[str], shape: Sequence[int]) -> str:
    """Write numbers as nested lists of a shape."""
    if len(shape) <= 1:
        return _in_brackets(figures)
    count = len(figures)
    length = count // shape[0]
    shape_of_row = shape[1:]
    rows = []
    for start in range(0, count, length):
        end = start + length
        row = _nested(figures[start:end], shape_of_row)
        rows.append(row)
    return _in_brackets(rows)


def _in_brackets(parts: Sequence[str]) -> str:
    joined = ", ".join(parts)
    return f"[{joined}]"
