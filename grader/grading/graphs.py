"""Compare autograd graphs: which operations, joined how, with parameters of which shapes. Pure.

Two nodes have the same hash when their operation is the same and the nodes below them have the
same hashes: a Weisfeiler-Lehman labelling, which on a graph without cycles needs a single pass
from the leaves up (Shervashidze et al., "Weisfeiler-Lehman Graph Kernels", JMLR 12, 2011). Inputs
are compared as a multiset, so that `a + b` equals `b + a`.
"""

from __future__ import annotations

import functools
import hashlib
from collections import Counter

from grader.trace import Graph

Inputs = list[list[int]]
"""The inputs of each node."""

PARAMETER = "parameter("
LEAF = "leaf("
MAX_OPERATION = 80
"""Most characters of a node's label that are read."""


def whole_below(graph: Graph, expected: Graph) -> int | None:
    """Find a node of a graph below which another graph is contained whole, beginning at the root.

    Where a graph has parameters, leaves that are no parameters are left out: an image that asks for
    its gradient changes nothing. A graph without nodes equals only another without nodes.

    Returns:
        The node; None if there is none.
    """
    root_hash, size = digest(expected)
    return node_like(graph, root_hash, size)


def digest(graph: Graph) -> tuple[str, int]:
    """Return a graph's hash and its number of nodes; empty and 0 for a graph without nodes."""
    count = len(graph.labels)
    if not count:
        return "", 0
    hashes = _node_hashes(graph)
    inputs = _inputs(graph)
    size = _size_below(inputs, 0, count)
    return hashes[0], size


def node_like(graph: Graph, root_hash: str, size: int) -> int | None:
    """Find the node below which the graph with a digest lies whole; see `whole_below`."""
    if not graph.labels:
        return None if size else 0
    hashes = _node_hashes(graph)
    if not root_hash or root_hash not in hashes:
        return None

    inputs = _inputs(graph)
    for node, node_hash in enumerate(hashes):
        if node_hash != root_hash:
            continue
        found_size = _size_below(inputs, node, size)
        if found_size == size:
            return node
    return None


@functools.lru_cache(maxsize=16)
def _node_hashes(graph: Graph) -> tuple[str, ...]:
    """Return the hash of each node, with everything below it; empty for a node above a cycle.

    Autograd never makes a cycle. The hashes are cached, since a student's graph is compared with
    the reference's and with those of many mistakes.
    """
    labels = graph.labels
    inputs = _inputs(graph)
    hashes = [""] * len(labels)
    for node in _from_the_leaves_up(inputs):
        children = inputs[node]
        below = sorted(hashes[child] for child in children)
        joined = ",".join(below)
        label = labels[node]
        hashes[node] = _hash(f"{label}|{joined}")
    return tuple(hashes)


def _hash(label: str) -> str:
    content = label.encode()
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def _inputs(graph: Graph) -> Inputs:
    """Return the inputs of each node.

    SECURITY: a trace is a claim; an edge to a node that is not there is passed over.
    """
    labels = graph.labels
    nodes = range(len(labels))
    has_parameters = any(label.startswith(PARAMETER) for label in labels)

    inputs: Inputs = [[] for _ in nodes]
    for node, child in graph.edges:
        if node not in nodes or child not in nodes:
            continue
        is_leaf = labels[child].startswith(LEAF)
        if not is_leaf or not has_parameters:
            inputs[node].append(child)
    return inputs


def _from_the_leaves_up(inputs: Inputs) -> list[int]:
    """Order the nodes so that each comes after its inputs; nodes above a cycle are left out."""
    waiting_for = []
    leaves = []
    parents: Inputs = [[] for _ in inputs]
    for node, children in enumerate(inputs):
        distinct = set(children)
        waiting_for.append(len(distinct))
        if not distinct:
            leaves.append(node)
        for child in distinct:
            parents[child].append(node)

    order = leaves
    for node in order:
        for parent in parents[node]:
            waiting_for[parent] -= 1
            if waiting_for[parent] == 0:
                order.append(parent)
    return order


def _size_below(inputs: Inputs, node: int, most: int) -> int:
    """Count the nodes that are reached from a node, itself included, until they are over `most`.

    Nodes of equal hashes may have different sizes: an input used twice, or two equal inputs.
    """
    reached = {node}
    waiting = [node]
    while waiting and len(reached) <= most:
        next_node = waiting.pop()
        new = set(inputs[next_node]) - reached
        reached |= new
        waiting += new
    return len(reached)


def operations(graph: Graph) -> Counter[str]:
    """Count the operations of a graph: `{"Convolution": 20, …}`."""
    count: Counter[str] = Counter()
    for label in graph.labels:
        if not label.startswith((PARAMETER, LEAF)):
            count[operation(label)] += 1
    return count


def operation(label: str) -> str:
    """Return the operation that a node's label names: `Convolution` of `ConvolutionBackward0`."""
    name = label[:MAX_OPERATION]
    without_number = name.rstrip("0123456789")
    return without_number.removesuffix("Backward")
