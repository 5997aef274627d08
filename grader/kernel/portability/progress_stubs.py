"""Stand in for packages that show progress, if they are not installed.

Runs inside the student's kernel. A loop over a progress bar iterates over the bar's argument.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

PROGRESS_MODULES = (
    "fastprogress",
    "fastprogress.fastprogress",
    "progressbar",
    "alive_progress",
    "stqdm",
)
"""Modules that contain only progress bars and their factories."""


class Bar:
    """A bar that shows nothing."""

    def __init__(self, items: Any = (), *_args: Any, **_kwargs: Any) -> None:
        """Initialise with the iterable of a loop."""
        self._items = items

    def __call__(self, items: Any = (), *_args: Any, **_kwargs: Any) -> Bar:
        """Set the iterable, as `ProgressBar()(range(9))` does."""
        return Bar(items)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __bool__(self) -> bool:
        return True

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Bar()

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, *_error: object) -> None:
        return None


def progress_members() -> dict[str, Any]:
    """Return the members of each of the modules."""

    def find(name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Bar

    names = ("progress_bar", "master_bar", "progressbar", "ProgressBar", "alive_bar", "alive_it")
    bars: dict[str, Any] = dict.fromkeys(names, Bar)
    return bars | {"__getattr__": find}
