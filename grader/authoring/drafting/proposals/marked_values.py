"""Propose the check for an answer that our own marks name. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from grader.authoring.drafting.proposals import functions
from grader.authoring.drafting.proposals.base import Observed, Proposal, is_comparable
from grader.authoring.drafting.proposals.notebook_code import TaskCode
from grader.reference.markers import MARKER
from grader.trace import Graph


def marked_expressions(task: TaskCode) -> list[str]:
    """List the expressions that the marks of an exercise name."""
    expressions = []
    for index in task.task.cells:
        cell = task.code.cells[index]
        for line in cell.source.split("\n"):
            match = MARKER.match(line)
            if match is None or not match["grade"]:
                continue
            if match["id"] == task.task.name:
                expressions.append(match["value"].strip())
    return expressions


def propose(task: TaskCode, observed: Observed) -> Iterator[Proposal]:
    """Propose the check that fits the marked value; a function is called."""
    for expression in marked_expressions(task):
        placed = task.code.definitions.get(expression)
        if placed is None:
            continue
        for proposal in functions.propose_calls(task, placed, observed):
            yield replace(proposal, marks=())

    value = observed.marked.get(task.task.name)
    if isinstance(value, Graph):
        if value.labels:
            yield Proposal("graph", value=value)
    elif is_comparable(value):
        yield Proposal("value", value=value)
