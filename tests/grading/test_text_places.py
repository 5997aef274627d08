"""Answers that do not stand below the question's own words: a person reads what may be one."""

from __future__ import annotations

import pytest

from grader.assignment import Exercise
from grader.grading.text_answers import TextAnswer, find_answer
from grader.notebook.cells import NotebookCell

ASK_ZERO = "## Questions\n\n**1. What would happen if the gradient were not set back?**\n\nAnswer:"
ASK_CURVES = "**2. What do the two loss curves tell you?**\n\nAnswer:"
QUESTIONS = ("What would happen if the gradient", "What do the two loss curves")
WIDTH = "With the width the loss ends lower."
SUMS = "The gradients add up, so it diverges."


def markdown(source: str) -> NotebookCell:
    return NotebookCell(kind="markdown", source=source)


def code(source: str) -> NotebookCell:
    return NotebookCell(kind="code", source=source)


GIVEN = code("layer = nn.Linear(2, 1)\nlayer(X).shape")
WORK = code("train(layer)")
HANDOUT = (
    markdown("## Exercise 5: the same with a layer"),
    GIVEN,
    code("# your code here"),
    markdown(ASK_ZERO),
    markdown(ASK_CURVES),
)
ZERO, CURVES = (
    Exercise(id=f"question-{number}", title="Q", points=1, check="text", question=question)
    for number, question in enumerate(QUESTIONS, 1)
)


def answers(*cells: NotebookCell) -> list[TextAnswer]:
    """The answers to both questions, below the exercise's own cells."""
    notebook = (HANDOUT[0], GIVEN, WORK, *cells)
    return [
        find_answer(notebook, HANDOUT, ZERO, QUESTIONS),
        find_answer(notebook, HANDOUT, CURVES, QUESTIONS),
    ]


def texts(*cells: NotebookCell) -> list[str]:
    return [answer.text for answer in answers(*cells)]


def test_an_answer_written_over_the_question_is_found_by_its_number():
    over = [markdown(f"**1.** {SUMS}"), markdown(f"**2.** {WIDTH}")]
    assert [f"**1.** {SUMS}", f"**2.** {WIDTH}"] == texts(*over)


def test_both_answers_in_one_cell_are_told_apart_by_their_numbers():
    assert [f"1. {SUMS}", f"2. {WIDTH}"] == texts(markdown(f"1. {SUMS}\n2. {WIDTH}"))


def test_an_answer_in_place_of_the_question_is_never_certain():
    assert [False, False] == [found.certain for found in answers(markdown(SUMS))]


def test_answers_without_numbers_are_shown_for_both_questions():
    both = f"{SUMS}\n\n{WIDTH}"
    assert [both, both] == texts(markdown(both))


def test_an_answer_over_one_question_leaves_the_other_as_it_is():
    found = answers(markdown(SUMS), markdown(f"{ASK_CURVES} {WIDTH}"))
    assert [(SUMS, False), (f"Answer: {WIDTH}", True)] == [
        (answer.text, answer.certain) for answer in found
    ]


def test_a_deleted_question_after_a_blank_one_has_no_answer():
    assert ["", ""] == texts(markdown(ASK_ZERO))


def test_answers_above_their_questions_are_both_found():
    above = [markdown(SUMS), markdown(ASK_ZERO), markdown(WIDTH), markdown(ASK_CURVES)]
    assert all(texts(*above))


def test_an_answer_above_a_question_is_not_the_next_ones():
    below = [markdown(f"{ASK_ZERO} {SUMS}"), markdown(ASK_CURVES)]
    assert [f"Answer: {SUMS}", ""] == texts(*below)


@pytest.mark.parametrize(
    "source",
    [
        f"# Q1: {SUMS}\n# Q2: {WIDTH}",
        f"# Pregunta 1: {SUMS}\n# Pregunta 2: {WIDTH}",
        f"# Respuesta 1: {SUMS}\n# Respuesta 2: {WIDTH}",
        f'"""Question 1: {SUMS}"""\n"""Question 2: {WIDTH}"""',
        f'print("Answer 1: {SUMS}")\nprint("Answer 2: {WIDTH}")',
        f"plt.plot(losses)\n# question 1 - {SUMS}\n# question 2 - {WIDTH}",
        f"# 1. {SUMS}\n# 2. {WIDTH}",
        f'"""\n1) {SUMS}\n\n2) {WIDTH}\n"""',
    ],
)
def test_answers_in_a_code_cell_are_found(source):
    zero, curves = texts(code(source))
    assert SUMS.rstrip(".") in zero
    assert WIDTH.rstrip(".") in curves
    assert WIDTH not in zero


def test_answers_with_labels_below_both_questions_are_found():
    found = texts(
        markdown(ASK_ZERO), markdown(ASK_CURVES), markdown(f"Q1: {SUMS}"), markdown(f"Q2: {WIDTH}")
    )
    assert SUMS in found[0]
    assert WIDTH in found[1]


@pytest.mark.parametrize("source", ["", "# Plot", "plt.plot(losses)  # the curve", "# Q1"])
def test_a_notebook_without_prose_answers_nothing(source):
    assert ["", ""] == texts(code(source))


def test_the_handout_as_it_was_answers_nothing():
    found = [find_answer(HANDOUT, HANDOUT, each, QUESTIONS) for each in (ZERO, CURVES)]
    assert ["", ""] == [answer.text for answer in found]


LISTED = markdown(f"## Questions\n\n1. {QUESTIONS[0]} were not set back?\n2. {QUESTIONS[1]} tell?")


@pytest.mark.parametrize(
    ("reply", "first"),
    [
        (f"1. {SUMS}\n2. {WIDTH}", f"1. {SUMS}"),
        (f"1. Answer: {SUMS}\n2. Answer: {WIDTH}", f"1. Answer: {SUMS}"),
        (f"{SUMS} {WIDTH}", f"{SUMS} {WIDTH}"),
        ("1. Answer:\n2. Answer:", ""),
    ],
)
def test_questions_of_a_list_are_answered_together_below_it(reply: str, first: str):
    handout = (LISTED, markdown("1. Answer:\n2. Answer:"), GIVEN)
    notebook = (LISTED, markdown(reply), GIVEN)
    assert first == find_answer(notebook, handout, ZERO, QUESTIONS).text
