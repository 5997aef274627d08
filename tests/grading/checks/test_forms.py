"""Results that are right but for what is returned together, and in which order."""

from __future__ import annotations

import pytest

from grader.grading.agreement import Tolerance
from grader.grading.checks.forms import is_other_form
from grader.grading.expectation import Answer, Expectation
from grader.trace import Items, Value
from tests.support.traces import tensor, value_of

CALLS = ("f(1)", "f(2)")
GRADIENTS = (tensor(1.0, 2.0), tensor(3.0, 5.0))
ERRORS = (value_of(0.5), value_of(0.25))
SIZES = (value_of(8.0), value_of(9.0))
ZEROS = (value_of(0.0), value_of(0.0))
WRONG = (tensor(1.0, 2.0), tensor(3.0, 6.0))


def together(*parts: tuple[Value, Value]) -> tuple[Value, Value]:
    first, second = zip(*parts, strict=True)
    return Items(form="tuple", entries=first), Items(form="tuple", entries=second)


GRADIENT_OF_BOTH = together(GRADIENTS, GRADIENTS)
BOTH_OF_BOTH = together(together(GRADIENTS, ERRORS), together(GRADIENTS, ERRORS))


@pytest.mark.parametrize(
    ("given", "expected", "is_other"),
    [
        (GRADIENTS, together(GRADIENTS, ERRORS), True),
        (together(GRADIENTS, ERRORS), GRADIENTS, True),
        (together(ERRORS, GRADIENTS), together(GRADIENTS, ERRORS), True),
        (together(GRADIENTS, ERRORS, ERRORS), together(GRADIENTS, ERRORS), True),
        (WRONG, together(GRADIENTS, ERRORS), False),
        (together(WRONG, ERRORS), together(GRADIENTS, ERRORS), False),
        (ZEROS, together(GRADIENTS, ZEROS), False),
        (together(ZEROS, WRONG), GRADIENTS, False),
        ((value_of(8.0), value_of(9.0)), together(SIZES, SIZES), False),
        (GRADIENT_OF_BOTH, BOTH_OF_BOTH, True),
        (together(GRADIENTS, WRONG), BOTH_OF_BOTH, False),
        ((GRADIENTS[0], together(GRADIENTS, ERRORS)[1]), GRADIENTS, False),
    ],
    ids=[
        "one-of-two",
        "with-another",
        "other-order",
        "one-more",
        "wrong",
        "one-wrong",
        "constant",
        "wrong-in-a-tuple",
        "a-shape",
        "one-of-two-in-several-calls",
        "one-call-wrong",
        "a-tuple-now-and-then",
    ],
)
def test_right_values_in_another_form_are_recognised(
    given: tuple[Value, Value], expected: tuple[Value, Value], is_other: bool
) -> None:
    answers = {call: (Answer(value=value),) for call, value in zip(CALLS, expected, strict=True)}
    results = dict(zip(CALLS, given, strict=True))
    assert is_other == is_other_form(results, Expectation(answers, Tolerance()))


def test_a_function_without_results_has_no_form() -> None:
    answers = {"f(1)": (Answer(value=GRADIENTS[0]),)}
    assert not is_other_form({}, Expectation(answers, Tolerance()))
