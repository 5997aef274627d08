"""An answer that was computed follows the data; one typed in, or met by chance, does not."""

from __future__ import annotations

import math
import warnings

import pytest

from grader.grading.follows_data import CONFIRMATION, follow, typed_in
from grader.grading.search import Values, find
from grader.notebook.code import parse_cell
from grader.trace import CellRun, CodeCell
from tests.support.traces import (
    VARIANTS,
    alternatives,
    computed,
    expects,
    happens,
    numbers,
    prints,
    run,
    sets,
    tensor,
    trace,
)

LOOK_IN = ("value", "shown", "printed")
STEP = expects(3.8, 5.6, 4.9)
TYPED = ("w = 3.8", "", "")


def followed(submitted, expected=STEP, handout=(), inputs=None):
    values = Values(submitted)
    found = find(values, LOOK_IN, expected)
    return follow(values, found, LOOK_IN, expected, handout, inputs=inputs)


def verdict(submitted, expected=STEP, handout=(), inputs=None) -> str:
    return followed(submitted, expected, handout, inputs).verdict


def three(base, first, second, **fields):
    """Runs on the original data and on both variants; each is a list of events."""
    return trace(
        run(*base), run(*first, label=VARIANTS[0]), run(*second, label=VARIANTS[1]), **fields
    )


# Follows


def test_an_answer_that_agrees_in_every_run_follows():
    assert "follows" == verdict(computed(3.8, 5.6, 4.9))


def test_without_variants_agreeing_once_is_enough():
    assert "follows" == verdict(computed(3.8), expects(3.8))


def test_a_right_answer_after_wrong_ones_follows():
    runs = [[sets("a", 1.0, line=1), sets("a", right, line=2)] for right in (3.8, 5.6, 4.9)]
    assert "follows" == verdict(three(*runs))


def test_a_right_answer_behind_one_met_by_chance_follows():
    runs = [[sets("lucky", 3.8, line=1), sets("a", right, line=2)] for right in (3.8, 5.6, 4.9)]
    assert "a" == followed(three(*runs)).found.candidate.place.path


def test_a_printed_answer_follows_to_its_printed_precision():
    expected = expects(31.36, 84.64, 61.35)
    runs = [[prints(text)] for text in ("change 31.4", "change 84.6", "change 61.3")]
    assert "follows" == verdict(three(*runs), expected)
    wrong = [[prints(text)] for text in ("change 31.4", "change 84.6", "change 61.2")]
    assert "only-here" == verdict(three(*wrong), expected)


@pytest.mark.parametrize("short", ["45", "45.0", "4.5e1", "45."])
def test_an_answer_that_prints_in_few_digits_on_other_data_follows(short):
    expected = expects(31.36, 45.0, 78.4047)
    runs = [[prints(text)] for text in ("change 31.36", f"change {short}", "change 78.4047")]
    assert "follows" == verdict(three(*runs), expected)


def test_a_whole_number_on_other_data_stands_for_what_is_near_it():
    expected = expects(31.36, 45.2, 78.4047)
    runs = [[prints(text)] for text in ("change 31.36", "change 45", "change 78.4047")]
    assert "only-here" == verdict(three(*runs), expected)


def test_a_neighbour_printed_without_decimals_in_one_run_does_not_matter():
    runs = [[prints(text)] for text in ("14 -> 3.80", "23.5 -> 5.60", "19.582 -> 4.90")]
    assert "follows" == verdict(three(*runs))


def test_a_cell_that_ran_twice_follows_by_either_pass():
    runs = [[sets("a", 1.0), sets("a", right)] for right in (3.8, 5.6, 4.9)]
    assert "follows" == verdict(three(*runs))


# The same place in every run


def test_a_curve_that_passes_through_the_right_values_elsewhere_earns_nothing():
    curve = {3.8: 10, 5.6: 20, 4.9: 15}
    runs = [[sets(f"curve{place}", value, line=place)] for value, place in curve.items()]
    assert "not-run" == verdict(three(*runs))
    whole = [[sets("curve", numbers(3.8, 4.9, 5.6))]] * 3
    assert "follows" != verdict(three(*whole))


def test_a_scan_kept_in_a_list_earns_nothing():
    steps = numbers(*(round(0.1 * step, 1) for step in range(64)))
    assert "does-not-follow" == verdict(
        three(*[[sets("scan", steps)]] * 3, sources=("linspace(0, 6.3)", "", ""))
    )


