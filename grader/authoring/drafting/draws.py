"""Write expressions that draw the numbers of variants, similar to those that were tried. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from grader.authoring.drafting.inputs import NamedData
from grader.authoring.drafting.variants import (
    VARIANTS,
    Family,
    MakeElements,
    has_whole_numbers,
    is_integer,
    is_rising,
    make_integral,
    make_uneven,
    raise_slightly,
    rotate,
)

Draw = Callable[[NamedData], str]
"""Writes an expression that draws a tensor with as many numbers as some data has."""


def draws_like(data: NamedData, makers: Family) -> tuple[str, ...]:
    """Write an expression per variant that draws numbers as the makers make them.

    Args:
        data: the replaced data.
        makers: the makers of its numbers in the trials of variants.

    Returns:
        One expression for all variants, if data follows from other data.
    """
    if data.relation:
        return (data.relation,)
    return tuple(_draw(data, make) for make in makers[:VARIANTS])


def _draw(data: NamedData, make: MakeElements) -> str:
    write = _DRAWS[make]
    tensor = write(data)
    match data.array.origin:
        case "array":
            return f"({tensor}).numpy()"
        case "list":
            return f"({tensor}).tolist()"
    return tensor


def _whole(data: NamedData) -> str:
    """Draw integers within the range of the data; integer data is permuted."""
    array = data.array
    if not has_whole_numbers(array):
        return _permuted(data)
    low = math.ceil(min(array.elements))
    high = math.floor(max(array.elements))
    numbers = f"torch.randint({low}, {high + 1}, {_shape(data)}).float()"
    return _in_order(data, numbers)


def _uneven(data: NamedData) -> str:
    """Draw numbers within the range of the data; integer data is permuted."""
    array = data.array
    if is_integer(array):
        return _permuted(data)
    low = min(array.elements)
    width = max(array.elements) - low
    numbers = f"{width:.6g} * torch.rand({_shape(data)})"
    if low:
        numbers = f"{low:.6g} + {numbers}"
    return _in_order(data, numbers)


def _permuted(data: NamedData) -> str:
    """Draw a permutation of the data's own numbers, the same for all data of that length."""
    name = data.name
    if data.array.origin != "tensor":
        name = f"torch.as_tensor({name})"
    order = f"torch.randperm({data.array.size}, generator=g)"
    if len(data.array.shape) == 1:
        return f"{name}[{order}]"
    return f"{name}.flatten()[{order}].reshape({_shape(data)})"


def _raised(data: NamedData) -> str:
    """Draw numbers slightly larger than the data's."""
    if is_integer(data.array):
        return _permuted(data)
    name = data.name
    if data.array.origin != "tensor":
        name = f"torch.as_tensor({name})"
    return f"{name} * (1.02 + 0.2 * torch.rand({_shape(data)}))"


_DRAWS: Mapping[MakeElements, Draw] = {
    make_integral: _whole,
    make_uneven: _uneven,
    rotate: _permuted,
    raise_slightly: _raised,
}


def _shape(data: NamedData) -> str:
    """Format the shape of some data: its length, if it has one axis."""
    shape = data.array.shape
    sizes = ", ".join(map(str, shape))
    if len(shape) != 1:
        return f"({sizes})"
    return f"({sizes},)"


def _in_order(data: NamedData, numbers: str) -> str:
    """Sort drawn numbers wherever the data's rise."""
    if not is_rising(data.array.elements):
        return numbers
    if len(data.array.shape) == 1:
        return f"({numbers}).sort().values"
    return f"({numbers}).flatten().sort().values.reshape({_shape(data)})"
