"""Autograd graphs compared: which operations, joined how, with parameters of which shapes.

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


def whole_below(graph: Graph, expected: Graph) -> int | None:
    """The node of a graph below which another lies whole, the root first; None if there is no such node.

    The input's own leaf and other leaves that are no parameters are left out where a graph has parameters: an
    image that asks for its gradient changes nothing. A graph without nodes equals only another without nodes.
    """
    return node_like(graph, *digest(expected))


def digest(graph: Graph) -> tuple[str, int]:
    """The hash of a whole graph, and how many nodes it has: enough to recognise it by; empty and 0 of one without."""
    if not graph.labels:
        return "", 0
    return _node_hashes(graph)[0], _size_below(_inputs(graph), 0, len(graph.labels))


def node_like(graph: Graph, wanted: str, size: int) -> int | None:
    """The node of a graph below which another lies whole, given that one's digest; see `whole_below`."""
    if not size or not graph.labels:
        return 0 if bool(size) == bool(graph.labels) else None
    alike = [node for node, found in enumerate(_node_hashes(graph)) if found and found == wanted]
    below = _inputs(graph) if alike else []
    return next((node for node in alike if _size_below(below, node, size) == size), None)


@functools.lru_cache(maxsize=16)
def _node_hashes(graph: Graph) -> tuple[str, ...]:
    """The hash of each node, with everything below it; empty for a node above a cycle, which autograd never makes.

    Remembered, since a student's graph is compared with the reference's and with those of many mistakes.
    """
    below = _inputs(graph)
    hashes: dict[int, str] = {}
    for node in _from_the_leaves_up(below):
        label = graph.labels[node] + "|" + ",".join(sorted(hashes[child] for child in below[node]))
        hashes[node] = hashlib.blake2b(label.encode(), digest_size=16).hexdigest()
    return tuple(hashes.get(node, "") for node in range(len(graph.labels)))


def _inputs(graph: Graph) -> list[list[int]]:
    """The inputs of each node. SECURITY: a trace is a claim; an edge to a node that is not there is passed over."""
    nodes = range(len(graph.labels))
    has_parameters = any(label.startswith("parameter(") for label in graph.labels)
    below: list[list[int]] = [[] for _ in nodes]
    for node, child in graph.edges:
        if (
            node in nodes
            and child in nodes
            and not (has_parameters and graph.labels[child].startswith("leaf("))
        ):
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


def _size_below(below: list[list[int]], node: int, most: int) -> int:
    """How many nodes are reached from a node, itself included; counted no further than just beyond `most`.

    Nodes of equal hashes may have different sizes: an input used twice, or two equal inputs.
    """
    seen = {node}
    todo = [node]
    while todo and len(seen) <= most:
        for child in below[todo.pop()]:
            if child not in seen:
                seen.add(child)
                todo.append(child)
    return len(seen)


def operations(graph: Graph) -> Counter[str]:
    """How often each operation occurs: `{"Convolution": 20, …}`."""
    return Counter(
        operation(label) for label in graph.labels if not label.startswith(("parameter(", "leaf("))
    )


def operation(label: str) -> str:
    """The operation that a node's label names: `Convolution` of `ConvolutionBackward0`."""
    return label[:80].rstrip("0123456789").removesuffix("Backward")
