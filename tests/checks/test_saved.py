"""Saved outputs are compared with what a fresh run prints."""

from __future__ import annotations

import pytest

from grader.checks.saved import contradicted


def test_equal_outputs_agree():
    assert contradicted("J = 45.36", "J = 45.36") is None


def test_the_first_number_that_differs_is_told_as_saved_and_as_printed():
    assert ("45.36", "14.0") == contradicted("1.0 45.36 7", "1.0 14.0 8")


def test_words_do_not_matter():
    assert contradicted("perda: 45.36", "loss = 45.36") is None


@pytest.mark.parametrize(
    ("saved", "printed"), [("45.36", "45.3601"), ("45,36", "45.36"), ("0", "1e-7"), ("1e999", "2e999")]
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
