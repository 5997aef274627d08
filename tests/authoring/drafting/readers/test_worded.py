"""Answers in words that stand in the cell of their question."""

from __future__ import annotations

import pytest

from grader.authoring.drafting.readers.worded import (
    answer_comments,
    without_lines,
    worded_answers,
)

WHY = "**Question 2**: Why does the loss fall?"


def handed(source: str, question: str = "") -> str:
    answers = worded_answers(source, question)
    kept = without_lines(source.split("\n"), answers, "HERE")
    return "\n".join(text for text, _, in_handout in kept if in_handout)


@pytest.mark.parametrize(
    "answer",
    [
        "<font color='red'>Because of the gradient.</font>",
        '<span style="color:blue">Because of the gradient.</span>',
        "> Because of the gradient.",
        "<span style='color: red'>\nmany lines\nof an answer\n</span>",
        "<details>\n<summary>Answer</summary>\nBecause of the gradient.\n</details>",
    ],
)
def test_an_answer_of_another_form_is_taken_out(answer):
    assert f"{WHY}\n\nHERE\n\nNow we go on." == handed(f"{WHY}\n\n{answer}\n\nNow we go on.")


@pytest.mark.parametrize(
    "label",
    [
        "A:",
        "Answer:",
        "**Answer:**",
        "*Your Answer:*",
        "$\\color{blue}{\\textit Your Answer:}$",
        "Resposta:",
        "**Sua resposta:**",
        "Respuesta:",
        "**Réponse :**",
        "Antwort:",
        "答案：",
    ],
)
def test_the_label_of_an_answer_stays(label):
    source = f"{WHY}\n\n{label} because of the gradient.\nAnd so on."
    assert f"{WHY}\n\n{label}\n\nHERE" == handed(source)


def test_each_question_of_a_text_has_its_answer():
    source = "1. Why?\n   - Because of the sign.\n2. What is w?\n   - A weight of it."
    questions = [answer.question for answer in worded_answers(source)]
    assert ["Why?", "What is w?"] == questions
    assert "1. Why?\n   HERE\n2. What is w?\n   HERE" == handed(source)


def test_labels_of_several_questions_are_told_apart():
    source = "**Q1.** Why?\n\n**Answer:** So.\n\n**Q2.** What?\n\n**Answer:** That."
    assert [[3], [7]] == [answer.lines for answer in worded_answers(source)]


def test_an_answer_below_a_question_of_the_cell_above_is_found():
    assert "**Answer:**\n\nHERE" == handed("**Answer:** since it is so", "Why is it so?")


def test_a_task_in_words_is_asked_by_its_first_line():
    (answer,) = worded_answers("Explain the loss. (2 points)\n\nAnswer: it falls.")
    assert "Explain the loss" == answer.question


@pytest.mark.parametrize(
    "source",
    [
        WHY,
        f"{WHY}\n\nYour answer: ___",
        f"{WHY}\n\n*Answer:*",
        f"{WHY}\n- [ ] it is small\n- [x] it is large",
        "> **Exercise**: what is the mean?\n\n> Take all of the numbers.",
        "## Is there another way?\n  * If there is, use that one.",
        f"{WHY}\n<details><summary>Hint</summary>Look at the sign.</details>",
        "The answer: it depends.",
    ],
)
def test_a_text_without_an_answer_stays(source):
    assert source == handed(source)


def test_comments_that_answer_are_found():
    source = "s = x.sum()\n# Answer: because of it\n# and so on\nprint(s)"
    assert [2, 3] == answer_comments(source)


def test_other_comments_are_no_answers():
    assert [] == answer_comments("# the answer is below\ns = 1  # Answer\n# Answer: ...")
