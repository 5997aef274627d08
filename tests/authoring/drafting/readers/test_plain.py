"""Notebooks without another grader's marks: exercises by marks of courses and by words."""

from __future__ import annotations

import pytest

from grader.authoring.drafting.readers.detect import read_solved
from grader.authoring.drafting.solved import Placeholders, SolvedCell, SolvedNotebook

PLACEHOLDERS = Placeholders("# your code here", "*Write your answer here.*")
SETUP = "> import torch\nx = torch.ones(3)"


def read(*sources: str) -> SolvedNotebook:
    """Read cells: those that begin with `>` and a blank are code, with `~` raw."""
    kinds = {">": "code", "~": "raw"}
    cells = []
    for index, source in enumerate(sources):
        is_quote = source.startswith("> **")
        kind = "markdown" if is_quote else kinds.get(source[0], "markdown")
        text = source if kind == "markdown" else source[1:].strip()
        cells.append(SolvedCell(kind, text, index=index))  # type: ignore[arg-type]
    return read_solved(cells, PLACEHOLDERS)


def tasks(*sources: str) -> list[tuple[str, tuple[int, ...] | str]]:
    """List the exercises: their titles, with their cells or their questions."""
    return [(task.title, task.question or task.cells) for task in read(*sources).tasks]


def handed(*sources: str) -> list[str | None]:
    return [cell.handout for cell in read(*sources).cells]


def test_each_quote_below_one_heading_is_an_exercise():
    assert [("the output of one unit", (2,)), ("write a function share", (4,))] == tasks(
        "## Tensors",
        "Text.\n\n> **Exercise**: the output of one unit.",
        "> y = (x * w).sum()\nprint(y)",
        "> **Exercise**: write a function `share`.",
        "> def share(x):\n    return x / x.sum()",
        "## Extra\n\nNo exercise here.",
        "> c = x.numpy()\nc",
    )


@pytest.mark.parametrize("title", ["Exercise: a line", "Exercise notebook", "Exercises of week 2"])
def test_the_word_in_the_title_makes_nothing_an_exercise(title):
    assert [("Exercise 1 - the mean", (4,))] == tasks(
        f"# {title}",
        "## Imports",
        SETUP,
        "### Exercise 1 - the mean",
        "> m = x.mean()\nprint(m)",
        "## Picture",
        "> z = x + 1\nz",
    )


def test_a_setup_is_no_exercise_in_a_notebook_that_calls_none():
    assert [("Mean", (4,))] == tasks(
        "# Lab", "## Setup", "> y = f(3)\nz = y * 2", "## Mean", "> m = x.mean()"
    )


def test_numbered_headings_that_ask_are_exercises():
    assert [("1. Create a tensor", (1,)), ("2. What is its rank?", "What is its rank?")] == tasks(
        "## 1. Create a tensor",
        "> X = torch.rand(7, 7)\nX",
        "## 2. What is its rank?",
        "It has two axes.",
        "## 3. Multiply it",
        "~ ",
    )[:2]


def test_a_list_above_several_cells_has_an_item_for_each():
    assert [("Sum of x", (2,)), ("Mean of x", (3,)), ("Why?", "Why?")] == tasks(
        SETUP,
        "## Exercises\n1. Sum of x\n2. Mean of x\n3. Why?",
        "> s = x.sum()",
        "> m = x.mean()",
        "Because it is.",
    )


def test_two_marks_of_a_cell_that_ask_for_different_things_are_two_exercises():
    notebook = read(
        "## Sums", "> # TODO 1: the sum (2 points)\ns = x.sum()\n# TODO 2: mean\nm = x.mean()"
    )
    assert [("the sum", 2.0, {1: {2}}), ("mean", None, {1: {4}})] == [
        (task.title, task.points, task.lines) for task in notebook.tasks
    ]


def test_two_marks_that_bind_the_same_name_are_one():
    assert [("Sums", (1,))] == tasks(
        "## Sums", "> # TODO: the sum\ns = x.sum()\n# TODO: halve it\ns = s / 2"
    )


def test_marks_inside_a_class_ask_for_the_class():
    source = """> class Net(nn.Module):
    def __init__(self):
        # TODO: layers
        self.a = nn.Linear(2, 2)

    def forward(self, x):
        # TODO: apply them
        return self.a(x)"""
    assert [("Exercise 1", (1,))] == tasks("## Exercise 1", source)


def test_each_function_of_a_cell_is_an_exercise():
    source = "> def f(x):\n    # TODO\n    return x + 1\n\ndef g(x):\n    # TODO\n    return x * 2"
    assert [("f", (1,)), ("g", (1,))] == tasks("## Functions", source)


