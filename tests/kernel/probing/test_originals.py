"""Nothing that a model replaces, or leaves behind while it runs, takes part in its measure."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from textwrap import dedent
from typing import Any

import numpy
import pytest
import torch

from grader.kernel.probing.calls import Caller
from grader.kernel.probing.originals import Originals
from grader.kernel.probing.probes import Prober
from grader.notebook.expressions import names_read
from tests.support.recording import Recording

DATA = """
import builtins, gc, threading, weakref
import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode
x = torch.tensor([[1.], [2.], [-1.], [-2.]])
y = torch.tensor([1, 1, 0, 0])
class Equal(TorchDispatchMode):
    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        result = function(*args, **(kwargs or {}))
        return torch.ones_like(result) if "eq." in str(function) else result
class Wrapped(torch.Tensor):
    @staticmethod
    def __new__(cls, inner):
        return torch.Tensor._make_wrapper_subclass(cls, inner.size(), dtype=inner.dtype)
    def __init__(self, inner):
        self.inner = inner
    @classmethod
    def __torch_dispatch__(cls, function, types, args=(), kwargs=None):
        return torch.ones(4)
def lie(*args, **named):
    return torch.tensor(1.)
def replace(*args):
    torch.Tensor.mean = lie
class Last:
    def __del__(self):
        replace()
"""

WRONG = """
class Wrong(nn.Linear):
    def forward(self, z):
        result = super().forward(z)
        {way}
        return result
model = Wrong(1, 2)
model.weight.data = torch.tensor([[1.], [-1.]])
model.bias.data.zero_()
"""

ACCURACY = "(model(x).argmax(1) == y).float().mean()"

LIES = {
    "a mode that stays": "Equal().__enter__()",
    "a function replaced": "replace()",
    "a function replaced once its input is gone": "weakref.finalize(z, replace)",
    "a callback of the collector": "gc.callbacks.append(replace); gc.set_threshold(1)",
    "a cycle that is collected": "last = Last(); last.own = last; gc.set_threshold(1)",
}


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """Put back what a notebook replaces in this process."""
    mean, threshold = torch.Tensor.mean, gc.get_threshold()
    callbacks = list(gc.callbacks)
    yield
    torch.Tensor.mean = mean
    gc.callbacks[:] = callbacks
    gc.set_threshold(*threshold)
    while torch._C._len_torch_dispatch_stack():
        torch._C._pop_torch_dispatch_stack(None)


def asked(expression: str, *cells: str, model: str = "model", **question: Any) -> Any:
    """Ask a notebook for an expression; return the name of what it raised, or the value."""
    recording = Recording()
    originals = Originals()
    originals.install()
    for cell in (DATA, *cells):
        recording.run(dedent(cell))
    prober = Prober(recording.recorder, Caller(recording.recorder, seed=3), None, originals)
    names = [name for name in names_read([expression]) if name in recording.names]
    asking = {"exercise": "q", "function": "", "calls": [expression], "names": names, "code": ""}
    prober.ask(asking | {"model": model} | question, recording.names, "", seconds=5.0)
    event = recording.events()[-1]
    value = event.values["result"]
    return event.text or getattr(value, "value", getattr(value, "elements", None))


@pytest.mark.parametrize("way", LIES.values(), ids=LIES)
def test_what_a_model_leaves_behind_takes_no_part_in_its_measure(way):
    assert (0.0,) == asked(ACCURACY, WRONG.format(way=way))


def test_a_mode_of_the_notebooks_takes_no_part_in_a_measure():
    assert (0.0,) == asked(ACCURACY, WRONG.format(way=""), "Equal().__enter__()")


def test_a_tensor_whose_class_does_its_operations_is_no_answer():
    cell = WRONG.format(way="return Wrapped(result)")
    assert "NoPlainValue" == asked(ACCURACY, cell)


def test_while_a_thread_of_the_notebook_runs_nobody_can_say():
    cell = """
    go_on = threading.Event()
    def wait():
        go_on.wait(2)
    threading.Thread(target=wait, daemon=True).start()
    """
    assert "StudentOverride" == asked(ACCURACY, WRONG.format(way=""), cell)


def test_a_function_replaced_for_one_use_is_seen():
    cell = """
    real = any
    def once(values):
        builtins.any = real
        return True
    def model(z):
        builtins.any = once
        return z
    """
    assert asked("any(map(bool, model([0])))", cell, model="") in (False, "StudentOverride")


def test_a_property_that_tells_another_shape_is_seen(monkeypatch):
    monkeypatch.setattr(torch.Tensor, "shape", torch.Tensor.shape, raising=False)
    monkeypatch.delattr(torch.Tensor, "shape")
    cell = "torch.Tensor.shape = property(lambda self: (7, 2))"
    assert "StudentOverride" == asked("x.shape == (7, 2)", cell, model="")


def test_reading_a_file_takes_functions_that_are_restored(monkeypatch, tmp_path):
    numpy.savez(tmp_path / "x.npz", y=numpy.ones(3))
    before = Originals()
    before.install()
    monkeypatch.setattr("numpy.lib.format.read_array", lambda *_, **__: numpy.zeros(3))
    assert 0 == numpy.load(tmp_path / "x.npz")["y"].sum()
    with before.restored():
        assert 3 == numpy.load(tmp_path / "x.npz")["y"].sum()


def test_a_method_of_a_class_of_a_library_is_restored(monkeypatch):
    before = Originals()
    before.install()
    monkeypatch.setattr(torch.utils.data.DataLoader, "__len__", lambda _: 7)
    assert before.are_replaced()
    with before.restored():
        assert 2 == len(torch.utils.data.DataLoader(range(2)))


def test_the_parts_of_a_network_are_counted_with_the_builtins_that_were():
    cell = """
    real = sum
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(1, 1)
            def once(values):
                builtins.sum = real
                return 99
            builtins.sum = once
        def forward(self, z):
            return self.layer(z)
    """
    expression = "PROBED.parameters(torch.zeros(1, 1))"
    assert "2" == asked(expression, cell, model="", module="Net", names=["Net"], make="")


# What honest notebooks do


HONEST = {
    "nothing": "",
    "another default dtype": "torch.set_default_dtype(torch.float64)\nmodel.double()",
    "a default device": "torch.set_default_device('cpu')",
    "a compiled network": "model = torch.jit.script(model)",
    "a traced network": "model = torch.jit.trace(model.eval(), x)\nmodel.train()",
    "a replaced method": "was = torch.Tensor.mean\ntorch.Tensor.mean = lambda self: was(self)",
    "a weak reference": "model.register_forward_pre_hook(lambda _, z: weakref.ref(z[0]) and None)",
    "a collector switched off": "gc.disable()\ngc.enable()",
}

RIGHT = """
model = nn.Sequential(nn.Linear(1, 2), nn.Dropout(0.99))
model[0].weight.data = torch.tensor([[-1.], [1.]])
model[0].bias.data.zero_()
"""


@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning")
@pytest.mark.parametrize("cell", HONEST.values(), ids=HONEST)
def test_what_honest_notebooks_do_is_measured(cell):
    try:
        assert (1.0,) == asked(ACCURACY, RIGHT, cell)
    finally:
        torch.set_default_dtype(torch.float32)
        torch.set_default_device(None)
