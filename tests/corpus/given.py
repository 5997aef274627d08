"""The code cells that the handout gives, for the cases that work on its variables."""

from __future__ import annotations

IMPORTS = "import torch\nfrom torch.autograd import Variable"
DATA = (
    "y_t = 2 * torch.arange(0.,4.)\ny = Variable(y_t); y",
    "x = Variable(torch.arange(0.,4.)); x",
    "w = Variable(torch.ones(1),requires_grad=True); w",
)
FORWARD = """\
# predict (forward)
y_pred = x * w

# cálculo da perda J: loss
e = y_pred - y
e2 = e.pow(2)
J = e2.sum()
J"""
BACKWARD = "J.backward()\nprint(w.grad)"
"""What a student writes into a cell that is empty in the handout."""
ZERO = "w.grad.data.zero_();"
EPS = """\
eps = 0.001
y_pred = x * (w+eps)
J_new = (y_pred - y).pow(2).sum()
J_new"""
CHANGE = "print((J_new - J).data.numpy())"
BY_HAND = """\
import numpy as np

dJ = 1.
de2 = dJ * np.ones((4,))
de = de2 * 2 * e.data.numpy()
dy_pred = de
dw = (dy_pred * x.data.numpy()).sum()
print(dJ)
print(de2)
print(de)
print(dw)"""
PIP = "!pip install graphviz\n!pip install git+https://github.com/szagoruyko/pytorchviz"
GRAPH_OF_J = """\
from torchviz import make_dot, make_dot_from_trace
J = ((w * x) - y).pow(2).sum()
p = {'w':w} # dicionário de parâmetros
out = make_dot(J,params=p)
out"""

START = (IMPORTS, *DATA, FORWARD)
"""Up to the first loss."""
EXPLANATION = (*START, BACKWARD, ZERO, EPS, CHANGE, BY_HAND, PIP, GRAPH_OF_J)
"""All that stands before the exercises, with the backward filled in."""
