"""The time of all variants together: what would not fit is not begun."""

from __future__ import annotations

from grader.running.variant_budget import VariantBudget


class Clock:
    """A clock that goes on when it is told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def spend(budget: VariantBudget, clock: Clock, seconds: float) -> None:
    with budget.measured():
        clock.now += seconds


def test_a_variant_runs_as_long_as_one_like_the_longest_fits() -> None:
    clock = Clock()
    budget = VariantBudget(10, clock=clock)
    spend(budget, clock, 4)
    assert budget.has_room
    spend(budget, clock, 3)
    assert not budget.has_room
    assert 3 == budget.remaining_s


def test_the_first_variant_runs_where_nothing_is_known_of_its_time() -> None:
    assert VariantBudget(0.5, clock=Clock()).has_room


def test_a_variant_that_is_expected_to_take_longer_is_not_begun() -> None:
    assert not VariantBudget(10, 11, Clock()).has_room


def test_what_has_taken_too_long_leaves_nothing() -> None:
    clock = Clock()
    budget = VariantBudget(10, clock=clock)
    spend(budget, clock, 12)
    assert not budget.has_room
    assert 0 == budget.remaining_s
