"""Values that claim to be large or answer dishonestly are recorded within bounds."""

from __future__ import annotations

import pytest

from tests.support.recording import at
from tests.support.running import Ran, errors
from tests.support.sealed import Sealed

pytestmark = pytest.mark.kernel

VALUES = {
    "imports": "import numpy as np, torch",
    "expanded": "v = torch.zeros(1).expand(10 ** 9)",
    "expanded twice": "v = torch.arange(2.).reshape(2, 1).expand(2, 10 ** 9)",
    "strided": "v = torch.as_strided(torch.zeros(1), (10 ** 5, 10 ** 5), (0, 0))",
    "overlapping": "v = torch.as_strided(torch.arange(1000.), (30_000, 30_000), (0, 0))",
    "broadcast": "v = np.broadcast_to(np.float64(1), (10 ** 5, 10 ** 5))",
    "broadcast rows": "v = np.broadcast_to(np.arange(2.)[:, None], (2, 10 ** 9))",
    "strided array": "v = np.lib.stride_tricks.as_strided(np.zeros(1), (10 ** 9,), (0,))",
    "mapped": "open('m', 'wb').truncate(200_000_000)\nv = np.memmap('m', mode='r')",
    "many dimensions": "v = torch.zeros([1] * 60)",
    "meta": "v = torch.zeros(10 ** 12, device='meta')",
    "sparse": (
        "v = torch.sparse_coo_tensor(torch.tensor([[0], [0]]), torch.tensor([1.]), "
        "(10 ** 9, 10 ** 9))"
    ),
    "nested list": "v = []\nfor _ in range(10 ** 5): v = [v]",
    "list of itself": "v = [1.0]\nv.append(v)",
    "shared list": "v = [0.0]\nfor _ in range(40): v = [v, v]",
    "long list": "v = [0.0] * 10 ** 7",
    "range": "v = range(10 ** 18)",
    "huge integer": "v = 10 ** 100_000",
    "integers": "v = [10 ** 400, -10 ** 400]",
    "not a number": "v = [float('nan'), float('inf'), -float('inf')]",
    "surrogates": "v = '\\ud800' * 5_000",
    "long text": "v = 'x' * 10 ** 8",
    "many names": "globals().update({f'v{number}': number for number in range(10_000)})\nv = 1",
    "long name": "globals()['v' * 10 ** 6] = 1\nv = 1",
    "long source": "v = 1  # " + "x" * 100_000,
    "dictionary": "v = {number: number for number in range(10 ** 5)}",
    "deep dictionary": "v = {}\nfor _ in range(10 ** 4): v = {'v': v}",
}

LIARS = {
    "imports": "import torch",
    "equal to all": (
        "class Equal:\n    def __eq__(self, other): return True\n    __hash__ = None\n"
        "v = Equal()\nv"
    ),
    "raises at all": (
        "class Raises:\n    def __getattribute__(self, name): raise KeyboardInterrupt\nv = Raises()"
    ),
    "endless length": "class Endless(list):\n    def __len__(self): return 10 ** 18\n"
    "    def __iter__(self):\n"
    "        while True: yield 1.0\nv = Endless()",
    "slow text": (
        "class Slow(str):\n    def __str__(self):\n        while True: pass\nv = Slow('x')"
    ),
    "class that lies": (
        "class Liar:\n    @property\n    def __class__(self): return torch.Tensor\nv = Liar()"
    ),
    "subclass": "class Mine(torch.Tensor):\n    @classmethod\n"
    "    def __torch_function__(cls, *a, **k): raise OSError\n"
    "v = torch.ones(2).as_subclass(Mine)",
    "number": "class Mine(float):\n    def __float__(self): raise OSError\nv = Mine(1)",
    "metaclass": "class Meta(type):\n    def __instancecheck__(cls, other): raise OSError\n"
    "class Mine(metaclass=Meta): pass\nv = Mine()",
    "allclose": (
        "torch.allclose = lambda *a, **k: True\nv = torch.allclose(torch.ones(1), torch.zeros(1))"
    ),
    "Tensor.__eq__": "torch.Tensor.__eq__ = lambda self, other: True\nv = torch.ones(2)",
    "Tensor.tolist": "torch.Tensor.tolist = lambda self: [9.0] * 10 ** 6\nv = torch.ones(2)",
    "Tensor.shape": "torch.Tensor.shape = property(lambda self: (10 ** 9,))\nv = torch.ones(2)",
    "json.dumps": (
        "import json\nkept, json.dumps = json.dumps, lambda *a, **k: 'x' * 10 ** 6\nv = 1\n"
        "json.dumps = kept"
    ),
    "os.write": "import os\nkept = os.write\nos.write = lambda *a: 10 ** 9\nv = 1\nos.write = kept",
}

