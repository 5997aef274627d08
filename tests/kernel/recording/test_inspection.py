"""The parts of containers, and the paths they have."""

from __future__ import annotations

from collections import OrderedDict, defaultdict, namedtuple
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from grader.kernel.recording.inspection import MAX_CHILDREN, named_parameters, parts


def students_value(source: str, name: str) -> Any:
    """A value that a notebook made."""
    names: dict[str, Any] = {"__name__": "__main__"}
    exec(source, names)
    return names[name]


Point = namedtuple("Point", "x y")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"w": 1, 2: 3}, ["['w']", "[2]"]),
        (OrderedDict(w=1), ["['w']"]),
        (defaultdict(int, w=1), ["['w']"]),
        ([1, 2], ["[0]", "[1]"]),
        (Point(1, 2), ["[0]", "[1]"]),
        (SimpleNamespace(w=1), [".w"]),
        (students_value("class Model: pass\nm = Model()\nm.w = 1", "m"), [".w"]),
        (
            students_value("class Model:\n    __slots__ = 'w', 'v'\nm = Model()\nm.w = 1", "m"),
            [".w"],
        ),
        (torch.nn.Linear(1, 1), [".weight", ".bias"]),
        (object(), []),
        ({1.5: 1, (1,): 2}, []),
    ],
)
def test_a_containers_parts_have_paths_of_their_students_value(given, expected):
    assert expected == [path for path, _ in parts(given)]


def test_a_container_has_no_more_than_32_parts():
    assert MAX_CHILDREN == len(list(parts(dict.fromkeys(range(1000), 1))))


def test_a_modules_paths_are_those_of_torch():
    network = torch.nn.Sequential(
        torch.nn.Linear(1, 2), torch.nn.Sequential(torch.nn.BatchNorm1d(2))
    )
    assert [name for name, _ in network.named_parameters()] == [
        name for name, _ in named_parameters(network)
    ]
