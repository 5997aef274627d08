"""The check `series`: numbers in a row, such as a loss curve. Pure.

It asks how many they are, how they fall and where they end.
"""

from __future__ import annotations

from dataclasses import dataclass

from grader.assignment import Exercise, SeriesRules
from grader.grading.agreement import Tolerance
from grader.grading.checks.base import Context
from grader.grading.checks.computed import ComputedCheck, explain_missing_value
from grader.grading.checks.outcome import Outcome, message
from grader.grading.search import Candidate
from grader.grading.series import SeriesDifference
from grader.report import Message
from grader.trace import BASE


@dataclass(frozen=True)
class _SeriesAttempt:
    """A series of the student's own that is not right."""

    candidate: Candidate
    difference: SeriesDifference

    @property
    def distance(self) -> tuple[int, int]:
        """How far it is from the right one: the faults, then the values too many or too few."""
        off = self.difference
        too_many = off.length - off.expected_length
        return len(off.faults), abs(too_many)


class SeriesCheck(ComputedCheck):
    """Decide whether the notebook computed a series, and say what is off in the nearest one."""

    name = "series"

    def tolerance(self, exercise: Exercise) -> Tolerance:
        """Return the rules that the exercise sets, in place of each value's nearness."""
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
        """Say what is off in the student's series that comes nearest."""
        nothing = explain_missing_value(exercise, context)
        if nothing.status != "failed":
            return nothing

        attempts = self._attempts(exercise, context)
        if not attempts:
            return _without_attempt(nothing)

        # What stands elsewhere is hardly meant for this exercise: nothing is said of it.
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
        """Tell whether a message says that the series was missed on the handed-out data already."""
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
    """Say that there is no series; where only figures or outputs count, that it is not in these."""
    if nothing.message.id == "value.absent":
        return Outcome("missing", message("series.missing"))
    return nothing


def _absent(nothing: Outcome) -> Outcome:
    """Say that no series is the right one, or that it is not drawn or shown."""
    if nothing.message.id == "value.absent":
        return Outcome("failed", message("series.absent"))
    return nothing


def _is_try(attempt: _SeriesAttempt, context: Context) -> bool:
    if context.tries is None:
        return True
    return attempt.candidate.place.cell in context.tries


def _with_rules(rules: SeriesRules, atol: float) -> Tolerance:
    return Tolerance(rtol=rules.band, atol=atol, series=rules)


def _explain(off: SeriesDifference) -> Message:
    """Say what is off in a series; one that is off in its length and its fall may be anything."""
    falls = "falls" not in off.faults
    if "length" in off.faults:
        if falls:
            return message("series.length", found=off.length, wanted=off.expected_length)
        return message("series.absent")
    return message("series.ends-elsewhere" if falls else "series.does-not-fall")
