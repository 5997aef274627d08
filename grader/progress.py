"""What is told how far a long work has come."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Told how far a work is: implemented by the terminal, and by tests."""

    def stage(self, text: str, total: int | None) -> None:
        """A stage begins; `total` units, None if it cannot be said."""

    def advance(self, text: str = "") -> None:
        """One unit is done."""

    def note(self, text: str) -> None:
        """Something happened that is worth a line."""


class SilentProgress:
    """A progress that nobody is told of."""

    def stage(self, text: str, total: int | None) -> None:
        """Tell nobody that a stage begins."""

    def advance(self, text: str = "") -> None:
        """Tell nobody that a unit is done."""

    def note(self, text: str) -> None:
        """Tell nobody what happened."""
