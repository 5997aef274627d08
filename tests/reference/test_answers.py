"""Answers as marks recorded them, and when an edit of the reference changes one."""

from __future__ import annotations

import math

import pytest

from grader.assignment import Exercise
from grader.errors import AssignmentError
from grader.grading.expectation import Answer
from grader.reference.answers import answer_of, answers_of, is_changed
from grader.reference.markers import Mark
from grader.trace import BASE, Event, Run
from tests.support.traces import Plain, exercise, numbers, value_of

STEP = exercise("step")
CURVE = exercise("curve", "series", series={"band": 0.05})
MSE = exercise("mse", "function", function="mse", calls=("1", "2"))


def mark(exercise_id: str = "step", *, each: bool = False) -> Mark:
    return Mark(exercise_id, "w", 1.0, each, 0, "")


def marked(*passes: dict[str, Plain], label: str = BASE, alternative: int = 0) -> Run:
    """A run in which a mark recorded something, pass after pass."""
    events = []
    for recorded in passes:
        values = {path: value_of(plain) for path, plain in recorded.items()}
        event = Event(run=label, kind="mark", cell=0, alternative=alternative, values=values)
        events.append(event)
    return Run(label=label, events=tuple(events))


def test_the_last_pass_of_a_mark_is_the_answer():
    run = marked({"step": 1.0}, {"step": 2.0})
    expected = {"variant-1": Answer(value=value_of(2.0))}
    assert expected == answers_of(run, "variant-1", mark(), 0, STEP)


def test_a_mark_that_recorded_nothing_gives_no_answer():
    assert {} == answers_of(marked({}), BASE, mark(), 0, STEP)


def test_another_alternative_is_another_answer():
    run = marked({"step": 1.0}, alternative=1)
    assert {} == answers_of(run, BASE, mark(), 0, STEP)


def test_of_a_function_each_call_is_an_answer_of_its_own():
    run = marked({"mse(1)": 1.0, "mse(2)": 4.0})
    answers = answers_of(run, BASE, mark("mse"), 0, MSE)
    given = {label: answer.value.value for label, answer in answers.items()}
    assert {"mse(1)": 1.0, "mse(2)": 4.0} == given


def test_in_a_variant_a_function_is_not_asked():
    run = marked({"mse(1)": 1.0})
    assert {} == answers_of(run, "variant-1", mark("mse"), 0, MSE)


def test_each_pass_is_a_number_of_the_list():
    run = marked({"step": 3.0}, {"step": 2.0})
    answer = answer_of(run, mark(each=True), 0)
    assert numbers(3.0, 2.0) == answer.value


def test_of_many_passes_those_at_fixed_places_are_kept():
    passes = [{"step": float(number)} for number in range(100)]
    series = answer_of(marked(*passes), mark(each=True), 0).value
    assert (100,) == series.shape
    assert 64 == len(series.elements)
    assert 0.0 == series.elements[0]
    assert 99.0 == series.elements[-1]


def test_a_pass_that_gave_no_number_is_said_so():
    run = marked({"step": 3.0}, {"step": "text"})
    with pytest.raises(AssignmentError, match="a number on each"):
        answer_of(run, mark(each=True), 0)


def changed(value: Plain, reference: Plain, of: Exercise = CURVE) -> bool:
    before = {BASE: (Answer(value=value_of(reference)),)}
    after = {BASE: (Answer(value=value_of(value)),)}
    return is_changed(after, before, of)


@pytest.mark.parametrize(
    ("series", "expected"),
    [
        (numbers(9, 4, 1), False),
        (numbers(8, 4, 1.001), True),
        (numbers(8, 4, 2, 1), True),
        (numbers(0, 4, 1), True),
        (numbers(8, 4, math.nan), True),
    ],
    ids=["begins elsewhere", "ends elsewhere", "longer", "rises", "NaN"],
)
def test_a_series_is_changed_where_what_is_asked_of_it_is(series, expected):
    assert expected == changed(series, numbers(8, 4, 1))


def test_a_value_is_changed_beyond_the_usual_tolerance_however_loose_its_own():
    loose = exercise("step", rtol=0.5)
    assert changed(3.9, 3.8, loose)
    assert not changed(3.80001, 3.8, loose)
