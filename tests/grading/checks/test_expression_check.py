"""What the check `test` says of an exercise."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from grader.grading.agreement import Tolerance
from grader.grading.checks.base import Context
from grader.grading.checks.registry import AUTOMATIC
from grader.grading.expectation import Answer, Expectation
from grader.grading.search import Values
from grader.trace import Array, CellRun, CodeCell, Event, Items, Other, Run, Trace
from tests.support.traces import (
    NOTHING,
    Plain,
    decide,
    exercise,
    numbers,
    run,
    tensor,
    trace,
    value_of,
)

LOADER = exercise("loader", "test", equal=("len(loader)", "x.shape"), holds=("shuffled(loader)",))
QUESTION = LOADER.asked
GIVEN = (3.0, numbers(4.0, 2.0), True)
KINDS = {"loader": Other(type="DataLoader"), "x": tensor(0.0, 0.0)}

EXPECTED = Expectation(
    {
        **{
            label: (Answer(value=value_of(v)),)
            for label, v in zip(QUESTION.labels, GIVEN, strict=True)
        },
        **{QUESTION.kind_label(name): (Answer(value=kind),) for name, kind in KINDS.items()},
    },
    Tolerance(),
)


def event(label: str, scope: str, values: Mapping[str, Plain | Other], text: str = "") -> Event:
    described = {k: v if isinstance(v, Other) else value_of(v) for k, v in values.items()}
    return Event(run=label, kind="call", cell=-1, scope=scope, values=described, text=text)


def asked(
    *subjects: tuple[str, Mapping[str, Plain | Other], tuple[Plain | str | None, ...]],
) -> Trace:
    """Write the trace of a notebook: per subject its names, what they are, and what was given."""
    runs = [
        Run(label=QUESTION.found, events=tuple(event("", s, objects) for s, objects, _ in subjects))
    ]
    for number, label in enumerate(QUESTION.labels):
        events = []
        for scope, _, given in subjects:
            result = given[number]
            if isinstance(result, str):
                events.append(event(label, scope, {}, text=result))
            elif result is not None:
                events.append(event(label, scope, {"result": result}))
        runs.append(Run(label=label, events=tuple(events)))
    return trace(run(), *runs)


def own(*given: Plain | str | None) -> Trace:
    return asked(("", KINDS, given))


def told(submitted: Trace) -> tuple[str, str, float]:
    outcome = decide(LOADER, submitted, EXPECTED)
    return outcome.status, outcome.message.id, round(outcome.credit, 2)


def test_right_values_in_another_form_are_left_to_a_person() -> None:
    asked_for = exercise("step", "test", equal=("step(x)",))
    both = Items(form="tuple", entries=(tensor(1.0, 2.0), value_of(0.5)))
    (label,) = asked_for.asked.labels
    expected = Expectation({label: (Answer(value=both),)}, Tolerance())
    statuses = []
    for result in (tensor(1.0, 2.0), tensor(1.0, 3.0)):
        given = Event(run=label, kind="call", cell=-1, values={"result": result})
        found = Run(label=asked_for.asked.found, events=(given,))
        submitted = trace(run(), found, Run(label=label, events=(given,)))
        outcome = decide(asked_for, submitted, expected)
        statuses.append((outcome.status, outcome.message.id))
    assert [("pending", "test.other-form"), ("failed", "test.other")] == statuses


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (GIVEN, ("passed", "test.passed", 1.0)),
        (
            (3.0, numbers(4.0, 2.0), tensor(1.0, shape=(), dtype="bool")),
            ("passed", "test.passed", 1.0),
        ),
        ((2.0, numbers(4.0, 2.0), True), ("partial", "test.other", 0.67)),
        ((3.0, numbers(4.0, 2.0), False), ("partial", "test.not-true", 0.67)),
        ((3.0, numbers(4.0, 2.0), 1.0), ("partial", "test.not-true", 0.67)),
        ((3.0, "AttributeError", True), ("partial", "test.raises", 0.67)),
        ((3.0, "TimeoutError", True), ("partial", "test.no-end", 0.67)),
        ((1.0, numbers(4.0), False), ("failed", "test.other", 0.0)),
        ((None, None, None), ("failed", "test.other", 0.0)),
    ],
)
def test_each_expression_earns_a_share(given, expected):
    assert expected == told(own(*given))


def test_a_name_that_is_not_there_is_named():
    nothing = trace(run(), Run(label=QUESTION.found, events=(event("", "", {}, text="loader"),)))
    outcome = decide(LOADER, nothing, EXPECTED)
    assert ("missing", "loader") == (outcome.status, outcome.message.params["name"])


def test_a_notebook_that_was_not_asked_lacks_the_first_name():
    outcome = decide(LOADER, trace(run()), EXPECTED)
    assert ("missing", "loader") == (outcome.status, outcome.message.params["name"])


def test_an_object_of_the_references_class_stands_in():
    assert ("passed", "test.passed", 1.0) == told(asked(("dl for loader", KINDS, GIVEN)))


def test_an_object_of_another_class_does_not():
    others = {**KINDS, "loader": Other(type="list")}
    assert "missing" == told(asked(("dl for loader", others, GIVEN)))[0]


def test_the_name_that_is_told_is_the_one_that_is_not_there():
    others = {**KINDS, "x": tensor(0.0, 0.0, 0.0)}
    outcome = decide(LOADER, asked(("other for x", others, GIVEN)), EXPECTED)
    assert ("missing", "x") == (outcome.status, outcome.message.params["name"])


def test_an_object_that_a_given_cell_makes_does_not_stand_in():
    stands_in = asked(("dl for loader", KINDS, GIVEN))
    for handout, expected in ((True, "missing"), (False, "passed")):
        cell = CodeCell(cell=0, source="dl = f()", handout=handout)
        assert expected == told(stands_in.model_copy(update={"cells": (cell,)}))[0]


def test_of_two_stand_ins_a_person_chooses():
    trace = asked(
        ("a for loader", KINDS, GIVEN), ("b for loader", KINDS, (1.0, numbers(1.0), False))
    )
    assert ("pending", "probe.several", 0.0) == told(trace)


def test_two_stand_ins_that_are_both_wrong_are_denied():
    wrong = (1.0, numbers(1.0), False)
    assert (
        "failed" == told(asked(("a for loader", KINDS, wrong), ("b for loader", KINDS, wrong)))[0]
    )


# Names that are not there


def lacking(missing: str, source: str = "") -> tuple[str, str]:
    """Decide a notebook that lacks names, and whose only cell raised an exception."""
    listing = Run(label=QUESTION.found, events=(event("", "", {}, text=missing),))
    ended = [CellRun(cell=0, status="error", error="NameError")]
    found = decide(LOADER, trace(run(ended=ended), listing, sources=(source,)), EXPECTED)
    return found.message.id, str(found.message.params["name"])


def test_a_name_that_is_not_there_is_told():
    assert ("probe.missing", "x") == lacking("x")


def test_several_names_that_are_not_there_are_told_together():
    listing = Run(label=QUESTION.found, events=(event("", "", {}, text="loader, x"),))
    found = decide(LOADER, trace(run(), listing), EXPECTED).message
    assert ("probe.missing-several", "`loader`, `x`") == (found.id, found.params["names"])


def test_a_name_whose_cell_raised_before_is_told_with_it():
    assert ("probe.never-defined", "x") == lacking("loader, x", "y = z\nx = 3")


def test_a_cell_that_raised_is_not_told_for_a_name_that_it_does_not_define():
    objects = {"loader": Other(type="Net"), "x": KINDS["x"]}
    listing = Run(label=QUESTION.found, events=(event("", "net for loader", objects),))
    ended = [CellRun(cell=0, status="error", error="RuntimeError")]
    sources = ("class Net:\n    pass\nNet()",)
    found = decide(LOADER, trace(run(ended=ended), listing, sources=sources), EXPECTED)
    assert "probe.missing" == found.message.id


# Functions of the author's that raise


def raising(kinds: Mapping[str, Plain | Other], by: Mapping[str, Plain]) -> tuple[str, str]:
    """Decide a notebook with these objects, where the second expression raised."""
    submitted = asked(("", kinds, (3.0, "AttributeError", True)))
    runs = list(submitted.runs)
    second = next(each for each in runs if each.label == QUESTION.labels[1])
    events = tuple(each.model_copy(update={"values": record(by)}) for each in second.events)
    runs[runs.index(second)] = second.model_copy(update={"events": events})
    outcome = decide(LOADER, submitted.model_copy(update={"runs": tuple(runs)}), EXPECTED)
    return outcome.status, outcome.message.id


def record(values: Mapping[str, Plain]) -> dict[str, object]:
    return {name: value_of(value) for name, value in values.items()}


AUTHORS = {"(raised in)": "author"}


@pytest.mark.parametrize(
    "kind",
    [
        Other(type="DataFrame"),
        Other(type="list"),
        Array(origin="array", shape=(2,), dtype="float64", elements=()),
        Array(origin="tensor", shape=(2,), dtype="float64", elements=()),
        Array(origin="list", shape=(2, 2), dtype="list", elements=()),
    ],
)
def test_what_an_authors_function_cannot_read_is_left_to_a_person(kind: Other | Array):
    assert ("pending", "probe.helper-raises") == raising({**KINDS, "x": kind}, AUTHORS)


@pytest.mark.parametrize(
    "kind",
    [
        KINDS["x"],
        Other(type="nothing"),
        Other(type="ellipsis"),
        Other(type="empty"),
        Other(type="text"),
        Other(type="number"),
        Other(type="type"),
        Array(origin="array", shape=(0,), dtype="float64", elements=()),
    ],
)
def test_a_placeholder_and_the_references_kind_do_not_wait(kind: Other | Array):
    assert ("partial", "test.raises") == raising({**KINDS, "x": kind}, AUTHORS)


EXPRESSION = {"(raised in)": "expression"}
NUMBERS = Array(origin="array", shape=(2,), dtype="float64", elements=())


def test_what_an_expression_cannot_read_is_left_to_a_person_if_it_holds_numbers():
    assert ("pending", "probe.helper-raises") == raising({**KINDS, "x": NUMBERS}, EXPRESSION)
    assert ("partial", "test.raises") == raising({**KINDS, "x": Other(type="list")}, EXPRESSION)


def test_a_list_of_numbers_in_place_of_an_object_does_not_wait():
    numbers = Array(origin="list", shape=(3,), dtype="list", elements=())
    assert ("partial", "test.raises") == raising({**KINDS, "loader": numbers}, AUTHORS)


def test_what_the_students_code_raised_does_not_wait():
    assert ("partial", "test.raises") == raising({**KINDS, "x": Other(type="DataFrame")}, {})


@pytest.mark.parametrize(
    ("other", "told_of"),
    [
        ("loader = DataLoader(other)", ("pending", "test.rebound")),
        ("for batch in loader: pass", ("partial", "test.other")),
    ],
)
def test_a_wrong_value_of_a_name_that_several_cells_bind_is_left_to_a_person(
    other: str, told_of: tuple[str, str]
) -> None:
    sources = ("loader = DataLoader(data)", other)
    cells = tuple(CodeCell(cell=index, source=text) for index, text in enumerate(sources))
    submitted = own(9.0, numbers(4.0, 2.0), True).model_copy(update={"cells": cells})
    context = Context(Values(submitted), EXPECTED, NOTHING)
    outcome = AUTOMATIC["test"].decide(LOADER, context)
    assert told_of == (outcome.status, outcome.message.id)
