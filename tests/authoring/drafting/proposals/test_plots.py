"""Figures: what has to be drawn, and which words ask for its parts."""

from __future__ import annotations

import re

import pytest

from grader.authoring.drafting.proposals.plots import ASKS_FOR, requests
from grader.notebook.folding import fold_words
from tests.authoring.drafting.proposals.notebooks import task_of


@pytest.mark.parametrize(
    ("statement", "drawn"),
    [
        ("plt.plot(losses)", ["losses"]),
        ("plt.plot(xs, losses, 'k--')", ["losses"]),
        ("plt.plot(xs, a * xs + b)", []),
        ("plt.scatter(xs, ys, c=labels)", ["ys"]),
    ],
)
def test_what_is_drawn_is_asked_for_and_not_where(statement, drawn):
    assert drawn == [request.expression for request in requests(task_of(statement))]


@pytest.mark.parametrize(
    ("words", "part"),
    [
        ("Tracez la courbe, avec des axes légendés.", "labels"),
        ("Dibuja la curva con etiquetas en los ejes.", "labels"),
        ("avec un titre", "title"),
        ("con leyenda", "legend"),
    ],
)
def test_words_of_other_languages_ask_for_parts_of_a_figure(words, part):
    assert re.search(ASKS_FOR[part], fold_words(words))
