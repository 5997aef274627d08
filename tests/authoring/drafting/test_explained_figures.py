"""An exercise that asks for a figure and for words about it becomes two."""

from __future__ import annotations

from grader.authoring.drafting.explained_figures import split_explained
from grader.authoring.drafting.solved import Task

WORDS = "Exercise 3\n\nPlot the losses. Explain what you see."


def test_words_about_a_figure_are_an_exercise_of_their_own():
    figure, words = split_explained([Task("Exercise 3", (2,), points=4, words=WORDS)])
    assert (2, True, False) == (figure.points, figure.is_explained_apart, figure.is_manual)
    assert (2, True, (2,)) == (words.points, words.is_manual, words.cells)
    assert "Plot the losses" == words.title


def test_where_the_solved_notebook_has_the_words_there_are_two_already():
    figure = Task("Exercise 3", (2,), words=WORDS)
    answer = Task("Explain", question="Explain what you see", words=WORDS)
    split = list(split_explained([figure, answer]))
    assert ["Exercise 3", "Explain"] == [task.title for task in split]
    assert split[0].is_explained_apart


def test_a_figure_without_words_stays_one():
    task = Task("Exercise 3", (2,), words="Exercise 3\n\nPlot the losses.")
    assert [task] == list(split_explained([task]))
