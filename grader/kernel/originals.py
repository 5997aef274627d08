"""Measure with torch, numpy and the builtins as they were imported. Runs in the student's kernel.

SECURITY: who puts a function of their own in place of `torch.Tensor.mean` changes no measure by it.
"""

from __future__ import annotations

import builtins
import contextlib
import sys
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from grader.kernel.hooks import when_imported

MODULES = ("torch", "torch.nn", "torch.nn.functional", "torch.optim", "numpy")
"""Modules with functions that an expression calls."""

BY_LIBRARIES = ("manual_seed",)
"""What torch itself replaces, once its compiler is imported."""

MISSING = object()
"""Stands for an attribute that is not there."""

Owner = Any
"""A module or a class."""


@dataclass(frozen=True)
class _Patch:
    """An attribute that a notebook has replaced."""

    owner: Owner
    name: str
    original: Any
    """What it was; `MISSING`: a class had it from its base."""
    current: Any


class Originals:
    """Remembers functions as they were imported, in one kernel."""

    def __init__(self) -> None:
        """Begin with the builtins."""
        self._tables: list[tuple[Owner, dict[str, Any]]] = [(builtins, dict(vars(builtins)))]

    def install(self) -> None:
        """Remember torch and numpy, now or when they are imported; call this after other hooks."""
        when_imported("torch", self._remember_torch)
        when_imported("numpy", self.remember)

    def _remember_torch(self, torch: types.ModuleType) -> None:
        for owner in (torch.Tensor, torch.nn.Module):
            self.remember(owner)
        for name in MODULES:
            module = sys.modules.get(name)
            if module is not None and name.startswith("torch"):
                self.remember(module)

    def remember(self, owner: Owner) -> None:
        """Remember what a module or a class has now."""
        self._tables.append((owner, dict(vars(owner))))

    def _patches(self) -> Iterator[_Patch]:
        for owner, before in self._tables:
            for name, current in list(vars(owner).items()):
                original = before.get(name, MISSING)
                if original is MISSING and not _is_inherited(owner, name):
                    continue  # what a library adds when a part of it is imported
                if original is not current and callable(current):
                    yield _Patch(owner, name, original, current)

    def are_replaced(self) -> bool:
        """Tell whether a notebook has put something else in the place of one of them."""
        patches = (patch for patch in self._patches() if patch.name not in BY_LIBRARIES)
        return any(not _is_ours(patch) for patch in patches)

    @contextlib.contextmanager
    def restored(self) -> Iterator[Callable[[], contextlib.AbstractContextManager[None]]]:
        """Put everything back as it was imported, for as long as this lasts.

        Yields:
            What makes a context in which the notebook's own functions are there again.
        """
        patches = [patch for patch in self._patches() if not _is_ours(patch)]

        @contextlib.contextmanager
        def undone() -> Iterator[None]:
            _put(patches, original=False)
            try:
                yield
            finally:
                _put(patches, original=True)

        _put(patches, original=True)
        try:
            yield undone
        finally:
            _put(patches, original=False)


def _is_inherited(owner: Owner, name: str) -> bool:
    if not isinstance(owner, type):
        return False
    return any(name in vars(base) for base in owner.__mro__[1:])


def _is_ours(patch: _Patch) -> bool:
    """Tell whether the grader put it there: it adds builtins for its probes."""
    module = getattr(patch.current, "__module__", "")
    return patch.owner is builtins and type(module) is str and module.startswith("grader.")


def _put(patches: list[_Patch], *, original: bool) -> None:
    for patch in patches:
        value = patch.original if original else patch.current
        with contextlib.suppress(AttributeError, TypeError):
            if value is MISSING:
                delattr(patch.owner, patch.name)
            else:
                setattr(patch.owner, patch.name, value)
