"""Find the trained model of a notebook, and its parts. Runs in the student's kernel.

A model is a `torch.nn.Module`, an object of a student's class, or a function. Nothing of it is
called here.
"""

from __future__ import annotations

import contextlib
import functools
import types
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from grader.kernel.recording.inspection import (
    class_attribute,
    is_module,
    is_ndarray,
    is_students_class,
    is_tensor,
    named_parameters,
    parts,
)
from grader.kernel.recording.namespaces import Namespace, students_names
from grader.kernel.recording.registered import registered
from grader.kernel.recording.training import Evidence, Training

MAX_DEPTH = 3
"""How many steps from a model the tensors that it uses are looked for."""

MAX_MODULES = 2_000
"""Most modules of a model."""

SURE = ("optimizer", "by hand")
"""How a model was trained itself: it is no copy of another one."""

CONTAINERS = (list, tuple, dict)
NO_MODELS = (int, float, complex, bool, str, bytes, type(None), types.ModuleType, *CONTAINERS)
"""Types of objects that are no model themselves."""


@dataclass(frozen=True)
class Model:
    """An object that may be the trained model."""

    value: Any
    own_name: str = ""
    """The notebook's own name for it; empty if it is the one that was asked for."""
    evidence: Evidence = field(default_factory=Evidence)
    """Evidence that it was trained."""


def find_models(name: str, namespace: Namespace, training: Training) -> list[Model]:
    """Find the objects that may be the model with a name.

    It is the object with the name. If that was not trained itself, or does not exist, it may also
    be the module that an optimizer stepped last, or if there is none, any module.

    Returns:
        The one with the name first; empty if there is none.
    """
    named = _model_named(name, namespace, training)
    if named is not None and named.evidence.how in SURE:
        return [named]

    others = _other_modules(name, namespace, training)
    stepped = _last_stepped(others)
    if named is not None:
        others = [other for other in stepped if other.value is not named.value]
        return [named, *others]
    return stepped or others


def _model_named(name: str, namespace: Namespace, training: Training) -> Model | None:
    """Return the object with the name, or the only module in it."""
    if name not in namespace:
        return None
    value = namespace[name]
    if not callable(value):
        inside = list(_modules_inside(value, name))
        if len(inside) == 1:
            own_name, value = inside[0]
            return Model(value, own_name, training.of(tensors_of(value)))
    if not _may_be_model(value):
        return None
    return Model(value, "", training.of(tensors_of(value)))


def _may_be_model(value: Any) -> bool:
    kind = type(value)
    if issubclass(kind, (*NO_MODELS, type)) or is_tensor(value) or is_ndarray(value):
        return False
    if is_module(value) or is_students_class(kind):
        return True
    return callable(value)


def _other_modules(name: str, namespace: Namespace, training: Training) -> list[Model]:
    """List the modules of a notebook and in its objects: each once, the last first.

    A module within another is a part of that, and one without parameters, such as a loss, no model.
    """
    names = students_names(tuple(map(str, namespace)), {}, namespace)
    found: dict[int, Model] = {}
    for own_name in reversed(names):
        if own_name == name or own_name.startswith("_"):
            continue
        for path, module in _modules_of(namespace[own_name], own_name):
            tensors = tensors_of(module)
            if tensors and id(module) not in found:
                found[id(module)] = Model(module, path, training.of(tensors))

    inner: set[int] = set()
    for model in found.values():
        for part in modules_of(model.value):
            if part is not model.value:
                inner.add(id(part))
    return [model for key, model in found.items() if key not in inner]


def _modules_of(value: Any, name: str) -> Iterator[tuple[str, Any]]:
    """Yield a module, or the modules in an object, with their paths."""
    if is_module(value):
        yield name, value
    else:
        yield from _modules_inside(value, name)


def _modules_inside(value: Any, path: str, depth: int = 1) -> Iterator[tuple[str, Any]]:
    for suffix, part in parts(value):
        if is_module(part):
            yield path + suffix, part
        elif depth < MAX_DEPTH:
            yield from _modules_inside(part, path + suffix, depth + 1)


def _last_stepped(models: list[Model]) -> list[Model]:
    """Choose the modules that the last optimizer step updated."""
    last = max((model.evidence.last for model in models), default=0)
    if last == 0:
        return []
    return [model for model in models if model.evidence.last == last]


# Parts of a model


def modules_of(value: Any) -> list[Any]:
    """List the modules of a model: itself, those within it, and those that a function uses."""
    walk = _Walk()
    walk.take(value)
    return list(walk.modules.values())


def tensors_of(value: Any) -> list[Any]:
    """List the tensors of a model: of modules, their parameters.

    For a function they are those that it reads, also by way of other functions and of lists.
    """
    walk = _Walk()
    walk.take(value)
    return list(walk.tensors.values())


class _Walk:
    """Walks through everything that a model uses, without calling a student's methods."""

    def __init__(self) -> None:
        self.modules: dict[int, Any] = {}
        self.tensors: dict[int, Any] = {}
        self._met: set[int] = set()

    def take(self, value: Any, depth: int = 0) -> None:
        """Visit a value, and everything it uses."""
        if id(value) in self._met:
            return
        self._met.add(id(value))
        if is_tensor(value):
            self.tensors[id(value)] = value
        elif is_module(value):
            self._take_module(value)
        elif depth < MAX_DEPTH:
            for part in _contents_of(value):
                self.take(part, depth + 1)

    def _take_module(self, module: Any) -> None:
        for _, parameter in named_parameters(module):
            self.tensors[id(parameter)] = parameter

        waiting = [module]
        while waiting and len(self.modules) < MAX_MODULES:
            current = waiting.pop()
            if id(current) in self.modules:
                continue
            self.modules[id(current)] = current
            waiting += _children(current)
            self._take_unregistered(current)

    def _take_unregistered(self, module: Any) -> None:
        """Visit the tensors and layers that a student's module keeps in plain lists."""
        if not is_students_class(type(module)):
            return
        attributes = object.__getattribute__(module, "__dict__")
        for name, value in list(attributes.items()):
            if not name.startswith("_") and (is_tensor(value) or type(value) in CONTAINERS):
                self.take(value, MAX_DEPTH - 1)


def _children(module: Any) -> list[Any]:
    children = registered(module, "_modules")
    return [child for _, child in children if is_module(child)]


def _contents_of(value: Any) -> Iterator[Any]:
    """Yield the objects that a function reads, a method is bound to, or an object contains."""
    kind = type(value)
    if kind is types.FunctionType:
        yield from _read_by(value)
    elif kind is types.MethodType:
        yield value.__self__
        yield value.__func__
    elif kind is functools.partial:
        yield value.func
        yield from value.args
        yield from value.keywords.values()
    else:
        for _, part in parts(value):
            yield part
        if is_students_class(kind):
            yield class_attribute(kind, "__dict__").get("__call__")


def _read_by(function: types.FunctionType) -> Iterator[Any]:
    for name in function.__code__.co_names:
        if name in function.__globals__:
            yield function.__globals__[name]
    for cell in function.__closure__ or ():
        with contextlib.suppress(ValueError):  # it is empty
            yield cell.cell_contents
    yield from function.__defaults__ or ()
    yield from (function.__kwdefaults__ or {}).values()
