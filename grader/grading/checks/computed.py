"""Decide exercises with a computed answer, for the checks `value` and `series`. Pure.

The answer has to follow the data. If no variant changes it, it has to be where the exercise asks
for it.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Sequence

from grader.assignment import Exercise
from grader.grading.chance import MAX_CHANCE, WIDE_WINDOWS, density
from grader.grading.checks.base import AutomaticCheck, Context
from grader.grading.checks.outcome import Outcome, RaisedFlag, message, not_run
from grader.grading.follows_data import FollowVerdict, follow
from grader.grading.match_places import SortedValues
from grader.grading.search import Candidate, Found, Values, find
from grader.grading.several_answers import Offered, offered_together
from grader.report import Message
from grader.trace import BASE, CodeCell, Event

UNVERIFIED = {
    "input-not-seen": "unverified.input-not-seen",
    "raises": "unverified.raises-only-in-variant",
    "nothing-moved": "unverified.nothing-moved",
    "not-run": "unverified.variant-not-run",
    "by-chance": "unverified.by-chance",
}
"""Message per verdict that a person has to look at."""

ABSENT = frozenset(("value.absent", "value.absent-here"))
"""Messages that the answer is nowhere, or nowhere in the section that has to have it."""

MISSED_ON_BASE = frozenset(
    (
        "value.absent",
        "value.absent-here",
        "value.elsewhere",
        "value.missing",
        "value.no-gradient",
        "value.not-drawn",
        "value.not-shown",
        "value.other-dtype",
        "value.other-shape",
        "value.partial-answer",
        "value.some",
        "value.typed-in",
    )
)
"""Messages of an answer that is not there, or not whole, on the original data already."""

SHOWN = frozenset(("shown", "printed"))
"""Kinds of events that a reader sees."""


class ComputedCheck(AutomaticCheck):
    """A check for an answer that the notebook computes from the data.

    A value has to agree with the reference on the original data, and at the same place on every
    variant.
    """

    follows_data = True
    is_measured = True

    def decide(self, exercise: Exercise, context: Context) -> Outcome:
        """Find the answer on the original data, then compare its place in the variants."""
        found = self.sorted_values(exercise, context)
        if found.answers:
            return self._answered(exercise, context, found.answers)
        if found.typed_in:
            return _to_look_at("value.typed-in", found.typed_in[0])
        if found.elsewhere and self._follows(exercise, context, found.elsewhere):
            return _to_look_at("value.elsewhere", found.elsewhere[0])
        return self.explain_absence(exercise, context)

    def sorted_values(self, exercise: Exercise, context: Context) -> SortedValues:
        """Sort the values that agree on the original data by the evidence of their places.

        Without a place, the first of them is the answer.
        """
        found = self._find(exercise, context)
        if context.place is None:
            return SortedValues(answers=found)
        return context.place.sort(found, varied=context.is_varied)

    def _answered(self, exercise: Exercise, context: Context, found: Sequence[Found]) -> Outcome:
        """Decide about values at places where the answer may be."""
        if context.place is None or context.is_varied:
            return self._follow(exercise, context, found)
        best = found[0]
        if self._may_be_chance(exercise, context, found):
            return _unverified(FollowVerdict("by-chance", best), best.candidate)
        return _earned(best.credit, best.candidate, "value.passed-unvaried")

    def _may_be_chance(self, exercise: Exercise, context: Context, found: Sequence[Found]) -> bool:
        """Return whether there are so many values that some agree by chance."""
        values = context.values
        look_in = self.look_in(exercise)
        places = [one.candidate.place for one in found]
        if all(values.is_crowded(BASE, place, look_in) for place in places):
            return True
        distances: dict[float, Candidate] = {}
        for candidate in values.of(BASE, look_in):
            distance = candidate.distance(context.expectation, BASE)
            distances.setdefault(distance, candidate)
        if density(distances, WIDE_WINDOWS) <= MAX_CHANCE:
            return False
        # Finding where each value is takes longer.
        answering = [far for far, one in distances.items() if _may_answer(one, context)]
        return density(answering, WIDE_WINDOWS) > MAX_CHANCE

    def _follows(self, exercise: Exercise, context: Context, found: Sequence[Found]) -> bool:
        """Return whether some value follows the data in all variants that change the answer."""
        if not context.is_varied:
            return True
        return self._follow(exercise, context, found).credit > 0

    def offered_with(
        self, answer: Candidate, values: Values, cells: Iterable[CodeCell]
    ) -> Offered | None:
        """Return the answers of code that differs from the answer's only in numbers, if any."""
        offered = values.of(BASE, (answer.event.kind,))
        return offered_together(answer, offered, cells)

    @abstractmethod
    def explain_absence(self, exercise: Exercise, context: Context) -> Outcome:
        """Explain why no value agrees with the reference on the original data."""

    def lacks_answer(self, exercise: Exercise, context: Context) -> bool:
        """Look on the original data only: the variants have not run yet."""
        found = self.sorted_values(exercise, context).answers
        if not found:
            return True
        best = found[0]
        return best.credit < 1

    def fails_on_base(self, message_id: str) -> bool:
        """Return whether a message says that the answer was wrong on the original data."""
        return message_id in MISSED_ON_BASE

    def _find(self, exercise: Exercise, context: Context) -> list[Found]:
        look_in = self.look_in(exercise)
        return find(context.values, look_in, context.expectation)

    def _follow(self, exercise: Exercise, context: Context, found: Sequence[Found]) -> Outcome:
        look_in = self.look_in(exercise)
        following = follow(
            context.values,
            found,
            look_in,
            context.expectation,
            context.handout,
            inputs=context.inputs,
        )
        candidate = following.found.candidate if following.found else None

        verdict = following.verdict
        if verdict == "follows" and following.found:
            return _earned(following.found.credit, candidate)
        is_wrong = verdict in ("does-not-follow", "only-here")
        if is_wrong and _is_element_elsewhere(candidate, context):
            return Outcome("failed", absent_value(exercise))
        if verdict == "does-not-follow":
            why = message("value.does-not-follow-data")
            flag = RaisedFlag("does-not-follow-data", candidate)
            return Outcome("failed", why, found=candidate, flags=(flag,))
        if verdict == "only-here":
            why = message("value.only-here")
            return Outcome("failed", why, found=candidate)
        return _unverified(following, candidate)


