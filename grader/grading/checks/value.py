"""The check `value`: a number or tensor that the notebook computed from the data. Pure."""

from __future__ import annotations

import math

from grader.exercise import Exercise
from grader.grading.checks.base import Context
from grader.grading.checks.computed import ComputedCheck, explain_missing_value
from grader.grading.checks.outcome import Outcome
from grader.trace import Array, Number, Value


class ValueCheck(ComputedCheck):
    """Decide whether the notebook computed a value."""

    name = "value"
    shows_value = True

    def explain_absence(self, exercise: Exercise, context: Context) -> Outcome:
        """Say whether nothing was tried, or something else came out."""
        return explain_missing_value(exercise, context.values.trace)

    def proposes(self, value: Value) -> bool:
        """Propose the check for finite numbers, and for tensors, arrays and lists of them."""
        match value:
            case Number(value=number):
                return math.isfinite(number)
            case Array(elements=elements) if elements:
                return all(map(math.isfinite, elements))
        return False
