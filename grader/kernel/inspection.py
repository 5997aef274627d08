"""Look into values that a student made, without calling a method of theirs.

Runs inside the student's kernel: torch and numpy are looked up among the imported modules, never
imported. Classes are asked by `type`, since `isinstance` would ask the student's `__class__`.
"""

from __future__ import annotations

import itertools
import sys
import types
from collections.abc import Iterator
from typing import Any

MAX_CHILDREN = 32
"""Most items of a container, attributes of an object, or parameters of a module."""


def is_tensor(value: Any) -> bool:
    """Return whether a value is a torch tensor (`Variable` is one)."""
    torch = sys.modules.get("torch")
    tensor = getattr(torch, "Tensor", None)
    return tensor is not None and issubclass(type(value), tensor)


def is_ndarray(value: Any) -> bool:
    """Return whether a value is a numpy array."""
    numpy = sys.modules.get("numpy")
    array = getattr(numpy, "ndarray", None)
    return array is not None and issubclass(type(value), array)


def is_module(value: Any) -> bool:
    """Return whether a value is a `torch.nn.Module`."""
    torch = sys.modules.get("torch")
    module = getattr(getattr(torch, "nn", None), "Module", None)
    return module is not None and issubclass(type(value), module)


def is_students_class(kind: type) -> bool:
    """Return whether a class was made in the notebook."""
    try:
        module = class_attribute(kind, "__module__")
    except AttributeError:
        return False
    return type(module) is str and module == "__main__"


def class_attribute(kind: type, name: str) -> Any:
    """Read an attribute that every class has, past its metaclass."""
    return type.__dict__[name].__get__(kind)


def named_parameters(module: Any, prefix: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    """List the parameters of a module with their paths, past any method of the student's class."""
    attributes = object.__getattribute__(module, "__dict__")

    for name, parameter in _entries(attributes, "_parameters"):
        if is_tensor(parameter):
            yield f"{prefix}{name}", parameter

    for name, inner in _entries(attributes, "_modules"):
        if is_module(inner) and depth < MAX_CHILDREN:
            yield from named_parameters(inner, f"{prefix}{name}.", depth + 1)


def _entries(attributes: Any, name: str) -> list[tuple[Any, Any]]:
    table = attributes.get(name)
    if not issubclass(type(table), dict):
        return []
    return list(dict.items(table))


def parts(value: Any) -> Iterator[tuple[str, Any]]:
    """List what a container holds: at most 32 items; of a module, its parameters.

    Yields:
        The end of the item's path, such as `.w` of an object, `['w']` of a dict or `[0]` of a list;
        and the item.
    """
    kind = type(value)
    if issubclass(kind, dict):
        yield from _dict_items(value)
    elif issubclass(kind, list):
        yield from _sequence_items(list.__iter__(value))
    elif issubclass(kind, tuple):
        yield from _sequence_items(tuple.__iter__(value))
    elif is_module(value):
        for name, parameter in itertools.islice(named_parameters(value), MAX_CHILDREN):
            yield f".{name}", parameter
    elif is_students_class(kind) or kind is types.SimpleNamespace:
        yield from itertools.islice(_attributes(value), MAX_CHILDREN)


def _dict_items(value: Any) -> Iterator[tuple[str, Any]]:
    items = list(itertools.islice(dict.items(value), MAX_CHILDREN))
    for key, inner in items:
        if type(key) is str or _is_index(key):
            yield f"[{key!r:.100}]", inner


def _is_index(key: Any) -> bool:
    return type(key) is int and abs(key) < 10**18


def _sequence_items(items: Iterator[Any]) -> Iterator[tuple[str, Any]]:
    for index, inner in enumerate(itertools.islice(items, MAX_CHILDREN)):
        yield f"[{index}]", inner


def _attributes(value: Any) -> Iterator[tuple[str, Any]]:
    """List the attributes of an object of the student's class, past any `__getattr__` of theirs."""
    try:
        attributes = object.__getattribute__(value, "__dict__")
    except (AttributeError, TypeError):
        attributes = {}
    if type(attributes) is dict:
        for name, inner in list(attributes.items()):
            if type(name) is str:
                yield f".{name}", inner

    for cls in class_attribute(type(value), "__mro__"):
        yield from _slots(cls, value)


def _slots(cls: type, value: Any) -> Iterator[tuple[str, Any]]:
    members = class_attribute(cls, "__dict__")
    for name, member in list(members.items()):
        if type(member) is types.MemberDescriptorType and name != "__dict__":
            try:
                yield f".{name}", member.__get__(value)
            except AttributeError:
                continue
