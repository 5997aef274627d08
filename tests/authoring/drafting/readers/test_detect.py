"""Whole notebooks, whoever's marks are in them: exercises, points, what students get."""

from __future__ import annotations

import pytest

from grader.authoring.drafting.readers.detect import read_solved
from grader.authoring.drafting.solved import Placeholders, SolvedNotebook
from grader.authoring.drafting.source import solved_cells
from tests.support import solved_notebooks
from tests.support.solved_notebooks import code, nbgrader, notebook, raw, text

PLACEHOLDERS = Placeholders("# your code here", "*Write your answer here.*")
MARKS = ("SOLUTION", "PROMPT", "HIDDEN", "# grade", "# wrong", "# tell", "BEGIN", "otter", "> 3")


def reading(content: dict[str, object]) -> SolvedNotebook:
    return read_solved(solved_cells(content), PLACEHOLDERS)


def handed(content: dict[str, object]) -> str:
    return "\n\n".join(cell.handout for cell in reading(content).cells if cell.handout is not None)


@pytest.mark.parametrize("name", solved_notebooks.EVERY)
def test_no_mark_is_left_in_what_students_get(name):
    assert [] == [mark for mark in MARKS if mark in handed(solved_notebooks.EVERY[name])]


@pytest.mark.parametrize(
    ("name", "style", "titles"),
    [
        (
            "portuguese",
            "plain",
            [
                "Exercício 1: a perda",
                "Exercício 2: o gradiente",
                "Exercício 3: um passo",
                "Questão 4",
            ],
        ),
        (
            "english",
            "plain",
            ["Task 1: design matrix", "Task 2: normal equations", "Task 3: gradient descent"],
        ),
        ("nbgrader", "nbgrader", ["Part A", "Part B", "Part C"]),
        ("own", "own", ["Saída da camada", "Ativação"]),
        ("old", "plain", ["Sua vez: produto interno", "Sua vez: cosseno do ângulo"]),
    ],
)
def test_the_exercises_of_a_notebook_are_found(name, style, titles):
    found = reading(solved_notebooks.EVERY[name])
    assert (style, titles) == (found.style, [task.title for task in found.tasks])


@pytest.mark.parametrize(
    ("name", "worth"),
    [
        ("nbgrader", [("mse", 3.0), ("slope", 2.0), ("sign", 2.0)]),
        ("otter", [("q1", 2.0), ("standardize", 4.0), ("q3", 1.0)]),
        ("own", [("layer-output", None), ("activation", None)]),
    ],
)
def test_names_and_points_are_those_of_the_notebook(name, worth):
    assert worth == [
        (task.name, task.points) for task in reading(solved_notebooks.EVERY[name]).tasks
    ]


@pytest.mark.parametrize(("name", "count"), [("nbgrader", 0), ("otter", 1), ("portuguese", 0)])
def test_cells_of_tests_are_left_out_and_counted(name, count):
    assert count == reading(solved_notebooks.EVERY[name]).dropped_tests


@pytest.mark.parametrize(
    ("name", "question"),
    [
        ("portuguese", "Por que o gradiente é negativo neste ponto?"),
        ("nbgrader", "What does the sign of the slope tell you?"),
        ("otter", "Question 3. Why does the mean of the standardized amounts vanish?"),
    ],
)
def test_a_question_that_is_answered_in_words_is_read_by_a_person(name, question):
    (asked,) = (
        task.question for task in reading(solved_notebooks.EVERY[name]).tasks if task.question
    )
    assert question == asked
    assert question.rstrip("?") in handed(solved_notebooks.EVERY[name]).replace("*", "")


def test_the_reference_has_the_answers():
    cells = reading(solved_notebooks.OTTER).cells
    assert "wettest = rain.max() - rain.mean()\nwettest" in [cell.source for cell in cells]


