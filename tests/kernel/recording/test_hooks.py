"""Gradients as backward leaves them, optimizer steps, graphs as they are drawn."""

from __future__ import annotations

import importlib.abc
import importlib.util
import sys
import traceback
import warnings

import pytest
import torch
import torchviz

from grader.kernel.recording import hooks
from grader.kernel.recording.hooks import autograd_graph, when_imported
from tests.support.recording import Recording, at, of_kind

pytestmark = pytest.mark.filterwarnings("ignore:distutils Version classes:DeprecationWarning")
"""torchviz compares versions with `LooseVersion`."""

SETUP = """
import torch
x = torch.arange(0., 4.)
y = 2 * x
w = torch.tensor([1.], requires_grad=True)
"""


@pytest.fixture(scope="module")
def hooked():
    """A recorder that torch's functions report to; they are put back afterwards."""
    recording = Recording()
    plain = {name: getattr(torch.autograd, name) for name in ("backward", "grad")}
    steps = sys.modules["torch.optim.optimizer"]._global_optimizer_post_hooks
    before, make_dot = dict(steps), torchviz.make_dot
    hooks.install(recording.recorder)
    yield recording
    for name, function in plain.items():
        setattr(torch.autograd, name, function)
    steps.clear()
    steps.update(before)
    torchviz.make_dot = sys.modules["torchviz.dot"].make_dot = make_dot


@pytest.fixture
def recording(hooked):
    hooked.renew()
    hooked.run(SETUP)
    return hooked


def gradients(recording, source):
    """Paths and values of a cell's gradients."""
    return [
        (path, value.elements)
        for event in of_kind(recording.run(source), "grad")
        for path, value in event.values.items()
    ]


