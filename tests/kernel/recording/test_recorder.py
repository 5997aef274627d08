"""Which events a cell sends: what, where, how often, and to whom they belong."""

from __future__ import annotations

import ast
import builtins
import gc
import math

import pytest

from tests.support.recording import Recording, at, of_kind


@pytest.fixture
def recording():
    return Recording()


def test_an_assignment_is_an_event_with_its_line_source_and_names(recording):
    (event,) = recording.run("# first\nw = 1.5  # mine")
    assert ("value", 0, 2, 2, "w = 1.5  # mine", ("w",), ()) == (
        event.kind,
        event.cell,
        event.line,
        event.end_line,
        event.source,
        event.assigned,
        event.reads,
    )


def test_an_assignment_is_an_event_also_when_the_value_stays_equal(recording):
    assert [1.5, 1.5] == at(recording.run("w = 1.5\nw = w * 1"), "w")


def test_a_name_that_is_only_read_is_an_event_where_it_changed(recording):
    events = recording.run("a = [1.0, 2.0]\nb = a[0]\na.append(3.0)\nc = len(a)")
    assert [(1, (1.0, 2.0)), (3, (1.0, 2.0, 3.0))] == [
        (e.line, e.values["a"].elements) for e in events if "a" in e.values
    ]


def test_an_expressions_value_is_shown(recording):
    recording.run("w = 2.0")
    (event,) = recording.run("w * 3")
    assert ("shown", [6.0], ("w",)) == (event.kind, at([event], ""), event.reads)


def test_a_value_is_copied_so_that_a_later_change_in_place_does_not_change_the_event(recording):
    events = recording.run("""
        import torch
        w = torch.ones(1, dtype=torch.float64)
        w -= 3
    """)
    assert [(1.0,), (-2.0,)] == at(events, "w")


def test_a_change_of_data_is_noticed_though_the_version_is_not_counted_up(recording):
    events = recording.run("""
        import torch
        w = torch.ones(1, requires_grad=True)
        version = w._version
        w.data -= 3
        same = w._version == version
    """)
    assert ([(1.0,), (-2.0,)], [True]) == (at(events, "w"), at(events, "same"))


def test_a_change_of_data_through_another_name_is_noticed_where_the_tensor_is_read(recording):
    events = recording.run("""
        import torch
        w = torch.ones(1, requires_grad=True)
        v = w.data
        v -= 3
        z = w.shape
    """)
    assert [(1.0,), (-2.0,)] == at(events, "w")


def test_a_large_tensor_that_is_only_read_is_recorded_once(recording):
    events = recording.run("""
        import torch
        a = torch.ones(1000)
        b = a.shape
        c = a.shape
        a += 1
        d = a.shape
    """)
    assert [2, 5] == [event.line for event in events if "a" in event.values]


def test_a_large_tensor_of_inference_mode_is_recorded(recording):
    events = recording.run("""
        import torch
        with torch.inference_mode():
            a = torch.ones(1000)
        b = a.shape
    """)
    assert ["a"] == [path for event in events for path in event.values if path == "a"][:1]
    assert [] == of_kind(events, "note")


def test_passes_one_two_and_the_last_are_recorded(recording):
    events = recording.run("s = 0\nfor i in range(1000):\n    s += i\nt = s")
    assert [("1", 0.0), ("2", 1.0), ("last", 499500.0)] == [
        (event.turn, event.values["s"].value)
        for event in events
        if event.line in (2, 3) and "s" in event.values
    ]


def test_of_a_while_loop_the_last_pass_is_recorded(recording):
    events = recording.run("n = 10.0\nwhile n > 0:\n    n -= 1")
    assert [9.0, 8.0, 0.0] == at([event for event in events if event.line > 1], "n")


def test_code_that_a_cell_compiles_again_and_again_has_the_passes_of_one_site(recording):
    def again(source):
        tree = recording.recorder.instrument(substitute=False).visit(ast.parse(source))
        exec(compile(tree, "<again>", "exec"), recording.names)

    recording.names["again"] = again
    events = recording.run("for n in range(9):\n    again('w = n + 0')")
    passes = [(event.turn, event.values["w"].value) for event in events if "w" in event.values]
    assert [("1", 0.0), ("2", 1.0), ("last", 8.0)] == passes


