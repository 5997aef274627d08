"""Which answers stay what they are under other seeds."""

from __future__ import annotations

import pytest

from grader.assignment import SeriesRules
from grader.grading.agreement import Tolerance
from grader.grading.stability import Spread, Stability, spread_of, widest
from tests.support.traces import Plain, tensor, value_of


def stability(*plain: Plain, tolerance: Tolerance | None = None) -> Stability:
    values = [value_of(one) for one in plain]
    return spread_of(values, tolerance or Tolerance()).stability


@pytest.mark.parametrize(
    ("expected", "values"),
    [
        ("fixed", (2.0, 2.0, 2.00001)),
        ("fixed", ("text", "text")),
        ("settled", (0.93, 0.91, 0.96)),
        ("settled", (tensor(2.0, 1.0), tensor(2.1, 0.98))),
        ("free", (0.1, 0.9)),
        ("free", (1.0, -1.0)),
        ("free", (tensor(2.0, 1.0), tensor(2.1, 0.1))),
        ("free", (tensor(1.0, 2.0), tensor(1.0, 2.0, 3.0))),
        ("free", ("text", "another")),
        ("free", (1.0, float("inf"))),
        ("free", (1.0, float("nan"))),
    ],
)
def test_an_answer_is_fixed_settled_or_free(expected: Stability, values: tuple[Plain, ...]) -> None:
    assert expected == stability(*values)


def test_a_wider_tolerance_fixes_a_settled_answer() -> None:
    assert "fixed" == stability(0.93, 0.91, 0.96, tolerance=Tolerance(rtol=0.05))


def test_the_place_that_moves_most_is_measured() -> None:
    spread = spread_of([tensor(1.0, 5.0), tensor(1.1, 3.0), tensor(0.9, 4.0)], Tolerance())
    assert Spread("free", 3.0, 5.0) == spread


def test_of_a_series_its_end_is_measured() -> None:
    tolerance = Tolerance(rtol=0.05, series=SeriesRules())
    first = tensor(9.0, 3.0, 1.0, origin="list")
    second = tensor(5.0, 4.0, 1.2, origin="list")
    assert Spread("settled", 1.0, 1.2) == spread_of([first, second], tolerance)


def test_an_answer_without_numbers_is_not_measured() -> None:
    assert not spread_of([value_of("text"), value_of("other")], Tolerance()).is_measured


def test_the_least_fixed_of_several_counts() -> None:
    spreads = [Spread("fixed"), Spread("free", 1.0, 2.0), Spread("settled", 1.0, 1.1)]
    assert ("free", "fixed") == (widest(spreads).stability, widest([]).stability)
