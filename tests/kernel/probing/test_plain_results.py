"""Results of functions and expressions, in types that can be described."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch

from grader.kernel.probing.plain_results import plain


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (torch.zeros(3, 4).shape, (3, 4)),
        (torch.int16, "torch.int16"),
        (torch.device("cpu"), "cpu"),
        ((n * n for n in range(3)), [0, 1, 4]),
        (range(3), [0, 1, 2]),
        (map(str, [1, 2]), ["1", "2"]),
        ({"b": 1, "a": 2}.keys(), ["b", "a"]),
        ({3, 1, 2}, [1, 2, 3]),
        (pd.Index(["a", "b"]), ["a", "b"]),
        ("text", "text"),
        (None, None),
        ([1, 2], [1, 2]),
    ],
)
def test_a_result_becomes_plain(result, expected):
    assert expected == plain(result)


def test_an_iterator_without_end_is_cut():
    assert 65 == len(plain(n for n in iter(int, 1)))


def test_a_data_frame_becomes_its_columns():
    columns = plain(pd.DataFrame({"x": [1.5, 2.5], "name": ["a", "b"]}))
    assert ([1.5, 2.5], ["a", "b"]) == (columns["x"].tolist(), columns["name"])


def test_a_series_of_numbers_becomes_an_array():
    assert np.array_equal([1, 2], plain(pd.Series([1, 2])))


def test_sparse_and_complex_tensors_become_their_numbers():
    assert [[1.0, 0.0]] == plain(torch.tensor([[1.0, 0.0]]).to_sparse()).tolist()
    assert [1.0, 2.0] == plain(torch.tensor(1 + 2j)).tolist()


def test_a_tensor_stays_as_it_is():
    tensor = torch.ones(2, requires_grad=True)
    assert tensor is plain(tensor)
