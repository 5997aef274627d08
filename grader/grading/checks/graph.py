"""The check `graph`: an autograd graph that was drawn. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from grader.assignment import Exercise
from grader.grading.checks.base import AutomaticCheck, Context
from grader.grading.checks.outcome import Outcome, message, not_run
from grader.grading.expectation import Expectation
from grader.grading.graphs import operation, operations, whole_below
from grader.grading.points import status_for
from grader.grading.search import Candidate, Values
from grader.report import Message
from grader.trace import BASE, Graph, Value

LOOK_IN = ("graph", "value", "shown")


class GraphCheck(AutomaticCheck):
    """Decide whether the notebook drew the reference's graph, as a whole or below further nodes."""

    name = "graph"
    draws_graph = True

    def look_in(self, exercise: Exercise) -> Sequence[str]:
        """Look in what was drawn, kept or shown."""
        return LOOK_IN

    def decide(self, exercise: Exercise, context: Context) -> Outcome:
        """Take the first graph that agrees; else say how the largest one differs."""
        for candidate, graph in _graphs(context.values):
            credit = context.expectation.matches(graph, BASE)
            if credit > 0:
                status = status_for(credit)
                return Outcome(status, _passed(graph, context.expectation), credit, candidate)
        return _explain_failure(context)

    def lacks_answer(self, exercise: Exercise, context: Context) -> bool:
        """Tell whether no graph earns anything: known mistakes say nothing about one that earns a part."""
        return not self.decide(exercise, context).credit

    def proposes(self, value: Value) -> bool:
        """Propose the check for graphs that have nodes."""
        return isinstance(value, Graph) and bool(value.labels)


def _graphs(values: Values) -> Iterator[tuple[Candidate, Graph]]:
    """Give the graphs of a submission; one made by hand, with no autograd behind it, is not among them."""
    for candidate in values.of(BASE, LOOK_IN):
        if isinstance(candidate.value, Graph):
            yield candidate, candidate.value


def _explain_failure(context: Context) -> Outcome:
    handout = context.values.trace.handout_cells()
    drawn = [
        (candidate, graph)
        for candidate, graph in _graphs(context.values)
        if candidate.place.cell not in handout
    ]
    if not drawn:
        missing = Outcome("missing", message("graph.missing"))
        return not_run(context.values.trace) or missing

    candidate, largest = max(drawn, key=lambda pair: len(pair[1].labels))
    return Outcome("failed", _explain_difference(largest, context.expectation), found=candidate)


def _passed(graph: Graph, expectation: Expectation) -> Message:
    nodes = [whole_below(graph, expected) for expected in expectation.graphs(BASE)]
    if 0 in nodes or not nodes:
        return message("graph.passed")
    return message("graph.passed-below", operation=operation(graph.labels[0]))


def _explain_difference(graph: Graph, expectation: Expectation) -> Message:
    """Say what differs, in the field's words: the operation that is most often there too much or too little."""
    if not graph.labels:
        return message("graph.no-gradient")

    expected_graphs = expectation.graphs(BASE)
    if not expected_graphs:
        return message("graph.shape-differs")

    drawn = operations(graph)
    expected = operations(expected_graphs[0])
    if drawn == expected:
        return message("graph.shape-differs")

    names = sorted(drawn.keys() | expected.keys())
    name = max(names, key=lambda name: abs(drawn[name] - expected[name]))
    return message("graph.differs", operation=name, found=drawn[name], expected=expected[name])