ISINSTANCE = (
    "import builtins\nkept, builtins.isinstance = isinstance, lambda *a: True\n"
    "v = 1\nbuiltins.isinstance = kept"
)
"""Whether the kernel survives hangs on what its threads ask in that moment."""

GRAPH = """
import torch, torchviz
w = torch.ones(1, requires_grad=True)
v = w
for _ in range(200_000): v = v + 1
"""


@pytest.fixture(scope="module")
def values(sealed: Sealed) -> Ran:
    cells = {**VALUES, "last": "last = 2.5"}
    return Ran(cells, sealed.ran(*cells.values(), cell_timeout_s=10))


@pytest.fixture(scope="module")
def liars(sealed: Sealed) -> Ran:
    cells = {**LIARS, "last": "last = 2.5"}
    return Ran(cells, sealed.ran(*cells.values(), cell_timeout_s=2))


@pytest.mark.parametrize("name", VALUES)
def test_a_value_that_claims_to_be_large_does_not_hold_its_cell_up(values: Ran, name: str) -> None:
    assert "ok" == values.cell(name).status


def test_what_is_recorded_of_values_that_claim_to_be_large_is_small(values: Ran) -> None:
    assert len(values.trace.model_dump_json()) < 500_000


def test_the_cells_below_odd_values_are_recorded(values: Ran) -> None:
    assert [2.5] == at(values.events("last"), "last")


def test_a_view_is_not_copied_to_be_described(sealed: Sealed) -> None:
    trace = sealed.ran("import torch", "v = torch.arange(2.).reshape(2, 1).expand(2, 10 ** 8)")
    assert (trace.peak_mib or 0) < 400


@pytest.mark.parametrize(
    "name", ["equal to all", "endless length", "slow text", "class that lies", "subclass", "number"]
)
def test_an_object_that_lies_is_not_asked(liars: Ran, name: str) -> None:
    assert "ok" == liars.cell(name).status


def test_the_cells_below_objects_that_lie_are_recorded(liars: Ran) -> None:
    assert [2.5] == at(liars.events("last"), "last")


def test_a_replaced_isinstance_takes_nothing_back(sealed: Sealed) -> None:
    trace = sealed.ran("before = 1.5", ISINSTANCE, cell_timeout_s=2)
    assert [1.5] == at(list(trace.base.events), "before")


def test_a_tensor_is_recorded_as_it_is_though_its_equality_was_replaced(liars: Ran) -> None:
    assert [(1.0, 1.0)] == at(liars.events("Tensor.__eq__"), "v")


def test_a_replaced_allclose_gives_a_value_and_no_verdict(liars: Ran) -> None:
    assert [True] == at(liars.events("allclose"), "v")


def test_a_graph_of_200_000_nodes_does_not_end_its_kernel(sealed: Sealed) -> None:
    trace = sealed.ran(
        GRAPH, "dot = torchviz.make_dot(v) and None", "after = 2.5", cell_timeout_s=10
    )
    assert ["", [2.5]] == [errors(trace)[2], at(list(trace.base.events), "after")]


def test_a_graph_of_200_000_nodes_is_differentiated(sealed: Sealed) -> None:
    trace = sealed.ran(GRAPH, "v.backward()\nafter = w.grad.item()", cell_timeout_s=10)
    assert [1.0] == at(list(trace.base.events), "after")
