"""What stands beside an answer: the question, the guide, and what the reference answers; as much as there is of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.review.context import Beside, beside
from grader.settings import Settings
from tests.support.bench import EXERCISES, SOLUTIONS, Course, write_mean_course

SHIPPED = Settings(exercises=EXERCISES, solutions=SOLUTIONS)


@pytest.mark.parametrize("name", ["autograd", "linear-regression"])
def test_every_question_of_the_shipped_assignments_has_a_guide_and_an_answer_of_the_reference(name):
    found = beside(SHIPPED, name, "pt")
    assert [] == [
        asked for asked, one in found.items() if not (one.question and one.guide and one.answer)
    ]
    assert len(found) >= 2


def test_the_question_is_there_in_full_and_in_the_handouts_words():
    question = beside(SHIPPED, "autograd", "pt")["autograd", "question-2"].question
    assert question.endswith(
        "após a execução do `backward()`? E se for preciso chamá-lo outra vez?"
    )


def test_a_guide_is_in_the_language_asked_for():
    told = [
        beside(SHIPPED, "autograd", language)["autograd", "reflection"].guide
        for language in ("pt", "en")
    ]
    assert ["Não vale pontos.", "It earns no points."] == [
        one.partition(".")[0] + "." for one in told
    ]


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return write_mean_course(tmp_path)


def of(course: Course) -> Beside | None:
    settings = Settings(exercises=course.exercises, solutions=course.solutions)
    return beside(settings, "media", "pt").get(("media", "why"))


def test_without_a_guide_the_question_stands_alone(course):
    found = of(course)
    assert found is not None
    assert ("", True) == (found.guide, "Por que a média muda com um único dado" in found.question)


def test_without_a_reference_that_can_be_read_answers_are_still_read(course):
    (course.solutions / "media/media.ipynb").unlink()
    found = of(course)
    assert found is not None
    assert ("", "", True) == (found.guide, found.answer, bool(found.question))


def test_of_an_assignment_that_is_gone_nothing_is_known(course):
    (course.exercises / "media/assignment.toml").unlink()
    assert of(course) is None
