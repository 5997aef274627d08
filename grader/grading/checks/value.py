"""The check `value`: a value that the notebook computed from the data. Pure.

It may be a number, a tensor, a text, a bool, None, or a tuple, list or dict of them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from grader.assignment import Exercise
from grader.grading.agreement import Tolerance, as_number
from grader.grading.checks.base import Context
from grader.grading.checks.computed import ComputedCheck, explain_missing_value
from grader.grading.checks.outcome import Outcome, RaisedFlag, message
from grader.grading.forms import FormFault, form_faults
from grader.grading.match_places import SortedValues
from grader.grading.search import Candidate, Found, computed_candidates
from grader.report import Message
from grader.trace import BASE, Array, Number, Value

OTHER_FORM_CREDIT = 0.5
"""The share that right numbers earn in another form than the one asked for."""

LOST = ("failed", "missing")

MAX_APART = 4
"""Most numbers of an answer that may be computed one by one."""

FAULT_MESSAGES = {"rank": "value.other-shape", "dtype": "value.other-dtype"}


class ValueCheck(ComputedCheck):
    """Decide whether the notebook computed a value."""

    name = "value"
    shows_value = True

    def tolerance(self, exercise: Exercise) -> Tolerance:
        """Return how close an answer must be, and whether the case of a text matters."""
        tolerance = super().tolerance(exercise)
        update = {"ignore_case": exercise.ignore_case}
        return tolerance.model_copy(update=update)

    def decide(self, exercise: Exercise, context: Context) -> Outcome:
        """Decide about the value; if several marks are asked for, about each separately."""
        parts = list(context.expectation.parts())
        if not exercise.every or not parts:  # none are known of a handout that did not run
            outcome = super().decide(exercise, context)
            place = context.place
            if not outcome.credit and place and place.marked.is_tuple:
                outcome = self._by_entries(outcome, exercise, context)
            if outcome.status in LOST and not outcome.flags:
                outcome = _apart(outcome, context)
            return _in_form(outcome, exercise, context)

        outcomes = []
        for part in parts:
            part_context = replace(context, expectation=part)
            outcome = super().decide(exercise, part_context)
            outcome = _in_form(outcome, exercise, part_context)
            outcomes.append(outcome)
        return _combine_outcomes(outcomes)

    def _by_entries(self, whole: Outcome, exercise: Exercise, context: Context) -> Outcome:
        """Look for the entries of a tuple separately: a notebook may name each."""
        outcomes = []
        for entry in context.expectation.entries():
            entry_context = replace(context, expectation=entry)
            outcome = super().decide(exercise, entry_context)
            outcomes.append(outcome)

        if not outcomes:
            return whole
        for outcome in outcomes:
            if outcome.credit < 1:
                return whole
        return outcomes[0]

    def lacks_answer(self, exercise: Exercise, context: Context) -> bool:
        """Return whether the original data alone shows that a value is missing."""
        if not exercise.every:
            return super().lacks_answer(exercise, context)
        for part in context.expectation.parts():
            part_context = replace(context, expectation=part)
            if super().lacks_answer(exercise, part_context):
                return True
        return False

    def sorted_values(self, exercise: Exercise, context: Context) -> SortedValues:
        """Sort the values that agree; of equal ones, those in the requested form come first."""
        found = super().sorted_values(exercise, context)
        if not exercise.strict:
            return found

        def order(one: Found) -> tuple[float, bool]:
            faults = _faults(one.candidate, exercise, context)
            return -one.credit, bool(faults)

        answers = sorted(found.answers, key=order)
        return replace(found, answers=answers)

    def explain_absence(self, exercise: Exercise, context: Context) -> Outcome:
        """Explain that nothing was tried, or that another value was computed."""
        return explain_missing_value(exercise, context)

    def proposes(self, value: Value) -> bool:
        """Propose the check for finite numbers, and for tensors, arrays and lists of them."""
        match value:
            case Number(value=number):
                return math.isfinite(number)
            case Array(elements=elements) if elements:
                return all(map(math.isfinite, elements))
        return False


def _apart(lost: Outcome, context: Context) -> Outcome:
    """Let a person look where the few numbers of a row were computed one by one."""
    entries = list(context.expectation.entries())
    if not 1 < len(entries) <= MAX_APART:
        return lost
    computed = computed_candidates(context.values, BASE, ("value", "shown"))
    telling = list(filter(_is_telling, computed))
    found: list[Candidate] = []
    for entry in entries:
        for candidate in telling:
            if candidate.credit(entry, BASE):
                found.append(candidate)
                break
    if len(found) < len(entries):
        return lost

    first = found[0]
    why = message("value.apart", cell=first.place.cell)
    flag = RaisedFlag("unverified", first, why)
    return Outcome("pending", why, found=first, flags=(flag,))


def _is_telling(candidate: Candidate) -> bool:
    """Return whether a value is a single number, and not a common one such as 3."""
    number = as_number(candidate.value)
    if number is None or "[" in candidate.place.path:
        return False
    return number % 1 != 0


def _in_form(outcome: Outcome, exercise: Exercise, context: Context) -> Outcome:
    """Halve the points if the numbers are right and their form is not."""
    candidate = outcome.found
    if not exercise.strict or candidate is None or not outcome.credit:
        return outcome
    faults = _faults(candidate, exercise, context)
    if not faults:
        return outcome

    first, *others = map(_fault_message, faults)
    return replace(
        outcome,
        status="partial",
        message=first,
        credit=outcome.credit * OTHER_FORM_CREDIT,
        notes=(*outcome.notes, *others),
    )


def _fault_message(fault: FormFault) -> Message:
    message_id = FAULT_MESSAGES[fault.name]
    return message(message_id, found=fault.found, wanted=fault.wanted)


def _faults(candidate: Candidate, exercise: Exercise, context: Context) -> list[FormFault]:
    """List how the form of a right value differs from the nearest alternative.

    A difference in several entries of a tuple is reported for the first.
    """
    value = candidate.value
    faults_by_answer = []
    for expected in context.expectation.alternatives_like(value, BASE):
        first_by_name: dict[str, FormFault] = {}
        for fault in form_faults(value, expected, exercise.strict):
            first_by_name.setdefault(fault.name, fault)
        faults = list(first_by_name.values())
        faults_by_answer.append(faults)
    return min(faults_by_answer, key=len, default=[])


def _combine_outcomes(outcomes: Sequence[Outcome]) -> Outcome:
    """Combine the outcomes of several values, each of which earns an equal share.

    A person looks at all of it where a person has to look at one.
    """
    flags: tuple[RaisedFlag, ...] = ()
    for outcome in outcomes:
        flags += outcome.flags
    for outcome in outcomes:
        if outcome.status == "pending":
            return replace(outcome, flags=flags)

    lost = [outcome for outcome in outcomes if outcome.credit < 1]
    if not lost:
        return outcomes[0]
    first = lost[0]
    count = len(outcomes)
    credits = [outcome.credit for outcome in outcomes]
    credit = sum(credits) / count
    if credit == 0:
        return replace(first, flags=flags)

    right = count - len(lost)
    why = message("value.some", right=right, count=count)
    notes = (first.message, *first.notes)
    earned = [outcome.found for outcome in outcomes if outcome.credit]
    return Outcome("partial", why, credit, earned[0], notes=notes, flags=flags)
