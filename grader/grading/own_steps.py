"""Find the values that a student's own gradient step computed, right or wrong. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from grader.grading.knowledge import Given
from grader.grading.search import Candidate
from grader.notebook.steps import Steps
from grader.trace import Event, Trace

Site = tuple[int, int, str, str]
"""A statement, and the kind of its events."""


def own_steps(trace: Trace, candidates: Iterable[Candidate], weight: str) -> Iterator[Candidate]:
    """Yield the values of a student's own gradient steps, in the order of the run.

    A statement that ran several times is left out: a loop that tries one value after another shows
    none of them as the student's answer.

    Args:
        trace: the run.
        candidates: values that the student computed.
        weight: the name that the assignment has for the weight.
    """
    sources = [cell.source for cell in trace.cells]
    steps = Steps(sources, weight)
    repeated = _repeated(trace)
    given_by: Event | None = None
    for candidate in candidates:
        event = candidate.event
        if event is given_by or event.turn == "last":
            continue
        if _site(event) in repeated:
            continue
        changed = steps.changed_by(event.source)
        if event.kind == "step" or candidate.place.path in changed:
            # The bias of a layer follows its weight, in the same event.
            given_by = event
            yield candidate


def last_that_moves(own_values: Sequence[Given]) -> list[Given]:
    """Return the last value that changes with the data; before the variants ran, all.

    A value that stays the same was typed in or is on a grid, so it is no gradient step.
    """
    ran_on_variants = any(len(given.values) > 1 for given in own_values)
    if not ran_on_variants:
        return list(own_values)

    moving = []
    for given in own_values:
        in_runs = {elements for _, elements in given.values}
        if len(in_runs) > 1:
            moving.append(given)
    return moving[-1:]


def _repeated(trace: Trace) -> set[Site]:
    """Return the statements that ran more than once on the original data."""
    later = [event for event in trace.own_events() if event.turn != "1"]
    return set(map(_site, later))


def _site(event: Event) -> Site:
    return (event.cell, event.line, event.scope, event.kind)
