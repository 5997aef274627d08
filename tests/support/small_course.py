"""A course of a step, a loss and a graph, and submissions to it."""

from __future__ import annotations

from grader.grading.grade import evaluate
from grader.grading.search import Values
from grader.trace import Trace
from tests.support.traces import (
    VARIANTS,
    alternatives,
    assignment,
    draws,
    exercise,
    expects,
    graph,
    knowledge,
    mistake,
    run,
    sets,
    trace,
)

STEP, LOSS, NETWORK = (
    exercise("step", points=3),
    exercise("loss", needs=["step"]),
    exercise("net", check="graph"),
)
COURSE = assignment(STEP, LOSS, NETWORK, handout=["lr = 0.1"])
NET = graph("ReluBackward0", "parameter(64,)", edges=[(0, 1)])
RIGHT_STEP, RIGHT_LOSS = (3.8, 5.6, 4.9), (31.36, 84.64, 61.35)
SLOW_STEP, SLOW_LOSS = (1.28, 1.46, 1.39), (-6.74, -16.29, -12.33)
SLOW = mistake("slow", {"step": 0.5}, step=expects(*SLOW_STEP), loss=expects(*SLOW_LOSS))
LOSSES = alternatives((1.0, RIGHT_LOSS), (0.75, (45.36, 107.64, 80.93)))
KNOWN = knowledge(SLOW, step=expects(*RIGHT_STEP), loss=LOSSES, net=expects(NET))


def submitted(step=RIGHT_STEP, loss=RIGHT_LOSS, drawn=NET, **fields) -> Trace:
    """The step in cell 0, the loss in cell 1, the graph in cell 2."""
    runs = []
    for label, w, j in zip(("base", *VARIANTS), step, loss, strict=True):
        events = [
            sets("w", w, "x lr", cell=0, line=2),
            sets("d", j, "w x", cell=1),
            draws(drawn, cell=2),
        ]
        runs.append(run(*events, label=label))
    return trace(*runs, **fields)


def evaluated(made: Trace, known=KNOWN, course=COURSE):
    return evaluate(Values(made), course, known, lambda cell: f"heading of {cell}")


def graded(made: Trace, known=KNOWN):
    return {result.id: result for result in evaluated(made, known).results}


def credits_of(made: Trace, known=KNOWN) -> dict[str, float]:
    return {name: result.credit for name, result in graded(made, known).items()}
