"""Texts that answer what other texts ask."""

from __future__ import annotations

from grader.authoring.drafting.readers.answered_texts import (
    AnsweredQuestion,
    answered_questions,
    explained_results,
)
from grader.authoring.drafting.solved import SolvedCell


def cells(*sources: str) -> list[SolvedCell]:
    """Cells of a notebook: those that begin with `>` are code."""
    notebook = []
    for source in sources:
        kind = "code" if source.startswith(">") else "markdown"
        notebook.append(SolvedCell(kind, source.removeprefix(">").strip()))  # type: ignore[arg-type]
    return notebook


def test_a_question_is_answered_by_the_text_below_it():
    notebook = cells("# Questions", "1. Why?", "Because.", "2. How many?", "> n = 3")
    assert [AnsweredQuestion(1, 2, "Why?", True)] == list(answered_questions(notebook))


def test_what_follows_a_question_that_a_lesson_asks_is_in_doubt():
    assert [AnsweredQuestion(1, 2, "But why?", False)] == list(
        answered_questions(cells("# Lesson", "But why?", "Let us see."))
    )


def test_the_text_below_a_plot_explains_it_where_that_is_asked():
    notebook = cells(
        "## Exercise 1", "Plot it, and explain what you see.", "> plot(x)", "It falls."
    )
    assert [AnsweredQuestion(1, 3, "Plot it, and explain what you see", True)] == list(
        explained_results(notebook)
    )


def test_a_text_with_another_one_behind_it_may_be_the_course_s_own():
    notebook = cells("Plot it. Explain it.", "> plot(x)", "It falls.", "Next, we look at y.")
    assert [] == list(explained_results(notebook))


def test_outside_an_exercise_an_explanation_is_in_doubt():
    notebook = cells("Plot it. Explain it.", "> plot(x)", "It falls.")
    assert [False] == [found.is_sure for found in explained_results(notebook)]
