"""An answer among very many numbers may agree by chance; one of a few does not."""

from __future__ import annotations

import pytest

from grader.grading.chance import MAX_CHANCE, WIDE_WINDOWS, density, expected_matches
from grader.grading.search import MAX_AT_PLACE, Values
from grader.trace import BASE
from tests.support.traces import (
    VARIANTS,
    computed,
    decide,
    exercise,
    expects,
    numbers,
    run,
    sets,
    trace,
)

STEP = expects(3.8, 5.6, 4.9)
LOOK_IN = ("value",)


def grid(right: float, width: float, count: int) -> list[float]:
    """Numbers side by side around a right one, one of which agrees."""
    first = right - width * (count // 2)
    return [first + width * number for number in range(count)]


def outcome(base, first, second):
    """What the check `value` says of the events of three runs."""
    labels = (BASE, *VARIANTS)
    runs = [
        run(*events, label=label)
        for events, label in zip((base, first, second), labels, strict=True)
    ]
    return decide(exercise(), trace(*runs), STEP)


# One place


@pytest.mark.parametrize("count", [MAX_AT_PLACE + 1, 300])
def test_a_place_with_more_than_the_same_code_leaves_there_is_for_a_person(count):
    tried = [[sets("a", value) for value in grid(right, 0.001, count)] for right in (5.6, 4.9)]
    told = outcome([sets("a", 3.8)] * count, *tried)
    assert ("pending", 0.0) == (told.status, told.credit)
    assert ["too-many-candidates"] == [flag.id for flag in told.flags]


def test_the_last_value_of_a_crowded_place_counts_as_the_first_ones_do():
    values = Values(trace(run(*(sets("a", float(number)) for number in range(100)))))
    held = [one.value.value for one in values.of(BASE, LOOK_IN)]
    assert [0.0, 1.0, 2.0, 99.0] == held
    place = values.of(BASE, LOOK_IN)[0].place
    assert values.is_crowded(BASE, place, LOOK_IN)
    assert 4 == len(values.at(BASE, place, LOOK_IN))


def test_nested_loops_do_not_crowd_a_place():
    values = Values(trace(run(*(sets("a", float(number)) for number in range(MAX_AT_PLACE)))))
    assert not values.is_crowded(BASE, values.of(BASE, LOOK_IN)[0].place, LOOK_IN)


def test_an_honest_place_beside_a_crowded_one_still_passes():
    crowd = [sets("b", float(number), line=2) for number in range(50)]
    runs = [[sets("a", right), *crowd] for right in (3.8, 5.6, 4.9)]
    assert "passed" == outcome(*runs).status


# Many places


def scans(variant_count: int, places: int):
    """A submission that holds the right number everywhere, and in each variant a grid of others."""
    labels = VARIANTS[:variant_count]
    right = dict(zip(labels, (5.6, 4.9), strict=False))
    lists = range(places // 50)
    runs = [run(*(sets("s", numbers(*[3.8] * 50), line=row) for row in lists))]
    for label in labels:
        offered = grid(right[label], 0.0005, places)
        rows = [offered[50 * row : 50 * row + 50] for row in lists]
        events = [sets("s", numbers(*row), line=line) for line, row in enumerate(rows)]
        runs.append(run(*events, label=label))
    return trace(*runs)


def test_a_scan_over_many_places_is_for_a_person():
    expected = expects(3.8, 5.6)
    told = decide(exercise(), scans(1, 500), expected)
    assert ("pending", "unverified.by-chance") == (told.status, told.message.id)


def test_the_more_variants_the_less_likely_a_match_is_by_chance():
    offers = [(10.0 + place, 5.0 + place) for place in range(200)]
    once = expected_matches(((first,),) for first, _ in offers)
    twice = expected_matches(((first,), (second,)) for first, second in offers)
    assert once > MAX_CHANCE > twice


def test_the_same_values_under_several_names_are_one_offer():
    runs = [[sets("a", right), sets("b", right, line=2)] for right in (3.8, 5.6, 4.9)]
    assert "passed" == outcome(*runs).status
    assert 0.0 == expected_matches([((0.0,), (0.0,))] * 40)


def test_wrong_attempts_before_a_right_one_cost_nothing():
    attempts = [
        [*(sets("a", right * (1 + n / 7), line=n) for n in range(1, 9)), sets("a", right, line=20)]
        for right in (3.8, 5.6, 4.9)
    ]
    assert "passed" == outcome(*attempts).status
    assert "passed" == decide(exercise(), computed(3.8, 5.6, 4.9), STEP).status


# How densely


def test_numbers_count_where_they_lie_most_densely():
    near = [1.5 + number for number in range(50)]
    far = [1e9 + number for number in range(50)]
    assert 0.5 == density(near + far, (100.0, 1_000.0))
    assert 0.0 == density([0.0, 0.3, 1.0, float("inf")], WIDE_WINDOWS)
