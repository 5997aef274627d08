"""Grade a submission: values of a trace + knowledge → results. Pure; read this page first.

An exercise passes when a value of the submission's own agrees with the reference on the handed-out data, and at the
same place on every variant. A failure is matched to the known mistakes: one that explains it says why, and may leave
a share of the points.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from grader.assignment import Assignment, Exercise
from grader.grading.checks.base import Context
from grader.grading.checks.outcome import Outcome, message
from grader.grading.checks.registry import AUTOMATIC, check_of
from grader.grading.evaluation import Evaluation
from grader.grading.exercise_results import DecidedExercises, write_results
from grader.grading.expectation import Expectation
from grader.grading.knowledge import Headings, Knowledge
from grader.grading.mistake_search import Explanation, Failures, explain_failures
from grader.grading.search import Candidate, Values
from grader.trace import CodeCell


def evaluate(
    values: Values, assignment: Assignment, knowledge: Knowledge, headings: Headings
) -> Evaluation:
    """Decide every exercise that the grader decides.

    Args:
        values: the values of a trace: what the submission computed.
        assignment: the exercises.
        knowledge: what the reference and known mistakes compute.
        headings: gives the heading above a cell.
    """
    exercises = [exercise for exercise in assignment.exercises if exercise.automatic]
    grading = _Grading(values, exercises, knowledge, handout_code(assignment))

    outcomes = grading.decide()
    outcomes = grading.follow_through(outcomes)
    explanations = grading.explain(outcomes)

    decided = DecidedExercises(values, knowledge, exercises, outcomes, explanations)
    return Evaluation(values, knowledge, write_results(decided, headings))


def handout_code(assignment: Assignment) -> tuple[CodeCell, ...]:
    """Return the code cells of the handout."""
    cells = enumerate(assignment.handout)
    return tuple(
        CodeCell(cell=index, source=cell.source, handout=True)
        for index, cell in cells
        if cell.kind == "code"
    )


@dataclass(frozen=True)
class _Grading:
    """The steps of grading one submission, each with all that it needs."""

    values: Values
    exercises: Sequence[Exercise]
    knowledge: Knowledge
    handout: tuple[CodeCell, ...]

    def decide(self) -> dict[str, Outcome]:
        """Have each exercise decided by its check."""
        outcomes = {}
        for exercise in self.exercises:
            expectation = self.knowledge.expectations[exercise.id]
            outcomes[exercise.id] = self._decide(exercise, expectation)
        return outcomes

    def follow_through(self, outcomes: Mapping[str, Outcome]) -> dict[str, Outcome]:
        """Give a share to what failed, but is right from the submission's own value of what it builds on."""
        outcomes = dict(outcomes)
        exercises = {exercise.id: exercise for exercise in self.exercises}
        for given, expectation in self.knowledge.given.items():
            exercise = exercises[given.exercise]
            if outcomes[exercise.id].credit > 0:
                continue
            if not self._can_follow_through(exercise, expectation):
                continue

            outcome = self._decide(exercise, expectation)
            if outcome.credit > 0:
                credit = outcome.credit * exercise.given_credit
                why = message("value.follows-through", credit=credit)
                share = replace(outcome, status="partial", message=why, credit=credit)
                outcomes[exercise.id] = share
        return outcomes

    def explain(self, outcomes: Mapping[str, Outcome]) -> tuple[Explanation, ...]:
        """Match failures to the known mistakes.

        An exercise that earned a part is explained too, by single mistakes and at no cost.
        """
        explanations: tuple[Explanation, ...] = ()
        failed = self._with_status(outcomes, "failed", "missing", "not_run")
        if failed:
            failures = self._failures(failed, _earning_values(outcomes))
            explanations += explain_failures(failures, self.knowledge.ways)

        partly = self._with_status(outcomes, "partial")
        if partly:
            failures = self._failures(partly, _earning_values(outcomes, at_least=1.0))
            explanations += explain_failures(failures, self.knowledge.single_ways)
        return explanations

    def _decide(self, exercise: Exercise, expectation: Expectation) -> Outcome:
        right = self.knowledge.right[exercise.id]
        context = Context(self.values, expectation, right, self.handout)
        return AUTOMATIC[exercise.check].decide(exercise, context)

    def _can_follow_through(self, exercise: Exercise, expectation: Expectation) -> bool:
        """Return whether the answer follows the data, from the submission's own value in every run."""
        if not check_of(exercise).follows_data or expectation.is_constant:
            return False
        runs = self.knowledge.expectations[exercise.id].runs
        return set(runs) <= set(expectation.runs)

    def _with_status(self, outcomes: Mapping[str, Outcome], *statuses: str) -> list[Exercise]:
        return [exercise for exercise in self.exercises if outcomes[exercise.id].status in statuses]

    def _failures(
        self, exercises: Sequence[Exercise], earning: Mapping[str, Candidate]
    ) -> Failures:
        return Failures(self.values, exercises, earning, self.knowledge.right)


def _earning_values(outcomes: Mapping[str, Outcome], at_least: float = 0.0) -> dict[str, Candidate]:
    """Return, per exercise that earned points, the value that earned them."""
    earning = {}
    for exercise, outcome in outcomes.items():
        earns = outcome.credit > 0 and outcome.credit >= at_least
        if earns and outcome.found is not None:
            earning[exercise] = outcome.found
    return earning
