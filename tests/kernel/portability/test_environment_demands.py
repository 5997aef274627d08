"""A cell that demands another machine goes on; any other test still stops it."""

from __future__ import annotations

import ast
from typing import Any

import pytest

from grader.kernel.portability.environment_demands import EnvironmentDemands

START = """
import os
import platform
import shutil
import sys
from pathlib import Path

import torch

x = [1, 2]
"""


def run(*cells: str) -> dict[str, Any]:
    """Run cells; return the names they made."""
    demands = EnvironmentDemands()
    names: dict[str, Any] = {}
    for source in (START, *cells):
        tree = ast.parse(source)
        demands.relax(tree)
        exec(compile(tree, "<cell>", "exec"), names)
    return names


@pytest.mark.parametrize(
    "cell",
    [
        "assert (Path.home() / 'Documents' / 'hw3').exists()",
        "assert os.path.isdir('/content/drive/MyDrive'), 'mount the drive first'",
        "if not os.path.exists('/kaggle/input'):\n    raise FileNotFoundError('add the data')",
        "if os.path.isdir('/content'):\n    pass\nelse:\n    sys.exit('on Colab only')",
        "assert 'google.colab' in sys.modules, 'on Colab only'",
        "IN_COLAB = 'google.colab' in sys.modules\nassert IN_COLAB",
        "'google.colab' in sys.modules or sys.exit('on Colab only')",
        "assert torch.__version__ == '1.13.1+cu117'",
        "assert sys.version_info[:2] == (3, 7), sys.version",
        "assert int(torch.__version__.split('.')[0]) == 1",
        "if sys.platform != 'win32':\n    raise OSError('this was written on Windows')",
        "if platform.system() == 'Linux':\n    raise SystemExit",
        "assert os.environ.get('CONDA_DEFAULT_ENV') == 'dl'",
        "assert os.getenv('MY_KEY'), 'set the key'",
        "assert shutil.which('nothing-of-this-name')",
        "assert os.cpu_count() > 10_000",
        "assert len(x) == 2 and os.path.exists('/nowhere')",
        "if len(x) != 2 or not os.path.exists('/nowhere'):\n    raise ValueError",
        "def load(path):\n    assert os.path.isfile(path)\n    return 1\nload('/nowhere/x')",
    ],
)
def test_a_cell_goes_on(cell: str):
    assert 3 == run(cell, "done = 3")["done"]


@pytest.mark.parametrize(
    "cell",
    [
        "assert len(x) == 3",
        "assert len(x) == 3 and os.path.exists('/nowhere')",
        "if len(x) == 2:\n    raise ValueError",
        "exists = False\nassert exists",
        "IN_COLAB = 'google.colab' in sys.modules\nIN_COLAB = len(x) == 3\nassert IN_COLAB",
        "node = [1]\nassert node == [2]",
        "raise ValueError(sys.platform)",
    ],
)
def test_any_other_test_still_stops_a_cell(cell: str):
    with pytest.raises((AssertionError, ValueError)):
        run(cell)


def test_a_notebook_that_asks_where_it_is_takes_the_same_way():
    asking = """
try:
    assert 'google.colab' in sys.modules
    place = "colab"
except AssertionError:
    place = "here"
if os.path.exists('/nowhere'):
    folder = "/nowhere"
else:
    folder = "."
"""
    names = run(asking)
    assert ("here", ".") == (names["place"], names["folder"])


def test_a_test_still_runs():
    names = run("places = ['/nowhere']\nassert os.path.exists(places.pop())")
    assert [] == names["places"]
