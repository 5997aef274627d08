"""Describes a value as plain data. Runs inside the student's kernel: standard library, and what is already imported.

Every function here meets values that a student made: it calls no method of theirs, and what it cannot describe it
names by its type.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from typing import Any

MAX_ELEMENTS = 64
MAX_CHILDREN = 32
MAX_TEXT = 2_000
MAX_SUMMARISED = 1 << 24
"""Beyond this many elements only shape and dtype are recorded."""

Described = dict[str, Any]


def describe(value: Any) -> Described:
    """A value as the plain data of `grader.trace.Value`.

    Up to 64 elements are copied; of a larger tensor, 64 elements at fixed places and a summary, so that two of them
    compare within a tolerance.
    """
    try:
        return _scalar(value) or _array(value) or _graph(value) or _module(value) or _other(value)
    except Exception:  # noqa: BLE001 - a hostile or odd object must not end the student's cell
        return _other(value)


def _scalar(value: Any) -> Described | None:
    kind = type(value)
    if kind is bool:
        return {"kind": "bool", "value": value}
    if kind is int:
        return {"kind": "number", "value": _number(value)}
    if kind is float:
        return {"kind": "number", "value": _number(value)}
    if kind is str:
        return {"kind": "text", "value": value[:MAX_TEXT]}
    numpy = sys.modules.get("numpy")
    if numpy is not None and issubclass(kind, numpy.bool_):
        return {"kind": "bool", "value": bool(value)}
    if numpy is not None and issubclass(kind, (numpy.integer, numpy.floating)):
        return {"kind": "number", "value": _number(value.item())}
    return None


def _number(value: float) -> float | str:
    """A number as JSON takes it: no NaN, no infinity, no integer of a thousand digits."""
    if isinstance(value, int) and not -(2**1000) < value < 2**1000:
        return "Infinity" if value > 0 else "-Infinity"
    number = float(value)
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    return number


def _array(value: Any) -> Described | None:
    if is_tensor(value):
        return _tensor(value)
    if is_ndarray(value):
        return _ndarray(value)
    if type(value) in (list, tuple):
        return _list(value)
    return None


def is_tensor(value: Any) -> bool:
    """Whether a value is a torch tensor (`Variable` is one)."""
    torch = sys.modules.get("torch")
    tensor = getattr(torch, "Tensor", None)
    return tensor is not None and issubclass(type(value), tensor)


def is_ndarray(value: Any) -> bool:
    """Whether a value is a numpy array."""
    numpy = sys.modules.get("numpy")
    array = getattr(numpy, "ndarray", None)
    return array is not None and issubclass(type(value), array)


def _tensor(value: Any) -> Described | None:
    torch = sys.modules["torch"]
    with torch._C.DisableTorchFunctionSubclass(), torch.no_grad():
        odd = value.is_sparse or value.is_complex() or value.is_quantized or value.device.type == "meta"
        if odd or value.layout != torch.strided:
            return None
        described = {
            "kind": "array",
            "origin": "tensor",
            "shape": list(value.shape),
            "dtype": str(value.dtype).removeprefix("torch."),
            "requires_grad": value.requires_grad,
            "grad_fn": type(value.grad_fn).__name__ if value.grad_fn is not None else None,
        }
        count = value.numel()
        if count <= MAX_ELEMENTS:
            flat = value.detach().reshape(-1).tolist()
            return described | {"elements": [_number(element) for element in flat]}
        if count > MAX_SUMMARISED:
            return described | {"elements": []}
        return described | _summary(value.detach().reshape(-1), count)


def _summary(flat: Any, count: int) -> Described:
    """Of a flat tensor: 64 elements at fixed places, and counts, sums, extremes and four projections in float64."""
    torch = sys.modules["torch"]
    places = _places(count)
    wide = flat.to(torch.float64)
    finite = torch.nan_to_num(wide, nan=0.0, posinf=0.0, neginf=0.0)
    steps = torch.arange(count, dtype=torch.float64)
    projections = [torch.dot(finite, torch.cos(steps * rate)) for rate in (0.7, 1.3, 2.1, 2.9)]
    numbers = [
        wide.isnan().sum(),
        wide.isinf().sum(),
        finite.sum(),
        finite.abs().sum(),
        finite.min(),
        finite.max(),
    ]
    return {
        "elements": [_number(element) for element in wide[torch.tensor(places)].tolist()],
        "summary": [_number(number.item()) for number in numbers + projections],
    }


def _places(count: int) -> list[int]:
    """Sixty-four places: the first and last sixteen, and thirty-two evenly between. A loop's first losses count."""
    middle = [16 + (count - 32) * step // 32 for step in range(32)]
    return [*range(16), *middle, *range(count - 16, count)]


def _ndarray(value: Any) -> Described | None:
    numpy = sys.modules["numpy"]
    plain = numpy.ndarray.view(value, numpy.ndarray)
    if plain.dtype.kind not in "biuf":
        return None
    described = {
        "kind": "array",
        "origin": "array",
        "shape": list(plain.shape),
        "dtype": str(plain.dtype),
        "requires_grad": False,
    }
    if plain.size <= MAX_ELEMENTS:
        return described | {"elements": [_number(element) for element in plain.reshape(-1).tolist()]}
    torch = sys.modules.get("torch")
    if torch is None or plain.size > MAX_SUMMARISED:
        return described | {"elements": []}
    flat = torch.from_numpy(numpy.ascontiguousarray(plain, dtype="float64").reshape(-1).copy())
    with torch.no_grad():
        return described | _summary(flat, int(plain.size))


def _list(value: Any) -> Described | None:
    """A list or tuple of numbers, or of equally long lists of numbers; one-element tensors count as numbers."""
    if not value:
        return None
    if type(value[0]) in (list, tuple):
        rows = [_flat_numbers(row) for row in value[:MAX_ELEMENTS]]
        if len(rows) < len(value) or any(row is None or len(row) != len(rows[0] or ()) for row in rows):
            return None
        flat = [number for row in rows for number in row or ()]
        shape = [len(value), len(rows[0] or ())]
    else:
        flat = _flat_numbers(value) or []
        shape = [len(value)]
    if not flat:
        return None
    if len(flat) > MAX_ELEMENTS:
        flat = [flat[place] for place in _places(len(flat))]
    return {"kind": "array", "origin": "list", "shape": shape, "dtype": "list", "elements": flat}


def _flat_numbers(row: Any) -> list[float | str] | None:
    if type(row) not in (list, tuple) or len(row) > 1_000_000:
        return None
    numbers: list[float | str] = []
    for element in row:
        if type(element) in (int, float):
            numbers.append(_number(element))
        else:
            number = _one_number(element)
            if number is None:
                return None
            numbers.append(number)
    return numbers


def _one_number(element: Any) -> float | str | None:
    """The number in a numpy scalar or in a tensor or array of one element."""
    described = _scalar(element)
    if described is not None:
        return described["value"] if described["kind"] == "number" else None
    if is_tensor(element) or is_ndarray(element):
        array = _array(element)
        if array is not None and len(array["elements"]) == 1:
            number: float | str = array["elements"][0]
            return number
    return None


GRAPHS: dict[int, tuple[Any, Described]] = {}
"""Per `id` of a graphviz object: the object, and the autograd graph that `make_dot` was given for it."""


def _graph(value: Any) -> Described | None:
    known = GRAPHS.get(id(value))
    return known[1] if known is not None and known[0] is value else None


def _module(value: Any) -> Described | None:
    if not is_module(value):
        return None
    torch = sys.modules["torch"]
    count = sum(parameter.numel() for parameter in torch.nn.Module.parameters(value))
    return {"kind": "module", "name": type(value).__name__[:200], "parameters": count}


def is_module(value: Any) -> bool:
    """Whether a value is a `torch.nn.Module`."""
    torch = sys.modules.get("torch")
    module = getattr(getattr(torch, "nn", None), "Module", None)
    return module is not None and issubclass(type(value), module)


def _other(value: Any) -> Described:
    return {"kind": "other", "type": type(value).__name__[:200]}


def parts(value: Any) -> Iterator[tuple[str, Any]]:
    """What a container holds, with the end of its path: `.w` of an object, `['w']` of a dict, `[0]` of a list.

    At most 32 of each; of a module, its parameters.
    """
    kind = type(value)
    if kind is dict:
        named = (item for item in list(value.items())[:MAX_CHILDREN] if type(item[0]) in (str, int))
        yield from ((f"[{key!r}]", inner) for key, inner in named)
    elif kind in (list, tuple):
        yield from ((f"[{index}]", inner) for index, inner in enumerate(value[:MAX_CHILDREN]))
    elif is_module(value):
        torch = sys.modules["torch"]
        parameters = torch.nn.Module.named_parameters(value)
        yield from ((f".{name}", inner) for name, inner in list(parameters)[:MAX_CHILDREN])
    elif kind.__module__ == "__main__":
        yield from _attributes(value)


def _attributes(value: Any) -> Iterator[tuple[str, Any]]:
    """The instance attributes of an object of the student's own class, past any `__getattr__` of theirs."""
    try:
        names = object.__getattribute__(value, "__dict__")
    except (AttributeError, TypeError):
        return
    if type(names) is dict:
        yield from ((f".{name}", inner) for name, inner in list(names.items())[:MAX_CHILDREN])