def test_a_mark_without_words_in_a_notebook_without_words_has_a_number():
    (task,) = read("> # TODO\ns = f(3)").tasks
    assert ("", "exercise-1") == (task.title, task.name)


@pytest.mark.parametrize(
    "solution",
    [
        "> # to_remove solution\ndef f(x):\n    return x.sum()",
        "> # Solution\ndef f(x):\n    return x.sum()",
        "> #@title Solution\ndef f(x):\n    return x.sum()",
    ],
)
def test_a_cell_that_is_the_solution_stands_in_for_the_one_above_it(solution):
    blank = "def f(x):\n    raise NotImplementedError('Student exercise')"
    notebook = read("### Coding Exercise 1", f"> {blank}", solution)
    assert [("Coding Exercise 1", (1,))] == [(task.title, task.cells) for task in notebook.tasks]
    assert ["### Coding Exercise 1", blank] == [cell.handout for cell in notebook.cells]
    assert solution[1:].strip() == notebook.cells[1].source


def test_a_solution_of_words_is_read_by_a_person():
    question = "### Think! 1\n\nWhy does it fall?"
    answer = '> # to_remove explanation\n\n"""\nBecause of the sign.\n"""'
    assert [("Think! 1", "Why does it fall?")] == tasks(question, answer)
    assert [question, "# Write your answer here."] == handed(question, answer)


@pytest.mark.parametrize(
    "answer",
    [
        "Because of the sign.",
        "> # Because of the sign of it.",
        "~Because of the sign.",
        "![sketch](attachment:sign.png)",
    ],
)
def test_what_stands_below_a_question_is_its_answer(answer):
    question = "## Question 1\n\nWhy does it fall?"
    assert [("Question 1", "Why does it fall?")] == tasks(question, answer)
    assert "sign" not in str(handed(question, answer)[1])


def test_an_object_that_is_asked_for_is_no_given_data():
    source = "> net = nn.Sequential(nn.Linear(2, 1))\nopt = torch.optim.SGD(net.parameters())"
    assert "# your code here" == handed("## Exercise 1\n\nDefine a network.", source)[1]


def test_a_cell_that_tries_an_answer_is_given():
    cells = ("## Exercise 1", "> def f(x):\n    return x + 1", "> # Run this to check\nf(2)")
    assert [("Exercise 1", (1,))] == tasks(*cells)


def test_a_plot_is_the_answer_where_nothing_else_is():
    assert [("Exercise 2: the plot", (1,))] == tasks(
        "## Exercise 2: the plot", "> plt.plot(losses)\nplt.show()"
    )


@pytest.mark.parametrize(
    "heading",
    [
        "Ejercicio 1",
        "Exercice 1 : la perte",
        "Aufgabe 1",
        "Esercizio 1",
        "Упражнение 1",
        "Άσκηση 1",
        "练习 1：损失",
        "演習1",
        "تمرين 1",
        "Q1. The loss",
        "Coding Exercise 1.1",
        "Ex. 1",
        "Inline Question 1",
    ],
)
def test_exercises_are_found_in_any_language(heading):
    assert [(heading, (2,))] == tasks(
        "# Lab", f"## {heading}", "> s = x.sum()", "## End", "> t = s"
    )


@pytest.mark.parametrize(
    "heading", ["Problem statement", "Question answering", "Define the net", "Multi-task learning"]
)
def test_headings_with_such_a_word_in_them_are_no_exercises(heading):
    found = tasks(f"## {heading}", "> s = x.sum()", "## Exercise 1", "> t = x.mean()")
    assert [("Exercise 1", (3,))] == found


def test_headings_in_html_are_headings():
    found = tasks('<h2 align="left">Exercise 1</h2>', "> s = x.sum()", "<h2>End</h2>", "> t = s")
    assert [("Exercise 1", (1,))] == found


def test_a_heading_that_says_nothing_is_titled_by_what_is_asked_below_it():
    found = tasks("<h3>Practice</h3>\n\nAdd up <code>x</code>.", "> s = x.sum()")
    assert [("Add up x", (1,))] == found


def test_a_solution_in_a_comment_of_the_text_is_taken_out():
    offer = "Double-click <b>here</b> for the solution.\n\n<!-- s = x.sum() -->"
    assert [None] == handed("## Exercise 1", "> s = x.sum()", offer)[2:]


def test_the_title_of_a_notebook_is_no_exercise_beside_numbered_headings():
    mean = ("# 2) Find the mean", "> m = x.mean()")
    found = tasks("# Exercise: Sums", SETUP, "# 1) Compute the sum", "> s = x.sum()", *mean)
    assert [("1) Compute the sum", (3,)), ("2) Find the mean", (5,))] == found


TRIED = ("## Exercise 1\n\nWrite a function `f`.", "> def f(x):\n    return x + 1")


