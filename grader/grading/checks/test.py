"""The check `test`: evaluate expressions, or run a test cell with assertions. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from grader.assignment import Exercise
from grader.grading.agreement import Expected
from grader.grading.checks.base import Context
from grader.grading.checks.forms import is_other_form
from grader.grading.checks.helper_faults import leave_helper_fault
from grader.grading.checks.outcome import Outcome, RaisedFlag, message
from grader.grading.checks.probed import NO_END, OWN_MISSING, Probed, ProbedCheck, question_of
from grader.grading.evidence import show
from grader.grading.search import Candidate
from grader.notebook.expressions import binding_line, names_read
from grader.report import Message
from grader.trace import Number, Text, Value


class ExpressionCheck(ProbedCheck):
    """Decide by expressions, each of which earns a share of the points."""

    name = "test"

    def is_told_by(self, exercise: Exercise, value: Expected) -> bool:
        """Return whether expressions are compared with the reference's values."""
        return bool(exercise.equal)

    def judge(self, exercise: Exercise, context: Context, probed: Sequence[Probed]) -> Outcome:
        """Count the right expressions, or the assertions that hold."""
        if exercise.code:
            outcome = _judge_assertions(exercise, probed)
        else:
            outcome = self._judge_expressions(exercise, context, probed)
        question = question_of(exercise)
        return leave_helper_fault(outcome, probed, question, context.expectation)

    def _judge_expressions(
        self, exercise: Exercise, context: Context, probed: Sequence[Probed]
    ) -> Outcome:
        """Count the right expressions; explain the first wrong one."""
        wrong = [each for each in probed if not self._is_right(each, exercise, context)]
        shown = _first_shown(probed)
        right = len(probed) - len(wrong)
        if not wrong:
            return Outcome("passed", message("test.passed", count=right), 1.0, shown)

        first = wrong[0]
        rebound = _bound_again(first.expression, context)
        if rebound:
            why = message("test.rebound", expression=first.expression, name=rebound)
            flag = RaisedFlag("unverified", first.shown, why)
            return Outcome("pending", why, found=first.shown, flags=(flag,))
        if all(_has_other_form(each, exercise, context) for each in wrong):
            why = message("test.other-form", expression=first.expression)
            flag = RaisedFlag("unverified", first.shown, why)
            return Outcome("pending", why, found=first.shown, flags=(flag,))
        why = _explain(first, exercise, right=right, count=len(probed))
        shown = first.shown or shown
        if right == 0:
            return Outcome("failed", why, found=shown)
        return Outcome("partial", why, right / len(probed), shown)

    def _is_right(self, probed: Probed, exercise: Exercise, context: Context) -> bool:
        if probed.expression in exercise.holds:
            return probed.is_true
        if probed.found is None:
            return False
        credit = probed.found.credit(context.expectation, probed.label)
        return credit > 0


def _has_other_form(probed: Probed, exercise: Exercise, context: Context) -> bool:
    """Return whether an expression has the reference's value in another form."""
    if probed.value is None or probed.expression in exercise.holds:
        return False
    return is_other_form({probed.label: probed.value}, context.expectation)


def _bound_again(expression: str, context: Context) -> str:
    """Find a name of an expression that several cells of the student's bind; empty if none.

    Expressions are evaluated once all cells have run: after work that the exercise does not ask
    for, its names may stand for something else.
    """
    for name in names_read([expression]):
        binding = []
        for cell in context.values.trace.cells:
            if not cell.handout and binding_line(cell.source, [name]):
                binding.append(cell)
        if len(binding) > 1:
            return name
    return ""


def _first_shown(probed: Sequence[Probed]) -> Candidate | None:
    """Return the first value that can be shown at a line of the student's; None if none can."""
    for each in probed:
        if each.shown is not None:
            return each.shown
    return None


def _explain(probed: Probed, exercise: Exercise, *, right: int, count: int) -> Message:
    """Report the value of the first wrong expression, never the expected one."""
    expression = probed.expression
    if probed.error == OWN_MISSING:
        return message("probe.own-missing")
    if probed.error in NO_END:
        return message("test.no-end", expression=expression, right=right, count=count)
    if probed.error:
        error = probed.error
        return message("test.raises", expression=expression, error=error, right=right, count=count)
    if expression in exercise.holds:
        return message("test.not-true", expression=expression, right=right, count=count)
    gives = "" if probed.value is None else show(probed.value)
    return message("test.other", expression=expression, gives=gives, right=right, count=count)


def _judge_assertions(exercise: Exercise, probed: Sequence[Probed]) -> Outcome:
    """Count the assertions of a test cell that hold; name the first that fails."""
    wrong = [each for each in probed if not each.is_true]
    count = len(probed)
    right = count - len(wrong)
    if not wrong:
        return Outcome("passed", message("assert.passed", count=count), 1.0)
    why = _explain_assertion(exercise, wrong[0], right=right, count=count)
    if right == 0:
        return Outcome("failed", why)
    return Outcome("partial", why, right / count)


def _explain_assertion(exercise: Exercise, probed: Probed, *, right: int, count: int) -> Message:
    """Report which assertion failed, with its author's message."""
    line = _source_line(exercise.code, probed.told.get("line"))
    words = ""
    match probed.told.get("message"):
        case Text(value=said):
            words = said
    error = probed.error or "NotRun"
    params: dict[str, str | int] = {
        "line": line,
        "error": error,
        "words": words,
        "right": right,
        "count": count,
    }
    if exercise.hidden:
        return message("assert.hidden", **params)
    if error in NO_END:
        return message("assert.no-end", **params)
    if error != "AssertionError":
        return message("assert.raises", **params)
    return message("assert.says" if words else "assert.fails", **params)


def _source_line(code: str, number: Value | None) -> str:
    """Return a line of the test cell; empty if there is no such line."""
    if not isinstance(number, Number):
        return ""
    lines = code.splitlines()
    index = int(number.value) - 1
    if not 0 <= index < len(lines):
        return ""
    return lines[index].strip()
