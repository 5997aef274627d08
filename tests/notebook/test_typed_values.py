"""Values that code writes out are told from those that it computes."""

from __future__ import annotations

import pytest

from grader.notebook.typed_values import (
    counters,
    is_placeholder,
    loop_names,
    typing_of_statement,
    without_placeholders,
)


@pytest.mark.parametrize(
    "source",
    [
        "acc = 0.96",
        "x = torch.tensor([[1.0, -2.0]])",
        "x = np.array((1, 2), dtype=float)",
        "a = torch.tensor(3.0).item()",
        "print('loss', 0.5)",
        "label = 'cat'",
        "x = torch.tensor([1, 2, 3, 4]).reshape(2, 2)",
        "x = torch.tensor([[1, 2]]).T",
        "x = np.array([1, 2]).astype(float)",
        "x[0, -1] = 4",
        "no python at all",
    ],
)
def test_a_value_that_stands_in_the_code_is_written_out(source: str) -> None:
    assert "bare" == typing_of_statement(source)


def test_reckoning_with_written_numbers_is_told_apart() -> None:
    assert "arithmetic" == typing_of_statement("loss = (2 * 1 - 3) ** 2")


@pytest.mark.parametrize(
    "source",
    [
        "x = torch.zeros(3)",
        "torch.arange(3)",
        "y = x",
        "acc = right / total",
        "a = x.float()",
        "a = x.reshape(2, 2)",
        "a = torch.rand(4).reshape(2, 2)",
        "a = torch.rand(4).tolist()",
        "a = torch.rand(4).to(torch.float64)",
        "x[1:-1] = 0",
        "x[x > 2] *= -1",
    ],
)
def test_what_a_function_or_a_name_gives_is_computed(source: str) -> None:
    assert "computed" == typing_of_statement(source)


def test_a_name_that_holds_a_written_value_is_as_good_as_the_value() -> None:
    assert "bare" == typing_of_statement("print(acc)", "argument[0]", frozenset({"acc"}))


def test_of_a_print_each_argument_counts_for_itself() -> None:
    assert "computed" == typing_of_statement("print(0.96, f(x))", "argument[1]")


@pytest.mark.parametrize(
    "source",
    [
        "for i in range(3):\n    pass",
        "for i in tqdm(range(3)):\n    pass",
        "for i, x in enumerate(data):\n    pass",
        "i = 0\nwhile i < 3:\n    i += 1",
    ],
)
def test_a_name_that_counts_passes_is_a_counter(source: str) -> None:
    assert {"i"} == counters(source)


def test_a_count_that_no_loop_ends_by_is_no_counter() -> None:
    source = "right = 0\nfor x in data:\n    if x > 0:\n        right += 1"
    assert set() == counters(source)
    assert {"x"} == loop_names(source)


@pytest.mark.parametrize(
    "source", ["z = None", "z = ...", "z = ____", "z = YOUR_CODE", "# your code", "import torch"]
)
def test_a_cell_that_does_nothing_yet_is_a_placeholder(source: str) -> None:
    assert is_placeholder(source)


@pytest.mark.parametrize("source", ["z = 0", "def f():\n    return 1", "f(x)"])
def test_a_cell_that_does_something_is_no_placeholder(source: str) -> None:
    assert not is_placeholder(source)


def test_what_a_cell_does_is_left_of_it_without_placeholders() -> None:
    assert "y = f(x)" == without_placeholders("# TODO\nx = ...\ny = f(x)\nz = None")
