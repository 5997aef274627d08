"""A variant decides the exercises with an answer that it changes."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from grader.assignment import load_assignment
from grader.grading.expectation import Answer
from grader.reference.cache import ReferenceCache
from grader.reference.dependencies import moves
from grader.reference.files import ReferenceFiles
from grader.trace import Number
from tests.support import forks
from tests.support.courses import Course, write_notebook, write_texts

TOML = """
    title = "Parts"
    handout = "parts.ipynb"
    files = ["data.csv"]
    """
EXERCISE = """
    [[exercises]]
    id = "{0}"
    title = "{0}"
    points = 1
    check = "value"
    """
VARIANTS = """
    [[inputs]]
    name = "d"
    variants = ["d + 1", "d * 1.1 + .05"]
    practice = ["d + 2", "d * 1.2 + .05"]

    [[inputs]]
    name = "x"
    variants = ["x + d[0]", "x[torch.randperm(len(x), generator=g)] * 1.3"]
    practice = ["x + 2", "x * 1.2 + .05"]

    [[files]]
    name = "data.csv"
    make = "jitter"

    [[seeds]]
    variants = [1, 2]
    practice = [3, 4]
    """
CSV = "length,count\n" + "".join(f"{number}.5,{number}\n" for number in range(8))

DATA = """
    import random
    import torch
    random.seed(4)
    numbers = [random.random() for _ in range(3)]
    d = torch.tensor([.5, 2., 4.5])
    x = torch.linspace(0, 3, 100)
    rows = open("data.csv").read().split()
    lengths = [float(row.split(",")[0]) for row in rows[1:]]
    """
ANSWERS = {
    "most": "d.max()",
    "mean": "x.mean() + 1",
    "both": "d.sum() * x.sum()",
    "file": "sum(lengths)",
    "drawn": "sum(numbers)",
    "none": "torch.tensor(2.5) + torch.tensor(3.25)",
}
"""Per exercise, the expression of its answer."""
DEPENDS = {
    "most": {"d"},
    "mean": {"x"},
    "both": {"d", "x"},
    "file": {"data.csv"},
    "drawn": {"seeds"},
    "none": set(),
}


def test_an_answer_moves_where_it_is_another_one_or_is_missing() -> None:
    def of(*values: float) -> tuple[Answer, ...]:
        return tuple(Answer(value=Number(value=value)) for value in values)

    assert not moves(of(1.0), {"variant-1": of(1.0)}, ["variant-1"])
    assert moves(of(1.0), {"variant-1": of(1.0), "variant-2": of(2.0)}, ["variant-1", "variant-2"])
    assert moves(of(1.0), {}, ["variant-1"])
    assert moves(of(1.0), {"variant-1": of(1.0, 2.0)}, ["variant-1"])


@pytest.fixture
def course(tmp_path: Path) -> Course:
    exercises = "".join(EXERCISE.format(name) for name in ANSWERS)
    texts = {
        "exercises/parts/assignment.toml": TOML + exercises,
        "exercises/parts/data.csv": CSV,
        "solutions/parts/variants.toml": VARIANTS,
    }
    write_texts(tmp_path, texts)
    solved = [DATA]
    for name, expression in ANSWERS.items():
        solved.append(f"answer = {expression}\n# grade: {name} = answer")
    write_notebook(tmp_path / "exercises/parts/parts.ipynb", ["#!# Parts"])
    write_notebook(tmp_path / "solutions/parts/parts.ipynb", ["#!# Parts", *solved])
    return Course(tmp_path)


@pytest.mark.kernel
def test_each_answer_depends_on_what_moves_it(course: Course) -> None:
    assignment = load_assignment(course.exercises / "parts")
    solution = ReferenceFiles(assignment, course.solutions / "parts")
    cache = ReferenceCache(solution, None, forks.shared().launch)
    knowledge = asyncio.run(cache.base())
    assert DEPENDS == {name: set(inputs) for name, inputs in knowledge.depends.items()}
    for name, expectation in knowledge.expectations.items():
        assert (name == "none") == expectation.is_constant
