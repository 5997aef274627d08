"""A solved notebook beside the course's own handout: answers, exercises, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.authoring.drafting.readers.detect import read_solved
from grader.authoring.drafting.solved import Placeholders, SolvedCell, SolvedNotebook, Task
from grader.authoring.drafting.source import CourseHandout
from grader.errors import AssignmentError

PLACEHOLDERS = Placeholders("# your code here", "*Write your answer here.*")
GIVEN = ("# Lab 3", "> import torch\nx = torch.ones(3)")


def cells(sources: tuple[str, ...]) -> list[SolvedCell]:
    """Cells of a notebook: those that begin with `>` and a blank are code."""
    return [
        SolvedCell("code", source[2:], index=index)
        if source.startswith("> ")
        else SolvedCell("markdown", source, index=index)
        for index, source in enumerate(sources)
    ]


def read(solved: tuple[str, ...], handout: tuple[str, ...]) -> SolvedNotebook:
    given = CourseHandout(Path("exercises.ipynb"), b"the file", tuple(cells(handout)))
    return read_solved(cells(solved), PLACEHOLDERS, given)


def code_tasks(notebook: SolvedNotebook) -> list[tuple[str, tuple[int, ...]]]:
    return [(task.title, task.cells) for task in notebook.tasks if not task.question]


def answer_lines(notebook: SolvedNotebook, task: Task) -> list[str]:
    lines = []
    for index in task.cells:
        texts = notebook.cells[index].source.split("\n")
        numbers = task.answers_with(index, notebook.cells[index])
        lines += [texts[number - 1] for number in sorted(numbers)]
    return lines


@pytest.mark.parametrize(
    "placeholder",
    ["s = ...", "s = None", "s = ", "# your code", "pass", "raise NotImplementedError('s')"],
)
def test_what_only_the_solution_has_is_the_answer(placeholder):
    notebook = read(
        (*GIVEN, "## Exercise 1", "> s = x.sum()\nprint(s)"),
        (*GIVEN, "## Exercise 1", f"> {placeholder}\nprint(s)"),
    )
    assert [("Exercise 1", (3,))] == code_tasks(notebook)
    assert ["s = x.sum()"] == answer_lines(notebook, notebook.tasks[0])


def test_an_empty_cell_of_the_handout_is_a_placeholder_too():
    notebook = read((*GIVEN, "## Exercise 1", "> s = x.sum()"), (*GIVEN, "## Exercise 1"))
    assert [("Exercise 1", (3,))] == code_tasks(notebook)


def test_the_handout_is_kept_as_it_is():
    notebook = read((*GIVEN, "## Sum", "> s = x.sum()"), (*GIVEN, "## Sum", "> s = ..."))
    assert (b"the file", "handout", ()) == (notebook.handout, notebook.style, notebook.doubtful)


@pytest.mark.parametrize(
    "handout",
    [
        ("# Lab 3", "> import torch", "> x = torch.ones(3)", "## Sum", "> s = ..."),
        ("# Lab 3", "> import torch\nx = torch.ones(3)\n", "## Sum:", "> s = ..."),
        ("# Lab 03", "> import  torch\nx = torch.ones(3)  # three", "## Sum", "> s = ..."),
        ("## Sum", "> s = ...", *GIVEN),
    ],
)
def test_cells_may_be_split_moved_and_reworded(handout):
    notebook = read((*GIVEN, "## Sum", "> s = x.sum()"), handout)
    assert [("Sum", (3,))] == code_tasks(notebook)


def test_given_code_in_another_version_is_no_answer():
    notebook = read(
        ("# Lab", "> batch = next(iter(data))\nprint(batch)", "## Sum", "> s = batch.sum()"),
        ("# Lab", "> rows = iter(data)\nbatch = next(rows)\nprint(batch)", "## Sum", "> s = ..."),
    )
    assert [("Sum", (3,))] == code_tasks(notebook)


def test_an_answer_without_any_words_is_an_exercise_too():
    notebook = read(("> x = 3", "> s = x + 1\nt = s"), ("> x = 3", "> s = ...\nt = s"))
    assert [("exercise-1", (1,))] == [(task.name, task.cells) for task in notebook.tasks]


def test_answers_below_one_heading_are_one_exercise():
    notebook = read(
        (*GIVEN, "## Exercise 1", "> s = x.sum()", "The sum is there.", "> m = s / 3"),
        (*GIVEN, "## Exercise 1", "> s = ...", "The sum is there.", "> m = ..."),
    )
    assert [("Exercise 1", (3, 5))] == code_tasks(notebook)


def test_words_between_them_make_two():
    notebook = read(
        (*GIVEN, "## Sums", "> s = x.sum()", "Now compute the mean.", "> m = s / 3"),
        (*GIVEN, "## Sums", "> s = ...", "Now compute the mean.", "> m = ..."),
    )
    assert [("Sums", (3,)), ("Now compute the mean", (5,))] == code_tasks(notebook)


def test_holes_that_ask_for_different_things_are_two_exercises_of_one_cell():
    notebook = read(
        (*GIVEN, "## Sums", "> # TODO: the sum\ns = x.sum()\n# TODO: the mean\nm = x.mean()"),
        (*GIVEN, "## Sums", "> # TODO: the sum\ns = ...\n# TODO: the mean\nm = ..."),
    )
    assert [("the sum", {3: {2}}), ("the mean", {3: {4}})] == [
        (task.title, task.lines) for task in notebook.tasks
    ]


@pytest.mark.parametrize(
    ("answer", "placeholder"),
    [
        ("Because of the sign.", "*Your answer here*"),
        ("Because of the sign.", None),
        ("**Answer:** because of the sign.", "**Answer:**"),
        ("> # Because of the sign.", "> # your answer"),
        ('> """\nBecause of the sign.\n"""', None),
    ],
)
def test_an_answer_in_words_is_read_by_a_person(answer, placeholder):
    handout = (*GIVEN, "## Question 1\n\nWhy is it so?", *([placeholder] if placeholder else []))
    notebook = read((*GIVEN, "## Question 1\n\nWhy is it so?", answer), handout)
    assert [("Question 1", "Why is it so?")] == [
        (task.title, task.question) for task in notebook.tasks
    ]


def test_a_text_that_was_reworded_is_no_answer():
    notebook = read(
        ("# Lab 3", "What do you think of it? We look at the sums first.", "> s = x.sum()"),
        ("# Lab 3", "What do you think of it? We look at the totals first.", "> s = ..."),
    )
    assert [] == [task.question for task in notebook.tasks if task.question]


def test_a_handout_with_all_answers_is_told():
    solved = (*GIVEN, "## Sum", "> s = x.sum()")
    with pytest.raises(AssignmentError, match="has every answer"):
        read(solved, solved)


def test_the_handout_of_another_notebook_is_told():
    with pytest.raises(AssignmentError, match="another notebook"):
        read((*GIVEN, "> s = x.sum()"), ("# Lists", "> a = [3, 1]", "## Sort", "> b = ..."))


@pytest.mark.parametrize(
    "blank",
    [
        "s = <YOUR CODE>",
        "s = ____",
        "<your code here>",
        "s = ???",
        "s = torch.sum(None)",
        "s = torch.sum(...)",
        "s = NotImplemented",
        "s = x.sum(",
    ],
)
def test_a_blank_stands_for_an_answer_whether_it_is_python_or_not(blank):
    notebook = read((*GIVEN, "## Sum", "> s = x.sum()"), (*GIVEN, "## Sum", f"> {blank}"))
    assert [(3,)] == [task.cells for task in notebook.tasks]


def test_a_solution_to_unfold_is_no_answer_in_words():
    unfolded = "<details>\n<summary>Solution</summary>\n\n```python\ns = x.sum()\n```\n</details>"
    hint = "<details>\n<summary>Hint</summary>\nUse `sum`.\n</details>"
    notebook = read(
        (*GIVEN, "### Exercise - add up", "> s = x.sum()", unfolded),
        (*GIVEN, "### Exercise - add up", "> s = ...", hint),
    )
    assert [("Exercise - add up", "")] == [(task.title, task.question) for task in notebook.tasks]


def test_code_that_only_shows_is_no_exercise_where_words_answer():
    question = "## Exercise 1\n\nWhy is it 1?"
    notebook = read(
        (*GIVEN, question, "Because it is made of ones.", "> print(x)"),
        (*GIVEN, question, "*Your answer*"),
    )
    assert ["Why is it 1?"] == [task.question for task in notebook.tasks]


def test_each_function_is_an_exercise_even_if_the_solution_shows_results_between_them():
    solved = (
        "> def half(x):\n    return x / 2\n\ny = half(x)\ny",
        "> def third(x):\n    return x / 3\n\nz = third(x)\nz",
    )
    handout = (
        "> def half(x):\n    # TODO: implement\n    raise NotImplementedError\n\ny = half(x)",
        "> def third(x):\n    # TODO: implement\n    raise NotImplementedError\n\nz = third(x)",
    )
    notebook = read((*GIVEN, "## Parts", *solved), (*GIVEN, "## Parts", *handout))
    assert [("half", (3,)), ("third", (4,))] == code_tasks(notebook)


def test_the_steps_of_an_algorithm_are_no_exercises_of_the_functions_below_them():
    steps = "## Optimizers\n\nThe update:\n1) Update moments\n2) Correct them"
    solved = ("> def start(p):\n    return 0 * p", "> def update(p, g):\n    return p - g")
    handout = ("> def start(p):\n    pass", "> def update(p, g):\n    pass")
    notebook = read((*GIVEN, steps, *solved), (*GIVEN, steps, *handout))
    assert [("start", (3,)), ("update", (4,))] == code_tasks(notebook)


@pytest.mark.parametrize(
    "text",
    [
        "Now you need to code the training loop.",
        "Agora você deve implementar o laço de treino.",
        "Ahora tienes que escribir el bucle.",
        "Il s'agit maintenant d'apprendre. Vous devez coder la boucle.",
        "Sie sollen nun die Schleife implementieren.",
    ],
)
def test_a_text_that_says_what_to_code_begins_an_exercise(text):
    parts = ("## A class", "> class Sum:\n    def of(self, x):\n        return x.sum()", text)
    blank = ("## A class", "> class Sum:\n    def of(self, x):\n        pass", text)
    notebook = read((*GIVEN, *parts, "> s = Sum().of(x)"), (*GIVEN, *blank, "> s = ..."))
    assert [(3,), (5,)] == [cells for _, cells in code_tasks(notebook)]


def test_a_function_whose_trial_is_left_out_of_the_handout_is_an_exercise_too():
    solved = (
        "> def half(x):\n    return x / 2\n\ny = half(x)\ny",
        "> def third(x):\n    return x / 3\n\nz = third(x)\nz",
    )
    handout = (
        "> def half(x):\n    # TODO: implement\n    raise NotImplementedError",
        "> def third(x):\n    # TODO: implement\n    raise NotImplementedError",
    )
    notebook = read((*GIVEN, "## Parts", *solved), (*GIVEN, "## Parts", *handout))
    assert [("half", (3,)), ("third", (4,))] == code_tasks(notebook)


def test_a_function_of_the_handout_is_an_exercise_apart_from_the_numbers_above_it():
    solved = ("> y = x + 1", "> def half(x):\n    return x / 2")
    handout = ("> y = ...", "> def half(x):\n    ...")
    notebook = read((*GIVEN, "## Parts", *solved), (*GIVEN, "## Parts", *handout))
    assert [(3,), (4,)] == [cells for _, cells in code_tasks(notebook)]


def test_a_helper_that_only_the_solution_has_is_no_exercise():
    helper = "def mse(e):\n    return (e ** 2).mean()"
    begun = "def loss(y, w):\n    # TODO: the loss by MSE\n    raise NotImplementedError"
    solved = f"> {helper}\n\ndef loss(y, w):\n    return mse(y - w)"
    notebook = read((*GIVEN, "## Cost", solved), (*GIVEN, "## Cost", f"> {begun}"))
    assert [("Cost", (3,))] == code_tasks(notebook)
    assert "mse" not in str(notebook.cells[-1].handout)


def test_an_exercise_that_only_the_solved_notebook_has_is_none():
    solved = (
        *GIVEN,
        "## Exercise 1",
        "> s = x.sum()",
        "**Challenge**\n\nDo more.",
        "> t = x.prod()",
    )
    notebook = read(solved, (*GIVEN, "## Exercise 1", "> s = ..."))
    assert [("Exercise 1", (3,))] == code_tasks(notebook)


def test_a_solution_below_a_heading_of_its_own_is_an_answer():
    heading = "## Exercise 1: solution"
    solved = (*GIVEN, "## Exercise 1", heading, "> s = x.sum()", "## Exercise 2", "> t = x.prod()")
    notebook = read(solved, (*GIVEN, "## Exercise 1", "## Exercise 2", "> t = ..."))
    assert [(4,), (6,)] == [cells for _, cells in code_tasks(notebook)]


def test_blanks_of_several_cells_belong_to_as_many_cells_of_the_solution():
    solved = ("> print(x[0])  # first", "> print(x[1])  # second")
    handout = ("> ## TODO: Print the first\nprint(...)", "> ## TODO: Print the second\nprint(...)")
    notebook = read((*GIVEN, "## Indexing", *solved), (*GIVEN, "## Indexing", *handout))
    assert [("Print the first", (3,)), ("Print the second", (4,))] == code_tasks(notebook)


def test_requests_of_two_cells_are_two_exercises_even_if_both_bind_a_name():
    solved = ("> y = x + 1\nprint(y)", "> y = x + 2\nprint(y)")
    handout = ("> # TODO: add one\ny = ...\nprint(y)", "> # TODO: add two\ny = ...\nprint(y)")
    notebook = read((*GIVEN, "## Sums", *solved), (*GIVEN, "## Sums", *handout))
    assert [("add one", (3,)), ("add two", (4,))] == code_tasks(notebook)


def test_a_part_beside_the_parts_of_the_handout_is_no_exercise():
    solved = ("## Sum", "> s = x.sum()", "## Arrays", "They are like tensors.", "> a = x.numpy()")
    notebook = read((*GIVEN, *solved), (*GIVEN, "## Sum", "> s = ..."))
    assert [("Sum", (3,))] == code_tasks(notebook)


def test_links_below_the_title_are_no_answer_in_words():
    badge = "[![{}](https://x.org/b.svg)](https://x.org/{})"
    title = "# Lab 3\n\n**Filled notebook:**\n" + badge.format("See the filled one", "filled")
    other = "# Lab 3: sums\n\n" + badge.format("Open", "empty")
    notebook = read((title, GIVEN[1], "> s = x.sum()"), (other, GIVEN[1], "> s = ..."))
    assert [] == [task.question for task in notebook.tasks if task.question]


def test_another_title_of_the_solved_notebook_is_no_answer():
    parts = ("## 1. Compute the sum", "## 2. Compute the mean")
    notebook = read(
        ("# 01. Exercise Solutions\n\nOne way to do it.", "> x = 1", parts[0], "> s = 2", parts[1]),
        ("# 01. Exercise Template\n\nFill in the blanks.", "> x = 1", parts[0], "> ", parts[1]),
    )
    assert ["1. Compute the sum"] == [task.title for task in notebook.tasks]


def test_code_that_only_prepares_below_the_title_is_no_answer():
    device = "device = 'cuda' if torch.cuda.is_available() else 'cpu'"
    parts = ("## 1. Compute the sum", "## 2. Compute the mean")
    notebook = read(
        ("# 01. Lab", f"> # Setup\n{device}\ndevice", parts[0], "> s = 2", parts[1], "> m = 1"),
        ("# 01. Lab", "> # Setup", parts[0], "> s = ...", parts[1], "> m = ..."),
    )
    assert ["1. Compute the sum", "2. Compute the mean"] == [each.title for each in notebook.tasks]


def test_code_that_the_handout_has_as_a_comment_is_given():
    notebook = read(
        (*GIVEN, "## Exercise 1", "> torch.manual_seed(1)\ns = x.sum()  # of all"),
        (*GIVEN, "## Exercise 1", "> ## TODO: uncomment to set the seed\n# torch.manual_seed(1)"),
    )
    assert [("Exercise 1", (3,))] == code_tasks(notebook)
    assert ["s = x.sum()  # of all"] == answer_lines(notebook, notebook.tasks[0])


def test_a_comment_that_differs_makes_given_code_no_answer():
    notebook = read(
        (*GIVEN, "> # three numbers\ny = x + 1", "## Exercise 1", "> s = y.sum()"),
        (*GIVEN, "> # two numbers\ny = x + 1", "## Exercise 1", "> s = ..."),
    )
    assert [False, True] == [notebook.cells[index].has_answer for index in (2, 4)]


def test_a_long_title_is_cut_between_words():
    title = "1. Compute " + "the sum of all numbers " * 12
    notebook = read((*GIVEN, f"## {title}", "> s = 1"), (*GIVEN, f"## {title}", "> s = ..."))
    assert notebook.tasks[0].title.endswith(("numbers…", "sum…", "of…", "all…", "the…"))


@pytest.mark.parametrize(("said", "points"), [("2 points each", [2, 2]), ("2 points", [1, 1])])
def test_points_of_a_part_are_shared_unless_each_exercise_gets_them(said, points):
    code = "> def one(x):\n    {}\n\n\ndef two(x):\n    {}"
    notebook = read(
        (*GIVEN, f"## Exercise 1 ({said})", code.format("return x + 1", "return x + 2")),
        (*GIVEN, f"## Exercise 1 ({said})", code.format("pass", "pass")),
    )
    assert points == [task.points for task in notebook.tasks]
