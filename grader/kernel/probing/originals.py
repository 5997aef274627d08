"""Measure with torch, numpy and builtins as they were imported. Runs in the student's kernel.

SECURITY: a notebook that replaces `torch.Tensor.mean` by its own function does not change how it is
measured.
"""

from __future__ import annotations

import builtins
import contextlib
import functools
import gc
import itertools
import operator
import pathlib
import sys
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from grader.kernel.probing.torch_modes import TorchModes
from grader.kernel.recording.hooks import when_imported
from grader.kernel.recording.inspection import class_attribute
from grader.kernel.variants.start_modes import silence_callbacks

# SECURITY: functions below are not to use builtins that a notebook replaced.
__builtins__ = dict(vars(builtins))  # type: ignore[assignment]

_OF_TORCH = (
    "torch torch.nn torch.nn.functional torch.optim torch.utils.data torch.serialization "
    "torch.functional torch.utils._device"
)
TORCH_MODULES = tuple(_OF_TORCH.split())
"""Modules of torch with functions that an expression calls."""

COMMON = ("builtins", "math", "torch")
"""Modules with functions that most expressions use."""

WHOLE = ("numpy", "torch.utils.data")
"""Packages of which all modules are recorded: reading a file takes functions of several."""

PANDAS_READERS = ("pandas.io.common", "pandas.io.parsers.readers")
"""Modules by which pandas reads a file."""

TESTING = (
    "numpy.testing",
    "numpy.linalg",
    "pandas.testing",
    "torch.testing",
    "torch.linalg",
    "sklearn.metrics",
)
"""Modules of libraries with functions that an author's tests and measures call."""

_STANDARD = (
    "builtins io os os.path pathlib csv json math cmath statistics random itertools functools "
    "collections operator copy pickle re string struct gzip zipfile codecs glob hashlib decimal"
)
STANDARD_MODULES = tuple(_STANDARD.split())
"""Modules of Python's with functions that an author's code calls, to read files among others."""

BY_LIBRARIES = frozenset(("manual_seed", "Storage", "input", "exit", "quit"))
"""Functions that torch itself replaces once its compiler is imported, and Jupyter in each cell."""

OURS = "_grader_"
"""Begins the names that the grader adds to the builtins."""

DESCRIPTORS = (property, classmethod, staticmethod)
"""Attributes of classes that a function stands behind."""

HEAP_TYPE = 1 << 9
IMMUTABLE_TYPE = 1 << 8
"""Flags of classes: those written in Python have the first, and those that cannot be changed the
second (`Include/object.h` of CPython)."""

CONSTANTS = (int, float, str)
"""Types of constants in a module, such as `math.pi`."""

MISSING: Any = object()
"""Stands for an attribute that is not there."""

IMPORTED = sys.modules
"""The modules by their names, whatever a notebook calls `sys.modules`."""

Owner = Any
"""A module or a class; `IMPORTED` for modules themselves."""

Attributes = dict[str, Any]


@dataclass(frozen=True)
class _Patch:
    """An attribute that a notebook has replaced."""

    owner: Owner
    name: str
    original: Any
    """Its original value; `MISSING`: a class inherited it."""
    current: Any
    """Its present value; `MISSING`: the notebook removed it."""


class _Table:
    """The attributes of a module or class when it was imported."""

    def __init__(self, owner: Owner) -> None:
        self.owner = owner
        self.before: Attributes = dict(vars(owner))
        self.known = list(self.before.values())
        """All its values when nothing was found to be replaced."""

    def patches(self) -> Iterator[_Patch]:
        """Yield the replaced attributes. Called for each call of a model: it has to be fast."""
        present = vars(self.owner)
        if len(present) == len(self.known):
            unchanged = map(operator.is_, present.values(), self.known)
            if all(unchanged):
                return

        now = dict(present)
        patches = list(_replaced_attributes(self.owner, self.before, now))
        if isinstance(self.owner, type):
            patches += _added_attributes(self.owner, self.before, now)
        if not patches:
            self.known = list(now.values())
        yield from patches


class _Comparison:
    """Compares the attributes of many modules and classes at once, in less than a millisecond."""

    def __init__(self, tables: list[_Table]) -> None:
        self._views = [vars(table.owner).values() for table in tables]
        self._sizes = [len(table.known) for table in tables]
        values = [table.known for table in tables]
        self._known = list(itertools.chain.from_iterable(values))

    def is_unchanged(self) -> bool:
        """Return whether all attributes are the objects that they were."""
        if list(map(len, self._views)) != self._sizes:
            return False
        present = itertools.chain.from_iterable(self._views)
        return all(map(operator.is_, present, self._known))