def test_a_whole_cell_of_nbgrader_without_a_region_is_an_answer():
    content = notebook(
        [code("x = 3\ny = x + 1", metadata=nbgrader("y", solution=True, grade=True, points=2))]
    )
    assert ("# your code here", [2.0]) == (
        handed(content),
        [task.points for task in reading(content).tasks],
    )


def test_several_tests_behind_one_answer_add_up():
    tests = [code("assert y", metadata=nbgrader(f"t{n}", grade=True, points=n)) for n in (1, 2)]
    content = notebook([code("x = 3\ny = x + 1", metadata=nbgrader("y", solution=True)), *tests])
    assert [3.0] == [task.points for task in reading(content).tasks]


def test_the_tests_of_an_answer_come_over_and_hidden_ones_are_not_for_students():
    seen = "assert y > 1\n### BEGIN HIDDEN TESTS\nassert y < 9\n### END HIDDEN TESTS"
    hidden = "### BEGIN HIDDEN TESTS\nassert y == 4\n### END HIDDEN TESTS"
    content = notebook(
        [
            code("x = 3\ny = x + 1", metadata=nbgrader("y", solution=True)),
            code(seen, metadata=nbgrader("t1", grade=True, points=1)),
            code(hidden, metadata=nbgrader("t2", grade=True, points=2)),
        ]
    )
    read = reading(content)
    assert [(3.0, ("assert y > 1\nassert y < 9", "assert y == 4"))] == [
        (task.points, task.tests) for task in read.tasks
    ]
    assert ("# your code here\n\nassert y > 1", 1) == (handed(content), read.dropped_tests)


def test_an_answer_of_nbgrader_with_points_and_no_tests_is_read_by_a_person():
    metadata = nbgrader("plot", solution=True, grade=True, points=2)
    (task,) = reading(notebook([code("plt.plot(x)", metadata=metadata)])).tasks
    assert (2.0, True, (0,)) == (task.points, task.is_manual, task.cells)


def test_a_task_of_nbgrader_is_read_by_a_person():
    asked = text(
        "Plot the losses. What do you see?\n\n"
        "=== BEGIN MARK SCHEME ===\nThey fall.\n=== END MARK SCHEME ===",
        metadata=nbgrader("plot", task=True, points=4),
    )
    content = notebook([asked])
    assert [("plot", 4.0, "What do you see?")] == [
        (t.name, t.points, t.question) for t in reading(content).tasks
    ]
    assert "Plot the losses. What do you see?" == handed(content)


def test_regions_without_metadata_are_read_too():
    content = notebook(
        [text("## The sum"), code("x = [1, 2]\n### BEGIN SOLUTION\ns = sum(x)\n### END SOLUTION")]
    )
    assert [("The sum", (1,))] == [(task.title, task.cells) for task in reading(content).tasks]


def test_a_prompt_of_its_own_cells_is_what_students_get():
    blocks = [
        "# BEGIN QUESTION\nname: q9",
        "# BEGIN PROMPT",
        "# END PROMPT",
        "# BEGIN SOLUTION",
        "# END SOLUTION",
    ]
    question, begin, end, solution, done = map(raw, blocks)
    content = notebook([question, begin, code("x = ..."), end, solution, code("x = 1 + y"), done])
    assert ("x = ...", ["x = 1 + y"]) == (
        handed(content),
        [cell.source for cell in reading(content).cells],
    )


def test_the_tests_of_otter_give_points_where_the_question_gives_none():
    config = '""" # BEGIN TEST CONFIG\npoints: 2\nhidden: true\n""" # END TEST CONFIG\n'
    content = notebook(
        [
            raw("# BEGIN QUESTION\nname: q1"),
            text("**Question 1.** Add them up."),
            raw("# BEGIN SOLUTION"),
            code("total = x.sum() # SOLUTION"),
            raw("# END SOLUTION"),
            raw("# BEGIN TESTS"),
            code(f"{config}assert total > 1"),
            code(f"# HIDDEN\n{config}assert total < 9"),
            raw("# END TESTS"),
            raw("# END QUESTION"),
        ]
    )
    (task,) = reading(content).tasks
    assert (4.0, ("assert total > 1", "assert total < 9")) == (task.points, task.tests)


