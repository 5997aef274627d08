"""Define how the progress of long tasks is reported."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Receives the progress of a task: implemented by the terminal, and by tests."""

    def stage(self, text: str, total: int | None) -> None:
        """Begin a stage of `total` units; None if the number is unknown."""

    def advance(self, text: str = "") -> None:
        """Count one unit as done."""

    def note(self, text: str) -> None:
        """Show a message that is worth a line."""


class SilentProgress:
    """A progress that reports nothing."""

    def stage(self, text: str, total: int | None) -> None:
        """Do nothing."""

    def advance(self, text: str = "") -> None:
        """Do nothing."""

    def note(self, text: str) -> None:
        """Do nothing."""
