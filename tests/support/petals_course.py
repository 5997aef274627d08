"""Write a course of one assignment with data in a file, and notebooks that solve it.

`petals` has what machines make trouble with: a data file, a function, a training loop, a value that
builds on it, a graph and questions.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests.support.courses import Course, write_course
from tests.support.line_course import FITTING

NAME = "petals"
AUTOMATIC = ("mse", "loss-curve", "prediction", "graph")
"""The exercises that are checked automatically."""

POINTS = 6.0
"""What they are worth together."""

CSV = """
sepal,petal
5.1,1.4
7.0,4.7
6.3,6.0
4.9,1.5
6.4,4.5
5.8,5.1
4.6,1.3
6.9,4.9
7.1,5.9
5.4,1.7
"""

IMPORTS = """
import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn
from torchviz import make_dot
"""
READ = """
table = np.loadtxt("petals.csv", delimiter=",", skiprows=1)
sepal = torch.tensor(table[:, 0], dtype=torch.float32)
petal = torch.tensor(table[:, 1], dtype=torch.float32)
"""
SCALE = """
x = (sepal - sepal.mean()) / sepal.std()
y = petal
"""
MSE = """
def mse(y_hat, y):
    return ((y_hat - y) ** 2).mean()
"""
TRAINING = """
w = torch.zeros(1, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
epochs = 60
losses = []
for epoch in range(epochs):
    loss = mse(w * x + b, y)
    losses.append(loss.item())
    loss.backward()
    with torch.no_grad():
        w -= 0.2 * w.grad
        b -= 0.2 * b.grad
    w.grad.zero_()
    b.grad.zero_()
"""
PREDICTION = """
x_new = (6.0 - sepal.mean()) / sepal.std()
print("predicted length:", (w * x_new + b).item(), "cm")
"""
GRAPH = """
net = nn.Sequential(nn.Linear(1, 3), nn.ReLU(), nn.Linear(3, 1))
g = make_dot(net(x.reshape(-1, 1)))
g
"""
QUESTION_1 = "**1. What would happen if the gradient were not set back to zero?**\n\nAnswer:"
QUESTION_2 = "**2. What does the loss curve tell you about the learning rate?**\n\nAnswer:"
ANSWER_1 = "The gradients add up, and the steps get too large."
ANSWER_2 = "It falls and levels out, so the rate is small enough."

CELLS: Mapping[str, str] = {
    "title": "#!# Petals\n\nFit a line to ten irises, and draw the graph of a small network.",
    "data": f"{IMPORTS}{READ}",
    "scale": SCALE,
    "heading-1": "#!## Exercise 1: the loss\n\nWrite a function `mse(y_hat, y)`.",
    "mse": MSE,
    "heading-2": "#!## Exercise 2: training\n\nTrain for 60 epochs with a rate of 0.2.",
    "training": TRAINING,
    "heading-3": "#!## Exercise 3: a prediction\n\nHow long is the petal for a sepal of 6 cm?",
    "prediction": PREDICTION,
    "heading-4": "#!## Exercise 4: a graph\n\nDraw the graph of the network below.",
    "graph": GRAPH,
    "question-1": f"#!## Questions\n\n{QUESTION_1} {ANSWER_1}",
    "question-2": f"#!{QUESTION_2} {ANSWER_2}",
}
"""The cells of a notebook that is right, by name."""

_TASKS = ("mse", "training", "prediction", "graph")
_HANDOUT: Mapping[str, str] = {
    **CELLS,
    **dict.fromkeys(_TASKS, "# your code here"),
    "question-1": f"#!## Questions\n\n{QUESTION_1}",
    "question-2": f"#!{QUESTION_2}",
}
_REFERENCE: Mapping[str, str] = {
    **CELLS,
    "mse": f"{MSE}# grade: mse = mse",
    "training": f"{TRAINING}# grade: loss-curve = losses",
    "prediction": f"{PREDICTION}# grade: prediction = w * x_new + b",
    "graph": f"{GRAPH}# grade: graph = g",
}
_FILES = {
    f"exercises/{NAME}/assignment.toml": """
        title = "Petals"
        language = "en"
        handout = "petals.ipynb"
        files = ["petals.csv"]

        [run]
        cell_timeout_s = 10
        disk_mib = 16
        output_kib = 64

        """
    + FITTING
    + """
        [[exercises]]
        id = "prediction"
        title = "The prediction"
        points = 1
        check = "value"
        rtol = 1e-3

        [[exercises]]
        id = "graph"
        title = "The graph"
        points = 1
        check = "graph"

        [[exercises]]
        id = "question-1"
        title = "Question 1"
        points = 1
        check = "text"
        question = "What would happen if the gradient were not set back"

        [[exercises]]
        id = "question-2"
        title = "Question 2"
        points = 1
        check = "text"
        question = "What does the loss curve tell you"
        """,
    f"solutions/{NAME}/variants.toml": """
        [[inputs]]
        name = "sepal"
        from = "sepal"
        variants = [
            "torch.tensor([5., 7., 6., 5., 7., 6., 5., 7., 7., 6.])",
            "torch.tensor([5.3, 6.8, 6.1, 5.2, 6.6, 5.9, 4.7, 7.1, 6.7, 5.6])",
        ]

        [[inputs]]
        name = "petal"
        from = "petal"
        variants = [
            "torch.tensor([2., 5., 5., 1., 6., 4., 2., 5., 6., 3.])",
            "torch.tensor([1.7, 4.3, 5.6, 1.9, 4.1, 4.8, 1.1, 5.3, 5.5, 2.2])",
        ]
        """,
    f"solutions/{NAME}/mistakes.toml": "",
}


def write_petals_course(folder: Path) -> Course:
    """Write the exercises and solutions of the assignment `petals`."""
    files = _FILES | {f"exercises/{NAME}/petals.csv": CSV.lstrip()}
    return write_course(folder, NAME, files, _HANDOUT.values(), _REFERENCE.values())


def solved(**replaced: str | tuple[str, ...]) -> tuple[str, ...]:
    """Return the cells of a right notebook, some of them replaced.

    Args:
        replaced: by the name of a cell, the source in its place, or several; an empty one leaves
            the cell out.
    """
    sources = CELLS | {name.replace("_", "-"): source for name, source in replaced.items()}
    cells: list[str] = []
    for source in sources.values():
        several = (source,) if isinstance(source, str) else source
        cells.extend(cell for cell in several if cell)
    return tuple(cells)