def test_another_pass_of_a_loop_is_another_place():
    runs = [
        [sets("a", value, turn=turn)] for value, turn in [(3.8, "1"), (5.6, "2"), (4.9, "last")]
    ]
    assert "follows" != verdict(three(*runs))


# Does not follow


def test_an_answer_typed_in_does_not_follow():
    assert "does-not-follow" == verdict(computed(3.8, 3.8, 3.8, sources=TYPED))


def test_a_tensor_typed_in_does_not_follow():
    expected = expects(tensor(1.5, 2.5), tensor(3, 4), tensor(5, 6))
    assert "does-not-follow" == verdict(computed(*[tensor(1.5, 2.5)] * 3, sources=TYPED), expected)


def test_nan_that_stays_nan_does_not_follow():
    assert "does-not-follow" == verdict(
        computed(*[math.nan] * 3, sources=TYPED), expects(math.nan, 1.0, 2.0)
    )


def test_an_answer_that_stays_though_nothing_was_typed_in_is_for_a_person():
    assert "nothing-moved" == verdict(computed(3.8, 3.8, 3.8, sources=("a = f(x)", "", "")))


def test_numbers_of_the_handout_are_not_typed_in():
    handout = (CodeCell(cell=0, source="lr = 3.8", handout=True),)
    assert "nothing-moved" == verdict(computed(3.8, 3.8, 3.8, sources=TYPED), handout=handout)


def test_an_answer_that_moves_elsewhere_is_right_only_here():
    assert "only-here" == verdict(computed(3.8, 9.0, 9.0))


def test_an_answer_that_stays_in_one_variant_only_is_not_called_typed_in():
    assert "only-here" == verdict(computed(3.8, 3.8, 9.0, sources=TYPED))


def test_an_answer_right_on_one_variant_only_does_not_follow():
    assert "only-here" == verdict(computed(3.8, 5.6, 9.0))


# What cannot be decided


def test_data_that_was_never_seen_is_for_a_person():
    runs = [
        run(sets("a", 3.8)),
        *(run(sets("a", 3.8), label=label, seen=None) for label in VARIANTS),
    ]
    assert "input-not-seen" == verdict(trace(*runs, sources=TYPED))


def test_data_that_could_not_carry_other_numbers_is_as_if_never_seen():
    runs = [
        run(sets("a", 3.8)),
        *(run(sets("a", 3.8), label=label, seen=False) for label in VARIANTS),
    ]
    assert "input-not-seen" == verdict(trace(*runs))


def test_integers_follow_by_the_variant_that_they_can_carry():
    runs = [
        run(sets("a", 3.8)),
        run(sets("a", 5.6), label=VARIANTS[0]),
        run(label=VARIANTS[1], seen=False),
    ]
    assert "follows" == verdict(trace(*runs))


def test_one_of_two_inputs_not_carried_makes_a_variant_void():
    void = run(sets("a", 3.8), label=VARIANTS[1]).model_copy(
        update={"carried": {"x": True, "y": False}}
    )
    assert "follows" == verdict(
        trace(run(sets("a", 3.8)), run(sets("a", 5.6), label=VARIANTS[0]), void)
    )


def raising(*cells: CellRun, base: tuple[CellRun, ...] = (), answer: int = 1):
    """The answer's cell is there; the variants lack the answer, and some cells raise."""
    variants = [run(label=label, ended=cells) for label in VARIANTS]
    return trace(run(sets("a", 3.8, cell=answer), ended=base), *variants)


def ended(cell: int, error: str = "") -> CellRun:
    return CellRun(cell=cell, status="error" if error else "ok", error=error)


def test_an_exception_in_the_variants_only_is_for_a_person():
    following = followed(raising(ended(0, "IndexError"), ended(1), base=(ended(0),)))
    assert ("raises", "IndexError") == (following.verdict, following.error)


def moved_behind(raising: str, between: str, answering: str) -> str:
    """The verdict on an answer that moves elsewhere, and follows a cell that raises in variants."""
    cells = (ended(0, "ValueError"), ended(1), ended(2))
    runs = [run(sets("a", 9.0, cell=2), label=label, ended=cells) for label in VARIANTS]
    base = run(sets("a", 3.8, cell=2), ended=(ended(0), ended(1), ended(2)))
    return verdict(trace(base, *runs, sources=(raising, between, answering)))


