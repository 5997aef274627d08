"""Describe values as plain data. Runs inside the student's kernel.

Every function here handles values that a student made. It calls none of their methods, and
describes unknown ones by type. Nothing is imported: torch and numpy are looked up among the
imported modules.
"""

from __future__ import annotations

import functools
import math
import sys
from typing import Any

from grader.kernel.recording.containers import describe_container
from grader.kernel.recording.frames import frame_numbers
from grader.kernel.recording.inspection import (
    NUMBERS,
    SEQUENCES,
    class_attribute,
    is_module,
    is_ndarray,
    is_tensor,
    named_parameters,
)

MAX_ELEMENTS = 64
"""Most elements that are copied."""

MAX_TEXT = 2_000
MAX_DIMENSIONS = 32

MAX_INTEGER = 2**1000
"""Larger integers are infinite: no float is as large."""

MAX_SUMMARISED = 1 << 24
"""Beyond this many elements only shape and dtype are recorded."""

PERIOD = 4_099
"""Length after which the weights of a projection repeat.

To compute a weight for each element would take most of the time.
"""

PROJECTION_RATES = (0.7, 1.3, 2.1, 2.9)

SAMPLE_ENDS = 16
"""Elements at each end of a large tensor that are copied."""

SAMPLE_MIDDLE = 32
"""Elements between, evenly spaced."""

Described = dict[str, Any]
"""The plain data of a value: its `kind`, and the fields of that kind."""

Values = dict[str, Described]
"""Described values by path."""

JsonNumber = float | str
"""A number as JSON takes it: NaN and the infinities are strings."""

GRAPHS: dict[int, tuple[Any, Described]] = {}
"""Per `id` of a graphviz object: the object, and the graph that `make_dot` was given for it."""


def describe(value: Any) -> Described:
    """Describe a value as the plain data of `grader.trace.Value`.

    Up to 64 elements are copied. Of a larger tensor, 64 elements at fixed indices and a summary, so
    that two of them compare within a tolerance.
    """
    try:
        plain = _plain(value) or describe_container(value, _plain)
        return plain or _graph(value) or _module(value) or _other(value)
    except Exception:  # noqa: BLE001 - a hostile or odd object must not end the student's cell
        return _other(value)


def _plain(value: Any) -> Described | None:
    return _scalar(value) or _array(value)


def _scalar(value: Any) -> Described | None:
    kind = type(value)
    if value is None:
        return {"kind": "nothing"}
    if kind is bool:
        return {"kind": "bool", "value": value}
    if kind is int or kind is float:
        return {"kind": "number", "value": _number(value)}
    if kind is str:
        return {"kind": "text", "value": value[:MAX_TEXT]}

    numpy = sys.modules.get("numpy")
    if numpy is None:
        return None
    if kind is numpy.str_:
        return {"kind": "text", "value": str.__str__(value)[:MAX_TEXT]}
    if issubclass(kind, numpy.bool_):
        return {"kind": "bool", "value": bool(value)}
    if issubclass(kind, numpy.integer) or issubclass(kind, numpy.floating):
        plain = numpy.generic.item(value)
        return {"kind": "number", "value": _number(plain)}
    return None


def _number(value: float) -> JsonNumber:
    """Return a number for JSON: no NaN, no infinity, no integer of a thousand digits."""
    if isinstance(value, int) and abs(value) >= MAX_INTEGER:
        return _infinity(value)
    number = float(value)
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return _infinity(number)
    return number


def _infinity(number: float) -> str:
    return "Infinity" if number > 0 else "-Infinity"


def _array(value: Any) -> Described | None:
    if is_tensor(value):
        return _tensor(value)
    if is_ndarray(value):
        return _ndarray(value)
    if type(value) in SEQUENCES:
        return _list(value)
    numbers = frame_numbers(value)
    if not is_ndarray(numbers):
        return None
    return _ndarray(numbers)


def _tensor(value: Any) -> Described | None:
    torch = sys.modules["torch"]
    with torch._C.DisableTorchFunction(), torch.no_grad():
        plain = value
        if type(value) is not torch.Tensor:
            plain = torch.Tensor.as_subclass(value, torch.Tensor)
        if _is_odd(plain, torch.strided):
            return None

        dtype = str(plain.dtype)
        grad_fn = torch.Tensor.grad_fn.__get__(value)
        described = {
            "kind": "array",
            "origin": "tensor",
            "shape": list(plain.shape),
            "dtype": dtype.removeprefix("torch."),
            "requires_grad": torch.Tensor.requires_grad.__get__(value),
            "grad_fn": _grad_fn_name(grad_fn),
        }
        elements = _elements(plain.detach())
        return described | elements


