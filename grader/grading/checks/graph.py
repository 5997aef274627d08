"""The check `graph`: an autograd graph that was drawn. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from grader.assignment import Exercise
from grader.grading.checks.outcome import Message, Outcome, message
from grader.grading.checks.value import nothing_found
from grader.grading.expectation import Expectation
from grader.grading.graphs import operation, operations, whole_below
from grader.grading.search import Candidate, Values
from grader.trace import BASE, Graph

LOOK_IN = ("graph", "value", "shown")


def graphs(values: Values) -> Iterator[tuple[Candidate, Graph]]:
    """The graphs of a submission. One made by hand, with no autograd behind it, is not among them."""
    for candidate in values.of(BASE, LOOK_IN):
        if isinstance(candidate.value, Graph):
            yield candidate, candidate.value


def check_graph(exercise: Exercise, values: Values, expectation: Expectation) -> Outcome:
    """Whether the notebook drew the reference's graph, as a whole or below further nodes."""
    for candidate, graph in graphs(values):
        credit = expectation.matches(graph, BASE)
        if credit > 0:
            return Outcome(
                "passed" if credit >= 1 else "partial",
                _passed(graph, expectation),
                credit,
                candidate,
            )
    handout = values.trace.handout_cells()
    drawn = [
        (candidate, graph)
        for candidate, graph in graphs(values)
        if candidate.place.cell not in handout
    ]
    if not drawn:
        nothing = nothing_found(values.trace, exercise)
        return (
            nothing if nothing.status == "not_run" else Outcome("missing", message("graph.missing"))
        )
    candidate, graph = max(drawn, key=lambda one: len(one[1].labels))
    return Outcome("failed", _difference(graph, expectation), found=candidate)


def _passed(graph: Graph, expectation: Expectation) -> Message:
    nodes = [whole_below(graph, expected) for expected in expectation.graphs(BASE)]
    if 0 in nodes or not nodes:
        return message("graph.passed")
    return message("graph.passed-below", operation=operation(graph.labels[0]))


def _difference(graph: Graph, expectation: Expectation) -> Message:
    """What differs, in the field's words: the operation whose count is furthest off."""
    if not graph.labels:
        return message("graph.no-gradient")
    expected = expectation.graphs(BASE)
    if not expected:
        return message("graph.shape-differs")
    own, wanted = operations(graph), operations(expected[0])
    if own == wanted:
        return message("graph.shape-differs")
    most = max(sorted(own.keys() | wanted.keys()), key=lambda name: abs(own[name] - wanted[name]))
    return message("graph.differs", operation=most, found=own[most], expected=wanted[most])
