"""What the check `function` says of an exercise."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from grader.grading.agreement import Tolerance
from grader.grading.checks.base import Context
from grader.grading.checks.registry import AUTOMATIC
from grader.grading.expectation import Answer, Expectation
from grader.grading.search import Values
from grader.trace import CellRun, Event, Items, Other, Run, Trace
from tests.support.traces import (
    NOTHING,
    Plain,
    decide,
    exercise,
    numbers,
    run,
    sets,
    tensor,
    trace,
    value_of,
)

MSE = exercise("mse", "function", function="mse", calls=("1, 2", "3, 5", "7, 7"))
LABELS = MSE.asked.labels


def expecting(*values: Plain, credit: float = 1.0) -> Expectation:
    """What the reference's function gives to each call."""
    by_call = zip(LABELS, values, strict=True)
    return Expectation(
        {label: (Answer(value=value_of(v), credit=credit),) for label, v in by_call}, Tolerance()
    )


PAIRS = ((1.0, 0.5), (4.0, 0.25), (0.0, 2.0))
RIGHT = expecting(1.0, 4.0, 0.0)


def call(given: Plain | Other | None, name: str = "mse", error: str = "", cell: int = 0) -> Event:
    values = {} if given is None else {name: given if isinstance(given, Other) else value_of(given)}
    return Event(run="", kind="call", cell=cell, line=1, scope=name, values=values, text=error)


def called(
    *functions: Sequence[Plain | Other | None], names: Sequence[str] = ("mse", "other"), **fields
) -> Trace:
    """Write the trace of a notebook with functions that gave these values.

    A function with fewer values ended the kernel.
    """
    there = list(zip(names, functions, strict=False))
    runs = [
        Run(label=MSE.asked.found, events=tuple(call(None, name, **fields) for name, _ in there))
    ]
    for number, label in enumerate(LABELS):
        events = [
            call(given[number], name, **fields) for name, given in there if number < len(given)
        ]
        runs.append(Run(label=label, events=tuple(events)))
    return trace(run(), *(one for one in runs if one.events))


def outcome(submitted: Trace, expected: Expectation = RIGHT):
    return decide(MSE, submitted, expected)


def told(submitted: Trace) -> tuple[str, str]:
    found = outcome(submitted)
    return found.status, found.message.id


def test_a_function_that_gives_what_is_asked_for_in_every_call_passes():
    found = outcome(called([1.0, tensor(4.0), 0.0]))
    assert ("passed", 1.0, "mse") == (found.status, found.credit, found.found.place.path)


def test_a_function_that_gives_a_part_earns_its_share():
    found = outcome(called([1.0, 4.0, 0.0]), expecting(1.0, 4.0, 0.0, credit=0.5))
    assert ("partial", 0.5) == (found.status, found.credit)


def test_a_constant_that_is_right_once_earns_nothing():
    found = outcome(called([4.0, 4.0, 4.0]))
    assert ("failed", 0.0, "function.wrong") == (found.status, found.credit, found.message.id)


def test_a_function_that_works_in_place_is_told_what_it_leaves():
    calls = ("1, 2", "3, 5", "7, 7")
    in_place = exercise("mse", "function", function="mse", calls=calls, changes=True)
    found = decide(in_place, called([1.0, 2.0, 0.0]), RIGHT)
    assert ("failed", "function.leaves-other") == (found.status, found.message.id)


def test_the_first_call_that_goes_wrong_is_named():
    assert {"call": "3, 5", "right": 2, "calls": 3} == outcome(
        called([1.0, 2.0, 0.0])
    ).message.params


def test_of_several_functions_the_right_one_counts():
    found = outcome(called([9.0, 9.0, 9.0], [1.0, 4.0, 0.0], names=["plot", "error"]))
    assert ("passed", "error") == (found.status, found.found.place.path)


def test_of_several_wrong_ones_the_nearest_is_spoken_of():
    found = outcome(called([9.0, 9.0, 9.0], [1.0, 4.0, 9.0], names=["plot", "error"]))
    assert "error" == found.found.place.path