def test_a_cell_that_only_tries_a_function_is_given():
    trial = "> y = f(torch.ones(2))\nprint(y)"
    assert [("Exercise 1", (1,))] == tasks(*TRIED, trial)
    assert trial[2:] == handed(*TRIED, trial)[2]


@pytest.mark.parametrize(
    ("words", "cell"),
    [
        ("Write a function `f`, and keep what it gives for x in `y`.", "> y = f(x)"),
        ("Write a function `f` and use it on x.", "> y = f(x)"),
        ("Write a function `f`. Compute its value for x.", "> y = f(x)"),
    ],
)
def test_a_cell_that_does_what_is_asked_is_an_answer(words, cell):
    found = tasks(f"## Exercise 1\n\n{words}", TRIED[1], cell)
    assert [("Exercise 1", (1, 2))] == found


def test_what_texts_ask_for_below_one_title_is_an_exercise_each():
    sources = (
        "# Attention\n\nReplace each `None`.",
        SETUP,
        "We begin with the scores. Implement their softmax.",
        "> def softmax(s):\n    return s.exp() / s.exp().sum()",
        "> assert softmax(x).sum() == 1",
        "Now compute the weighted sum.",
        "> total = softmax(x) @ x",
    )
    assert [("Implement their softmax", (3,)), ("Now compute the weighted sum", (6,))] == tasks(
        *sources
    )
    assert ["import torch\nx = torch.ones(3)", "assert softmax(x).sum() == 1"] == [
        handed(*sources)[index] for index in (1, 4)
    ]


@pytest.mark.parametrize("sign", ["➡️", "✏️", "👉"])
def test_a_sign_before_a_verb_calls_an_exercise_one(sign):
    assert [("Exercise 1", (2,)), (f"{sign} Compute y", (4,))] == tasks(
        "# Lab",
        "## Exercise 1",
        "> m = x.sum()",
        f"## More\n\n{sign} Compute `y`.",
        "> y = x.min()",
    )


@pytest.mark.parametrize(
    ("title", "label"), [("問5. 説明しなさい。", "**解答：**"), ("任务 2：简述", "答：")]
)
def test_an_answer_with_a_label_below_an_exercise_without_a_question_goes(title, label):
    *_, last = handed("# 演習", f"### {title}", f"{label} 勾配を計算するため。")
    assert last is not None
    assert last.startswith(label)
    assert "勾配" not in last


def test_lettered_questions_in_one_text_keep_their_points():
    read_tasks = read(
        "**Q2.a)** [4 pts] Write `f`.\n\n**Q2.b)** [2 pts] Put the gap into\n`gap`.",
        "> # Q2.a\ndef f(x):\n    return x * 2",
        "> # Q2.b\ngap = f(3) - 6",
    ).tasks
    assert [4.0, 2.0] == [task.points for task in read_tasks]
    assert "Q2.b) Put the gap into gap." == read_tasks[1].title


def test_comments_that_each_name_an_exercise_divide_a_cell():
    notebook = read(
        SETUP,
        "> # Exercise 1 (2 points): add up\ns = x.sum()\nprint(s)\n\n"
        "# Exercise 2 (3 points): the mean\n# of all numbers\nm = x.mean()",
    )
    assert [
        ("Exercise 1: add up", 2.0, {2}),
        ("Exercise 2: the mean of all numbers", 3.0, {7}),
    ] == [(task.title, task.points, task.lines[1]) for task in notebook.tasks]
    assert "print(s)" in (notebook.cells[1].handout or "")


def test_items_of_a_list_keep_their_own_points():
    notebook = read(
        SETUP,
        "## Exercises\n1. Sum of x. *(2 marks)*\n2. Mean of x. *(3 marks)*",
        "> s = x.sum()",
        "> m = x.mean()",
    )
    assert [2.0, 3.0] == [task.points for task in notebook.tasks]


def test_a_heading_whose_items_say_points_is_worth_their_sum():
    notebook = read(
        SETUP,
        "## Task 1: sums (5 P.)\n\n**a)** (3 P.) Compute the sum.",
        "> s = x.sum()",
        "**b)** (2 P.) Compute the mean.",
        "> m = x.mean()",
    )
    assert [3.0, 2.0] == [task.points for task in notebook.tasks]


def test_a_label_in_bold_with_points_and_without_a_number_opens_an_exercise():
    notebook = read(
        SETUP,
        "**Task ★ (2p)**  Compute the sum of `x`.\n\n**Task ★★ (1p)**  Compute its mean.",
        "> s = x.sum()\nm = x.mean()",
        "**Bonus (+3p)**  Compute the largest.",
        "> b = x.max()",
    )
    assert [((2,), 3.0), ((4,), 3.0)] == [(task.cells, task.points) for task in notebook.tasks]


