"""Makes other numbers for data: variants that decide, and others for practice. Pure."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from grader.authoring.drafting.inputs import Data
from grader.trace import Array

GOLDEN = (math.sqrt(5) - 1) / 2
"""Multiples of it, modulo 1, fall nowhere near each other."""
BENDS = (1.4, 0.65, 1.8, 0.8, 2.2, 0.5)
"""Powers that make evenly spaced data uneven, and leave its order."""
TRIES = 24
"""How many ways are tried to give numbers that are not there yet."""
VARIANTS = 2
"""How many variants decide; those behind them are for practice."""

Numbers = tuple[float, ...]
ReferenceRunner = Callable[[Array, Collection[Numbers]], Numbers]
"""Gives numbers for some data, others than those that are there already, if it can."""


@dataclass(frozen=True)
class Input:
    """A table of `variants.toml`."""

    data: Data
    variants: tuple[str, ...]
    """Expressions."""
    practice: tuple[str, ...]
    """Expressions that students check their notebooks with."""
    numbers: tuple[Numbers, ...]
    """Of data not computed from other data: the numbers of each variant, then of each for practice."""


def families() -> tuple[tuple[ReferenceRunner, ...], ...]:
    """Ways to make the numbers of all variants, the best first; a notebook may not run with each."""
    pairs: tuple[tuple[ReferenceRunner, ReferenceRunner], ...] = (
        (integral, off_the_grid),
        (rotated, off_the_grid),
        (rotated, nearby),
    )
    return tuple(pair * 2 for pair in pairs)


def propose(found: Sequence[Data], makers: Sequence[ReferenceRunner]) -> tuple[Input, ...]:
    """The inputs with the variants that some makers give; the n-th variants belong together."""
    return tuple(_input(data, makers) for data in found)


def _input(data: Data, makers: Sequence[ReferenceRunner]) -> Input:
    numbers: list[Numbers] = []
    for maker in makers if not data.relation else ():
        numbers.append(maker(data.array, (data.array.elements, *numbers)))
    written = tuple(_written(data.array, some) for some in numbers) or (data.relation,) * len(
        makers
    )
    return Input(data, written[:VARIANTS], written[VARIANTS:], tuple(numbers))


def _new(made: Iterable[Numbers], known: Collection[Numbers]) -> Numbers | None:
    """The first numbers that are not known, and not all the same."""
    return next(
        (numbers for numbers in made if numbers not in known and len(set(numbers)) > 1), None
    )


def _is_whole(array: Array) -> bool:
    return array.dtype.startswith(("int", "uint"))


def integral(array: Array, known: Collection[Numbers]) -> Numbers:
    """Whole numbers within the range of the data; of data that is whole by type, or in a range without any, its own."""
    low, high = math.ceil(min(array.elements)), math.floor(max(array.elements))
    if high <= low or _is_whole(array):
        return rotated(array, known)
    tried = (
        tuple(float(low + int((high - low + 1) * part)) for part in parts)
        for parts in _spreads(array)
    )
    return _new(tried, known) or rotated(array, known)


def off_the_grid(array: Array, known: Collection[Numbers]) -> Numbers:
    """Numbers within the range of the data, evenly spread, on no round grid; of data that is whole by type, its own."""
    if _is_whole(array):
        return rotated(array, known)
    low, high = min(array.elements), max(array.elements)
    places = max(2, 2 - math.floor(math.log10(high - low)))
    spreads = _spreads(array)
    tried = (
        tuple(round(low + (high - low) * (0.02 + 0.96 * part), places) for part in parts)
        for parts in spreads
    )
    return _new(tried, known) or nearby(array, known)


def rotated(array: Array, known: Collection[Numbers]) -> Numbers:
    """The data's own numbers, begun elsewhere: what must hold of them as a whole still does."""
    own, middle = array.elements, array.size // 2
    begins = [*range(middle, array.size), *range(1, middle)]
    tried = [*(own[begin:] + own[:begin] for begin in begins), own[::-1]]
    return _new(tried, known) or tried[0]


def nearby(array: Array, known: Collection[Numbers]) -> Numbers:
    """The data, each number a little larger: what follows from the order and the signs still does."""
    if _is_whole(array):
        return rotated(array, known)
    tried = (
        tuple(
            float(f"{number * (1.02 + 0.04 * step + 0.03 * _part(place)):.4g}")
            for place, number in enumerate(own)
        )
        for step, own in enumerate(itertools.repeat(array.elements, TRIES))
    )
    return _new(tried, known) or array.elements


def _spreads(array: Array) -> Iterator[list[float]]:
    """Numbers from 0 to 1, one for each of the data's, one way after another: rising if these do, else in disorder."""
    if _is_rising(array.elements):
        yield from (
            [((place + 0.4) / array.size) ** bend for place in range(array.size)] for bend in BENDS
        )
    else:
        yield from ([_part(place + shift) for place in range(array.size)] for shift in range(TRIES))


def _part(place: int) -> float:
    return (GOLDEN * (place + 1)) % 1


def _is_rising(numbers: Sequence[float]) -> bool:
    return all(one < other for one, other in itertools.pairwise(numbers))


def _written(array: Array, numbers: Sequence[float]) -> str:
    """Numbers as an expression of the data's kind and shape."""
    whole = _is_whole(array)
    rows = _nested([_figure(number, whole=whole) for number in numbers], array.shape)
    kinds = {"tensor": f"torch.tensor({rows})", "array": f"np.array({rows})"}
    return kinds.get(array.origin, rows)


def _figure(number: float, *, whole: bool) -> str:
    if number == int(number):
        return str(int(number)) if whole else f"{int(number)}."
    return repr(float(f"{number:.6g}"))


def _nested(figures: Sequence[str], shape: Sequence[int]) -> str:
    if len(shape) <= 1:
        return f"[{', '.join(figures)}]"
    step = len(figures) // shape[0]
    return f"[{', '.join(_nested(figures[i * step : (i + 1) * step], shape[1:]) for i in range(shape[0]))}]"
