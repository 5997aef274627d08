"""What the check `graph` says of an exercise."""

from __future__ import annotations

import pytest

from grader.trace import CellRun
from tests.support.traces import (
    alternatives,
    decide,
    draws,
    exercise,
    expects,
    graph,
    run,
    sets,
    shows,
    trace,
)

CONVOLUTION, RELU, MEAN = "ConvolutionBackward0", "ReluBackward0", "MeanBackward0"
WEIGHT = "parameter(64, 3, 7, 7)"
NETWORK = graph(RELU, CONVOLUTION, WEIGHT, edges=[(0, 1), (1, 2)])
DEEPER = graph(RELU, CONVOLUTION, CONVOLUTION, WEIGHT, edges=[(0, 1), (1, 2), (2, 3)])
DRAWN = exercise("network", check="graph")


def outcome(submitted, expected=None):
    return decide(DRAWN, submitted, expected or expects(NETWORK))


def told(*events, **fields) -> tuple[str, str, dict]:
    found = outcome(trace(run(*events), **fields))
    return found.status, found.message.id, found.message.params


@pytest.mark.parametrize("event", [draws(NETWORK), sets("dot", NETWORK), shows(NETWORK)])
def test_a_graph_that_is_drawn_kept_or_shown_passes(event):
    assert ("passed", "graph.passed", {}) == told(event)


def test_the_right_graph_counts_whatever_else_was_drawn():
    assert ("passed", "graph.passed", {}) == told(draws(graph()), draws(DEEPER), draws(NETWORK))


def test_a_graph_below_another_operation_passes_with_a_note():
    mean = graph(MEAN, RELU, CONVOLUTION, WEIGHT, edges=[(0, 1), (1, 2), (2, 3)])
    assert ("passed", "graph.passed-below", {"operation": "Mean"}) == told(draws(mean))


def test_a_partial_alternative_earns_its_share():
    found = outcome(trace(run(draws(DEEPER))), alternatives((1.0, [NETWORK]), (0.5, [DEEPER])))
    assert ("partial", 0.5) == (found.status, found.credit)


def test_another_network_is_told_apart_by_the_operation_furthest_off():
    params = {"operation": "Convolution", "found": 2, "expected": 1}
    assert ("failed", "graph.differs", params) == told(draws(DEEPER))


def test_a_network_of_the_same_operations_differs_in_its_shape():
    assert ("failed", "graph.shape-differs", {}) == told(
        draws(graph(RELU, CONVOLUTION, edges=[(0, 1)]))
    )


def test_a_graph_of_leaves_alone_differs():
    leaves = graph("leaf(4,)")
    assert "failed" == told(draws(leaves))[0]
    assert (
        "graph.shape-differs"
        == outcome(trace(run(draws(leaves))), expects(graph("leaf(1,)"))).message.id
    )


def test_a_graph_without_gradients_is_said_so():
    assert ("failed", "graph.no-gradient", {}) == told(draws(graph()))


def test_the_largest_of_the_wrong_graphs_is_spoken_of():
    assert "graph.differs" == told(draws(graph()), draws(DEEPER))[1]


def test_where_nothing_was_drawn_the_graph_is_missing():
    assert ("missing", "graph.missing", {}) == told(sets("a", 1.0))


def test_a_drawing_made_by_hand_is_no_graph():
    assert ("missing", "graph.missing", {}) == told(sets("dot", "digraph { a -> b }"))


def test_the_handouts_own_graph_is_no_try():
    assert ("missing", "graph.missing", {}) == told(draws(DEEPER), handout=[0])


def test_where_the_kernel_ended_before_the_graph_was_not_run():
    found = outcome(trace(run(ended=[CellRun(cell=1, status="died")])))
    assert ("not_run", {"cell": 1}) == (found.status, found.message.params)


def test_a_graph_needs_no_variants():
    assert "passed" == outcome(trace(run(draws(NETWORK)), run(label="variant-1"))).status


@pytest.mark.parametrize("edges", [[(0, 1), (1, 0)], [(0, 0)], [(5, 9)], [(-1, 0)]])
def test_a_forged_graph_fails(edges):
    assert "failed" == told(draws(graph(RELU, CONVOLUTION, CONVOLUTION, edges=edges)))[0]


def test_a_graph_of_another_notebooks_cell_is_none():
    assert "missing" == told(draws(NETWORK, cell=-1))[0]


def test_a_long_label_makes_no_long_message():
    (_, _, params) = told(draws(graph(*["x" * 100_000] * 9)))
    assert len(params["operation"]) == 80
