"""Leave exercises pending if the notebook may not have computed their right values. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from grader.grading.checks.outcome import Outcome, RaisedFlag, message
from grader.report import Message

Outcomes = Mapping[str, Outcome]
"""Per exercise, the outcome of its check."""


def leave_claims_pending(outcomes: Outcomes, claimed: Outcomes) -> Outcomes:
    """Leave exercises pending that are right only by values that the code cannot have given.

    Args:
        outcomes: by the values that the code can have produced.
        claimed: by all values of the trace.
    """
    doubted = dict(outcomes)
    for name, claim in claimed.items():
        outcome = outcomes[name]
        if _is_more(claim, outcome):
            why = message("unverified.not-in-code")
            doubted[name] = _for_a_person(claim, why)
    return doubted


def leave_all_pending(outcomes: Outcomes) -> Outcomes:
    """Leave pending all that earns points, if the code accesses the grader's internals."""
    doubted = dict(outcomes)
    for name, outcome in outcomes.items():
        if outcome.credit > 0:
            why = message("unverified.reaches")
            doubted[name] = _for_a_person(outcome, why)
    return doubted


def _is_more(claim: Outcome, outcome: Outcome) -> bool:
    """Return whether a claim earns more than an outcome, or may earn points where that has 0."""
    credit = outcome.credit
    if claim.credit > credit:
        return True
    if credit or outcome.status == "pending":
        return False
    return claim.status == "pending"


def _for_a_person(outcome: Outcome, why: Message) -> Outcome:
    """Make an outcome pending, with the value that would earn its points."""
    flag = RaisedFlag("unverified", outcome.found, why)
    flags = (*outcome.flags, flag)
    return replace(outcome, status="pending", message=why, credit=0.0, flags=flags)
