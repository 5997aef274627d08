"""When something changed in a reference changes an answer."""

from __future__ import annotations

import math

import pytest

from grader.assignment import Exercise
from grader.authoring.marked_runs import (
    ValuesByRun,
    affected_cells,
    answer_changed,
    answering_cells,
    is_right,
    largest_distance,
)
from grader.grading.agreement import Tolerance
from grader.reference.markers import MarkedCell, read_reference
from grader.trace import BASE
from tests.support.traces import value_of

LOOSE = Exercise(id="change", title="Change", points=1, check="value", rtol=10.0)


def gives(*values: float) -> ValuesByRun:
    """What a mark gave on the data as it is, and on variants."""
    labels = (BASE, "variant-1", "variant-2")
    return {label: value_of(value) for label, value in zip(labels, values, strict=False)}


RISE, FALL = gives(3.0, 4.0), gives(-3.0, -4.0)


@pytest.mark.parametrize(
    ("given", "changed"),
    [
        ([RISE, FALL], False),
        ([FALL, RISE], False),
        ([gives(3.0002, 4.0), gives(9.0, 9.0)], False),
        ([gives(9.0, 9.0), FALL], False),
        ([gives(3.01, 4.0), gives(-3.01, -4.0)], True),
        ([gives(3.0, 9.0), gives(-3.0, -9.0)], True),
        ([gives(3.0), gives(-3.0)], True),
        ([{}, {}], True),
        ([], True),
    ],
    ids=[
        "none",
        "order",
        "within the tolerance",
        "one of two",
        "both",
        "a variant",
        "not there",
        "nothing",
        "no mark",
    ],
)
def test_an_answer_is_changed_where_no_mark_gives_a_right_one(
    given: list[ValuesByRun], changed: bool
) -> None:
    assert changed == answer_changed(LOOSE, given, [RISE, FALL])


def test_what_a_mark_gives_is_right_where_it_agrees_in_each_run() -> None:
    assert is_right(gives(3.1, 4.1), [RISE], Tolerance(rtol=0.1))
    assert not is_right(gives(3.1, 5.0), [RISE], Tolerance(rtol=0.1))


def test_the_run_where_it_is_farthest_from_its_nearest_answer_counts() -> None:
    assert 2.0 == largest_distance(gives(-3.5, 6.0), [RISE, FALL], Tolerance(rtol=0, atol=1.0))


def test_what_is_not_there_is_infinitely_far() -> None:
    assert math.inf == largest_distance(gives(3.0), [RISE], Tolerance())


def cells() -> list[MarkedCell]:
    return read_reference(
        [
            (0, "a = 1"),
            (1, "b = a + 1\n# grade: one = b"),
            (3, "c = b * 2\n# grade: two = c\n# tell: one again = b"),
            (4, "d = 5\n# tell: one other = d"),
        ]
    ).cells


def test_the_cells_of_an_exercise_are_those_with_its_marks() -> None:
    assert ({1}, {1, 3}) == (
        answering_cells(cells(), ["one"]),
        answering_cells(cells(), ["one", "two"]),
    )


def test_a_change_matters_to_what_builds_on_its_cell() -> None:
    assert ({1, 3}, {3}, set()) == tuple(
        affected_cells(cells(), [changed], [1, 3]) for changed in (1, 3, 4)
    )
