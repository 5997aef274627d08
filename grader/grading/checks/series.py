"""The check `series`: numbers in a row, as a loss curve: how many they are, how they fall, where they end. Pure."""

from __future__ import annotations

from grader.assignment import Exercise
from grader.grading.checks.outcome import Message, Outcome, message
from grader.grading.checks.value import check_value, nothing_found
from grader.grading.expectation import Expectation
from grader.grading.search import Values, find, own_values
from grader.grading.series import Difference
from grader.trace import BASE, CodeCell


def check_series(
    exercise: Exercise,
    values: Values,
    expectation: Expectation,
    right: Expectation,
    handout: tuple[CodeCell, ...],
) -> Outcome:
    """Whether the notebook computed the exercise's series, and it follows the data as a value does.

    Args:
        exercise: says which kinds of events count.
        values: what the notebook computed.
        expectation: what the reference computed, on the handed-out data and on each variant.
        right: values that right solutions come by, as another exercise's series: of those nothing is said.
        handout: the handout's code cells.

    Returns:
        Where no series is right, what is off in the one that comes nearest.
    """
    if find(values, exercise.look_in, expectation):
        return check_value(exercise, values, expectation, handout)
    nothing = nothing_found(values.trace, exercise)
    if nothing.status != "failed":
        return nothing
    own = own_values(values, exercise, right)
    tries = [(one, off) for one in own if (off := expectation.difference(one.value, BASE))]
    if not tries:
        return Outcome("missing", message("series.missing"))
    # Of several that are as near, the last: what a loop leaves at its end, and not its second pass.
    candidate, off = min(
        reversed(tries), key=lambda one: (len(one[1].faults), abs(one[1].length - one[1].wanted))
    )
    told = _why(off)
    return Outcome("failed", told, found=candidate if told.id != "series.absent" else None)


def _why(off: Difference) -> Message:
    """What to tell of a series; one that is off in its length and its fall may be anything."""
    if "length" not in off.faults:
        return message("series.does-not-fall" if "falls" in off.faults else "series.ends-elsewhere")
    if "falls" in off.faults:
        return message("series.absent")
    return message("series.length", found=off.length, wanted=off.wanted)
