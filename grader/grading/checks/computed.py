"""The part that `value` and `series` share: a computed answer has to follow the data. Pure."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

from grader.exercise import Exercise
from grader.grading.checks.base import AutomaticCheck, Context
from grader.grading.checks.outcome import Outcome, RaisedFlag, message, not_run
from grader.grading.follows_data import Following, follow
from grader.grading.search import Candidate, Found, find
from grader.trace import Trace

UNVERIFIED = {
    "input-not-seen": "unverified.input-not-seen",
    "raises": "unverified.raises-only-in-variant",
    "nothing-moved": "unverified.nothing-moved",
    "not-run": "unverified.variant-not-run",
}
"""Message per verdict that a person has to look at."""

MISSED_ON_BASE = frozenset(
    ("value.absent", "value.missing", "value.no-gradient", "value.partial-answer")
)
"""Messages of an answer that is not there, or not whole, on the handed-out data already."""


class ComputedCheck(AutomaticCheck):
    """A check for an answer that the notebook computes from the data.

    A value has to agree with the reference on the handed-out data, and at the same place on every
    variant.
    """

    follows_data = True
    is_measured = True

    def decide(self, exercise: Exercise, context: Context) -> Outcome:
        """Look for the answer on the handed-out data, then at its place in the variants."""
        found = self._find(exercise, context)
        if found:
            return self._follow(exercise, context, found)
        return self.explain_absence(exercise, context)

    @abstractmethod
    def explain_absence(self, exercise: Exercise, context: Context) -> Outcome:
        """Say why no value agrees with the reference on the handed-out data."""

    def lacks_answer(self, exercise: Exercise, context: Context) -> bool:
        """Look on the handed-out data only: the variants have not run yet."""
        found = self._find(exercise, context)
        if not found:
            return True
        best = found[0]
        return best.credit < 1

    def fails_on_base(self, message_id: str) -> bool:
        """Tell whether a message says that the answer was missed on the handed-out data already."""
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
            context.inputs,
        )
        candidate = following.found.candidate if following.found else None

        verdict = following.verdict
        if verdict == "follows" and following.found:
            return _earned(following.found.credit, candidate)
        if verdict == "does-not-follow":
            why = message("value.does-not-follow-data")
            flag = RaisedFlag("does-not-follow-data", candidate)
            return Outcome("failed", why, found=candidate, flags=(flag,))
        if verdict == "only-here":
            why = message("value.only-here")
            return Outcome("failed", why, found=candidate)
        return _unverified(following, candidate)


def _earned(credit: float, candidate: Candidate | None) -> Outcome:
    if credit >= 1:
        why = message("value.passed")
        return Outcome("passed", why, 1.0, candidate)
    why = message("value.partial-answer", credit=credit)
    return Outcome("partial", why, credit, candidate)


def _unverified(following: Following, candidate: Candidate | None) -> Outcome:
    message_id = UNVERIFIED[following.verdict]
    if following.verdict == "raises":
        why = message(message_id, error=following.error)
    else:
        why = message(message_id)
    flag = RaisedFlag("unverified", candidate)
    return Outcome("pending", why, found=candidate, flags=(flag,))


def explain_missing_value(exercise: Exercise, trace: Trace) -> Outcome:
    """Say why a value is nowhere.

    The kernel ended before, nothing was tried, or something else came out.
    """
    ended = not_run(trace)
    if ended is not None:
        return ended

    kinds = {event.kind for event in trace.own_events()}
    if kinds.intersection(exercise.look_in):
        return Outcome("failed", message("value.absent"))
    only_gradients = set(exercise.look_in) == {"grad"}
    if kinds and only_gradients:
        return Outcome("missing", message("value.no-gradient"))
    return Outcome("missing", message("value.missing"))
