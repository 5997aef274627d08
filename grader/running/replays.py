"""Describe replays: cells that run again in a kernel, on a variant or for the reference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from grader.settings import Seeding
from grader.trace import Run

Cells = Sequence[tuple[int, str]]
"""Index and source of code cells, in the order to run them."""

Numbers = list[dict[str, Any]] | None
"""Per input: `name`, `original` and `other`, flat lists of equal length."""

AS_SET = Seeding()
"""Seeds stay as the cells set them."""

NO_OWN = "{}"
"""JSON of a notebook's own answers where none are known."""

TIMEOUT_ERRORS = ("KeyboardInterrupt", "TimeoutError")
"""Errors of a cell that was ended since its time was over."""


@dataclass(frozen=True)
class Replay:
    """Cells to run again, in a new namespace."""

    label: str
    """Label of the run."""
    cells: Cells
    numbers: Numbers = None
    """A variant's numbers, which replace the data; None: the original data."""
    narrow: bool = False
    """In a variant: leave lists and integers as they are."""
    marks_only: bool = False
    """For the reference: record only its marks, display nothing; takes a tenth of the time."""
    given: Sequence[float] = ()
    """For the reference: the elements of a value that replaces one of its own."""
    calls: str | None = None
    """Prefix of the labels of the job's calls, made after the cells; None: no calls."""
    own: str = NO_OWN
    """JSON: the notebook's own answers, for questions that refer to them."""
    seeding: Seeding = AS_SET
    """Changes of the seeds that the cells set."""

    def is_complete(self, run: Run) -> bool:
        """Return whether every cell ran and ended in time."""
        if len(run.cells) != len(self.cells):
            return False
        return all(cell.error not in TIMEOUT_ERRORS for cell in run.cells)

    def request(self, cell_timeout_s: float) -> dict[str, Any]:
        """Encode the replay for the kernel program.

        Args:
            cell_timeout_s: longest time of a cell, in seconds.
        """
        return {
            "label": self.label,
            "cell_timeout_s": cell_timeout_s,
            "cells": list(self.cells),
            "inputs": self.numbers,
            "narrow": self.narrow,
            "marks_only": self.marks_only,
            "given": list(self.given),
            "calls": self.calls,
            "own": self.own,
            "seeding": self._seeding(),
        }

    def _seeding(self) -> dict[str, Any]:
        """Encode the plan for seeds: see `SeedPlan`."""
        fields = self.seeding.model_dump(mode="json")
        return {**fields, "seeds": dict(self.seeding.seeds)}
