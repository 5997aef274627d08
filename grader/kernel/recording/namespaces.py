"""Search the namespace of a notebook: for the student's own names, and for the names of objects."""

from __future__ import annotations

import types
from typing import Any

from grader.kernel.recording.inspection import is_main, is_module, is_students_class, parts
from grader.kernel.recording.sites import Names

SHELL_NAMES = frozenset({"get_ipython", "exit", "quit", "open", "In", "Out"})
"""Names that IPython puts among the student's own."""

IMPORTED = (types.ModuleType, types.BuiltinFunctionType)

MISSING = object()
"""Stands for the value of a name that is not bound."""

Namespace = dict[str, Any]


def students_names(names: Names, local: Namespace, world: Namespace) -> Names:
    """List the student's own names: bound by their code, and not by an import."""
    return tuple(name for name in names if _is_students_name(name, local, world))


def _is_students_name(name: str, local: Namespace, world: Namespace) -> bool:
    if name in SHELL_NAMES:
        return False
    value = local.get(name, world.get(name, MISSING))
    if value is MISSING:
        return False

    # By `type`, since `isinstance` would ask the student's `__class__`.
    kind = type(value)
    if kind is types.FunctionType:
        return is_main(value.__module__)
    if issubclass(kind, type):
        return is_students_class(value)
    return not issubclass(kind, IMPORTED)


def frame_in(namespace: Namespace, frame: types.FrameType | None) -> types.FrameType | None:
    """Find the frame that runs the code of a namespace: this one, or the nearest caller."""
    while frame is not None and frame.f_globals is not namespace:
        frame = frame.f_back
    return frame


def name_in(names: Namespace, value: Any) -> str | None:
    """Find the name of a tensor in a namespace, or its path in a named module."""
    for name, other in list(names.items()):
        if name.startswith("_"):
            continue
        if other is value:
            return name
        if not is_module(other):
            continue
        for suffix, parameter in parts(other):
            if parameter is value:
                return name + suffix
    return None