def test_values_of_two_functions_make_no_right_one():
    assert "failed" == told(called([1.0, 4.0, 9.0], [9.0, 9.0, 0.0]))[0]


def test_a_list_is_compared_as_a_whole():
    whole = expecting(numbers(1.0, 2.0), numbers(3.0, 4.0), numbers(5.0, 6.0))
    assert (
        "passed"
        == outcome(called([numbers(1.0, 2.0), numbers(3.0, 4.0), numbers(5.0, 6.0)]), whole).status
    )
    assert (
        "failed"
        == outcome(called([numbers(1.0, 9.0), numbers(3.0, 4.0), numbers(5.0, 6.0)]), whole).status
    )


def test_a_function_that_raises_is_told_its_error():
    submitted = called([1.0, Other(type="ZeroDivisionError"), 0.0])
    runs = [
        one.model_copy(
            update={"events": (call(Other(type="ZeroDivisionError"), error="ZeroDivisionError"),)}
        )
        if one.label == LABELS[1]
        else one
        for one in submitted.runs
    ]
    found = outcome(submitted.model_copy(update={"runs": tuple(runs)}))
    assert ("function.raises", "ZeroDivisionError") == (
        found.message.id,
        found.message.params["error"],
    )


def test_a_function_that_gives_nothing_back_is_told_so():
    assert ("failed", "function.gives-nothing") == told(called([Other(type="NoneType")] * 3))


def test_a_function_that_ends_the_kernel_is_told_so_and_keeps_its_place():
    found = outcome(called([1.0]))
    assert ("failed", "function.no-end", "mse") == (
        found.status,
        found.message.id,
        found.found.place.path,
    )
    assert ("failed", "function.no-end") == told(called([]))


def test_a_notebook_without_such_a_function_is_missing():
    assert ("missing", "function.missing") == told(trace(run(sets("a", 1.0))))


NONE = Other(type="NoneType")


def as_handed_out(submitted: Trace) -> Trace:
    """Let the cell of the functions be the handout's own."""
    cells = [cell.model_copy(update={"handout": True}) for cell in submitted.cells]
    return submitted.model_copy(update={"cells": tuple(cells)})


@pytest.mark.parametrize(
    ("given", "error"), [([NONE, NONE, NONE], ""), ([NONE] * 3, "NotImplementedError")]
)
def test_a_body_that_the_handout_left_open_is_missing(given, error):
    blank = called(given, error=error)
    assert ("missing", "function.as-given") == told(as_handed_out(blank))
    assert "failed" == told(blank)[0]


def test_a_given_function_that_calls_wrong_code_fails():
    assert ("failed", "function.wrong") == told(as_handed_out(called([2.0, 4.0, 0.0])))


def test_where_the_kernel_ended_before_nothing_was_asked():
    ended = [CellRun(cell=0, status="died")]
    assert ("not_run", "not-run.kernel-ended") == told(trace(run(ended=ended)))


def test_a_call_in_a_cell_that_is_not_there_counts_for_nothing():
    assert ("missing", "function.missing") == told(called([1.0, 4.0, 0.0], cell=99))


@pytest.mark.parametrize("given", [True, "1.0", tensor(1.0, 4.0)])
def test_a_value_of_another_kind_is_wrong(given):
    assert ("failed", "function.wrong") == told(called([given, 4.0, 0.0]))


def of_library(submitted: Trace, *names: str) -> Trace:
    """Let functions be a library's."""
    runs = []
    for one in submitted.runs:
        events = []
        for event in one.events:
            is_library = one.label == MSE.asked.found and event.scope in names
            text = "torch.nn.MSELoss" if is_library else event.text
            events.append(event.model_copy(update={"text": text}))
        runs.append(one.model_copy(update={"events": tuple(events)}))
    return submitted.model_copy(update={"runs": tuple(runs)})


def test_a_librarys_function_that_is_right_is_left_to_a_person():
    found = outcome(of_library(called([1.0, 4.0, 0.0]), "mse"))
    assert ("pending", 0.0, "function.ready-made", "torch.nn.MSELoss") == (
        found.status,
        found.credit,
        found.message.id,
        found.message.params["name"],
    )


