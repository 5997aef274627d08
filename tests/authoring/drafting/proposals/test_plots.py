"""Figures: what has to be drawn, and which words ask for its parts."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from grader.authoring.drafting.proposals.base import Proposal
from grader.authoring.drafting.proposals.plots import ASKS_FOR, propose, requests
from grader.notebook.folding import fold_words
from grader.trace import Event, Text
from tests.authoring.drafting.proposals.notebooks import observed, task_of, tensor


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


@pytest.mark.parametrize(
    ("words", "rules"),
    [
        ("Plot the losses.", {"kinds": ("line",)}),
        ("Plot the losses of training and test.", {"kinds": ("line",), "lines": 2}),
        ("Train it and test it. Plot the losses.", {"kinds": ("line",)}),
        ("Plot the losses in two figures.", {"kinds": ("line",), "axes": 2, "lines": 2}),
        ("Desenhe as perdas lado a lado.", {"kinds": ("line",), "axes": 2}),
        ("Plot the losses on a logarithmic axis.", {"kinds": ("line",), "y_scale": "log"}),
    ],
)
def test_no_more_is_asked_of_a_figure_than_the_words_do(words: str, rules: dict[str, object]):
    [proposal] = proposed("plt.plot(a + b)\nplt.plot(b)", words)
    assert rules == proposal.fields["figure"]


@pytest.mark.parametrize(
    ("function", "is_figure"), [("return a + b", False), ("plt.plot(a)\n    return a", True)]
)
def test_the_figure_of_a_function_that_draws_nothing_is_an_extra(function: str, is_figure: bool):
    answer = f"def total(a, b):\n    {function}\n\nplt.plot(total(a, b))"
    assert is_figure == bool(proposed(answer, "Plot the sum."))


def proposed(answer: str, words: str) -> list[Proposal]:
    """What is proposed for an answer that drew two axes, one with two lines."""
    task = task_of(answer, words=words)
    one = {"kinds": Text(value="line"), "yscale": Text(value="log")}
    values = {f"axes[0].{name}": value for name, value in one.items()}
    values |= {f"axes[1].{name}": value for name, value in one.items()}
    values |= {f"axes[0].line[{index}].y": tensor(1.0, 2.0) for index in range(2)}
    drawn = Event(run="base", kind="figure", cell=2, values=values)
    seen = observed(task, {})
    seen = replace(seen, run=seen.run.model_copy(update={"events": (drawn,)}))
    return list(propose(task, seen))
