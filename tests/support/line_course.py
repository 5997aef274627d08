"""Write a small course with a function and a loss curve: a line fitted by gradient descent."""

from __future__ import annotations

from pathlib import Path

from tests.support.courses import Course, write_course

NAME = "line"

DATA = """
import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn

x = torch.tensor([-1.4, -1.1, -0.9, -0.6, -0.3, -0.1, 0.2, 0.4, 0.7, 0.9, 1.2, 1.5])
y = torch.tensor([1.3, 2.2, 2.0, 3.4, 3.1, 4.2, 3.9, 5.1, 4.8, 6.2, 5.7, 7.1])
"""

FITTING = """
        [[exercises]]
        id = "mse"
        title = "The mean squared error"
        points = 2
        check = "function"
        function = "mse"
        calls = [
            "torch.tensor([1., 2., 3.]), torch.tensor([1., 4., 0.])",
            "torch.tensor([5., 1.]), torch.tensor([2., 3.])",
            "torch.tensor([[1.], [2.]]), torch.tensor([[4.], [9.]])",
        ]

        [[exercises]]
        id = "loss-curve"
        title = "The loss curve"
        points = 2
        check = "series"

        [exercises.series]
        band = 0.01
        """
"""The exercises of whoever fits a line: a loss function, and the losses of a training."""

_FILES = {
    f"exercises/{NAME}/assignment.toml": """
        title = "A line"
        language = "en"
        handout = "line.ipynb"

        [run]
        cell_timeout_s = 8

        """
    + FITTING,
    f"solutions/{NAME}/variants.toml": """
        [[inputs]]
        name = "x"
        from = "x"
        variants = [
            "torch.tensor([-2., -1., -1., -1., 0., 0., 0., 1., 1., 1., 1., 2.])",
            "torch.tensor([-1.7, -1.2, -0.8, -0.5, -0.4, 0., 0.1, 0.5, 0.6, 1.1, 1.3, 1.6])",
        ]

        [[inputs]]
        name = "y"
        from = "y"
        variants = [
            "torch.tensor([3., 2., 5., 4., 4., 6., 3., 5., 7., 4., 6., 8.])",
            "torch.tensor([0.7, 2.9, 1.1, 3.8, 2.4, 3.6, 5.5, 3.2, 6.1, 4.4, 7.7, 6.3])",
        ]
        """,
    f"solutions/{NAME}/mistakes.toml": """
        [mistakes.sum-for-mean]
        name = { en = "sum instead of mean" }
        hint = { en = "Use the mean." }

        [mistakes.one-short]
        name = { en = "one epoch short" }
        hint = { en = "Count the epochs." }
        credit = { loss-curve = 0.5 }

        [mistakes.intercept-stays]
        name = { en = "intercept never updated" }
        hint = { en = "Take a step with b too." }
        credit = { loss-curve = 0.5 }

        [mistakes.plus-sign]
        name = { en = "plus sign in the step" }
        hint = { en = "Check the sign of the step." }
        """,
}
_MSE = """
def mse(y_hat, y):
    return ((y_hat - y) ** 2).mean()  # wrong(sum-for-mean): return ((y_hat - y) ** 2).sum()
# grade: mse = mse
"""
_TRAINING = """
w = torch.zeros(1, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
losses = []
for epoch in range(100):  # wrong(one-short): for epoch in range(99):
    loss = ((w * x + b - y) ** 2).mean()
    losses.append(loss.item())
    loss.backward()
    with torch.no_grad():
        w -= 0.1 * w.grad  # wrong(plus-sign): w += 0.1 * w.grad
        b -= 0.1 * b.grad
        # wrong(plus-sign): b += 0.1 * b.grad
        # wrong(intercept-stays): pass
        w.grad.zero_()
        b.grad.zero_()
# grade: loss-curve = losses
"""


def write_line_course(folder: Path) -> Course:
    """Write the exercises and solutions of the assignment `line`."""
    handout = [DATA, "# your code here"]
    reference = [DATA, _MSE, _TRAINING]
    return write_course(folder, NAME, _FILES, handout, reference)
