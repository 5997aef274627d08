"""Decide the exercises of a submission from its trace. Pure; start reading here.

An exercise passes if a value of the student's agrees with the reference on the original data, and
at the same place on every variant. Failures are matched to the known mistakes: a mistake that
explains one is named in the feedback, and may leave a share of the points.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from grader.assignment import Assignment, Exercise
from grader.grading.alternatives import Alternatives
from grader.grading.causes import Cause, missing_packages
from grader.grading.checks.base import Context
from grader.grading.checks.computed import ABSENT
from grader.grading.checks.outcome import Outcome, message
from grader.grading.checks.registry import AUTOMATIC, check_of
from grader.grading.evaluation import Evaluation
from grader.grading.exercise_results import DecidedExercises, write_results
from grader.grading.expectation import Expectation
from grader.grading.fetched_names import FetchedNames
from grader.grading.follow_through import earns_share, may_follow_step, why_followed
from grader.grading.knowledge import Given, Headings, Knowledge
from grader.grading.machine_faults import MachineFaults, waiting_outcome
from grader.grading.match_places import ExercisePlace, exercise_places
from grader.grading.mistake_search import (
    EarningValues,
    Explanation,
    Failures,
    explain_failures,
)
from grader.grading.random_answers import (
    attempt_at,
    is_better,
    open_outcome,
    rests_on_open,
    with_own_seeds,
)
from grader.grading.search import Candidate, Values
from grader.grading.sections import Sections
from grader.grading.several_answers import one_of_several, right_everywhere
from grader.grading.unmet_names import packages_in_functions
from grader.grading.unproven_answers import leave_all_pending, leave_claims_pending
from grader.notebook.alignment import Alignment
from grader.notebook.cell_names import read_names
from grader.notebook.cells import NotebookCell
from grader.trace import BASE, CodeCell

Outcomes = Mapping[str, Outcome]
"""Per exercise, the outcome of its check."""

UNTRIED = ("function.not-there", "probe.never-defined")
"""Messages of exercises without a function to explain: others compute something else."""

FAILED = ("failed", "missing", "not_run")
"""Statuses of an exercise that earned nothing, and that no person has to look at."""


def evaluate(
    values: Values,
    assignment: Assignment,
    knowledge: Knowledge,
    headings: Headings,
    notebook: Sequence[NotebookCell] = (),
) -> Evaluation:
    """Decide every automatic exercise.

    Args:
        values: the values of the submission's trace.
        assignment: the exercises.
        knowledge: the values of the reference and of known mistakes.
        headings: returns the heading above a cell.
        notebook: all cells of the submission; none: its sections are not known.
    """
    fitting = values.fitting()
    grading = _grading(fitting, assignment, knowledge, headings, notebook)
    outcomes = grading.decide()
    outcomes = grading.try_own_seeds(outcomes)
    if fitting is not values:
        claimed = _grading(values, assignment, knowledge, headings, notebook)
        outcomes = leave_claims_pending(outcomes, claimed.decide())
    outcomes = grading.doubt_several(outcomes)
    outcomes = grading.follow_through(outcomes)
    outcomes = grading.excuse(outcomes)
    explanations = grading.explain(outcomes)
    outcomes = grading.excuse_lacking(outcomes, explanations)
    outcomes = grading.follow_step(outcomes, explanations)
    outcomes = grading.leave_open(outcomes, explanations)
    outcomes = grading.tell_blank(outcomes, explanations)
    if values.may_be_forged:
        outcomes = leave_all_pending(outcomes)

    decided = DecidedExercises(fitting, knowledge, grading.exercises, outcomes, explanations)
    results = write_results(decided, headings)
    return Evaluation(values, knowledge, results)


def decide_first(
    values: Values,
    assignment: Assignment,
    knowledge: Knowledge,
    headings: Headings,
    notebook: Sequence[NotebookCell] = (),
) -> Outcomes:
    """Decide each exercise by its check alone. Args as those of `evaluate`."""
    grading = _grading(values.fitting(), assignment, knowledge, headings, notebook)
    return grading.try_own_seeds(grading.decide())


def _grading(
    values: Values,
    assignment: Assignment,
    knowledge: Knowledge,
    headings: Headings,
    notebook: Sequence[NotebookCell],
) -> _Grading:
    exercises = [exercise for exercise in assignment.exercises if exercise.automatic]
    handout = handout_code(assignment)
    missing = missing_packages(values.trace)
    sections = Sections(
        values.trace, knowledge.sections, headings, missing, handout, notebook=notebook
    )
    in_functions = packages_in_functions(values.trace)
    fetched = _fetched_answers(values, exercises, knowledge, sections)
    faults = MachineFaults(values.causes, sections, in_functions, fetched)
    alignment = Alignment(notebook, assignment.handout) if notebook else None
    places = exercise_places(values, exercises, knowledge, alignment)
    return _Grading(values, exercises, knowledge, handout, sections, faults, places)


def _fetched_answers(
    values: Values, exercises: Iterable[Exercise], knowledge: Knowledge, sections: Sections
) -> dict[str, Cause]:
    """Return the exercises that depend on a module which is not there, each with the cause.

    Their names are from it, or their cells read what one of its functions should have trained.
    """
    trace = values.trace
    sources = {cell.cell: cell.source for cell in trace.cells}
    fetched = FetchedNames(trace, values.causes)
    answers: dict[str, Cause] = {}
    for exercise in exercises:
        for name in _asked_names(exercise, knowledge):
            cause = fetched.cause_of(name)
            if cause is not None:
                answers[exercise.id] = cause
        for cell in sections.cells_of(exercise.id):
            names = read_names(sources[cell])
            cause = fetched.cause_of_change(names.reads)
            if cause is not None:
                answers.setdefault(exercise.id, cause)
    return answers


def _asked_names(exercise: Exercise, knowledge: Knowledge) -> Sequence[str]:
    """List the names that an exercise asks for, or that the reference has for its answer."""
    question = exercise.asked
    if question is not None and question.function:
        return (question.function,)
    if question is not None:
        return question.names
    marked = knowledge.marked.get(exercise.id)
    return marked.names if marked is not None else ()


def handout_code(assignment: Assignment) -> tuple[CodeCell, ...]:
    """Return the code cells of the handout."""
    code_cells = []
    for index, cell in enumerate(assignment.handout):
        if cell.kind == "code":
            code_cell = CodeCell(cell=index, source=cell.source, handout=True)
            code_cells.append(code_cell)
    return tuple(code_cells)


@dataclass(frozen=True)
class _Grading:
    """The steps of grading one submission, and the data that they share."""

    values: Values
    exercises: Sequence[Exercise]
    knowledge: Knowledge
    handout: tuple[CodeCell, ...]
    sections: Sections
    faults: MachineFaults
    places: Mapping[str, ExercisePlace]
    """Per exercise, where its answer is expected."""

    def decide(self) -> Outcomes:
        """Decide each exercise by its check."""
        outcomes = {}
        for exercise in self.exercises:
            expectation = self.knowledge.expectations[exercise.id]
            outcome = self._decide(exercise, expectation)
            outcomes[exercise.id] = outcome
        return outcomes

    def follow_through(self, outcomes: Outcomes) -> Outcomes:
        """Give a share to exercises that are right given the student's own, wrong values."""
        followed = dict(outcomes)
        for exercise, given in self._given_values("any"):
            if followed[exercise.id].credit:
                continue
            share = self._share_from(exercise, given)
            if share.credit > 0:
                followed[exercise.id] = share
        return followed

    def follow_step(self, outcomes: Outcomes, explanations: Sequence[Explanation]) -> Outcomes:
        """Give a share to exercises that are right given the student's own gradient step.

        Known mistakes take precedence, because the instructor has set their credit.
        """
        followed = dict(outcomes)
        for exercise, given in self._given_values("step"):
            source, _ = self.knowledge.sources[exercise.id]
            if not may_follow_step(outcomes[source], followed[exercise.id]):
                continue
            share = self._share_from(exercise, given)
            right = self.knowledge.right[exercise.id]
            if earns_share(exercise, share, right, explanations):
                followed[exercise.id] = share
        return followed

    def try_own_seeds(self, outcomes: Outcomes) -> Outcomes:
        """Award points for answers that are right with the seeds that the student sets."""
        tried = dict(outcomes)
        trace = self.values.trace
        for exercise in self._with_status(outcomes, (*FAILED, "partial")):
            answers = self.knowledge.seeded.get(exercise.id, ())
            for answer in answers:
                before = tried[exercise.id]
                outcome = self._decide(exercise, answer.expectation)
                if is_better(outcome, before):
                    tried[exercise.id] = with_own_seeds(outcome, answer, trace)
        return tried

    def doubt_several(self, outcomes: Outcomes) -> Outcomes:
        """Leave exercises pending that are answered in many ways, of which the last is wrong."""
        doubted = dict(outcomes)
        ways = Alternatives(self.values.trace.cells)
        for exercise in self._with_status(outcomes, ("passed", "partial")):
            found = outcomes[exercise.id].found
            if found is None:
                continue
            expectation = self.knowledge.expectations[exercise.id]
            check = AUTOMATIC[exercise.check]
            cells = self._cells_beside(exercise, found)
            offered = check.offered_with(found, self.values, cells)
            count = 0
            if offered is None:
                look_in = check.look_in(exercise)
                credit = outcomes[exercise.id].credit
                right = right_everywhere(self.values, look_in, expectation, credit)
                count = ways.least(right)
            elif not any(one.credit(expectation, BASE) for one in offered.last):
                count = offered.count
            if count:
                doubted[exercise.id] = one_of_several(found, count)
        return doubted

    def leave_open(self, outcomes: Outcomes, explanations: Sequence[Explanation]) -> Outcomes:
        """Leave random answers pending that no mistake explains."""
        values = self.values
        knowledge = self.knowledge
        unexplained = knowledge.unfixed - _explained_exercises(explanations)
        opened = dict(outcomes)
        for exercise in self._with_status(outcomes, ("failed", "partial")):
            outcome = outcomes[exercise.id]
            if exercise.id not in unexplained or outcome.flags:
                continue
            is_resting = rests_on_open(exercise, opened)
            if outcome.credit and not is_resting:
                continue
            cells = self.sections.cells_of(exercise.id)
            answer = attempt_at(exercise, values, knowledge, cells, with_right=is_resting)
            if answer is not None:
                opened[exercise.id] = open_outcome(answer, values.trace, knowledge)
        return opened

    def excuse(self, outcomes: Outcomes) -> Outcomes:
        """Leave failures pending that the machine caused.

        Typed-in answers stay denied, because they ran.
        """
        excused = dict(outcomes)
        for exercise in self._with_status(outcomes, FAILED):
            cause = self.faults.of(exercise.id)
            if cause is not None and not outcomes[exercise.id].flags:
                excused[exercise.id] = waiting_outcome(cause)

        for exercise in self._with_status(outcomes, ("partial",)):
            cause = self.faults.of(exercise.id)
            if cause is not None and exercise.check == "figure":  # it is drawn up to there
                excused[exercise.id] = waiting_outcome(cause)
        return excused

    def excuse_lacking(self, outcomes: Outcomes, explanations: Sequence[Explanation]) -> Outcomes:
        """Leave unexplained failures pending if their code needs a missing package."""
        explained = _explained_exercises(explanations)
        excused = dict(outcomes)
        for exercise in self.exercises:
            outcome = outcomes[exercise.id]
            if not _may_lack_package(outcome):
                continue
            is_asked = exercise.asked is not None
            is_partial = outcome.status == "partial"
            cause = None
            if is_asked or not is_partial:
                # What a cell logs changes no function that it defines.
                logging = not is_partial and exercise.check != "function"
                cause = self.faults.lacking(exercise.id, logging=logging)
            if cause is None and is_asked:
                cause = self.faults.lacking_when_asked(exercise.id)
            if cause is None or exercise.id in explained:
                continue
            excused[exercise.id] = waiting_outcome(cause)
        return excused

    def tell_blank(self, outcomes: Outcomes, explanations: Sequence[Explanation]) -> Outcomes:
        """Say of failures that the exercise's section has no code, where nothing explains them."""
        explained = _explained_exercises(explanations)
        told = dict(outcomes)
        for exercise in self._with_status(outcomes, ("failed",)):
            outcome = outcomes[exercise.id]
            is_absent = outcome.message.id in ABSENT and not outcome.flags
            if not is_absent or exercise.id in explained:
                continue
            if self.sections.is_blank(exercise.id):
                told[exercise.id] = Outcome("missing", message("value.blank"))
        return told

    def explain(self, outcomes: Outcomes) -> tuple[Explanation, ...]:
        """Match failures to the known mistakes.

        An exercise that earned a part is explained too, by single mistakes and at no cost.
        """
        explanations: tuple[Explanation, ...] = ()
        failed = []
        for exercise in self._with_status(outcomes, FAILED):
            if outcomes[exercise.id].message.id not in UNTRIED:
                failed.append(exercise)
        if failed:
            earning = _earning_values(outcomes)
            failures = self._failures(failed, earning)
            explanations += explain_failures(failures, self.knowledge.ways)

        partly = self._with_status(outcomes, ("partial",))
        if partly:
            earning = _earning_values(outcomes, at_least=1.0)
            failures = self._failures(partly, earning)
            explanations += explain_failures(failures, self.knowledge.single_ways)
        return explanations

    def _decide(self, exercise: Exercise, expectation: Expectation) -> Outcome:
        name = exercise.id
        check = AUTOMATIC[exercise.check]
        right = self.knowledge.right[name]
        cells = self.sections.cells_of(name)
        tries = frozenset(cells)
        inputs = self.knowledge.depends.get(name)
        place = self.places.get(name)
        context = Context(self.values, expectation, right, self.handout, inputs, tries, place)
        return check.decide(exercise, context)

    def _cells_beside(self, exercise: Exercise, answer: Candidate) -> list[CodeCell]:
        """List the cells that may also answer an exercise.

        If the answer is where it is asked for, cells of other sections answer something else.
        """
        elsewhere = self.sections.elsewhere(exercise.id, answer.event.cell)
        return [cell for cell in self.values.trace.cells if cell.cell not in elsewhere]

    def _given_values(self, own: str) -> Iterator[tuple[Exercise, Given]]:
        """Yield exercises that may start from the student's own value, with this `given_from`."""
        exercises = {exercise.id: exercise for exercise in self.exercises}
        for given, expectation in self.knowledge.given.items():
            exercise = exercises[given.exercise]
            if exercise.given_from != own:
                continue
            if self._can_follow_through(exercise, expectation):
                yield exercise, given

    def _share_from(self, exercise: Exercise, given: Given) -> Outcome:
        """Decide an exercise given an own value, for a share of its points."""
        expectation = self.knowledge.given[given]
        outcome = self._decide(exercise, expectation)
        credit = min(outcome.credit, exercise.given_credit)
        why = why_followed(exercise, given, credit)
        return replace(outcome, status="partial", message=why, credit=credit)

    def _can_follow_through(self, exercise: Exercise, expectation: Expectation) -> bool:
        """Return whether the answer follows the data, given an own value in every run."""
        check = check_of(exercise)
        if not check.follows_data or expectation.is_constant:
            return False
        reference = self.knowledge.expectations[exercise.id]
        runs = set(expectation.runs)
        return runs.issuperset(reference.runs)

    def _with_status(self, outcomes: Outcomes, statuses: Collection[str]) -> list[Exercise]:
        found = []
        for exercise in self.exercises:
            outcome = outcomes[exercise.id]
            if outcome.status in statuses:
                found.append(exercise)
        return found

    def _failures(self, exercises: Sequence[Exercise], earning: EarningValues) -> Failures:
        known = self.knowledge
        unvaried = [name for name in self.places if not known.is_varied(name)]
        return Failures(
            self.values,
            exercises,
            earning,
            known.right,
            known.depends,
            places=self.places,
            unvaried=unvaried,
        )


def _may_lack_package(outcome: Outcome) -> bool:
    """Return whether an outcome may be due to a missing package, which a placeholder replaced."""
    if outcome.status == "pending":
        return outcome.message.id == "score.no-number"
    return outcome.status in (*FAILED, "partial") and not outcome.flags


def _explained_exercises(explanations: Iterable[Explanation]) -> set[str]:
    """List the exercises that mistakes explain."""
    explained: set[str] = set()
    for explanation in explanations:
        explained.update(explanation.explains)
    return explained


def _earning_values(outcomes: Outcomes, at_least: float = 0.0) -> EarningValues:
    """Return, by exercise, the value that earned points."""
    earning = {}
    for exercise, outcome in outcomes.items():
        found = outcome.found
        credit = outcome.credit
        if found is None or credit <= 0:
            continue
        if credit >= at_least:
            earning[exercise] = found
    return earning
