"""Inspect the callables of a notebook: whether they are the student's, and their arguments.

Runs inside the student's kernel. Calls no method of a student's class; torch and numpy are looked
up among the imported modules, never imported.
"""

from __future__ import annotations

import functools
import inspect
import os
import site
import sys
import sysconfig
import types
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from grader.kernel.recording.inspection import (
    class_attribute,
    is_in_packages,
    is_main,
    is_module,
    is_students_class,
)

MAX_WRAPPERS = 20
"""Most decorators that are looked through to find the function below."""

MAX_NAME = 200
"""Characters kept of a name."""

WRAPPED = ("__wrapped__", "_torchdynamo_inline", "_torchdynamo_orig_callable", "py_func")
"""Attributes in which a decorated function keeps the one that it calls."""

SCRIPTED = "__torch__."
TORCHS_OWN = "__torch__.torch."
"""Beginnings of the names of compiled code: of any, and of torch's own."""

STATIC = (staticmethod, classmethod)

_PACKAGE = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120
_GRADER = os.path.dirname(os.path.dirname(_PACKAGE))  # noqa: PTH120


class FromNewInstance:
    """Calls a new instance of a class, or a method of one."""

    def __init__(self, kind: type, method: str = "") -> None:
        """Initialise with the class, and the name of the method; empty for `__call__`."""
        self.kind = kind
        self.method = method

    def __call__(self, *values: Any) -> Any:
        """Create an instance, and call it."""
        called = self.kind()
        if self.method:
            called = getattr(called, self.method)
        return called(*values)


class FromObject:
    """Calls a method of a student's object."""

    def __init__(self, owner: Any, method: types.FunctionType) -> None:
        """Initialise with the object, and the method as its class defines it."""
        self.__self__ = owner
        self.__func__ = method

    def __call__(self, *values: Any) -> Any:
        """Call the method."""
        return self.__func__(self.__self__, *values)


def is_students(value: Any) -> bool:
    """Return whether a callable, or the function it wraps, is the student's own.

    That is one from the notebook, or from a file of the student's.
    """
    return any(_is_students_layer(layer) for layer in _layers(value))


def _is_students_layer(value: Any) -> bool:
    kind = type(value)
    if kind is types.FunctionType:
        return _is_students_function(value)
    if kind in (types.MethodType, types.BuiltinFunctionType, FromObject):
        owner = value.__self__
        if isinstance(owner, type):
            return _is_students_kind(owner)
        return _is_students_kind(type(owner))
    if kind is FromNewInstance:
        return _is_students_kind(value.kind)
    if isinstance(value, type):
        return _is_students_kind(value)
    if _is_students_kind(kind):
        return True
    return _is_compiled(value)


def unwrapped(value: Any) -> Any:
    """Return the function below decorators, `partial`, `vectorize` and the like."""
    return _layers(value)[-1]


def _layers(value: Any) -> list[Any]:
    """List a callable, the one that it wraps, and so on."""
    layers = [value]
    for _ in range(MAX_WRAPPERS):
        inner = _inner(layers[-1])
        if inner is None:
            break
        layers.append(inner)
    return layers


def _inner(value: Any) -> Any:
    """Return the callable that another wraps; None if there is none."""
    kind = type(value)
    if kind is functools.partial:
        return value.func
    if kind in (types.MethodType, FromObject):
        return value.__func__
    if kind is _library_kind("numpy", "vectorize"):
        return value.pyfunc
    return _wrapped(value)


def _wrapped(value: Any) -> Any:
    attributes = attributes_of(value)
    for name in WRAPPED:
        inner = attributes.get(name)
        if callable(inner) and inner is not value:
            return inner
    modules = attributes.get("_modules")
    if type(modules) is dict:
        return modules.get("_orig_mod")  # of the wrapper that `torch.compile` made of a module
    return None


def attributes_of(value: Any) -> dict[str, Any]:
    """Return the attributes of an object without calling a method of its class."""
    try:
        attributes = object.__getattribute__(value, "__dict__")
    except (AttributeError, TypeError):
        return {}
    if type(attributes) is not dict:
        return {}
    return attributes


def _library_kind(module: str, name: str) -> Any:
    """Return a class of an imported library; a dummy if the library is not imported."""
    imported = sys.modules.get(module)
    return getattr(imported, name, STATIC)


def _is_students_function(function: types.FunctionType) -> bool:
    module = function.__globals__.get("__name__")
    if is_main(function.__module__) or is_main(module):
        return True
    code = function.__code__
    return is_students_file(code.co_filename)


def _is_students_kind(kind: type) -> bool:
    """Return whether a class was defined in the notebook or in a student's file."""
    if is_students_class(kind):
        return True
    try:
        name = class_attribute(kind, "__module__")
    except AttributeError:
        return False
    module = sys.modules.get(name) if type(name) is str else None
    return is_students_module(module)


def is_students_module(module: Any) -> bool:
    """Return whether a module was imported from a file of the student's."""
    if type(module) is not types.ModuleType:
        return False
    attributes = attributes_of(module)
    file = attributes.get("__file__")
    if type(file) is not str:
        return False
    return is_students_file(file)


