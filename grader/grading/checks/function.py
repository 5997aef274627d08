"""The check `function`: call a function of the notebook, and compare the results. Pure.

Each call is a run of the trace, in which the function has the same place: see `trace.Question`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from grader.assignment import Exercise
from grader.grading.checks.base import AutomaticCheck, Context
from grader.grading.checks.forms import is_other_form
from grader.grading.checks.outcome import Outcome, RaisedFlag, message, never_defined, not_run
from grader.grading.checks.probed import doubt_results, outcome_without_references
from grader.grading.search import Candidate, Values
from grader.job import Question
from grader.report import Message
from grader.trace import Nothing, Other, Value

LOOK_IN = ("call",)

TOO_LONG = ("TimeoutError", "KeyboardInterrupt")
"""Name of the exception of a call that did not end."""

NOT_THERE = "function.not-there"
"""Message if only functions for something else take such arguments."""

CHANGED = "ArgumentsChanged"
"""Name for a call that returned a value, and changed its arguments."""

CREDIT_IF_CHANGED = 0.5
"""Share of a right result if the function should have kept its arguments."""

NOT_WRITTEN = "NotImplementedError"
"""Exception of a function that nobody has written yet."""


@dataclass(frozen=True)
class _Function:
    """Where a function of the notebook is defined."""

    cell: int
    line: int
    scope: str
    """Its name."""


@dataclass(frozen=True)
class _Called:
    """The results of calling one function."""

    name: str
    """Its name in the notebook, such as `mse` or `utils.mse`."""
    cell: int
    """The cell that defines it."""
    ready_made: str
    """Its name in its library; empty if it is the student's own."""
    given: Sequence[Candidate | None]
    """Its result per call; None: the kernel ended before, or the time was over."""
    credits: Sequence[float]
    """Per call the share of the points that it earns."""
    shares: bool
    """Whether each call earns a share; else all have to be right."""

    @property
    def credit(self) -> float:
        """The share it earns: the mean over its calls, or the minimum.

        A function with the same result for every call is right in one by chance.
        """
        if self.shares and not self._is_constant:
            total = sum(self.credits)
            return total / len(self.credits)
        return min(self.credits)

    @property
    def _is_constant(self) -> bool:
        values = [candidate.value for candidate in self.given if candidate is not None]
        return all(value == values[0] for value in values)

    @property
    def is_blank(self) -> bool:
        """Whether its body is empty, as with `...`."""
        return all(_is_nothing(candidate) for candidate in self.given)

    @property
    def right(self) -> int:
        """Number of right calls."""
        return sum(credit > 0 for credit in self.credits)

    @property
    def first_that_changed(self) -> int | None:
        """Index of the first call that changed its arguments; None if none did."""
        for index, candidate in enumerate(self.given):
            if candidate is not None and candidate.event.text == CHANGED:
                return index
        return None

    @property
    def first_wrong(self) -> int:
        """Index of the first call that earns nothing."""
        wrong = [index for index, credit in enumerate(self.credits) if not credit]
        return wrong[0]


class FunctionCheck(AutomaticCheck):
    """Decide whether a function of the notebook gives the reference's results in every call."""

    name = "function"
    is_measured = True

    def look_in(self, exercise: Exercise) -> Sequence[str]:
        """Look in the results of the calls."""
        return LOOK_IN

    def look_for_right_values_in(self, exercise: Exercise) -> Sequence[str]:
        """Look in what the cells computed: the calls come after them."""
        return exercise.look_in

    def first_run(self, exercise: Exercise) -> str:
        """Return the label of the first call."""
        question = _question(exercise)
        return question.labels[0]

    def decide(self, exercise: Exercise, context: Context) -> Outcome:
        """Judge the function that is right in most calls.

        The message is about its first wrong call.
        """
        question = _question(exercise)
        values = context.values
        functions = _functions(values, question)
        if not functions:
            return _missing(context, question, "function.missing")

        called = []
        for function, ready_made in functions.items():
            given, credits = _results(context, question, function)
            result = _Called(
                function.scope, function.cell, ready_made, given, credits, exercise.shares
            )
            called.append(result)
        best = max(called, key=_success)
        if not best.credit:
            meant = [each for each in called if _is_meant(each, question, context)]
            if not meant:
                return _missing(context, question, NOT_THERE)
            best = max(meant, key=_success)
            for each in meant:
                if is_other_form(_by_label(each, question), context.expectation):
                    return _left_to_a_person(each, question)
        if best.is_blank and best.cell in values.trace.handout_cells():
            why = message("function.as-given", function=question.function)
            return Outcome("missing", why)
        errors = [candidate.event.text for candidate in best.given if candidate is not None]
        outcome = outcome_without_references(errors) or _outcome_of(best, question)
        return doubt_results(outcome, values, question)


def _is_meant(called: _Called, question: Question, context: Context) -> bool:
    """Return whether a function is an attempt: by its name, or by the section it is in.

    Any other one that takes such arguments may have been written for something else.
    """
    _, _, name = called.name.rpartition(".")
    if name == question.function or context.tries is None:
        return True
    return called.cell in context.tries


