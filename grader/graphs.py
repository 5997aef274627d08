"""Autograd graphs compared: which operations, joined how, with parameters of which shapes.

Two nodes have the same hash when their operation is the same and the nodes below them have the same hashes: a
Weisfeiler-Lehman labelling, which on a graph without cycles needs a single pass from the leaves up (Shervashidze et
al., "Weisfeiler-Lehman Graph Kernels", JMLR 12, 2011). Inputs are compared as a multiset, so that `a + b` equals
`b + a`.
"""

from __future__ import annotations

import hashlib
from collections import Counter

from grader.trace import Graph


def node_hashes(graph: Graph) -> tuple[str, ...]:
    """The hash of each node, with everything below it.

    The input's own leaf and other leaves that are no parameters are left out where the graph has parameters: an
    image that asks for its gradient changes nothing. A cycle, which autograd never makes, gives no hashes.
    """
    below = _inputs(graph)
    hashes: dict[int, str] = {}
    for node in _from_the_leaves_up(below):
        label = graph.labels[node] + "|" + ",".join(sorted(hashes[child] for child in below[node]))
        hashes[node] = hashlib.blake2b(label.encode(), digest_size=16).hexdigest()
    return tuple(hashes.get(node, "") for node in range(len(graph.labels)))


def _inputs(graph: Graph) -> list[list[int]]:
    has_parameters = any(label.startswith("parameter(") for label in graph.labels)
    below: list[list[int]] = [[] for _ in graph.labels]
    for node, child in graph.edges:
        if not (has_parameters and graph.labels[child].startswith("leaf(")):
            below[node].append(child)
    return below


def _from_the_leaves_up(below: list[list[int]]) -> list[int]:
    waiting = [len(set(children)) for children in below]
    above: list[list[int]] = [[] for _ in below]
    for node, children in enumerate(below):
        for child in set(children):
            above[child].append(node)
    order = [node for node, count in enumerate(waiting) if count == 0]
    for node in order:
        for parent in above[node]:
            waiting[parent] -= 1
            if waiting[parent] == 0:
                order.append(parent)
    return order


def size_below(graph: Graph, node: int) -> int:
    """How many nodes are reached from a node, itself included."""
    below = _inputs(graph)
    seen = {node}
    todo = [node]
    while todo:
        for child in below[todo.pop()]:
            if child not in seen:
                seen.add(child)
                todo.append(child)
    return len(seen)


def operations(graph: Graph) -> Counter[str]:
    """How often each operation occurs below the root: `{"Convolution": 20, …}`."""
    return Counter(
        label.rstrip("0123456789").removesuffix("Backward")
        for label in graph.labels
        if not label.startswith(("parameter(", "leaf("))
    )
