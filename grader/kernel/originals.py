"""Measure with torch, numpy and builtins as they were imported. Runs in the student's kernel.

SECURITY: a notebook that replaces `torch.Tensor.mean` by its own function does not change how it is
measured.
"""

from __future__ import annotations

import contextlib
import functools
import operator
import pathlib
import sys
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from grader.kernel.hooks import when_imported

TORCH_MODULES = ("torch", "torch.nn", "torch.nn.functional", "torch.optim", "torch.utils.data")
"""Modules of torch with functions that an expression calls."""

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

BY_LIBRARIES = frozenset(("manual_seed", "input", "exit", "quit"))
"""Functions that torch itself replaces once its compiler is imported, and Jupyter in each cell."""

OURS = "_grader_"
"""Begins the names that the grader adds to the builtins."""

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
        self._owner = owner
        self._before: Attributes = dict(vars(owner))
        self._known: list[Any] = []
        """All its values when nothing was found to be replaced."""

    def patches(self) -> Iterator[_Patch]:
        """Yield the replaced attributes. Called for each call of a model: it has to be fast."""
        now = dict(vars(self._owner))
        values = list(now.values())
        if len(values) == len(self._known):
            unchanged = map(operator.is_, values, self._known)
            if all(unchanged):
                return

        patches = list(_replaced_attributes(self._owner, self._before, now))
        if isinstance(self._owner, type):
            patches += _added_attributes(self._owner, self._before, now)
        if not patches:
            self._known = values
        yield from patches


class Originals:
    """Remembers functions as they were imported, in one kernel."""

    def __init__(self) -> None:
        """Record Python's own modules, if they are imported."""
        self._tables: list[_Table] = []
        self._modules: dict[str, types.ModuleType] = {}
        for name in STANDARD_MODULES:
            self.remember_module(name)
        for kind in (pathlib.Path, pathlib.PurePath, type(pathlib.Path())):
            self.remember(kind)

    def install(self) -> None:
        """Record libraries, now or when they are imported; call this after other hooks."""
        when_imported("torch", self._remember_torch)
        for name in (*STANDARD_MODULES, "numpy", "pandas", *TESTING):
            if name not in self._modules:
                when_imported(name, functools.partial(self.remember_module, name))

    def _remember_torch(self, torch: types.ModuleType) -> None:
        for owner in (torch.Tensor, torch.nn.Module):
            self.remember(owner)
        for name in TORCH_MODULES:
            self.remember_module(name)

    def remember_module(self, name: str, _module: types.ModuleType | None = None) -> None:
        """Record a module and its contents; nothing if it is not imported."""
        module = IMPORTED.get(name)
        if module is not None:
            self._modules[name] = module
            self.remember(module)

    def remember(self, owner: Owner) -> None:
        """Record the attributes that a module or class has now."""
        table = _Table(owner)
        self._tables.append(table)

    def _patches(self) -> Iterator[_Patch]:
        for name, module in self._modules.items():
            current = IMPORTED.get(name, MISSING)
            if current is not module:
                yield _Patch(IMPORTED, name, module, current)
            package, _, last = name.rpartition(".")
            if package in self._modules:
                yield from self._replaced_part(package, last, module)
        for table in self._tables:
            yield from table.patches()

    def _replaced_part(self, package: str, name: str, module: types.ModuleType) -> Iterator[_Patch]:
        """Yield the replacement of a module in its package, such as `np.testing`."""
        owner = self._modules[package]
        current = vars(owner).get(name, module)
        if current is not module:
            yield _Patch(owner, name, module, current)

    def are_replaced(self) -> bool:
        """Return whether a notebook has replaced any of them."""
        return any(True for _ in self._patches())

    @contextlib.contextmanager
    def restored(self) -> Iterator[Callable[[], contextlib.AbstractContextManager[None]]]:
        """Restore everything as it was imported, during a `with` statement.

        Yields:
            A function that creates a context in which the notebook's own functions are active
            again.
        """
        patches = list(self._patches())

        @contextlib.contextmanager
        def undone() -> Iterator[None]:
            _set_all(patches, original=False)
            try:
                yield
            finally:
                # SECURITY: what ran may have replaced more.
                patches[:] = self._patches()
                _set_all(patches, original=True)

        _set_all(patches, original=True)
        try:
            yield undone
        finally:
            _set_all(patches, original=False)


def _replaced_attributes(owner: Owner, before: Attributes, now: Attributes) -> Iterator[_Patch]:
    """Yield the attributes that a notebook replaced or removed."""
    for name, original in before.items():
        current = now.get(name, MISSING)
        if current is original or name.startswith(OURS) or name in BY_LIBRARIES:
            continue
        if _may_answer(name, original) or callable(current):
            yield _Patch(owner, name, original, current)


def _may_answer(name: str, original: Any) -> bool:
    """Return whether the result of an expression may depend on an attribute."""
    if callable(original) or isinstance(original, types.ModuleType):
        return True
    if type(original) not in CONSTANTS:
        return False
    return not name.startswith("_")


def _added_attributes(owner: type, before: Attributes, now: Attributes) -> Iterator[_Patch]:
    """Yield the attributes that a notebook defined in a class that inherited them.

    Attributes that a library adds when a part of it is imported have no such names.
    """
    for name, current in now.items():
        if name not in before and callable(current) and _is_inherited(owner, name):
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
