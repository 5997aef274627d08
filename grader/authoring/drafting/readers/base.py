"""Reads a solved notebook cell by cell: what the readers of other graders' notebooks share. Pure."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from grader.authoring.drafting.solved import Piece, Placeholders, Reading, SolvedCell, Style, Task


@dataclass
class Reader(ABC):
    """Takes cell after cell, and gathers pieces and exercises."""

    cells: Sequence[SolvedCell]
    """Those of the notebook."""
    placeholders: Placeholders
    """What stands in an answer's place."""
    modules: Collection[str]
    """Names that the notebook imports."""
    pieces: list[Piece] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)
    left_out: int = 0
    """Cells of tests."""

    @abstractmethod
    def take(self, place: int) -> None:
        """Take the next cell."""

    @abstractmethod
    def end(self) -> None:
        """What is open has been read."""

    def read(self, style: Style) -> Reading:
        """The whole notebook."""
        for place in range(len(self.cells)):
            self.take(place)
        self.end()
        return Reading(style, tuple(self.pieces), tuple(self.tasks), self.left_out)
