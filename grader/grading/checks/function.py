"""The check `function`: a function that the notebook defined, by what it gives to the assignment's calls. Pure.

Each call is a run of the trace, in which the function's place is the same: see `trace.Question`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from grader.assignment import Exercise
from grader.grading.checks.outcome import Message, Outcome, message
from grader.grading.checks.value import nothing_found
from grader.grading.expectation import Expectation
from grader.grading.search import Candidate, Values
from grader.trace import Other, Question

LOOK_IN = ("call",)

TOO_LONG = ("TimeoutError", "KeyboardInterrupt")
"""What a call raised that came to no end."""


@dataclass(frozen=True)
class _Tried:
    """One of the notebook's functions, and what its calls gave."""

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


def check_function(exercise: Exercise, values: Values, expectation: Expectation) -> Outcome:
    """Whether a function of the notebook's gives what the reference's gives, in every call.

    Args:
        exercise: says what to call.
        values: what the notebook computed, and its calls gave.
        expectation: what the reference gave in each call.
    """
    asked = exercise.asked
    if asked is None:
        raise ValueError(f"exercise {exercise.id} asks for no function")
    tried = [_tried(values, asked, expectation, scope) for scope in _functions(values, asked)]
    if not tried:
        nothing = nothing_found(values.trace, exercise)
        missing = message("function.missing", function=asked.function)
        return nothing if nothing.status == "not_run" else Outcome("missing", missing)
    best = max(tried, key=lambda one: (one.credit, one.right))
    if best.credit >= 1:
        return Outcome("passed", message("function.passed"), 1.0, best.given[0])
    if best.credit > 0:
        return Outcome(
            "partial",
            message("value.partial-answer", credit=best.credit),
            best.credit,
            best.given[0],
        )
    return _failed(best, asked)


def _functions(values: Values, asked: Question) -> list[tuple[int, int, str]]:
    """The functions that were called: cell, line and name of each."""
    found = values.trace.run(asked.found)
    cells = {cell.cell for cell in values.trace.cells}  # SECURITY: a forged event may claim any
    events = found.events if found else ()
    return list(
        dict.fromkeys(
            (e.cell, e.line, e.scope) for e in events if e.kind == "call" and e.cell in cells
        )
    )


def _tried(
    values: Values, asked: Question, expectation: Expectation, function: tuple[int, int, str]
) -> _Tried:
    given: list[Candidate | None] = []
    credits: list[float] = []
    for label in asked.labels:
        # Of a list its numbers are candidates of their own: it is the whole that was given back.
        whole = (one for one in values.of(label, LOOK_IN) if one.place.path == one.place.scope)
        there = [one for one in whole if _function_of(one) == function]
        # A real call has one value; of a forged trace's several, the last one counts.
        given.append(there[-1] if there else None)
        credits.append(there[-1].credit(expectation, label) if there else 0.0)
    return _Tried(given, credits)


def _function_of(candidate: Candidate) -> tuple[int, int, str]:
    place = candidate.place
    return place.cell, place.line, place.scope


def _failed(tried: _Tried, asked: Question) -> Outcome:
    """What the first call that goes wrong does."""
    number = next(place for place, credit in enumerate(tried.credits) if not credit)
    candidate = tried.given[number]
    shown = candidate or next((one for one in tried.given if one is not None), None)
    return Outcome("failed", _why(candidate, asked.calls[number], tried), found=shown)


def _why(candidate: Candidate | None, call: str, tried: _Tried) -> Message:
    raised = candidate.event.text if candidate is not None else ""
    if candidate is None or raised in TOO_LONG:
        return message("function.no-end", call=call)
    if raised:
        return message("function.raises", call=call, error=raised)
    if isinstance(candidate.value, Other) and candidate.value.type == "NoneType":
        return message("function.gives-nothing", call=call)
    return message("function.wrong", call=call, right=tried.right, calls=len(tried.credits))