def _by_label(called: _Called, question: Question) -> dict[str, Value]:
    """Return the results of a function; empty if some call has none."""
    results: dict[str, Value] = {}
    for label, candidate in zip(question.labels, called.given, strict=True):
        if candidate is None:
            return {}
        results[label] = candidate.value
    return results


def _left_to_a_person(called: _Called, question: Question) -> Outcome:
    """Leave a function whose results have another form than the reference's."""
    shown = called.given[0]
    why = message("function.other-form", function=question.function)
    flag = RaisedFlag("unverified", shown, why)
    return Outcome("pending", why, found=shown, flags=(flag,))


def _missing(context: Context, question: Question, message_id: str) -> Outcome:
    """Return the outcome for a notebook that lacks the function, with the reason."""
    trace = context.values.trace
    why = never_defined(question.function, trace)
    if why is None:
        why = message(message_id, function=question.function)
    return not_run(trace) or Outcome("missing", why)


def _outcome_of(called: _Called, question: Question) -> Outcome:
    """Build the outcome for the function that is right in most calls."""
    credit = called.credit
    shown = called.given[0]
    if called.ready_made and credit > 0:
        why = message("function.ready-made", function=question.function, name=called.ready_made)
        flag = RaisedFlag("unverified", shown, why)
        return Outcome("pending", why, found=shown, flags=(flag,))
    if credit >= 1:
        why = message("function.passed")
        return Outcome("passed", why, 1.0, shown)
    changing = called.first_that_changed
    if credit > 0 and changing is not None:
        why = message("function.changes-arguments", call=question.calls[changing])
        return Outcome("partial", why, credit, shown)
    if credit > 0 and all(called.credits):
        why = message("value.partial-answer", credit=credit)
        return Outcome("partial", why, credit, shown)
    return _explain_failure(called, question)


def _success(called: _Called) -> tuple[float, bool, int]:
    """Return a sort key: the best function first, of equal ones the student's own."""
    return called.credit, not called.ready_made, called.right


def _question(exercise: Exercise) -> Question:
    question = exercise.asked
    if question is None:
        raise ValueError(f"exercise {exercise.id} asks for no function")
    return question


def _functions(values: Values, question: Question) -> dict[_Function, str]:
    """List the functions that were called, with the names that libraries give them."""
    listing = values.trace.run(question.found)
    if listing is None:
        return {}
    # SECURITY: a forged event may claim any cell.
    cells = {cell.cell for cell in values.trace.cells}
    functions: dict[_Function, str] = {}
    for event in listing.events:
        if event.kind != "call" or event.cell not in cells:
            continue
        function = _Function(event.cell, event.line, event.scope)
        functions[function] = event.text
    return functions


def _results(
    context: Context, question: Question, function: _Function
) -> tuple[list[Candidate | None], list[float]]:
    """Compare each call of a function, and compute its share of the points."""
    given: list[Candidate | None] = []
    credits: list[float] = []
    for label in question.labels:
        candidate = _result_of_call(context.values, label, function)
        credit = 0.0
        if candidate is not None:
            credit = candidate.credit(context.expectation, label)
            if candidate.event.text == CHANGED:
                credit *= CREDIT_IF_CHANGED
        given.append(candidate)
        credits.append(credit)
    return given, credits


def _result_of_call(values: Values, label: str, function: _Function) -> Candidate | None:
    """Return the result of one call of a function.

    A list is returned as a whole, although each of its numbers is also a candidate. A real call has
    one value; a forged trace may contain several, and the last one counts.
    """
    last = None
    for candidate in values.of(label, LOOK_IN):
        place = candidate.place
        if place.path != place.scope:
            continue
        called = _Function(place.cell, place.line, place.scope)
        if called == function:
            last = candidate
    return last


def _explain_failure(called: _Called, question: Question) -> Outcome:
    """Explain the first wrong call; the others may have earned a share."""
    wrong = called.first_wrong
    call = question.calls[wrong]
    candidate = called.given[wrong]
    why = _explain_call(candidate, call, called, changes=question.changes)

    given = filter(None, called.given)
    shown = candidate or next(given, None)
    credit = called.credit
    if credit > 0:
        return Outcome("partial", why, credit, shown)
    return Outcome("failed", why, found=shown)


def _explain_call(
    candidate: Candidate | None, call: str, called: _Called, *, changes: bool
) -> Message:
    if candidate is None:
        return message("function.no-end", call=call)
    raised = candidate.event.text
    if raised in TOO_LONG:
        return message("function.no-end", call=call)
    if raised and raised != CHANGED:
        return message("function.raises", call=call, error=raised)

    if _gives_none(candidate):
        return message("function.gives-nothing", call=call)
    calls = len(called.credits)
    message_id = "function.leaves-other" if changes else "function.wrong"
    return message(message_id, call=call, right=called.right, calls=calls)


def _is_nothing(candidate: Candidate | None) -> bool:
    """Return whether a result shows that the function is not written yet."""
    if candidate is None:
        return False
    raised = candidate.event.text
    if raised == NOT_WRITTEN:
        return True
    return not raised and _gives_none(candidate)


def _gives_none(candidate: Candidate) -> bool:
    match candidate.value:
        case Nothing() | Other(type="NoneType"):
            return True
        case _:
            return False
