"""Lists of numbers are drawn as curves; what is no such list has none."""

from __future__ import annotations

import pytest

from grader.kernel.recording.values import sample_indices
from grader.outputs.pages.curves import HEIGHT, WIDTH, curve_points
from grader.trace import Array, Number


def listed(*numbers: float, origin: str = "list", size: int | None = None) -> Array:
    return Array.model_validate(
        {
            "origin": origin,
            "shape": (size or len(numbers),),
            "dtype": "float64",
            "elements": numbers,
        }
    )


def test_a_curve_goes_from_the_first_number_to_the_last_the_largest_on_top():
    points = [point.split(",") for point in curve_points(listed(*range(9))).split()]
    assert (["0.0", f"{HEIGHT:.1f}"], [f"{WIDTH:.1f}", "0.0"]) == (points[0], points[-1])


def test_of_a_long_list_the_recorded_numbers_stand_where_they_stood():
    numbers = [1 / (1 + index) for index in sample_indices(1000)]
    points = curve_points(listed(*numbers, size=1000)).split()
    across = [float(point.split(",")[0]) for point in points]
    assert (64, 0.0, float(WIDTH)) == (len(points), across[0], across[-1])
    assert across == sorted(across)


@pytest.mark.parametrize(
    "value",
    [
        Number(value=1.5),
        listed(*range(7)),
        listed(*[2.0] * 9),
        listed(*range(8), float("nan")),
        listed(*range(9), origin="tensor"),
        Array(origin="list", shape=(3, 3), dtype="float64", elements=tuple(range(9))),
    ],
    ids=["a number", "a short list", "equal numbers", "not a number", "a tensor", "a table"],
)
def test_anything_else_has_none(value):
    assert "" == curve_points(value)
