"""The check `graph`: compare a drawn autograd graph. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from grader.assignment import Exercise
from grader.grading.checks.base import AutomaticCheck, Context
from grader.grading.checks.outcome import Outcome, message, not_run
from grader.grading.expectation import Expectation
from grader.grading.graphs import operation, operations, whole_below
from grader.grading.points import status_for
from grader.grading.search import Candidate, Values
from grader.grading.several_answers import Offered, drawn_together
from grader.report import Message
from grader.trace import BASE, CodeCell, Graph, Value

DRAWN = ("graph",)
LOOK_IN = ("graph", "value", "shown")


class GraphCheck(AutomaticCheck):
    """Decide whether the notebook drew the reference's graph, possibly below further nodes."""

    name = "graph"
    draws_graph = True

    def look_in(self, exercise: Exercise) -> Sequence[str]:
        """Look in values that were drawn, kept or shown."""
        return LOOK_IN

    def decide(self, exercise: Exercise, context: Context) -> Outcome:
        """Accept the first graph that agrees; else explain how the largest one differs."""
        for drawn in _graphs(context.values):
            graph = drawn.graph
            credit = context.expectation.matches(graph, BASE)
            if credit > 0:
                status = status_for(credit)
                why = _passed(graph, context.expectation)
                return Outcome(status, why, credit, drawn.candidate)
        return _explain_failure(context)

    def lacks_answer(self, exercise: Exercise, context: Context) -> bool:
        """Return whether no graph earns points.

        Known mistakes say nothing about a graph that earns a part.
        """
        return not self.decide(exercise, context).credit

    def offered_with(
        self, answer: Candidate, values: Values, cells: Iterable[CodeCell]
    ) -> Offered | None:
        """Return all graphs that the student's own code draws."""
        return drawn_together(values.of(BASE, DRAWN), cells)

    def proposes(self, value: Value) -> bool:
        """Propose the check for graphs that have nodes."""
        return isinstance(value, Graph) and bool(value.labels)


@dataclass(frozen=True)
class _DrawnGraph:
    """A graph of the submission, and its place."""

    candidate: Candidate
    graph: Graph

    @property
    def size(self) -> int:
        """Number of its nodes."""
        return len(self.graph.labels)


def _graphs(values: Values) -> Iterator[_DrawnGraph]:
    """Yield the graphs of a submission.

    One made by hand, with no autograd behind it, is not among them.
    """
    for candidate in values.of(BASE, LOOK_IN):
        if isinstance(candidate.value, Graph):
            yield _DrawnGraph(candidate, candidate.value)


def _explain_failure(context: Context) -> Outcome:
    trace = context.values.trace
    handout = trace.handout_cells()
    largest: _DrawnGraph | None = None
    for drawn in _graphs(context.values):
        if drawn.candidate.place.cell in handout:
            continue
        if largest is None or drawn.size > largest.size:
            largest = drawn

    if largest is None:
        missing = Outcome("missing", message("graph.missing"))
        return not_run(trace) or missing
    why = _explain_difference(largest.graph, context.expectation)
    return Outcome("failed", why, found=largest.candidate)


def _passed(graph: Graph, expectation: Expectation) -> Message:
    expected_graphs = expectation.graphs(BASE)
    nodes = [whole_below(graph, expected) for expected in expected_graphs]
    if 0 in nodes or not nodes:
        return message("graph.passed")
    root = operation(graph.labels[0])
    return message("graph.passed-below", operation=root)


def _explain_difference(graph: Graph, expectation: Expectation) -> Message:
    """Name the operation with the largest difference in number."""
    if not graph.labels:
        return message("graph.no-gradient")

    expected_graphs = expectation.graphs(BASE)
    if not expected_graphs:
        return message("graph.shape-differs")

    drawn = operations(graph)
    expected = operations(expected_graphs[0])
    if drawn == expected:
        return message("graph.shape-differs")

    # The alphabet decides where several counts are off by as much.
    name = ""
    largest = 0
    for each in sorted(drawn | expected):
        difference = abs(drawn[each] - expected[each])
        if difference > largest:
            name = each
            largest = difference
    return message(
        "graph.differs",
        operation=name,
        found=drawn[name],
        expected=expected[name],
    )
