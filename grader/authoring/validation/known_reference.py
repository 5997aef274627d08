"""Hold a reference and its results, to grade and run it in sessions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grader.assignment import Assignment
from grader.authoring.marked_runs import MarkedRuns
from grader.authoring.trusted_grader import TrustedGrader
from grader.authoring.validation.rewrites import code_of
from grader.grading.evaluation import Evaluation
from grader.grading.expectation import Answer
from grader.grading.knowledge import Knowledge
from grader.job import VariedInput
from grader.notebook.cells import NotebookCell
from grader.reference.cache import ReferenceCache
from grader.reference.files import ReferenceFiles
from grader.running.session import Session
from grader.trace import BASE, Array, Number


@dataclass(frozen=True)
class KnownReference:
    """A reference, and its results."""

    solution: ReferenceFiles
    knowledge: Knowledge
    inputs: tuple[VariedInput, ...]
    answers: Mapping[str, Answer]
    """Per exercise, its first answer on the original data."""
    cache: ReferenceCache

    @classmethod
    async def known(cls, cache: ReferenceCache) -> KnownReference:
        """Run a reference, or read its stored results.

        Raises:
            AssignmentError: it does not run, or lacks an answer.
        """
        knowledge = await cache.whole()
        inputs = await cache.inputs()
        by_exercise = await cache.answers()
        answers = {exercise: first_answer(runs) for exercise, runs in by_exercise.items()}
        known = {exercise: answer for exercise, answer in answers.items() if answer is not None}
        return cls(cache.solution, knowledge, inputs, known, cache)

    @property
    def assignment(self) -> Assignment:
        """The assignment."""
        return self.solution.assignment

    @property
    def numbers(self) -> dict[str, float]:
        """The numeric answer of each exercise that has one."""
        numbers: dict[str, float] = {}
        for exercise, answer in self.answers.items():
            match answer.value:
                case Number(value=number):
                    numbers[exercise] = number
                case Array(shape=(), elements=(number,), dtype=dtype) if "bool" not in dtype:
                    numbers[exercise] = number
        return numbers

    def grader(self, session: Session) -> TrustedGrader:
        """Create a grader of edited references, for a session."""
        return TrustedGrader(
            self.assignment, self.knowledge, self.inputs, session, self.solution.cells
        )

    async def grade_student(
        self, session: Session, name: str, notebook: Sequence[NotebookCell]
    ) -> Evaluation:
        """Grade a notebook like a student's: with the seeds that it sets, too.

        Args:
            session: of the trusted job.
            name: keeps its runs apart from those of other notebooks.
            notebook: all of its cells, without marks.

        Raises:
            KernelUnavailable: there is no kernel.
        """
        grader = self.grader(session).of_student(notebook, self.cache.of)
        handout = self.assignment.handout_sources()
        return await grader.grade(name, code_of(notebook), handout)

    def runs(self, session: Session) -> MarkedRuns:
        """Run the reference for its marks in a session."""
        return MarkedRuns(self.solution, self.inputs, session)


def first_answer(runs: Mapping[str, Sequence[Answer]]) -> Answer | None:
    """Return the first answer on the original data; for calls, that of the first."""
    label = BASE if BASE in runs else next(iter(runs), "")
    answers = runs.get(label, ())
    if not answers:
        return None
    return answers[0]
