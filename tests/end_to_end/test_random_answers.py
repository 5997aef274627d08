"""Answers that hang on seeds: right under the student's own, and not paid without any."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from grader.authoring.validation.validate import validate
from grader.progress import SilentProgress
from grader.report import SubmissionResult
from tests.support import forks
from tests.support.courses import Course, by_student, graded, write_notebook, write_texts

pytestmark = pytest.mark.kernel

Results = Mapping[str, SubmissionResult]

HANDOUT = ("#!# Seeds\n\nSet the seed to 0, and draw seven numbers.", "import torch")
DRAW = "r = torch.rand(7)"
ANSWERS = {
    "asked": f"torch.manual_seed(0)\n{DRAW}",
    "other-seed": f"torch.manual_seed(7)\n{DRAW}",
    "seeds-twice": f"torch.manual_seed(3)\nt = torch.rand(2)\ntorch.manual_seed(3)\n{DRAW}",
    "one-draw-more": f"torch.manual_seed(0)\nt = torch.rand(1)\n{DRAW}",
    "other-generator": "r = torch.rand(7, generator=torch.Generator().manual_seed(7))",
    "forgotten": DRAW,
    "other-range": "torch.manual_seed(0)\nr = 2 * torch.rand(7)",
    "zeros": "torch.manual_seed(0)\nr = torch.zeros(7)",
    "too-few": "torch.manual_seed(0)\nr = torch.rand(6)",
}
_FILES = {
    "exercises/seeds/assignment.toml": """
        title = "Seeds"
        handout = "seeds.ipynb"

        [[exercises]]
        id = "drawn"
        title = "Seven numbers"
        points = 1
        check = "value"
        """,
}


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """An assignment that asks for numbers of a seed, and a folder `in` with a class."""
    folder = tmp_path_factory.mktemp("seeds")
    write_texts(folder, _FILES)
    write_notebook(folder / "exercises/seeds/seeds.ipynb", HANDOUT)
    marked = f"{ANSWERS['asked']}\n# grade: drawn = r"
    write_notebook(folder / "solutions/seeds/seeds.ipynb", (*HANDOUT, marked))
    for name, answer in ANSWERS.items():
        write_notebook(folder / f"in/{name}.ipynb", (*HANDOUT, answer))
    return Course(folder)


@pytest.fixture(scope="module")
def students(course: Course, tmp_path_factory: pytest.TempPathFactory) -> Results:
    out: Path = tmp_path_factory.mktemp("out") / "grades"
    return by_student(graded(course.folder / "in", course.settings(out)))


@pytest.mark.parametrize(
    ("student", "status", "note"),
    [
        ("asked", "passed", ""),
        ("other-seed", "passed", "random.own-seeds"),
        ("seeds-twice", "passed", "random.own-seeds"),
        ("one-draw-more", "passed", "random.more-draws"),
        ("other-generator", "passed", "random.own-seeds"),
        ("too-few", "failed", ""),
        ("zeros", "failed", ""),
    ],
)
def test_an_answer_is_right_under_the_seeds_of_its_notebook(
    student: str, status: str, note: str, students: Results
) -> None:
    [drawn] = students[student].exercises
    notes = [one.id for one in drawn.checks[0].notes]
    assert (status, [note] if note else []) == (drawn.status, notes)


@pytest.mark.parametrize(
    ("student", "message"),
    [("forgotten", "random.no-seed"), ("other-range", "random.other-answer")],
)
def test_an_answer_that_no_seed_explains_waits_for_a_person(
    student: str, message: str, students: Results
) -> None:
    [drawn] = students[student].exercises
    assert ("pending", message) == (drawn.status, drawn.checks[0].message.id)


def test_an_exact_check_of_a_random_answer_is_no_valid_one(course: Course) -> None:
    settings = course.settings(course.folder / "grades")
    [validation] = validate("seeds", settings, SilentProgress(), forks.shared().launch)
    red = {finding.message.id for finding in validation.findings if not finding.ok}
    assert {"validate.answer-free", "validate.margins-overlap"} == red
