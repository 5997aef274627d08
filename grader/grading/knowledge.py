"""Hold what the grader knows of an assignment's answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from grader.grading.expectation import Expectation
from grader.grading.mistakes import KnownMistake, WrongWay, single
from grader.trace import VariedInput


@dataclass(frozen=True)
class Given:
    """A value of a submission that an exercise is to start from, in place of the reference's."""

    exercise: str
    values: tuple[tuple[str, tuple[float, ...]], ...]
    """Per run its label and the value's elements."""


@dataclass(frozen=True)
class Knowledge:
    """What the grader knows of an assignment's answers: it never enters a kernel that runs a submission."""

    expectations: Mapping[str, Expectation]
    right: Mapping[str, Expectation]
    """Per exercise, values that a right solution comes by on its way: they give no mistake away."""
    mistakes: tuple[KnownMistake, ...] = ()
    """Empty until a submission fails something: they only run then."""
    combinations: tuple[WrongWay, ...] = ()
    """Several mistakes together, of those that this submission may have made."""
    told: Mapping[str, Mapping[str, Expectation]] = field(default_factory=dict)
    """Per exercise, by their label, values that an instructor is told; they earn nothing."""
    inputs: tuple[VariedInput, ...] = ()
    """The assignment's data."""
    accepted: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Note on each accepted way, by its id and per language."""

    sources: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    """Per exercise that is given a value: the exercise that has it as its answer, and how many elements it has."""
    given: Mapping[Given, Expectation] = field(default_factory=dict)
    """What exercises give from this submission's own values."""

    @property
    def single_ways(self) -> tuple[WrongWay, ...]:
        """The mistakes, each by itself."""
        return tuple(single(mistake) for mistake in self.mistakes)

    @property
    def ways(self) -> tuple[WrongWay, ...]:
        """The mistakes, alone and together."""
        return self.single_ways + self.combinations


Headings = Callable[[int], str]
"""Gives the heading above a cell."""
