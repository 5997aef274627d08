"""A kernel is told what its notebook answers, and never which number of very many is right."""

from __future__ import annotations

from dataclasses import replace

from grader.grading.marked_answers import MarkedAnswer
from grader.grading.own_answers import own_answers
from grader.grading.search import Values
from grader.trace import Number
from tests.support.traces import assignment, exercise, expects, knowledge, run, sets, trace

COURSE = assignment(exercise("step"), exercise("twice", check="test", equal=["2 * own.step"]))


def told(*values: float, name: str = "w"):
    """What the kernel is told of a notebook that gives these values to names of its own.

    The reference answers under the name.
    """
    events = [sets(f"w{line}", value, line=line) for line, value in enumerate(values)]
    known = knowledge(step=expects(3.8, 5.6, 4.9), twice=expects(7.6))
    known = replace(known, marked={"step": MarkedAnswer(names=(name,))})
    return own_answers(Values(trace(run(*events))), COURSE, known, lambda _: "")["step"]


def test_the_answer_is_told_before_any_variant_has_run():
    answer = told(1.0, 3.8)
    assert Number(value=3.8) == answer.value


def test_what_earns_nothing_is_told_by_the_references_name():
    assert ("w1", None) == (told(1.0, 2.0, name="w1").path, told(1.0, 2.0, name="w1").value)


def test_a_right_answer_is_told_no_otherwise_than_a_wrong_one():
    right, wrong = told(1.0, 3.8), told(1.0, 2.0, name="w1")
    fields = set(type(right).model_fields)
    assert {"value", "path", "tried"} == fields
    assert (True, True) == (right.tried, wrong.tried)


def test_of_a_grid_of_numbers_none_is_told():
    grid = [3.8 + 0.001 * step for step in range(-200, 201)]
    answer = told(*grid)
    assert (None, "", True) == (answer.value, answer.path, answer.tried)
