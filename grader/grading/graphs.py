"""Compare autograd graphs: which operations, joined how, with parameters of which shapes. Pure.

Two nodes have the same hash when their operation is the same and the nodes below them have the same hashes: a
Weisfeiler-Lehman labelling, which on a graph without cycles needs a single pass from the leaves up (Shervashidze et
al., "Weisfeiler-Lehman Graph Kernels", JMLR 12, 2011). Inputs are compared as a multiset, so that `a + b` equals
`b + a`.
"""

from __future__ import annotations

import functools
import hashlib
from collections import Counter

from grader.trace import Graph

PARAMETER = "parameter("
LEAF = "leaf("
MAX_OPERATION = 80
"""Most characters of a node's label that are read."""


def whole_below(graph: Graph, expected: Graph) -> int | None:
    """Find the node of a graph below which another lies whole, the root first; None if there is no such node.

    Where a graph has parameters, leaves that are no parameters are left out: an image that asks for its gradient
    changes nothing. A graph without nodes equals only another without nodes.
    """
    return node_like(graph, *digest(expected))


def digest(graph: Graph) -> tuple[str, int]:
    """Return the hash of a whole graph and the number of its nodes; empty and 0 for one without nodes."""
    if not graph.labels:
        return "", 0
    root_hash = _node_hashes(graph)[0]
    size = _size_below(_inputs(graph), 0, len(graph.labels))
    return root_hash, size


def node_like(graph: Graph, root_hash: str, size: int) -> int | None:
    """Find the node of a graph below which the graph with a digest lies whole; see `whole_below`."""
    if not size or not graph.labels:
        both_empty = not size and not graph.labels
        return 0 if both_empty else None

    hashes = enumerate(_node_hashes(graph))
    alike = [node for node, node_hash in hashes if node_hash and node_hash == root_hash]
    if not alike:
        return None

    inputs = _inputs(graph)
    for node in alike:
        if _size_below(inputs, node, size) == size:
            return node
    return None


@functools.lru_cache(maxsize=16)
def _node_hashes(graph: Graph) -> tuple[str, ...]:
    """Return the hash of each node, with everything below it; empty for a node above a cycle.

    Autograd never makes a cycle. The hashes are cached, since a student's graph is compared with the reference's and
    with those of many mistakes.
    """
    inputs = _inputs(graph)
    hashes: dict[int, str] = {}
    for node in _from_the_leaves_up(inputs):
        below = sorted(hashes[child] for child in inputs[node])
        label = graph.labels[node] + "|" + ",".join(below)
        hashes[node] = hashlib.blake2b(label.encode(), digest_size=16).hexdigest()
    return tuple(hashes.get(node, "") for node in range(len(graph.labels)))


def _inputs(graph: Graph) -> list[list[int]]:
    """Return the inputs of each node.

    SECURITY: a trace is a claim; an edge to a node that is not there is passed over.
    """
    labels = graph.labels
    nodes = range(len(labels))
    has_parameters = any(label.startswith(PARAMETER) for label in labels)

    inputs: list[list[int]] = [[] for _ in nodes]
    for node, child in graph.edges:
        if node not in nodes or child not in nodes:
            continue
        if has_parameters and labels[child].startswith(LEAF):
            continue
        inputs[node].append(child)
    return inputs


def _from_the_leaves_up(inputs: list[list[int]]) -> list[int]:
    """Order the nodes so that each comes after its inputs; nodes above a cycle are left out."""
    waiting_for = [len(set(children)) for children in inputs]
    parents: list[list[int]] = [[] for _ in inputs]
    for node, children in enumerate(inputs):
        for child in set(children):
            parents[child].append(node)

    order = [node for node, count in enumerate(waiting_for) if count == 0]
    for node in order:
        for parent in parents[node]:
            waiting_for[parent] -= 1
            if waiting_for[parent] == 0:
                order.append(parent)
    return order


def _size_below(inputs: list[list[int]], node: int, most: int) -> int:
    """Count the nodes that are reached from a node, itself included, no further than just beyond `most`.

    Nodes of equal hashes may have different sizes: an input used twice, or two equal inputs.
    """
    reached = {node}
    waiting = [node]
    while waiting and len(reached) <= most:
        for child in inputs[waiting.pop()]:
            if child not in reached:
                reached.add(child)
                waiting.append(child)
    return len(reached)


def operations(graph: Graph) -> Counter[str]:
    """Count the operations of a graph: `{"Convolution": 20, …}`."""
    labels = [label for label in graph.labels if not label.startswith((PARAMETER, LEAF))]
    return Counter(map(operation, labels))


def operation(label: str) -> str:
    """Return the operation that a node's label names: `Convolution` of `ConvolutionBackward0`."""
    return label[:MAX_OPERATION].rstrip("0123456789").removesuffix("Backward")
