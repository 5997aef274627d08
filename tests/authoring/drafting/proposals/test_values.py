"""Values: fixed ones are compared, those that seeds move only by what the handout names."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grader.authoring.drafting.proposals.choose import proposals_for
from grader.authoring.drafting.proposals.free_choice import is_free_choice
from grader.authoring.drafting.proposals.notebook_code import NotebookCode, TaskCode
from grader.trace import Bool, Event, Number, Run, Text
from tests.authoring.drafting.proposals.notebooks import answer_cell, observed, task_of, tensor

HERE = tensor(1.0, 2.0, 3.0)
THERE = tensor(1.5, 0.5, 2.5)


def test_a_fixed_value_is_compared():
    task = task_of("s = x.sum() + 1\ns")
    first = proposals_for(task, observed(task, {"s": Number(value=7)}))[0]
    assert ("value", "s", {}) == (first.check, first.expression, first.fields)


def test_what_is_only_shown_is_no_free_choice():
    task = task_of("loss.backward()\nprint(w.grad)", given="w = torch.ones(2)\nloss = w.sum()")
    first = proposals_for(task, observed(task, {"w.grad": HERE}))[0]
    assert ("value", "w.grad") == (first.check, first.expression)


def test_a_literal_with_numbers_that_nobody_asked_for_is_left_to_a_person():
    task = task_of("m = torch.tensor([[1.0, 2.0], [3.0, 4.0]])", words="Define a matrix.")
    last = proposals_for(task, observed(task, {"m": HERE}))[0]
    assert ("manual", "free-choice") == (last.check, last.why)


def test_a_part_that_is_shown_is_not_taken_for_the_whole():
    task = task_of("p = x.argsort()\np[:2]")
    first = proposals_for(task, observed(task, {"p": HERE, "p[:2]": tensor(1, 2)}))[0]
    assert "p" == first.expression


def test_values_that_are_shown_together_are_all_asked_for():
    task = task_of("a = x.min()\nb = x.max()\nprint(a, b)")
    seen = observed(task, {"a": Number(value=3), "b": Number(value=9)})
    first = proposals_for(task, seen)[0]
    assert ({"all": True}, ["a", "b"]) == (first.fields, [mark.expression for mark in first.marks])


def test_values_that_the_words_name_are_all_asked_for():
    words = "With the rate `lr`, make `low` and `high`."
    task = task_of("lr = 0.1\nlow = x.min() * lr\nhigh = x.max()\nspan = high - low", words=words)
    values = {"low": Number(value=0.3), "high": Number(value=9), "span": Number(value=8.7)}
    first = proposals_for(task, observed(task, values))[0]
    assert {"low", "high"} == {mark.expression for mark in first.marks}


def test_a_name_in_the_words_comes_first():
    task = task_of("total = x.sum()\nother = total * 2\nother", words="Compute `total`.")
    values = {"total": Number(value=6), "other": Number(value=12)}
    assert "total" in [each.expression for each in proposals_for(task, observed(task, values))]


def test_a_number_that_occurs_often_has_to_stand_in_its_place():
    task = task_of("same = x == y\nsame")
    first = proposals_for(task, observed(task, {"same": Bool(value=True)}))[0]
    assert {"where": "here"} == first.fields


def test_a_dtype_that_the_words_ask_for_is_asked_for():
    task = task_of("z = x * 2\nz", words="Give it the dtype float64.")
    first = proposals_for(task, observed(task, {"z": HERE}))[0]
    assert ("dtype",) == first.fields["strict"]


def test_drawn_numbers_under_a_name_of_the_students_own_are_left_to_a_person():
    task = task_of("z = torch.rand(3)\nz")
    seen = observed(task, {"z": HERE}, other_seed={"z": THERE})
    assert [("manual", "unnamed")] == [(each.check, each.why) for each in proposals_for(task, seen)]


def test_drawn_numbers_that_the_handout_names_are_asked_for_their_form():
    task = task_of("noise = torch.rand(3)\nnoise", words="Draw three numbers, `noise`.")
    seen = observed(
        task, {"noise": tensor(0.1, 0.2, 0.3)}, other_seed={"noise": tensor(0.4, 0.5, 1)}
    )
    first = proposals_for(task, seen)[0]
    assert "test" == first.check
    assert "tuple(noise.shape) == (3,)" in str(first.fields["holds"])


def test_what_follows_from_drawn_numbers_is_a_relation_that_no_student_reads():
    task = task_of("double = 2 * noise", given="noise = torch.rand(3)", words="Compute `double`.")
    seen = observed(
        task,
        {"double": HERE},
        other_seed={"double": THERE},
        tried={"is_right_double": [Bool(value=True)]},
    )
    checks = [each.check for each in proposals_for(task, seen)]
    relation = next(each for each in proposals_for(task, seen) if each.check == "test")
    assert ("test", False) == (checks[0], "value" in checks)
    assert ("is_right_double(double, noise)",) == relation.fields["holds"]
    assert "2 * noise" in relation.probes


@pytest.mark.parametrize(("words", "is_free"), [("seven ones", False), ("some ones", True)])
def test_a_number_that_is_written_as_a_word_is_asked_for(words, is_free):
    assert is_free == is_free_choice(task_of("ones = torch.ones(7)", words=words))


def test_a_number_that_the_words_ask_for_is_no_free_choice():
    assert not is_free_choice(task_of("t = torch.tensor(2.0)", words="The slope at `t = 2`."))


def test_a_value_on_the_way_is_only_shown_beside():
    task = task_of("e = x.exp()\nprobs = e / e.sum()\nprobs")
    seen = observed(task, {"e": HERE, "probs": THERE})
    values = [each for each in proposals_for(task, seen) if each.check == "value"]
    assert {"probs": False, "e": True} == {each.expression: each.is_other for each in values}


def test_what_another_answer_gives_too_has_to_stand_in_its_place():
    task = task_of("total = x.sum()\ntotal", after="again = x @ ones")
    cells = list(task.code.cells)
    cells[3] = answer_cell("again = x @ ones")
    task = TaskCode(NotebookCode(cells), task.task)
    six = Number(value=6)
    again = Event(
        run="base", kind="value", cell=3, line=1, assigned=("again",), values={"again": six}
    )
    seen = replace(observed(task, {"total": six}), run=Run(label="solved", events=(again,)))
    assert {"where": "here"} == proposals_for(task, seen)[0].fields


def test_what_is_left_over_from_draws_is_no_answer():
    task = task_of(
        "for step in range(9):\n    q = q + torch.rand(3)\n    last = step", words="Learn `q`."
    )
    seen = observed(task, {"q": HERE, "last": Number(value=8)}, other_seed={"q": THERE})
    assert [("manual", "drawn")] == [(each.check, each.why) for each in proposals_for(task, seen)]


def test_a_number_of_axes_asks_for_no_number_in_a_literal():
    literal = "m = torch.tensor([[1.0, 2.0], [3.0, 4.0]])"
    assert is_free_choice(task_of(literal, words="Define a 2-d tensor."))
    assert not is_free_choice(task_of(literal, words="Define it with the rows 1, 2 and 3, 4."))


@pytest.mark.parametrize(
    ("words", "is_free"),
    [
        ("Create 100 numbers from 0 to 5.", False),
        ("Create some numbers.", True),
        ("Create 100 numbers from 0 to 5; yours may be different.", True),
    ],
)
def test_data_with_numbers_of_ones_own_is_a_free_choice(words, is_free):
    answer = "import numpy as np\nxs = np.linspace(0, 5, 100)\nys = 2 * xs + 1"
    assert is_free == is_free_choice(task_of(answer, words=words))


def test_a_value_that_only_moves_to_another_device_answers_nothing():
    task = task_of("device = 'cpu'\nx = x.to(device)\ny = x + 1")
    seen = observed(task, {"x": HERE, "y": THERE, "device": Text(value="cpu")})
    assert ["y"] == [each.expression for each in proposals_for(task, seen) if each.marks]


def test_what_is_there_before_a_training_loop_is_no_answer_of_it():
    loop = "for _ in range(9):\n    loss = net(x).sum()\n    loss.backward()\n    optimizer.step()"
    task = task_of(
        f"double = 2 * x\n{loop}",
        given="net = nn.Linear(3, 1)\noptimizer = torch.optim.SGD(net.parameters(), 0.1)",
    )
    seen = observed(task, {"double": HERE, "loss": Number(value=2)})
    assert "double" not in [each.expression for each in proposals_for(task, seen)]


def test_the_answer_of_an_exercise_with_a_function_hangs_on_it():
    answer = "line = x * 10\ndef cube(x):\n    return x ** 3\ncubes = cube(line)"
    task = task_of(answer, words="Cube some numbers.")
    seen = observed(task, {"line": HERE, "cubes": THERE})
    expressions = [each.expression for each in proposals_for(task, seen)]
    assert "line" not in expressions
    assert "cubes" in expressions


def test_the_end_of_a_range_is_one_beyond_the_number_asked_for():
    assert not is_free_choice(task_of("grid = torch.arange(1, 10)", words="The numbers 1 to 9."))
