"""A model is measured in eval mode, on plain values, and is left as it was."""

from __future__ import annotations

import math
import sys
import types
from textwrap import dedent
from typing import Any

import pytest
import torch

from grader.kernel.probing.calls import Caller
from grader.kernel.probing.measured import MeasuredModel, NoPlainValue, form_of, plain
from grader.kernel.probing.originals import Originals
from grader.kernel.probing.probes import Prober
from grader.notebook.expressions import names_read
from tests.support.recording import Recording

DATA = """
import torch
from torch import nn
x = torch.tensor([[1.], [2.], [-1.], [-2.]])
y = torch.tensor([1, 1, 0, 0])
"""

ACCURACY = "(model(x).argmax(1) == y).float().mean()"

WRONG = "model = nn.Linear(1, 2)\nmodel.weight.data = torch.tensor([[1.], [-1.]])"
"""A model that has every answer wrong."""

LIAR = """
class Wrong(nn.Linear):
    def forward(self, v):
        return self.lie(super().forward(v))
    def lie(self, answers):
        return {lie}
class Odd(torch.Tensor):
    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        return torch.ones(())
    def argmax(self, *args):
        return self
    def __eq__(self, other):
        return torch.ones(4)
class Thing:
    def argmax(self, *args):
        return self
    def __eq__(self, other):
        return torch.ones(4)
model = Wrong(1, 2)
model.weight.data = torch.tensor([[1.], [-1.]])
model.bias.data.zero_()
"""


class Asked:
    """A notebook in which a model was measured."""

    def __init__(self, expression: str, *cells: str, names: dict[str, Any] | None = None) -> None:
        recording = Recording()
        for cell in (DATA, *cells):
            recording.run(dedent(cell))
        recording.names.update(names or {})
        self.names: dict[str, Any] = recording.names
        originals = Originals()
        prober = Prober(recording.recorder, Caller(recording.recorder, seed=3), None, originals)
        question = {
            "exercise": "q",
            "function": "",
            "calls": [expression],
            "names": list(names_read([expression])),
            "code": "",
            "model": "model",
        }
        prober.ask(question, recording.names, "", seconds=5.0)
        self.event = recording.events()[-1]

    @property
    def result(self) -> Any:
        value = self.event.values["result"]
        return getattr(value, "value", getattr(value, "elements", None))


def test_a_model_is_in_eval_mode_and_in_its_own_afterwards():
    asked = Asked(
        "float(model(torch.ones(99)).sum())", "model = nn.Sequential(nn.Dropout(), nn.Identity())"
    )
    assert 99 == asked.result
    assert [True, True] == [module.training for module in asked.names["model"]]


def test_statistics_are_as_they_were_afterwards():
    cell = """
    class Net(nn.BatchNorm1d):
        def forward(self, v):
            self.train()
            return super().forward(v)
    model = Net(1)
    """
    asked = Asked("float(model(x).sum())", cell)
    assert (0.0, 0) == (
        asked.names["model"].running_mean.item(),
        asked.names["model"].num_batches_tracked.item(),
    )


def test_nothing_has_a_gradient():
    assert False is Asked("model(x).requires_grad", "model = nn.Linear(1, 1)").result


def test_inputs_have_the_dtype_of_the_model():
    assert (
        "torch.float64" == Asked("str(model(x).dtype)", "model = nn.Linear(1, 1).double()").result
    )


def test_what_is_called_to_change_the_mode_changes_nothing():
    expression = "model.train().eval().to('cuda')(x).shape[0] + len(list(model.parameters()))"
    assert 6 == Asked(expression, "model = nn.Linear(1, 1)").result


def test_methods_and_parts_of_a_model_can_be_measured():
    cell = """
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.encoder = nn.Linear(1, 3)
        def encode(self, v):
            return {"code": self.encoder(v)}
    model = Net()
    """
    expression = "model.encode(x)['code'].shape[1] + model.encoder(x).shape[1]"
    assert 6 == Asked(expression, cell).result


def test_a_function_is_a_model():
    assert 2 == Asked("model(1)", "def model(v):\n    return 2 * v").result


@pytest.mark.parametrize(
    "lie", ["answers.as_subclass(Odd)", "nn.Parameter(answers).as_subclass(Odd)"]
)
def test_a_class_of_tensors_takes_no_part_in_the_measure(lie):
    assert (0.0,) == Asked(ACCURACY, LIAR.format(lie=lie)).result


