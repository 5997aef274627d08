"""Find objects that may stand in for a name that a notebook lacks. Runs in the student's kernel."""

from __future__ import annotations

import sys
import types
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from grader.kernel.probing.module_probes import is_module_class
from grader.kernel.recording.inspection import (
    class_attribute,
    is_module,
    is_ndarray,
    is_students_class,
    is_tensor,
    parts,
)
from grader.kernel.recording.namespaces import Namespace, students_names

MAX_STAND_INS = 48
"""Most objects that are tried in place of one name: those bound last."""

MAX_OF_A_KIND = 8
"""Most of them of one class, and of tensors of one shape: a notebook has many tensors."""

PACKAGES = ("__main__", "torch", "torchvision", "sklearn", "pandas")
"""Modules of the classes with objects that may stand in: loaders, optimizers, data frames."""

Kind = tuple[int, tuple[int, ...]]
"""The class of an object, by its `id` (its hash may be a student's), and a tensor's shape."""


def stand_ins(
    namespace: Namespace, leave_out: Iterable[Any], *, networks: bool = False
) -> list[tuple[str, Any]]:
    """List the objects of a notebook that may stand in for a name, with their own names.

    So may an attribute of an object of the student's class, if nothing of its kind has a name
    itself. A number or a text may not: any equal one would be taken for it.

    Args:
        namespace: the notebook's.
        leave_out: objects that already stand in for another name.
        networks: whether only networks and their classes may stand in.
    """
    may_stand_in = _is_network if networks else _may_stand_in
    names = students_names(tuple(map(str, namespace)), {}, namespace)
    met = {id(value) for value in leave_out}
    found: list[tuple[str, Any]] = []
    kinds: Counter[Kind] = Counter()
    named_classes: set[int] = set()
    for name, value in _named_objects(names, namespace):
        if id(value) in met or not may_stand_in(value):
            continue
        met.add(id(value))
        kind = _kind_of(value)
        if name in namespace:
            named_classes.add(kind[0])
        elif kind[0] in named_classes:  # the notebook has one of its kind under its own name
            continue
        kinds[kind] += 1
        if kinds[kind] <= MAX_OF_A_KIND:
            found.append((name, value))
    return found[:MAX_STAND_INS]


def _named_objects(names: Sequence[str], namespace: Namespace) -> Iterator[tuple[str, Any]]:
    """Yield the objects of a notebook, the last first; then the objects in them, with paths."""
    own_names = [name for name in reversed(names) if not name.startswith("_")]
    for name in own_names:
        yield name, namespace[name]
    for name in own_names:
        value = namespace[name]
        if is_students_class(type(value)) and not is_module(value):
            for path, inner in parts(value):
                yield name + path, inner


def _kind_of(value: Any) -> Kind:
    kind = type(value)
    torch = sys.modules.get("torch")
    numpy = sys.modules.get("numpy")
    # The shape of a subclass may be a student's doing.
    with_shape = (getattr(torch, "Tensor", None), getattr(numpy, "ndarray", None))
    shape = tuple(value.shape) if kind in with_shape else ()
    return id(kind), shape


def _is_network(value: Any) -> bool:
    return is_module(value) or is_module_class(value)


def _may_stand_in(value: Any) -> bool:
    if is_tensor(value) or is_ndarray(value) or is_module(value):
        return True
    kind = type(value)
    if kind is types.FunctionType or issubclass(kind, type):
        return True
    return _package_of(kind) in PACKAGES


def _package_of(kind: type) -> str:
    """Return the package of a class; empty if its class hides it."""
    module = class_attribute(kind, "__module__")
    if type(module) is not str:
        return ""
    return module.partition(".")[0]