def test_statements_side_by_side_in_a_line_are_sites_of_their_own(recording):
    events = recording.run(
        "a = 1.5; a = 2.5; a = 3.5; a = 4.5\nprint(a); print(a + 1); print(a + 2)"
    )
    assigned = [(event.turn, event.values["a"].value) for event in events if event.kind == "value"]
    assert [("1", 1.5), ("1", 2.5), ("1", 3.5), ("1", 4.5)] == assigned
    assert [4.5, 5.5, 6.5] == at(of_kind(events, "shown"), "argument[0]")


def test_a_function_that_is_called_in_a_loop_is_recorded_twice(recording):
    events = recording.run(
        "def f(k):\n    v = k * 2.5\n    return v\nfor k in range(100):\n    r = f(k)"
    )
    assert ([0.0, 2.5], ["f", "f"]) == (
        at(events, "v"),
        [event.scope for event in events if "v" in event.values],
    )


def test_a_function_is_recorded_anew_in_the_next_cell(recording):
    recording.run("def f(k):\n    v = k * 2.5\nfor k in range(5): f(k)")
    assert [25.0] == at(recording.run("f(10)"), "v")


def test_an_event_in_a_function_of_another_cell_has_the_functions_source_line(recording):
    recording.run("# here\ndef f(k):\n    v = k * 2.5")
    (event,) = [event for event in recording.run("f(10)") if "v" in event.values]
    assert (1, 3, "v = k * 2.5") == (event.cell, event.line, event.source)


def test_the_parts_of_containers_have_paths_of_their_own(recording):
    events = recording.run("""
        import torch
        class Model: pass
        m = Model()
        m.w = 1.5
        res = {'depois': 2.5, 'all': [3.5, 'x']}
        net = torch.nn.Linear(1, 1, bias=False)
        net.weight.data.fill_(4.5)
    """)
    assert ([1.5], [2.5], [3.5], (4.5,)) == (
        at(events, "m.w"),
        at(events, "res['depois']"),
        at(events, "res['all'][0]"),
        at(events, "net.weight")[-1],
    )


@pytest.mark.parametrize(
    ("source", "reads"),
    [
        ("v = 3.5", ()),
        ("v = float('3.5')", ()),
        ("v = torch.tensor(3.5)", ()),
        ("v = Variable(torch.ones(1))", ()),
        ("v = own(2.0)", ("own",)),
        ("v = 1.5 if Own else 2.5", ("Own",)),
        ("v = w * 2", ("w",)),
        ("v = 1.5 if get_ipython else 2.5", ()),
        ("w -= 1", ("w",)),
        ("v = undefined if False else 1.5", ()),
    ],
)
def test_only_names_of_the_students_own_are_read(recording, source, reads):
    recording.run("""
        import torch
        from torch.autograd import Variable
        w = 1.5
        get_ipython = print
        def own(x): return x
        class Own: pass
    """)
    assert reads == recording.run(source)[-1].reads


def test_printed_text_belongs_to_the_statement_that_printed_it(recording):
    def printing(*words):
        recording.recorder.hold_printed(" ".join(map(str, words)) + "\n")

    recording.names["show"] = printing
    events = recording.run("J = 31.36\nshow(J)\nk = 1\nshow('k', k)")
    assert [(2, "31.36\n", ("J",)), (4, "k 1\n", ("k",))] == [
        (event.line, event.text, event.reads) for event in of_kind(events, "printed")
    ]


def test_text_that_a_raising_statement_printed_is_kept(recording):
    recording.names["show"] = recording.recorder.hold_printed
    with pytest.raises(ZeroDivisionError):
        recording.run("show('31.36')\n1 / 0")
    recording.run("x = 1")
    assert ["31.36"] == [event.text for event in of_kind(recording.events(), "printed")]


def test_endless_printing_is_cut(recording):
    recording.names["show"] = recording.recorder.hold_printed
    events = recording.run("for i in range(1000):\n    show('x' * 100)")
    assert max(len(event.text) for event in of_kind(events, "printed")) <= 16_000


def test_printing_is_recorded_again_in_the_next_run_after_too_much_of_it(recording):
    recording.recorder.hold_printed("x" * 50_000)
    recording.recorder.begin_run("variant-1", recording.names)
    recording.names["show"] = recording.recorder.hold_printed
    assert ["31.36"] == [event.text for event in of_kind(recording.run("show('31.36')"), "printed")]


def test_what_print_is_given_is_recorded_apart(recording):
    events = recording.run("a, b = 14.0, 45.36\nprint('change', b - a)")
    assert [pytest.approx(31.36)] == at(events, "argument[1]")


