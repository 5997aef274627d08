"""Watch in this process what cells train, as the kernel does."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from textwrap import dedent

import torch

from grader.kernel.recording import hooks
from grader.kernel.recording.training import Training
from tests.support.recording import Recording

SETUP = """
import torch
from torch import nn

torch.manual_seed(1)
x = torch.randn(40, 2)
y = (x[:, 0] > 0).float()


def loss_of(model):
    return nn.functional.binary_cross_entropy_with_logits(model(x)[:, 0], y)
"""

TRAINING = """
optimizer = torch.optim.SGD({model}.parameters(), lr=1.)
for epoch in range(20):
    optimizer.zero_grad()
    loss_of({model}).backward()
    optimizer.step()
"""


class Watched:
    """A notebook, and what shows that its tensors were trained."""

    def __init__(self) -> None:
        self.recording = Recording()
        self.training = Training()

    @property
    def names(self) -> dict[str, object]:
        return self.recording.names

    def run(self, *cells: str) -> Watched:
        """Run cells anew, after those that make the data."""
        self.recording.renew()
        self.training.clear()
        for cell in (SETUP, *cells):
            self.recording.run(dedent(cell))
        return self


def trained(model: str = "model") -> str:
    """Write the cell that trains a model with an optimizer."""
    return TRAINING.format(model=model)


@contextmanager
def watched() -> Iterator[Watched]:
    """Give a notebook that is watched; torch's functions are put back afterwards."""
    notebook = Watched()
    optimizers = importlib.import_module("torch.optim.optimizer")
    hooked = (optimizers._global_optimizer_pre_hooks, optimizers._global_optimizer_post_hooks)
    before = [dict(table) for table in hooked]
    plain = {name: getattr(torch.autograd, name) for name in ("backward", "grad")}
    notebook.training.install()
    hooks.install(notebook.recording.recorder, notebook.training.note_reached)
    try:
        yield notebook
    finally:
        for name, function in plain.items():
            setattr(torch.autograd, name, function)
        for table, entries in zip(hooked, before, strict=True):
            table.clear()
            table.update(entries)
