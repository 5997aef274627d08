"""Find a notebook's answers to exercises that others refer to as `own.ID`. Pure.

Called before the questions are asked, and before any variant runs. The values are the student's
own, and go back to the kernel that they came from.
"""

from __future__ import annotations

from collections.abc import Sequence

from grader.assignment import Assignment, Exercise
from grader.grading.chance import MAX_CHANCE, WIDE_WINDOWS, density
from grader.grading.checks.outcome import Outcome
from grader.grading.checks.registry import AUTOMATIC
from grader.grading.expectation import Expectation
from grader.grading.grade import decide_first
from grader.grading.knowledge import Headings, Knowledge
from grader.grading.search import Values
from grader.job import OwnAnswer, OwnAnswers
from grader.notebook.cells import NotebookCell
from grader.trace import BASE


def own_answers(
    values: Values,
    assignment: Assignment,
    knowledge: Knowledge,
    headings: Headings,
    notebook: Sequence[NotebookCell] = (),
) -> OwnAnswers:
    """Find a notebook's answers to the exercises that others refer to.

    Args:
        values: its values so far.
        assignment: the exercises.
        knowledge: the reference's values.
        headings: returns the heading above a cell.
        notebook: all cells of the submission.
    """
    wanted = {name for question in assignment.questions for name in question.own}
    exercises = [exercise for exercise in assignment.exercises if exercise.id in wanted]
    narrowed = assignment.model_copy(update={"exercises": tuple(exercises)})
    outcomes = decide_first(values, narrowed, knowledge, headings, notebook)
    answers: dict[str, OwnAnswer] = {}
    for exercise in exercises:
        name = exercise.id
        if _offers_many(exercise, values, knowledge.expectations[name]):
            answers[name] = OwnAnswer(tried=True)
        else:
            names = _names_of(exercise, knowledge)
            answers[name] = _choose_answer(exercise, outcomes[name], values, names)
    return answers


def _names_of(exercise: Exercise, knowledge: Knowledge) -> Sequence[str]:
    """List the names that the reference uses for the answer of an exercise."""
    marked = knowledge.marked.get(exercise.id)
    if marked is None:
        return ()
    return marked.names


def _offers_many(exercise: Exercise, values: Values, expectation: Expectation) -> bool:
    """Return whether there are so many numbers that one may agree by chance.

    SECURITY: the kernel is told which value is the answer; in a grid that would reveal the right
    one.
    """
    look_in = AUTOMATIC[exercise.check].look_in(exercise)
    offered = values.of(BASE, look_in)
    distances = [candidate.distance(expectation, BASE) for candidate in offered]
    return density(distances, WIDE_WINDOWS) > MAX_CHANCE


def _choose_answer(
    exercise: Exercise, outcome: Outcome, values: Values, names: Sequence[str]
) -> OwnAnswer:
    """Choose the value of an answer.

    One that earns points comes first, then one with the reference's name for it.

    SECURITY: the kernel is told which value was chosen, but not whether it earns points.
    """
    found = outcome.found
    tried = outcome.status != "missing"
    earns = outcome.credit > 0 or outcome.status == "pending"
    if found is None or not earns:
        named = _first_bound(values, names)
        if named:
            return OwnAnswer(path=named, tried=tried)
    if found is None:
        return OwnAnswer(tried=tried)
    if exercise.asked is None:
        return OwnAnswer(value=found.value, tried=tried)
    own_name, _, _ = found.event.scope.partition(" for ")
    path = own_name or exercise.of or exercise.module
    return OwnAnswer(path=path, tried=tried)


def _first_bound(values: Values, names: Sequence[str]) -> str:
    """Return the first of some names that a cell binds; empty if none does."""
    bound: set[str] = set()
    for event in values.trace.base.events:
        if not event.scope:
            bound.update(event.values)
    for name in names:
        if name in bound:
            return name
    return ""
