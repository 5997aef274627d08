"""Plan which cells have to run again before a submission can be graded. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from grader.assignment import Assignment, Exercise
from grader.grading.agreement import as_number
from grader.grading.checks.base import Context
from grader.grading.checks.registry import AUTOMATIC, check_of
from grader.grading.evaluation import Evaluation
from grader.grading.follows_data import CONFIRMATION
from grader.grading.knowledge import Elements, ElementsByRun, Given, Knowledge
from grader.grading.match_places import exercise_places
from grader.grading.mistake_search import (
    Failures,
    explain_failures,
    explaining_cells,
    rank_plausible,
)
from grader.grading.mistakes import WrongWay
from grader.grading.own_steps import last_that_moves, own_steps
from grader.grading.search import Candidate, Found, Values, find
from grader.job import VariedFile, VariedInput, VariedNumbers, VariedSeeds, VariedSubset
from grader.notebook.slicing import cells_behind
from grader.trace import BASE, Array, Trace, Value

MAX_GIVEN = 8
"""Most values of a submission that an exercise is tried from: the last ones."""

DOUBTFUL = frozenset(
    ("value.does-not-follow-data", "value.only-here", "unverified.raises-only-in-variant")
)
"""Messages of a value that was right on the original data only."""


def cells_of_interest(values: Values, assignment: Assignment, knowledge: Knowledge) -> list[int]:
    """List the cells that have to run again with other numbers.

    They are those behind values that may earn something, or explain a failure.

    Args:
        values: those of the base run alone.
        assignment: the exercises.
        knowledge: with the mistakes, if some exercise has no right value in the trace.
    """
    cells: set[int] = set()
    failed = []
    for exercise in _following(assignment):
        found = _find(exercise, values, knowledge)
        cells |= _cells_of(found)
        if not found or found[0].credit < 1:
            failed.append(exercise)

    failures = Failures(values, failed, {}, knowledge.right)
    cells |= explaining_cells(failures, knowledge.ways)
    cells |= _cells_following_through(values, assignment, knowledge)
    cells |= _cells_with_own_seeds(values, assignment, knowledge)
    if not cells:
        return []

    trace = values.trace
    cells |= _cells_with_data(trace, knowledge.inputs)
    order = _run_order(trace)
    return cells_behind(order, cells)


def _cells_following_through(
    values: Values, assignment: Assignment, knowledge: Knowledge
) -> set[int]:
    """Return the cells behind values that are right from the submission's own values."""
    cells = set()
    exercises = {exercise.id: exercise for exercise in assignment.exercises}
    for given, expectation in knowledge.given.items():
        exercise = exercises[given.exercise]
        found = find(values, exercise.look_in, expectation)
        cells |= _cells_of(found)
    return cells


def _cells_with_own_seeds(values: Values, assignment: Assignment, knowledge: Knowledge) -> set[int]:
    """Return the cells behind values that are right with the submission's own seeds."""
    cells = set()
    for exercise in _following(assignment):
        answers = knowledge.seeded.get(exercise.id, ())
        for answer in answers:
            found = find(values, exercise.look_in, answer.expectation)
            cells |= _cells_of(found)
    return cells


def _find(exercise: Exercise, values: Values, knowledge: Knowledge) -> list[Found]:
    expectation = knowledge.expectations[exercise.id]
    return find(values, exercise.look_in, expectation)


def _following(assignment: Assignment) -> list[Exercise]:
    """List the exercises with answers that have to follow the data."""
    return [exercise for exercise in assignment.exercises if check_of(exercise).follows_data]


def _cells_of(found: Iterable[Found]) -> set[int]:
    places = (one.candidate.place for one in found)
    return {place.cell for place in places}


def _cells_with_data(trace: Trace, inputs: Sequence[VariedInput]) -> set[int]:
    """Return the cells in which the data first occurs.

    Then a value that does not depend on the data is seen to stay the same while the data changes.
    """
    first_cells: dict[Elements, int] = {}
    for event in trace.base.events:
        for value in event.values.values():
            if isinstance(value, Array):
                first_cells.setdefault(value.elements, event.cell)

    cells = set()
    for data in inputs:
        match data:
            case VariedNumbers():
                elements = data.original.elements
                if elements in first_cells:
                    first_cell = first_cells[elements]
                    cells.add(first_cell)
            case VariedFile() | VariedSubset():
                cells |= _cells_that_name(data.name, trace)
            case VariedSeeds():
                cells |= _cells_that_seed(trace)
    return cells


def _cells_that_seed(trace: Trace) -> set[int]:
    """Return the cells that set a seed."""
    return {event.cell for event in trace.base.events if event.kind == "seed"}


def _cells_that_name(file: str, trace: Trace) -> set[int]:
    """Return the cells that ran and mention a file or a data set."""
    _, _, name = file.rpartition("/")
    ran = {run.cell for run in trace.base.cells}
    naming = {cell.cell for cell in trace.cells if name in cell.source}
    return naming & ran


def _run_order(trace: Trace) -> list[tuple[int, str]]:
    """List the cells in the order in which they ran, with their sources."""
    sources = {cell.cell: cell.source for cell in trace.cells}
    order = []
    for run in trace.base.cells:
        if run.cell in sources:
            source = sources[run.cell]
            order.append((run.cell, source))
    return order