def _is_odd(tensor: Any, strided: Any) -> bool:
    """Return whether a tensor lacks plain real elements in memory."""
    return bool(
        tensor.is_sparse
        or tensor.is_complex()
        or tensor.is_quantized
        or tensor.device.type == "meta"
        or tensor.layout != strided
        or tensor.dim() > MAX_DIMENSIONS
    )


def _grad_fn_name(grad_fn: Any) -> str | None:
    if grad_fn is None:
        return None
    name: str = class_attribute(type(grad_fn), "__name__")
    return name[:80]


def _elements(tensor: Any) -> Described:
    """Copy a tensor's elements: all, a sample and a summary of a large one, or none."""
    count = tensor.numel()
    if count > MAX_SUMMARISED:  # checked first, because flattening a view copies it
        return {"elements": []}
    flat = tensor.reshape(-1)
    if tensor.device.type != "cpu":
        flat = flat.to("cpu")
    if count <= MAX_ELEMENTS:
        return {"elements": _numbers(flat.tolist())}
    return _summary(flat, count)


def _numbers(numbers: list[float]) -> list[JsonNumber]:
    return [_number(number) for number in numbers]


def _summary(flat: Any, count: int) -> Described:
    """Summarise a flat tensor in float64.

    Returns:
        `elements`: 64 of them at fixed indices. `summary`: the count of NaN and of infinities; of
        the finite numbers the sum, absolute sum, minimum and maximum; four projections.
    """
    torch = sys.modules["torch"]
    wide = flat.to(torch.float64)
    numbers = summarise(wide)
    indices = torch.tensor(sample_indices(count))
    sample = wide[indices]
    return {
        "elements": _numbers(sample.tolist()),
        "summary": _numbers(numbers),
    }


def summarise(wide: Any) -> list[float]:
    """Summarise a flat float64 tensor in ten numbers: see `_summary`."""
    torch = sys.modules["torch"]
    count = wide.numel()
    finite = wide
    nan_count = 0
    infinity_count = 0
    if not math.isfinite(wide.sum().item()):
        finite = torch.nan_to_num(wide, nan=0.0, posinf=0.0, neginf=0.0)
        nan_count = wide.isnan().sum().item()
        infinity_count = wide.isinf().sum().item()

    return [
        nan_count,
        infinity_count,
        finite.sum().item(),
        finite.abs().sum().item(),
        finite.min().item(),
        finite.max().item(),
        *_projections(finite, count),
    ]


def _projections(finite: Any, count: int) -> list[float]:
    """Project a flat float64 tensor on four rows of weights, which repeat after PERIOD elements."""
    rest = count % PERIOD
    whole = count - rest
    rows = finite[:whole].reshape(-1, PERIOD)
    folded = rows.sum(0)
    folded[:rest] += finite[whole:]

    projected = _weights() @ folded
    projections: list[float] = projected.tolist()
    return projections


@functools.cache
def _weights() -> Any:
    """Compute the weights of the projections: float64, shape (4, PERIOD)."""
    torch = sys.modules["torch"]
    rates = torch.tensor(PROJECTION_RATES, dtype=torch.float64)
    column = rates[:, None]
    steps = torch.arange(PERIOD, dtype=torch.float64)
    return torch.cos(column * steps)


