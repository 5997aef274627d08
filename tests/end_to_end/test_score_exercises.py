"""An assignment that asks for a trained model: a class, a check at home, validation."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Mapping

import pytest

from grader.authoring.validation.effort import Budget
from grader.authoring.validation.kept_trials import KeptTrials
from grader.authoring.validation.other_ways import OtherWays
from grader.authoring.validation.score_findings import judge, lesser_scores, scores_in
from grader.batch.self_check import check_with
from grader.errors import AssignmentError
from grader.progress import SilentProgress
from grader.reference.runner import trusted_job
from grader.running.session import Session
from tests.support import forks
from tests.support.courses import (
    Course,
    by_student,
    graded,
    released,
    write_notebook,
    write_texts,
)

pytestmark = pytest.mark.kernel

DATA = """
import torch
from torch import nn
generator = torch.Generator().manual_seed(31)
x = torch.randn(160, 2, generator=generator)
y = (x[:, 0] * x[:, 1] > 0).long()
x_train, y_train = x[:100], y[:100]
"""

LAYERS = "nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 2))"

TRAINING = f"""
torch.manual_seed(5)
model = {LAYERS}
optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
for epoch in range(120):
    optimizer.zero_grad()
    loss = nn.functional.cross_entropy(model(x_train), y_train)
    loss.backward()
    optimizer.step()
"""

IN_A_CLASS = f"""
class Trainer:
    def __init__(self):
        self.net = {LAYERS}
    def fit(self):
        optimizer = torch.optim.Adam(self.net.parameters(), lr=0.02)
        for epoch in range(120):
            optimizer.zero_grad()
            nn.functional.cross_entropy(self.net(x_train), y_train).backward()
            optimizer.step()
trainer = Trainer()
trainer.fit()
"""

FUNCTIONAL = """
W1 = torch.randn(2, 32, requires_grad=True)
b1 = torch.zeros(32, requires_grad=True)
W2 = torch.zeros(32, 2, requires_grad=True)
def model(v):
    return torch.relu(v @ W1 + b1) @ W2
optimizer = torch.optim.Adam([W1, b1, W2], lr=0.02)
for epoch in range(120):
    optimizer.zero_grad()
    nn.functional.cross_entropy(model(x_train), y_train).backward()
    optimizer.step()
"""

BY_HAND = f"""
torch.manual_seed(3)
model = {LAYERS}
for epoch in range(400):
    model.zero_grad()
    nn.functional.cross_entropy(model(x_train), y_train).backward()
    for p in model.parameters():
        p.data -= 0.5 * p.grad
"""

DOUBLE = """
torch.set_default_dtype(torch.float64)
x_train = x_train.double()
"""

BEST = f"""
torch.save(model.state_dict(), "best.pt")
model = {LAYERS}
model.load_state_dict(torch.load("best.pt"))
"""

CUT = f"""
import time
model = {LAYERS}
optimizer = torch.optim.Adam(model.parameters(), lr=1e-9)
while True:
    nn.functional.cross_entropy(model(x_train), y_train).backward()
    optimizer.step()
    time.sleep(.05)
"""

LOOKS = """
class Labels(torch.Tensor):
    def argmax(self, *args):
        return self
    def __eq__(self, other):
        return torch.ones(60)
class Net(nn.Linear):
    def forward(self, v):
        return super().forward(v).as_subclass(Labels)
