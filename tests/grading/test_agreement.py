"""When a value agrees with the expected one, and how far it is from it."""

from __future__ import annotations

import math

import pytest

from grader.grading.agreement import Tolerance, agrees, as_number, distance
from grader.trace import Items, Module, Nothing
from tests.support.traces import graph, numbers, tensor, value_of

NAN, INF = math.nan, math.inf
HUGE = 10.0**308


def agree(value, expected, tolerance=None) -> bool:
    return agrees(value_of(value), value_of(expected), tolerance or Tolerance())


def large(total: float = 10.0, size: int = 100, **fields):
    """A tensor of more than 64 elements, told apart by its sum."""
    summary = (0.0, 0.0, total, 40.0, -1.0, 1.0, 0.1, 0.2, 0.3, 0.4)
    fields = {"shape": (size,), "summary": summary} | fields
    return tensor(*[0.5] * 64, **fields)


# Texts, truth values, containers


def bundle(*entries, form="tuple", keys=()) -> Items:
    return Items(form=form, entries=tuple(map(value_of, entries)), keys=keys)


def test_texts_agree_but_for_white_space():
    assert agree(" a  b\n", "a b")
    assert not agree("a b", "A b")
    assert agree("a b", "A b", Tolerance(ignore_case=True))


def test_a_tensor_of_one_truth_value_is_a_truth_value():
    assert agree(tensor(1.0, shape=(), dtype="bool"), True)
    assert not agree(tensor(0.0, shape=(), dtype="bool"), True)
    assert not agree(tensor(1.0, shape=()), True)


def test_none_agrees_with_none_alone():
    assert agree(Nothing(), Nothing())
    assert not agree(0.0, Nothing())
    assert not agree(Nothing(), 0.0)


def test_tuples_and_lists_agree_entry_by_entry():
    expected = bundle(1.0, "two", tensor(3.0, 4.0))
    assert agree(bundle(1.0, "two", tensor(3.0, 4.0), form="list"), expected)
    assert not agree(bundle("two", 1.0, tensor(3.0, 4.0)), expected)
    assert not agree(bundle(1.0, "two"), expected)


def test_dicts_agree_by_their_keys():
    expected = bundle(1.0, "two", form="dict", keys=("'a'", "'b'"))
    assert agree(bundle("two", 1.0, form="dict", keys=("'b'", "'a'")), expected)
    assert not agree(bundle(1.0, "two", form="dict", keys=("'a'", "'c'")), expected)
    assert not agree(bundle(1.0, "two"), expected)


def test_containers_agree_on_all_levels():
    assert agree(bundle(bundle(1.0, Nothing())), bundle(bundle(1.0, Nothing())))
    assert not agree(bundle(bundle(1.0, Nothing())), bundle(bundle(2.0, Nothing())))


# Numbers


@pytest.mark.parametrize("value", [3.8, 3.8003, 3.7997])
def test_a_number_agrees_within_one_in_ten_thousand(value):
    assert agree(value, 3.8)


@pytest.mark.parametrize("value", [3.801, -3.8, 0.0, 38.0])
def test_a_number_further_off_does_not_agree(value):
    assert not agree(value, 3.8)


def test_zero_agrees_with_what_rounding_leaves_of_it():
    assert agree(9e-7, 0.0)
    assert not agree(2e-6, 0.0)


def test_the_tolerance_is_relative_to_the_expected_value_not_to_the_students():
    assert not agree(HUGE, 1.0)


def test_an_exercise_may_have_a_tolerance_of_its_own():
    assert agree(3.9, 3.8, Tolerance(rtol=0.05))
    assert not agree(3.8003, 3.8, Tolerance(rtol=0, atol=0))


def test_nan_agrees_with_nan_only():
    assert agree(NAN, NAN)
    assert not agree(NAN, 3.8)
    assert not agree(3.8, NAN)
    assert not agree(NAN, INF)


def test_an_infinity_agrees_with_itself_only():
    assert agree(INF, INF)
    assert not agree(INF, -INF)
    assert not agree(INF, 3.8)
    assert not agree(3.8, INF)
    assert not agree(HUGE, INF)


def test_a_difference_beyond_the_range_of_floats_is_a_difference():
    assert not agree(HUGE * 1.7, -HUGE * 1.7)


# Shapes


@pytest.mark.parametrize("shape", [(), (1,), (1, 1)])
def test_a_tensor_of_one_element_equals_a_number(shape):
    assert agree(tensor(3.8, shape=shape), 3.8)
    assert agree(3.8, tensor(3.8, shape=shape))


def test_a_list_of_one_number_equals_it():
    assert agree(numbers(3.8), 3.8)


def test_axes_of_length_one_do_not_matter():
    assert agree(tensor(1, 2, 3, shape=(1, 3, 1)), tensor(1, 2, 3))


def test_other_axes_matter():
    assert not agree(tensor(1, 2, 3, 4), tensor(1, 2, 3, 4, shape=(2, 2)))


def test_a_number_is_never_broadcast():
    assert not agree(2.0, tensor(2, 2, 2))
    assert not agree(tensor(2, 2, 2), 2.0)


def test_every_element_counts():
    assert agree(tensor(1, 2, 3), numbers(1, 2, 3))
    assert not agree(tensor(1, 2, 3.1), numbers(1, 2, 3))


def test_nan_inside_a_tensor_agrees_at_its_own_place_only():
    assert agree(tensor(1, NAN), tensor(1, NAN))
    assert not agree(tensor(NAN, 1), tensor(1, NAN))


def test_empty_tensors_agree():
    assert agree(tensor(shape=(0,)), tensor(shape=(0,)))


