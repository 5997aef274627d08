"""Functions of a notebook, called at the end: which ones, with what, and what is recorded."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch

from grader.kernel.probing.calls import Caller, arguments, names_of
from grader.kernel.recording.definitions import Definitions
from grader.trace import Event, Value
from tests.support.recording import Recording

MSE = {
    "exercise": "mse",
    "function": "mse",
    "calls": ["torch.tensor([1., 3.]), torch.tensor([1., 1.])", "2., 5."],
    "names": [],
    "code": "",
    "changes": False,
    "keeps": False,
}
RIGHT = "def mse(a, b):\n    return torch.as_tensor((a - b) ** 2).mean()"


def call_events(*cells: str, question: dict[str, Any] = MSE, seconds: float = 10.0) -> list[Event]:
    """The events of the calls, once these cells have run."""
    recording, definitions = Recording(), Definitions(names_of([question]))
    recording.run("import torch, math")
    for cell in cells:
        recording.run(cell, definitions)
        definitions.note(recording.names, recording.recorder)
    before = len(recording.sent)
    Caller(recording.recorder, seed=0).ask(question, definitions, recording.names, "", seconds)
    return recording.events(before)


@contextmanager
def imports_from(folder: Path) -> Iterator[None]:
    """Let cells import the files of a folder."""
    before = set(sys.modules)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        yield
    for name in set(sys.modules) - before:
        if hasattr(sys.modules[name], "__file__") and str(folder) in str(
            sys.modules[name].__file__
        ):
            del sys.modules[name]


def results(events: list[Event]) -> dict[str, list[Any]]:
    """Per run what the functions returned: a number, or a type."""
    by_run: dict[str, list[Any]] = {}
    for event in events:
        for value in event.values.values():
            by_run.setdefault(event.run, []).append(plain_result(value))
    return by_run


def plain_result(value: Value) -> Any:
    if value.kind == "array":
        return value.elements[0]
    return getattr(value, "value", getattr(value, "type", None))


def functions(events: list[Event]) -> list[str]:
    return [event.scope for event in events if event.run == "mse(0)"]


def test_each_call_is_a_run_of_its_own():
    assert {"mse(1)": [2.0], "mse(2)": [9.0]} == results(call_events(RIGHT))


def test_a_call_says_where_the_function_stands():
    event = call_events("a = 1\n\n" + RIGHT)[0]
    assert ("call", 1, 3, "def mse(a, b):", "mse") == (
        event.kind,
        event.cell,
        event.line,
        event.source,
        event.scope,
    )


def test_a_function_behind_a_decorator_is_found_at_its_place():
    event = call_events("@torch.no_grad()\n" + RIGHT)[0]
    assert (1, 1, "@torch.no_grad()") == (event.cell, event.line, event.source)


def test_the_last_definition_counts():
    assert {"mse(1)": [7], "mse(2)": [7]} == results(
        call_events(RIGHT, "def mse(a, b):\n    return 7")
    )


def test_a_name_that_holds_a_value_later_stands_for_the_function():
    assert {"mse(1)": [2.0], "mse(2)": [9.0]} == results(call_events(RIGHT, "mse = mse(1., 2.)"))


def test_another_name_is_found_by_its_arguments():
    cells = (RIGHT.replace("mse", "error"), "def one(a): return 1", "def three(a, b, c): return 3")
    assert ["error"] == functions(call_events(*cells))


@pytest.mark.parametrize(
    "definition",
    [
        "def f(a, b, c=1): return 1",
        "def f(*args): return 1",
        "def f(a, *rest): return 1",
        "def f(a, b, *, keep=True): return 1",
        "f = lambda a, b: 1",
    ],
)
def test_a_function_fits_if_it_can_take_the_arguments(definition):
    assert ["f"] == functions(call_events(definition))


@pytest.mark.parametrize(
    "definition",
    [
        "def f(a): return 1",
        "def f(a, b, c): return 1",
        "def f(a, b, *, keep): return 1",
        "from torch.nn.functional import mse_loss as f",
        "import functools\nf = functools.partial(torch.nn.functional.mse_loss, reduction='mean')",
        "class Net:\n    def f(self, a): return 1",
        "class Net:\n    def __init__(self, size): pass\n    def f(self, a, b): return 1",
        "f = torch.nn.MSELoss()",
    ],
)
def test_what_cannot_take_them_or_is_not_the_notebooks_own_does_not(definition):
    assert [] == functions(call_events(definition))


@pytest.mark.parametrize(
    ("definition", "fits"),
    [
        ("def f(x, *, factor=1.0): return x", True),
        ("def f(x, factor): return x", True),
        ("def f(x, **how): return x", True),
        ("class Net:\n    def f(self, x, *, factor): return x", True),
        ("def f(x, y): return x", False),
        ("def f(factor, x): return x", False),
    ],
)
def test_a_function_fits_by_the_names_of_its_arguments_where_calls_name_them(definition, fits):
    question = MSE | {"calls": ["2., factor=3."]}
    found = functions(call_events(definition, question=question))
    assert fits == bool(found)


BODY = "return torch.as_tensor((a - b) ** 2).mean()"
CALLABLES = {
    "kept in a cache": f"import functools\n@functools.lru_cache\ndef mse(a, b): {BODY}",
    "decorated": "import functools\ndef same(f):\n    @functools.wraps(f)\n"
    f"    def inner(*given): return f(*given)\n    return inner\n@same\ndef mse(a, b): {BODY}",
    "decorated plainly": "def same(f):\n    def inner(*given): return f(*given)\n"
    f"    return inner\n@same\ndef mse(a, b): {BODY}",
    "partial": "import functools\ndef power(n, a, b): return torch.as_tensor((a - b) ** n).mean()"
    "\nmse = functools.partial(power, 2)",
    "an object": f"class L:\n    def __call__(self, a, b): {BODY}\nmse = L()",
    "a network": f"class L(torch.nn.Module):\n    def forward(self, a, b): {BODY}\nmse = L()",
    "a class of that name": f"class mse(torch.nn.Module):\n    def forward(self, a, b): {BODY}",
    "a bound method": f"class L:\n    def f(self, a, b): {BODY}\nmse = L().f",
    "a static method": f"class L:\n    @staticmethod\n    def mse(a, b): {BODY}",
    "a method of a class": f"class Solution:\n    def mse(self, a, b): {BODY}",
    "a method of an object": "class L:\n    def __init__(self, n): self.n = n\n"
    f"    def mse(self, a, b): {BODY}\nmine = L(2)",
    "an attribute": "import types\n"
    "mine = types.SimpleNamespace(mse=lambda a, b: torch.as_tensor((a - b) ** 2).mean())",
    "in a dict": "mine = {'mse': lambda a, b: torch.as_tensor((a - b) ** 2).mean()}",
    "asynchronous": f"async def mse(a, b): {BODY}",
    "renamed in its own cell": f"def mse(a, b): {BODY}\nmse = mse(1., 2.)",
    "an operation of autograd": "class Q(torch.autograd.Function):\n    @staticmethod\n"
    f"    def forward(ctx, a, b): {BODY}\nmse = Q.apply",
}


@pytest.mark.parametrize("name", CALLABLES)
def test_a_function_is_what_can_be_called(name):
    assert {"mse(1)": [2.0], "mse(2)": [9.0]} == results(call_events(CALLABLES[name]))


@pytest.mark.filterwarnings("ignore:`torch.jit:FutureWarning")
def test_compiled_code_is_the_notebooks_own(tmp_path):
    file = tmp_path / "scripted.py"
    file.write_text("import torch\ndef f(a, b):\n    return ((a - b) ** 2).mean()\n")
    with imports_from(tmp_path):
        events = call_events("import scripted\nmse = torch.jit.script(scripted.f)")
    assert ("", [2.0]) == (events[0].text, results(events)["mse(1)"])


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ("from losses import mse", "mse"),
        ("from losses import *", "mse"),
        ("from losses import mse as error", "error"),
        ("import losses", "losses.mse"),
        ("import losses as mine", "mine.mse"),
    ],
)
def test_a_function_from_a_file_of_the_students_stands_where_its_name_is_bound(
    tmp_path, cell, name
):
    (tmp_path / "losses.py").write_text(RIGHT.replace("torch.as_tensor", "float"))
    question = MSE | {"calls": ["2., 5."]}
    with imports_from(tmp_path):
        event = call_events("a = 1\n" + cell, question=question)[0]
    assert (name, 1, 2, cell, "") == (
        event.scope,
        event.cell,
        event.line,
        event.source,
        event.text,
    )


def test_a_function_of_a_library_is_called_under_the_name_asked_for_and_is_told_as_such():
    events = call_events("mse = torch.nn.MSELoss()", question=MSE | {"calls": MSE["calls"][:1]})
    assert ("torch.nn.modules.loss.MSELoss", {"mse(1)": [2.0]}) == (
        events[0].text,
        results(events),
    )


def test_a_function_of_a_library_takes_no_name_from_the_notebooks_own():
    later = "from torch.nn.functional import mse_loss as mse"
    assert [""] == [e.text for e in call_events(RIGHT, later) if e.run == "mse(0)"]


def test_of_one_name_the_last_that_takes_the_arguments_counts():
    other = "class Net(torch.nn.Module):\n    def forward(self, x): return x\nmse = Net()"
    assert {"mse(1)": [2.0], "mse(2)": [9.0]} == results(call_events(RIGHT, other))


def test_an_object_that_resists_being_looked_at_ends_no_cell():
    odd = (
        "class Odd:\n    def __getattribute__(self, name): raise SystemError\n"
        "    def __call__(self, a, b): return 3\nodd = Odd()"
    )
    assert {"mse(1)": [2.0], "mse(2)": [9.0]} == results(call_events(odd, RIGHT))


def test_an_object_that_the_notebook_lets_go_of_is_not_held():
    alive = call_events(
        "import gc, weakref\nclass Net(torch.nn.Module):\n    def forward(self, a, b): return a",
        "net = Net()\nkept = weakref.ref(net)",
        "del net\ngc.collect()\ndef mse(a, b): return float(kept() is not None)",
    )
    assert {"mse(1)": [0.0], "mse(2)": [0.0]} == results(alive)


def test_where_the_name_is_there_no_other_function_is_called():
    assert ["mse"] == functions(
        call_events("def mse(a, b): return 1", RIGHT.replace("mse", "error"))
    )


def test_each_call_has_arguments_of_its_own():
    changes = "def mse(a, b):\n    a = torch.as_tensor(a)\n    a += 1\n    return a.sum()"
    question = MSE | {"calls": ["torch.zeros(2), 1"] * 2}
    assert {"mse(1)": [2.0], "mse(2)": [2.0]} == results(call_events(changes, question=question))


def test_each_call_begins_with_the_same_seed_and_leaves_the_notebooks_own_alone():
    torch.manual_seed(5)
    random.seed(5)
    expected = (torch.rand(1).item(), random.random())
    torch.manual_seed(5)
    random.seed(5)
    events = call_events(
        "def mse(a, b):\n    return torch.rand(1)", question=MSE | {"calls": ["1, 2", "1, 2"]}
    )
    by_run = results(events)
    assert by_run["mse(1)"] == by_run["mse(2)"]
    assert expected == (torch.rand(1).item(), random.random())


def test_gradients_are_there_though_the_notebook_switched_them_off():
    slope = (
        "torch.set_grad_enabled(False)\ndef mse(a, b):\n    (a * b).backward()\n    return a.grad"
    )
    question = MSE | {"calls": ["torch.tensor(1., requires_grad=True), 3."] * 2}
    try:
        assert [3.0] == results(call_events(slope, question=question))["mse(1)"]
        assert not torch.is_grad_enabled()
    finally:
        torch.set_grad_enabled(True)


def test_what_a_function_does_and_prints_is_not_recorded():
    noisy = "def mse(a, b):\n    c = 4.25\n    print(c)\n    return 1"
    assert {"call"} == {event.kind for event in call_events(noisy)}


def test_statements_of_the_notebook_after_a_call_are_recorded_as_before():
    recording, definitions = Recording(), Definitions(["mse"])
    recording.run("def mse(a, b):\n    c = a + b\n    return c")
    definitions.note(recording.names, recording.recorder)
    caller = Caller(recording.recorder, seed=0)
    caller.ask(MSE | {"calls": ["1, 2"] * 3}, definitions, recording.names, "", 10.0)
    assert 5 in [getattr(e.values.get("c"), "value", None) for e in recording.run("mse(2, 3)")]


@pytest.mark.parametrize("ending", ["1 / 0", "raise SystemExit(3)", "raise KeyError", "undefined"])
def test_an_exception_is_named_and_the_next_call_is_made(ending):
    raises = f"def mse(a, b):\n    if a == 2.:\n        {ending}\n    return 1"
    first, second = [
        e
        for e in call_events(raises, question=MSE | {"calls": ["2., 1.", "3., 1."]})
        if e.run != "mse(0)"
    ]
    assert (True, "", 1.0) == (first.text != "", second.text, second.values["mse"].value)


def test_a_call_without_end_is_ended_and_another_function_has_its_own_time():
    endless = "def spin(a, b):\n    while True: pass"
    by_run = results(call_events(endless, RIGHT.replace("mse", "error"), seconds=0.4))
    assert {"mse(1)": ["TimeoutError", 2.0], "mse(2)": [9.0]} == by_run


def test_calls_are_made_in_a_thread_too():
    with ThreadPoolExecutor(1) as thread:
        assert {"mse(1)": [2.0], "mse(2)": [9.0]} == results(
            thread.submit(call_events, RIGHT).result()
        )


def test_a_function_that_gives_nothing_gives_none():
    assert {"mse(1)": [None], "mse(2)": [None]} == results(call_events("def mse(a, b): pass"))


def test_nothing_is_called_where_the_arguments_cannot_be_made():
    assert [] == call_events(
        RIGHT.replace("mse", "error"), question=MSE | {"calls": ["np.no_such()", "1, 2"]}
    )


@pytest.mark.parametrize(
    ("call", "count"), [("", 0), ("1", 1), ("1, 2", 2), ("[1, 2], (3, 4),", 2), ("math.pi", 1)]
)
def test_arguments_stand_between_commas(call, count):
    positional, named = arguments(call)
    assert count == len(positional) + len(named)


def test_arguments_may_be_given_by_name():
    scaled = "def mse(a, *, by=1):\n    return a * by"
    question = MSE | {"calls": ["2., by=3.", "by=4., a=1."]}
    assert {"mse(1)": [6.0], "mse(2)": [4.0]} == results(call_events(scaled, question=question))


def test_a_call_may_use_names_of_the_notebook_and_what_is_set_up():
    question = MSE | {"calls": ["x, y"], "names": ["x"], "code": "y = x + 3"}
    assert [9.0] == results(call_events("x = torch.tensor(1.)", RIGHT, question=question))["mse(1)"]


def test_what_a_function_leaves_in_its_arguments_may_count():
    in_place = "def mse(a, b):\n    a.add_(b)"
    question = MSE | {"calls": ["torch.tensor([1.]), 2."], "changes": True}
    (event,) = [e for e in call_events(in_place, question=question) if e.run == "mse(1)"]
    (left,) = event.values.values()
    assert (3.0, 2.0) == left.elements


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("return ((a - b) ** 2).mean()", ""),
        ("a -= b\n    return (a ** 2).mean()", "ArgumentsChanged"),
        ("a = a - b\n    return (a ** 2).mean()", ""),
        ("raise KeyError", "KeyError"),
    ],
)
def test_a_function_that_changes_what_it_should_keep_is_told_with_its_result(body, text):
    question = MSE | {"calls": ["torch.tensor([1., float('nan')]), 2."], "keeps": True}
    events = call_events(f"def mse(a, b):\n    {body}", question=question)
    (event,) = [each for each in events if each.run == "mse(1)"]
    assert text == event.text


def test_arguments_that_cannot_be_made_are_no_exception_of_the_function():
    question = {**MSE, "calls": ["x[:2], x[2:]"], "names": ["x"]}
    events = call_events(RIGHT, "x = None", question=question)
    assert "ArgumentsFailed" == events[-1].text
