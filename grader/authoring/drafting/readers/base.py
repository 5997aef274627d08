"""Read a notebook made for another grader cell by cell: the base of those readers. Pure."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from grader.authoring.drafting.solved import (
    DraftCell,
    MarkStyle,
    Placeholders,
    SolvedCell,
    SolvedNotebook,
    Task,
)


@dataclass
class SolvedReader(ABC):
    """Takes cell after cell, and collects drafted cells and exercises."""

    solved_cells: Sequence[SolvedCell]
    """The cells of the notebook."""
    placeholders: Placeholders
    """Text in an answer's place."""
    modules: Collection[str]
    """Names that the notebook imports."""
    cells: list[DraftCell] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)
    dropped_tests: int = 0
    """Number of cells with tests."""

    @abstractmethod
    def take(self, index: int) -> None:
        """Take the next cell."""

    @abstractmethod
    def end(self) -> None:
        """Close the exercise that is open, if there is one."""

    def read(self, style: MarkStyle) -> SolvedNotebook:
        """Read the whole notebook."""
        for index in range(len(self.solved_cells)):
            self.take(index)
        self.end()
        return SolvedNotebook(
            style,
            tuple(self.cells),
            tuple(self.tasks),
            self.dropped_tests,
        )