HOSTILE = {
    "eq": "def __eq__(self, other): raise SystemExit('touched')",
    "len": "def __len__(self): raise SystemExit('touched')",
    "repr": "def __repr__(self): raise SystemExit('touched')",
    "getattr": "def __getattr__(self, name): raise SystemExit('touched')",
    "getattribute": "def __getattribute__(self, name): raise SystemExit('touched')",
    "class": "@property\n    def __class__(self): raise SystemExit('touched')",
    "bool": "def __bool__(self): raise SystemExit('touched')",
    "iter": "def __iter__(self): raise SystemExit('touched')",
    "hash": "def __hash__(self): raise SystemExit('touched')",
}


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_a_hostile_object_neither_ends_its_cell_nor_hides_the_values_beside_it(recording, name):
    events = recording.run(
        f"class Evil:\n    {HOSTILE[name]}\n"
        "both = 1.5, Evil()\nevil, w = both[1], 2.5\nu = evil, w\n"
    )
    assert ([2.5], []) == (at(events, "w"), of_kind(events, "note"))


@pytest.mark.parametrize(
    "given",
    [
        "torch.eye(3).to_sparse()",
        "torch.ones(3, device='meta')",
        "torch.ones(99, dtype=torch.complex64)",
        "float('nan')",
    ],
)
def test_an_odd_value_does_not_hide_the_values_beside_it(recording, given):
    events = recording.run(f"import torch\nodd, w = {given}, 2.5\nu = odd, w")
    assert ([2.5], []) == (at(events, "w"), of_kind(events, "note"))


def test_nan_and_infinity_arrive(recording):
    events = recording.run("a, b, c = float('nan'), float('-inf'), 10 ** 5000")
    assert (True, [-math.inf], [math.inf]) == (
        math.isnan(at(events, "a")[0]),
        at(events, "b"),
        at(events, "c"),
    )


def test_a_list_that_holds_itself_ends(recording):
    assert recording.run("a = [1]\na.append(a)\nb = a")


def test_a_recorder_that_cannot_send_does_not_end_the_cell():
    def refuse(event):
        raise OSError("gone")

    recording = Recording()
    recording.recorder.send = refuse
    recording.run("w = 1\nfor i in range(3): w += i")
    assert 4 == recording.names["w"]


def test_an_event_of_a_loop_that_cannot_be_made_does_not_end_the_cell(recording):
    recording.recorder._at_loop_end["x"] = lambda: 1 / 0
    assert ["recorder: ZeroDivisionError"] == [
        event.text for event in of_kind(recording.run("x = 1"), "note")
    ]


def test_recording_to_the_deepest_recursion_does_not_end_the_cell(recording):
    recording.run("""
        def f(n):
            d = n
            try:
                return f(n + 1)
            except RecursionError:
                return n
        x = f(0)
    """)
    assert recording.names["x"] > 100


def test_the_recorder_keeps_no_student_object_alive():
    recording = Recording()
    recording.run("""
        import torch
        class Big: pass
        big = Big()
        big.w = torch.ones(1000)
        gone = []
        import weakref
        alive = weakref.ref(big)
        del big
    """)
    gc.collect()
    assert recording.names["alive"]() is None


# Among the builtins


def probe_names() -> set[str]:
    return {name for name in vars(builtins) if name.startswith("_grader_probe_")}


def test_probes_have_other_names_in_each_run(recording):
    before = probe_names()
    recording.run("x = 1")
    (first,) = probe_names() - before
    recording.recorder.begin_run("variant-1", recording.names)
    recording.run("x = 1")
    (second,) = probe_names() - before - {first}
    assert first.split("_")[3] != second.split("_")[3]


def test_no_attribute_of_a_probe_leads_to_the_recorder(recording):
    before = probe_names()
    recording.run("x = 1")
    (name,) = probe_names() - before
    probe = getattr(builtins, name)
    found = [getattr(probe, attribute) for attribute in ("count", "on", "run", "site")]
    assert not hasattr(probe, "__dict__")
    assert recording.recorder not in found


def test_code_of_an_earlier_run_records_nothing(recording):
    recording.run("def f():\n    v = 2.5\n    return v")
    recording.recorder.begin_run("variant-1", recording.names)
    events = recording.run("y = f()")
    assert ["y"] == [path for event in events for path in event.values]
