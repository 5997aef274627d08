"""Hold proposals for exercises, and the recorded results they are based on. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from grader.assignment import CheckName
from grader.authoring.drafting.candidates import AnswerCandidate
from grader.grading.agreement import Tolerance, agrees
from grader.grading.stability import Spread, Stability, spread_of
from grader.trace import Array, Event, Graph, Items, Number, Other, Run, Text, Value

FIGURE = "figure"
"""The text that marks of figures and axes give: see `kernel.probing.marks`."""

Entry = str | float | bool | tuple[str, ...]
"""Value in a list or an entry of a table."""

Field = Entry | Mapping[str, Entry]
"""Value of a field of `assignment.toml`."""


@dataclass(frozen=True)
class Proposal:
    """A way to decide an exercise."""

    check: CheckName
    fields: Mapping[str, Field] = field(default_factory=dict)
    """Fields of its table in `assignment.toml`, beside those that each exercise has."""
    marks: tuple[AnswerCandidate, ...] = ()
    """The answers that are marked in the reference."""
    value: Value | None = None
    """The first of them, as the notebook has it; None: it is no value."""
    probes: str = ""
    """Functions for `probes.py` that its expressions call."""
    is_other: bool = False
    """Whether it is only shown beside: a value on the way, which answers nothing by itself."""
    why: str = ""
    """If a person decides: the reason, as the end of a message id."""

    @property
    def expression(self) -> str:
        """The first marked answer; empty if there is none."""
        if not self.marks:
            return ""
        return self.marks[0].expression


@dataclass(frozen=True)
class Observed:
    """Recorded results of a solved notebook."""

    run: Run
    """The run as the notebook is."""
    samples: Mapping[AnswerCandidate, Sequence[Value]]
    """Values of each request in it, pass by pass; requests without a value are missing."""
    ways: Sequence[Mapping[AnswerCandidate, Value]] = ()
    """Last value of each request in a run with other seeds."""
    marked: Mapping[str, Value] = field(default_factory=dict)
    """Values that our own marks gave, by the id of their exercise."""
    at_end: Mapping[str, Sequence[Value]] = field(default_factory=dict)
    """Values of each trial at the end of its runs; trials that failed in some run are missing."""
    drawing: frozenset[int] = frozenset()
    """Indices of the cells that set a seed or draw random numbers."""
    failed: frozenset[int] = frozenset()
    """Indices of the cells that did not run to their end."""

    def value(self, request: AnswerCandidate) -> Value | None:
        """Return the last recorded value of a request; None if there is none."""
        samples = self.samples.get(request, ())
        if not samples:
            return None
        return samples[-1]

    def spread(self, request: AnswerCandidate) -> Spread:
        """Measure how a request's value varies with seeds."""
        values = self.all_values(request)
        if len(values) <= len(self.ways):  # some run has none
            return Spread("free")
        return spread_of(values, Tolerance())

    def stability(self, request: AnswerCandidate) -> Stability:
        """Return whether a request's value is fixed, settled or free under other seeds."""
        return self.spread(request).stability

    def all_values(self, request: AnswerCandidate) -> list[Value]:
        """List the last recorded value of a request in each run that has one."""
        runs = [way.get(request) for way in self.ways]
        values = [self.value(request), *runs]
        return [value for value in values if value is not None]

    def tried(self, trial: str) -> Sequence[Value]:
        """Return the results of a trial by run, beginning with the unchanged notebook."""
        return self.at_end.get(trial, ())

    def figures(self, cells: Sequence[int]) -> list[Event]:
        """List the figures that some cells drew."""
        figures = []
        for event in self.run.events:
            if event.kind == "figure" and event.cell in cells:
                figures.append(event)
        return figures


def is_alike(value: Value, expected: Value) -> bool:
    """Return whether two values agree within the default tolerance."""
    return agrees(value, expected, Tolerance())


def is_comparable(value: Value | None) -> bool:
    """Return whether a check can compare a value with a student's."""
    match value:
        case None | Other() | Graph():
            return False
        case Number() | Array():
            return is_finite(value)
        case Text(value=text):
            return text != FIGURE
        case Items(entries=entries):
            return bool(entries) and all(map(is_comparable, entries))
    return value.kind != "module"


def is_finite(value: Number | Array) -> bool:
    """Return whether all known numbers of a value are finite."""
    if isinstance(value, Number):
        return math.isfinite(value.value)
    if not value.elements:
        return False
    if any(value.summary[:2]):  # how many NaN and infinities a larger one has
        return False
    return all(map(math.isfinite, value.elements))
