"""The check `function`: a function of the notebook, by what it gives to the assignment's calls. Pure.

Each call is a run of the trace, in which the function's place is the same: see `trace.Question`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from grader.assignment import Exercise
from grader.grading.checks.base import AutomaticCheck, Context
from grader.grading.checks.outcome import Outcome, message, not_run
from grader.grading.search import Candidate, Values
from grader.report import Message
from grader.trace import Other, Question

LOOK_IN = ("call",)

TOO_LONG = ("TimeoutError", "KeyboardInterrupt")
"""What a call raised that came to no end."""


@dataclass(frozen=True)
class _Function:
    """Where one of the notebook's functions stands."""

    cell: int
    line: int
    scope: str
    """Its name."""


@dataclass(frozen=True)
class _Called:
    """What the calls of one function gave."""

    given: Sequence[Candidate | None]
    """Per call what it gave; None: the kernel ended before, or the time was over."""
    credits: Sequence[float]
    """Per call the share of the points that it earns."""

    @property
    def credit(self) -> float:
        """What it earns in every call: the least of them."""
        return min(self.credits)

    @property
    def right(self) -> int:
        """How many calls give what they should."""
        return sum(credit > 0 for credit in self.credits)


class FunctionCheck(AutomaticCheck):
    """Decide whether a function of the notebook gives what the reference's gives, in every call."""

    name = "function"
    is_measured = True

    def look_in(self, exercise: Exercise) -> Sequence[str]:
        """Look in what the calls gave."""
        return LOOK_IN

    def look_for_right_values_in(self, exercise: Exercise) -> Sequence[str]:
        """Look in what the cells computed: the calls come after them."""
        return exercise.look_in

    def first_run(self, exercise: Exercise) -> str:
        """Return the label of the first call."""
        return _question(exercise).labels[0]

    def decide(self, exercise: Exercise, context: Context) -> Outcome:
        """Take the function that is right in most calls; where it fails, say what the first wrong call does."""
        question = _question(exercise)
        functions = _functions(context.values, question)
        if not functions:
            missing = message("function.missing", function=question.function)
            return not_run(context.values.trace) or Outcome("missing", missing)

        called = [_called(context, question, function) for function in functions]
        best = max(called, key=lambda one: (one.credit, one.right))
        shown = best.given[0]
        if best.credit >= 1:
            return Outcome("passed", message("function.passed"), 1.0, shown)
        if best.credit > 0:
            why = message("value.partial-answer", credit=best.credit)
            return Outcome("partial", why, best.credit, shown)
        return _explain_failure(best, question)


def _question(exercise: Exercise) -> Question:
    question = exercise.asked
    if question is None:
        raise ValueError(f"exercise {exercise.id} asks for no function")
    return question


def _functions(values: Values, question: Question) -> list[_Function]:
    """List the functions that were called."""
    listing = values.trace.run(question.found)
    if listing is None:
        return []
    cells = {cell.cell for cell in values.trace.cells}  # SECURITY: a forged event may claim any
    calls = [event for event in listing.events if event.kind == "call" and event.cell in cells]
    return list(dict.fromkeys(_Function(call.cell, call.line, call.scope) for call in calls))


def _called(context: Context, question: Question, function: _Function) -> _Called:
    given: list[Candidate | None] = []
    credits: list[float] = []
    for label in question.labels:
        candidate = _given(context.values, label, function)
        given.append(candidate)
        credits.append(candidate.credit(context.expectation, label) if candidate else 0.0)
    return _Called(given, credits)


def _given(values: Values, label: str, function: _Function) -> Candidate | None:
    """Give what one call of a function gave.

    A list is given back as a whole, though each of its numbers is a candidate as well. A real call has one value; a
    forged trace may hold several, and the last one counts.
    """
    last = None
    for candidate in values.of(label, LOOK_IN):
        place = candidate.place
        is_whole = place.path == place.scope
        if is_whole and _Function(place.cell, place.line, place.scope) == function:
            last = candidate
    return last


def _explain_failure(called: _Called, question: Question) -> Outcome:
    """Say what the first call that goes wrong does."""
    number = next(index for index, credit in enumerate(called.credits) if not credit)
    candidate = called.given[number]
    why = _explain_call(candidate, question.calls[number], called)
    shown = candidate or next((one for one in called.given if one is not None), None)
    return Outcome("failed", why, found=shown)


def _explain_call(candidate: Candidate | None, call: str, called: _Called) -> Message:
    raised = candidate.event.text if candidate is not None else ""
    if candidate is None or raised in TOO_LONG:
        return message("function.no-end", call=call)
    if raised:
        return message("function.raises", call=call, error=raised)
    if isinstance(candidate.value, Other) and candidate.value.type == "NoneType":
        return message("function.gives-nothing", call=call)
    return message("function.wrong", call=call, right=called.right, calls=len(called.credits))
