"""What fits into a budget, and what is said to be left out."""

from __future__ import annotations

import pytest

from grader.authoring.validation.effort import Budget, in_rounds, left_out_finding


class Clock:
    """A clock that trials move."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def tried(rounds: list[list[float]], seconds: float | None) -> tuple[list[float], Budget]:
    """Try trials that take as many seconds as they say."""
    clock = Clock()
    budget = Budget(seconds, clock)
    given = []
    for trial in budget.rounds(rounds):
        clock.now += trial
        given.append(trial)
    return given, budget


@pytest.mark.parametrize(
    ("rounds", "seconds", "expected", "left_out"),
    [
        ([[1, 1], [1, 1]], 10.0, [1, 1, 1, 1], 0),
        ([[1, 1], [1, 1]], 3.0, [1, 1], 2),
        ([[1, 1], [1, 1], [1]], 3.0, [1, 1, 1], 2),
        ([[50]], 10.0, [50], 0),
        ([[50], [1]], 10.0, [50], 1),
        ([[50, 50, 50]], 10.0, [50], 2),
        ([[50], [50]], None, [50, 50], 0),
        ([[0, 0], [4], [4]], 5.0, [0, 0, 4], 1),
    ],
)
def test_a_round_is_tried_as_a_whole_while_there_is_time_for_it(
    rounds: list[list[float]], seconds: float | None, expected: list[float], left_out: int
) -> None:
    given, budget = tried(rounds, seconds)
    assert (expected, left_out) == (given, budget.counts.left_out)


def test_each_round_has_the_next_trial_of_every_group() -> None:
    rounds = in_rounds(["a1", "a2", "b1", "a3", "c1", "c2"], lambda trial: trial[0])
    assert [["a1", "b1", "c1"], ["a2", "c2"], ["a3"]] == rounds


def test_what_was_left_out_and_what_was_cut_is_said_in_one_line_each() -> None:
    _, mutants = tried([[1], [1]], 1.0)
    _, rewrites = tried([[1]], 1.0)
    _, ways = tried([[1]], 1.0)
    ways.counts.cut = 2
    budgets = {"mutants": mutants, "rewrites": rewrites, "ways": ways}
    left_out, cut = left_out_finding(budgets)
    assert {"mutants": 1, "rewrites": 0, "ways": 0} == left_out.message.params
    assert {"count": 2} == cut.message.params
    assert left_out.ok
    assert cut.ok


def test_nothing_is_said_where_nothing_was_left_out() -> None:
    _, budget = tried([[1]], 5.0)
    assert [] == left_out_finding({"mutants": budget})
