"""When autograd graphs are the same."""

from __future__ import annotations

import pytest

from grader.grading.graphs import operation, operations, whole_below
from tests.support.traces import graph

CONVOLUTION, LINEAR, RELU, SUM = (
    "ConvolutionBackward0",
    "AddmmBackward0",
    "ReluBackward0",
    "SumBackward0",
)
WEIGHT, OTHER_WEIGHT, INPUT = (
    "parameter(64, 3, 7, 7)",
    "parameter(64, 3, 3, 3)",
    "leaf(1, 3, 224, 224)",
)

NETWORK = graph(RELU, CONVOLUTION, WEIGHT, edges=[(0, 1), (1, 2)])


def test_a_graph_equals_itself():
    assert whole_below(NETWORK, NETWORK) == 0


def test_the_numbering_of_the_nodes_does_not_matter():
    assert whole_below(graph(RELU, WEIGHT, CONVOLUTION, edges=[(0, 2), (2, 1)]), NETWORK) == 0


def test_the_order_of_inputs_does_not_matter():
    one = graph("AddBackward0", RELU, SUM, edges=[(0, 1), (0, 2)])
    other = graph("AddBackward0", RELU, SUM, edges=[(0, 2), (0, 1)])
    assert whole_below(one, other) == 0


def test_the_shape_of_a_parameter_matters():
    assert (
        whole_below(graph(RELU, CONVOLUTION, OTHER_WEIGHT, edges=[(0, 1), (1, 2)]), NETWORK) is None
    )


def test_the_operation_matters():
    assert whole_below(graph(SUM, CONVOLUTION, WEIGHT, edges=[(0, 1), (1, 2)]), NETWORK) is None


def test_how_the_nodes_are_joined_matters():
    assert whole_below(graph(RELU, CONVOLUTION, WEIGHT, edges=[(0, 1), (0, 2)]), NETWORK) is None


def test_an_operation_used_twice_is_not_two_operations():
    shared = graph("AddBackward0", RELU, WEIGHT, edges=[(0, 1), (0, 1), (1, 2)])
    apart = graph(
        "AddBackward0", RELU, RELU, WEIGHT, WEIGHT, edges=[(0, 1), (0, 2), (1, 3), (2, 4)]
    )
    assert whole_below(shared, apart) is None
    assert whole_below(apart, shared) is None


@pytest.mark.parametrize("image", ["leaf(1, 3, 224, 224)", "leaf(2, 3, 64, 64)"])
def test_the_inputs_own_leaf_does_not_matter(image):
    asked = graph(RELU, CONVOLUTION, image, WEIGHT, edges=[(0, 1), (1, 2), (1, 3)])
    assert whole_below(asked, NETWORK) == 0


def test_a_leaf_matters_where_there_are_no_parameters():
    assert (
        whole_below(graph(SUM, "leaf(1,)", edges=[(0, 1)]), graph(SUM, "leaf(4,)", edges=[(0, 1)]))
        is None
    )


def test_a_graph_may_lie_whole_below_one_node():
    mean = graph("MeanBackward0", RELU, CONVOLUTION, WEIGHT, edges=[(0, 1), (1, 2), (2, 3)])
    assert whole_below(mean, NETWORK) == 1


def test_a_part_of_a_graph_is_not_the_whole():
    assert whole_below(graph(CONVOLUTION, WEIGHT, edges=[(0, 1)]), NETWORK) is None


def test_a_graph_without_nodes_equals_only_another_without_nodes():
    assert whole_below(graph(), graph()) == 0
    assert whole_below(graph(), NETWORK) is None
    assert whole_below(NETWORK, graph()) is None


# What autograd never makes


@pytest.mark.parametrize("edges", [[(0, 0)], [(0, 1), (1, 0)], [(0, 1), (1, 2), (2, 0)]])
def test_a_cycle_agrees_with_nothing_not_even_itself(edges):
    cyclic = graph(RELU, CONVOLUTION, WEIGHT, edges=edges)
    assert whole_below(cyclic, NETWORK) is None
    assert whole_below(cyclic, cyclic) is None


def test_a_cycle_elsewhere_does_not_hide_the_network():
    beside = graph(RELU, CONVOLUTION, WEIGHT, SUM, edges=[(0, 1), (1, 2), (3, 3)])
    assert whole_below(beside, NETWORK) == 0


@pytest.mark.parametrize("edge", [(0, 99), (99, 0), (-1, 0), (0, -1), (10**30, 0)])
def test_an_edge_to_a_node_that_is_not_there_is_passed_over(edge):
    assert whole_below(graph(RELU, CONVOLUTION, WEIGHT, edges=[(0, 1), (1, 2), edge]), NETWORK) == 0


def test_labels_may_be_empty():
    assert whole_below(graph("", "", edges=[(0, 1)]), NETWORK) is None


def test_a_chain_of_twenty_thousand_nodes_is_compared():
    count = 20_000
    chain = graph(*[RELU] * count, edges=[(node, node + 1) for node in range(count - 1)])
    assert whole_below(chain, chain) == 0
    assert whole_below(chain, graph(SUM)) is None


def test_twenty_thousand_graphs_that_only_look_right_are_told_apart():
    twice = graph("AddBackward0", RELU, edges=[(0, 1), (0, 1)])
    count = 6_000
    edges = [pair for n in range(count) for pair in ((3 * n, 3 * n + 1), (3 * n, 3 * n + 2))]
    assert whole_below(graph(*["AddBackward0", RELU, RELU] * count, edges=edges), twice) is None


# Operations


def test_operations_are_counted_without_parameters_and_leaves():
    counted = operations(graph(RELU, CONVOLUTION, CONVOLUTION, WEIGHT, INPUT))
    assert {"Relu": 1, "Convolution": 2} == dict(counted)


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("ConvolutionBackward0", "Convolution"),
        ("NativeBatchNormBackward0", "NativeBatchNorm"),
        ("", ""),
    ],
)
def test_an_operation_is_named_without_its_backward(label, name):
    assert operation(label) == name


def test_the_name_of_an_operation_is_never_long():
    assert len(operation("x" * 1_000_000)) == 80
