"""The check `graph`: an autograd graph that was drawn. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from grader.assignment import Exercise
from grader.checks.finding import Candidate, candidates
from grader.checks.outcome import Message, Outcome, message
from grader.checks.value import nothing_found
from grader.expectation import Expectation, graph_node
from grader.graphs import operations
from grader.trace import BASE, Graph, Trace

LOOK_IN = ("graph", "value", "shown")


def graphs(trace: Trace, leave_out: Collection[int]) -> Iterator[tuple[Candidate, Graph]]:
    """The graphs of a submission. One made by hand, with no autograd behind it, is not among them."""
    for candidate in candidates(trace.base, LOOK_IN, leave_out):
        if isinstance(candidate.value, Graph):
            yield candidate, candidate.value


def check_graph(exercise: Exercise, trace: Trace, expectation: Expectation) -> Outcome:
    """Whether the notebook drew the reference's graph, as a whole or below further nodes."""
    for candidate, graph in graphs(trace, ()):
        credit = expectation.matches(graph, BASE)
        if credit > 0:
            return Outcome("passed" if credit >= 1 else "partial", _passed(graph, expectation), credit, candidate)
    drawn = list(graphs(trace, trace.handout_cells()))
    if not drawn:
        nothing = nothing_found(trace, exercise)
        return nothing if nothing.status == "not_run" else Outcome("missing", message("graph.missing"))
    candidate, graph = max(drawn, key=lambda one: len(one[1].labels))
    return Outcome("failed", _difference(graph, expectation), found=candidate)


def _passed(graph: Graph, expectation: Expectation) -> Message:
    nodes = [graph_node(graph, expected) for expected in expectation.graphs(BASE)]
    if 0 in nodes or not nodes:
        return message("graph.passed")
    return message("graph.passed-below", operation=_operation(graph.labels[0]))


def _difference(graph: Graph, expectation: Expectation) -> Message:
    """What differs, in the field's words: the operation whose count is furthest off."""
    if not graph.labels:
        return message("graph.no-gradient")
    expected = expectation.graphs(BASE)
    if not expected:
        return message("graph.shape-differs")
    own, wanted = operations(graph), operations(expected[0])
    operation = max(sorted(own.keys() | wanted.keys()), key=lambda name: abs(own[name] - wanted[name]))
    if own[operation] == wanted[operation]:
        return message("graph.shape-differs")
    return message("graph.differs", operation=operation, found=own[operation], expected=wanted[operation])


def _operation(label: str) -> str:
    return label.rstrip("0123456789").removesuffix("Backward")
