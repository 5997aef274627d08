"""Make other numbers for data: variants that decide, and others for practice. Pure."""

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
"""Powers that make evenly spaced data uneven, and leave its order."""
MAX_TRIES = 24
"""Most ways that are tried to make numbers that are not there yet."""
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
    """List the ways to make the numbers of all variants, the best first.

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
    """Propose variants for each piece of data, one per maker; the n-th variants belong together."""
    return tuple(_propose_input(named, makers) for named in data)


def _propose_input(data: NamedData, makers: Sequence[MakeElements]) -> DraftedInput:
    if data.relation:
        expressions = [data.relation] * len(makers)
        return _drafted(data, expressions, ())

    numbers: list[Elements] = []
    for make in makers:
        known = (data.array.elements, *numbers)
        numbers.append(make(data.array, known))
    expressions = [_expression(data.array, elements) for elements in numbers]
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
    """Make whole numbers within the range of the data.

    Data of an integer type, or with a range without whole numbers, keeps its own numbers.
    """
    low = math.ceil(min(array.elements))
    high = math.floor(max(array.elements))
    if high <= low or _is_integer(array):
        return rotate(array, known)

    tries = (_whole_numbers(spread, low, high) for spread in _spreads(array))
    return _first_new(tries, known) or rotate(array, known)


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
    """Make numbers within the range of the data, evenly spread and on no round grid.

    Data of an integer type keeps its own numbers.
    """
    if _is_integer(array):
        return rotate(array, known)

    low = min(array.elements)
    width = max(array.elements) - low
    tries = (_uneven_numbers(spread, low, width) for spread in _spreads(array))
    return _first_new(tries, known) or raise_slightly(array, known)


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
    """Begin the data's own numbers elsewhere: what holds for them as a whole still does."""
    elements = array.elements
    middle = array.size // 2
    later_starts = range(middle, array.size)
    earlier_starts = range(1, middle)

    tries = []
    for start in itertools.chain(later_starts, earlier_starts):
        before = elements[:start]
        after = elements[start:]
        tries.append(after + before)
    tries.append(elements[::-1])
    return _first_new(tries, known) or tries[0]


def raise_slightly(array: Array, known: Collection[Elements]) -> Elements:
    """Make each number a little larger: what follows from the order and the signs still does."""
    if _is_integer(array):
        return rotate(array, known)
    tries = (_raised(array.elements, step) for step in range(MAX_TRIES))
    return _first_new(tries, known) or array.elements


def _raised(elements: Elements, step: int) -> Elements:
    raised = []
    for index, number in enumerate(elements):
        shift = 0.03 * _golden_position(index)
        factor = 1.02 + 0.04 * step + shift
        rounded = f"{number * factor:.4g}"
        raised.append(float(rounded))
    return tuple(raised)


def _first_new(tries: Iterable[Elements], known: Collection[Elements]) -> Elements | None:
    """Find the first numbers that are not known, and not all the same."""
    for elements in tries:
        is_constant = len(set(elements)) == 1
        if elements not in known and not is_constant:
            return elements
    return None


def _is_integer(array: Array) -> bool:
    return array.dtype.startswith(("int", "uint"))


def _spreads(array: Array) -> Iterator[list[float]]:
    """Spread positions from 0 to 1, one per number, in one way after another.

    They rise if the numbers do, else they are in disorder.
    """
    indices = range(array.size)
    if _is_rising(array.elements):
        even = [(index + 0.4) / array.size for index in indices]
        for bend in BENDS:
            yield [position**bend for position in even]
        return
    for shift in range(MAX_TRIES):
        yield [_golden_position(index + shift) for index in indices]


def _golden_position(index: int) -> float:
    return (GOLDEN * (index + 1)) % 1


def _is_rising(numbers: Sequence[float]) -> bool:
    pairs = itertools.pairwise(numbers)
    return all(number < following for number, following in pairs)


def _expression(array: Array, elements: Elements) -> str:
    """Write numbers as an expression of the data's kind and shape."""
    is_integer = _is_integer(array)
    figures = [_figure(number, is_integer=is_integer) for number in elements]
    rows = _nested(figures, array.shape)
    if array.origin == "tensor":
        return f"torch.tensor({rows})"
    if array.origin == "array":
        return f"np.array({rows})"
    return rows


def _figure(number: float, *, is_integer: bool) -> str:
    if number != int(number):
        rounded = float(f"{number:.6g}")
        return repr(rounded)
    whole = str(int(number))
    return whole if is_integer else f"{whole}."


def _nested(figures: Sequence[str], shape: Sequence[int]) -> str:
    """Write figures as lists nested in the way of a shape."""
    if len(shape) <= 1:
        return f"[{', '.join(figures)}]"
    step = len(figures) // shape[0]
    rows = []
    for start in range(0, len(figures), step):
        row = figures[start : start + step]
        rows.append(_nested(row, shape[1:]))
    return f"[{', '.join(rows)}]"
