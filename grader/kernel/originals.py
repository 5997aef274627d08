"""Measure with torch, numpy and the builtins as they were imported. Runs in the student's kernel.

SECURITY: who puts a function of their own in place of `torch.Tensor.mean` changes no measure by it.
"""

from __future__ import annotations

import contextlib
import functools
import pathlib
import sys
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from grader.kernel.hooks import when_imported

TORCH_MODULES = ("torch", "torch.nn", "torch.nn.functional", "torch.optim", "torch.utils.data")
"""Modules of torch with functions that an expression calls."""

_STANDARD = (
    "builtins io os os.path pathlib csv json math cmath statistics random itertools functools "
    "collections operator copy pickle re string struct gzip zipfile codecs glob hashlib decimal"
)
STANDARD_MODULES = tuple(_STANDARD.split())
"""Modules of Python's with functions that an author's code calls, to read files among others."""

BY_LIBRARIES = ("manual_seed",)
"""What torch itself replaces, once its compiler is imported."""

OURS = "_grader_"
"""Begins the names that the grader adds to the builtins."""

CONSTANTS = (int, float, str)
"""Types of what stands in a module for good, such as `math.pi`."""

MISSING: Any = object()
"""Stands for an attribute that is not there."""

IMPORTED = sys.modules
"""The modules by their names, whatever a notebook calls `sys.modules`."""

Owner = Any
"""A module or a class; `IMPORTED` for modules themselves."""

Table = dict[str, Any]


@dataclass(frozen=True)
class _Patch:
    """An attribute that a notebook has replaced."""

    owner: Owner
    name: str
    original: Any
    """What it was; `MISSING`: a class had it from its base."""
    current: Any
    """What it is now; `MISSING`: the notebook removed it."""


class Originals:
    """Remembers functions as they were imported, in one kernel."""

    def __init__(self) -> None:
        """Begin with Python's own modules, as far as they are imported."""
        self._tables: list[tuple[Owner, Table]] = []
        self._modules: Table = {}
        for name in STANDARD_MODULES:
            self.remember_module(name)
        for kind in (pathlib.Path, pathlib.PurePath, type(pathlib.Path())):
            self.remember(kind)

    def install(self) -> None:
        """Remember libraries, now or when they are imported; call this after other hooks."""
        when_imported("torch", self._remember_torch)
        for name in (*STANDARD_MODULES, "numpy", "pandas"):
            if name not in self._modules:
                when_imported(name, functools.partial(self.remember_module, name))

    def _remember_torch(self, torch: types.ModuleType) -> None:
        for owner in (torch.Tensor, torch.nn.Module):
            self.remember(owner)
        for name in TORCH_MODULES:
            self.remember_module(name)

    def remember_module(self, name: str, _module: types.ModuleType | None = None) -> None:
        """Remember a module and what is in it; nothing where it is not imported."""
        module = IMPORTED.get(name)
        if module is not None:
            self._modules[name] = module
            self.remember(module)

    def remember(self, owner: Owner) -> None:
        """Remember what a module or a class has now."""
        self._tables.append((owner, dict(vars(owner))))

    def _patches(self) -> Iterator[_Patch]:
        for name, module in self._modules.items():
            current = IMPORTED.get(name, MISSING)
            if current is not module:
                yield _Patch(IMPORTED, name, module, current)
        for owner, before in self._tables:
            now = dict(vars(owner))
            yield from _replaced(owner, before, now)
            if isinstance(owner, type) and len(now) > len(before):
                yield from _added(owner, before, now)

    def are_replaced(self) -> bool:
        """Tell whether a notebook has put something else in the place of one of them."""
        return any(patch.name not in BY_LIBRARIES for patch in self._patches())

    @contextlib.contextmanager
    def restored(self) -> Iterator[Callable[[], contextlib.AbstractContextManager[None]]]:
        """Put everything back as it was imported, for as long as this lasts.

        Yields:
            What makes a context in which the notebook's own functions are there again.
        """
        patches = list(self._patches())

        @contextlib.contextmanager
        def undone() -> Iterator[None]:
            _put(patches, original=False)
            try:
                yield
            finally:
                # SECURITY: what ran may have replaced more.
                patches[:] = self._patches()
                _put(patches, original=True)

        _put(patches, original=True)
        try:
            yield undone
        finally:
            _put(patches, original=False)


def _replaced(owner: Owner, before: Table, now: Table) -> Iterator[_Patch]:
    """Give what a notebook replaced or removed."""
    for name, original in before.items():
        current = now.get(name, MISSING)
        if current is original or name.startswith(OURS):
            continue
        if _may_answer(name, original) or callable(current):
            yield _Patch(owner, name, original, current)


def _may_answer(name: str, original: Any) -> bool:
    """Tell whether what an expression gives may rest on an attribute."""
    if callable(original) or isinstance(original, types.ModuleType):
        return True
    if type(original) not in CONSTANTS:
        return False
    return not name.startswith("_")


def _added(owner: type, before: Table, now: Table) -> Iterator[_Patch]:
    """Give what a notebook defined in a class that had it from its base.

    What a library adds when a part of it is imported has no such name.
    """
    for name, current in now.items():
        if name not in before and callable(current) and _is_inherited(owner, name):
            yield _Patch(owner, name, MISSING, current)


def _is_inherited(owner: type, name: str) -> bool:
    return any(name in vars(base) for base in owner.__mro__[1:])


def _put(patches: list[_Patch], *, original: bool) -> None:
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