def test_a_tensor_too_large_to_be_recorded_agrees_with_nothing():
    unknown = tensor(shape=(2**30,))
    assert not agree(unknown, unknown)


def test_a_length_that_no_tensor_has_is_no_match():
    assert not agree(tensor(1, 2, shape=(10**400, -1)), tensor(1, 2))


# Kinds


@pytest.mark.parametrize("value", [True, "1", "1.0", tensor(1, shape=(), dtype="bool")])
def test_bool_and_text_never_equal_numbers(value):
    assert not agree(value, 1.0)
    assert not agree(1.0, value)


def test_a_tensor_of_bools_is_no_tensor_of_numbers():
    truths = tensor(1, 0, dtype="bool")
    assert agree(truths, truths)
    assert not agree(truths, tensor(1, 0))


@pytest.mark.parametrize(
    ("entries", "same"),
    [
        ((True, False, True), True),
        ((True, True, True), False),
        ((True, False), False),
        ((1.0, 0.0, 1.0), False),
    ],
)
def test_a_list_of_truth_values_equals_a_tensor_of_them(entries, same):
    listed = bundle(*entries, form="list")
    truths = tensor(1, 0, 1, dtype="bool")
    assert same == agree(listed, truths) == agree(truths, listed)
    assert not agree(listed, tensor(1, 0, 1))
    assert not agree(
        bundle(True, False, True, True, form="list"), tensor(1, 0, 1, 1, shape=(2, 2), dtype="bool")
    )


@pytest.mark.parametrize(
    ("entries", "same"),
    [((1.0, 2.5), True), ((2.5, 1.0), False), ((1.0, 2.5, 3.0), False), (("a", 2.5), False)],
)
def test_a_dict_of_numbers_equals_a_tensor_of_them_in_its_order(entries, same):
    named = bundle(*entries, form="dict", keys=("'a'", "'b'", "'c'")[: len(entries)])
    column = tensor(1, 2.5)
    assert same == agree(named, column) == agree(column, named)
    assert same == (distance(named, column, Tolerance()) <= 1)


def test_bools_and_texts_equal_themselves():
    assert agree(True, True)
    assert not agree(True, False)
    assert agree("resnet", "resnet")


def test_a_module_agrees_with_nothing():
    net = Module(name="Net", parameters=1)
    assert not agree(net, net)
    assert as_number(net) is None


def test_a_graph_is_no_number():
    assert not agree(graph("AddBackward0"), 1.0)


# Half precision


@pytest.mark.parametrize(("dtype", "value"), [("float16", 3.803), ("bfloat16", 3.82)])
def test_half_precision_has_a_wider_tolerance(dtype, value):
    assert agree(tensor(value, dtype=dtype), 3.8)
    assert agree(3.8, tensor(value, dtype=dtype))
    assert not agree(tensor(value), 3.8)


def test_half_precision_is_no_excuse_for_another_value():
    assert not agree(tensor(3.9, dtype="float16"), 3.8)
    assert not agree(tensor(3.9, dtype="bfloat16"), 3.8)


# More than 64 elements


def test_large_tensors_agree_by_their_summaries_and_samples():
    assert agree(large(), large())


def test_sums_of_large_tensors_may_be_off_by_what_their_terms_may():
    assert agree(large(10.003), large(10.0))
    assert not agree(large(10.1), large(10.0))


def test_large_tensors_with_other_samples_differ():
    assert not agree(large().model_copy(update={"elements": (9.0,) * 64}), large())


@pytest.mark.parametrize("place", range(10))
def test_every_entry_of_a_summary_counts(place):
    summary = list(large().summary)
    summary[place] += 5
    assert not agree(large(summary=tuple(summary)), large())


def test_a_nan_in_a_summary_agrees_with_nothing():
    assert not agree(large(NAN), large())


def test_a_summary_of_another_length_agrees_with_nothing():
    assert not agree(large(summary=(1.0,)), large())


def test_the_number_of_nan_counts():
    summary = (1.0, *large().summary[1:])
    assert not agree(large(summary=summary), large())


# Distances


def far(value, expected, tolerance=None) -> float:
    return distance(value_of(value), value_of(expected), tolerance or Tolerance())


def test_a_distance_is_measured_in_tolerances():
    assert far(102.0, 100.0, Tolerance(rtol=0.01, atol=0)) == pytest.approx(2.0)


@pytest.mark.parametrize("value", [3.8, 3.8003, 3.801, 38.0])
def test_a_number_is_within_one_tolerance_where_it_agrees(value):
    assert (far(value, 3.8) <= 1) == agree(value, 3.8)


def test_the_element_that_is_farthest_off_counts():
    assert far(tensor(1.0, 2.5), tensor(1.0, 2.0), Tolerance(rtol=0, atol=0.25)) == 2


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (NAN, NAN),
        (INF, INF),
        (True, True),
        (graph("AddBackward0"), graph("AddBackward0")),
        (tensor(1.0), 1.0),
    ],
)
def test_what_is_the_same_is_at_no_distance(value, expected):
    assert far(value, expected) == 0


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (NAN, 1.0),
        (1.0, INF),
        (True, 1.0),
        (tensor(1.0, 2.0), 1.0),
        (tensor(1.0, 2.0, 3.0, 4.0, shape=(2, 2)), tensor(1.0, 2.0, 3.0, 4.0)),
        (large(9.0), large(10.0)),
        (graph("AddBackward0"), graph("MulBackward0")),
    ],
)
def test_what_cannot_be_compared_is_infinitely_far(value, expected):
    assert far(value, expected) == INF
