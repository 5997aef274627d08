"""What the check `value` says of an exercise."""

from __future__ import annotations

import pytest

from grader.grading.agreement import Tolerance
from grader.grading.checks.base import Context
from grader.grading.checks.outcome import RaisedFlag
from grader.grading.checks.registry import AUTOMATIC
from grader.grading.expectation import Answer, Expectation
from grader.grading.marked_answers import MarkedAnswer
from grader.grading.match_places import exercise_places
from grader.grading.search import Values
from grader.trace import CellRun, Items, Number, Text
from tests.support.traces import (
    NOTHING,
    VARIANTS,
    alternatives,
    computed,
    decide,
    exercise,
    expects,
    gradient,
    happens,
    knowledge,
    numbers,
    prints,
    run,
    sets,
    tensor,
    trace,
    value_of,
)

STEP = expects(3.8, 5.6, 4.9)
GRADIENT = exercise("w-grad", look_in=["grad"])


def outcome(submitted, expected=STEP, asked=None):
    return decide(asked or exercise(), submitted, expected)


def told(submitted, expected=STEP, asked=None) -> tuple[str, str]:
    """Status and message id."""
    found = outcome(submitted, expected, asked)
    return found.status, found.message.id


def test_an_answer_that_follows_the_data_passes():
    found = outcome(computed(3.8, 5.6, 4.9))
    assert ("passed", 1.0, "a") == (found.status, found.credit, found.found.place.path)


def test_a_partial_answer_earns_its_share_and_says_so():
    found = outcome(computed(3.8, 5.6, 4.9), alternatives((0.75, [3.8, 5.6, 4.9])))
    assert ("partial", 0.75, {"credit": 0.75}) == (found.status, found.credit, found.message.params)


def test_an_answer_typed_in_fails_with_a_flag():
    found = outcome(computed(3.8, 3.8, 3.8, sources=("w = 3.8",)))
    assert ("failed", "value.does-not-follow-data") == (found.status, found.message.id)
    assert (RaisedFlag("does-not-follow-data", found.found),) == found.flags


def test_an_answer_right_only_here_fails_without_a_flag():
    found = outcome(computed(3.8, 9.0, 9.0))
    assert ("failed", "value.only-here", ()) == (found.status, found.message.id, found.flags)


@pytest.mark.parametrize(
    ("submitted", "message"),
    [
        (computed(3.8, 3.8, 3.8), "unverified.nothing-moved"),
        (computed(3.8), "unverified.variant-not-run"),
        (
            trace(run(sets("a", 3.8)), *(run(label=one, seen=None) for one in VARIANTS)),
            "unverified.input-not-seen",
        ),
    ],
)
def test_what_cannot_be_verified_is_pending_with_a_flag_and_no_points(submitted, message):
    found = outcome(submitted)
    assert ("pending", 0.0, message) == (found.status, found.credit, found.message.id)
    assert ["unverified"] == [flag.id for flag in found.flags]


def test_an_exception_in_the_variant_is_named():
    ended = [CellRun(cell=0, status="error", error="IndexError")]
    found = outcome(trace(run(sets("a", 3.8)), *(run(label=one, ended=ended) for one in VARIANTS)))
    assert ("pending", {"error": "IndexError"}) == (found.status, found.message.params)


def test_another_value_fails():
    assert ("failed", "value.absent") == told(computed(7.0, 8.0, 9.0))


def test_a_notebook_without_a_value_is_missing():
    assert ("missing", "value.missing") == told(trace(run()))


def test_the_handouts_own_values_are_no_try():
    assert ("missing", "value.missing") == told(trace(run(sets("a", 7.0)), handout=[0]))


def test_a_printed_constant_is_no_answer():
    assert ("failed", "value.absent") == told(trace(run(prints("3.80", reads=""))))


def test_a_gradient_that_is_nowhere_is_said_so():
    assert ("missing", "value.no-gradient") == told(
        trace(run(sets("dw", -28.0))), expects(-28.0), GRADIENT
    )


