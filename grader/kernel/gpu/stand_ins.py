"""Create classes that stand in for classes which cannot be inherited from.

Runs inside the student's kernel.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class _StandIn(type):
    """Metaclass of the stand-ins."""

    plain: Any
    make: Callable[..., Any]

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        return cls.make(*args, **kwargs)

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, cls.plain)

    def __subclasscheck__(cls, other: type) -> bool:
        return other is cls or issubclass(other, cls.plain)

    def __eq__(cls, other: object) -> bool:
        return other is cls or other is cls.plain

    def __hash__(cls) -> int:
        return hash(cls.plain)


def stand_in(plain: Any, make: Callable[..., Any]) -> Any:
    """Create a class with instances that `make` creates, and that are instances of `plain`."""
    names: dict[str, Any] = {
        "__module__": plain.__module__,
        "__qualname__": plain.__qualname__,
        "__doc__": plain.__doc__,
        "plain": plain,
        "make": staticmethod(make),
    }
    return _StandIn(plain.__name__, (), names)
