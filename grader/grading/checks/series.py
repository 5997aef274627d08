"""The check `series`: a series of numbers, such as a loss curve. Pure.

It compares the length, the fall and the end of a series.
"""

from __future__ import annotations

from dataclasses import dataclass

from grader.assignment import Exercise, SeriesRules
from grader.grading.agreement import Tolerance
from grader.grading.checks.base import Context
from grader.grading.checks.computed import ABSENT, ComputedCheck, explain_missing_value
from grader.grading.checks.outcome import Outcome, message
from grader.grading.search import Candidate
from grader.grading.series import SeriesDifference
from grader.report import Message
from grader.trace import BASE


@dataclass(frozen=True)
class _SeriesAttempt:
    """A wrong series of the student's own."""

    candidate: Candidate
    difference: SeriesDifference

    @property
    def distance(self) -> tuple[int, int]:
        """How wrong it is: by number of faults, then by surplus or missing values."""
        off = self.difference
        too_many = off.length - off.expected_length
        return len(off.faults), abs(too_many)


class SeriesCheck(ComputedCheck):
    """Decide whether the notebook computed a series, and explain the nearest wrong one."""

    name = "series"

    def tolerance(self, exercise: Exercise) -> Tolerance:
        """Return the exercise's rules for series, in place of a tolerance per value."""
        return _with_rules(exercise.series, exercise.atol)

    def strict_tolerance(self, exercise: Exercise) -> Tolerance:
        """Return the rules with a narrow band.

        A series that begins elsewhere, and ends where the reference's does, is still the same.
        """
        default = Tolerance()
        rules = exercise.series
        band = min(rules.band, default.rtol)
        atol = min(exercise.atol, default.atol)
        narrow = rules.model_copy(update={"band": band})
        return _with_rules(narrow, atol)

    def explain_absence(self, exercise: Exercise, context: Context) -> Outcome:
        """Explain the student's series that comes nearest."""
        nothing = explain_missing_value(exercise, context)
        if nothing.status != "failed":
            return nothing

        attempts = self._attempts(exercise, context)
        if not attempts:
            return _without_attempt(nothing)

        # A series elsewhere is hardly meant for this exercise, so no message is about it.
        attempts = [attempt for attempt in attempts if _is_try(attempt, context)]
        if not attempts:
            return _absent(nothing)

        # Of several that are as near, the last: what a loop leaves at its end, and not its second
        # pass.
        nearest = min(reversed(attempts), key=lambda attempt: attempt.distance)
        why = _explain(nearest.difference)
        if why.id == "series.absent":
            return _absent(nothing)
        return Outcome("failed", why, found=nearest.candidate)

    def fails_on_base(self, message_id: str) -> bool:
        """Return whether a message means that the original data alone shows a wrong series."""
        if message_id.startswith("series."):
            return True
        return super().fails_on_base(message_id)

    def _attempts(self, exercise: Exercise, context: Context) -> list[_SeriesAttempt]:
        attempts = []
        expectation = context.expectation
        for candidate in self.own_values(exercise, context.values, context.right):
            difference = expectation.difference(candidate.value, BASE)
            if difference is not None:
                attempts.append(_SeriesAttempt(candidate, difference))
        return attempts


def _without_attempt(nothing: Outcome) -> Outcome:
    """Explain that there is no series, or none in figures or outputs where only those count."""
    if nothing.message.id in ABSENT:
        return Outcome("missing", message("series.missing"))
    return nothing


def _absent(nothing: Outcome) -> Outcome:
    """Explain that no series is right, or that it is not drawn or shown."""
    if nothing.message.id in ABSENT:
        return Outcome("failed", message("series.absent"))
    return nothing


def _is_try(attempt: _SeriesAttempt, context: Context) -> bool:
    if context.tries is None:
        return True
    return attempt.candidate.place.cell in context.tries


def _with_rules(rules: SeriesRules, atol: float) -> Tolerance:
    return Tolerance(rtol=rules.band, atol=atol, series=rules)


def _explain(off: SeriesDifference) -> Message:
    """Explain a wrong series; one with wrong length and wrong fall may be anything."""
    falls = "falls" not in off.faults
    if "length" in off.faults:
        if falls:
            return message("series.length", found=off.length, wanted=off.expected_length)
        return message("series.absent")
    return message("series.ends-elsewhere" if falls else "series.does-not-fall")
