"""An assignment that asks for networks: a class of notebooks, validation, checking at home."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from grader.authoring.validation.validate import validate
from grader.progress import SilentProgress
from grader.report import SubmissionResult
from tests.support import forks
from tests.support.courses import Course, by_student, graded, write_notebook, write_texts

pytestmark = pytest.mark.kernel

_FILES = {
    "exercises/mlp/assignment.toml": """
        title = "A small network"
        handout = "mlp.ipynb"

        [run]
        cell_timeout_s = 8

        [[exercises]]
        id = "mlp"
        title = "The class"
        points = 4
        check = "module"
        module = "MLP"
        make = "3, hidden=5"
        inputs = ["torch.randn(4, 3)"]
        compare = ["output", "shape", "parameters"]
        gradients = true

        [[exercises]]
        id = "model"
        title = "The object"
        points = 1
        check = "module"
        module = "model"
        inputs = ["torch.randn(2, 3)"]
        compare = ["output"]
        """,
    "solutions/mlp/mistakes.toml": """
        [mistakes.softmax]
        name = { en = "softmax in forward" }
        hint = { en = "Cross entropy takes logits." }
        credit = { mlp = 0.75 }
        """,
}
IMPORTS = "import torch\nimport torch.nn as nn"
CLASS = """
class MLP(nn.Module):
    def __init__(self, inputs, hidden):
        super().__init__()
        self.first = nn.Linear(inputs, hidden)
        self.last = nn.Linear(hidden, 2)

    def forward(self, x):
        x = torch.relu(self.first(x))
        return self.last(x)  # wrong(softmax): return self.last(x).softmax(1)
"""
OBJECT = "model = MLP(3, 8)"
RENAMED = CLASS.replace("MLP(", "Net(").replace("hidden", "units").replace("inputs", "n")
SEQUENTIAL = "net = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 2))"
NOTEBOOKS: Mapping[str, tuple[str, ...]] = {
    "right": (IMPORTS, CLASS, OBJECT),
    "renamed": (IMPORTS, RENAMED, OBJECT.replace("MLP", "Net")),
    "softmax": (IMPORTS, CLASS.replace("self.last(x)", "self.last(x).softmax(1)"), OBJECT),
    "sequential": (IMPORTS, SEQUENTIAL),
    "raises": (IMPORTS, CLASS.replace("self.first(x)", "self.frst(x)"), OBJECT),
    "ends": (IMPORTS, CLASS.replace("x = torch", "import os; os._exit(1); x = torch"), OBJECT),
    "hangs": (IMPORTS, CLASS.replace("x = torch", "while True: pass\n        x = torch"), OBJECT),
    "without": (IMPORTS, "x = 1"),
}


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """The course, and a folder `in` with the notebooks of a class."""
    folder = tmp_path_factory.mktemp("networks")
    write_texts(folder, _FILES)
    write_notebook(folder / "exercises/mlp/mlp.ipynb", (IMPORTS, "# your code here"))
    write_notebook(folder / "solutions/mlp/mlp.ipynb", (IMPORTS, CLASS, OBJECT))
    for name, cells in NOTEBOOKS.items():
        write_notebook(folder / f"in/{name}.ipynb", cells)
    return Course(folder)


@pytest.fixture(scope="module")
def students(course: Course) -> Mapping[str, SubmissionResult]:
    folder = course.folder
    with pytest.MonkeyPatch.context() as patch:
        # What hangs heeds the interrupt; on a busy machine the reply may take its time.
        patch.setattr("grader.running.session.GRACE_S", 60.0)
        patch.setattr("grader.running.watching.GRACE_S", 60.0)
        return by_student(graded(folder / "in", course.settings(folder / "grades")))


@pytest.mark.parametrize(
    ("student", "credit", "message"),
    [
        ("right", 1.0, "module.passed"),
        ("renamed", 1.0, "module.passed"),
        ("softmax", 0.75, "module.extra-last"),
        ("raises", 0.25, "module.raises"),
        ("ends", 0.0, "module.no-end"),
        ("hangs", 0.25, "module.no-end"),
        ("without", 0.0, "probe.missing"),
    ],
)
def test_a_class_earns_what_its_networks_give(
    student: str, credit: float, message: str, students: Mapping[str, SubmissionResult]
) -> None:
    network = students[student].exercises[0]
    assert (credit, message) == (network.credit, network.checks[0].message.id)


@pytest.mark.parametrize("student", ["right", "renamed", "sequential"])
def test_an_object_of_any_name_and_kind_earns_its_points(
    student: str, students: Mapping[str, SubmissionResult]
) -> None:
    model = students[student].exercises[1]
    assert ("passed", "module.passed") == (model.status, model.checks[0].message.id)


def test_a_mistake_in_a_network_is_named(students: Mapping[str, SubmissionResult]) -> None:
    network = students["softmax"].exercises[0]
    assert ["softmax"] == [mistake.id for mistake in network.mistakes]


def test_an_assignment_with_networks_is_valid_and_its_mutants_lose_points(course: Course) -> None:
    settings = course.settings(course.folder / "grades-of-validation")

    (validation,) = validate("mlp", settings, SilentProgress(), forks.shared().launch)

    assert validation.ok, [finding for finding in validation.findings if not finding.ok]
    messages = {finding.message.id: finding.message for finding in validation.findings}
    mutants = messages["validate.mutants"].params
    assert mutants["count"] == mutants["killed"]