def sample_indices(count: int) -> list[int]:
    """Choose the 64 indices to record of a longer sequence.

    The first and last sixteen, and thirty-two evenly between: a loop's first losses count.
    """
    first = range(SAMPLE_ENDS)
    last = range(count - SAMPLE_ENDS, count)
    between = count - 2 * SAMPLE_ENDS

    middle: list[int] = []
    for step in range(SAMPLE_MIDDLE):
        middle.append(SAMPLE_ENDS + between * step // SAMPLE_MIDDLE)
    return [*first, *middle, *last]


def _ndarray(value: Any) -> Described | None:
    numpy = sys.modules["numpy"]
    plain = numpy.ndarray.view(value, numpy.ndarray)
    if plain.dtype.kind not in "biuf":
        return None
    if plain.ndim > MAX_DIMENSIONS:
        return None

    described = {
        "kind": "array",
        "origin": "array",
        "shape": list(plain.shape),
        "dtype": str(plain.dtype),
        "requires_grad": False,
    }
    elements = _ndarray_elements(plain)
    return described | elements


def _ndarray_elements(plain: Any) -> Described:
    if plain.size <= MAX_ELEMENTS:
        flat = plain.reshape(-1)
        return {"elements": _numbers(flat.tolist())}

    if plain.size > MAX_SUMMARISED:
        return {"elements": []}
    torch = sys.modules.get("torch")
    if torch is None:
        return {"elements": []}

    numpy = sys.modules["numpy"]
    with torch._C.DisableTorchFunction(), torch.no_grad():
        wide = numpy.array(plain, dtype="float64")
        flat = wide.reshape(-1)
        count = int(plain.size)
        return _summary(torch.from_numpy(flat), count)


def memory_mark(value: Any) -> tuple[int, ...] | None:
    """Return identity, memory and version of a large tensor; None for anything else.

    It stays equal as long as no operation has written into the tensor. `w.data -= …` does not count
    the version up, which matters for small tensors only: those are compared.
    """
    if not is_tensor(value):
        return None
    torch = sys.modules["torch"]
    tensor = torch.Tensor
    with torch._C.DisableTorchFunction():
        try:
            if tensor.numel(value) <= MAX_ELEMENTS:
                return None
            address = tensor.data_ptr(value)
            version = tensor._version.__get__(value)
            return id(value), address, version
        except RuntimeError:
            # Made in inference mode, or without its own memory: it has no version counter.
            return None


def _list(value: Any) -> Described | None:
    """Describe a list or tuple of numbers, or of equally long lists of numbers.

    One-element tensors count as numbers.
    """
    if not value:
        return None

    first = value[0]
    shape = [len(value)]
    if type(first) in SEQUENCES:
        shape.append(len(first))
        flat = _flat_rows(value)
    else:
        flat = _flat_numbers(value)
    if not flat:
        return None
    return {
        "kind": "array",
        "origin": "list",
        "shape": shape,
        "dtype": "list",
        "elements": flat,
    }


def _flat_rows(rows: Any) -> list[JsonNumber] | None:
    """Flatten up to 64 rows of equal length, row by row; None for anything else."""
    width = len(rows[0])
    if len(rows) > MAX_ELEMENTS:
        return None

    numbers: list[Any] = []
    for row in rows:
        if type(row) not in SEQUENCES:
            return None
        if len(row) != width:
            return None
        numbers.extend(row)
    return _flat_numbers(numbers)


def _flat_numbers(row: Any) -> list[JsonNumber] | None:
    """List the numbers of a list: all, or, of a long homogeneous one, those at 64 indices."""
    count = len(row)
    if count > MAX_ELEMENTS:
        # By identity: the hash and equality of a class may be a student's.
        kinds = {id(type(element)) for element in row}
        if len(kinds) > 2:
            return None
        row = [row[index] for index in sample_indices(count)]

    numbers: list[JsonNumber] = []
    for element in row:
        number = _one_number(element)
        if number is None:
            return None
        numbers.append(number)
    return numbers


def _one_number(element: Any) -> JsonNumber | None:
    """Return a number, or the number in a tensor or array of one element."""
    if type(element) in NUMBERS:
        return _number(element)

    described = _scalar(element)
    if described is not None:
        if described["kind"] != "number":
            return None
        number: JsonNumber = described["value"]
        return number

    if not is_tensor(element) and not is_ndarray(element):
        return None
    array = _array(element)
    if array is None:
        return None
    elements: list[JsonNumber] = array["elements"]
    if len(elements) != 1:
        return None
    return elements[0]


def _graph(value: Any) -> Described | None:
    known = GRAPHS.get(id(value))
    if known is None:
        return None
    drawing, described = known
    if drawing is not value:
        return None
    return described


def _module(value: Any) -> Described | None:
    if not is_module(value):
        return None

    # Of a parameter that two layers share, one counts.
    parameters: dict[int, Any] = {}
    for _, parameter in named_parameters(value):
        parameters[id(parameter)] = parameter

    torch = sys.modules["torch"]
    count = sum(map(torch.Tensor.numel, parameters.values()))
    return {"kind": "module", "name": _type_name(value), "parameters": count}


def _other(value: Any) -> Described:
    return {"kind": "other", "type": _type_name(value)}


def _type_name(value: Any) -> str:
    name: str = class_attribute(type(value), "__name__")
    return name[:200]
