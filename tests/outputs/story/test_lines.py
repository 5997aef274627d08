"""A line is told with what each pass left behind, each thing once."""

from __future__ import annotations

import pytest

from grader.outputs.story.lines import MAX_EFFECTS, Effect, LineDraft, is_nameless
from tests.support.traces import graph, tensor, value_of


def effect(*pairs, kind="value", turn="1", text=""):
    values = tuple((path, value_of(plain)) for path, plain in pairs)
    return Effect(kind, values, text=text, turns=(turn,))


def turns_and_paths(*effects):
    """Return turns and paths, or the text, of each effect of a line."""
    draft = LineDraft(1, "w = f(x)")
    for item in effects:
        draft.add(item)
    return [
        (item.turns, [path for path, _ in item.values] or item.text)
        for item in draft.line().effects
    ]


def test_a_line_that_ran_once_is_told_without_a_pass():
    assert [((), ["w"])] == turns_and_paths(effect(("w", 1)))


def test_passes_are_told_apart_where_they_left_different_things():
    assert [(("1",), ["w"]), (("2",), ["w"])] == turns_and_paths(
        effect(("w", 1)), effect(("w", 2), turn="2")
    )


def test_passes_that_left_the_same_are_told_together():
    assert [(("1",), ["w"]), (("2", "last"), ["w"])] == turns_and_paths(
        effect(("w", 1)), effect(("w", 2), turn="2"), effect(("w", 2), turn="last")
    )


def test_a_loop_of_one_pass_is_told_as_a_line_that_ran_once():
    assert [((), ["w"])] == turns_and_paths(effect(("w", 1)), effect(("w", 1), turn="last"))


def test_what_a_loop_left_is_told_as_such_where_nothing_else_is():
    assert [(("last",), ["i"])] == turns_and_paths(effect(("i", 9), turn="last"))


def test_of_nested_loops_the_end_of_the_outermost_is_told():
    draft = LineDraft(1, "z = k")
    for number in (1, 2, 3):
        draft.add(effect(("z", number), turn="last"))
    assert [value_of(3)] == [value for item in draft.line().effects for _, value in item.values]


def test_a_value_without_a_name_is_not_told_beside_one_that_has_it():
    assert [((), ["w"])] == turns_and_paths(effect(("w", 1)), effect(("", 1), kind="shown"))


def test_how_a_tensor_is_differentiated_makes_no_other_value_of_it():
    detached, leaf = tensor(3.8), tensor(3.8, requires_grad=True)
    assert [((), ["p['w']"])] == turns_and_paths(
        effect(("", detached), ("p['w']", leaf), kind="shown")
    )


def test_a_drawn_graph_is_told_once():
    drawn = graph("AddBackward0")
    assert [((), ["g"])] == turns_and_paths(
        effect(("make_dot", drawn), kind="graph"), effect(("g", drawn))
    )


def test_what_is_printed_is_not_told_a_second_time_as_an_argument():
    printed = Effect("printed", text="14.0", turns=("1",))
    assert [((), "14.0")] == turns_and_paths(effect(("argument[0]", 14.0), kind="shown"), printed)


def test_what_is_displayed_is_told_without_the_recorders_name_for_it():
    assert [((), [""])] == turns_and_paths(effect(("argument[0]", 14.0), kind="shown"))


def test_what_is_more_than_a_person_reads_is_counted():
    draft = LineDraft(1, "w = f(x)")
    for number in range(MAX_EFFECTS + 5):
        draft.add(effect(("w", number)))
    assert (MAX_EFFECTS, 5) == (len(draft.line().effects), draft.line().more)


@pytest.mark.parametrize(
    ("path", "nameless"),
    [
        ("", True),
        ("argument[0]", True),
        ("grad[0]", True),
        ("make_dot", True),
        ("w", False),
        ("argument", False),
    ],
)
def test_names_that_the_recorder_gives_are_none_of_the_students(path, nameless):
    assert nameless == is_nameless(path)
