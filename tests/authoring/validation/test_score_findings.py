"""How the bounds of scores are judged."""

from __future__ import annotations

import pytest

from grader.authoring.validation.score_findings import OTHERS, UNTRAINED, judge, without_steps
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


def findings(own, others, untrained=None, asked=SCORE):
    scores = {"own": own, **dict(zip(OTHERS, others, strict=True)), UNTRAINED: untrained}
    return [(finding.ok, finding.message.id) for finding in judge(asked, scores)]


@pytest.mark.parametrize(
    ("own", "others", "untrained", "expected"),
    [
        (0.95, (0.93, 0.92, 0.99, 0.95), 0.5, [(True, "validate.score")]),
        (0.95, (0.93, 0.89, 0.99, 0.95), 0.5, [(False, "validate.score-misses")]),
        (0.95, (0.93, None, 0.99, 0.95), 0.5, [(False, "validate.score-cut")]),
        (
            0.95,
            (0.93, 0.92, 0.99, 0.95),
            0.85,
            [(True, "validate.score"), (False, "validate.score-untrained")],
        ),
    ],
)
def test_a_bound_is_reached_by_training_and_only_by_that(own, others, untrained, expected):
    assert expected == findings(own, others, untrained)


def test_the_worst_loss_is_the_highest():
    (finding,) = judge(LOSS, {"own": 0.1, **dict(zip(OTHERS, (0.1, 0.3, 0.2, 0.1), strict=True))})
    assert (False, 0.3) == (finding.ok, finding.message.params["worst"])


def test_steps_of_optimizers_are_left_out():
    code = "for e in range(3):\n    loss.backward()\n    self.opt.step()\n    log.step(1)\nx.step"
    (cell,) = without_steps([MarkedCell(0, code)])
    assert "for e in range(3):\n    loss.backward()\n    pass\n    pass\nx.step" == cell.code
