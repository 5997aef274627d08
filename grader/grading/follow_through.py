"""Give a share for an answer that is right given the student's own earlier, wrong value. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from grader.assignment import Exercise
from grader.grading.checks.outcome import Outcome, message
from grader.grading.expectation import Expectation
from grader.grading.knowledge import Given
from grader.grading.mistake_search import Explanation
from grader.grading.search import Candidate
from grader.report import Message
from grader.trace import BASE

WRONG = ("failed", "partial")
"""Statuses of an exercise that was answered, and not rightly."""


def may_follow_step(source: Outcome, outcome: Outcome) -> bool:
    """Return whether an exercise may earn a share by the student's own gradient step.

    Args:
        source: the outcome of the exercise that asks for the step.
        outcome: the outcome of the exercise that starts from it.
    """
    if source.status not in WRONG:
        return False
    return outcome.status == "failed"


def earns_share(
    exercise: Exercise, share: Outcome, right: Expectation, explanations: Sequence[Explanation]
) -> bool:
    """Return whether an answer that is right given the student's own step earns a share.

    Args:
        exercise: the exercise.
        share: the outcome from the step.
        right: values that right solutions also compute, such as the loss before the step.
        explanations: known mistakes; one with the same value decides the credit.
    """
    found = share.found
    if found is None or not share.credit or found.credit(right, BASE):
        return False
    for explanation in explanations:
        if exercise.id in explanation.explains and _gives(explanation, exercise, found):
            return False
    return True


def _gives(explanation: Explanation, exercise: Exercise, found: Candidate) -> bool:
    """Return whether a mistake that was found computes a value on the original data."""
    for way in (explanation.way, *explanation.also):
        expectation = way.expectations.get(exercise.id)
        if expectation is not None and found.credit(expectation, BASE):
            return True
    return False


def why_followed(exercise: Exercise, given: Given, credit: float) -> Message:
    """Explain why an exercise earned a share, and from which value."""
    if exercise.given_from == "any":
        return message("value.follows-through", credit=credit)
    _, elements = given.values[0]
    value = ", ".join(f"{element:.7g}" for element in elements)
    return message(
        "value.follows-step", name=exercise.given, value=value, line=given.line, credit=credit
    )