class Originals:
    """Remembers functions as they were imported, in one kernel."""

    def __init__(self) -> None:
        """Record Python's own modules, if they are imported."""
        self._tables: dict[int, _Table] = {}
        """By the `id` of their owners, which live as long as their modules."""
        self._changed: dict[int, _Table] = {}
        """Those of them with replaced attributes, now or before."""
        self._comparison: _Comparison | None = None
        """Compares the others; None: some are new."""
        self._modules: dict[str, types.ModuleType] = {}
        self._parts: list[tuple[types.ModuleType, str, types.ModuleType]] = []
        self._parts_of: dict[str, types.ModuleType] = {}
        """Parts that were put into their packages afterwards, and the modules they are among."""
        self._modes = TorchModes()
        self.was_disturbed = False
        """Whether something was replaced meanwhile when they were restored last, but not by the
        notebook's own code that was called."""
        for name in STANDARD_MODULES:
            self.remember_module(name)
        for kind in (pathlib.Path, pathlib.PurePath, type(pathlib.Path())):
            self.remember(kind)

    def install(self) -> None:
        """Record libraries, now or when they are imported; call this after other hooks."""
        when_imported("torch", self._remember_torch)
        for name in (*STANDARD_MODULES, "numpy", "pandas", *PANDAS_READERS, *TESTING):
            if name not in self._modules:
                when_imported(name, functools.partial(self.remember_module, name))

    def _remember_torch(self, torch: types.ModuleType) -> None:
        self._modes.remember(torch)
        for name in TORCH_MODULES:
            self.remember_module(name)

    def remember_module(self, name: str, _module: types.ModuleType | None = None) -> None:
        """Record a module, its contents and its classes; nothing if it is not imported."""
        module = IMPORTED.get(name)
        if module is None:
            return
        self._modules[name] = module
        self.remember(module)
        for kind in _classes_in(module, name):
            self.remember(kind)
        if name in WHOLE:
            prefix = f"{name}."
            for inner in filter(_starting_with(prefix), list(IMPORTED)):
                if inner not in self._modules:
                    self.remember_module(inner)

    def remember(self, owner: Owner) -> None:
        """Record the attributes that a module or class has now."""
        key = id(owner)
        if key not in self._tables:
            self._tables[key] = _Table(owner)
            self._comparison = None

    def _patches(self) -> Iterator[_Patch]:
        for name, module in self._modules.items():
            current = IMPORTED.get(name, MISSING)
            if current is not module:
                yield _Patch(IMPORTED, name, module, current)
        for package, name, module in self._later_parts():
            current = vars(package).get(name, module)
            if current is not module:
                yield _Patch(package, name, module, current)
        self._find_changed()
        for table in self._changed.values():
            yield from table.patches()

    def _find_changed(self) -> None:
        """Find the modules and classes with replaced attributes."""
        if self._comparison is not None and self._comparison.is_unchanged():
            return
        others = []
        for key, table in self._tables.items():
            if key in self._changed:
                continue
            if any(True for _ in table.patches()):
                self._changed[key] = table
            else:
                others.append(table)
        self._comparison = _Comparison(others)

    def _later_parts(self) -> list[tuple[types.ModuleType, str, types.ModuleType]]:
        """List the modules, such as `np.testing`, that were put into their package afterwards."""
        if len(self._parts_of) != len(self._modules):
            self._parts_of = dict(self._modules)
            self._parts = list(_later_parts(self._modules, self._tables))
        return self._parts

    def are_replaced(self) -> bool:
        """Return whether a notebook has replaced any of them, or left a mode of torch on."""
        if self._modes.are_used():
            return True
        return any(True for _ in self._patches())

    def are_common_replaced(self) -> bool:
        """Return whether a notebook has replaced one of the functions that most expressions use."""
        return self._modes.are_used() or self._are_common_patched()

    def _are_common_patched(self) -> bool:
        for owner in self._common_owners():
            table = self._tables.get(id(owner))
            if table is not None and any(True for _ in table.patches()):
                return True
        return False

    def _common_owners(self) -> list[Owner]:
        names = filter(self._modules.__contains__, COMMON)
        owners: list[Owner] = [self._modules[name] for name in names]
        if "torch" in self._modules:
            owners.append(self._modules["torch"].Tensor)
        return owners

    @contextlib.contextmanager
    def restored(self) -> Iterator[Callable[[], contextlib.AbstractContextManager[None]]]:
        """Restore everything as it was imported, during a `with` statement.

        Yields:
            A function that creates a context in which the notebook's own functions are active
            again.
        """
        self.was_disturbed = False
        patches = list(self._patches())
        collects = gc.isenabled()

        @contextlib.contextmanager
        def undone() -> Iterator[None]:
            if self._are_common_patched():
                self.was_disturbed = True
            _set_all(patches, original=False)
            if collects:
                gc.enable()
            try:
                with self._modes.restored():
                    yield
            finally:
                # SECURITY: what ran may have replaced more, and left callbacks, and cycles of
                # objects with a `__del__` behind.
                gc.disable()
                silence_callbacks()
                patches[:] = self._patches()
                _set_all(patches, original=True)

        _set_all(patches, original=True)
        gc.disable()
        try:
            with self._modes.off():
                yield undone
                # Something is replaced though everything was restored.
                if any(True for _ in self._patches()):
                    self.was_disturbed = True
        finally:
            _set_all(patches, original=False)
            if collects:
                gc.enable()


