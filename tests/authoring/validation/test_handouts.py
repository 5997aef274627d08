"""Cells of a handout that raise: those that build on an answer may, and no others."""

from __future__ import annotations

import pytest

from grader.authoring.validation.handout_findings import may_earn, waits_for_an_answer
from grader.notebook.folding import fold
from grader.report import CheckResult, ExerciseResult, Message
from grader.trace import CellRun

DATA, PLOT, TOTAL = "x = [1, 2, 3]", "plot(losses)", "y = half(4) + 1"
ANSWERS = "import torch\nlosses = [i / 2 for i in x]\ndef half(n):\n    return n / 2"
REFERENCE = [(0, DATA), (1, ANSWERS), (2, PLOT), (3, TOTAL)]
HANDOUT = [fold(source) for source in (DATA, "# your code here", PLOT, TOTAL)]


@pytest.mark.parametrize(
    ("source", "error", "message", "waits"),
    [
        (PLOT, "NameError", "name 'losses' is not defined", True),
        ("print(losses)", "NameError", "name 'losses' is not defined", True),
        ("y + ...", "NameError", "name 'y' is not defined", True),
        ("torch.ones(2)", "NameError", "name 'torch' is not defined", False),
        ("print(lost)", "NameError", "name 'lost' is not defined", False),
        (TOTAL, "TypeError", "unsupported operand", True),
        ("1 / 0", "ZeroDivisionError", "division by zero", False),
        ("s = ...\nprint(s.shape)", "AttributeError", "'ellipsis' object has no attribute", True),
        ("loss = None\nloss.item()", "AttributeError", "'NoneType' object has no attribute", True),
        ("def f(x):\n    # TODO", "IndentationError", "expected an indented block", True),
        ("out = # your answer", "SyntaxError", "invalid syntax", True),
        ("raise NotImplementedError", "NotImplementedError", "", True),
        ("y = ____", "NameError", "name '____' is not defined", True),
        ("y = YOUR_CODE", "NameError", "name 'YOUR_CODE' is not defined", True),
        ("loss = half(3)\nloss = ...", "ValueError", "no parameters", True),
        ("loss = len(x)\nloss = ...", "ValueError", "no parameters", False),
    ],
)
def test_only_what_builds_on_an_answer_may_raise(source, error, message, waits):
    run = CellRun(cell=2, status="error", error=error, message=message)
    assert waits == waits_for_an_answer(run, source, HANDOUT, REFERENCE)


@pytest.mark.parametrize(
    ("credit", "status", "message_id", "may"),
    [
        (0.5, "partial", "value.shown", True),
        (0.0, "failed", "value.not-found", False),
        (0.0, "pending", "value.several", True),
        (0.0, "pending", "probe.own-unclear", False),
        (0.0, "pending", "machine.package", False),
    ],
)
def test_a_handout_that_waits_may_earn_but_not_by_what_the_machine_lacks(
    credit, status, message_id, may
):
    result = ExerciseResult(
        id="loss",
        title="Loss",
        status=status,
        points=credit,
        max_points=1,
        automatic=True,
        credit=credit,
        checks=(CheckResult(check="value", message=Message(id=message_id)),),
    )
    assert may == may_earn(result)
