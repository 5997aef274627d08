"""Find the reference's names for answers that exercises refer to as `own.ID`. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from grader.assignment import Assignment, Exercise
from grader.grading.marked_answers import SEPARATOR, MarkedAnswer
from grader.job import Question

Marked = Mapping[str, MarkedAnswer]
"""Per exercise, under which names the reference answers it."""


def with_own_paths(
    questions: Iterable[Question], assignment: Assignment, marked: Marked
) -> tuple[Question, ...]:
    """Add to questions the names of the answers they refer to.

    Args:
        questions: the questions to a notebook.
        assignment: the exercises.
        marked: where the reference answers them.
    """
    paths = {exercise.id: _paths(exercise, marked) for exercise in assignment.exercises}
    return tuple(_completed(question, paths) for question in questions)


def _completed(question: Question, paths: Mapping[str, tuple[str, ...]]) -> Question:
    own_paths = {name: paths.get(name, ()) for name in question.own}
    return question.model_copy(update={"own_paths": own_paths})


def _paths(exercise: Exercise, marked: Marked) -> tuple[str, ...]:
    object_name = exercise.function or exercise.of or exercise.module
    if object_name:
        return (object_name,)
    answer = marked.get(exercise.id)
    if answer is None:
        return ()
    return tuple(name for name in answer.names if SEPARATOR not in name)