def test_a_list_of_points_is_added_up():
    begin = raw("# BEGIN QUESTION\nname: q1\npoints:\n    - 10\n    - 2")
    content = notebook([begin, code("y = 1 # SOLUTION"), raw("# END QUESTION")])
    assert [12.0] == [task.points for task in reading(content).tasks]


def test_a_question_of_otter_with_only_a_prompt_is_read_by_a_person():
    content = notebook(
        [
            raw("# BEGIN QUESTION\nname: q6\nmanual: true\npoints: 5"),
            text("**Question 6.** Write something."),
            raw("# BEGIN PROMPT"),
            text("_Write it here._"),
            raw("# END PROMPT"),
            raw("# END QUESTION"),
        ]
    )
    (task,) = reading(content).tasks
    assert ("q6", 5.0, True, "Question 6. Write something") == (
        task.name,
        task.points,
        task.is_manual,
        task.question,
    )
    assert handed(content).endswith("_Write it here._")


@pytest.mark.parametrize("fence", ["```\nBEGIN QUESTION", "```otter\n# BEGIN QUESTION"])
def test_questions_in_a_fence_are_read(fence):
    asked = text(f"**Question 1.** Add.\n\n{fence}\nname: total\npoints: 3\n```")
    content = notebook([asked, code("total = x.sum() # SOLUTION")])
    assert [("total", 3.0)] == [(task.name, task.points) for task in reading(content).tasks]


def test_questions_of_an_older_otter_are_read_too():
    asked = text("**Question 1.** Add them up.\n\n```\nBEGIN QUESTION\nname: total\npoints: 3\n```")
    content = notebook([asked, code("total = x.sum() # SOLUTION")])
    assert [("total", 3.0)] == [(task.name, task.points) for task in reading(content).tasks]
    assert "**Question 1.** Add them up.\n\ntotal = ..." == handed(content)


SOLUTION = notebook(
    [
        text("## Exercise 1\n\nAdd them up."),
        text("### Solution\n\nUse `sum`: it gives 6."),
        code("s = x.sum()"),
        text("So the sum is 6."),
        text("## Question 2\n\nWhy is it even?"),
        text("#### Answer\nTwo of them are odd."),
    ]
)


def test_what_stands_below_the_heading_of_a_solution_is_not_for_students():
    expected = (
        "## Exercise 1\n\nAdd them up.\n\n### Solution\n\n# your code here\n\nSo the sum is 6."
    )
    assert handed(SOLUTION).startswith(expected)
    assert handed(SOLUTION).endswith("#### Answer\n\n*Write your answer here.*")


def test_the_heading_of_a_solution_is_that_of_no_exercise():
    titles = [(task.title, task.question) for task in reading(SOLUTION).tasks]
    assert [("Exercise 1", ""), ("Question 2", "Why is it even?")] == titles


def test_texts_that_follow_an_answer_and_stay_are_told():
    assert (3,) == reading(SOLUTION).doubtful


def test_without_the_word_exercise_any_heading_with_code_below_is_one():
    content = notebook(
        [
            text("# Sums"),
            code("import torch\nx = torch.ones(3)"),
            text("## Total"),
            code("s = x.sum()"),
        ]
    )
    assert [("Total", (3,))] == [(task.title, task.cells) for task in reading(content).tasks]


def test_a_notebook_without_headings_has_no_exercises():
    assert () == reading(notebook([text("Some text."), code("s = 1 + x")])).tasks


def test_images_of_a_text_stay():
    content = notebook(
        [text("![](attachment:a.png)", attachments={"a.png": {"image/png": "AA=="}})]
    )
    assert {"a.png": {"image/png": "AA=="}} == reading(content).cells[0].attachments