model = Net(2, 2)
nn.functional.cross_entropy(nn.Linear.forward(model, x_train), y_train).backward()
torch.optim.SGD(model.parameters(), lr=1e-3).step()
"""

ONE_LOGIT = TRAINING.replace("nn.Linear(32, 2)", "nn.Linear(32, 1)").replace(
    "cross_entropy(model(x_train), y_train)",
    "binary_cross_entropy_with_logits(model(x_train)[:, 0], y_train.float())",
)

CLASS: Mapping[str, tuple[str, ...]] = {
    "other-seed": (TRAINING.replace("seed(5)", "seed(77)"),),
    "in-a-class": (IN_A_CLASS,),
    "functional": (FUNCTIONAL,),
    "by-hand": (BY_HAND,),
    "in-double": (DOUBLE + TRAINING,),
    "best": (TRAINING, BEST),
    "after-a-crash": (TRAINING, "import os\nos._exit(1)"),
    "one-epoch": (TRAINING.replace("range(120)", "range(1)"),),
    "never": (f"torch.manual_seed(5)\nmodel = {LAYERS}", "accuracy = 0.97\nprint(accuracy)"),
    "typed-in": ("accuracy = 0.97\nfor i in range(97): print(i)",),
    "nan": (TRAINING.replace("lr=0.02", "lr=1e30"),),
    "one-logit": (ONE_LOGIT,),
    "cut": (CUT,),
    "looks": (LOOKS,),
}

POINTS = {
    "other-seed": ("passed", 4),
    "in-a-class": ("passed", 4),
    "functional": ("passed", 4),
    "by-hand": ("passed", 4),
    "in-double": ("passed", 4),
    "best": ("passed", 4),
    "after-a-crash": ("passed", 4),
    "one-epoch": ("failed", 0),
    "never": ("failed", 0),
    "typed-in": ("missing", 0),
    "nan": ("failed", 0),
    "one-logit": ("pending", 0),
    "cut": ("pending", 0),
    "looks": ("failed", 0),
}

FILES = {
    "exercises/xor/assignment.toml": """
        title = "Two classes"
        handout = "xor.ipynb"

        [run]
        cell_timeout_s = 4

        [[exercises]]
        id = "accuracy"
        title = "Train a model"
        points = 4
        check = "score"
        of = "model"
        with = "accuracy(model, x)"
        at_least = 0.88
        """,
    "solutions/xor/probes.py": """
        def accuracy(model, inputs):
            labels = (inputs[:, 0] * inputs[:, 1] > 0).long()
            return (model(inputs[100:]).argmax(1) == labels[100:]).float().mean()
        """,
}


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    folder = tmp_path_factory.mktemp("xor")
    write_texts(folder, FILES)
    task = ("#!# Train", DATA, "#!## Train a model\nGet 88 % of the last sixty right.")
    write_notebook(folder / "exercises/xor/xor.ipynb", [*task, "# your code"])
    write_notebook(folder / "solutions/xor/xor.ipynb", [*task, TRAINING])
    return Course(folder)


@pytest.fixture(scope="module")
def results(course):
    for name, cells in CLASS.items():
        path = course.folder / "submissions" / name / "xor.ipynb"
        write_notebook(path, ["#!# Train", DATA, "#!## Train a model", *cells])
    report = graded(course.folder / "submissions", course.settings(course.folder / "grades"))
    return {student: result.exercises[0] for student, result in by_student(report).items()}


@pytest.mark.parametrize("student", CLASS)
def test_a_model_earns_what_it_reaches_however_it_was_trained(results, student):
    result = results[student]
    assert POINTS[student] == (result.status, result.points), result.checks[0]


def test_the_score_and_the_steps_are_told(results):
    check = results["one-epoch"].checks[0]
    assert ("score.at-least", 0.88) == (check.message.id, check.message.params["bound"])
    assert ["score.steps"] == [note.id for note in check.notes]


def test_a_training_that_was_cut_off_waits_for_the_machines_reason(results):
    assert "machine.time" == results["cut"].checks[0].message.id


def test_a_reference_is_measured_under_other_seeds(course):
    files = course.reference_files("xor")
    (exercise,) = (each for each in files.assignment.exercises if each.check == "score")

    async def scores():
        launch = forks.shared().launch
        ways = OtherWays(files, (), launch, KeptTrials(files, None))
        async with Session(trusted_job(files), launch) as session:
            budget = Budget(None, session.busy_time_s)
            done = await ways.run(session, budget, lambda _: None)
            lesser = await lesser_scores(files, exercise, ways, session)
        return scores_in(exercise, done) | lesser

    measured = asyncio.run(scores())
    lesser = ("best-constant", "untrained", "first-class", "last-class", "shortened")
    assert set(lesser) < set(measured)
    (finding,) = judge(exercise, measured["own-1"], measured)
    assert (True, "validate.score") == (finding.ok, finding.message.id)


def test_a_reference_that_misses_its_bound_is_refused(course, tmp_path):
    other = Course(tmp_path)
    write_texts(tmp_path, FILES)
    task = ("#!# Train", DATA)
    write_notebook(tmp_path / "exercises/xor/xor.ipynb", [*task, "# your code"])
    short = TRAINING.replace("range(120)", "range(1)")
    write_notebook(tmp_path / "solutions/xor/xor.ipynb", [*task, short])
    with pytest.raises(AssignmentError, match=r"and the bound is 0\.88"):
        other.prepare("xor")


# A threshold on the handout's own data


GIVEN = """
import torch
torch.manual_seed(3)
X = torch.randn(100, 2)
y = (X[:, 0] > 0).float()
"""

FITTED = """
net = torch.nn.Linear(2, 1)
opt = torch.optim.SGD(net.parameters(), lr=1.)
epochs = 200
for e in range(epochs):
    opt.zero_grad()
    loss = torch.nn.functional.binary_cross_entropy_with_logits(net(X)[:, 0], y)
    loss.backward()
    opt.step()
