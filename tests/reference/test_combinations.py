"""Which known mistakes are worth running together."""

from __future__ import annotations

import pytest

from grader.assignment import load_assignment
from grader.grading.expectation import Answer
from grader.reference.combinations import combinable
from grader.reference.files import ReferenceFiles
from grader.reference.records import StoredMistake
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
