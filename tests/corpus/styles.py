"""Write activity 1 in three styles, each with known mistakes in it, alone or together."""

from __future__ import annotations

from collections.abc import Callable, Collection
from textwrap import dedent

Mistakes = Collection[str]
Style = Callable[[Mistakes], tuple[str, ...]]

LOSSES = {
    "mean-for-sum": "({e} ** 2).mean()",
    "half-of-sum": "({e} ** 2).sum() / 2",
    "absolute-error": "{e}.abs().sum()",
    "no-square": "{e}.sum()",
}
RATES = {"lr-001": "0.01", "lr-1": "1.0"}


def _loss(mistakes: Mistakes, error: str) -> str:
    forms = [form for name, form in LOSSES.items() if name in mistakes]
    form = forms[0] if forms else "({e} ** 2).sum()"
    return form.format(e=error)


def _rate(mistakes: Mistakes) -> str:
    rates = [rate for name, rate in RATES.items() if name in mistakes]
    return rates[0] if rates else "0.1"


def _start(mistakes: Mistakes) -> str:
    return "zeros" if "w-from-zero" in mistakes else "ones"


def _sign(mistakes: Mistakes) -> str:
    return "+" if "plus-sign" in mistakes else "-"


def _cells(*lines: str) -> tuple[str, ...]:
    """Join lines into cells; an empty line ends a cell, and `-` stands for no line."""
    text = "\n".join(line for line in lines if line != "-")
    return tuple(cell for cell in text.split("\n\n") if cell.strip())


def _no_step(mistakes: Mistakes) -> bool:
    return "x-times-w-plus-lr" in mistakes


def _shifted(mistakes: Mistakes) -> bool:
    return not {"x-times-w-plus-lr", "w-plus-lr"}.isdisjoint(mistakes)


def plain(mistakes: Mistakes) -> tuple[str, ...]:
    """Write it as the handout does: Variables and `w.data`, a cell per thought."""
    new = "x * (w + lr)" if _shifted(mistakes) else "x * w"
    return _cells(
        "import torch",
        "from torch.autograd import Variable",
        "x = Variable(torch.arange(0., 4.))",
        "y = Variable(2 * torch.arange(0., 4.))",
        f"w = Variable(torch.{_start(mistakes)}(1), requires_grad=True)",
        "",
        "y_pred = x * w",
        f"J = {_loss(mistakes, '(y_pred - y)')}",
        "eps = 0.001",
        f"J_new = {_loss(mistakes, '(x * (w + eps) - y)')}",
        "J.backward(retain_graph=True)",
        "J.backward()" if "backward-twice" in mistakes else "-",
        "",
        f"lr = {_rate(mistakes)}",
        "w.grad.data.zero_()" if "grad-zeroed" in mistakes else "-",
        "-" if _no_step(mistakes) else f"w.data = w.data {_sign(mistakes)} lr * w.grad.data",
        "",
        "-" if "not-recomputed" in mistakes else f"y_pred = {new}",
        "-" if "eps-shown" in mistakes else f"J_new = {_loss(mistakes, '(y_pred - y)')}",
        "print((J_new - J).data.numpy())",
    )


def in_functions(mistakes: Mistakes) -> tuple[str, ...]:
    """Write it with functions and other names; the step is in place, under no_grad."""
    new = "peso + taxa" if _shifted(mistakes) else "peso"
    depois = "-" if "eps-shown" in mistakes else f"depois = perda({new})"
    if "not-recomputed" in mistakes:
        depois = f"depois = {_loss(mistakes, '(estimado - alvo)')}"
    step = f"    peso {_sign(mistakes)}= taxa * peso.grad"
    return _cells(
        "import torch",
        "entrada = torch.arange(0., 4.)",
        "alvo = entrada * 2",
        "",
        "def perda(peso):",
        "    erro = entrada * peso - alvo",
        f"    return {_loss(mistakes, 'erro')}",
        "",
        f"taxa = {_rate(mistakes)}",
        f"peso = torch.{_start(mistakes)}(1, requires_grad=True)",
        "estimado = entrada * peso",
        "depois = perda(peso + 0.001)",
        "antes = perda(peso)",
        "antes.backward(retain_graph=True)",
        "antes.backward()" if "backward-twice" in mistakes else "-",
        "print('gradiente', peso.grad)",
        "",
        "peso.grad.zero_()" if "grad-zeroed" in mistakes else "-",
        "-" if _no_step(mistakes) else "with torch.no_grad():",
        "-" if _no_step(mistakes) else step,
        "",
        depois,
        "mudanca = depois - antes",
        "mudanca",
    )


