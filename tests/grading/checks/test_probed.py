"""What a kernel reports of a question counts once."""

from __future__ import annotations

import pytest

from grader.grading.checks.outcome import Outcome, message
from grader.grading.checks.probed import doubt_results
from grader.grading.search import Values
from grader.job import Question
from grader.trace import Event, Run, Trace
from tests.support.traces import trace, value_of

QUESTION = Question(exercise="half", calls=("a", "b"))
PASSED = Outcome("passed", message("test.passed", count=2), 1.0)


def reported(*labels: str, ended: tuple[str, ...] = ()) -> Trace:
    """The trace of a notebook in which these expressions hold, each time that they are listed."""
    runs = []
    for label in dict.fromkeys(labels):
        event = Event(run=label, kind="call", cell=-1, values={"result": value_of(True)})
        runs.append(Run(label=label, events=(event,) * labels.count(label)))
    return trace(*runs, ended=ended)


def status(whole: Trace, outcome: Outcome = PASSED, *, is_claim: bool = True) -> str:
    return doubt_results(outcome, Values(whole, is_claim=is_claim), QUESTION).status


FIRST, SECOND = QUESTION.labels


def test_a_result_that_comes_once_counts():
    assert "passed" == status(reported(FIRST, SECOND))


def test_a_result_that_comes_twice_is_for_a_person():
    assert "pending" == status(reported(FIRST, SECOND, SECOND))


def test_a_kernel_that_ended_cannot_have_given_all_results():
    assert "pending" == status(reported(FIRST, SECOND, ended=(QUESTION.found,)))


@pytest.mark.parametrize("ended", ["base", "another(0)"])
def test_a_kernel_that_ended_elsewhere_can(ended):
    assert "passed" == status(reported(FIRST, SECOND, ended=(ended,)))


def test_what_a_kernel_gave_before_it_ended_counts():
    half = Outcome("partial", message("test.passed", count=1), 0.5)
    assert "partial" == status(reported(FIRST, ended=(QUESTION.found,)), half)


def test_what_earns_nothing_is_not_doubted():
    failed = Outcome("failed", message("probe.missing", name="a"))
    assert "failed" == status(reported(FIRST, FIRST), failed)


def test_at_home_nothing_is_doubted():
    assert "passed" == status(reported(FIRST, SECOND, SECOND), is_claim=False)
