"""What is given to `torch.compile` runs as it is written, and is recorded."""

from __future__ import annotations

import copy
from collections.abc import Iterator

import pytest
import torch

from grader.kernel.portability import compiling
from tests.support.recording import Recording, at, of_kind
from tests.support.torch_state import torch_put_back


@pytest.fixture
def recording() -> Iterator[Recording]:
    """A notebook with torch."""
    with torch_put_back():
        made = Recording()
        compiling.install(made.recorder)
        made.run("import torch\nfrom torch import nn")
        yield made


@pytest.mark.parametrize(
    "decorator",
    [
        "torch.compile",
        "torch.compile()",
        "torch.compile(fullgraph=True, mode='max-autotune')",
        "torch.compile(backend='inductor', dynamic=True)",
        "torch.compile(backend='aot_eager')",
        "torch._dynamo.optimize('inductor')",
    ],
)
def test_the_values_in_a_compiled_function_are_recorded(recording, decorator):
    events = recording.run(
        f"""
        @{decorator}
        def mse(y_hat, y):
            errors = y_hat - y
            return (errors ** 2).mean()

        loss = mse(torch.tensor([1.0, 2.0]), torch.tensor([1.0, 4.0]))
        """
    )
    assert (0.0, -2.0) in at(events, "errors")
    assert 2.0 == recording.names["loss"].item()


def test_it_is_told_once(recording):
    recording.run("f = [torch.compile(lambda x: x) for _ in range(3)]")
    notes = [event.text for event in of_kind(recording.events(), "note")]
    assert ["compile torch.compile"] == notes


def test_a_compiled_network_has_the_parameters_and_names_that_torch_gives_it(recording):
    recording.run(
        """
        net = nn.Linear(2, 1)
        compiled = torch.compile(net)
        out = compiled(torch.ones(1, 2))
        """
    )
    net = recording.names["net"]
    compiled = recording.names["compiled"]
    assert ["_orig_mod.weight", "_orig_mod.bias"] == list(compiled.state_dict())
    assert compiled._orig_mod is net
    assert compiled.in_features == 2
    assert next(compiled.parameters()) is net.weight
    assert "AddmmBackward0" == recording.names["out"].grad_fn.name()
    assert (1, 1) == copy.deepcopy(compiled).eval()(torch.ones(1, 2)).shape


def test_a_network_compiled_in_place_runs(recording):
    recording.run("net = nn.Linear(2, 1)\nnet.compile()\nout = net(torch.ones(1, 2))")
    assert (1, 1) == recording.names["out"].shape


@pytest.mark.parametrize(
    "use",
    [
        "run = torch.compile(f, backend=own, fullgraph=True)",
        "run = torch.compile(backend=own, fullgraph=True)(f)",
        "run = torch.compile(Net(), backend=own, fullgraph=True)",
    ],
)
def test_a_compiler_of_the_notebooks_own_is_given_the_whole_function(recording, use):
    recording.run(
        """
        graphs = []

        def own(graph, _inputs):
            graphs.append(graph)
            return graph.forward

        def f(x):
            y = x * 2
            return y.sum()

        class Net(nn.Module):
            def forward(self, x):
                y = x * 2
                return y.sum()
        """
    )
    recording.run(f"{use}\nfirst = run(torch.ones(2))\nsecond = run(torch.ones(2))")
    assert (4.0, 4.0) == (recording.names["first"].item(), recording.names["second"].item())
    assert 1 == len(recording.names["graphs"])
