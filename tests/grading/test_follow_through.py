"""A loss that is right for the student's own wrong step earns a share of its points."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grader.grading.knowledge import Given
from tests.support.small_course import KNOWN, NET, RIGHT_LOSS, STEP, evaluated
from tests.support.traces import (
    VARIANTS,
    assignment,
    draws,
    exercise,
    expects,
    mistake,
    run,
    sets,
    trace,
)

OWN_STEP = (9.4, 14.8, 12.7)
OWN_LOSS = (752.64, 3748.8, 2301.7)
LINE = "w.data -= 0.3 * w.grad"
FOLLOWING = exercise(
    "loss", needs=["step"], given="w", given_from="step", given_credit=0.25, points=2
)
ASKED = assignment(STEP, FOLLOWING, exercise("net", check="graph"))


def known(loss=OWN_LOSS, *mistakes, right=None):
    """What is known where a submission's own step gives a loss."""
    by_run = tuple((label, (w,)) for label, w in zip(("base", *VARIANTS), OWN_STEP, strict=True))
    given = Given("loss", by_run, LINE)
    fields = {"sources": {"loss": ("step", 1)}, "given": {given: expects(*loss)}}
    if right is not None:
        fields["right"] = KNOWN.right | {"loss": right}
    return replace(KNOWN, mistakes=(*KNOWN.mistakes, *mistakes), **fields)


def submitted(step=OWN_STEP, loss=OWN_LOSS):
    """Take a wrong step in cell 0, and compute the change of the loss in cell 1."""
    runs = []
    for label, w, change in zip(("base", *VARIANTS), step, loss, strict=True):
        events = [
            sets("w", w, "w lr", cell=0, source=LINE),
            sets("d", change, "w x", cell=1),
            draws(NET, cell=2),
        ]
        runs.append(run(*events, label=label))
    return trace(*runs, sources=[LINE, "d = f(w)", ""])


def result(made=None, knowledge=None):
    evaluation = evaluated(made or submitted(), knowledge or known(), course=ASKED)
    return {each.id: each for each in evaluation.results}["loss"]


def test_what_is_right_from_the_own_step_earns_its_share():
    loss = result()
    assert ("partial", 0.25) == (loss.status, loss.credit)
    message = loss.checks[0].message
    assert "value.follows-step" == message.id
    assert {"name": "w", "value": "9.4", "line": LINE, "credit": 0.25} == message.params


def test_what_is_wrong_for_the_own_step_earns_nothing():
    assert 0 == result(submitted(loss=(1.5, 2.5, 3.5))).credit


def test_what_is_right_for_the_own_step_on_the_handed_out_data_alone_earns_nothing():
    assert 0 == result(submitted(loss=(752.64, 752.64, 752.64))).credit


def test_a_mistake_that_gives_the_same_value_decides_in_its_place():
    too_long = mistake("too-long", step=expects(*OWN_STEP), loss=expects(*OWN_LOSS))
    loss = result(knowledge=known(OWN_LOSS, too_long))
    assert ("failed", 0.0) == (loss.status, loss.credit)
    assert ["too-long"] == [found.id for found in loss.mistakes]


def test_a_mistake_of_the_step_alone_leaves_the_share():
    half = mistake("half", {"step": 0.5}, step=expects(*OWN_STEP), loss=expects(1.0, 2.0, 3.0))
    assert 0.25 == result(knowledge=known(OWN_LOSS, half)).credit


def test_the_loss_before_the_step_earns_no_share():
    assert 0 == result(knowledge=known(right=expects(OWN_LOSS[0]))).credit


def test_a_right_loss_keeps_its_points():
    assert 1.0 == result(submitted(loss=RIGHT_LOSS)).credit


@pytest.mark.parametrize("runs", [1, 2])
def test_a_step_that_is_not_there_in_every_run_earns_no_share(runs: int):
    knowledge = known(OWN_LOSS[:runs])
    assert 0 == result(knowledge=knowledge).credit
