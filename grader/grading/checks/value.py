"""The check `value`: a number or tensor that the notebook computed from the data. Pure."""

from __future__ import annotations

from grader.assignment import Exercise
from grader.grading.checks.outcome import Outcome, message
from grader.grading.expectation import Expectation
from grader.grading.follows_data import Following, follow
from grader.grading.search import Candidate, Values, find
from grader.trace import CodeCell, Trace

UNVERIFIED = {
    "input-not-seen": "unverified.input-not-seen",
    "raises": "unverified.raises-only-in-variant",
    "nothing-moved": "unverified.nothing-moved",
    "not-run": "unverified.variant-not-run",
}


def check_value(
    exercise: Exercise, values: Values, expectation: Expectation, handout: tuple[CodeCell, ...]
) -> Outcome:
    """Whether the notebook computed the exercise's value.

    Args:
        exercise: says which kinds of events count.
        values: what the notebook computed.
        expectation: what the reference computed, on the handed-out data and on each variant.
        handout: the handout's code cells.
    """
    found = find(values, exercise.look_in, expectation)
    if not found:
        return nothing_found(values.trace, exercise)
    following = follow(values, found, exercise.look_in, expectation, handout)
    candidate = following.found.candidate if following.found else None
    if following.verdict == "follows" and following.found:
        return _earned(following.found.credit, candidate)
    if following.verdict == "does-not-follow":
        flags = (("does-not-follow-data", candidate),)
        return Outcome(
            "failed", message("value.does-not-follow-data"), found=candidate, flags=flags
        )
    if following.verdict == "only-here":
        return Outcome("failed", message("value.only-here"), found=candidate)
    return _unverified(following, candidate)


def _earned(credit: float, candidate: Candidate | None) -> Outcome:
    if credit >= 1:
        return Outcome("passed", message("value.passed"), 1.0, candidate)
    return Outcome("partial", message("value.partial-answer", credit=credit), credit, candidate)


def _unverified(following: Following, candidate: Candidate | None) -> Outcome:
    params = {"error": following.error} if following.verdict == "raises" else {}
    told = message(UNVERIFIED[following.verdict], **params)
    return Outcome("pending", told, found=candidate, flags=(("unverified", candidate),))


def nothing_found(trace: Trace, exercise: Exercise) -> Outcome:
    """The exercise's value is nowhere: the kernel ended before, nothing was tried, or something else came out."""
    own = [cell for cell in trace.base.cells if cell.cell not in trace.handout_cells()]
    left = [cell for cell in own if cell.status in ("not_run", "died")]
    if left:
        ended = next(
            (cell for cell in trace.base.cells if cell.status not in ("ok", "error")), left[0]
        )
        return Outcome("not_run", message("not-run.kernel-ended", cell=ended.cell))
    kinds = {event.kind for event in trace.own_events()}
    if kinds.intersection(exercise.look_in):
        return Outcome("failed", message("value.absent"))
    only_gradients = set(exercise.look_in) == {"grad"} and bool(kinds)
    return Outcome("missing", message("value.no-gradient" if only_gradients else "value.missing"))
