"""The statements that take a gradient step are found, however they are written."""

from __future__ import annotations

import pytest

from grader.notebook.steps import Steps


def changed_by_last(*lines: str) -> frozenset[str]:
    """Return what the last line of a cell changes by a step of `w`."""
    steps = Steps(["\n".join(lines)], "w")
    return steps.changed_by(lines[-1].strip())


@pytest.mark.parametrize(
    ("line", "path"),
    [
        ("w.data = w.data - 0.3 * w.grad.data", "w"),
        ("w.data -= 0.3 * w.grad", "w"),
        ("w -= 0.3 * w.grad", "w"),
        ("w = w - 0.3 * w.grad", "w"),
        ("w.data = 0.3 * w.grad", "w"),
        ("w.data[0] = w.data[0] - 0.3 * w.grad[0]", "w"),
        ("w.data.sub_(0.3 * w.grad)", "w"),
        ("w.copy_(w - 0.3 * w.grad)", "w"),
        ("w_new = w - 0.3 * w.grad", "w_new"),
        ("w_new: float = w.item() - 0.3 * w.grad.item()", "w_new"),
        ("w_new = torch.sub(w, w.grad, alpha=0.3)", "w_new"),
        ("w_new = Variable(w.data - 0.3 * w.grad.data)", "w_new"),
        ("w_new = w - 0.3 * torch.autograd.grad(J, w)[0]", "w_new"),
        ("w_new, before = w - 0.3 * w.grad, J", "w_new"),
        ("w_new = step(w, w.grad)", "w_new"),
        ("m.w.data -= m.lr * m.w.grad", "m.w"),
        ("p['w'].data -= 0.3 * p['w'].grad", "p['w']"),
        ("net.weight -= 0.3 * net.weight.grad", "net.weight"),
        ("peso_novo = peso - 0.3 * peso.grad", "peso_novo"),
        ("w = w - 0.3 * dw", "w"),
        ("w = w0 - 0.3 * dw", "w"),
        ("w_new = w - 0.3 * dw", "w_new"),
        ("return w - 0.3 * w.grad", "return"),
    ],
)
def test_a_step_is_found_with_what_it_changes(line: str, path: str):
    assert {path} == changed_by_last(line)


@pytest.mark.parametrize(
    "lines",
    [
        ["g = w.grad.item()", "w0 = w.item()", "w1 = w0 - 0.3 * g"],
        ["g, = torch.autograd.grad(J, w)", "w1 = w - 0.3 * g"],
        ["delta = -0.3 * w.grad", "w1 = w + delta"],
        ["g, = torch.autograd.grad(J, peso)", "w1 = peso - 0.3 * g"],
        ["def step(w):", "    return w - 0.3 * w.grad", "w1 = step(w)"],
    ],
)
def test_a_step_is_followed_by_the_names_of_copies_and_functions(lines: list[str]):
    assert {"w1"} == changed_by_last(*lines)


@pytest.mark.parametrize(
    "line",
    [
        "J_new = ((x * w - y) ** 2).sum()",
        "y_pred = x * (w + 0.001)",
        "delta = 0.3 * w.grad",
        "rate = change / w.grad",
        "w0 = w.detach().clone()",
        "w.grad.zero_()",
        "w.grad = None",
        "w.data.fill_(1.)",
        "w_new = 5.",
        "best = ws[losses.argmin()]",
        "ws.append(w)",
        "print(w - 0.3 * w.grad)",
    ],
)
def test_other_statements_take_no_step(line: str):
    assert not changed_by_last("print(w.grad)", line)


def test_a_step_over_several_lines_is_known_by_its_first():
    steps = Steps(["if True:\n    w_new = (w\n        - 0.3 * w.grad)"], "w")
    assert {"w_new"} == steps.changed_by("w_new = (w")


def test_an_expression_that_is_too_deep_does_no_harm():
    deep = "w_new = w - w.grad" + " + 1" * 900
    assert changed_by_last(deep) <= {"w_new"}


def test_what_is_no_python_takes_no_step():
    assert not changed_by_last("w -= 0.3 * (w.grad")
