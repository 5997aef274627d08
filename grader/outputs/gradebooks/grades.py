"""Turns the points of a submission into the grade that a gradebook gets, and writes it as its file writes numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from grader.report import AssignmentInfo, SubmissionResult

DIGITS = Decimal("0.01")
"""A grade that nothing else rounds is written to two decimal places, as points are shown."""

_NUMBER = re.compile(r"\d+(?:([.,])\d+)?")


@dataclass(frozen=True)
class Scale:
    """How points become grades."""

    to: float | None = None
    """The grade that all points earn; None: as many as there are points."""
    step: float | None = None
    """Grades are rounded to multiples of this, halves upwards; None: to two decimal places."""
    provisional: bool = False
    """A grade is written also while exercises wait for a person, who may still add to it."""


def possible_points(info: AssignmentInfo) -> float:
    """What an assignment has to give in all, by the grader and by a person."""
    return sum(exercise.points for exercise in info.exercises)


def is_pending(submission: SubmissionResult) -> bool:
    """Whether a person has still to look at an exercise."""
    return any(exercise.status == "pending" for exercise in submission.exercises)


def grade_of(submission: SubmissionResult, scale: Scale) -> Decimal | None:
    """The grade of a submission.

    Returns:
        None if there is none to write: it could not be graded, is the handout as it was, or, unless the grade may
        be provisional, waits for a person.
    """
    asked = [exercise for exercise in submission.exercises if exercise.status != "not_asked"]
    possible = Decimal(str(sum(exercise.max_points for exercise in asked)))
    if (
        submission.status != "graded"
        or not possible
        or (is_pending(submission) and not scale.provisional)
    ):
        return None
    earned = Decimal(str(round(sum(exercise.points for exercise in asked), 6)))
    most = possible if scale.to is None else Decimal(str(scale.to))
    return _rounded(earned / possible * most, scale.step, most)


def _rounded(grade: Decimal, step: float | None, most: Decimal) -> Decimal:
    unit = DIGITS if step is None else Decimal(str(step))
    # Of a quotient like 2/3 the last of 28 digits is not exact: halves are looked for in the first twelve.
    steps = round(grade / unit, 12).quantize(Decimal(1), ROUND_HALF_UP)
    return min(steps * unit, most)


def as_written(grade: Decimal, decimal_sign: str) -> str:
    """A grade as a file writes numbers: `7,5`."""
    text = f"{grade:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace(".", decimal_sign)


def as_number(text: str) -> float | None:
    """A number as a file has it, whichever its decimal sign; None if it is none."""
    return float(text.replace(",", ".")) if _NUMBER.fullmatch(text) else None


def decimal_sign(texts: Iterable[str], separator: str) -> str:
    """The decimal sign of a file: that of the first number that has one; else what goes with its separator."""
    signs = (found[1] for text in texts if (found := _NUMBER.fullmatch(text)) and found[1])
    return next(signs, "," if separator == ";" else ".")
