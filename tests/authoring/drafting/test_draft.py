"""Drafts of whole notebooks: what is written can be graded with, what cannot is said in a line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from grader.assignment import load_assignment
from grader.authoring.drafting.draft import Draft, draft
from grader.authoring.drafting.own_data import data_of_students
from grader.authoring.drafting.plan import PlannedExercise
from grader.authoring.drafting.proposals.base import Proposal
from grader.authoring.validation.validate import validate
from grader.errors import AssignmentError
from grader.progress import SilentProgress
from grader.reference.files import ReferenceFiles
from grader.settings import Settings
from tests.authoring.drafting.proposals.notebooks import task_of
from tests.support import forks, solved_notebooks
from tests.support.solved_notebooks import code, notebook, text

pytestmark = pytest.mark.kernel

SAMPLES = ("english", "nbgrader", "otter", "own", "old")


def drafted(folder: Path, content: dict[str, Any], *, force: bool = False) -> Draft:
    path = solved_notebooks.write(folder, content)
    launch = forks.shared().launch
    return draft("lab", path, settings(folder), SilentProgress(), launch, force=force)


def settings(folder: Path) -> Settings:
    return Settings(exercises=folder / "exercises", solutions=folder / "solutions")


@pytest.fixture(scope="module")
def drafts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Draft]:
    """A draft of each sample."""
    return {
        name: drafted(tmp_path_factory.mktemp(name), solved_notebooks.EVERY[name])
        for name in SAMPLES
    }


@pytest.mark.parametrize(
    ("name", "answers"),
    [
        (
            "english",
            {"design-matrix": "A", "normal-equations": "theta", "gradient-descent": "losses[-1]"},
        ),
        ("nbgrader", {"mse": "mse", "slope": "slope"}),
        ("otter", {"q1": "wettest", "standardize": "standard"}),
        ("own", {"layer-output": "saida", "activation": "ativada"}),
        ("old", {"produto-interno": "interno", "cosseno-angulo": "cosseno"}),
    ],
)
def test_the_reference_marks_the_answers(drafts, name, answers):
    folder = drafts[name].exercises
    solution = ReferenceFiles(load_assignment(folder), drafts[name].solutions)
    marks = [mark for cell in solution.reference.cells for mark in cell.marks if mark.credit == 1]
    assert answers == {mark.exercise: mark.value for mark in marks}


@pytest.mark.parametrize(
    ("name", "mistakes"),
    [
        (
            "english",
            {
                "plus-sign",
                "sum-for-mean",
                "no-square",
                "absolute-error",
                "not-divided",
                "rate-tenth",
                "factor-left-out",
            },
        ),
        ("nbgrader", {"sum-for-mean", "no-square", "absolute-error", "backward-twice"}),
        ("otter", {"sum-for-mean"}),
        ("own", {"sign-kept"}),
        ("old", {"mean-for-sum"}),
    ],
)
def test_mistakes_are_those_that_change_an_answer_and_break_nothing(drafts, name, mistakes):
    assert mistakes == {mistake.id for mistake in drafts[name].mistakes}


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("english", ["x", "y = 1.5 * x + 2"]),
        ("nbgrader", ["x", "t"]),
        ("otter", ["rain"]),
        ("own", ["entrada"]),
        ("old", ["u", "v"]),
    ],
)
def test_answers_follow_the_data_that_varies(drafts, name, data):
    plan = drafts[name].plan
    varied = [drafted.data for drafted in plan.inputs]
    named = [f"{d.name} = {d.relation}" if d.relation else d.name for d in varied]
    assert (data, ()) == (named, plan.constant)


def test_what_is_written_is_valid(drafts):
    lab = settings(drafts["nbgrader"].exercises.parents[1])
    (validation,) = validate("lab", lab, SilentProgress(), forks.shared().launch)
    assert [] == [finding.message for finding in validation.findings if not finding.ok]


def test_an_assignment_that_is_replaced_is_kept(tmp_path: Path):
    (tmp_path / "exercises/lab").mkdir(parents=True)
    (tmp_path / "exercises/lab/assignment.toml").write_text("mine", "utf-8")
    backups = drafted(tmp_path, solved_notebooks.OLD, force=True).backups
    assert ["mine"] == [(folder / "assignment.toml").read_text("utf-8") for folder in backups]


def test_a_cell_that_fails_is_told_and_the_rest_is_proposed(tmp_path: Path):
    cells = [
        text("# Lab"),
        code("x = [1.0, 2.0, 4.0]"),
        text("## Exercise 1: total"),
        code("total = sum(x) + 1"),
        text("## Exercise 2: ratio"),
        code("ratio = sum(x) / 0"),
        text("## Exercise 3: half"),
        code("def half(a):\n    return a / 2"),
    ]
    assignment = drafted(tmp_path, notebook(cells))
    checks = {planned.id: planned.proposal.check for planned in assignment.plan.exercises}
    assert {"total": "value", "ratio": "manual", "half": "function"} == checks
    assert [(6, "ZeroDivisionError")] == [(cell.number, cell.error) for cell in assignment.failed]
    (validation,) = validate("lab", settings(tmp_path), SilentProgress(), forks.shared().launch)
    assert "validate.reference-earns-all" in [each.message.id for each in validation.findings]


def test_a_given_cell_without_its_package_is_not_said_to_raise_on_purpose(tmp_path: Path):
    cells = [
        text("# Lab"),
        code("x = [1.0, 2.0, 4.0]"),
        code("from a_package_of_the_course import items\n\nshown = len(items(x))"),
        code("shown + 1"),
        code("x.no_such_attribute"),
        text("## Exercise 1: total"),
        code("total = sum(x) + 1"),
    ]
    handout = [*cells[:-1], code("total = ...")]
    given = tmp_path / "handout.ipynb"
    given.write_text(json.dumps(notebook(handout)), encoding="utf-8")
    path = solved_notebooks.write(tmp_path, notebook(cells))
    launch = forks.shared().launch
    assignment = draft(
        "lab", path, settings(tmp_path), SilentProgress(), launch, handout=given, force=False
    )
    failed = [(cell.number, cell.error, cell.needed_by) for cell in assignment.failed]
    assert [(3, "ModuleNotFoundError", (4,))] == failed
    assert (5,) == assignment.raising


def test_nothing_is_left_behind_where_a_draft_cannot_be_written(tmp_path: Path):
    with pytest.raises(AssignmentError, match="no Python expression"):
        drafted(tmp_path, notebook([code("s = 1\n# grade: total = s +")]))
    assert ["resolvido.ipynb"] == [path.name for path in tmp_path.iterdir()]


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        ([text("Some text."), code("s = 1 + x")], "nothing in it looks like an exercise"),
        ([code("s = 1\n# grade: The_sum = s")], "kebab case: the-sum"),
    ],
)
def test_a_notebook_without_exercises_is_told_before_it_runs(tmp_path: Path, cells, problem):
    with pytest.raises(AssignmentError, match=problem):
        drafted(tmp_path, notebook(cells))


def test_data_files_go_along(tmp_path: Path):
    (tmp_path / "rain.txt").write_text("3\n0\n12\n7", "utf-8")
    cells = [
        code("rain = [float(line) for line in open('rain.txt')]"),
        text("# Task: total"),
        code("total = sum(rain)"),
    ]
    assignment = drafted(tmp_path, notebook(cells))
    assert ("rain.txt",) == tuple(file.name for file in load_assignment(assignment.exercises).files)
    assert ["rain"] == [data.data.name for data in assignment.plan.inputs]


def test_the_handout_is_a_notebook_without_answers(drafts):
    handout = json.loads((drafts["english"].exercises / "lab.ipynb").read_text("utf-8"))
    said = "".join("".join(cell["source"]) for cell in handout["cells"])
    assert [] == [
        word for word in ("linalg", "losses.append", "torch.stack", "grade") if word in said
    ]


def test_data_varies_also_where_a_package_that_draws_it_is_missing(tmp_path: Path):
    cells = [
        text("# Lab"),
        code("x = [1.0, 2.0, 4.0]"),
        code("from a_package_of_the_course import show\n\nshow(x)"),
        text("## Exercise 1: total"),
        code("total = sum(x) + 1"),
    ]
    assignment = drafted(tmp_path, notebook(cells))
    assert ["x"] == [given.data.name for given in assignment.plan.inputs]


def test_data_that_students_make_themselves_is_told_where_a_score_is_measured_on_it():
    task = task_of("x_own = torch.ones(3)\nmodel = torch.nn.Linear(3, 1)", given="x = 1")
    measured = {"of": "model", "with": "error_of(model, x, x_own)", "at_most": 0.5}
    by_score = PlannedExercise("a", "A", 1.0, task.task, (Proposal("score", measured),))
    by_value = PlannedExercise("b", "B", 1.0, task.task, (Proposal("value", {}),))
    assert ["x_own"] == list(data_of_students([by_value, by_score], task.code))
