"""Convert results of functions and expressions to types that can be described.

Runs in the student's kernel. Classes are compared by name and module, and nothing is imported:
whatever made a result has imported its class.
"""

from __future__ import annotations

import itertools
import sys
import types
from typing import Any

MAX_ITEMS = 65
"""Most items that are taken from an iterator: one more than a description contains."""

TORCH_NAMES = ("dtype", "device", "layout", "memory_format")
"""Classes of torch with objects that are described by their names."""

ITERATORS: tuple[Any, ...] = (
    types.GeneratorType,
    map,
    zip,
    filter,
    enumerate,
    range,
    type({}.keys()),
    type({}.values()),
    type({}.items()),
)


def plain(result: Any) -> Any:
    """Convert a result to a type that can be described; return other results unchanged.

    A shape becomes a tuple, a dtype its name, a set a sorted list, an iterator a list; a data frame
    its columns, complex and sparse tensors their numbers.
    """
    kind = type(result)
    if kind in ITERATORS:
        return list(itertools.islice(result, MAX_ITEMS))
    if kind in (set, frozenset):
        return sorted(result)[:MAX_ITEMS]
    package = kind.__module__.partition(".")[0]
    if package == "torch":
        return _of_torch(result, kind)
    if package == "pandas":
        return _of_pandas(result, kind)
    return result


def _of_torch(result: Any, kind: type) -> Any:
    if kind.__name__ == "Size":
        return tuple(result)
    if kind.__name__ in TORCH_NAMES:
        return str(result)

    torch = sys.modules["torch"]
    if kind in (torch.Tensor, torch.nn.Parameter):
        if result.layout != torch.strided:
            result = result.detach().to_dense()
        if result.is_complex():
            result = torch.view_as_real(result.detach())
    return result


def _of_pandas(result: Any, kind: type) -> Any:
    if kind.__name__ == "DataFrame":
        columns = {}
        for name in result.columns[:MAX_ITEMS]:
            column = result[name]
            columns[str(name)] = _column(column)
        return columns
    if kind.__name__ in ("Series", "Index", "RangeIndex"):
        return _column(result)
    return result


def _column(column: Any) -> Any:
    """Return numbers and bools as an array, anything else as a list of texts."""
    values = column.to_numpy()
    if values.dtype.kind in "biuf":
        return values
    return [str(value) for value in values[:MAX_ITEMS]]
