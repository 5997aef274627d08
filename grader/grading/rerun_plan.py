"""What has to run, or to be made, before a submission can be graded: asked of its trace so far. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from grader.assignment import Assignment, Exercise
from grader.grading.checks.base import Context
from grader.grading.checks.registry import AUTOMATIC, check_of
from grader.grading.evaluation import Evaluation
from grader.grading.expectation import as_number
from grader.grading.follows_data import CONFIRMATION
from grader.grading.knowledge import Given, Knowledge
from grader.grading.mistakes import Made, WrongWay, alone, explaining_cells, plausible, recognise
from grader.grading.search import Candidate, Values, find
from grader.notebook.slicing import cells_behind
from grader.trace import BASE, Array, Trace, Value, VariedInput

MAX_GIVEN = 8
"""Most values of a submission that an exercise is tried from: the last ones."""


def cells_of_interest(values: Values, assignment: Assignment, knowledge: Knowledge) -> list[int]:
    """The cells that have to run again with other numbers: those behind values that may earn or explain something.

    Args:
        values: those of the base run alone.
        assignment: the exercises.
        knowledge: with the mistakes, if some exercise has no right value in the trace.
    """
    wanted: set[int] = set()
    failed = []
    for exercise in _following(assignment):
        found = find(values, exercise.look_in, knowledge.expectations[exercise.id])
        wanted |= {one.candidate.place.cell for one in found}
        if not found or found[0].credit < 1:
            failed.append(exercise)
    wanted |= explaining_cells(values, failed, knowledge.ways, knowledge.right)
    for given, expectation in knowledge.given.items():
        look_in = next(e.look_in for e in assignment.exercises if e.id == given.exercise)
        wanted |= {one.candidate.place.cell for one in find(values, look_in, expectation)}
    if wanted:
        wanted |= _cells_with_data(values.trace, knowledge.inputs)
    trace = values.trace
    sources = {cell.cell: cell.source for cell in trace.cells}
    order = [(run.cell, sources[run.cell]) for run in trace.base.cells if run.cell in sources]
    return cells_behind(order, wanted) if wanted else []


def _cells_with_data(trace: Trace, inputs: Sequence[VariedInput]) -> set[int]:
    """Where the data is met first: a value that does not need it is then seen to stand still while it changes."""
    seen: dict[tuple[float, ...], int] = {}
    for event in trace.base.events:
        for value in event.values.values():
            if isinstance(value, Array):
                seen.setdefault(tuple(value.elements), event.cell)
    return {seen[item.original.elements] for item in inputs if item.original.elements in seen}


def lacks_an_answer(values: Values, assignment: Assignment, knowledge: Knowledge) -> bool:
    """Whether some exercise has no whole answer even on the handed-out data, so that mistakes are worth making."""
    for exercise in assignment.exercises:
        if not exercise.automatic:
            continue
        expectation = knowledge.expectations[exercise.id]
        context = Context(values, expectation, knowledge.right[exercise.id])
        if AUTOMATIC[exercise.check].lacks_answer(exercise, context):
            return True
    return False


def _following(assignment: Assignment) -> list[Exercise]:
    """The exercises whose answer has to follow the data."""
    return [exercise for exercise in assignment.exercises if check_of(exercise).follows_data]


def unexplained(values: Values, assignment: Assignment, knowledge: Knowledge) -> list[Exercise]:
    """The exercises that single mistakes do not explain on the handed-out data, though there is something to explain.

    They have no right value there, and values of the submission's own.
    """
    failed, made = _without_variants(values, assignment, knowledge)
    singles = [alone(mistake) for mistake in knowledge.mistakes]
    told = recognise(values, failed, made, singles, knowledge.right, varied=False)
    explained = {exercise for one in told for exercise in one.explains}
    left = (exercise for exercise in failed if exercise.id not in explained)
    return [
        exercise
        for exercise in left
        if any(check_of(exercise).own_values(exercise, values, knowledge.right[exercise.id]))
    ]


def _without_variants(
    values: Values, assignment: Assignment, knowledge: Knowledge
) -> tuple[list[Exercise], Made]:
    """The exercises that fail on the handed-out data already, and the values by which the others may pass."""
    asked = _following(assignment)
    found = {e.id: find(values, e.look_in, knowledge.expectations[e.id]) for e in asked}
    failed = [exercise for exercise in asked if not found[exercise.id]]
    return failed, {exercise: places[0].candidate for exercise, places in found.items() if places}


def plausible_combinations(
    values: Values, assignment: Assignment, knowledge: Knowledge, combinations: Iterable[WrongWay]
) -> list[WrongWay]:
    """The mistakes that a submission may have made together, where none alone explains what it failed.

    Args:
        values: what the submission computed on the handed-out data.
        assignment: the exercises.
        knowledge: with the mistakes.
        combinations: what they compute together, on the handed-out data.
    """
    failed, made = _without_variants(values, assignment, knowledge)
    return plausible(values, failed, made, combinations, knowledge.right)


def given_values(values: Values, assignment: Assignment, knowledge: Knowledge) -> tuple[Given, ...]:
    """The submission's own values that exercises may have started from, where that value itself is not right.

    Args:
        values: what the submission computed; what it has of each run is asked for.
        assignment: the exercises.
        knowledge: without what is asked for here.
    """
    found: dict[Given, None] = {}
    for exercise in assignment.exercises:
        if exercise.id not in knowledge.sources:
            continue
        source, size = knowledge.sources[exercise.id]
        asked = assignment.exercise(source)
        if asked is None or any(
            find(values, e.look_in, knowledge.expectations[e.id]) for e in (exercise, asked)
        ):
            continue
        for candidate in check_of(asked).own_values(asked, values, knowledge.right[source]):
            elements = _elements_by_run(values, candidate, asked, size)
            if elements:
                found[Given(exercise.id, elements)] = None
    return tuple(found)[-MAX_GIVEN:]


def _elements_by_run(
    values: Values, candidate: Candidate, exercise: Exercise, size: int
) -> tuple[tuple[str, tuple[float, ...]], ...]:
    """A value's elements in every run that has it at its place; nothing where it is of another size."""
    found = []
    for run in values.trace.runs:
        there = values.at(run.label, candidate.place, exercise.look_in)
        elements = _elements(there[-1].value) if there else ()
        if len(elements) == size:
            found.append((run.label, elements))
    return tuple(found) if found and found[0][0] == BASE else ()


def _elements(value: Value) -> tuple[float, ...]:
    number = as_number(value)
    if number is not None:
        return (number,)
    return value.elements if isinstance(value, Array) and not value.summary else ()


def needs_confirmation(evaluation: Evaluation) -> bool:
    """Whether a denial has to be confirmed in a fresh kernel: a value was right on the handed-out data only."""
    if any(run.label.endswith(CONFIRMATION) for run in evaluation.trace.runs):
        return False
    doubtful = {
        "value.does-not-follow-data",
        "value.only-here",
        "unverified.raises-only-in-variant",
    }
    return any(
        check.message.id in doubtful for result in evaluation.results for check in result.checks
    )
