"""What a trace says of a notebook's statements is compared with the notebook's own code."""

from __future__ import annotations

import ast
from textwrap import dedent, indent
from typing import Any
from unittest.mock import Mock

import pytest

from grader.grading.claims import MANY_MISFITS, Claims
from grader.grading.search import Values
from grader.kernel.portability import missing_packages
from grader.kernel.portability.missing_packages import soften_imports
from grader.trace import CodeCell, Event
from tests.support.recording import Recording
from tests.support.traces import gradient, happens, prints, sets, shows, trace
from tests.support.traces import run as run_of

HONEST = {
    "an assignment": "x = 3.5\ny = 2 * x",
    "a tuple": "a, b = 1, 2.5",
    "a change in place": "import torch\nw = torch.ones(2)\nw.data -= 1\nw[0] = 3\nw.add_(1)",
    "lines that go on": "x = [1.,\n     2.]\ny = (x[0] +\n     x[1])",
    "a loop": "s = 0\nfor k in range(5):\n    s += k\n    print(s)\nwhile s > 3:\n    s -= 1",
    "a loop in one line": "v = 1\nfor k in range(9): print(k, v)",
    "a function": "def f(a):\n    b = a + 1\n    return b\n\nf(2)",
    "a method": "class A:\n    def f(s):\n        s.w = 2.5\n        return s.w\n\nA().f()",
    "a nested function": "def f():\n    def g(a):\n        c = a\n    g(1)\n    return 2\nf()",
    "conditions": "x = 2\nif x > 1:\n    y = x\ntry:\n    z = y / 0\nexcept Exception:\n    z = 1",
    "printing": "x = 1.25\nprint('x', x)\nprint(f'{x:.2f} and {x + 1}')",
    "a backward": """
        import torch
        w = torch.ones(1, requires_grad=True)
        for k in range(4):
            ((w * 3 - 1) ** 2).sum().backward()
            with torch.no_grad():
                w -= .1 * w.grad
        g = torch.autograd.grad((w * w).sum(), w)
        opt = torch.optim.SGD([w], lr=.1)
        opt.step()
    """,
    "a text that is executed": "x = 2.5\nexec('y = x + 1\\nz = y')",
}


def recorded(source: str) -> tuple[Claims, list[Event]]:
    """Run a cell; return what its code lets a trace say, and what was recorded."""
    source = dedent(source).strip("\n")
    events = Recording().run(source)
    return Claims([CodeCell(cell=0, source=source)]), events


@pytest.mark.parametrize("source", HONEST.values(), ids=HONEST)
def test_what_the_recorder_says_of_honest_code_fits(source):
    claims, events = recorded(source)
    assert events
    assert [] == [event for event in events if not claims.fits(event)]


@pytest.mark.parametrize(
    ("source", "python"),
    [
        ("import time\nfrom math import sqrt, pi as p\nv += k", None),
        ("import no_such_package\nv += k", None),
        ("!echo 1\nv += k", "get_ipython().system('echo 1')\nv += k"),
        ("%time v += k", "get_ipython().run_line_magic('time', 'v += k')"),
        ("out = !echo 1\nv += k", "out = get_ipython().getoutput('echo 1')\nv += k"),
    ],
    ids=["imports", "a missing package", "a command", "a magic", "a command's output"],
)
def test_a_loop_fits_that_the_kernel_has_rewritten(source, python):
    loop = "v = 0\nfor k in range(3):\n"
    cell = CodeCell(cell=0, source=loop + indent(source, "    "))
    tree = ast.parse(loop + indent(python or source, "    "))

    recording = Recording()
    missing_packages.install(recording.recorder)
    recording.names["get_ipython"] = Mock()
    events = recording.run_tree(soften_imports(tree), cell.source)
    claims = Claims([cell])
    assert "last" in [event.turn for event in events]
    assert [] == [event for event in events if not claims.fits(event)]


