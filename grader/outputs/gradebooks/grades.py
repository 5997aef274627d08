"""Convert points to grades, and format them as the gradebook's file does."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from grader.grading.points import total_of_assignment  # noqa: F401 - gradebooks ask here for it
from grader.outputs.wording import is_reviewed
from grader.report import SubmissionResult

DEFAULT_STEP = Decimal("0.01")
"""Grades are rounded to two decimal places by default, as points are shown."""

DOUBTS = ("two-candidates", "forged-events", "tampering")
"""Flags of a whole submission with which no grade is final until a person has looked."""

_NUMBER = re.compile(r"\d+(?:([.,])\d+)?")


@dataclass(frozen=True)
class Scale:
    """How points become grades."""

    to: float | None = None
    """The highest grade; None: the number of points."""
    step: float | None = None
    """Grades are rounded to multiples of this, halves upwards; None: to two decimal places."""
    provisional: bool = False
    """Grades are written even while exercises are pending, and a person may still add to them."""


def is_pending(submission: SubmissionResult) -> bool:
    """Return whether an exercise, or the choice of the notebook, waits for a person."""
    if any(exercise.status == "pending" for exercise in submission.exercises):
        return True
    doubts = [flag for flag in submission.flags if flag.id in DOUBTS]
    if not doubts:
        return False
    return not is_reviewed(submission.review)


def calculate_grade(submission: SubmissionResult, scale: Scale) -> Decimal | None:
    """Calculate the grade of a submission.

    Returns:
        None if there is none to write: the submission could not be graded, is the unchanged
        handout, or is pending and the scale does not allow provisional grades.
    """
    if submission.status != "graded":
        return None
    if is_pending(submission) and not scale.provisional:
        return None

    exercises = [exercise for exercise in submission.exercises if exercise.status != "not_asked"]
    possible = sum(exercise.max_points for exercise in exercises)
    if not possible:
        return None

    earned = sum(exercise.points for exercise in exercises)
    share = _decimal(round(earned, 6)) / _decimal(possible)
    highest = _decimal(possible)
    if scale.to is not None:
        highest = _decimal(scale.to)

    grade = share * highest
    return _round(grade, scale.step, highest)


def _decimal(value: float) -> Decimal:
    """Convert a float by its shortest digits: 0.1 becomes 0.1, not 0.1000000000000000055."""
    return Decimal(str(value))


def _round(
    grade: Decimal,
    step: float | None,
    highest: Decimal,
) -> Decimal:
    unit = DEFAULT_STEP
    if step is not None:
        unit = _decimal(step)

    # A quotient like 2/3 has 28 digits, the last of them inexact: only twelve decide on a half.
    steps = round(grade / unit, 12)
    whole_steps = steps.quantize(Decimal(1), ROUND_HALF_UP)
    rounded = whole_steps * unit
    return min(rounded, highest)


def format_grade(grade: Decimal, decimal_sign: str) -> str:
    """Format a grade as the file does: `7,5`."""
    text = f"{grade:f}"
    if "." in text:
        text = text.rstrip("0")
        text = text.rstrip(".")
    return text.replace(".", decimal_sign)


def parse_number(text: str) -> float | None:
    """Parse a number with either decimal sign; None if the text is not a number."""
    if not _NUMBER.fullmatch(text):
        return None
    normalised = text.replace(",", ".")
    return float(normalised)


def find_decimal_sign(texts: Iterable[str], separator: str) -> str:
    """Find the decimal sign of a file: that of its first number with one.

    Without any, it is the sign that goes with the separator of the cells.
    """
    for text in texts:
        number = _NUMBER.fullmatch(text)
        if number and number[1]:
            return number[1]
    if separator == ";":
        return ","
    return "."
