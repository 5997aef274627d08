"""What the check `series` says of an exercise."""

from __future__ import annotations

import pytest

from grader.assignment import SeriesRules
from grader.grading.agreement import Tolerance
from tests.support.traces import (
    NOTHING,
    alternatives,
    computed,
    decide,
    exercise,
    expects,
    happens,
    numbers,
    run,
    sets,
    tensor,
    trace,
)

CURVE = exercise("loss-curve", "series")
RULES = Tolerance(rtol=0.05, series=SeriesRules())
BASE_CURVE, FIRST, SECOND = numbers(8, 4, 2, 1), numbers(9, 6, 4, 3), numbers(5, 4, 3, 2)
RIGHT = expects(BASE_CURVE, FIRST, SECOND, tolerance=RULES)


def outcome(submitted, expected=RIGHT, right=NOTHING):
    return decide(CURVE, submitted, expected, right)


def told(submitted) -> tuple[str, str]:
    found = outcome(submitted)
    return found.status, found.message.id


def test_a_series_that_follows_the_data_passes():
    found = outcome(computed(numbers(8, 4, 2, 1), numbers(9, 6, 4, 3), numbers(5, 4, 3, 2)))
    assert ("passed", 1.0, "a") == (found.status, found.credit, found.found.place.path)


def test_a_series_that_began_elsewhere_passes():
    assert (
        "passed"
        == told(computed(tensor(7, 3, 2, 1.01), tensor(8, 5, 4, 3), tensor(9, 4, 3, 2.02)))[0]
    )


def test_an_alternative_earns_its_share():
    part = alternatives((0.5, [BASE_CURVE, FIRST, SECOND]), tolerance=RULES)
    assert ("partial", 0.5) == (outcome(computed(BASE_CURVE, FIRST, SECOND), part).status, 0.5)


def test_a_series_typed_in_fails_with_a_flag():
    found = outcome(computed(*[BASE_CURVE] * 3, sources=("a = [80.5, 40.5]",)))
    assert ("failed", "value.does-not-follow-data") == (found.status, found.message.id)
    assert ["does-not-follow-data"] == [flag.id for flag in found.flags]


@pytest.mark.parametrize(
    ("series", "message"),
    [
        (numbers(8, 4, 1), "series.length"),
        (numbers(8, 4, 3), "series.length"),
        (numbers(1, 2, 4, 8), "series.does-not-fall"),
        (numbers(80, 40, 20, 10), "series.ends-elsewhere"),
        (numbers(1, 2, 4), "series.absent"),
    ],
    ids=["one short", "short, and ends elsewhere", "rises", "of the sum", "anything"],
)
def test_what_is_off_in_a_series_is_named(series, message):
    assert ("failed", message) == told(computed(series))


def test_lengths_are_told_and_nothing_else():
    assert {"found": 3, "wanted": 4} == outcome(computed(numbers(8, 4, 1))).message.params


def test_of_several_series_the_nearest_is_spoken_of():
    events = [sets("lengths", numbers(1, 2, 3)), sets("losses", numbers(80, 40, 20, 10))]
    found = outcome(trace(run(*events)))
    assert ("losses", "series.ends-elsewhere") == (found.found.place.path, found.message.id)


def test_the_series_of_another_exercise_is_not_spoken_of():
    another = expects(numbers(40, 20, 15, 10), tolerance=RULES)
    events = [sets("losses", numbers(8, 4, 1)), sets("others", numbers(50, 20, 15, 10))]
    found = outcome(trace(run(*events)), right=another)
    assert ("losses", "series.length") == (found.found.place.path, found.message.id)


def test_of_a_series_that_grows_what_the_loop_left_is_spoken_of():
    events = [sets("a", numbers(8, 4), turn="2"), sets("a", numbers(8, 4, 1), turn="last")]
    assert 3 == outcome(trace(run(*events))).message.params["found"]


def test_a_notebook_without_a_series_is_missing():
    assert ("missing", "series.missing") == told(computed(7.0))
    assert ("missing", "value.missing") == told(trace(run()))


@pytest.mark.parametrize("drawn", [(), (3.0,), (1, 2, 4)])
def test_a_series_that_is_asked_for_in_a_figure_is_said_not_to_be_drawn(drawn):
    curve = exercise("loss-curve", "series", look_in=("figure",))
    figures = [happens("figure", {"axes[0].line[0].y": numbers(*drawn)})] if drawn else []
    found = decide(curve, trace(run(sets("losses", BASE_CURVE), *figures)), RIGHT, NOTHING)
    assert "value.not-drawn" == found.message.id


def test_the_handouts_own_series_is_no_try():
    assert ("missing", "series.missing") == told(
        trace(run(sets("a", numbers(8, 4, 1)), sets("b", 3.0, cell=1)), handout=[0])
    )
