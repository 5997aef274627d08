"""Tuples, lists and dicts are described as wholes, as long as they are small."""

from __future__ import annotations

from collections import OrderedDict, namedtuple

import pytest
import torch

from grader.kernel.recording.values import describe
from grader.trace import Array, Items, Nothing, Number, Text

Pair = namedtuple("Pair", "first second")


def items(given: object) -> Items:
    return Items.model_validate(describe(given))


def test_a_tuple_of_different_things_is_described_as_a_whole() -> None:
    described = items((torch.ones(2), 3, "four", None))
    kinds = [type(entry) for entry in described.entries]
    assert ("tuple", [Array, Number, Text, Nothing]) == (described.form, kinds)


def test_a_dict_keeps_its_keys_as_they_are_written() -> None:
    described = items({"a": "x", 1: None})
    assert ("dict", ("'a'", "1")) == (described.form, described.keys)


@pytest.mark.parametrize("given", [Pair("a", None), OrderedDict(a="b"), [{"a": ("b", [1, 2])}]])
def test_containers_of_other_types_and_in_containers_are_described(given: object) -> None:
    assert "items" == describe(given)["kind"]


@pytest.mark.parametrize(
    "given",
    [
        ["a"] * 65,
        [["a"] * 40, ["b"] * 40],
        [[[["a"]]]],
        [object()],
        {object(): "a"},
        [torch.zeros(300, 300)],
        [],
    ],
)
def test_what_is_large_deep_odd_or_empty_is_not(given: object) -> None:
    assert "other" == describe(given)["kind"]


def test_no_method_of_a_students_container_is_called() -> None:
    class Hostile(dict):
        def __len__(self):
            raise SystemExit

        items = keys = __iter__ = __getitem__ = __len__

    assert ("'a'",) == items(Hostile(a="b")).keys


def test_none_is_a_value_of_its_own() -> None:
    assert {"kind": "nothing"} == describe(None)