@pytest.mark.parametrize(
    ("between", "answering"), [("pass", "a = 2 * w"), ("v = w + 1", "a = 2 * v")]
)
def test_what_is_computed_from_names_of_a_cell_that_raised_is_for_a_person(between, answering):
    assert "raises" == moved_behind("check(w)\nw.data = w - g", between, answering)


def test_what_is_computed_from_other_names_than_those_of_a_cell_that_raised_is_right_only_here():
    assert "only-here" == moved_behind("check(w)\nw.data = w - g", "pass", "a = 2 * x")


def test_a_cell_that_raises_behind_the_answer_is_no_excuse_for_it():
    cells = (ended(0), ended(1, "ValueError"))
    runs = [run(sets("a", 9.0, cell=0), label=label, ended=cells) for label in VARIANTS]
    base = run(sets("a", 3.8, cell=0), ended=(ended(0), ended(1)))
    sources = ("a = 2 * w", "check(w)\nw.data = w - g", "pass")
    assert "only-here" == verdict(trace(base, *runs, sources=sources))


def test_an_exception_of_the_base_run_too_is_no_excuse():
    cells = (ended(0, "IndexError"), ended(1))
    assert "not-run" == verdict(raising(*cells, base=(ended(0, "IndexError"),)))


def test_an_exception_behind_the_answer_is_no_excuse():
    cells = (ended(1), ended(2, "IndexError"))
    assert "not-run" == verdict(raising(*cells, base=(ended(2),)))


def test_a_cell_that_ended_the_kernel_in_the_variants_only_is_for_a_person():
    following = followed(raising(CellRun(cell=1, status="timeout")))
    assert ("raises", "timeout") == (following.verdict, following.error)


def test_an_answers_cell_that_did_not_run_in_a_variant_is_for_a_person():
    following = followed(raising(ended(0), base=(ended(0),)))
    assert ("raises", "not-run") == (following.verdict, following.error)


def test_a_variant_that_did_not_take_place_is_for_a_person():
    assert "not-run" == verdict(trace(run(sets("a", 3.8)), run(sets("a", 5.6), label=VARIANTS[0])))


def test_no_variant_at_all_is_for_a_person():
    assert "not-run" == verdict(trace(run(sets("a", 3.8)), sources=TYPED))


# The fresh kernel


def test_a_denial_falls_when_a_fresh_kernel_shows_that_the_answer_follows():
    first = computed(3.8, 3.8, 3.8, sources=TYPED)
    again = [
        run(sets("a", value), label=label + CONFIRMATION)
        for label, value in zip(VARIANTS, (5.6, 4.9), strict=True)
    ]
    assert "follows" == verdict(first.model_copy(update={"runs": (*first.runs, *again)}))


def test_the_two_kernels_are_not_mixed():
    first = computed(3.8, 5.6, 9.0)
    again = [
        run(sets("a", value), label=label + CONFIRMATION)
        for label, value in zip(VARIANTS, (9.0, 4.9), strict=True)
    ]
    assert "only-here" == verdict(first.model_copy(update={"runs": (*first.runs, *again)}))


def test_a_fresh_kernel_that_ran_one_variant_confirms_nothing():
    first = computed(3.8, 9.0, 9.0)
    again = run(sets("a", 5.6), label=VARIANTS[0] + CONFIRMATION)
    assert "only-here" == verdict(first.model_copy(update={"runs": (*first.runs, again)}))


# Partial answers

CHANGE = alternatives((1.0, [31.36, 84.64, 61.35]), (0.75, [45.36, 107.64, 80.93]))


def test_a_partial_answer_earns_its_share():
    following = followed(computed(45.36, 107.64, 80.93), CHANGE)
    assert ("follows", 0.75) == (following.verdict, following.found.credit)


def test_the_whole_answer_counts_where_both_are_there():
    runs = [
        [sets("new", a, line=1), sets("change", b, line=2)] for a, b in zip(*_both(), strict=True)
    ]
    assert 1.0 == followed(three(*runs), CHANGE).found.credit


def _both():
    return (45.36, 107.64, 80.93), (31.36, 84.64, 61.35)


