"""How the bounds of scores are judged."""

from __future__ import annotations

import pytest

from grader.authoring.validation.score_findings import (
    judge,
    shortened,
    with_one_output,
    without_steps,
)
from grader.reference.markers import MarkedCell
from tests.support.traces import exercise

SCORE = exercise(
    "acc",
    "score",
    of="net",
    at_least=0.9,
    steps=[{"at_least": 0.8, "credit": 0.5}],
    **{"with": "accuracy(net)"},
)
LOSS = exercise("loss", "score", of="net", at_most=0.2, **{"with": "loss(net)"})


WAYS = ("seed-1-1", "seed-2-1", "draw-1")


def findings(own, others, asked=SCORE, **lesser):
    scores = dict(zip(WAYS, others, strict=True)) | lesser
    return [(finding.ok, finding.message.id) for finding in judge(asked, own, scores)]


@pytest.mark.parametrize(
    ("own", "others", "expected"),
    [
        (0.95, (0.93, 0.92, 0.99), (True, "validate.score")),
        (0.95, (0.93, 0.89, 0.99), (False, "validate.score-misses")),
        (0.89, (0.93, 0.92, 0.99), (False, "validate.score-misses")),
        (0.95, (0.93, None, 0.99), (True, "validate.score")),
        (None, (0.93, 0.92, 0.99), (False, "validate.score-cut")),
    ],
)
def test_a_bound_has_to_be_reached_in_each_way_that_was_measured(own, others, expected):
    assert [expected] == findings(own, others)


@pytest.mark.parametrize(
    ("lesser", "expected"),
    [
        ({"untrained": 0.5, "first-class": 0.5}, []),
        ({"untrained": 0.85}, [(False, "validate.score-untrained")]),
        ({"first-class": 0.1, "last-class": 0.9}, [(False, "validate.score-constant")]),
        ({"first-class": 0.9, "last-class": 0.9}, [(False, "validate.score-constant")]),
        ({"shortened": 0.85}, []),
        ({"shortened": 0.91}, [(False, "validate.score-shortened")]),
        ({"shortened": 0.97}, [(True, "validate.score-soon")]),
    ],
)
def test_a_model_that_learned_nothing_or_little_earns_nothing(lesser, expected):
    assert [(True, "validate.score"), *expected] == findings(0.95, (0.96, 0.97, 0.98), **lesser)


def test_a_bound_between_one_pass_and_all_of_them_is_proposed():
    _, finding = judge(SCORE, 0.96, {"seed-1-1": 0.97, "shortened": 0.92})
    assert pytest.approx(0.94) == finding.message.params["bound"]


def test_the_worst_loss_is_the_highest():
    (finding,) = judge(LOSS, 0.1, dict(zip(WAYS, (0.1, 0.3, 0.2), strict=True)))
    assert (False, 0.3) == (finding.ok, finding.message.params["worst"])


def test_steps_of_optimizers_are_left_out():
    code = "for e in range(3):\n    loss.backward()\n    self.opt.step()\n    log.step(1)\nx.step"
    (cell,) = without_steps([MarkedCell(0, code)])
    assert "for e in range(3):\n    loss.backward()\n    pass\n    pass\nx.step" == cell.code


def test_a_model_is_left_its_last_bias_alone():
    code = "model = Net(\n    3,\n)\nother = Net(4)"
    (cell,) = with_one_output([MarkedCell(0, code)], "model")
    frozen, *others = cell.code.split("\n")
    assert frozen.startswith("model = Net(3); ")
    assert ["", "", "other = Net(4)"] == others


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("for epoch in range(epochs):", "for epoch in range(1):"),
        ("for epoch in tqdm(range(9)):", "for epoch in range(1):"),
        ("for x, y in loader:", "for x, y in loader:"),
    ],
)
def test_training_loops_make_one_pass(head, expected):
    code = f"{head}\n    for x in range(4):\n        opt.step()"
    (cell,) = shortened([MarkedCell(0, code)])
    assert f"{expected}\n    for x in range(4):\n        opt.step()" == cell.code


def test_a_loop_that_trains_nothing_is_not_shortened():
    (cell,) = shortened([MarkedCell(0, "for each in range(3):\n    total += each")])
    assert "for each in range(3):\n    total += each" == cell.code
