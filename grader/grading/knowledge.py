"""Hold the expected answers of an assignment."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from grader.grading.expectation import Expectation
from grader.grading.marked_answers import MarkedAnswer
from grader.grading.mistakes import (
    Expectations,
    LabelledExpectations,
    Mistakes,
    TextsById,
    WrongWay,
    single,
)
from grader.job import VariedInput

Elements = tuple[float, ...]

ElementsByRun = tuple[tuple[str, Elements], ...]
"""Per run its label and the elements of a value."""


@dataclass(frozen=True)
class Given:
    """A value of the student's that an exercise starts from, in place of the reference's."""

    exercise: str
    values: ElementsByRun
    line: str = field(default="", compare=False)
    """The line that gave the value."""


@dataclass(frozen=True)
class SeededAnswer:
    """An exercise's answer with the seeds that a submission sets."""

    expectation: Expectation
    draws: int = 0
    """How many more random numbers are drawn than in the reference."""


ExerciseSource = tuple[str, int]
"""The exercise that has a value as its answer, and how many elements the value has."""

Ways = tuple[WrongWay, ...]


@dataclass(frozen=True)
class Knowledge:
    """The expected answers of an assignment.

    SECURITY: they never enters a kernel that runs a submission.
    """

    expectations: Expectations
    right: Expectations
    """Per exercise, values that right solutions also compute: they are no evidence of a mistake."""
    mistakes: Mistakes = ()
    """Empty until a submission fails something: they only run then."""
    combinations: Ways = ()
    """Several mistakes together, of those that this submission may have made."""
    told: LabelledExpectations = field(default_factory=dict)
    """Values shown to the instructor; they earn nothing."""
    inputs: tuple[VariedInput, ...] = ()
    """The assignment's data."""
    depends: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Per exercise, the data that its answer depends on in the reference; all data for missing
    exercises.
    """
    accepted: TextsById = field(default_factory=dict)
    """Note on each accepted way, by its id and per language."""
    sources: Mapping[str, ExerciseSource] = field(default_factory=dict)
    """Per exercise that is given a value, where that value comes from."""
    sections: Mapping[str, str] = field(default_factory=dict)
    """Per exercise, the heading above its answer in the reference."""
    marked: Mapping[str, MarkedAnswer] = field(default_factory=dict)
    """Per exercise, where and under which name the reference answers it."""
    practised: bool = False
    """Whether practice numbers replace the data: then each answer has to follow them."""
    given: Mapping[Given, Expectation] = field(default_factory=dict)
    """Answers of exercises that start from this submission's own values."""
    unfixed: frozenset[str] = frozenset()
    """Exercises with an answer that hangs on seeds, or on how many random numbers are drawn."""
    seeded: Mapping[str, Sequence[SeededAnswer]] = field(default_factory=dict)
    """Answers with the seeds that this submission sets."""
    seeds_tried: bool = True
    """Whether the reference ran with all of those."""

    def is_varied(self, exercise: str) -> bool:
        """Return whether a variant changes the answer of an exercise, so that it has to follow."""
        if self.practised:
            return True
        inputs = self.depends.get(exercise)
        if inputs is not None and not inputs:
            return False
        expectation = self.expectations[exercise]
        return expectation.is_varied

    @property
    def single_ways(self) -> Ways:
        """The mistakes, each alone."""
        return tuple(map(single, self.mistakes))

    @property
    def ways(self) -> Ways:
        """The mistakes, alone and together."""
        return self.single_ways + self.combinations


Headings = Callable[[int], str]
"""Gives the heading above a cell."""
