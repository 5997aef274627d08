"""What may not be the notebook's doing waits for a person."""

from __future__ import annotations

from grader.grading.checks.outcome import Outcome, message
from grader.grading.unproven_answers import leave_all_pending, leave_claims_pending

PASSED = Outcome("passed", message("value.passed"), 1.0)
HALF = Outcome("partial", message("value.partial-answer", credit=0.5), 0.5)
FAILED = Outcome("failed", message("value.absent"))
OPEN = Outcome("pending", message("unverified.by-chance"))


def waits(outcome: Outcome) -> bool:
    return (outcome.status, outcome.credit) == ("pending", 0.0) and bool(outcome.flags)


def test_what_only_a_misfit_answers_waits():
    doubted = leave_claims_pending({"step": FAILED}, {"step": PASSED})
    assert waits(doubted["step"])
    assert "unverified.not-in-code" == doubted["step"].message.id


def test_what_earns_as_much_without_misfits_is_earned():
    assert {"step": HALF} == leave_claims_pending({"step": HALF}, {"step": HALF})


def test_a_misfit_that_might_answer_waits_too():
    assert waits(leave_claims_pending({"step": FAILED}, {"step": OPEN})["step"])


def test_what_waits_already_keeps_its_reason():
    assert {"step": OPEN} == leave_claims_pending({"step": OPEN}, {"step": OPEN})


def test_all_that_earns_points_waits_where_code_reaches_for_the_grader():
    doubted = leave_all_pending({"step": PASSED, "grad": HALF, "graph": FAILED})
    assert waits(doubted["step"])
    assert waits(doubted["grad"])
    assert doubted["graph"] is FAILED
