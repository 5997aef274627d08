"""A cell that demands a GPU goes on without one; any other assertion still stops it."""

from __future__ import annotations

import ast
import builtins
from textwrap import dedent
from typing import Any

import pytest

from grader.kernel.gpu import demands as gpu_demands
from grader.kernel.gpu.demands import GO_ON_NAME, GpuDemands

START = """
import sys
import types

class cuda:
    is_available = staticmethod(lambda: False)
    device_count = staticmethod(lambda: 0)

torch = types.SimpleNamespace(cuda=cuda)
mps = types.SimpleNamespace(is_available=lambda: False)
"""


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The devices that cells demanded."""
    monkeypatch.setattr(builtins, GO_ON_NAME, None, raising=False)
    devices: list[str] = []
    gpu_demands.install(devices.append)
    return devices


def run(*cells: str) -> dict[str, Any]:
    """Run cells without a GPU; return the names they made."""
    sources = [dedent(cell) for cell in (START, *cells)]
    demands = GpuDemands(sources)
    names: dict[str, Any] = {}
    for source in sources:
        tree = ast.parse(source)
        demands.relax(tree)
        exec(compile(tree, "<cell>", "exec"), names)
    return names


@pytest.mark.parametrize(
    "cell",
    [
        "assert torch.cuda.is_available()",
        "assert torch.cuda.is_available(), 'switch the runtime'",
        "assert torch.cuda.device_count() > 0",
        "assert 'T4' in [], 'choose a GPU'",
        "device = 'cpu'\nassert device == 'cuda'",
        "device = 'cuda' if torch.cuda.is_available() else 'cpu'\nassert device != 'cpu'",
        "found = torch.cuda.is_available()\nassert found",
        "found: bool = torch.cuda.is_available()\nassert found",
        "if not torch.cuda.is_available():\n    raise RuntimeError('no')",
        "if not torch.cuda.is_available():\n    print('no')\n    sys.exit(1)",
        "if not torch.cuda.is_available(): raise SystemExit",
        "if not torch.cuda.is_available():\n    assert False, 'no'",
        "found = []\nif not found:\n    raise RuntimeError('CUDA not found')",
        "use_cuda = torch.cuda.is_available()\nif not use_cuda:\n    raise RuntimeError",
        "device = ['cpu', 'cuda'][torch.cuda.is_available()]\nif device == 'cpu': raise KeyError",
        "torch.cuda.is_available() or sys.exit('no')",
        "def check():\n    if not torch.cuda.is_available():\n        raise KeyError\ncheck()",
        "for _ in range(2):\n    assert torch.cuda.is_available()",
        "class Net:\n    def __init__(self):\n        assert torch.cuda.is_available()\nNet()",
    ],
)
def test_a_cell_that_demands_a_gpu_goes_on(asked, cell):
    run(cell)
    assert {"cuda"} == set(asked)


def test_the_branch_with_the_gpu_is_taken_where_the_other_stops(asked):
    names = run(
        """
        if torch.cuda.is_available():
            device = 'cuda'
        else:
            raise SystemError('GPU device not found')
        """
    )
    assert "cuda" == names["device"]


def test_the_last_branch_that_does_not_stop_is_taken(asked):
    names = run(
        """
        if torch.cuda.is_available():
            device = 'cuda'
        elif mps.is_available():
            device = 'mps'
        else:
            sys.exit('no GPU')
        """
    )
    assert ("mps", ["mps"]) == (names["device"], asked)


def test_what_is_found_out_in_one_cell_is_known_in_the_next(asked):
    run("found = torch.cuda.is_available()", "assert found")
    assert ["cuda"] == asked


@pytest.mark.parametrize(
    ("cell", "error"),
    [
        ("cuda\nassert 1 == 2", AssertionError),
        ("found = torch.cuda.is_available()\nfound = False\nassert found", AssertionError),
        ("if 'cuda':\n    x = 1\nif True:\n    raise KeyError", KeyError),
        (
            "device = 'x'\nif device not in ('cpu', 'cuda'):\n    raise ValueError(device)",
            ValueError,
        ),
        ("False or sys.exit(1)", SystemExit),
    ],
)
def test_a_cell_that_stops_for_another_reason_stops(asked, cell, error):
    with pytest.raises(error):
        run(cell)
    assert [] == asked


def test_a_choice_between_devices_stays(asked):
    names = run("if torch.cuda.is_available():\n    device = 'cuda'\nelse:\n    device = 'cpu'")
    assert ("cpu", []) == (names["device"], asked)


def test_where_there_is_a_gpu_an_assertion_about_it_holds_or_fails(asked, monkeypatch):
    torch = pytest.importorskip("torch")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    with pytest.raises(AssertionError):
        run("assert torch.cuda.device_count() > 3")


def test_a_notebook_that_names_no_gpu_is_left_alone():
    source = "found = False\nassert found"
    tree = ast.parse(source)
    GpuDemands([source]).relax(tree)
    assert ast.dump(ast.parse(source)) == ast.dump(tree)


@pytest.mark.parametrize(
    "cell",
    [
        "if torch.cuda.is_available():\n    a = sum([1, 2])",
        "if torch.cuda.is_available():\n    a = sum([1, 2])\nelse:\n    print('no GPU')",
        "if not torch.cuda.is_available():\n    print('no GPU')\nelse:\n    a = sum([1, 2])",
        "if torch.cuda.device_count() == 0:\n    pass\nelse:\n    a = sum([1, 2])",
        "has_gpu = torch.cuda.is_available()\nif has_gpu:\n    def a(): pass",
        "device = 'cpu'\nif device == 'cuda':\n    with open('/dev/null'):\n        a = 1 + 2",
        "device = 'cpu'\nif device != 'cuda':\n    print('slow')\nelse:\n    a = sum([1])",
        "a = sum([1, 2]) if torch.cuda.is_available() else None\nassert a == 3",
        "if mps.is_available():\n    a = sum([1, 2])",
        "device = 'cuda' if torch.cuda.is_available() else 'cpu'\n"
        "if device != 'cpu':\n    a = sum([1, 2])",
        "device = 'cuda' if torch.cuda.is_available() else 'cpu'\n"
        "if device == 'cpu':\n    print('no')\nelse:\n    a = sum([1, 2])",
    ],
)
def test_what_is_only_computed_with_a_gpu_is_computed_without_one(asked, cell):
    assert "a" in run(cell)
    assert asked


@pytest.mark.parametrize(
    "cell",
    [
        "a = 1\nif torch.cuda.is_available():\n    a = abs(a)",
        "if torch.cuda.is_available():\n    a = sum([1])\nelse:\n    a = abs(2)\nassert a == 2",
        "if torch.cuda.is_available():\n    a = torch.cuda.get_device_name(0)",
        "d = 'cpu'\nif torch.cuda.is_available():\n    d = 'cuda'\nassert d == 'cpu'",
        "if torch.cuda.is_available():\n    print(torch.cuda.get_device_name(0))",
        "a = sum([1]) if torch.cuda.is_available() else 7\nassert a == 7",
        "if not torch.cuda.is_available():\n    a = sum([1])\nassert a",
        "if torch.cuda.device_count() > 1:\n    a = sum([1])",
        "if torch.cuda.is_available() and torch.cuda.get_device_capability():\n    a = sum([1])",
        "import time\nif torch.cuda.is_available():\n    start = time.time()\n    a = sum([1])",
        "if torch.cuda.is_available():\n    a = torch.rand(12000, 12000).cuda()",
    ],
)
def test_what_moves_has_a_counterpart_or_needs_more_than_a_gpu_stays_as_it_is(asked, cell):
    run(cell)
    assert [] == asked
