"""Which known mistakes are worth running together."""

from __future__ import annotations

import pytest

from grader.assignment import load_assignment
from grader.grading.expectation import Answer
from grader.grading.mistakes import KnownMistake
from grader.reference.combinations import combinable
from grader.reference.files import ReferenceFiles
from grader.reference.knowledge import KnowledgeBuilder
from grader.reference.records import StoredMistake, StoredReference
from grader.trace import BASE
from tests.support.courses import Course
from tests.support.traces import value_of


def changes(*exercises: str) -> StoredMistake:
    """A mistake that gives another answer to some exercises."""
    wrong = {BASE: (Answer(value=value_of(9.0)),)}
    return StoredMistake(answers=dict.fromkeys(exercises, wrong), told={})


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        (changes("mean", "spread"), ["sum-only+from-the-least"]),
        (changes("spread"), []),
    ],
)
def test_mistakes_run_together_where_they_change_an_answer_in_common(
    course: Course, second: StoredMistake, expected: list[str]
) -> None:
    solution = ReferenceFiles(
        load_assignment(course.exercises / "media"), course.solutions / "media"
    )
    mistakes = {"sum-only": changes("mean"), "from-the-least": second}
    assert expected == combinable(solution, mistakes)


def gives(**values: float) -> StoredMistake:
    """What mistakes compute: a value for each exercise whose answer they change."""
    answers = {name: {BASE: (Answer(value=value_of(value)),)} for name, value in values.items()}
    return StoredMistake(answers=answers, told={})


def test_each_answer_is_blamed_on_the_fewest_that_ran_together(course: Course) -> None:
    assignment = load_assignment(course.exercises / "media")
    alone = {
        "both": gives(mean=1.0, spread=1.0),
        "of-mean": gives(mean=2.0),
        "of-spread": gives(spread=3.0),
    }
    # The last two meet in no answer, so nobody ran them together.
    together = {
        "both+of-mean": gives(mean=4.0, spread=1.0),
        "both+of-spread": gives(mean=1.0, spread=5.0),
        "both+of-mean+of-spread": gives(mean=4.0, spread=5.0),
    }
    exercises = {exercise.id: exercise for exercise in assignment.exercises}
    reference = StoredReference.model_construct()
    builder = KnowledgeBuilder(exercises, reference, alone, tables={})
    known = [KnownMistake(name, {}, {}, {}, {}) for name in alone]

    (way,) = builder.ways(known, {"both+of-mean+of-spread": gives(mean=4.0, spread=5.0)}, together)

    blamed = {name: [mistake.id for mistake in fewest] for name, fewest in way.blamed.items()}
    assert {"mean": ["both", "of-mean"], "spread": ["both", "of-spread"]} == blamed


def calls(*results: float, spread: float) -> StoredMistake:
    """What mistakes compute: the result of each call for `mean`, and a value for `spread`."""
    made = gives(spread=spread)
    of_calls = {
        f"mean({number})": (Answer(value=value_of(result)),)
        for number, result in enumerate(results, start=1)
    }
    return made.model_copy(update={"answers": made.answers | {"mean": of_calls}})


def test_calls_of_a_function_are_blamed_on_the_mistake_that_is_in_it(course: Course) -> None:
    assignment = load_assignment(course.exercises / "media")
    alone = {"sum": calls(3.0, 4.0, spread=1.0), "rate": gives(spread=2.0)}
    together = {"sum+rate": calls(3.0, 4.0, spread=5.0)}
    exercises = {exercise.id: exercise for exercise in assignment.exercises}
    builder = KnowledgeBuilder(exercises, StoredReference.model_construct(), alone, tables={})
    known = [KnownMistake(name, {}, {}, {}, {}) for name in alone]

    (way,) = builder.ways(known, together, together)

    assert ["sum"] == [mistake.id for mistake in way.blamed["mean"]]
