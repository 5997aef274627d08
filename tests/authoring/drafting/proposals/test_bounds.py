"""Bounds of scores: what the words ask for, else a round number that each seed keeps."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grader.authoring.drafting.proposals.bounds import Bound, choose_bound
from grader.authoring.drafting.proposals.measures import Measure

ACCURACY = Measure("accuracy(model)", True)
LOSS = Measure("loss(model)", False)


@pytest.mark.parametrize(
    ("words", "measure", "scores", "untrained", "bound"),
    [
        ("train it", ACCURACY, [0.97, 0.95, 0.99], 0.1, Bound(0.9, is_lowest=True)),
        ("reach an accuracy of 94 %", ACCURACY, [0.97, 0.95], 0.1, Bound(0.94, is_lowest=True)),
        ("at least 0.9 please", ACCURACY, [0.97, 0.95], 0.1, Bound(0.9, is_lowest=True)),
        ("acima de 93,5%", ACCURACY, [96.2, 97.5], 10.0, Bound(93.5, is_lowest=True)),
        ("train it", LOSS, [0.11, 0.12], 2.3, Bound(0.2, is_lowest=False)),
        ("a loss below 0.15", LOSS, [0.11, 0.12], 2.3, Bound(0.15, is_lowest=False)),
        ("reach 99 %", ACCURACY, [0.97, 0.95], 0.1, Bound(0.9, is_lowest=True)),
    ],
)
def test_a_bound_is_one_that_a_person_would_write(words, measure, scores, untrained, bound):
    chosen = choose_bound(words, measure, scores, [untrained])
    assert chosen is not None
    assert bound == replace(chosen, is_asked=False)


def test_a_bound_tells_whether_the_words_ask_for_it():
    asked = choose_bound("at least 0.9 please", ACCURACY, [0.97], [0.1])
    chosen = choose_bound("train it", ACCURACY, [0.97], [0.1])
    assert (True, False) == (asked.is_asked, chosen.is_asked)


@pytest.mark.parametrize(
    ("measure", "scores", "untrained"),
    [
        (ACCURACY, [0.5, 0.48], [0.5]),
        (LOSS, [1.0, 1.1], [0.9]),
        (LOSS, [float("nan")], [2.0]),
        (LOSS, [0.1, 0.18], [0.7, 0.1, 1.3]),
    ],
)
def test_there_is_no_bound_where_training_makes_no_difference(measure, scores, untrained):
    assert choose_bound("train it", measure, scores, untrained) is None
