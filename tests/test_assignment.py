"""An assignment is read as its author wrote it; what is wrong in it is said in one line."""

from __future__ import annotations

import json
from textwrap import dedent

import pytest

from grader.assignment import load_assignment, load_assignments
from grader.errors import AssignmentError
from grader.notebook.cells import read_cells
from grader.notebook.folding import fold

HEAD = 'title = "Gradients"\nhandout = "gradients.ipynb"\n'
STEP = """
    [[exercises]]
    id = "step"
    title = "One step"
    points = 3
    check = "value"
    """
FUNCTION = """
    [[exercises]]
    id = "mse"
    title = "A function"
    points = 2
    check = "function"
    function = "mse"
    calls = ["1, 2", "[3, 4], 5"]
    """
SERIES = """
    [[exercises]]
    id = "curve"
    title = "A curve"
    points = 2
    check = "series"

    [exercises.series]
    band = 0.01
    """
QUESTION = """
    [[exercises]]
    id = "why"
    title = "Why"
    points = 1
    check = "text"
    question = "Why does it"
    """
CELLS = [
    {"cell_type": "markdown", "source": ["# Gradients\n", "1. **Why** does it?"]},
    {"cell_type": "code", "source": "x = 1\r\ny = 2"},
]


def write(folder, *tables: str, head: str = HEAD, cells=CELLS):
    """An assignment in a folder of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    text = "\n".join([head, *(dedent(table) for table in tables)])
    (folder / "assignment.toml").write_text(text, "utf-8")
    (folder / "gradients.ipynb").write_text(json.dumps({"cells": cells}), "utf-8")
    return folder


def problem(folder) -> str:
    """What is said of an assignment that is not right: one line, with the file in it."""
    with pytest.raises(AssignmentError) as raised:
        load_assignment(folder)
    assert raised.value.where is not None
    assert "\n" not in str(raised.value)
    return str(raised.value)


# What is right


def test_an_assignment_is_read(tmp_path):
    assignment = load_assignment(write(tmp_path / "autograd", STEP, QUESTION))
    assert ("autograd", "Gradients", "en") == (
        assignment.name,
        assignment.title,
        assignment.language,
    )
    assert ["step", "why"] == [exercise.id for exercise in assignment.exercises]


@pytest.mark.parametrize("question", ["Why does it", "why DOES it?", "  Why\n does "])
def test_an_exercise_is_asked_for_by_its_question_whatever_case_and_signs_it_has(
    tmp_path, question
):
    assignment = load_assignment(
        write(tmp_path, f"{dedent(STEP)}\nquestion = {json.dumps(question)}")
    )
    assert (["step"], []) == (
        [e.id for e in assignment.exercises],
        [e.id for e in assignment.not_asked],
    )


def test_an_exercise_whose_question_is_not_in_the_handout_is_not_asked_for(tmp_path):
    assignment = load_assignment(
        write(tmp_path, STEP, QUESTION.replace("Why does it", "What does it"))
    )
    assert (["step"], ["why"]) == (
        [e.id for e in assignment.exercises],
        [e.id for e in assignment.not_asked],
    )
    assert "Why" == assignment.exercise("why").title


def test_the_grader_decides_all_but_texts(tmp_path):
    assignment = load_assignment(write(tmp_path, STEP, QUESTION))
    assert 3 == assignment.max_points


def test_a_function_is_asked_for_by_its_calls(tmp_path):
    assignment = load_assignment(write(tmp_path, STEP, FUNCTION))
    (question,) = assignment.questions
    assert ("mse", ("1, 2", "[3, 4], 5"), "mse(0)") == (
        question.function,
        question.calls,
        question.found,
    )
    assert ("mse(1)", "mse(2)") == question.labels


def test_a_series_has_rules_that_a_table_changes(tmp_path):
    rules = load_assignment(write(tmp_path, SERIES)).exercises[0].series
    assert ("same", True, 0.1, 0.01) == (rules.length, rules.falls, rules.rise, rules.band)


@pytest.mark.parametrize(
    ("table", "old", "new", "said"),
    [
        (FUNCTION, 'function = "mse"', "", "the name of one"),
        (FUNCTION, 'function = "mse"', 'function = "loss.mse"', "the name of one"),
        (FUNCTION, '"1, 2", ', "", "2 to 20 calls"),
        (FUNCTION, '"1, 2"', '"1, 2)"', "not a list of expressions"),
        (FUNCTION, '"1, 2"', '"y = 2; 3"', "not a list of expressions"),
        (FUNCTION, 'check = "function"', 'check = "value"', "for check = 'function'"),
        (SERIES, 'check = "series"', 'check = "value"', "for check = 'series'"),
        (SERIES, "band = 0.01", "band = -1", "greater than or equal to 0"),
        (SERIES, "band = 0.01", "bend = 1", "bend: there is no such field. Did you mean 'band'?"),
    ],
)
def test_a_function_or_series_that_is_not_right_is_said_so(tmp_path, table, old, new, said):
    assert said in problem(write(tmp_path, table.replace(old, new)))


def test_exercises_are_found_by_their_id(tmp_path):
    assignment = load_assignment(write(tmp_path, STEP))
    assert "One step" == assignment.exercise("step").title
    assert assignment.exercise("other") is None


def test_limits_have_defaults_that_a_table_changes(tmp_path):
    assert 30 == load_assignment(write(tmp_path, STEP)).limits.cell_timeout_s
    assert (
        5
        == load_assignment(write(tmp_path, "[run]\ncell_timeout_s = 5", STEP)).limits.cell_timeout_s
    )


def test_handout_cells_are_read_with_the_line_ends_of_unix(tmp_path):
    assignment = load_assignment(write(tmp_path, STEP))
    assert ["# Gradients\n1. **Why** does it?", "x = 1\ny = 2"] == [
        cell.source for cell in assignment.handout
    ]


def test_a_notebook_may_begin_with_a_byte_order_mark(tmp_path):
    path = tmp_path / "a.ipynb"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps({"cells": CELLS}).encode())
    assert 2 == len(read_cells(path))


@pytest.mark.parametrize(
    "other", ["x = 1\n\ny = 2\n", "x  =  1\ny = 2", "  x = 1\n  y = 2", "x = 1  \ny = 2"]
)
def test_white_space_makes_no_other_cell(other):
    assert fold("x = 1\ny = 2") == fold(other)


@pytest.mark.parametrize("other", ["x = 1 y = 2", "x = 1", "x = 1\ny = 3", "x=1\ny = 2"])
def test_anything_else_does(other):
    assert fold("x = 1\ny = 2") != fold(other)


# The version


def test_the_same_assignment_has_the_same_version_in_any_folder(tmp_path):
    first, second = write(tmp_path / "a", STEP), write(tmp_path / "b", STEP)
    assert load_assignment(first).version == load_assignment(second).version


def test_a_change_of_the_points_is_another_version(tmp_path):
    first, second = write(tmp_path / "a", STEP), write(tmp_path / "b", STEP.replace("3", "4"))
    assert load_assignment(first).version != load_assignment(second).version


def test_a_change_of_the_handout_is_another_version(tmp_path):
    first, second = write(tmp_path / "a", STEP), write(tmp_path / "b", STEP, cells=CELLS[:1])
    assert load_assignment(first).version != load_assignment(second).version


# What is not right


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('id = "step"', 'id = "One Step"', "exercises.One Step.id"),
        ('id = "step"', "", "exercises.#1.id"),
        ('title = "One step"', 'title = ""', "exercises.step.title"),
        ("points = 3", "points = -1", "exercises.step.points"),
        ("points = 3", 'points = "three"', "exercises.step.points"),
        ("points = 3", "points = nan", "exercises.step.points"),
        ('check = "value"', 'check = "guess"', "exercises.step.check"),
        ('check = "value"', 'check = "text"', "check = 'text' needs a question"),
        ("points = 3", 'points = 3\nlook_in = ["output"]', "exercises.step.look_in"),
        ("points = 3", "points = 3\nrtol = -0.1", "exercises.step.rtol"),
        (
            "points = 3",
            'points = 3\nneeds = ["other"]',
            "step needs other, which is not an exercise",
        ),
        ("points = 3", "points = 3\npoint = 4", "exercises.step.point"),
        ("points = 3", 'points = 3\nnote = { fr = "non" }', "exercises.step.note"),
    ],
)
def test_what_is_wrong_in_an_exercise_is_said(tmp_path, old, new, said):
    assert STEP.count(old) == 1
    assert said in problem(write(tmp_path, STEP.replace(old, new)))


@pytest.mark.parametrize(
    ("head", "said"),
    [
        ('handout = "gradients.ipynb"', "title"),
        ('title = "Gradients"', "handout"),
        (HEAD + 'language = "fr"', "language"),
        (HEAD + "colour = 1", "colour"),
        (HEAD + "[run]\ncell_timeout_s = 0", "run.cell_timeout_s"),
        (HEAD + "[run]\nmemory_mib = 1", "run.memory_mib"),
        (HEAD + "[run]\nretries = 3", "run.retries"),
        ("title = ", "not TOML"),
        ('title = "a"\ntitle = "b"', "not TOML"),
    ],
)
def test_what_is_wrong_above_the_exercises_is_said(tmp_path, head, said):
    assert said in problem(write(tmp_path, STEP, head=head))


def test_two_exercises_of_one_id_are_an_error(tmp_path):
    assert "step stands there twice" in problem(write(tmp_path, STEP, STEP))


def test_an_assignment_without_exercises_is_an_error(tmp_path):
    assert "exercises" in problem(write(tmp_path))


def test_a_file_that_is_no_text_is_an_error(tmp_path):
    (write(tmp_path, STEP) / "assignment.toml").write_bytes(b"\xff\xfe")
    assert "not UTF-8 text" in problem(tmp_path)


def test_a_missing_file_is_an_error(tmp_path):
    assert "No such file" in problem(tmp_path)


def test_a_missing_handout_is_an_error(tmp_path):
    (write(tmp_path, STEP) / "gradients.ipynb").unlink()
    assert "no such notebook" in problem(tmp_path)


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "{}", '{"cells": 1}', '{"cells": [1]}', '{"cells": [{"cell_type": "code"}]}'],
)
def test_a_handout_that_is_no_notebook_is_an_error(tmp_path, content):
    (write(tmp_path, STEP) / "gradients.ipynb").write_text(content, "utf-8")
    assert "not a notebook" in problem(tmp_path)


# Several


def test_all_assignments_of_a_folder_are_read_in_their_order(tmp_path):
    for name in ("b", "a"):
        write(tmp_path / name, STEP)
    assert ["a", "b"] == [assignment.name for assignment in load_assignments(tmp_path)]


def test_one_assignment_can_be_asked_for(tmp_path):
    for name in ("b", "a"):
        write(tmp_path / name, STEP)
    assert ["b"] == [assignment.name for assignment in load_assignments(tmp_path, "b")]


def test_asking_for_one_that_is_not_there_names_those_that_are(tmp_path):
    write(tmp_path / "a", STEP)
    with pytest.raises(AssignmentError, match="There is: a"):
        load_assignments(tmp_path, "c")


def test_a_folder_without_assignments_is_an_error(tmp_path):
    with pytest.raises(AssignmentError, match="There is no assignment"):
        load_assignments(tmp_path)


def test_a_misspelt_field_is_told_with_its_exercise_before_what_is_missing(tmp_path):
    said = problem(write(tmp_path, STEP.replace("points =", "poinst =")))
    assert "exercises.step.poinst: there is no such field. Did you mean 'points'?" in said