ZEROED = {
    "plain tensor": (
        "((w * x - y) ** 2).sum().backward()\nw.grad.zero_()",
        "w.grad",
    ),
    "optimizer": (
        "opt = torch.optim.SGD([w], lr=.1)\n((w * x - y) ** 2).sum().backward()\n"
        "opt.step()\nopt.zero_grad()",
        "w.grad",
    ),
    "linear": (
        "net = torch.nn.Linear(1, 1, bias=False)\nnet.weight.data.fill_(1.)\n"
        "((net(x[:, None])[:, 0] - y) ** 2).sum().backward()\nnet.zero_grad()",
        "net.weight.grad",
    ),
    "dict": (
        "p = {'w': w}\ndel w\n((p['w'] * x - y) ** 2).sum().backward()\np['w'].grad = None",
        "leaf[0].grad",
    ),
    "class": (
        "class Model:\n    def __init__(self): self.w = torch.ones(1, requires_grad=True)\n"
        "    def step(self):\n        ((self.w * x - y) ** 2).sum().backward()\n"
        "        self.w.grad.zero_()\n"
        "m = Model()\nm.step()",
        "leaf[0].grad",
    ),
    "function": (
        "def f():\n    v = torch.ones(1, requires_grad=True)\n"
        "    ((v * x - y) ** 2).sum().backward()\n    v.grad = None\nf()",
        "v.grad",
    ),
    "forgotten": (
        "def f():\n    v = torch.ones(1, requires_grad=True)\n"
        "    return ((v * x - y) ** 2).sum()\nf().backward()",
        "leaf[0].grad",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(ZEROED))
def test_a_gradient_is_seen_before_it_is_zeroed(recording, name):
    source, path = ZEROED[name]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        recorded = gradients(recording, source)
    assert [path] == [where for where, elements in recorded if elements == (-28.0,)]


def test_what_autograd_grad_returns_is_seen(recording):
    assert [("grad[0]", (-28.0,))] == gradients(
        recording, "g, = torch.autograd.grad(((w * x - y) ** 2).sum(), w)"
    )


def test_what_autograd_grad_is_given_by_name_is_seen(recording):
    source = "g, = torch.autograd.grad(inputs=w, outputs=((w * x - y) ** 2).sum())"
    assert [("grad[0]", (-28.0,))] == gradients(recording, source)


def test_what_backward_is_given_by_name_is_seen(recording):
    source = "torch.autograd.backward(grad_tensors=None, tensors=[((w * x - y) ** 2).sum()])"
    assert [("w.grad", (-28.0,))] == gradients(recording, source)


def test_a_gradient_event_has_the_line_of_the_backward(recording):
    (event,) = of_kind(recording.run("J = (w * x).sum()\n\nJ.backward()"), "grad")
    assert (3, "J.backward()", "", "1") == (event.line, event.source, event.scope, event.turn)


def test_a_gradient_event_in_a_method_has_its_name(recording):
    source = """
        class M:
            def step(self):
                def inner(): (w * x).sum().backward()
                inner()
        M().step()
    """
    assert ["M.step.inner"] == [event.scope for event in of_kind(recording.run(source), "grad")]


def test_of_many_backwards_the_first_two_and_the_last_are_recorded(recording):
    source = "for i in range(100):\n    w.grad = None\n    (w * i).backward()"
    events = of_kind(recording.run(source), "grad")
    assert [("1", (0.0,)), ("2", (1.0,)), ("last", (99.0,))] == [
        (event.turn, event.values["w.grad"].elements) for event in events
    ]


def test_a_gradient_is_copied(recording):
    events = recording.run("(w * x).sum().backward()\nw.grad.zero_()\nz = w.grad")
    assert [(6.0,)] == at(of_kind(events, "grad"), "w.grad")


def test_after_an_optimizers_step_its_parameters_are_seen(recording):
    events = recording.run(
        "opt = torch.optim.SGD([w], lr=.1)\n((w * x - y) ** 2).sum().backward()\nopt.step()"
    )
    (event,) = of_kind(events, "step")
    assert (3, pytest.approx(3.8)) == (event.line, at([event], "w")[0][0])


def test_what_is_outside_the_students_cells_is_not_recorded(recording):
    before = len(recording.sent)
    torch.ones(1, requires_grad=True).sum().backward()
    assert before == len(recording.sent)


def test_a_failing_backward_raises_what_it_did(recording):
    with pytest.raises(RuntimeError, match="does not require grad"):
        recording.run("x.sum().backward()")


def test_a_hook_that_fails_does_not_end_the_cell(recording, monkeypatch):
    def fail(*_):
        raise ValueError

    monkeypatch.setattr(recording.recorder, "name_of", fail)
    events = recording.run("(w * x).sum().backward()\ng = w.grad.item()")
    assert (["hook: ValueError"], [6.0]) == (
        [event.text for event in of_kind(events, "note")],
        at(events, "g"),
    )


def test_drawing_a_graph_records_what_is_drawn(recording):
    events = recording.run(
        "from torchviz import make_dot\nJ = (w * x).sum()\ndrawing = make_dot(J, params={'w': w})"
    )
    graph = of_kind(events, "graph")[0].values["make_dot"]
    assert (("SumBackward0", "MulBackward0", "AccumulateGrad"), ((0, 1), (1, 2))) == (
        tuple(label if "leaf" not in label else "AccumulateGrad" for label in graph.labels),
        graph.edges,
    )


def test_a_drawing_is_known_as_its_graph_where_it_is_shown(recording):
    events = recording.run("from torchviz import make_dot\nd = make_dot((w * x).sum())\nd")
    assert ["graph", "graph"] == [
        event.values[path].kind for event in events for path in ("d", "") if path in event.values
    ]


def test_a_drawing_without_a_graph_has_no_nodes(recording):
    events = recording.run("from torchviz import make_dot\nd = make_dot(x.sum())")
    assert [()] == [event.values["make_dot"].labels for event in of_kind(events, "graph")]


def test_the_last_graph_that_a_loop_draws_is_recorded(recording):
    events = recording.run(
        "from torchviz import make_dot\n"
        "for layers in range(4):\n"
        "    out = w\n"
        "    for _ in range(layers + 1): out = out.tanh()\n"
        "    d = make_dot(out)"
    )
    drawn = [event for event in of_kind(events, "graph") if event.turn == "last"]
    assert ["TanhBackward0"] * 4 == list(drawn[-1].values["make_dot"].labels[:4])


def test_a_digraph_of_made_up_nodes_is_no_graph(recording):
    events = recording.run(
        "import graphviz\nd = graphviz.Digraph()\nd.node('a', 'SumBackward0')\nz = d"
    )
    assert [] == [
        value.kind for event in events for value in event.values.values() if value.kind == "graph"
    ]


def test_a_graph_has_a_node_per_operation_and_per_parameter():
    layer = torch.nn.Linear(3, 2)
    graph = autograd_graph(layer(torch.ones(1, 3)).sum())
    assert [
        "SumBackward0",
        "AddmmBackward0",
        "parameter(2,)",
        "TBackward0",
        "parameter(2, 3)",
    ] == graph["labels"]


def test_a_node_that_is_used_twice_is_one_node():
    w = torch.ones(1, requires_grad=True)
    v = w * 2
    graph = autograd_graph(v * v)
    assert (3, [(0, 1), (0, 1), (1, 2)]) == (len(graph["labels"]), graph["edges"])


def test_of_several_outputs_the_first_ones_graph_is_taken():
    w = torch.ones(1, requires_grad=True)
    assert ["MulBackward0", "leaf(1,)"] == autograd_graph((w * 2, w.exp()))["labels"]


def test_a_graph_of_endless_depth_is_cut():
    w = torch.ones(1, requires_grad=True)
    v = w
    for _ in range(25_000):
        v = v + 1
    graph = autograd_graph(v)
    assert 20_000 == len(graph["labels"])


# Modules that are imported later


@pytest.fixture
def module(tmp_path, monkeypatch):
    (tmp_path / "imported_later.py").write_text("value = 1\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield "imported_later"
    sys.modules.pop("imported_later", None)
    sys.meta_path[:] = [
        finder for finder in sys.meta_path if "AfterImport" not in type(finder).__name__
    ]


def test_a_module_is_hooked_when_it_is_imported(module):
    calls: list[int] = []
    when_imported(module, lambda loaded: calls.append(loaded.value))
    assert ([], 1, [1]) == (list(calls), importlib.import_module(module).value, calls)


def test_a_module_that_is_there_is_hooked_at_once():
    calls: list[str] = []
    when_imported("torch", lambda loaded: calls.append(loaded.__name__))
    assert ["torch"] == calls


def test_a_module_that_was_only_asked_for_is_still_hooked_when_it_is_imported(module):
    calls: list[int] = []
    when_imported(module, lambda loaded: calls.append(loaded.value))
    assert importlib.util.find_spec(module) is not None
    importlib.import_module(module)
    assert [1] == calls


def test_several_may_wait_for_one_module_and_each_is_called_once(module):
    calls: list[str] = []
    when_imported(module, lambda _: calls.append("first"))
    when_imported(module, lambda _: calls.append("second"))
    importlib.import_module(module)
    importlib.reload(sys.modules[module])
    assert ["first", "second"] == calls


def test_a_module_that_does_not_exist_is_looked_for_twice_however_many_wait_for_it(module):
    asked: list[str] = []

    class Counting(importlib.abc.MetaPathFinder):
        def find_spec(self, fullname, path, target=None):
            asked.append(fullname)

    for _ in range(12):
        when_imported("no_such_module_at_all", lambda _: None)
    finder = Counting()
    sys.meta_path.append(finder)
    assert importlib.util.find_spec("no_such_module_at_all") is None
    sys.meta_path.remove(finder)
    assert ["no_such_module_at_all"] * 2 == asked


def test_a_module_that_does_not_exist_raises_what_it_did(module):
    when_imported("no_such_module_at_all", lambda _: None)
    with pytest.raises(
        ModuleNotFoundError, match="No module named 'no_such_module_at_all'"
    ) as raised:
        importlib.import_module("no_such_module_at_all")
    assert [] == [
        line
        for line in traceback.format_tb(raised.tb)
        if "kernel/recording/hooks.py" in line and "test_" not in line
    ]


@pytest.mark.filterwarnings("ignore:`torch.jit:FutureWarning")
def test_a_traced_network_has_the_graph_of_the_network():
    net = torch.nn.Conv1d(1, 1, 2)
    x = torch.ones(1, 1, 4)
    traced = torch.jit.trace(net, x)
    assert autograd_graph(net(x))["labels"] == autograd_graph(traced(x))["labels"]
