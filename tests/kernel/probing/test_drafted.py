"""What a draft of an assignment tries: networks that stand in, and scores without learning."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from grader.kernel.probing.drafted import own_time, stand_ins, unlearned


class Rows(nn.Module):
    """A network that takes pictures as rows."""

    def __init__(self) -> None:
        super().__init__()
        self.out = nn.Linear(12, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.out(x.view(len(x), -1))


PICTURES = torch.ones(5, 3, 2, 2)


@pytest.mark.parametrize(
    ("network", "inputs"),
    [
        (nn.Linear(4, 3), torch.ones(5, 4)),
        (nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3)), torch.ones(5, 4)),
        (nn.Sequential(nn.Conv2d(3, 4, 2), nn.Flatten(), nn.Linear(4, 10)), PICTURES),
        (nn.Sequential(nn.Flatten(), nn.Linear(12, 2)), PICTURES),
        (Rows(), PICTURES),
    ],
)
def test_networks_that_stand_in_take_and_give_what_the_other_does(network, inputs):
    for written in stand_ins(network):
        stand_in = eval(written, {"nn": nn})
        assert network(inputs).shape == stand_in(inputs).shape


@pytest.mark.parametrize("value", [nn.LSTM(2, 3), nn.ReLU(), 3.5, None])
def test_nothing_stands_in_for_what_is_not_known(value):
    assert [] == stand_ins(value)


def test_scores_without_learning_leave_the_model_as_it_was():
    model = nn.Linear(1, 2)
    before = [each.clone() for each in model.parameters()]
    inputs = torch.tensor([[1.0], [2.0]])
    names = {"model": model, "x": inputs}
    own, nothing, last, _ = unlearned("model", "model(x).argmax(1).float().mean()", names)
    assert (0.0, 1.0) == (nothing, last)
    assert own == model(inputs).argmax(1).float().mean()
    assert all(map(torch.equal, before, model.parameters()))


def test_the_best_constant_is_a_score_without_learning():
    targets = torch.tensor([[4.0, 1.0], [6.0, -1.0]])
    names = {"model": nn.Linear(3, 2), "x": torch.ones(2, 3), "y": targets}
    *_, constant = unlearned("model", "((model(x) - y) ** 2).mean()", names)
    assert pytest.approx(1.0) == constant


def test_the_own_time_of_a_notebook_goes_on():
    before = own_time()
    assert before <= own_time()
