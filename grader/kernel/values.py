"""Describes a value as plain data. Runs inside the student's kernel: standard library, and what is already imported.

Every function here meets values that a student made: it calls no method of theirs, and what it cannot describe it
names by its type.
"""

from __future__ import annotations

import functools
import itertools
import math
import sys
import types
from collections.abc import Iterator
from typing import Any

MAX_ELEMENTS = 64
MAX_CHILDREN = 32
MAX_TEXT = 2_000
MAX_DIMENSIONS = 32
MAX_SUMMARISED = 1 << 24
"""Beyond this many elements only shape and dtype are recorded."""
PERIOD = 4_099
"""Length after which the weights of a projection repeat: computing each element's own would take most of the time."""

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
        return {"kind": "number", "value": _number(numpy.generic.item(value))}
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
    with torch._C.DisableTorchFunction(), torch.no_grad():
        plain = (
            value if type(value) is torch.Tensor else torch.Tensor.as_subclass(value, torch.Tensor)
        )
        odd = (
            plain.is_sparse
            or plain.is_complex()
            or plain.is_quantized
            or plain.device.type == "meta"
        )
        if odd or plain.layout != torch.strided or plain.dim() > MAX_DIMENSIONS:
            return None
        made_by = torch.Tensor.grad_fn.__get__(value)
        described = {
            "kind": "array",
            "origin": "tensor",
            "shape": list(plain.shape),
            "dtype": str(plain.dtype).removeprefix("torch."),
            "requires_grad": torch.Tensor.requires_grad.__get__(value),
            "grad_fn": _of_class(type(made_by), "__name__")[:80] if made_by is not None else None,
        }
        return described | _elements(plain.detach())


def _elements(tensor: Any) -> Described:
    """The elements of a tensor, copied; of a large one a summary too; of a huge one nothing."""
    count = tensor.numel()
    if count > MAX_SUMMARISED:  # looked at first: to make a view flat is to copy it
        return {"elements": []}
    flat = tensor.reshape(-1)
    if count <= MAX_ELEMENTS:
        return {"elements": [_number(element) for element in flat.tolist()]}
    return _summary(flat, count)


def _summary(flat: Any, count: int) -> Described:
    """Of a flat tensor: 64 elements at fixed places, and counts, sums, extremes and four projections in float64."""
    torch = sys.modules["torch"]
    wide = flat.to(torch.float64)
    if not math.isfinite(wide.sum().item()):
        finite = torch.nan_to_num(wide, nan=0.0, posinf=0.0, neginf=0.0)
        counts = [wide.isnan().sum().item(), wide.isinf().sum().item()]
    else:
        finite, counts = wide, [0, 0]
    whole = count - count % PERIOD
    folded = finite[:whole].reshape(-1, PERIOD).sum(0)
    folded[: count - whole] += finite[whole:]
    numbers = [
        *counts,
        finite.sum().item(),
        finite.abs().sum().item(),
        finite.min().item(),
        finite.max().item(),
    ]
    kept = torch.tensor(places(count))
    return {
        "elements": [_number(element) for element in wide[kept].tolist()],
        "summary": [_number(number) for number in [*numbers, *(_weights() @ folded).tolist()]],
    }


@functools.cache
def _weights() -> Any:
    """Four rows of weights, float64, shape (4, PERIOD): what a summary's projections multiply with."""
    torch = sys.modules["torch"]
    rates = torch.tensor([0.7, 1.3, 2.1, 2.9], dtype=torch.float64)
    return torch.cos(rates[:, None] * torch.arange(PERIOD, dtype=torch.float64))


