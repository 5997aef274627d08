"""Switch off modes of torch that a notebook left on. Runs in the student's kernel.

SECURITY: a mode answers in place of each function of torch, such as `==`, also where a model is
measured.
"""

from __future__ import annotations

import builtins
import contextlib
import functools
import sys
import types
from collections.abc import Iterator
from typing import Any

from grader.kernel.recording.inspection import class_attribute

# SECURITY: functions below are not to use builtins that a notebook replaced.
__builtins__ = dict(vars(builtins))  # type: ignore[assignment]

DEVICES = ("torch.utils._device", "DeviceContext")
"""The mode behind `torch.set_default_device`, which honest notebooks leave on."""


class ModeStack:
    """One of torch's two stacks of modes; the last one on it sees a function first."""

    def __init__(self, engine: types.ModuleType, kind: str) -> None:
        """Initialise with torch's own functions, before a notebook replaces them.

        Args:
            engine: `torch._C`.
            kind: `function`, for functions of torch; `dispatch`, for the operations below them.
        """
        self._length = getattr(engine, f"_len_torch_{kind}_stack")
        pop = getattr(engine, f"_pop_torch_{kind}_stack")
        self._pop = functools.partial(pop, None) if kind == "dispatch" else pop
        self._push = getattr(engine, f"_push_on_torch_{kind}_stack")

    def modes(self) -> list[Any]:
        """List the modes that are on, the first one first."""
        modes = [self._pop() for _ in range(self._length())]
        modes.reverse()
        self._put_on(modes)
        return modes

    def set_modes(self, modes: list[Any]) -> None:
        """Switch off all modes but some."""
        while self._length():
            self._pop()
        self._put_on(modes)

    def _put_on(self, modes: list[Any]) -> None:
        for mode in modes:
            self._push(mode)


class TorchModes:
    """The modes of torch in one kernel."""

    def __init__(self) -> None:
        """Initialise without torch."""
        self._stacks: list[ModeStack] = []

    def remember(self, torch: types.ModuleType) -> None:
        """Take torch's functions for modes, once it is imported."""
        for kind in ("function", "dispatch"):
            with contextlib.suppress(AttributeError):  # another version of torch
                stack = ModeStack(torch._C, kind)
                self._stacks.append(stack)

    def are_used(self) -> bool:
        """Return whether a notebook left a mode on, other than for devices."""
        modes: list[Any] = []
        for stack in self._stacks:
            modes += stack.modes()
        return not all(map(_is_for_devices, modes))

    @contextlib.contextmanager
    def restored(self) -> Iterator[None]:
        """Restore the modes that are on now after a `with` statement."""
        before = [stack.modes() for stack in self._stacks]
        try:
            yield
        finally:
            for stack, modes in zip(self._stacks, before, strict=True):
                stack.set_modes(modes)

    @contextlib.contextmanager
    def off(self) -> Iterator[None]:
        """Switch off modes during a `with` statement, except those for devices."""
        with self.restored():
            for stack in self._stacks:
                devices = filter(_is_for_devices, stack.modes())
                stack.set_modes(list(devices))
            yield


def _is_for_devices(mode: Any) -> bool:
    module, name = DEVICES
    kind = type(mode)
    known = getattr(sys.modules.get(module), name, None)
    return kind is known and class_attribute(kind, "__name__") == name
