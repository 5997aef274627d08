"""What a notebook captures as a CUDA graph is computed on the processor."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

from grader.kernel.gpu.graphs import replace_graphs
from tests.support.torch_state import torch_put_back


@pytest.fixture(autouse=True)
def graphs() -> Iterator[list[str]]:
    asked: list[str] = []
    with torch_put_back():
        replace_graphs(torch, lambda: asked.append("cuda"))
        yield asked


def captured(
    network: torch.nn.Module, x: torch.Tensor
) -> tuple[torch.cuda.CUDAGraph, torch.Tensor]:
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        y = network(x)
    return graph, y


def test_a_replay_computes_anew_from_what_its_inputs_hold():
    network = torch.nn.Linear(2, 1)
    x = torch.zeros(3, 2)
    graph, y = captured(network, x)
    x.copy_(torch.ones(3, 2))
    graph.replay()
    assert torch.equal(network(torch.ones(3, 2)), y)


def test_capturing_changes_nothing():
    total = torch.zeros(1)
    with torch.cuda.graph(torch.cuda.CUDAGraph()):
        total += 1
    assert 0 == total.item()


def test_each_replay_is_a_step_of_training():
    def trained(steps: int, *, graphed: bool) -> torch.Tensor:
        torch.manual_seed(0)
        network = torch.nn.Linear(2, 1)
        optimizer = torch.optim.SGD(network.parameters(), 0.1)
        x = torch.arange(6.0).reshape(3, 2)

        def step() -> None:
            optimizer.zero_grad(set_to_none=True)
            network(x).pow(2).mean().backward()
            optimizer.step()

        if not graphed:
            for _ in range(steps):
                step()
            return network.weight
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            step()
        for _ in range(steps):
            graph.replay()
        return network.weight

    assert torch.allclose(trained(3, graphed=False), trained(3, graphed=True))


def test_graphed_callables_are_the_callables(graphs):
    network = torch.nn.Linear(2, 1)
    assert torch.cuda.make_graphed_callables(network, (torch.ones(1, 2),)) is network
    assert ["cuda"] == graphs
