"""Leave to a person what an author's function could not read. Pure.

A measure that is written for tensors may raise on a data frame with the right numbers. The
student's code raised nothing, so their answer is not denied.
"""

from __future__ import annotations

from collections.abc import Sequence

from grader.grading.agreement import Expected
from grader.grading.checks.outcome import Outcome, RaisedFlag, message
from grader.grading.checks.probed import Probed, Subject
from grader.grading.expectation import Expectation
from grader.job import Question
from grader.trace import Array, Other, Value

RAISED_IN = "(raised in)"
"""Path of the record that an author's function raised, as in `kernel/probing/author_errors.py`."""

UNFILLED = frozenset(
    (
        "nothing",
        "ellipsis",
        "empty",
        "text",
        "number",
        "bool",
        "type",
        "function",
        "method",
        "builtin_function_or_method",
    )
)
"""Types of objects that stand where an answer is still to be written, or that hold no numbers."""

LIST = "list"
"""Origin of an array that is a list in the notebook."""

Form = tuple[str | int, ...]
"""What a function may depend on in an object, besides its numbers and its lengths."""


def leave_helper_fault(
    outcome: Outcome, probed: Sequence[Probed], question: Question, expectation: Expectation
) -> Outcome:
    """Leave an exercise pending if an author's function raised on another kind of object.

    Args:
        outcome: the decision by the results.
        probed: the results, for one choice of objects.
        question: asks for them.
        expectation: of the exercise, with the kinds of the reference's objects.

    Returns:
        The outcome as it was if all points are earned, no function of the author's raised, or the
        objects are of the reference's kinds.
    """
    if outcome.credit >= 1:
        return outcome
    for each in probed:
        if not each.error or RAISED_IN not in each.told or each.subject is None:
            continue
        name = _name_of_other_form(each.subject, question, expectation)
        if not name:
            continue
        why = message("probe.helper-raises", name=name, error=each.error)
        flag = RaisedFlag("unverified", outcome.found, why)
        return Outcome("pending", why, found=outcome.found, flags=(flag,))
    return outcome


def _name_of_other_form(subject: Subject, question: Question, expectation: Expectation) -> str:
    """Return the first name with an object of another form than the reference's.

    It is empty if there is none, or if one of the objects is a placeholder.
    """
    first = ""
    for name, value in subject.objects.items():
        label = question.kind_label(name)
        forms = [_form(expected) for expected in expectation.values(label)]
        if not forms or _form(value) in forms:
            continue
        if _is_unfilled(value):
            return ""
        first = first or name
    return first


def _is_unfilled(value: Value) -> bool:
    match value:
        case Array(shape=shape):
            return 0 in shape
        case Other(type=name):
            return name in UNFILLED
        case _:
            return True


def _form(value: Expected) -> Form:
    match value:
        case Array(origin=origin, shape=shape) if origin == LIST:
            return LIST, len(shape)
        case Array(origin=origin, dtype=dtype):
            return origin, dtype
        case Other(type=name):
            return "other", name
        case _:
            return (value.kind,)