def places(count: int) -> list[int]:
    """Sixty-four places: the first and last sixteen, and thirty-two evenly between. A loop's first losses count."""
    middle = [16 + (count - 32) * step // 32 for step in range(32)]
    return [*range(16), *middle, *range(count - 16, count)]


def _ndarray(value: Any) -> Described | None:
    numpy = sys.modules["numpy"]
    plain = numpy.ndarray.view(value, numpy.ndarray)
    if plain.dtype.kind not in "biuf" or plain.ndim > MAX_DIMENSIONS:
        return None
    described = {
        "kind": "array",
        "origin": "array",
        "shape": list(plain.shape),
        "dtype": str(plain.dtype),
        "requires_grad": False,
    }
    if plain.size <= MAX_ELEMENTS:
        return described | {
            "elements": [_number(element) for element in plain.reshape(-1).tolist()]
        }
    torch = sys.modules.get("torch")
    if torch is None or plain.size > MAX_SUMMARISED:
        return described | {"elements": []}
    with torch._C.DisableTorchFunction(), torch.no_grad():
        flat = torch.from_numpy(numpy.array(plain, dtype="float64").reshape(-1))
        return described | _summary(flat, int(plain.size))


def mark_of(value: Any) -> tuple[int, ...] | None:
    """Of a large tensor: its memory and version, equal as long as no operation has written into it; else None.

    `w.data -= …` does not count the version up, which matters for small tensors only: those are compared.
    """
    if not is_tensor(value):
        return None
    tensor = sys.modules["torch"].Tensor
    with sys.modules["torch"]._C.DisableTorchFunction():
        try:
            large = tensor.numel(value) > MAX_ELEMENTS
            return (
                (id(value), tensor.data_ptr(value), tensor._version.__get__(value))
                if large
                else None
            )
        except (
            RuntimeError
        ):  # made in inference mode, or without memory of its own: nothing counts its versions
            return None


def _list(value: Any) -> Described | None:
    """A list or tuple of numbers, or of equally long lists of numbers; one-element tensors count as numbers."""
    if not value:
        return None
    if type(value[0]) in (list, tuple):
        flat, width = _flat_rows(value), len(value[0])
        shape = [len(value), width]
    else:
        flat, shape = _flat_numbers(value), [len(value)]
    if not flat:
        return None
    return {"kind": "array", "origin": "list", "shape": shape, "dtype": "list", "elements": flat}


def _flat_rows(rows: Any) -> list[float | str] | None:
    """Up to 64 rows of equal length as one list, row by row; None for anything else."""
    width = len(rows[0])
    if len(rows) > MAX_ELEMENTS or any(
        type(row) not in (list, tuple) or len(row) != width for row in rows
    ):
        return None
    return _flat_numbers([number for row in rows for number in row])


def _flat_numbers(row: Any) -> list[float | str] | None:
    """The numbers of a list: all, or of a long one of like elements those at 64 fixed places."""
    if len(row) > MAX_ELEMENTS:
        if len(set(map(type, row))) > 2:
            return None
        row = [row[place] for place in places(len(row))]
    numbers: list[float | str] = []
    for element in row:
        number = _number(element) if type(element) in (int, float) else _one_number(element)
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
    numel = sys.modules["torch"].Tensor.numel
    count = sum(
        map(numel, {id(parameter): parameter for _, parameter in named_parameters(value)}.values())
    )
    return {"kind": "module", "name": _of_class(type(value), "__name__")[:200], "parameters": count}


def named_parameters(module: Any, prefix: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    """The parameters of a module with their paths, read past any method of the student's class."""
    held = object.__getattribute__(module, "__dict__")
    for name, parameter in _entries(held, "_parameters"):
        if is_tensor(parameter):
            yield f"{prefix}{name}", parameter
    for name, inner in _entries(held, "_modules"):
        if is_module(inner) and depth < MAX_CHILDREN:
            yield from named_parameters(inner, f"{prefix}{name}.", depth + 1)


def _entries(held: Any, name: str) -> list[tuple[Any, Any]]:
    found = held.get(name)
    return list(dict.items(found)) if issubclass(type(found), dict) else []


def is_module(value: Any) -> bool:
    """Whether a value is a `torch.nn.Module`."""
    torch = sys.modules.get("torch")
    module = getattr(getattr(torch, "nn", None), "Module", None)
    return module is not None and issubclass(type(value), module)


def _of_class(kind: type, name: str) -> Any:
    """An attribute that every class has, past its metaclass."""
    return type.__dict__[name].__get__(kind)


def _other(value: Any) -> Described:
    return {"kind": "other", "type": _of_class(type(value), "__name__")[:200]}


def parts(value: Any) -> Iterator[tuple[str, Any]]:
    """What a container holds, with the end of its path: `.w` of an object, `['w']` of a dict, `[0]` of a list.

    At most 32 of each; of a module, its parameters.
    """
    kind = type(value)
    if issubclass(kind, dict):
        items = list(itertools.islice(dict.items(value), MAX_CHILDREN))
        yield from (
            (f"[{key!r:.100}]", inner) for key, inner in items if type(key) is str or _is_index(key)
        )
    elif issubclass(kind, (list, tuple)):
        iterate = list.__iter__ if issubclass(kind, list) else tuple.__iter__
        yield from (
            (f"[{index}]", inner)
            for index, inner in enumerate(itertools.islice(iterate(value), MAX_CHILDREN))
        )
    elif is_module(value):
        parameters = itertools.islice(named_parameters(value), MAX_CHILDREN)
        yield from ((f".{name}", inner) for name, inner in parameters)
    elif is_own(kind) or kind is types.SimpleNamespace:
        yield from itertools.islice(_attributes(value), MAX_CHILDREN)


def is_own(kind: type) -> bool:
    """Whether a class is the student's own: made in the notebook."""
    try:
        module = _of_class(kind, "__module__")
    except AttributeError:
        return False
    return type(module) is str and module == "__main__"


def _is_index(key: Any) -> bool:
    return type(key) is int and abs(key) < 10**18


def _attributes(value: Any) -> Iterator[tuple[str, Any]]:
    """The instance attributes of an object of the student's own class, past any `__getattr__` of theirs."""
    try:
        names = object.__getattribute__(value, "__dict__")
    except (AttributeError, TypeError):
        names = {}
    if type(names) is dict:
        yield from ((f".{name}", inner) for name, inner in list(names.items()) if type(name) is str)
    for cls in _of_class(type(value), "__mro__"):
        for name, member in list(_of_class(cls, "__dict__").items()):
            if type(member) is types.MemberDescriptorType and name != "__dict__":
                try:
                    yield f".{name}", member.__get__(value)
                except AttributeError:
                    continue
