"""Leave to a person what an author's function or expression could not read. Pure.

A measure that is written for tensors may raise on a data frame with the right numbers, and
`losses[-1]` on a series with dates. The student's code raised nothing, so their answer is not
denied.
"""

from __future__ import annotations

from collections.abc import Sequence

from grader.grading.agreement import Expected
from grader.grading.checks.outcome import Outcome, RaisedFlag, message
from grader.grading.checks.probed import Probed, Subject
from grader.grading.expectation import Expectation
from grader.job import Question
from grader.trace import Array, Other, Text, Value

RAISED_IN = "(raised in)"
"""Path of the record of what raised, as in `kernel/probing/author_errors.py`."""

EXPRESSION = Text(value="expression")
"""The record if no function of the author's raised, but the expression itself or a library."""

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
    """Leave an exercise pending if the author's code raised on another kind of object.

    Args:
        outcome: the decision by the results.
        probed: the results, for one choice of objects.
        question: asks for them.
        expectation: of the exercise, with the kinds of the reference's objects.

    Returns:
        The outcome as it was if all points are earned, none of the author's code raised, or the
        objects are of the reference's kinds. If an expression raised without a function, another
        kind counts only if it holds numbers in an array or a table.
    """
    if outcome.credit >= 1:
        return outcome
    for each in probed:
        raised_in = each.told.get(RAISED_IN)
        if not each.error or raised_in is None or each.subject is None:
            continue
        name = _name_of_other_form(each.subject, question, expectation)
        if not name:
            continue
        if raised_in == EXPRESSION and not _is_table(each.subject.objects[name]):
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
        if _is_unfilled(value) or _is_list_for_object(value, forms):
            return ""
        first = first or name
    return first


def _is_table(value: Value) -> bool:
    """Return whether an object is an array, a tensor, a series or a frame."""
    match value:
        case Array(origin=origin):
            return origin != LIST
        case Other(type=name):
            return name in ("Series", "DataFrame")
        case _:
            return False


def _is_list_for_object(value: Value, forms: Sequence[Form]) -> bool:
    """Return whether a list of numbers stands for an object such as a loader."""
    is_list = isinstance(value, Array) and value.origin == LIST
    return is_list and all(form[0] == "other" for form in forms)


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
