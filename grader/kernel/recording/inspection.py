"""Inspect values that a student made, without calling their methods.

Runs inside the student's kernel: torch and numpy are looked up among the imported modules, never
imported. Classes are read with `type`, since `isinstance` would consult the student's `__class__`.
"""

from __future__ import annotations

import itertools
import os
import sys
import types
from collections.abc import Iterator
from typing import Any

from grader.kernel.recording.frames import frame_parts
from grader.kernel.recording.registered import registered

PACKAGE_FOLDERS = (f"{os.sep}site-packages{os.sep}", f"{os.sep}dist-packages{os.sep}")

SEQUENCES = (list, tuple)
NUMBERS = (int, float)
"""Types that are compared by identity: a student's subclass is neither."""

MAX_CHILDREN = 32
"""Most items of a container, attributes of an object, or parameters of a module."""

MAX_KEY = 10**18
"""An integer key of a dict that is not below has no path: its digits could be endless."""

Parts = Iterator[tuple[str, Any]]
"""Values with their paths, or the ends of their paths."""


def is_in_packages(file: str) -> bool:
    """Return whether a file belongs to an installed package.

    The interpreter does not know all folders of packages: PYTHONPATH and `.pth` files add others.
    """
    return any(folder in file for folder in PACKAGE_FOLDERS)


def is_tensor(value: Any) -> bool:
    """Return whether a value is a torch tensor (`Variable` is one)."""
    torch = sys.modules.get("torch")
    tensor = getattr(torch, "Tensor", None)
    if tensor is None:
        return False
    return issubclass(type(value), tensor)


def is_ndarray(value: Any) -> bool:
    """Return whether a value is a numpy array."""
    numpy = sys.modules.get("numpy")
    array = getattr(numpy, "ndarray", None)
    if array is None:
        return False
    return issubclass(type(value), array)


def is_module(value: Any) -> bool:
    """Return whether a value is a `torch.nn.Module`."""
    torch = sys.modules.get("torch")
    networks = getattr(torch, "nn", None)
    module = getattr(networks, "Module", None)
    if module is None:
        return False
    return issubclass(type(value), module)


def is_students_class(kind: type) -> bool:
    """Return whether a class was defined in the notebook."""
    try:
        module = class_attribute(kind, "__module__")
    except AttributeError:
        return False
    return is_main(module)


def is_main(module: Any) -> bool:
    """Return whether the name of a module is the notebook's."""
    return type(module) is str and module == "__main__"


def class_attribute(kind: type, name: str) -> Any:
    """Read an attribute that every class has, bypassing its metaclass."""
    attribute = type.__dict__[name]
    return attribute.__get__(kind)


def named_parameters(module: Any, prefix: str = "", depth: int = 0) -> Parts:
    """List the parameters of a module with their paths, without calling its methods."""
    parameters = registered(module, "_parameters")
    for name, parameter in parameters:
        if is_tensor(parameter):
            path = f"{prefix}{name}"
            yield path, parameter

    if depth >= MAX_CHILDREN:
        return
    modules = registered(module, "_modules")
    for name, inner in modules:
        if is_module(inner):
            inner_prefix = f"{prefix}{name}."
            yield from named_parameters(inner, inner_prefix, depth + 1)


def parts(value: Any) -> Parts:
    """List the contents of a container or a table: at most 32 items; of a module, its parameters.

    Yields:
        The end of the item's path, such as `.w` of an object, `['w']` of a dict or `[0]` of a list;
        and the item.
    """
    return itertools.islice(_all_parts(value), MAX_CHILDREN)


def _all_parts(value: Any) -> Parts:
    kind = type(value)
    if issubclass(kind, dict):
        return _dict_items(value)
    if issubclass(kind, list):
        return _sequence_items(list.__iter__(value))
    if issubclass(kind, tuple):
        return _sequence_items(tuple.__iter__(value))
    if is_module(value):
        return _module_parameters(value)
    if is_students_class(kind) or kind is types.SimpleNamespace:
        return _attributes(value)
    return _with_paths(frame_parts(value))


def _module_parameters(module: Any) -> Parts:
    for name, parameter in named_parameters(module):
        yield f".{name}", parameter


def _dict_items(value: Any) -> Parts:
    items = dict.items(value)
    first_items = list(itertools.islice(items, MAX_CHILDREN))
    return _with_paths(iter(first_items))


def _with_paths(items: Iterator[tuple[Any, Any]]) -> Parts:
    for key, inner in items:
        if _has_path(key):
            yield f"[{key!r:.100}]", inner


def _has_path(key: Any) -> bool:
    if type(key) is str:
        return True
    return type(key) is int and abs(key) < MAX_KEY


def _sequence_items(items: Iterator[Any]) -> Parts:
    for index, inner in enumerate(items):
        yield f"[{index}]", inner


def _attributes(value: Any) -> Parts:
    """List the attributes of a student's object, bypassing its `__getattr__`."""
    try:
        attributes = object.__getattribute__(value, "__dict__")
    except (AttributeError, TypeError):
        attributes = {}
    if type(attributes) is dict:
        for name, inner in list(attributes.items()):
            if type(name) is str:
                yield f".{name}", inner

    classes = class_attribute(type(value), "__mro__")
    for cls in classes:
        yield from _slots(cls, value)


def _slots(cls: type, value: Any) -> Parts:
    members = class_attribute(cls, "__dict__")
    for name, member in list(members.items()):
        if type(member) is not types.MemberDescriptorType:
            continue
        if name == "__dict__":
            continue
        try:
            inner = member.__get__(value)
        except AttributeError:
            continue
        yield f".{name}", inner