def is_students_file(path: str) -> bool:
    """Return whether a source file exists and is not installed; `<string>` is no file."""
    if path.startswith("<"):
        return False
    absolute_path = os.path.abspath(path)  # noqa: PTH100 - pathlib is not needed in the kernel
    if is_in_packages(absolute_path):
        return False
    return not absolute_path.startswith(_installed())


@functools.cache
def _installed() -> tuple[str, ...]:
    """List the folders of libraries, the grader's own among them."""
    by_purpose = sysconfig.get_paths()
    folders = {_GRADER, *by_purpose.values()}
    folders.update(site.getsitepackages())
    user_folder = site.getusersitepackages()
    folders.add(user_folder)
    # The folder of an environment may be inside the student's own, but not the other way round.
    of_environment = {sys.prefix, sys.base_prefix, by_purpose["data"], ""}
    folders -= of_environment
    return tuple(folder + os.sep for folder in folders)


def _is_compiled(value: Any) -> bool:
    """Return whether a value was compiled from the student's code by `torch.jit`."""
    name = ""
    if _is_script(value, "ScriptFunction"):
        name = str(value.qualified_name)
    elif _is_script(value, "RecursiveScriptModule"):
        name = str(value._c._type().qualified_name())
    if name.startswith(TORCHS_OWN):
        return False
    return name.startswith(SCRIPTED)


def _is_script(value: Any, name: str) -> bool:
    return type(value) is _library_kind("torch.jit", name)


def library_name(value: Any) -> str:
    """Return the library's name of an object, such as `torch.nn.MSELoss`."""
    named = unwrapped(value)
    if not hasattr(named, "__qualname__"):
        named = type(named)
    module = getattr(named, "__module__", "") or ""
    name = getattr(named, "__qualname__", "")
    full_name = f"{module}.{name}"
    stripped = full_name.strip(".")
    return stripped[:MAX_NAME]


@dataclass(frozen=True)
class CallForm:
    """How a call passes its arguments."""

    positional: int
    """How many it passes by position."""
    names: tuple[str, ...] = ()
    """Names of those that it passes by name."""

    @property
    def count(self) -> int:
        """How many arguments it passes."""
        return self.positional + len(self.names)

    @property
    def with_self(self) -> CallForm:
        """The form of the call of a method by its class."""
        return CallForm(self.positional + 1, self.names)


def takes(value: Any, form: CallForm) -> bool:
    """Return whether a callable accepts this form of call."""
    if isinstance(value, FromNewInstance):
        return _instance_takes(value, form)
    if isinstance(value, FromObject):
        return _binds(value.__func__, form.with_self)
    if _is_script(value, "ScriptFunction"):
        parameters = value.schema.arguments
        return len(parameters) == form.count
    if _is_script(value, "RecursiveScriptModule"):
        parameters = value.forward.schema.arguments
        return len(parameters) == form.count + 1

    is_vectorized = type(value) is _library_kind("numpy", "vectorize")
    if is_vectorized or is_module(value):
        value = unwrapped(value)
    if is_module(value):
        kind = type(value)
        return _method_takes(kind, "forward", form)
    return _binds(value, form)


def _instance_takes(value: FromNewInstance, form: CallForm) -> bool:
    kind = value.kind
    if not _binds(kind, CallForm(0)):
        return False
    name = value.method or _call_of(kind)
    return _method_takes(kind, name, form)


def _method_takes(kind: type, name: str, form: CallForm) -> bool:
    for method_name, method in methods(kind):
        if method_name != name:
            continue
        if isinstance(method, staticmethod):
            return _binds(method.__func__, form)
        function = getattr(method, "__func__", method)
        return _binds(function, form.with_self)
    return False


def _call_of(kind: type) -> str:
    """Return the name of the method that runs when an instance of a class is called."""
    module = _library_kind("torch.nn", "Module")
    if isinstance(module, type) and issubclass(kind, module):
        return "forward"
    return "__call__"


def methods(kind: type) -> Iterator[tuple[str, Any]]:
    """List the methods of a class with their names, own ones before inherited ones."""
    for cls in class_attribute(kind, "__mro__"):
        if cls is not kind and not _is_students_kind(cls):
            continue
        attributes = class_attribute(cls, "__dict__")
        items = list(attributes.items())
        for name, attribute in items:
            is_function = type(attribute) is types.FunctionType
            if is_function or isinstance(attribute, STATIC):
                yield name, attribute


def makes_callables(kind: type) -> bool:
    """Return whether a class of the student's has the method that makes its instances callable."""
    name = _call_of(kind)
    return any(method == name for method, _ in methods(kind))


def _binds(value: Any, form: CallForm) -> bool:
    by_position = range(form.positional)
    by_name = dict.fromkeys(form.names)
    try:
        signature = inspect.signature(value)
        signature.bind(*by_position, **by_name)
    except Exception:  # noqa: BLE001 - a signature may be the student's own doing
        return False
    return True
