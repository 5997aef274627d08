"""Notebooks for a GPU, or with compiled functions, earn on the processor what they compute."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from grader.report import SubmissionResult
from tests.support.courses import Course, by_student, credits_of, graded, write_notebook
from tests.support.line_course import DATA, write_line_course

pytestmark = pytest.mark.kernel

MSE = "def mse(y_hat, y):\n    return ((y_hat - y) ** 2).mean()"
TRAINING = """
w = torch.zeros(1, requires_grad=True, device=device)
b = torch.zeros(1, requires_grad=True, device=device)
x, y = x.to(device), y.to(device)
losses = []
for epoch in range(100):
    loss = mse(w * x + b, y)
    losses.append(loss.item())
    loss.backward()
    with torch.no_grad():
        w -= 0.1 * w.grad
        b -= 0.1 * b.grad
        w.grad.zero_()
        b.grad.zero_()
"""
DEMANDS = """
import torch
if not torch.cuda.is_available():
    raise RuntimeError("Runtime > Change runtime type")
device = torch.device("cuda:0")
assert device.type == "cuda"
"""

NOTEBOOKS: Mapping[str, tuple[str, ...]] = {
    "demands": (DEMANDS, DATA, MSE, TRAINING),
    "numbered": ("%%bash\nnvidia-smi", DATA, "device = torch.cuda.current_device()", MSE, TRAINING),
    "compiled": (DATA, "device = 'cpu'", f"@torch.compile(fullgraph=True)\n{MSE}", TRAINING),
    "scripted": (DATA, "device = 'mps'", f"@torch.jit.script\n{MSE}", TRAINING),
    "asks": (
        DATA,
        "device = torch.device('cuda' if torch.cuda.is_available() else 'cpu')",
        MSE,
        TRAINING,
    ),
}


@pytest.fixture(scope="module")
def students(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, SubmissionResult]:
    """The results of all notebooks."""
    course: Course = write_line_course(tmp_path_factory.mktemp("class") / "course")
    for name, cells in NOTEBOOKS.items():
        write_notebook(course.folder / f"in/{name}.ipynb", cells)
    settings = course.settings(course.folder / "grades")
    return by_student(graded(course.folder / "in", settings))


@pytest.mark.parametrize("student", NOTEBOOKS)
def test_a_notebook_earns_what_it_computes(
    student: str, students: Mapping[str, SubmissionResult]
) -> None:
    assert {"mse": 1.0, "loss-curve": 1.0} == credits_of(students[student])


@pytest.mark.parametrize("student", NOTEBOOKS)
def test_no_cell_ends_early(student: str, students: Mapping[str, SubmissionResult]) -> None:
    execution = students[student].execution
    assert execution is not None
    assert () == execution.problems


@pytest.mark.parametrize(
    ("student", "notes"),
    [
        ("demands", {"note.device": "cuda, cuda:0"}),
        ("numbered", {"note.device": "cuda, cuda:0"}),
        ("compiled", {"note.compile": "torch.compile"}),
        ("scripted", {"note.device": "mps"}),
        ("asks", {}),
    ],
)
def test_the_report_says_what_ran_differently(
    student: str, notes: dict[str, str], students: Mapping[str, SubmissionResult]
) -> None:
    execution = students[student].execution
    assert execution is not None
    assert notes == {note.id: note.params["what"] for note in execution.notes}
