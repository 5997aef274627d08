"""The lines of a cell are told with what they effect behind."""

from __future__ import annotations

from grader.outputs.story.lines import MAX_EFFECTS
from grader.outputs.story.statements import MAX_INSIDE, MAX_LINES, MAX_VALUES, lines_of
from grader.trace import CodeCell, Module
from tests.support.traces import (
    gradient,
    graph,
    happens,
    prints,
    sets,
    shows,
    steps,
    tensor,
    value_of,
)

LOOP = "for i in range(50):\n    w = w - 1\n    print(w)"


def collect(source, *events, known=None, keep=()):
    return lines_of(CodeCell(cell=0, source=source), events, {} if known is None else known, keep)


def effects_by_line(source, *events, known=None):
    """Return the effects of each line that has any: passes, then paths and values or the text."""
    lines = collect(source, *events, known=known).lines
    return {
        line.number: [shortened(effect) for effect in line.effects]
        for line in lines
        if line.effects
    }


def shortened(effect):
    values = [(path, getattr(value, "value", None)) for path, value in effect.values]
    return ("/".join(effect.turns), effect.text or dict(values))


def ends(values, line=1, end_line=3, **fields):
    """The end of a loop, as the recorder tells it."""
    return happens(
        "value", values, assigned=tuple(values), turn="last", line=line, end_line=end_line, **fields
    )


def test_a_name_that_is_assigned_stands_beside_its_line():
    assert {2: [("", {"w": 3.8})]} == effects_by_line("lr = 1\nw = f()", sets("w", 3.8, line=2))


def test_all_lines_are_told_but_blank_ones():
    assert [1, 3] == [line.number for line in collect("import torch\n\nw = 1").lines]


def test_a_line_keeps_its_indentation():
    assert ["if x:", "    w = 1"] == [line.source for line in collect("if x:\n    w = 1  ").lines]


def test_a_gradient_stands_beside_the_backward():
    assert {1: [("", {"w.grad": -28.0})]} == effects_by_line("J.backward()", gradient("w", -28.0))


def test_a_parameter_stands_beside_the_step_of_its_optimizer():
    assert {1: [("", {"w": 3.8})]} == effects_by_line("sgd.step()", steps("w", 3.8))


def test_the_value_of_an_expression_stands_beside_it():
    assert {1: [("", {"": 14.0})]} == effects_by_line("J", shows(14.0))


def test_printed_text_stands_beside_the_line_that_printed_it():
    assert {1: [("", "J = 14.0")]} == effects_by_line("print(J)", prints("J = 14.0\n"))


def test_of_much_printed_text_the_first_lines_are_told_and_the_others_counted():
    (effect,) = collect("f()", prints("\n".join("abcdefg"))).lines[0].effects
    assert ("a\nb\nc", 4) == (effect.text, effect.more)


def test_text_of_no_line_is_told_below_the_cell():
    assert ["late"] == [effect.text for effect in collect("f()", prints("late", line=0)).rest]


def test_what_an_expression_only_read_is_told_if_it_is_new():
    event = happens("shown", {"w": 3.8, "x": 1.0}, assigned=(), source="train(w, x)")
    assert {1: [("", {"w": 3.8})]} == effects_by_line(
        "train(w, x)", event, known={"w": value_of(1.0), "x": value_of(1.0)}
    )


def test_a_receiver_that_a_call_did_not_change_is_not_told():
    event = happens("shown", {"J": 14.0}, assigned=("J",), source="J.backward()")
    assert {} == effects_by_line("J.backward()", event, known={"J": value_of(14.0)})


def test_what_print_is_given_is_told_by_what_it_prints():
    event = happens("shown", {"i": 0.0}, source="print(i)")
    assert {1: [("", "0")]} == effects_by_line("print(i)", event, prints("0"))


def test_a_part_of_what_is_shown_is_not_told_again():
    known = {"res['w']": value_of(3.8)}
    assert {} == effects_by_line("res", happens("shown", {"['w']": 3.8}, "res"), known=known)


def test_a_value_is_known_to_the_cells_after():
    known = {}
    collect("w = 1", sets("w", 1.0), known=known)
    assert {"w": value_of(1.0)} == known


# Loops


def test_the_first_pass_the_second_and_the_last_stand_beside_the_line_that_assigns():
    events = (sets("w", 9, line=2), sets("w", 8, line=2, turn="2"), ends({"w": -40.0, "i": 49.0}))
    assert {
        1: [("last", {"i": 49.0})],
        2: [("1", {"w": 9.0}), ("2", {"w": 8.0}), ("last", {"w": -40.0})],
    } == effects_by_line(LOOP, *events)


def test_the_last_text_of_a_loop_stands_beside_the_line_that_prints():
    events = (
        prints("9\n", line=3),
        prints("8\n", line=3),
        prints("7\n6\n-40\n", line=1, end_line=3),
    )
    assert {3: [("1", "9"), ("2", "8"), ("last", "-40")]} == effects_by_line(LOOP, *events)


def test_text_that_the_recorder_may_have_cut_has_no_last_line():
    events = (prints("9\n", line=3), prints("7\n" * 8_000, line=1, end_line=3))
    assert {1: [("", "7\n7\n7")], 3: [("", "9")]} == effects_by_line(LOOP, *events)


