"""The check `text` says whether there is something for a person to read."""

from __future__ import annotations

import pytest

from grader.grading.checks.base import Notebooks
from grader.grading.checks.text import MAX_ANSWER, TextCheck
from grader.notebook.cells import NotebookCell
from grader.report import CheckResult, ExerciseStatus
from tests.support.traces import exercise

QUESTION = "Why do gradients add up?"
WHY = exercise("why", "text", question=QUESTION)


def read(*sources: str) -> tuple[ExerciseStatus, CheckResult]:
    handout = [NotebookCell(kind="markdown", source=QUESTION)]
    submission = [NotebookCell(kind="markdown", source=source) for source in sources]
    return TextCheck().read(WHY, Notebooks(submission, handout))


def test_an_answered_question_waits_for_a_person():
    status, result = read(QUESTION, "Backward adds them.")
    assert ("pending", "text.answered", {"words": 3}) == (
        status,
        result.message.id,
        result.message.params,
    )


def test_the_instructor_reads_the_answer_and_its_cell():
    _, result = read("# Questions", QUESTION, "Backward adds them.")
    assert result.found is not None
    assert ("Backward adds them.", 2) == (result.found.value, result.found.where.cell)


def test_an_endless_answer_is_cut_in_the_report():
    _, result = read(QUESTION, "a" * 2 * MAX_ANSWER)
    assert result.found is not None
    assert MAX_ANSWER + 2 == len(result.found.value)


@pytest.mark.parametrize(
    ("source", "message"),
    [(QUESTION, "text.blank"), ("Backward adds them.", "text.question-not-found")],
)
def test_without_an_answer_the_exercise_is_missing(source, message):
    status, result = read(source)
    assert ("missing", message) == (status, result.message.id)
