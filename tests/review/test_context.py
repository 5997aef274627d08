"""The context of an answer: question, guide and the reference's answer, as far as they exist."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.assignment import load_assignment
from grader.notebook.cells import NotebookCell
from grader.review.context import AnswerContext, load_context, sections_of
from grader.settings import Settings
from grader.submissions.submission import Submission
from tests.support.courses import EXERCISES, SOLUTIONS, Course
from tests.support.mean_course import write_mean_course

SHIPPED = Settings(exercises=EXERCISES, solutions=SOLUTIONS)


@pytest.mark.parametrize("name", ["autograd", "linear-regression", "digits-cnn"])
def test_every_question_of_the_shipped_assignments_has_a_guide_and_an_answer_of_the_reference(name):
    contexts = load_context(SHIPPED, name, "pt")
    incomplete = []
    for key, context in contexts.items():
        if not (context.question and context.guide and context.answer):
            incomplete.append(key)
    assert [] == incomplete
    assert len(contexts) >= 2


def test_the_question_is_there_in_full_and_in_the_handouts_words():
    question = load_context(SHIPPED, "autograd", "pt")["autograd", "question-2"].question
    assert question.endswith(
        "após a execução do `backward()`? E se for preciso chamá-lo outra vez?"
    )


def test_a_guide_is_in_the_language_asked_for():
    told = [
        load_context(SHIPPED, "autograd", language)["autograd", "reflection"].guide
        for language in ("pt", "en")
    ]
    assert ["Não vale pontos.", "It earns no points."] == [
        one.partition(".")[0] + "." for one in told
    ]


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return write_mean_course(tmp_path)


def context_of(course: Course) -> AnswerContext | None:
    settings = Settings(exercises=course.exercises, solutions=course.solutions)
    return load_context(settings, "media", "pt").get(("media", "why"))


def test_without_a_guide_the_question_stands_alone(course):
    context = context_of(course)
    assert context is not None
    assert ("", True) == (
        context.guide,
        "Por que a média muda com um único dado" in context.question,
    )


def test_without_a_reference_that_can_be_read_answers_are_still_read(course):
    (course.solutions / "media/media.ipynb").unlink()
    context = context_of(course)
    assert context is not None
    assert ("", "", True) == (context.guide, context.answer, bool(context.question))


LOOKED_AT = """
[[exercises]]
id = "drawing"
title = "A drawing"
points = 1
check = "manual"
question = "Por que a média muda"
"""


def handed_in(course: Course) -> Submission:
    """The handout with a cell at its end, which stands below the question."""
    handout = load_assignment(course.exercises / "media").handout
    cells = (*handout, NotebookCell(kind="code", source="plt.plot(x)"))
    return Submission("ana", "ana", "ana.ipynb", Path("ana"), cells=cells)


def test_the_cells_of_a_section_that_a_person_looks_at_are_found(course):
    with (course.exercises / "media/assignment.toml").open("a", encoding="utf-8") as file:
        file.write(LOOKED_AT)
    submission = handed_in(course)
    settings = Settings(exercises=course.exercises, solutions=course.solutions)
    sections = sections_of(settings, "media", submission)
    assert {"drawing": (len(submission.cells) - 1,)} == sections


def test_an_assignment_that_is_gone_has_no_sections(course):
    submission = handed_in(course)
    settings = Settings(exercises=course.folder / "elsewhere")
    assert {} == sections_of(settings, "media", submission)


def test_of_an_assignment_that_is_gone_nothing_is_known(course):
    (course.exercises / "media/assignment.toml").unlink()
    assert context_of(course) is None
