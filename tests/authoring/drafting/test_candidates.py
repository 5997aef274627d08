"""Which value of an exercise is proposed as its answer."""

from __future__ import annotations

import math
from textwrap import dedent

import pytest

from grader.authoring.drafting.answers import TakenAnswer, find_needs, named_like
from grader.authoring.drafting.candidates import AnswerCandidate, find_candidates
from grader.authoring.drafting.proposals.base import is_comparable
from grader.authoring.drafting.solved import DraftCell, DraftLine, Task
from grader.trace import Array, Bool, Graph, Items, Number, Other, Text, Value

GIVEN = "import torch\nfrom torchviz import make_dot\nx = torch.ones(3)"


def draft_cell(source: str, *, in_handout: bool = False) -> DraftCell:
    return DraftCell(
        "code",
        tuple(
            DraftLine(line, in_handout=in_handout)
            for line in dedent(source).strip("\n").split("\n")
        ),
    )


def proposed(source: str, *after: str) -> list[str]:
    """The expressions that are proposed for a cell, with some cells of the handout after it."""
    cells = [
        draft_cell(GIVEN, in_handout=True),
        draft_cell(source),
        *(draft_cell(text, in_handout=True) for text in after),
    ]
    return list(
        dict.fromkeys(
            candidate.expression for candidate in find_candidates(cells, Task("Task", (1,)))
        )
    )


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("loss = (w * batch).sum()", {"loss", "total", "output"}),
        ("optimizer.step()", {"output"}),
    ],
)
def test_what_given_lines_of_a_loop_bind_is_no_answer_unless_it_follows_one(
    answer: str, expected: set[str]
):
    before = ["for i in range(3):", "    batch = x[i:i + 1].unsqueeze(1)"]
    after = ["    total = 2 * loss", "    output = net(batch)"]
    lines = [*map(DraftLine, before), DraftLine(f"    {answer}", in_handout=False)]
    lines += map(DraftLine, after)
    cells = [draft_cell(GIVEN, in_handout=True), DraftCell("code", tuple(lines))]
    found = find_candidates(cells, Task("Task", (1,)))
    assert expected == {each.expression for each in found}


@pytest.mark.parametrize(
    ("source", "first"),
    [
        ("y = 2 * x\nz = y.sum()", "z"),
        ("y = 2 * x\ny.sum()", "y.sum()"),
        ("y = 2 * x\nprint('the sum is', float(y.sum().item()))", "y.sum()"),
        ("a = x.sum()\nb = x.mean()\nprint(f'{a:.2f} and {b.item():.3f}')", "b"),
        ("y = (2 * x).sum()\ny.backward()\nx.grad", "x.grad"),
        ("y = 2 * x\nprint(y.shape, len(y))", "y"),
        ("y = 2 * x\ntorch.rand(3)", "y"),
        ("y = 2 * x\nplt.plot(y)", "y"),
        (
            "for step in range(3):\n"
            "    loss = x.sum()\n"
            "    w -= 0.1 * x\n"
            "    if step:\n"
            "        print(loss)",
            "w",
        ),
        ("with torch.no_grad():\n    w.data -= 0.1 * x", "w"),
        ("y = 2 * x\ng = make_dot(y)\nprint(y)", "g"),
        ("y = 2 * x\nmake_dot(y)", "make_dot(y)"),
        ("y = 2 * x\ny.zero_()", "y"),
        ("net = torch.nn.Linear(3, 1)\nmake_dot(net(x))", "make_dot(net(x))"),
        ("net = torch.nn.Dropout()\ny = 2 * x\nnet(y)", "y"),
    ],
)
def test_the_answer_is_what_is_shown_or_bound_last(source, first):
    assert first == proposed(source)[0]


def test_the_counter_of_a_loop_is_no_answer():
    assert ["total"] == proposed("for step in range(3):\n    total += step")


def test_a_function_is_answered_by_a_call_of_it():
    assert ["half(x)", "y"] == proposed("def half(a):\n    return a / 2", "y = half(x)")


def test_a_call_whose_arguments_come_later_stays_where_it_is():
    assert ["half(z)", "y"] == proposed(
        "def half(a):\n    return a / 2", "z = x + 1\nprint(half(z))", "y = half(z)"
    )
    cells = [
        draft_cell(GIVEN, in_handout=True),
        draft_cell("def half(a):\n    return a / 2"),
        draft_cell("z = x + 1\nhalf(z)", in_handout=True),
    ]
    assert [2] == [candidate.cell for candidate in find_candidates(cells, Task("Task", (1,)))]


def test_a_line_that_answers_another_exercise_does_not_answer_for_a_function_it_calls():
    cells = [draft_cell("def half(a):\n    return a / 2"), draft_cell("w = 8\nw = half(w)")]
    assert [] == find_candidates(cells, Task("Task", (0,)))


def test_a_function_that_nothing_calls_has_no_value():
    assert [] == proposed("def half(a):\n    return a / 2")


def test_lines_that_students_get_hold_no_answer():
    lines = (DraftLine("y = 2 * x", in_handout=False), DraftLine("print(y)"))
    assert [("y", 1)] == [
        (candidate.expression, candidate.line)
        for candidate in find_candidates([DraftCell("code", lines)], Task("T", (0,)))
    ]


def array(*numbers: float) -> Array:
    return Array(origin="tensor", shape=(len(numbers),), dtype="float32", elements=numbers)


@pytest.mark.parametrize(
    ("value", "comparable"),
    [
        (Number(value=3.5), True),
        (array(1.0, 2.0), True),
        (Bool(value=True), True),
        (Text(value="3.5"), True),
        (Text(value="figure"), False),
        (Items(form="tuple", entries=(Number(value=1), array(1.0))), True),
        (Items(form="tuple", entries=(Number(value=1), Other(type="SGD"))), False),
        (Graph(labels=("AddBackward0",), edges=()), False),
        (Number(value=math.nan), False),
        (array(1.0, math.inf), False),
        (Other(type="SGD"), False),
        (None, False),
    ],
)
def test_a_value_can_be_compared_or_cannot(value: Value | None, comparable: bool):
    assert comparable == is_comparable(value)


def test_a_value_that_is_called_like_the_exercise_is_found():
    task = Task("Task 3: the new loss", (1,))
    found = [
        AnswerCandidate(1, line, name) for line, name in enumerate(("w", "loss_new", "loss"), 1)
    ]
    assert found[1] == named_like(task, found)


def test_an_exercise_needs_the_one_whose_answer_it_reads():
    cells = [draft_cell("a = 1 + x"), draft_cell("b = 2 * a"), draft_cell("a = 3\nc = a + x")]
    names = "abc"
    answers = {n: TakenAnswer(Task(n, (i,)), n) for i, n in enumerate(names)}
    assert {"b": ("a",)} == find_needs(cells, answers)


@pytest.mark.parametrize(
    "shown",
    ["torch.eye(3)", "x[x.argsort()]", "torch.isnan(x).any()", "x.softmax(0).topk(2)"],
)
def test_what_is_shown_without_a_name_may_be_an_answer(shown):
    assert [shown] == proposed(shown)


@pytest.mark.parametrize("shown", ["torch.__version__", "torch.cuda.is_available()", "x.shape"])
def test_what_only_describes_is_no_answer(shown):
    assert [] == proposed(shown)
