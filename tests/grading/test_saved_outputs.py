"""Saved outputs are compared with what a fresh run prints."""

from __future__ import annotations

import pytest

from grader.grading.saved_outputs import contradicted


def test_equal_outputs_agree():
    assert contradicted("J = 45.36", "J = 45.36") is None


def test_the_first_number_that_differs_is_told_as_saved_and_as_printed():
    assert ("45.36", "14.0") == contradicted("1.0 45.36 7", "1.0 14.0 8")


def test_words_do_not_matter():
    assert contradicted("perda: 45.36", "loss = 45.36") is None


@pytest.mark.parametrize(
    ("saved", "printed"),
    [("45.36", "45.3601"), ("45,36", "45.36"), ("0", "1e-7"), ("1e999", "2e999")],
)
def test_what_rounding_does_is_no_contradiction(saved, printed):
    assert contradicted(saved, printed) is None


def test_outputs_of_different_counts_were_made_by_other_code():
    assert contradicted("1 2 3", "4 5") is None


def test_nothing_agrees_with_nothing():
    assert contradicted("", "") is None


def test_long_outputs_are_compared():
    assert ("2", "3") == contradicted("1 " * 50_000 + "2", "1 " * 50_000 + "3")


def test_thousands_of_digits_are_compared():
    assert contradicted("1" * 50_000 + "x", "1.1" * 10_000) is None


# What a cell displays at its end


@pytest.mark.parametrize(
    ("saved", "displayed"),
    [
        ("tensor(14., grad_fn=<SumBackward0>)", (14.0,)),
        ("tensor([3.8000], requires_grad=True)", (3.799999952,)),
        ("tensor([0.0001, 1.0000])", (0.00012, 1.0)),
        ("tensor([1.2346e-05])", (1.23456e-5,)),
        ("array([ 0., -2., -4., -6.])", (0.0, -2.0, -4.0, -6.0)),
    ],
)
def test_a_value_that_is_displayed_is_compared_to_the_printed_precision(saved, displayed):
    assert contradicted(saved, "", displayed) is None


@pytest.mark.parametrize(
    ("saved", "displayed", "told"),
    [
        ("tensor(14.)", (14.3,), ("14.", "14.3")),
        ("tensor([3.8000])", (1.0,), ("3.8000", "1")),
        ("tensor([0.0001])", (0.0004,), ("0.0001", "0.0004")),
        ("42", (41.0,), ("42", "41")),
    ],
)
def test_a_value_that_is_displayed_otherwise_is_told(saved, displayed, told):
    assert told == contradicted(saved, "", displayed)


def test_what_is_displayed_comes_after_what_is_printed():
    assert ("3.8000", "1") == contradicted("J = 14.0\ntensor([3.8000])", "J = 14.0\n", (1.0,))


def test_what_is_displayed_in_part_is_not_compared():
    assert contradicted("tensor([1., ..., 3.])", "", (5.0, 6.0, 7.0)) is None


def test_a_value_that_is_no_number_is_told():
    assert ("3.8000", "nan") == contradicted("tensor([3.8000])", "", (float("nan"),))