def _later_parts(
    modules: dict[str, types.ModuleType], tables: dict[int, _Table]
) -> Iterator[tuple[types.ModuleType, str, types.ModuleType]]:
    for name, module in modules.items():
        package, _, last = name.rpartition(".")
        owner = modules.get(package)
        if owner is None or last in tables[id(owner)].before:
            continue
        yield owner, last, module


def _starting_with(prefix: str) -> Callable[[str], bool]:
    return lambda name: name.startswith(prefix)


def _classes_in(module: types.ModuleType, name: str) -> list[type]:
    """List the classes in a module that belong to its package and can be changed."""
    package, _, _ = name.partition(".")
    classes = []
    for value in list(vars(module).values()):
        if not issubclass(type(value), type):
            continue
        home = class_attribute(value, "__module__")
        flags = class_attribute(value, "__flags__")
        is_changeable = flags & HEAP_TYPE and not flags & IMMUTABLE_TYPE
        if is_changeable and type(home) is str and home.partition(".")[0] == package:
            classes.append(value)
    return classes


def _replaced_attributes(owner: Owner, before: Attributes, now: Attributes) -> Iterator[_Patch]:
    """Yield the attributes that a notebook replaced or removed."""
    for name, original in before.items():
        current = now.get(name, MISSING)
        if current is original or name.startswith(OURS) or name in BY_LIBRARIES:
            continue
        if _may_answer(name, original) or _is_function(current):
            yield _Patch(owner, name, original, current)


def _is_function(value: Any) -> bool:
    """Return whether an attribute is called, or runs a function when it is read."""
    return callable(value) or isinstance(value, DESCRIPTORS)


def _may_answer(name: str, original: Any) -> bool:
    """Return whether the result of an expression may depend on an attribute."""
    if _is_function(original) or isinstance(original, types.ModuleType):
        return True
    if type(original) not in CONSTANTS:
        return False
    return not name.startswith("_")


def _added_attributes(owner: type, before: Attributes, now: Attributes) -> Iterator[_Patch]:
    """Yield the attributes that a notebook defined in a class that inherited them.

    Attributes that a library adds when a part of it is imported have no such names.
    """
    for name, current in now.items():
        if name not in before and _is_function(current) and _is_inherited(owner, name):
            yield _Patch(owner, name, MISSING, current)


def _is_inherited(owner: type, name: str) -> bool:
    return any(name in vars(base) for base in owner.__mro__[1:])


def _set_all(patches: list[_Patch], *, original: bool) -> None:
    for patch in patches:
        value = patch.original if original else patch.current
        with contextlib.suppress(AttributeError, TypeError):
            _set(patch.owner, patch.name, value)


def _set(owner: Owner, name: str, value: Any) -> None:
    if owner is IMPORTED and value is MISSING:
        IMPORTED.pop(name, None)
    elif owner is IMPORTED:
        IMPORTED[name] = value
    elif value is MISSING:
        delattr(owner, name)
    else:
        setattr(owner, name, value)