def test_a_function_of_another_cell_fits():
    recording = Recording()
    sources = ["def f(a):\n    b = a + 1\n    return b", "x = 1\ny = f(x)"]
    events = [event for source in sources for event in recording.run(source)]
    claims = Claims([CodeCell(cell=n, source=source) for n, source in enumerate(sources)])
    assert {"f", ""} == {event.scope for event in events}
    assert all(map(claims.fits, events))


SOURCE = "x = 3.5\nw = 2 * x\nprint(w)\nw.backward()\nif w:\n    pass"


def fits(event: Event, source: str = SOURCE) -> bool:
    return Claims([CodeCell(cell=0, source=source)]).fits(event)


def said(**fields: Any) -> Event:
    """The honest claim of the second line, with something changed."""
    values = {"end_line": 2, "line": 2, "source": "w = 2 * x"} | fields
    return sets("w", 7.0, reads="x", **values)


MISFITS = {
    "another line": said(line=3, end_line=3),
    "a line that is not there": said(line=9, end_line=9),
    "another end": said(end_line=4),
    "another cell": said(cell=1),
    "another source": said(source="w = w - lr * w.grad"),
    "another function": said(scope="f"),
    "the end of a loop": said(turn="last"),
    "another name": sets("v", 7.0, reads="x", line=2, end_line=2),
    "values of another name": happens("value", {"v": 1.0}, "x", line=2, end_line=2),
    "what it does not read": sets("w", 7.0, reads="x lr", line=2, end_line=2),
    "an expression that is none": shows(7.0, line=2, end_line=2),
    "a gradient without a call": gradient("w", 7.0, line=2, end_line=2),
    "a text without a statement": prints("7.0", line=6, end_line=6),
}


def test_the_claim_of_a_line_that_stands_there_fits():
    assert fits(said())


@pytest.mark.parametrize("event", MISFITS.values(), ids=MISFITS)
def test_what_the_code_cannot_have_said_does_not_fit(event):
    assert not fits(event)


def test_a_gradient_fits_where_something_is_called():
    assert fits(gradient("w", 7.0, line=4, end_line=4))


MAGICS = {
    "a timed cell": ("%%time\nw = 2 * x", said()),
    "a timed line": ("x = 3\n%time w = 2 * x", said(source="%time w = 2 * x")),
    "a command in a block": ("if x:\n    %matplotlib inline\nw = 2 * x", said(line=3, end_line=3)),
    "a command that is named": ("files = !ls\nw = 2 * x", said()),
    "a question": ("x?\nw = 2 * x", said()),
    "code that only the shell reads": ("/print x\nw = 2 * x", said()),
    "a text for the shell": ("get_ipython().run_cell('w = 2 * x')", said(line=1, end_line=1)),
}


@pytest.mark.parametrize(("source", "event"), MAGICS.values(), ids=MAGICS)
def test_what_a_notebook_runs_by_commands_fits(source, event):
    assert fits(event, source)


def test_a_trace_of_which_all_fits_is_the_same():
    whole = trace(run_of(said()), sources=(SOURCE,))
    assert Claims(whole.cells).without_misfits(whole) is whole


def test_misfits_are_left_out_of_every_run():
    runs = [run_of(said(), said(line=9), label=label) for label in ("base", "variant-1")]
    whole = trace(*runs, sources=(SOURCE,))
    left = Claims(whole.cells).without_misfits(whole)
    assert [1, 1] == [len(each.events) for each in left.runs]


def forged_claims(source: str, count: int) -> int:
    """Count the forged ones of a trace with one event that fits, and some that do not."""
    forged = [said(line=3, end_line=3) for _ in range(count)]
    claimed = trace(run_of(said(), *forged), sources=(source,))
    return Values(claimed, is_claim=True).forged_claims


def test_many_claims_that_no_code_can_have_made_are_counted():
    assert (0, 40) == (forged_claims(SOURCE, MANY_MISFITS - 1), forged_claims(SOURCE, 40))


@pytest.mark.parametrize("command", ["%run other.ipynb", "exec(open('other.py').read())"])
def test_where_code_of_no_cell_may_run_no_claim_counts_as_forged(command):
    assert 0 == forged_claims(f"{SOURCE}\n{command}", 40)