def lacks_an_answer(values: Values, assignment: Assignment, knowledge: Knowledge) -> bool:
    """Return whether some exercise lacks an answer on the original data already.

    Then it is worth making the known mistakes.
    """
    places = exercise_places(values, assignment.exercises, knowledge, None)
    for exercise in assignment.exercises:
        if not exercise.automatic:
            continue
        check = AUTOMATIC[exercise.check]
        expectation = knowledge.expectations[exercise.id]
        right = knowledge.right[exercise.id]
        place = places.get(exercise.id)
        context = Context(values, expectation, right, place=place)
        if check.lacks_answer(exercise, context):
            return True
    return False


def unexplained(values: Values, assignment: Assignment, knowledge: Knowledge) -> list[Exercise]:
    """List the exercises that no single mistake explains on the original data.

    They have no right value there, and values of the submission's own that call for an explanation.
    """
    failures = _failures_on_base(values, assignment, knowledge)
    explanations = explain_failures(failures, knowledge.single_ways, on_variants=False)
    explained: set[str] = set()
    for explanation in explanations:
        explained.update(explanation.explains)

    remaining = []
    for exercise in failures.exercises:
        if exercise.id in explained:
            continue
        if _has_own_values(exercise, failures):
            remaining.append(exercise)
    return remaining


def _has_own_values(exercise: Exercise, failures: Failures) -> bool:
    check = check_of(exercise)
    right = failures.right[exercise.id]
    own_values = check.own_values(exercise, failures.values, right)
    return next(own_values, None) is not None


def _failures_on_base(values: Values, assignment: Assignment, knowledge: Knowledge) -> Failures:
    """Return the exercises that fail on the original data already."""
    failed: list[Exercise] = []
    earning: dict[str, Candidate] = {}
    for exercise in _following(assignment):
        found = _find(exercise, values, knowledge)
        if not found:
            failed.append(exercise)
            continue
        best = found[0]
        earning[exercise.id] = best.candidate
    return Failures(values, failed, earning, knowledge.right)


def plausible_combinations(
    values: Values, assignment: Assignment, knowledge: Knowledge, combinations: Iterable[WrongWay]
) -> list[WrongWay]:
    """List mistakes that may have been made together, if none alone explains the failures.

    Args:
        values: the submission's values on the original data.
        assignment: the exercises.
        knowledge: with the mistakes.
        combinations: values of mistakes made together, on the original data.
    """
    failures = _failures_on_base(values, assignment, knowledge)
    return rank_plausible(failures, combinations)


def given_values(values: Values, assignment: Assignment, knowledge: Knowledge) -> tuple[Given, ...]:
    """List the submission's own values that exercises may have started from.

    An exercise is tried from them if neither it nor the exercise before it has a right value.

    Args:
        values: the submission's values in each run.
        assignment: the exercises.
        knowledge: without the results for these values.
    """
    given: dict[Given, None] = {}
    for exercise in assignment.exercises:
        if exercise.id not in knowledge.sources:
            continue
        source_id, _ = knowledge.sources[exercise.id]
        source = assignment.exercise(source_id)
        if source is None or _has_right_value((exercise, source), values, knowledge):
            continue
        own_values = _own_values(exercise, source, values, knowledge)
        given |= dict.fromkeys(own_values)
    last = list(given)[-MAX_GIVEN:]
    return tuple(last)


def _own_values(
    exercise: Exercise, source: Exercise, values: Values, knowledge: Knowledge
) -> list[Given]:
    """List the values that one exercise may have started from.

    Args:
        exercise: the exercise.
        source: the exercise that asks for the value.
        values: the submission's values.
        knowledge: the expected answers.
    """
    _, size = knowledge.sources[exercise.id]
    right = knowledge.right[source.id]
    candidates = check_of(source).own_values(source, values, right)
    is_step = exercise.given_from == "step"
    if is_step:
        candidates = own_steps(values.trace, candidates, exercise.given)

    own_values = []
    for candidate in candidates:
        elements = _elements_by_run(values, candidate, source, size)
        if elements:
            line = candidate.event.source
            given = Given(exercise.id, elements, line)
            own_values.append(given)
    if not is_step:
        return own_values
    return last_that_moves(own_values)


def _has_right_value(exercises: Iterable[Exercise], values: Values, knowledge: Knowledge) -> bool:
    return any(_find(exercise, values, knowledge) for exercise in exercises)


def _elements_by_run(
    values: Values, candidate: Candidate, exercise: Exercise, size: int
) -> ElementsByRun:
    """Return a value's elements in every run that has it at its place and of its size.

    There are none where the base run is not among them.
    """
    place = candidate.place
    by_run: list[tuple[str, Elements]] = []
    for run in values.trace.runs:
        at_place = values.at(run.label, place, exercise.look_in)
        if not at_place:
            continue
        last = at_place[-1]
        elements = _elements(last.value)
        if len(elements) == size:
            by_run.append((run.label, elements))

    labels = [label for label, _ in by_run]
    has_base = labels[:1] == [BASE]
    if not has_base:
        return ()
    return tuple(by_run)


def _elements(value: Value) -> Elements:
    number = as_number(value)
    if number is not None:
        return (number,)
    if isinstance(value, Array) and not value.summary:
        return value.elements
    return ()


def needs_confirmation(evaluation: Evaluation) -> bool:
    """Return whether a denial has to be confirmed in a fresh kernel.

    It has where a value was right on the original data only, and no confirmation run took place.
    """
    for run in evaluation.trace.runs:
        if run.label.endswith(CONFIRMATION):
            return False
    for result in evaluation.results:
        for check in result.checks:
            if check.message.id in DOUBTFUL:
                return True
    return False
