"""Collect what a cell prints until it is recorded. Runs inside the student's kernel."""

from __future__ import annotations

from collections.abc import Callable

MAX_PRINTED = 16_000
"""Characters of printed text that are held."""


class PrintedText:
    """The text printed since the last recorded one; beyond 16,000 characters it is dropped."""

    def __init__(self) -> None:
        """Initialise without text."""
        self.when_taken: list[Callable[[], None]] = []
        """Called when there is room for more text."""
        self._texts: list[str] = []
        self._size = 0

    def hold(self, text: str) -> bool:
        """Add a text; return whether there was room for it."""
        if self._size >= MAX_PRINTED:
            return False
        self._texts.append(text[:MAX_PRINTED])
        self._size += len(text)
        return True

    def take(self) -> str:
        """Return the text, and begin anew."""
        if not self._size:
            return ""
        text = "".join(self._texts)
        self._texts.clear()
        self._size = 0
        for act in self.when_taken:
            act()
        return text[:MAX_PRINTED]
