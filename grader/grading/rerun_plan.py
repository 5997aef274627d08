"""Plan what has to run, or to be made, before a submission can be graded: asked of its trace so far. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from grader.assignment import Assignment, Exercise
from grader.grading.agreement import as_number
from grader.grading.checks.base import Context
from grader.grading.checks.registry import AUTOMATIC, check_of
from grader.grading.evaluation import Evaluation
from grader.grading.follows_data import CONFIRMATION
from grader.grading.knowledge import Given, Knowledge
from grader.grading.mistake_search import (
    Failures,
    explain_failures,
    explaining_cells,
    rank_plausible,
)
from grader.grading.mistakes import WrongWay
from grader.grading.search import Candidate, Found, Values, find
from grader.notebook.slicing import cells_behind
from grader.trace import BASE, Array, Trace, Value, VariedInput

MAX_GIVEN = 8
"""Most values of a submission that an exercise is tried from: the last ones."""

DOUBTFUL = frozenset(
    ("value.does-not-follow-data", "value.only-here", "unverified.raises-only-in-variant")
)
"""Messages of a value that was right on the handed-out data only."""


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
        found = find(values, exercise.look_in, knowledge.expectations[exercise.id])
        cells |= _cells_of(found)
        if not found or found[0].credit < 1:
            failed.append(exercise)

    failures = Failures(values, failed, {}, knowledge.right)
    cells |= explaining_cells(failures, knowledge.ways)

    look_in = {exercise.id: exercise.look_in for exercise in assignment.exercises}
    for given, expectation in knowledge.given.items():
        cells |= _cells_of(find(values, look_in[given.exercise], expectation))

    if not cells:
        return []
    cells |= _cells_with_data(values.trace, knowledge.inputs)
    return cells_behind(_order(values.trace), cells)


def _following(assignment: Assignment) -> list[Exercise]:
    """List the exercises with an answer that has to follow the data."""
    return [exercise for exercise in assignment.exercises if check_of(exercise).follows_data]


def _cells_of(found: Iterable[Found]) -> set[int]:
    return {one.candidate.place.cell for one in found}


def _cells_with_data(trace: Trace, inputs: Sequence[VariedInput]) -> set[int]:
    """Return the cells where the data is met first.

    A value that does not need the data is then seen to stand still while the data changes.
    """
    first_cell: dict[tuple[float, ...], int] = {}
    for event in trace.base.events:
        for value in event.values.values():
            if isinstance(value, Array):
                first_cell.setdefault(value.elements, event.cell)

    data = (item.original.elements for item in inputs)
    return {first_cell[elements] for elements in data if elements in first_cell}


def _order(trace: Trace) -> list[tuple[int, str]]:
    """List the cells in the order in which they ran, with their sources."""
    sources = {cell.cell: cell.source for cell in trace.cells}
    return [(run.cell, sources[run.cell]) for run in trace.base.cells if run.cell in sources]


def lacks_an_answer(values: Values, assignment: Assignment, knowledge: Knowledge) -> bool:
    """Return whether some exercise has no whole answer even on the handed-out data.

    Then it is worth making the known mistakes.
    """
    for exercise in assignment.exercises:
        if not exercise.automatic:
            continue
        expectation = knowledge.expectations[exercise.id]
        context = Context(values, expectation, knowledge.right[exercise.id])
        if AUTOMATIC[exercise.check].lacks_answer(exercise, context):
            return True
    return False


def unexplained(values: Values, assignment: Assignment, knowledge: Knowledge) -> list[Exercise]:
    """List the exercises that single mistakes do not explain on the handed-out data.

    They have no right value there, and values of the submission's own that call for an explanation.
    """
    failures = _failures_on_base(values, assignment, knowledge)
    explanations = explain_failures(failures, knowledge.single_ways, on_variants=False)
    explained = {exercise for explanation in explanations for exercise in explanation.explains}

    remaining = []
    for exercise in failures.exercises:
        if exercise.id not in explained and _has_own_values(exercise, failures):
            remaining.append(exercise)
    return remaining


def _has_own_values(exercise: Exercise, failures: Failures) -> bool:
    right = failures.right[exercise.id]
    own_values = check_of(exercise).own_values(exercise, failures.values, right)
    return any(True for _ in own_values)


def _failures_on_base(values: Values, assignment: Assignment, knowledge: Knowledge) -> Failures:
    """Return the exercises that fail on the handed-out data already; the others may pass."""
    failed: list[Exercise] = []
    earning: dict[str, Candidate] = {}
    for exercise in _following(assignment):
        found = find(values, exercise.look_in, knowledge.expectations[exercise.id])
        if found:
            earning[exercise.id] = found[0].candidate
        else:
            failed.append(exercise)
    return Failures(values, failed, earning, knowledge.right)


def plausible_combinations(
    values: Values, assignment: Assignment, knowledge: Knowledge, combinations: Iterable[WrongWay]
) -> list[WrongWay]:
    """List the mistakes that may have been made together, where none alone explains what failed.

    Args:
        values: what the submission computed on the handed-out data.
        assignment: the exercises.
        knowledge: with the mistakes.
        combinations: what they compute together, on the handed-out data.
    """
    failures = _failures_on_base(values, assignment, knowledge)
    return rank_plausible(failures, combinations)


def given_values(values: Values, assignment: Assignment, knowledge: Knowledge) -> tuple[Given, ...]:
    """List the submission's own values that exercises may have started from.

    An exercise is tried from them where neither it nor the exercise before it has a right value.

    Args:
        values: what the submission computed; its values in each run are asked for.
        assignment: the exercises.
        knowledge: without what is asked for here.
    """
    given: dict[Given, None] = {}
    for exercise in assignment.exercises:
        if exercise.id not in knowledge.sources:
            continue
        source_id, size = knowledge.sources[exercise.id]
        source = assignment.exercise(source_id)
        if source is None or _has_right_value((exercise, source), values, knowledge):
            continue

        right = knowledge.right[source_id]
        for candidate in check_of(source).own_values(source, values, right):
            elements = _elements_by_run(values, candidate, source, size)
            if elements:
                given[Given(exercise.id, elements)] = None
    return tuple(given)[-MAX_GIVEN:]


def _has_right_value(exercises: Iterable[Exercise], values: Values, knowledge: Knowledge) -> bool:
    for exercise in exercises:
        if find(values, exercise.look_in, knowledge.expectations[exercise.id]):
            return True
    return False


def _elements_by_run(
    values: Values, candidate: Candidate, exercise: Exercise, size: int
) -> tuple[tuple[str, tuple[float, ...]], ...]:
    """Return a value's elements in every run that has it at its place; nothing where its size differs."""
    found = []
    for run in values.trace.runs:
        at_place = values.at(run.label, candidate.place, exercise.look_in)
        elements = _elements(at_place[-1].value) if at_place else ()
        if len(elements) == size:
            found.append((run.label, elements))

    is_in_base = bool(found) and found[0][0] == BASE
    return tuple(found) if is_in_base else ()


def _elements(value: Value) -> tuple[float, ...]:
    number = as_number(value)
    if number is not None:
        return (number,)
    if isinstance(value, Array) and not value.summary:
        return value.elements
    return ()


def needs_confirmation(evaluation: Evaluation) -> bool:
    """Return whether a denial has to be confirmed in a fresh kernel.

    It has where a value was right on the handed-out data only, and no confirmation run took place yet.
    """
    if any(run.label.endswith(CONFIRMATION) for run in evaluation.trace.runs):
        return False
    checks = (check for result in evaluation.results for check in result.checks)
    return any(check.message.id in DOUBTFUL for check in checks)
