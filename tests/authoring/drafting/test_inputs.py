"""Data that answers depend on, and how it is related."""

from __future__ import annotations

from typing import Any

from grader.authoring.drafting.inputs import NamedData, find_data
from grader.authoring.drafting.solved import DraftCell, DraftLine, Task
from grader.trace import Array, Event, Number, Run, Value


def array(
    *numbers: float, dtype: str = "float32", origin: Any = "tensor", shape: tuple[int, ...] = ()
) -> Array:
    return Array(origin=origin, shape=shape or (len(numbers),), dtype=dtype, elements=numbers)


def assigned(cell: int, line: int, name: str, value: Value) -> Event:
    return Event(
        run="solved", kind="value", cell=cell, line=line, assigned=(name,), values={name: value}
    )


X = array(0.0, 1.0, 2.0, 3.0)
Y = array(0.0, 2.0, 4.0, 6.0)
GIVEN = DraftCell(
    "code",
    tuple(map(DraftLine, ["x = torch.arange(0., 4.)", "k = 2", "y = k * x", "z = torch.randn(4)"])),
)
ANSWER = DraftCell("code", (DraftLine("loss = (x - y + z).sum()", in_handout=False),))
EVENTS = (
    assigned(0, 1, "x", X),
    assigned(0, 2, "k", Number(value=2)),
    assigned(0, 3, "y", Y),
    assigned(0, 4, "z", array(0.3, -1.0, 0.7, 0.1)),
    assigned(1, 1, "loss", array(1.0, 2.0, 3.0)),
)


def found_inputs(
    *events: Event, cells: tuple[DraftCell, ...] = (GIVEN, ANSWER)
) -> dict[str, NamedData]:
    data = find_data(cells, [Task("Task", (1,))], Run(label="solved", events=events or EVENTS))
    return {named.name: named for named in data.inputs}


def test_data_is_what_students_are_given_and_answers_read():
    assert ["x", "y", "z"] == list(found_inputs())


def test_a_relation_to_other_data_is_kept_with_its_numbers():
    assert "2 * x" == found_inputs()["y"].relation


def test_a_relation_that_the_numbers_have_is_kept_too():
    lines = [
        "x = torch.arange(0., 4.)",
        "k = 2",
        "y = torch.tensor([1., -2., -5., -8.])",
        "z = torch.randn(4)",
    ]
    events = (EVENTS[0], assigned(0, 3, "y", array(1.0, -2.0, -5.0, -8.0)), EVENTS[3])
    cells = (DraftCell("code", tuple(map(DraftLine, lines))), ANSWER)
    assert ["", "-3 * x + 1", ""] == [
        data.relation for data in found_inputs(*events, cells=cells).values()
    ]


def test_what_is_drawn_at_random_is_told():
    assert [False, False, True] == [data.drawn for data in found_inputs().values()]


def test_what_no_answer_reads_is_no_data():
    answer = DraftCell("code", (DraftLine("loss = x.sum()", in_handout=False),))
    assert ["x"] == list(found_inputs(cells=(GIVEN, answer)))


def test_what_is_read_by_way_of_another_name_is_data():
    between = DraftCell("code", (*GIVEN.lines, DraftLine("u = x + 1")))
    answer = DraftCell("code", (DraftLine("loss = u.sum()", in_handout=False),))
    assert "x" in found_inputs(cells=(between, answer))


def test_what_an_answer_makes_is_no_data():
    makes = DraftCell(
        "code", (DraftLine("def half(a):"), DraftLine("    return a / 2", in_handout=False))
    )
    shown = DraftCell("code", (DraftLine("y = half(x)"),))
    answer = DraftCell("code", (DraftLine("loss = (x - y).sum()", in_handout=False),))
    events = (EVENTS[0], assigned(2, 1, "y", Y))
    data = find_data(
        (GIVEN, makes, shown, answer), [Task("T", (1, 3))], Run(label="s", events=events)
    )
    assert ["x"] == [named.name for named in data.inputs]


def test_parameters_are_no_data():
    weights = X.model_copy(update={"requires_grad": True})
    assert ["y", "z"] == list(found_inputs(assigned(0, 1, "x", weights), *EVENTS[1:]))


def test_the_same_numbers_under_another_name_are_the_same_data():
    assert ["x", "z"] == list(found_inputs(EVENTS[0], EVENTS[1], assigned(0, 3, "y", X), EVENTS[3]))


def test_too_many_numbers_are_told_and_left():
    large = Array(
        origin="tensor", shape=(100,), dtype="float32", elements=tuple(map(float, range(64)))
    )
    data = find_data(
        (GIVEN, ANSWER), [Task("T", (1,))], Run(label="s", events=(assigned(0, 1, "x", large),))
    )
    assert ((), ("x",)) == (data.inputs, data.too_large)


def test_what_a_list_becomes_later_is_not_what_it_is_given_as():
    later = Event(run="s", kind="value", cell=0, line=3, assigned=("x",), values={"x": X})
    assert {} == found_inputs(later)
