"""Describe whole tuples, lists and dicts. Runs inside the student's kernel.

Only small ones: at most 64 entries on all levels together, at most three levels deep, of numbers,
texts, bools, None, tensors and arrays.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from grader.kernel.recording.inspection import is_ndarray, is_tensor

MAX_ENTRIES = 64
MAX_DEPTH = 3
MAX_ELEMENTS = 1 << 16
"""Most elements of all tensors and arrays together: each is summarised."""

MAX_KEY = 100
MAX_INTEGER_KEY = 1 << 64
"""An integer that is not below is no key: its digits could be endless."""

Described = dict[str, Any]
DescribePlain = Callable[[Any], Described | None]
"""Describes a number, text, truth value, None, tensor or array; returns None for anything else."""


def describe_container(value: Any, describe_plain: DescribePlain) -> Described | None:
    """Describe a whole container; None for empty or large ones and for other values."""
    reader = _Reader(describe_plain)
    described = reader.read(value, 1)
    if described is None:
        return None
    entries = described["entries"]
    if not entries:
        return None
    return described


class _Reader:
    """Reads one container, and counts its entries."""

    def __init__(self, describe_plain: DescribePlain) -> None:
        self._describe_plain = describe_plain
        self._entries = MAX_ENTRIES
        self._elements = MAX_ELEMENTS

    def read(self, value: Any, depth: int) -> Described | None:
        contents = _contents(value)
        if contents is None or depth > MAX_DEPTH:
            return None
        form, keys, inner_values = contents
        self._entries -= len(inner_values)
        if self._entries < 0:
            return None

        entries = []
        for inner in inner_values:
            entry = self._entry(inner, depth)
            if entry is None:
                return None
            entries.append(entry)
        return {
            "kind": "items",
            "form": form,
            "keys": keys,
            "entries": entries,
        }

    def _entry(self, value: Any, depth: int) -> Described | None:
        self._elements -= _size(value)
        if self._elements < 0:
            return None
        plain = self._describe_plain(value)
        if plain is not None:
            return plain
        return self.read(value, depth + 1)


def _contents(value: Any) -> tuple[str, list[str], list[Any]] | None:
    """Return a container's form, its keys as texts, and its entries, without calling its methods.

    Longer ones are cut: one entry too many is enough to refuse them.
    """
    kind = type(value)
    if issubclass(kind, dict):
        if dict.__len__(value) > MAX_ENTRIES:
            return None
        return _dict_contents(value)
    first = slice(MAX_ENTRIES + 1)
    if issubclass(kind, list):
        entries = list.__getitem__(value, first)
        return "list", [], entries
    if issubclass(kind, tuple):
        entries = list(tuple.__getitem__(value, first))
        return "tuple", [], entries
    return None


def _dict_contents(value: Any) -> tuple[str, list[str], list[Any]] | None:
    keys: list[str] = []
    entries: list[Any] = []
    for key, inner in list(dict.items(value)):
        written = _key(key)
        if written is None:
            return None
        keys.append(written)
        entries.append(inner)
    return "dict", keys, entries


def _key(key: Any) -> str | None:
    """Format a key; None if it is neither a text, a bool nor a number."""
    kind = type(key)
    if kind is str:
        written = repr(key)
        return written[:MAX_KEY]
    if kind is int and abs(key) >= MAX_INTEGER_KEY:
        return None
    if kind in (int, float, bool):
        return repr(key)
    return None


def _size(value: Any) -> int:
    """Return the number of elements of a tensor or an array; 0 for anything else."""
    if is_tensor(value):
        torch = sys.modules["torch"]
        with torch._C.DisableTorchFunction():
            return int(torch.Tensor.numel(value))
    if is_ndarray(value):
        numpy = sys.modules["numpy"]
        return int(numpy.ndarray.size.__get__(value))
    return 0