acc = ((net(X)[:, 0] > 0) == (y > .5)).float().mean()
"""

NOT_FITTED = """
epochs = 1
net = torch.nn.Linear(2, 1)
for e in range(epochs):
    pass
print('done')
"""


@pytest.fixture(scope="module")
def threshold(tmp_path_factory):
    folder = tmp_path_factory.mktemp("acc")
    toml = """
        title = "Train"
        handout = "acc.ipynb"

        [[exercises]]
        id = "acc"
        title = "acc"
        points = 1
        check = "score"
        of = "net"
        with = "((net(X)[:, 0] > 0) == (y > .5)).float().mean()"
        at_least = 0.96
        """
    write_texts(folder, {"exercises/acc/assignment.toml": toml})
    task = ("#!# Train", GIVEN, "#!Reach an accuracy of 0.96.")
    write_notebook(folder / "exercises/acc/acc.ipynb", [*task, "# your code"])
    write_notebook(folder / "solutions/acc/acc.ipynb", [*task, FITTED])
    for name, cell in {"fitted": FITTED, "not-fitted": NOT_FITTED}.items():
        write_notebook(folder / "in" / name / "acc.ipynb", [*task, cell])
    return Course(folder)


def test_one_epoch_that_does_nothing_earns_nothing(threshold):
    report = graded(threshold.folder / "in", threshold.settings(threshold.folder / "grades"))
    statuses = {student: r.exercises[0].status for student, r in by_student(report).items()}
    assert {"fitted": "passed", "not-fitted": "failed"} == statuses


def test_a_score_on_given_data_is_decided_at_home(threshold, tmp_path):
    release = released(threshold, "acc", tmp_path / "acc.zip")
    notebook = threshold.folder / "in/fitted/acc.ipynb"
    _, result, _ = check_with(notebook, release, SilentProgress())
    assert "passed" == result.exercises[0].status


ON_GIVEN_DATA = """
[[exercises]]
id = "train"
title = "Training data"
points = 1
check = "score"
of = "model"
with = "(model(x_train).argmax(1) == y_train).float().mean()"
at_least = 0.8
"""


def test_a_score_on_what_no_student_has_is_decided_later(course, tmp_path):
    shutil.copytree(course.folder, tmp_path / "course", ignore=shutil.ignore_patterns("grades"))
    both = Course(tmp_path / "course")
    with (both.folder / "exercises/xor/assignment.toml").open("a") as toml:
        toml.write(ON_GIVEN_DATA)

    release = released(both, "xor", tmp_path / "xor.zip")
    notebook = write_notebook(tmp_path / "xor.ipynb", [DATA, "model = 3"])
    _, result, _ = check_with(notebook, release, SilentProgress())
    assert ("pending", "home.held-out") == (
        result.exercises[0].status,
        result.exercises[0].checks[0].message.id,
    )


def test_a_release_with_nothing_to_check_at_home_is_refused(course, tmp_path):
    with pytest.raises(AssignmentError, match="students could check nothing at home"):
        released(course, "xor", tmp_path / "xor.zip")