def test_the_last_gradient_of_a_loop_is_told_as_such():
    events = (gradient("w", -28), gradient("w", -20, turn="2"), gradient("w", -1, turn="last"))
    assert {
        1: [("1", {"w.grad": -28.0}), ("2", {"w.grad": -20.0}), ("last", {"w.grad": -1.0})]
    } == effects_by_line("J.backward()", *events)


# Functions


def test_lines_of_a_function_of_another_cell_stand_below_the_line_that_called_it():
    inside = sets("w", 3.8, line=2, scope="step", source="w = w - g")
    lines = collect("a = 1\nb = step()\nc = 2", inside, sets("b", 3.8, line=2)).lines
    assert [(1, ""), (2, ""), (2, "step"), (3, "")] == [
        (line.number, line.inside) for line in lines
    ]


def test_calls_from_one_line_are_passes():
    def call(number, turn):
        return sets("w", number, line=7, scope="step", source="w = w - g", turn=turn)

    lines = collect(
        "b = step()", call(1, "1"), sets("b", 1), call(2, "2"), sets("b", 2, turn="2")
    ).lines
    assert [("1", {"w": 1.0}), ("2", {"w": 2.0})] == [
        shortened(effect) for effect in lines[1].effects
    ]


def test_the_last_pass_of_a_function_stands_with_its_other_passes():
    late = gradient("w", -1, line=7, scope="step", source="J.backward()", turn="last")
    first = gradient("w", -28, line=7, scope="step", source="J.backward()")
    lines = collect(
        "for i in r:\n    b = step()",
        first,
        sets("b", 1, line=2),
        late,
        ends({"b": 2.0}, end_line=2),
    ).lines
    assert [(1, ""), (2, ""), (7, "step")] == [(line.number, line.inside) for line in lines]
    assert [("1", {"w.grad": -28.0}), ("last", {"w.grad": -1.0})] == [
        shortened(effect) for effect in lines[2].effects
    ]


def test_a_function_of_the_same_cell_has_its_lines_told_where_they_stand():
    inside = sets("w", 3.8, line=2, scope="step", source="w = 1")
    assert {2: [("", {"w": 3.8})], 3: [("", {"b": 3.8})]} == effects_by_line(
        "def step():\n    w = 1\nb = step()", inside, sets("b", 3.8, line=3)
    )


def test_a_function_that_raised_is_told_at_the_end_of_the_cell():
    inside = sets("w", 3.8, line=9, scope="step", source="w = 1")
    assert ["", "step"] == [line.inside for line in collect("b = step()", inside).lines]


# What was not run, and what is too much


def test_a_command_that_was_not_run_is_told_at_its_line():
    events = [happens("skipped", {}, text="pip install graphviz", line=0)] * 2
    source = "!pip install graphviz\n!pip install graphviz"
    assert [["skipped"], ["skipped"]] == [
        [effect.kind for effect in line.effects] for line in collect(source, *events).lines
    ]


def test_a_command_that_stands_nowhere_is_told_below_the_cell():
    assert ["rm x"] == [
        effect.text for effect in collect("a", happens("skipped", {}, text="rm x", line=0)).rest
    ]


def test_notes_are_told_once():
    note = happens("note", {}, text="exit", line=0)
    assert ["exit"] == [effect.text for effect in collect("exit()", note, note).rest]


def test_of_a_large_network_the_parameters_are_not_told():
    net = {
        "net": Module(name="ResNet", parameters=9),
        **{f"net.{i}": tensor(1.0) for i in range(9)},
    }
    (effect,) = collect("net = f()", happens("value", net, assigned=("net",))).lines[0].effects
    assert (["net"], 0) == ([path for path, _ in effect.values], effect.more)


def test_of_a_small_network_they_are():
    net = {"m": Module(name="Linear", parameters=1), "m.weight": tensor(1.0)}
    (effect,) = collect("m = f()", happens("value", net, assigned=("m",))).lines[0].effects
    assert ["m", "m.weight"] == [path for path, _ in effect.values]


def test_values_beyond_a_few_are_counted():
    many = {f"a{number}": float(number) for number in range(MAX_VALUES + 3)}
    (effect,) = collect("f()", happens("value", many, assigned=tuple(many))).lines[0].effects
    assert (MAX_VALUES, 3) == (len(effect.values), effect.more)


def test_lines_beyond_many_are_counted_but_for_those_that_are_asked_for():
    collected = collect("\n".join(["a = 1"] * (MAX_LINES + 50)), keep=(MAX_LINES + 40,))
    assert (MAX_LINES + 1, 49) == (len(collected.lines), collected.cut)


def test_events_beyond_many_are_counted():
    assert 100_000 - MAX_EFFECTS == collect("a = 1", *[sets("a", 1.0)] * 100_000).left_out


def test_an_event_of_no_line_is_counted():
    assert 1 == collect("a = 1", sets("a", 1, line=7)).left_out


def test_functions_beyond_many_are_counted():
    events = [
        sets("a", 1, scope="f", source="a = 2", line=line) for line in range(1, MAX_INSIDE + 6)
    ]
    collected = collect("a = 1", *events)
    assert (1 + MAX_INSIDE, 5) == (len(collected.lines), collected.left_out)


def test_a_mark_of_the_reference_is_not_told():
    assert {} == effects_by_line("w = 1", happens("mark", {"w-grad": 1.0}))


def test_a_graph_stands_beside_the_line_that_draws_it():
    drawn = graph("AddBackward0")
    assert {1: [("", {"": None})]} == effects_by_line(
        "make_dot(J)", happens("graph", {"make_dot": drawn})
    )
