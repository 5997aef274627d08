"""Exercises that nobody marked: headings, texts that ask, questions and their answers."""

from __future__ import annotations

import pytest

from grader.authoring.drafting.readers.headings import heading_of, question_in, title_of
from grader.authoring.drafting.readers.sections import find_sections
from grader.authoring.drafting.solved import SolvedCell


def cells(*sources: str) -> list[SolvedCell]:
    """Cells of a notebook: those that begin with `>` are code."""
    return [
        SolvedCell("code", source[1:].strip())
        if source.startswith(">")
        else SolvedCell("markdown", source)
        for source in sources
    ]


def found(*sources: str) -> list[tuple[str, list[int]]]:
    return [
        (section.title, section.cells)
        for section in find_sections(cells(*sources))
        if section.is_exercise and section.cells
    ]


@pytest.mark.parametrize(
    "heading",
    [
        "Exercício 2",
        "Exercise 1: sums",
        "Atividade",
        "Activity 3",
        "Task",
        "Question",
        "Questão 4",
        "Sua vez!",
        "Your turn",
    ],
)
def test_a_heading_makes_what_stands_below_it_an_exercise(heading):
    assert [(heading, [1])] == found(f"## {heading}", "> y = x + 1")


def test_a_bold_line_does_too():
    assert [("Exercise 1", [1])] == found("**Exercise 1**\n\nAdd.", "> y = x + 1")


def test_a_comment_that_opens_a_cell_does_too():
    assert [("Exercício 3: soma", [1])] == found("# Aula", "> # Exercício 3: soma\ns = x.sum()")


def test_below_a_heading_of_several_each_text_that_asks_is_one():
    expected = [("Calcule a soma", [2]), ("Calcule a média", [4])]
    assert expected == found(
        "# Exercícios",
        "1. Calcule a soma.",
        "> s = x.sum()",
        "2. Calcule a média.",
        "> m = x.mean()",
    )


def test_a_text_below_the_heading_of_an_exercise_belongs_to_it():
    assert [("Exercise 1", [2])] == found("## Exercise 1", "Compute the sum.", "> s = x.sum()")


def test_a_heading_of_the_same_level_ends_the_exercises():
    assert [("Exercise 1", [1])] == found(
        "## Exercise 1", "> s = 1 + x", "## Summary", "> t = 2 + x"
    )


def test_a_heading_below_an_exercise_is_part_of_it():
    assert [("Exercise 1", [1]), ("The second half", [3])] == found(
        "# Exercise 1", "> s = 1 + x", "## The second half", "> t = 2 + x"
    )


def test_hashes_in_a_fenced_block_are_no_heading():
    assert heading_of(SolvedCell("markdown", "Text.\n```\n# Exercise\n```")) is None


def test_a_title_is_a_sentence_without_its_number():
    assert "Compute the loss J" == title_of("2. Compute the **loss** `J`. Then take its gradient.")


def test_a_long_title_is_cut_at_a_word():
    assert title_of("word " * 40).endswith("word…")


def test_the_first_sentence_that_asks_is_the_question():
    assert "What is it?" == question_in("1. What is it? And *why* is it so?\n\nThink of the signs.")


def test_a_question_may_go_on_below_its_line():
    assert "Why does it fall when the step is short?" == question_in(
        "Text.\n\nWhy does it fall\nwhen the step is short?"
    )


@pytest.mark.parametrize("heading", ["The curve (2 points)", "Curva [1 pto]", "Courbe (1,5 pts)"])
def test_a_heading_with_points_is_an_exercise(heading):
    assert [(heading, [1])] == found(f"## {heading}", "> y = x + 1")


def test_points_below_a_heading_make_it_one_where_the_text_asks():
    assert [("The sum", [1])] == found("## The sum\nAdd the numbers. (2 marks)", "> s = x.sum()")


def test_the_points_of_a_part_are_those_of_its_exercises():
    assert [("Mean (4 points)", [3]), ("Sum (6 points)", [5])] == found(
        "# Part 1 (10 points)",
        "> x = 1",
        "## Mean (4 points)",
        "> m = 1",
        "## Sum (6 points)",
        "> s = 1",
    )