def test_right_values_in_another_form_are_left_to_a_person():
    both = [Items(form="tuple", entries=(value_of(n), value_of(v))) for n, v in PAIRS]
    expected = Expectation(
        {label: (Answer(value=v),) for label, v in zip(LABELS, both, strict=True)}, Tolerance()
    )
    found = decide(MSE, called([0.5, 0.25, 2.0]), expected)
    assert ("pending", 0.0, "function.other-form") == (
        found.status,
        found.credit,
        found.message.id,
    )
    assert [("unverified", found.message)] == [(flag.id, flag.message) for flag in found.flags]
    assert "failed" == decide(MSE, called([0.5, 0.75, 2.0]), expected).status


def test_a_librarys_function_that_is_wrong_is_wrong():
    assert ("failed", "function.wrong") == told(of_library(called([1.0, 9.0, 0.0]), "mse"))


def test_a_function_of_the_students_own_that_is_right_goes_before_a_librarys():
    right = [1.0, 4.0, 0.0]
    submitted = of_library(called(right, right, names=["mse", "error"]), "mse")
    found = outcome(submitted)
    assert ("passed", "error") == (found.status, found.found.place.path)


# Shares

SHARED = exercise("mse", "function", function="mse", calls=("1, 2", "3, 5", "7, 7"), shares=True)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ((1.0, 4.0, 0.0), ("passed", 1.0)),
        ((1.0, 4.0, 9.0), ("partial", 0.67)),
        ((1.0, 1.0, 1.0), ("failed", 0.0)),
        ((2.0, 3.0, 9.0), ("failed", 0.0)),
    ],
)
def test_each_call_may_earn_a_share_but_for_a_constant(given, expected):
    found = decide(SHARED, called(list(given)), RIGHT)
    assert expected == (found.status, round(found.credit, 2))


def test_the_first_wrong_call_is_named_where_others_earn_a_share():
    found = decide(SHARED, called([1.0, 4.0, 9.0]), RIGHT)
    assert ("function.wrong", "7, 7") == (found.message.id, found.message.params["call"])


# Functions for something else


def beside(given: Sequence[Plain], tries: frozenset[int], name: str = "other") -> tuple[str, str]:
    """Decide a notebook whose only function, in cell 0, has a name of its own."""
    values = Values(called(given, names=(name,)))
    context = Context(values, RIGHT, NOTHING, tries=tries)
    found = AUTOMATIC["function"].decide(MSE, context)
    return found.status, found.message.id


WRONG = [2.0, 8.0, 0.0]


def test_a_wrong_function_of_another_section_does_not_answer():
    assert ("missing", "function.not-there") == beside(WRONG, frozenset({1}))


def test_a_wrong_function_of_another_section_answers_by_its_name():
    assert ("failed", "function.wrong") == beside(WRONG, frozenset({1}), name="utils.mse")


def test_a_wrong_function_of_another_name_answers_in_its_section():
    assert ("failed", "function.wrong") == beside(WRONG, frozenset({0}))


def test_a_right_function_of_another_section_answers():
    assert ("passed", "function.passed") == beside([1.0, 4.0, 0.0], frozenset({1}))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def mse(a, b):\n    return (a - b", "probe.never-defined"),
        ("x = 1 / 0\n\n\ndef mse(a, b): ...", "probe.never-defined"),
        ("mse = lambda a, b: (a - b", "probe.never-defined"),
        ("class mse(nn.Module:", "probe.never-defined"),
        ("mse(1, 2)", "function.missing"),
        ("mse == 3", "function.missing"),
        ("def mse_of(a, b): (", "function.missing"),
    ],
)
def test_a_cell_that_was_to_define_the_function_is_named(source: str, expected: str):
    ended = [CellRun(cell=0, status="error", error="SyntaxError")]
    found = outcome(trace(run(ended=ended), sources=(source,)))
    assert ("missing", expected) == (found.status, found.message.id)
