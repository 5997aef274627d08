"""Compare objects of a notebook by their contents, whatever their classes say. Runs in its kernel.

SECURITY: a student's class can claim that its objects equal anything, and a student's function can
replace one of torch. Expressions of the author have to be true without both.
"""

from __future__ import annotations

import builtins
import sys
import threading
import types
from typing import Any

from grader.kernel.probing.measured import NoPlainValue, plain
from grader.kernel.recording.inspection import (
    class_attribute,
    is_main,
    is_ndarray,
    is_students_class,
    is_tensor,
)
from grader.kernel.recording.namespaces import Namespace

# SECURITY: functions below are not to use builtins that a notebook replaced.
__builtins__ = dict(vars(builtins))  # type: ignore[assignment]

_COMPARING = "__eq__ __ne__ __lt__ __le__ __gt__ __ge__ __bool__ __contains__"
_COUNTING = "__len__ __iter__ __getitem__ __float__ __int__ __index__ __abs__ __round__"
_RECKONING = "__add__ __radd__ __sub__ __rsub__ __mul__ __rmul__ __truediv__ __rtruediv__"
_METHODS = f"{_COMPARING} {_COUNTING} {_RECKONING} __getattribute__ __class__"
ANSWERING = frozenset(_METHODS.split())
"""Attributes of a class that answer in place of a value."""

_OF_ARRAYS = (
    "__torch_function__ __array__ __array_ufunc__ __array_function__ shape dtype size ndim item "
    "tolist numpy"
)
ANSWERING_FOR_ARRAYS = ANSWERING.union(_OF_ARRAYS.split())
"""The same for tensors and arrays."""

ANYTHING = frozenset(("__getattr__", "__getattribute__", "__class__"))
"""Attributes by which an object without a value may equal anything."""

VALUES = (list, tuple, dict, float, int, str)

MAX_ITEMS = 200
"""Most items of a container that are looked at."""

OWN_MODULES: set[str] = set()
"""Modules that were handed in with the notebook: their definitions are also the student's."""


class StudentOverride(Exception):
    """An expression is true only with the notebook's own classes or functions."""


def runs_students_code(namespace: Namespace) -> bool:
    """Return whether a thread runs a notebook's functions, and may change the measured objects."""
    own = threading.get_ident()
    for thread, frame in sys._current_frames().items():
        if thread == own:
            continue
        below: types.FrameType | None = frame
        while below is not None:
            if below.f_globals is namespace:
                return True
            below = below.f_back
    return False


def without_overrides(objects: Namespace) -> Namespace | None:
    """Convert objects to plain ones with the same contents.

    Args:
        objects: by the names that expressions have for them.

    Returns:
        None if no class of the student's answers for any of them.
    """
    taken: Namespace = {}
    for name, value in objects.items():
        if answers_itself(value):
            taken[name] = plain_or_none(value)
    if not taken:
        return None
    return {**objects, **taken}


def answers_itself(value: Any) -> bool:
    """Return whether a student's class defines how a value, or one in it, behaves."""
    kind = type(value)
    items = [value]
    if kind in (list, tuple):
        items = value[:MAX_ITEMS]
    elif kind is dict:
        values = list(value.values())
        items = values[:MAX_ITEMS]
    return any(map(has_overrides, items))


def plain_or_none(value: Any) -> Any:
    """Return the contents of a value; an object without any answers nothing."""
    try:
        return plain(value)
    except NoPlainValue:
        return None


def has_overrides(value: Any) -> bool:
    """Return whether a student's class defines how a value behaves."""
    kind = type(value)
    own = _own_attributes(kind)
    if not own:
        return False
    if is_tensor(value) or is_ndarray(value):
        return bool(own & ANSWERING_FOR_ARRAYS)
    if issubclass(kind, VALUES):
        return bool(own & ANSWERING)
    if "__eq__" not in own:
        return False
    return bool(own & ANYTHING)


def _own_attributes(kind: type) -> frozenset[str]:
    """List the attributes of a class, and of its bases, that the student's code defines."""
    own: set[str] = set()
    for base in class_attribute(kind, "__mro__"):
        attributes = class_attribute(base, "__dict__")
        if _is_own_class(base):
            own.update(attributes)
            continue
        for name, value in attributes.items():
            if _is_own_function(value):
                own.add(name)
    return frozenset(own)


def _is_own_class(kind: type) -> bool:
    return is_students_class(kind) or _is_own_module(class_attribute(kind, "__module__"))


def _is_own_function(value: Any) -> bool:
    """Return whether a function is the student's, whatever its class claims as its module."""
    if type(value) is not types.FunctionType:
        return False
    module = value.__globals__.get("__name__")
    return is_main(module) or _is_own_module(module)


def _is_own_module(name: Any) -> bool:
    """Return whether a module was handed in with the notebook."""
    return type(name) is str and name in OWN_MODULES
