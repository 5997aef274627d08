"""What the check `value` says of an exercise."""

from __future__ import annotations

import pytest

from grader.grading.checks.outcome import RaisedFlag
from grader.trace import CellRun
from tests.support.traces import (
    VARIANTS,
    alternatives,
    computed,
    decide,
    exercise,
    expects,
    gradient,
    happens,
    prints,
    run,
    sets,
    trace,
)

STEP = expects(3.8, 5.6, 4.9)
GRADIENT = exercise("w-grad", look_in=["grad"])


def outcome(submitted, expected=STEP, asked=None):
    return decide(asked or exercise(), submitted, expected)


def told(submitted, expected=STEP, asked=None) -> tuple[str, str]:
    """Status and message id."""
    found = outcome(submitted, expected, asked)
    return found.status, found.message.id


def test_an_answer_that_follows_the_data_passes():
    found = outcome(computed(3.8, 5.6, 4.9))
    assert ("passed", 1.0, "a") == (found.status, found.credit, found.found.place.path)


def test_a_partial_answer_earns_its_share_and_says_so():
    found = outcome(computed(3.8, 5.6, 4.9), alternatives((0.75, [3.8, 5.6, 4.9])))
    assert ("partial", 0.75, {"credit": 0.75}) == (found.status, found.credit, found.message.params)


def test_an_answer_typed_in_fails_with_a_flag():
    found = outcome(computed(3.8, 3.8, 3.8, sources=("w = 3.8",)))
    assert ("failed", "value.does-not-follow-data") == (found.status, found.message.id)
    assert (RaisedFlag("does-not-follow-data", found.found),) == found.flags


def test_an_answer_right_only_here_fails_without_a_flag():
    found = outcome(computed(3.8, 9.0, 9.0))
    assert ("failed", "value.only-here", ()) == (found.status, found.message.id, found.flags)


@pytest.mark.parametrize(
    ("submitted", "message"),
    [
        (computed(3.8, 3.8, 3.8), "unverified.nothing-moved"),
        (computed(3.8), "unverified.variant-not-run"),
        (
            trace(run(sets("a", 3.8)), *(run(label=one, seen=None) for one in VARIANTS)),
            "unverified.input-not-seen",
        ),
    ],
)
def test_what_cannot_be_verified_is_pending_with_a_flag_and_no_points(submitted, message):
    found = outcome(submitted)
    assert ("pending", 0.0, message) == (found.status, found.credit, found.message.id)
    assert ["unverified"] == [flag.id for flag in found.flags]


def test_an_exception_in_the_variant_is_named():
    ended = [CellRun(cell=0, status="error", error="IndexError")]
    found = outcome(trace(run(sets("a", 3.8)), *(run(label=one, ended=ended) for one in VARIANTS)))
    assert ("pending", {"error": "IndexError"}) == (found.status, found.message.params)


def test_another_value_fails():
    assert ("failed", "value.absent") == told(computed(7.0, 8.0, 9.0))


def test_a_notebook_without_a_value_is_missing():
    assert ("missing", "value.missing") == told(trace(run()))


def test_the_handouts_own_values_are_no_try():
    assert ("missing", "value.missing") == told(trace(run(sets("a", 7.0)), handout=[0]))


def test_a_printed_constant_is_no_answer():
    assert ("failed", "value.absent") == told(trace(run(prints("3.80", reads=""))))


def test_a_gradient_that_is_nowhere_is_said_so():
    assert ("missing", "value.no-gradient") == told(
        trace(run(sets("dw", -28.0))), expects(-28.0), GRADIENT
    )


def test_a_manual_derivative_is_no_gradient():
    right = trace(run(gradient("w", -28.0)))
    assert ("passed", "value.passed") == told(right, expects(-28.0), GRADIENT)
    assert "passed" != told(trace(run(sets("dw", -28.0))), expects(-28.0), GRADIENT)[0]


@pytest.mark.parametrize("status", ["died", "not_run"])
def test_where_the_kernel_ended_before_the_exercise_was_not_run(status):
    ended = [CellRun(cell=1, status="died"), CellRun(cell=2, status=status)]
    found = outcome(trace(run(sets("a", 7.0), ended=ended)))
    assert ("not_run", "not-run.kernel-ended", {"cell": 1}) == (
        found.status,
        found.message.id,
        found.message.params,
    )


def test_an_answer_before_the_kernels_end_keeps_its_points():
    submitted = computed(3.8, 5.6, 4.9)
    base = submitted.base.model_copy(
        update={"cells": (CellRun(cell=0, status="ok"), CellRun(cell=1, status="died"))}
    )
    assert ("passed", "value.passed") == told(
        submitted.model_copy(update={"runs": (base, *submitted.runs[1:])})
    )


def test_notes_are_no_values():
    assert ("missing", "value.missing") == told(trace(run(happens("note", {"a": 3.8}))))
