"""Cells that students get and that may still hold an answer in words are listed."""

from __future__ import annotations

import pytest

from grader.authoring.drafting.readers.leftovers import may_hold_answers
from grader.authoring.drafting.solved import DraftCell, DraftLine

QUESTION = "**Question 2**: Why does the loss fall?"


def cell(source: str, kind: str = "markdown", *, in_handout: bool = True) -> DraftCell:
    lines = tuple(DraftLine(text, in_handout=in_handout) for text in source.split("\n"))
    return DraftCell(kind, lines)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "source",
    [
        f"{QUESTION}\n\n<font color='red'>Because of the gradient.</font>",
        f"{QUESTION}\n\n*Your Answer:* Because of the gradient.",
        f"{QUESTION}\n\n$\\color{{blue}}{{\\textit Your Answer:}}$ because of the gradient",
        f"{QUESTION}\n\n> Because of the gradient.",
        "**Resposta:** porque o passo vai contra o gradiente",
        "1. Why?\n   - Because of the gradient.\n2. What is w?\n   - A weight.",
        "Q: Why does it fall?\nA: Because of the gradient.",
        "问题 2：为什么损失会下降？\n\n因为步长沿着负梯度方向。",
        "**Réponse :** parce que le pas va contre le gradient",
    ],
)
def test_a_text_with_an_answer_is_listed(source: str) -> None:
    assert [0] == list(may_hold_answers([cell(source)]))


def test_a_comment_below_a_question_is_listed() -> None:
    assert [1] == list(
        may_hold_answers([cell(QUESTION), cell("# Because of the step we took.", "code")])
    )


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Pourquoi la perte diminue-t-elle ?", "Parce que le pas va contre le gradient."),
        ("为什么损失会下降？", "因为步长沿着负梯度方向。"),
        ("لماذا تنخفض الخسارة؟", "لأن الخطوة عكس التدرج."),
    ],
)
def test_a_text_below_a_question_is_listed(question: str, answer: str) -> None:
    assert [1] == list(may_hold_answers([cell(question), cell(answer)]))


def test_a_heading_below_a_question_is_not() -> None:
    assert [] == list(may_hold_answers([cell(QUESTION), cell("## The model of a line")]))


@pytest.mark.parametrize(
    "source",
    [
        QUESTION,
        "Ready? Then begin.",
        f"{QUESTION}\n\nYour answer: ___",
        "Resposta: escreva aqui a sua resposta",
        "1. Why does the loss fall?\n2. What is w?\n3. What is x?",
        "## The model\n\nA line has a slope and an intercept.",
    ],
)
def test_a_text_without_an_answer_is_not(source: str) -> None:
    assert [] == list(may_hold_answers([cell(source)]))


@pytest.mark.parametrize("source", ["# your code here, please write it", "# the data", "x = 1"])
def test_given_code_below_a_question_is_not(source: str) -> None:
    assert [] == list(may_hold_answers([cell(QUESTION), cell(source, "code")]))


def test_what_students_do_not_get_is_not() -> None:
    answer = cell("Answer: because of the gradient", in_handout=False)
    assert [] == list(may_hold_answers([answer]))
