"""A trace with everything that was decided about it: created once and passed on."""

from __future__ import annotations

from dataclasses import dataclass

from grader.grading.knowledge import Knowledge
from grader.grading.search import Values
from grader.report import ExerciseResult
from grader.trace import Trace


@dataclass(frozen=True)
class Evaluation:
    """A trace, the expected answers, and the results."""

    values: Values
    """The values of the trace; each run is searched once, for everybody who asks."""
    knowledge: Knowledge
    results: tuple[ExerciseResult, ...]
    """Results of the exercises that the grader decides, in the assignment's order."""

    @property
    def trace(self) -> Trace:
        """The trace that was evaluated."""
        return self.values.trace
