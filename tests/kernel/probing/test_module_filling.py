"""Parameters, filled in the order in which a network uses them."""

from __future__ import annotations

import torch
from torch import nn

from grader.kernel.probing.module_filling import (
    Order,
    fill,
    numbers_for,
    order_of,
    restore,
    saved,
    set_training,
    tensors_of,
    unregistered,
)
from grader.kernel.probing.module_use import watched


def filled(network: nn.Module, inputs: torch.Tensor) -> nn.Module:
    with watched(network, tensors_of(network)) as use:
        network(inputs)
    fill(network, order_of(network, use))
    return network


class Backwards(nn.Module):
    """Defines its layers in another order than it uses them in."""

    def __init__(self) -> None:
        super().__init__()
        self.second = nn.Linear(3, 3)
        self.first = nn.Linear(3, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        result: torch.Tensor = self.second(self.first(x))
        return result


def test_the_order_of_use_counts_and_not_that_of_definition():
    inputs = torch.ones(2, 3)
    forwards = filled(nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 3)), inputs)
    backwards = filled(Backwards(), inputs)
    assert torch.equal(forwards(inputs), backwards(inputs))


def test_two_parameters_of_one_shape_get_other_numbers():
    layers = filled(nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 3)), torch.ones(2, 3))
    assert not torch.equal(layers[0].weight, layers[1].weight)


def test_a_weight_with_its_inputs_first_gets_the_same_numbers_turned():
    layer = nn.Linear(3, 2)
    own = nn.Module()
    own.weight = nn.Parameter(torch.ones(3, 2))
    fill(layer, Order((0, 1), frozenset()))
    fill(own, Order((0,), frozenset({0})))
    assert torch.equal(layer.weight, own.weight.T)


def test_statistics_of_a_norm_are_filled_and_its_variances_positive():
    norm = nn.BatchNorm1d(50)
    fill(norm, Order(tuple(range(len(tensors_of(norm)))), frozenset()))
    assert norm.running_mean is not None
    assert norm.running_var is not None
    assert 0 < norm.running_var.min() < norm.running_var.max()
    assert norm.running_mean.min() < norm.running_mean.max()


def test_any_other_buffer_stays_as_it_is():
    network = nn.Module()
    network.register_buffer("mask", torch.ones(4))
    fill(network, Order((0,), frozenset()))
    assert torch.equal(torch.ones(4), network.mask)


def test_numbers_are_the_same_each_time_and_keep_the_variance_of_what_passes():
    numbers = numbers_for("parameter", (200, 100), 1)
    assert torch.equal(numbers, numbers_for("parameter", (200, 100), 1))
    assert 0.9 < (numbers.std() * 100**0.5) / 2**0.5 < 1.1


def test_numbers_come_back_as_they_were():
    layer = nn.Linear(3, 2)
    before = layer.weight.clone()
    copies = saved(layer)
    fill(layer, Order((0, 1), frozenset()))
    restore(copies)
    assert torch.equal(before, layer.weight)


def test_the_mode_is_set_past_the_methods_of_a_class():
    class Net(nn.Module):
        def train(self, mode: bool = True) -> Net:
            raise RuntimeError

    network = Net()
    set_training(network, training=False)
    assert not network.training


def test_layers_in_a_plain_list_are_not_registered():
    network = nn.Module()
    network.layers = [nn.Linear(3, 2)]
    assert unregistered(network)


def test_a_list_of_layers_that_are_registered_as_well_is_no_fault():
    network = nn.Module()
    network.first = nn.Linear(3, 2)
    network.layers = [network.first, nn.ReLU()]
    assert not unregistered(network)


def test_a_weight_that_is_no_parameter_is_not_registered():
    network = nn.Module()
    network.weight = torch.ones(3, requires_grad=True)
    assert unregistered(network)