def test_values_that_no_figure_shows_are_said_not_to_be_drawn():
    drawn = exercise("drawn", look_in=("figure",))
    computed = run(sets("a", 7.0))
    other = run(sets("a", 7.0), happens("figure", {"axes[0].line[0].y": 3.0}))
    assert ("missing", "value.not-drawn") == told(trace(computed), expects(7.0), drawn)
    assert ("failed", "value.not-drawn") == told(trace(other), expects(7.0), drawn)


def test_a_value_that_is_computed_but_not_shown_is_said_not_to_be_shown():
    shown = exercise("said", look_in=("shown", "printed"))
    kept = trace(run(sets("a", 7.0)))
    another = trace(run(sets("a", 7.0), prints("3.80", reads="b")))
    assert ("missing", "value.not-shown") == told(kept, expects(7.0), shown)
    assert ("failed", "value.not-shown") == told(another, expects(7.0), shown)


def test_code_of_the_students_own_is_not_said_to_be_missing():
    stepped = exercise("stepped", look_in=("step", "grad"))
    assert ("missing", "value.absent") == told(trace(run(sets("a", 7.0))), expects(7.0), stepped)


def test_a_manual_derivative_is_no_gradient():
    right = trace(run(gradient("w", -28.0)))
    assert ("passed", "value.passed") == told(right, expects(-28.0), GRADIENT)
    assert "passed" != told(trace(run(sets("dw", -28.0))), expects(-28.0), GRADIENT)[0]


@pytest.mark.parametrize("status", ["died", "not_run"])
def test_where_the_kernel_ended_before_the_exercise_was_not_run(status):
    ended = [CellRun(cell=1, status="died"), CellRun(cell=2, status=status)]
    found = outcome(trace(run(sets("a", 7.0), ended=ended)))
    assert ("not_run", "not-run.kernel-ended", {"cell": 1}) == (
        found.status,
        found.message.id,
        found.message.params,
    )


def test_an_answer_before_the_kernels_end_keeps_its_points():
    submitted = computed(3.8, 5.6, 4.9)
    base = submitted.base.model_copy(
        update={"cells": (CellRun(cell=0, status="ok"), CellRun(cell=1, status="died"))}
    )
    assert ("passed", "value.passed") == told(
        submitted.model_copy(update={"runs": (base, *submitted.runs[1:])})
    )


def test_notes_are_no_values():
    assert ("missing", "value.missing") == told(trace(run(happens("note", {"a": 3.8}))))


# Its form


COLUMN = tensor(2.0, 5.0, shape=(2, 1), dtype="float64")
STRICT = exercise(strict=["rank", "dtype"])


def test_right_numbers_in_the_form_asked_for_pass():
    assert ("passed", "value.passed") == told(computed(COLUMN), expects(COLUMN), STRICT)


@pytest.mark.parametrize(
    ("given", "message", "found"),
    [
        (tensor(2.0, 5.0, dtype="float64"), "value.other-shape", "(2,)"),
        (tensor(2.0, 5.0, shape=(2, 1)), "value.other-dtype", "float32"),
        (tensor(2.0, 5.0), "value.other-shape", "(2,)"),
    ],
)
def test_right_numbers_in_another_form_earn_half_and_say_so(given, message, found):
    decided = outcome(computed(given), expects(COLUMN), STRICT)
    assert (0.5, message, found) == (
        decided.credit,
        decided.message.id,
        decided.message.params["found"],
    )


def test_a_value_in_the_form_asked_for_is_preferred():
    flat = sets("a", tensor(2.0, 5.0, dtype="float64"))
    column = sets("b", COLUMN, line=2)
    assert "passed" == told(trace(run(flat, column)), expects(COLUMN), STRICT)[0]


def test_the_form_of_entries_of_a_tuple_counts_too():
    asked = Items(form="tuple", entries=(COLUMN, Number(value=1.0)))
    given = Items(form="list", entries=(tensor(2.0, 5.0), Number(value=1.0)))
    assert "value.other-shape" == told(computed(given), expects(asked), STRICT)[1]