def test_an_object_that_compares_as_it_likes_is_no_answer():
    assert "NoPlainValue" == Asked(ACCURACY, LIAR.format(lie="Thing()")).event.text


def test_labels_of_a_class_of_tensors_take_no_part_either():
    asked = Asked(ACCURACY, LIAR.format(lie="answers"), "y = y.as_subclass(Odd)")
    assert (0.0,) == asked.result


def test_a_mode_for_functions_of_torch_takes_no_part_in_the_measure():
    mode = """
    from torch.overrides import TorchFunctionMode
    class Mode(TorchFunctionMode):
        def __torch_function__(self, function, types, args=(), kwargs=None):
            return torch.ones(())
    """
    recording = Recording()
    recording.run(dedent(mode), None)
    with recording.names["Mode"]():
        measured = MeasuredModel(lambda v: v)
        with torch._C.DisableTorchFunction():
            assert 2.0 == measured(torch.tensor(2.0)).mean().item()


def test_functions_that_a_notebook_replaced_take_no_part_in_the_measure():
    before = Originals()
    before.remember(torch.Tensor)
    mean, own = torch.Tensor.mean, lambda *_: torch.ones(())
    torch.Tensor.mean = own
    torch.Tensor.argmax = own
    try:
        with before.restored() as inside:
            assert mean is torch.Tensor.mean
            with inside():
                assert own is torch.Tensor.argmax
            assert own is not torch.Tensor.argmax
        assert own is torch.Tensor.mean
    finally:
        torch.Tensor.mean = mean
        del torch.Tensor.argmax


def test_what_a_model_replaces_while_it_runs_takes_no_part_in_the_measure():
    before = Originals()
    before.remember(torch.Tensor)
    mean, own = torch.Tensor.mean, lambda *_: torch.ones(())
    try:
        with before.restored() as inside:
            with inside():
                torch.Tensor.mean = own
            assert mean is torch.Tensor.mean
        assert own is torch.Tensor.mean
    finally:
        torch.Tensor.mean = mean


def test_a_module_that_a_notebook_put_in_the_place_of_another_takes_no_part(monkeypatch):
    before = Originals()
    before.remember_module("torch")
    other = types.ModuleType("torch")
    monkeypatch.setitem(sys.modules, "torch", other)
    monkeypatch.setattr(torch, "optim", other)
    assert before.are_replaced()
    with before.restored():
        assert torch is sys.modules["torch"]
        assert other is not torch.optim
    assert other is sys.modules["torch"] is torch.optim


def test_a_part_of_a_package_that_was_imported_later_takes_no_part_either(monkeypatch):
    import numpy.testing

    testing = numpy.testing
    before = Originals()
    monkeypatch.delattr(numpy, "testing")
    before.remember_module("numpy")
    numpy.testing = testing
    before.remember_module("numpy.testing")
    assert not before.are_replaced()
    monkeypatch.setattr(numpy, "testing", types.SimpleNamespace())
    monkeypatch.setattr(testing, "assert_allclose", lambda *_: None)
    with before.restored():
        assert testing is numpy.testing
        with pytest.raises(AssertionError):
            numpy.testing.assert_allclose(1, 2)


def test_another_number_for_pi_takes_no_part(monkeypatch):
    before = Originals()
    monkeypatch.setattr("math.pi", 3)
    with before.restored():
        assert math.pi > 3


@pytest.mark.parametrize("way", ["v._base", "v.untyped_storage().nbytes() > 16 or None"])
def test_a_model_sees_no_more_than_it_is_given(way):
    cell = f"def model(v):\n    return 0 if ({way}) is None else 1"
    assert 0 == Asked("model(torch.stack([x, x], 1)[:, 0])", cell).result


def test_plain_values_hold_no_object_of_another_kind():
    assert {"a": (1, [2.0])} == plain({"a": (1, [2.0])})
    with pytest.raises(NoPlainValue):
        plain([object()])


@pytest.mark.parametrize(
    ("result", "form"),
    [
        (torch.zeros(7, 2), "(N, 2)"),
        (torch.zeros(7), "(N,)"),
        (torch.zeros(()), "()"),
        ((torch.zeros(7, 2), None), "tuple((N, 2), NoneType)"),
    ],
)
def test_the_form_of_an_output_does_not_hang_on_the_number_of_examples(result, form):
    assert form == form_of(result)
