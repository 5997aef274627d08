"""What shows that tensors were trained: steps of an optimizer, or gradients and a change."""

from __future__ import annotations

import gc

import pytest

from grader.kernel.probing.models import tensors_of
from tests.support.training import trained, watched

MODEL = "model = nn.Linear(2, 1)"

BY_HAND = """
for epoch in range(3):
    model.zero_grad()
    loss_of(model).backward()
    with torch.no_grad():
        for p in model.parameters():
            p -= p.grad
"""

BY_DATA = """
gradients = torch.autograd.grad(loss_of(model), list(model.parameters()))
for p, g in zip(model.parameters(), gradients):
    p.data = p.data - g
"""


@pytest.fixture(scope="module")
def notebook():
    with watched() as watched_notebook:
        yield watched_notebook


def evidence(notebook, *cells):
    notebook.run(*cells)
    return notebook.training.of(tensors_of(notebook.names["model"]))


def test_steps_of_an_optimizer_are_counted(notebook):
    found = evidence(notebook, MODEL, trained())
    assert ("optimizer", 20) == (found.how, found.steps)


def test_a_model_that_no_step_touched_was_not_trained(notebook):
    assert "" == evidence(notebook, MODEL, "model(x)").how


def test_steps_that_change_nothing_train_nothing(notebook):
    found = evidence(notebook, MODEL, trained().replace("lr=1.", "lr=0."))
    assert ("", 20) == (found.how, found.steps)


def test_a_step_without_gradients_is_none_of_the_model(notebook):
    cell = "torch.optim.SGD(model.parameters(), lr=1.).step()"
    assert 0 == evidence(notebook, MODEL, cell).steps


@pytest.mark.parametrize("cell", [BY_HAND, BY_DATA])
def test_gradients_and_a_change_are_training_by_hand(notebook, cell):
    found = evidence(notebook, MODEL, cell)
    assert ("by hand", 0) == (found.how, found.steps)


def test_gradients_without_a_change_are_no_training(notebook):
    assert "" == evidence(notebook, MODEL, "loss_of(model).backward()").how


def test_weights_that_are_put_in_are_no_training(notebook):
    assert "" == evidence(notebook, MODEL, "model.weight.data = torch.ones(1, 2)").how


def test_a_model_of_the_shapes_that_were_trained_may_be_a_copy(notebook):
    found = evidence(
        notebook,
        "net = nn.Linear(2, 1)",
        trained("net"),
        "model = nn.Linear(2, 1)\nmodel.load_state_dict(net.state_dict())",
    )
    assert ("copied", 0) == (found.how, found.steps)


def test_a_model_of_other_shapes_is_no_copy(notebook):
    cells = ("net = nn.Linear(2, 1)", trained("net"), "model = nn.Linear(2, 3)")
    assert "" == evidence(notebook, *cells).how


def test_the_last_step_tells_which_of_two_models_was_trained_last(notebook):
    notebook.run("a = nn.Linear(2, 1)\nb = nn.Linear(2, 1)", trained("a"), trained("b"))
    last = [notebook.training.of(tensors_of(notebook.names[name])).last for name in "ab"]
    assert [20, 40] == last


def test_what_was_trained_is_not_kept_alive(notebook):
    cell = "def f():\n    m = nn.Linear(2, 1)\n    loss_of(m).backward()\nf()"
    notebook.run(cell)
    gc.collect()
    assert {} == notebook.training._tensors


def test_an_optimizer_that_hides_its_parameters_ends_no_cell(notebook):
    hostile = """
    class Odd(torch.optim.SGD):
        def __getattribute__(self, name):
            if name == "param_groups" and ready:
                raise KeyError(name)
            return super().__getattribute__(name)
        def step(self):
            return 7
    ready = []
    optimizer = Odd(model.parameters(), lr=1.)
    ready.append(1)
    result = optimizer.step()
    """
    notebook.run(MODEL, hostile)
    assert 7 == notebook.names["result"]