def test_an_answer_earns_the_least_of_what_it_earns_in_any_run():
    both = alternatives((1.0, [14.0, 20.0, 30.0]), (0.75, [14.0, 25.0, 35.0]))
    assert 0.75 == followed(computed(14.0, 25.0, 35.0), both).found.credit


# Evidence of typing in


def lines(source: str, handout: str = "") -> list[tuple[int, int]]:
    cells = (CodeCell(cell=0, source=handout, handout=True),) if handout else ()
    return list(typed_in(trace(sources=[source]), cells))


@pytest.mark.parametrize(
    "source",
    ["w = 3.8", "w = 38/1e1", "w = float('3.8')", "float('3,8')", "print(-28)", "[45, .36]"],
)
def test_a_number_in_the_students_cells_is_evidence(source):
    assert [] != lines(source)


def test_evidence_names_cell_and_line():
    assert [(0, 2)] == lines("a = b\nc = 3.8")


@pytest.mark.parametrize(
    "source",
    [
        "w = w - 2 * g",
        "a[0]",
        "True",
        "'text'",
        "float('inf')",
        "'nan'",
        "x = 10",
        "w = -1",
        "a = 1j",
        "",
    ],
)
def test_small_whole_numbers_truth_text_and_infinity_are_none(source):
    assert [] == lines(source)


def test_a_number_of_the_handout_is_none_with_either_sign():
    assert [] == lines("lr = -0.1", handout="lr = 0.1")


def test_the_handouts_own_cells_are_no_evidence():
    assert [] == list(typed_in(trace(sources=["a = 3.8"], handout=[0]), ()))


@pytest.mark.parametrize(
    "source", ["not python at all (", "\0", "(" * 500, "-" * 100_000 + "1", "1" * 5_000, "\ud800"]
)
def test_a_cell_that_does_not_parse_is_empty(source):
    assert [] == lines(source)


def test_magic_lines_are_no_python():
    assert 1 == len(parse_cell("%time x\n!pip install y\na = 1").body)


def test_a_students_odd_escape_warns_nobody():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert 1 == len(parse_cell("a = '\\d'").body)


# What a trace may claim


def test_a_value_without_a_kind_the_exercise_looks_for_is_no_answer():
    submitted = three(
        *[[sets("a", 3.8), happens("note", {"a": value})] for value in (3.8, 5.6, 4.9)]
    )
    assert "nothing-moved" == verdict(submitted)


# Data that the answer does not depend on


def met(submitted, **inputs: bool):
    """Have every variant meet some data, and tell whether its numbers took their place."""
    runs = [
        one if one.label == "base" else one.model_copy(update={"carried": inputs})
        for one in submitted.runs
    ]
    return submitted.model_copy(update={"runs": tuple(runs)})


def test_data_that_the_answer_does_not_depend_on_may_be_missing_or_not_carried():
    submitted = met(computed(3.8, 5.6, 4.9), x=True, d=False)
    assert "input-not-seen" == verdict(submitted)
    assert "follows" == verdict(submitted, inputs={"x"})


def test_other_data_than_that_of_the_answer_decides_nothing():
    submitted = met(computed(3.8, 3.8, 3.8, sources=TYPED), d=True)
    assert "does-not-follow" == verdict(submitted)
    assert "input-not-seen" == verdict(submitted, inputs={"x"})


def test_an_answer_that_no_variant_changes_needs_none():
    constant = expects(3.8, 3.8, 3.8)
    assert "input-not-seen" == verdict(met(computed(3.8, 3.8, 3.8)), constant)
    assert "follows" == verdict(met(computed(3.8, 3.8, 3.8)), constant, inputs=())
    assert "follows" == verdict(computed(3.8), constant, inputs=())


def test_a_number_that_moves_where_the_answer_stays_is_no_answer():
    constant = expects(3.8, 3.8, 3.8)
    assert "only-here" == verdict(computed(3.8, 5.6, 4.9), constant, inputs=())


def test_an_exception_that_a_student_named_is_not_repeated():
    ended = [CellRun(cell=0, status="error", error="Values_0p5_1p5")]
    runs = [run(label=label, ended=ended) for label in VARIANTS]
    assert "Exception" == followed(trace(run(sets("a", 3.8)), *runs)).error