# Several values


ALL = exercise(all=True)


def both(*values) -> Expectation:
    answers = [Answer(value=value_of(value), part=part) for part, value in enumerate(values)]
    return Expectation({"base": answers}, Tolerance())


@pytest.mark.parametrize(
    ("given", "credit", "message"),
    [
        ((2.5, 7.5), 1.0, "value.passed"),
        ((2.5, 9.0), 0.5, "value.some"),
        ((1.0, 9.0), 0.0, "value.absent"),
    ],
)
def test_each_of_several_values_earns_a_share(given, credit, message):
    first, second = given
    made = trace(run(sets("a", first), sets("b", second, line=2)))
    decided = outcome(made, both(2.5, 7.5), ALL)
    assert (credit, message) == (decided.credit, decided.message.id)


def test_one_value_that_a_person_looks_at_keeps_all_of_them_waiting():
    made = computed(2.5, 2.5, 2.5)
    answers = {label: [] for label in ("base", *VARIANTS)}
    for label, first, second in zip(answers, (2.5, 3.0, 4.0), (7.5, 8.0, 9.0), strict=True):
        for part, value in enumerate((first, second)):
            answers[label].append(Answer(value=value_of(value), part=part))
    assert "pending" == told(made, Expectation(answers, Tolerance()), ALL)[0]


def test_several_values_that_nobody_knows_are_absent():
    submitted = trace(run(sets("a", 2.5)))
    assert ("failed", "value.absent") == told(submitted, Expectation({}, Tolerance()), ALL)


# Wider values


def test_a_tuple_that_was_unpacked_is_found():
    event = happens("value", {"m": tensor(2.5), "s": "four"}, "x", assigned=("m", "s"))
    asked = Items(form="tuple", entries=(tensor(2.5), Text(value="four")))
    assert "passed" == told(trace(run(event)), expects(asked))[0]


def test_numbers_that_were_unpacked_are_found_as_a_list():
    event = happens("value", {"m": 2.5, "s": tensor(7.5)}, "x", assigned=("m", "s"))
    assert "passed" == told(trace(run(event)), expects(numbers(2.5, 7.5)))[0]


def test_the_case_of_a_text_counts_unless_the_exercise_says_otherwise():
    made = trace(run(sets("a", " The  Cat ")))
    assert "failed" == told(made, expects("the cat"))[0]
    folded = Tolerance(ignore_case=True)
    assert "passed" == told(made, expects("the cat", tolerance=folded))[0]


@pytest.mark.parametrize(
    ("asked", "second", "message"),
    [
        (numbers(2.5, 7.5), sets("s", 7.25, line=2), "value.absent"),
        (numbers(2.5, 7.5), sets("s", 7.5, line=2), "value.apart"),
        (tensor(2.5, 7.5), sets("s", tensor(7.5), line=2), "value.apart"),
        (numbers(2.5, 7.5), sets("s", numbers(1.5, 7.5, 9.0), line=2), "value.absent"),
        (numbers(2.5, 3.0), sets("s", 3.0, line=2), "value.absent"),
    ],
)
def test_a_person_looks_at_numbers_that_were_computed_one_by_one(asked, second, message):
    made = trace(run(sets("m", 2.5), second))
    assert message == told(made, expects(asked))[1]


def test_a_tuple_of_names_may_be_given_by_each_of_them():
    asked = exercise("step")
    known = knowledge(step=expects(numbers(2.5, 7.5)))
    known.marked["step"] = MarkedAnswer(names=("m, s", "m", "s"))
    made = trace(run(sets("m", 2.5), sets("s", 7.5, line=2)))
    place = exercise_places(Values(made), [asked], known, None)["step"]
    context = Context(Values(made), known.expectations["step"], NOTHING, place=place)
    assert "passed" == AUTOMATIC["value"].decide(asked, context).status