BOOK = (
    SETUP,
    "```{exercise-start} The sum\n:label: ex-sum\n```\nCompute the sum.\n```{exercise-end}\n```",
    "```{solution-start} ex-sum\n:class: dropdown\n```",
    "> s = x.sum()",
    "```{solution-end}\n```",
    "Text that goes on.",
    "> given = s + 1",
    ":::{exercise} In words\nWhy is it so?\n:::",
    ":::{solution} ex-why\nBecause of that.\n:::",
)


def test_directives_of_a_jupyter_book_are_exercises_and_solutions():
    assert [
        ("Exercise: The sum", (3,)),
        ("Exercise: In words", "Why is it so?"),
    ] == [(title, what) for title, what in tasks(*BOOK)]


def test_the_solutions_of_a_jupyter_book_are_taken_out_and_what_follows_stays():
    handout = "\n".join(filter(None, handed(*BOOK)))
    assert "solution" not in handout
    assert "Because" not in handout
    assert "given = s + 1" in handout


def test_a_solution_in_the_same_text_as_its_exercise_is_taken_out():
    text = (
        "```{exercise} Why?\nWhy is it so?\n```\n\n"
        "````{solution} ex\n:class: dropdown\nBecause.\n```python\n1 + 1\n```\n````\n\nGo on."
    )
    (handout, _) = handed(text, SETUP)
    assert "Because" not in (handout or "")
    assert "Go on." in (handout or "")


def test_a_directive_without_a_title_is_an_exercise_too():
    book = (SETUP, ":::{exercise}\nCompute the sum.\n:::", "> s = x.sum()")
    assert [("Compute the sum", (2,))] == tasks(*book)


QUARTO = (
    SETUP,
    '::: {.callout-note title="Exercise 1: the sum"}\nCompute the sum of `x`.\n:::',
    "> s = x.sum()",
    '::: {#exr-mean title="The mean"}\nCompute the mean of `x`.\n:::',
    "> m = x.mean()",
    "::: {#exr-why}\nWhy is it so?\n:::\n\n"
    '::: {.callout-tip collapse="true" title="Solution"}\nBecause of that.\n:::\n\nGo on.',
)


def test_blocks_of_quarto_are_exercises():
    titles = [title for title, _ in tasks(*QUARTO)]
    assert ["Exercise 1: the sum", "Exercise: The mean"] == titles[:2]
    assert 3 == len(titles)


def test_the_solution_in_a_block_of_quarto_is_taken_out():
    *_, handout = handed(*QUARTO)
    assert "Because" not in (handout or "")
    assert "Go on." in (handout or "")


def test_the_fields_of_a_form_that_asks_are_answers():
    notebook = read(
        SETUP,
        '> #@title Question 1\n#@markdown Which one?\nchoice = "b"  #@param ["", "a", "b"]',
        "> #@title Parameters\nrate = 0.1  #@param",
    )
    assert ["Question 1 Which one?"] == [task.title for task in notebook.tasks]
    assert [
        '#@title Question 1\n#@markdown Which one?\nchoice = ...  #@param ["", "a", "b"]',
        "#@title Parameters\nrate = 0.1  #@param",
    ] == [cell.handout for cell in notebook.cells[1:]]


@pytest.mark.parametrize(
    "text",
    [
        "## Exercises\n\n- Compute the sum of x.\n- Compute the mean of x.",
        "**Exercise 1.** Compute the sum of x.\n\n**Exercise 2.** Compute the mean of x.",
    ],
)
def test_exercises_of_one_text_have_a_cell_each(text):
    assert [(1,), (2,)] == [cells for _, cells in tasks(text, "> s = x.sum()", "> m = x.mean()")]


def test_steps_of_one_exercise_are_no_exercises():
    text = "## Exercise 1\n\n- Compute the sum of x.\n- Compute the mean of x."
    assert [("Exercise 1", (1, 2))] == tasks(text, "> s = x.sum()", "> m = x.mean()")


def test_marks_below_comments_that_name_exercises_have_their_words():
    source = "> # Task 1: sum\n# TODO: your code\ns = x.sum()\n# Task 2: mean\n# TODO\nm = x.mean()"
    assert [("Task 1: sum", (1,)), ("Task 2: mean", (1,))] == tasks(SETUP, source)


@pytest.mark.parametrize(
    "mark",
    ["INSERIRE IL CODICE QUI", "Twój kod tutaj", "Hier Ihren Code einfügen", "INSERT CODE HERE"],
)
def test_what_stands_below_a_mark_in_another_language_is_the_answer(mark):
    source = f"> n = 3\n# {mark}\ns = x.sum() * n"
    assert [SETUP[1:].strip(), f"n = 3\n# {mark}"] == handed(SETUP, source)
