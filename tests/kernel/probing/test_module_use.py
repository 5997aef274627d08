"""What a network does while its `forward` runs."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from grader.kernel.probing.module_filling import tensors_of
from grader.kernel.probing.module_use import Use, plain_name, watched


def use_of(network: nn.Module, *inputs: torch.Tensor) -> Use:
    with watched(network, tensors_of(network)) as use:
        network(*inputs)
    return use


class Reads(nn.Module):
    """Does something with a matrix of its own."""

    def __init__(self, read: str) -> None:
        super().__init__()
        self.first = nn.Parameter(torch.ones(2))
        self.w = nn.Parameter(torch.ones(3, 2))
        self._read = read

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        result: torch.Tensor = eval(self._read, {"x": x, "w": self.w, "torch": torch})
        return result


@pytest.mark.parametrize(
    ("layer", "step"),
    [
        (nn.Linear(3, 3), "linear"),
        (nn.ReLU(), "ReLU"),
        (nn.LogSoftmax(dim=1), "log-softmax"),
        (nn.Dropout(), "dropout"),
        (nn.LayerNorm(3), "layer norm"),
        (nn.GRUCell(3, 2), "gru"),
    ],
)
def test_a_layer_is_a_step(layer, step):
    assert [step] == use_of(layer, torch.ones(2, 3)).steps


@pytest.mark.parametrize(
    ("read", "steps"),
    [
        ("x @ w", ["linear"]),
        ("torch.einsum('bi,io->bo', x, w)", ["linear"]),
        ("x @ x.T", []),
        ("x.clamp(min=0)", ["ReLU"]),
        ("x.clamp(min=1)", []),
        ("torch.maximum(x, torch.zeros(()))", ["ReLU"]),
        ("x.max(0).values", []),
        ("x.reshape(-1)", ["flatten"]),
        ("x.reshape(3, 2)", []),
    ],
)
def test_what_is_written_out_is_a_step_too(read, steps):
    assert steps == use_of(Reads(read), torch.ones(2, 3)).steps


@pytest.mark.parametrize(
    ("read", "is_on_the_right"),
    [("x @ w", True), ("torch.matmul(x, w)", True), ("w.T @ x.T", False), ("x @ w.t().t()", False)],
)
def test_a_weight_on_the_right_of_a_product_has_its_inputs_first(read, is_on_the_right):
    network = Reads(read)
    assert is_on_the_right == (id(network.w) in use_of(network, torch.ones(2, 3)).on_the_right)


def test_to_look_at_a_shape_is_no_use():
    network = Reads("(w.shape, w.is_floating_point(), x)[2]")
    assert [] == use_of(network, torch.ones(2, 3)).order


@pytest.mark.parametrize(
    ("network", "layer", "has"),
    [
        (nn.Dropout(), "Dropout", True),
        (nn.AlphaDropout(), "Dropout", False),
        (nn.BatchNorm1d(3), "BatchNorm1d", True),
        (nn.BatchNorm1d(3), "BatchNorm2d", False),
        (
            Reads("torch.nn.functional.batch_norm(x, None, None, training=True)"),
            "BatchNorm2d",
            True,
        ),
        (Reads("torch.relu(x)"), "ReLU", True),
        (Reads("torch.relu(x)"), "Sigmoid", False),
        (Reads("x.clamp(min=0)"), "ReLU", True),
        (nn.Sequential(nn.Tanh()), "Sequential", True),
    ],
)
def test_a_layer_is_used_as_a_module_or_as_a_function(network, layer, has):
    assert has == use_of(network, torch.ones(2, 3)).has(layer)


@pytest.mark.parametrize(
    ("layer", "function"),
    [("MaxPool2d", "max_pool2d"), ("BatchNorm2d", "batch_norm"), ("ReLU", "relu_")],
)
def test_a_layer_and_its_function_have_one_name(layer, function):
    assert plain_name(layer) == plain_name(function)