def _may_answer(candidate: Candidate, context: Context) -> bool:
    """Return whether a value may be an answer, if it agrees."""
    place = context.place
    if place is None:
        return True
    return place.standing(candidate, varied=False) == "answers"


def _is_element_elsewhere(candidate: Candidate | None, context: Context) -> bool:
    """Return whether a number is one of many computed for another exercise: it agrees by chance."""
    place = context.place
    if candidate is None or place is None or place.is_here(candidate):
        return False
    is_computed = context.values.origins.typing(candidate) == "computed"
    return is_computed and place.is_chance(candidate)


def _to_look_at(message_id: str, found: Found) -> Outcome:
    """Ask a person whether a value is the answer."""
    candidate = found.candidate
    why = message(message_id, cell=candidate.place.cell)
    flag = RaisedFlag("unverified", candidate, why)
    return Outcome("pending", why, found=candidate, flags=(flag,))


def _earned(
    credit: float, candidate: Candidate | None, message_id: str = "value.passed"
) -> Outcome:
    if credit >= 1:
        why = message(message_id)
        return Outcome("passed", why, 1.0, candidate)
    why = message("value.partial-answer", credit=credit)
    return Outcome("partial", why, credit, candidate)


def _unverified(following: FollowVerdict, candidate: Candidate | None) -> Outcome:
    message_id = UNVERIFIED[following.verdict]
    if following.verdict == "raises":
        why = message(message_id, error=following.error)
    else:
        why = message(message_id)
    flag_id = "too-many-candidates" if following.verdict == "by-chance" else "unverified"
    flag = RaisedFlag(flag_id, candidate)
    return Outcome("pending", why, found=candidate, flags=(flag,))


def explain_missing_value(exercise: Exercise, context: Context) -> Outcome:
    """Explain why there is no value.

    The kernel ended before, nothing was tried, or another value was computed, possibly by a
    student's function that a cell of the handout calls.
    """
    values = context.values
    ended = not_run(values.trace)
    if ended is not None:
        return ended

    kinds = {event.kind for event in values.origins.own_events() if not _is_empty(event)}
    place = context.place
    is_used = place is not None and not kinds and place.is_used_by_given_cells()
    if is_used or kinds.intersection(exercise.look_in):
        return Outcome("failed", absent_value(exercise))

    if not kinds or "value" in exercise.look_in:
        return Outcome("missing", message("value.missing"))
    is_gradient = set(exercise.look_in) == {"grad"}
    why = message("value.no-gradient") if is_gradient else absent_value(exercise)
    return Outcome("missing", why)


def absent_value(exercise: Exercise) -> Message:
    """Explain that the answer is not where the exercise looks for it."""
    kinds = set(exercise.look_in)
    if kinds == {"figure"}:
        return message("value.not-drawn")
    if kinds <= SHOWN:
        return message("value.not-shown")
    if exercise.where == "here":
        return message("value.absent-here")
    return message("value.absent")


def _is_empty(event: Event) -> bool:
    """Return whether a statement only assigns None, as a placeholder does."""
    if event.text:
        return False
    return all(value.kind == "nothing" for value in event.values.values())
