"""Who has the data of one exercise wrong, free or renamed loses nothing in the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from grader.report import ExerciseResult
from tests.support.courses import Course, by_student, graded, write_notebook, write_texts

pytestmark = pytest.mark.kernel

_TEXTS = {
    "exercises/three/assignment.toml": """
        title = "Three things"
        handout = "three.ipynb"

        [[exercises]]
        id = "mean"
        title = "The mean"
        points = 1
        check = "value"

        [[exercises]]
        id = "most"
        title = "The greatest"
        points = 1
        check = "value"

        [[exercises]]
        id = "spread"
        title = "The reach"
        points = 1
        check = "value"

        [[exercises]]
        id = "sum"
        title = "The sum"
        points = 1
        check = "value"
        """,
    "solutions/three/variants.toml": """
        [[inputs]]
        name = "t"
        from = "t"
        variants = ["torch.tensor([2., 3., 9., 5.])", "torch.tensor([.37, 1.19, 2.53, 3.41])"]

        [[inputs]]
        name = "d"
        from = "d"
        variants = ["torch.tensor([0., 1., 1.])", "torch.tensor([.37, .19, .53])"]
        """,
}

_TITLES = (
    "#!## Exercise 1: the mean of 20, 23, 19, 26",
    "#!## Exercise 2: the greatest of three numbers drawn with seed 7",
    "#!## Exercise 3: how far the numbers of exercise 1 reach",
    "#!## Exercise 4: the sum of 2.5 and 3.25",
)
_RIGHT = (
    "t = torch.tensor([20., 23., 19., 26.])\nm = t.mean()",
    "torch.manual_seed(7)\nd = torch.rand(3)\nmost = d.max()",
    "spread = t.max() - t.min()",
    "s = torch.tensor(2.5) + torch.tensor(3.25)",
)
_NAMES = {"mean": "m", "most": "most", "spread": "spread", "sum": "s"}

_STUDENTS: Mapping[str, Mapping[int, str]] = {
    "right": {},
    "renamed": {
        0: "days = torch.tensor([20., 23., 19., 26.])\nprint(days.mean())",
        1: "torch.manual_seed(7)\nthree = torch.rand(3)\nprint(max(three))",
        2: "low, *_, high = sorted(days)\nhigh - low",
        3: "a = torch.tensor(2.5)\nb = torch.tensor(3.25)\nc = a + b\nc",
    },
    "another-seed": {1: "torch.manual_seed(8)\nd = torch.rand(3)\nd.max()"},
    "typed-data": {1: "d = torch.tensor([.1, .2, .3])\nmost = d.max()"},
    "no-seed": {1: "d = torch.rand(3)\nmost = d.max()"},
    "one-draw-more": {1: "torch.manual_seed(7)\nd = torch.rand(4)[1:]\nmost = d.max()"},
    "data-raises": {1: "d = torch.load('numbers.pt')\nmost = d.max()"},
    "no-middle": {1: "# later"},
}
"""What each student wrote in place of right cells."""


def _notebook(cells: Sequence[str]) -> list[str]:
    sources = ["#!# Three things", "import torch"]
    for title, cell in zip(_TITLES, cells, strict=True):
        sources += [title, cell]
    return sources


@pytest.fixture(scope="module")
def students(
    tmp_path_factory: pytest.TempPathFactory,
) -> Mapping[str, Mapping[str, ExerciseResult]]:
    folder = tmp_path_factory.mktemp("three")
    write_texts(folder, _TEXTS)
    write_notebook(folder / "exercises/three/three.ipynb", _notebook([""] * len(_TITLES)))
    marks = [f"# grade: {exercise} = {name}" for exercise, name in _NAMES.items()]
    marked = [f"{code}\n{mark}" for code, mark in zip(_RIGHT, marks, strict=True)]
    write_notebook(folder / "solutions/three/three.ipynb", _notebook(marked))
    for student, other_cells in _STUDENTS.items():
        cells = [other_cells.get(index, code) for index, code in enumerate(_RIGHT)]
        write_notebook(folder / f"in/{student}.ipynb", _notebook(cells))

    report = graded(folder / "in", Course(folder).settings(folder / "grades"))
    return {
        student: {exercise.id: exercise for exercise in result.exercises}
        for student, result in by_student(report).items()
    }


@pytest.mark.parametrize("student", _STUDENTS)
def test_the_other_exercises_pass_whatever_became_of_the_data_of_one(
    student: str, students: Mapping[str, Mapping[str, ExerciseResult]]
) -> None:
    results = students[student]
    others = {name: results[name].status for name in ("mean", "spread", "sum")}
    assert {"mean": "passed", "spread": "passed", "sum": "passed"} == others


@pytest.mark.parametrize("student", ["right", "renamed"])
def test_right_data_under_any_name_passes(
    student: str, students: Mapping[str, Mapping[str, ExerciseResult]]
) -> None:
    assert "passed" == students[student]["most"].status


def test_an_answer_that_is_right_under_the_seed_of_the_notebook_says_so(
    students: Mapping[str, Mapping[str, ExerciseResult]],
) -> None:
    result = students["another-seed"]["most"]
    notes = [note.id for note in result.checks[0].notes]
    assert ("passed", ["random.own-seeds"]) == (result.status, notes)


@pytest.mark.parametrize("student", ["no-seed", "one-draw-more"])
def test_other_random_data_waits_for_a_person(
    student: str, students: Mapping[str, Mapping[str, ExerciseResult]]
) -> None:
    assert "pending" == students[student]["most"].status


def test_typed_in_data_earns_nothing_by_itself(
    students: Mapping[str, Mapping[str, ExerciseResult]],
) -> None:
    assert 0.0 == students["typed-data"]["most"].credit
