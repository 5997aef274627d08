"""Hold what the grader knows of an assignment's answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from grader.grading.expectation import Expectation
from grader.grading.mistakes import (
    Expectations,
    LabelledExpectations,
    Mistakes,
    TextsById,
    WrongWay,
    single,
)
from grader.trace import VariedInput

Elements = tuple[float, ...]

ElementsByRun = tuple[tuple[str, Elements], ...]
"""Per run its label and the elements of a value."""


@dataclass(frozen=True)
class Given:
    """A value of a submission that an exercise is to start from, in place of the reference's."""

    exercise: str
    values: ElementsByRun


ExerciseSource = tuple[str, int]
"""The exercise that has a value as its answer, and how many elements the value has."""

Ways = tuple[WrongWay, ...]


@dataclass(frozen=True)
class Knowledge:
    """What the grader knows of an assignment's answers.

    SECURITY: it never enters a kernel that runs a submission.
    """

    expectations: Expectations
    right: Expectations
    """Per exercise, values that a right solution comes by: they give no mistake away."""
    mistakes: Mistakes = ()
    """Empty until a submission fails something: they only run then."""
    combinations: Ways = ()
    """Several mistakes together, of those that this submission may have made."""
    told: LabelledExpectations = field(default_factory=dict)
    """Values that an instructor is told; they earn nothing."""
    inputs: tuple[VariedInput, ...] = ()
    """The assignment's data."""
    depends: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Per exercise, the data that its answer depends on in the reference; all where it is not
    said."""
    accepted: TextsById = field(default_factory=dict)
    """Note on each accepted way, by its id and per language."""
    sources: Mapping[str, ExerciseSource] = field(default_factory=dict)
    """Per exercise that is given a value, where that value comes from."""
    sections: Mapping[str, str] = field(default_factory=dict)
    """Per exercise, the heading above its answer in the reference."""
    given: Mapping[Given, Expectation] = field(default_factory=dict)
    """What exercises give from this submission's own values."""

    @property
    def single_ways(self) -> Ways:
        """The mistakes, each by itself."""
        return tuple(map(single, self.mistakes))

    @property
    def ways(self) -> Ways:
        """The mistakes, alone and together."""
        return self.single_ways + self.combinations


Headings = Callable[[int], str]
"""Gives the heading above a cell."""
