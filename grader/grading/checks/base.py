"""Define checks: each decides one kind of exercise. Pure.

A check is one object in one module of this package. All differences between kinds of exercises are
methods of checks; no other module compares names of checks. To add a check, touch five places:

1. its module here, with a subclass of `AutomaticCheck`, by which the grader decides, or of
   `ReviewedCheck`, by which a person does;
2. its line in `registry.py`;
3. its name in `CheckName`, and its own fields in `CHECK_FIELDS`, both in
   `grader/assignment/fields.py`;
4. its words, in every catalogue of `grader/locale/`;
5. its row in `docs/writing-an-assignment.md`.

A check never sees a kernel, a file or the network, and gives the same outcome for the same trace.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from grader.assignment import CheckName, Exercise
from grader.grading.agreement import Expected, Tolerance
from grader.grading.checks.outcome import Outcome
from grader.grading.expectation import Expectation
from grader.grading.match_places import ExercisePlace
from grader.grading.search import Candidate, Values, computed_candidates
from grader.grading.several_answers import Offered
from grader.notebook.cells import NotebookCell
from grader.report import CheckResult, ExerciseStatus
from grader.trace import BASE, CodeCell, Value


@dataclass(frozen=True)
class Context:
    """The data with which a check decides an exercise."""

    values: Values
    """The values of the submission, in every run."""
    expectation: Expectation
    """The answers of the reference, in every run."""
    right: Expectation
    """Values that right solutions compute on the original data: they are no evidence of a
    mistake.
    """
    handout: tuple[CodeCell, ...] = ()
    """The handout's code cells."""
    inputs: frozenset[str] | None = None
    """Names of the data on which the answer depends in the reference; None: all varied data."""
    tries: frozenset[int] | None = None
    """The student's cells that attempt the exercise; None: any of them may."""
    place: ExercisePlace | None = None
    """Where the answer is expected; None: it may be anywhere."""

    @property
    def is_varied(self) -> bool:
        """Whether a variant changes the answer, so that the answer has to follow the data."""
        if self.place is not None and self.place.practised:
            return True
        if self.inputs is not None and not self.inputs:
            return False
        return self.expectation.is_varied


@dataclass(frozen=True)
class Notebooks:
    """The handout's and the student's notebook, for checks that look for an answer to review."""

    submission: Sequence[NotebookCell]
    handout: Sequence[NotebookCell]
    other_questions: Sequence[str] = ()
    """Phrases that find the other questions: each ends the answer before it."""


class Check(ABC):
    """How one kind of exercise is decided: where to look, and what to ask of a run."""

    name: ClassVar[CheckName]
    """Its name in `assignment.toml` and in reports."""

    follows_data: ClassVar[bool] = False
    """Whether the answer has to follow the data: the cells behind it run on every variant."""
    is_measured: ClassVar[bool] = False
    """Whether numbers decide, so that a wrong answer has a distance from the right one."""
    shows_value: ClassVar[bool] = False
    """Whether a cell shows the answer: a line can quote it, a saved output may contradict it."""
    draws_graph: ClassVar[bool] = False
    """Whether the answer is a graph, which a student's page draws."""

    def look_in(self, exercise: Exercise) -> Sequence[str]:
        """Return the kinds of events that may hold the answer."""
        return exercise.look_in

    def look_for_right_values_in(self, exercise: Exercise) -> Sequence[str]:
        """Return the kinds of events that contain values of correct solutions."""
        return self.look_in(exercise)

    def first_run(self, exercise: Exercise) -> str:
        """Return the label of the run in which the answer is looked for first."""
        return BASE

    def tolerance(self, exercise: Exercise) -> Tolerance:
        """Return how close an answer must be."""
        return Tolerance(rtol=exercise.rtol, atol=exercise.atol)

    def strict_tolerance(self, exercise: Exercise) -> Tolerance:
        """Return the tolerance of the exercise, or the default one if that is narrower.

        It decides whether an edit of the reference changes the answer, however loose the exercise
        is.
        """
        default = Tolerance()
        rtol = min(exercise.rtol, default.rtol)
        atol = min(exercise.atol, default.atol)
        return Tolerance(rtol=rtol, atol=atol)

    def computed_values(self, exercise: Exercise, values: Values) -> list[Candidate]:
        """List the values that the student's own code computed as possible answers."""
        first_run = self.first_run(exercise)
        look_in = self.look_in(exercise)
        return computed_candidates(values, first_run, look_in)

    def own_values(
        self, exercise: Exercise, values: Values, right: Expectation
    ) -> Iterator[Candidate]:
        """Yield the computed values that correct solutions do not have."""
        for candidate in self.computed_values(exercise, values):
            if not candidate.credit(right, BASE):
                yield candidate

    def is_told_by(self, exercise: Exercise, value: Expected) -> bool:
        """Return whether the reference's value gives away the answer.

        Such an exercise is decided at home only if practice numbers can replace the data.
        """
        return False

    def fails_on_base(self, message_id: str) -> bool:
        """Return whether a message means that the original data alone shows a wrong answer."""
        return True

    def proposes(self, value: Value) -> bool:
        """Return whether `grade new` may propose this check for a value."""
        return False


class AutomaticCheck(Check):
    """A check that the grader decides."""

    @abstractmethod
    def decide(self, exercise: Exercise, context: Context) -> Outcome:
        """Decide the exercise.

        Called by `grading.grade`, once all runs have taken place.
        """

    def lacks_answer(self, exercise: Exercise, context: Context) -> bool:
        """Return whether the original data alone shows that the answer is missing or incomplete.

        Called by `grading.rerun_plan` before the variants run: known mistakes run only then.
        """
        outcome = self.decide(exercise, context)
        return outcome.credit < 1

    def offered_with(
        self, answer: Candidate, values: Values, cells: Iterable[CodeCell]
    ) -> Offered | None:
        """Return alternative answers that the code of some cells offers beside a right one."""
        return None


class ReviewedCheck(Check):
    """A check that a person decides; it only finds out whether there is something to read."""

    @abstractmethod
    def read(self, exercise: Exercise, notebooks: Notebooks) -> tuple[ExerciseStatus, CheckResult]:
        """Find the answer: `pending` until a person has read it, `missing` if there is none."""