def with_optimizer(mistakes: Mistakes) -> tuple[str, ...]:
    """Write it with a linear layer without bias, and an optimizer."""
    rate = _rate(mistakes)
    new = f"(net.weight + {rate}) * xs" if _shifted(mistakes) else "net(xs)"
    shown = "loss_eps" if "eps-shown" in mistakes else "loss_depois"
    before = "pred" if "not-recomputed" in mistakes else new
    maximize = ", maximize=True" if "plus-sign" in mistakes else ""
    return _cells(
        "import torch",
        "from torch import nn",
        "xs = torch.arange(0., 4.).reshape(4, 1)",
        "ys = 2 * xs",
        "net = nn.Linear(1, 1, bias=False)",
        f"nn.init.{_start(mistakes)}_(net.weight)",
        f"opt = torch.optim.SGD(net.parameters(), lr={rate}{maximize})",
        "",
        "pred = net(xs)",
        f"loss_antes = {_loss(mistakes, '(pred - ys)')}",
        f"loss_eps = {_loss(mistakes, '((net.weight + 0.001) * xs - ys)')}",
        "loss_antes.backward(retain_graph=True)",
        "loss_antes.backward()" if "backward-twice" in mistakes else "-",
        "",
        "opt.zero_grad(set_to_none=False)" if "grad-zeroed" in mistakes else "-",
        "-" if _no_step(mistakes) else "opt.step()",
        "",
        "-" if "eps-shown" in mistakes else f"loss_depois = {_loss(mistakes, f'({before} - ys)')}",
        f"print('mudança', ({shown} - loss_antes).item())",
    )


STYLES: dict[str, Style] = {
    "plain": plain,
    "in-functions": in_functions,
    "with-optimizer": with_optimizer,
}

STEP_MISTAKES = (
    "grad-zeroed",
    "backward-twice",
    "mean-for-sum",
    "half-of-sum",
    "plus-sign",
    "lr-001",
    "lr-1",
    "x-times-w-plus-lr",
    "w-plus-lr",
    "absolute-error",
    "no-square",
    "not-recomputed",
    "w-from-zero",
    "eps-shown",
)
"""The mistakes of activity 1 that a style can make."""

COMBINATIONS = (
    ("grad-zeroed", "lr-001", "w-plus-lr"),
    ("mean-for-sum", "lr-001"),
    ("mean-for-sum", "plus-sign"),
    ("half-of-sum", "lr-1"),
    ("w-from-zero", "lr-001"),
    ("backward-twice", "plus-sign"),
    ("lr-001", "plus-sign"),
    ("mean-for-sum", "w-plus-lr"),
    ("w-from-zero", "mean-for-sum", "lr-001"),
    ("mean-for-sum", "backward-twice", "plus-sign"),
    ("absolute-error", "plus-sign"),
    ("w-from-zero", "no-square", "w-plus-lr"),
)
"""Mistakes that each show when they are made together."""

_GRAPH = """
    import torch
    from torch.autograd import Variable
    from torchvision import models
    from torchviz import make_dot
    x = torch.arange(0., 4.)
    w = torch.ones(1, requires_grad=True)
    J = ((x * w - 2 * x) ** 2).sum()
    """

_NETWORKS = {
    "resnet34": (
        "net = models.resnet34()\ng = make_dot(net(torch.randn(1, 3, 224, 224)))\ng",
        "def rede():\n    return models.resnet34(weights=None)\n"
        "make_dot(rede()(torch.rand(2, 3, 224, 224)))",
        "import torchvision\nm = getattr(torchvision.models, 'resnet34')()\n"
        "saida = m(Variable(torch.ones(1, 3, 224, 224)))\n"
        "desenho = make_dot(saida, params=dict(m.named_parameters()))",
    ),
    "resnet50": (
        "net = models.resnet50()\ng = make_dot(net(torch.randn(1, 3, 224, 224)))\ng",
        "def rede():\n    return models.resnet50(weights=None)\n"
        "make_dot(rede()(torch.rand(1, 3, 224, 224)))",
        "m = models.get_model('resnet50')\nsaida = m(torch.ones(1, 3, 224, 224))\n"
        "desenho = make_dot(saida, params=dict(m.named_parameters()))",
    ),
    "graph-no-grad": (
        "net = models.resnet18()\nwith torch.no_grad():\n"
        "    out = net(torch.randn(1, 3, 224, 224))\nmake_dot(out)",
        "@torch.no_grad()\ndef saida():\n"
        "    return models.resnet18()(torch.randn(1, 3, 224, 224))\n"
        "make_dot(saida())",
        "m = models.resnet18()\nfor p in m.parameters():\n    p.requires_grad_(False)\n"
        "desenho = make_dot(m(torch.ones(1, 3, 224, 224)))",
    ),
    "graph-of-loss": (
        "g = make_dot(J, params={'w': w})\ng",
        "make_dot(J)",
        "erro = (x * w - 2 * x) ** 2\nperda = torch.sum(erro)\n"
        "figura = make_dot(perda, params=dict(w=w))",
    ),
}

GRAPHS: dict[str, tuple[tuple[str, ...], ...]] = {
    name: tuple((dedent(_GRAPH).strip("\n"), code) for code in codes)
    for name, codes in _NETWORKS.items()
}
"""Three ways to make each mistake of activity 2."""
