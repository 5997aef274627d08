"""What it is worth that an equal value stands where it does."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from grader.grading.checks.base import Context
from grader.grading.checks.registry import AUTOMATIC
from grader.grading.expectation import Expectation
from grader.grading.marked_answers import MarkedAnswer
from grader.grading.match_places import exercise_places
from grader.grading.mistake_search import Failures, explain_failures
from grader.grading.mistakes import single
from grader.grading.search import Values
from grader.notebook.alignment import Alignment
from grader.notebook.cells import NotebookCell
from grader.trace import BASE, CellRun, Event, Trace
from tests.support.traces import (
    NOTHING,
    VARIANTS,
    exercise,
    expects,
    happens,
    knowledge,
    mistake,
    numbers,
    prints,
    run,
    sets,
    tensor,
    trace,
)

TEXTS = {0: "One", 2: "Two"}
"""The texts of the handout, by their cells: below each, students write one cell."""

MARKED = {
    "acc": MarkedAnswer(names=("acc",), sections=(0,)),
    "other": MarkedAnswer(names=("other",), sections=(2,)),
}
PASSED = ("passed", "value.passed-unvaried")
ABSENT = ("failed", "value.absent")
ELSEWHERE = ("pending", "value.elsewhere")
TYPED_IN = ("pending", "value.typed-in")
HERE, BELOW, SCRATCH = 1, 3, 4
EXPECTED = expects(0.96)
FOLLOWS = expects(0.96, 0.5, 0.25)
FOLLOWS_FINELY = expects(0.9612, 0.5, 0.25)
TYPED_LIST = "a = [0.9612, 0.25, 0.5, 0.75]"


def submitted(*events: Event, sources: dict[int, str], handout: Sequence[int] = ()) -> Trace:
    """Make a notebook with texts in cells 0 and 2, and code in the others."""
    code = [sources.get(cell, "") for cell in range(5)]
    runs = [run(*events)]
    for label in VARIANTS:
        runs.append(run(*events, label=label))
    return trace(*runs, sources=code, handout=handout)


def told(
    given: Trace,
    expected: Expectation = EXPECTED,
    marked: MarkedAnswer = MARKED["acc"],
    **fields: object,
) -> tuple[str, str]:
    """Decide the exercise `acc`, which is answered below the text One; give status and message."""
    asked = exercise("acc", **fields)
    known = knowledge(acc=expected, other=expects(3.0))
    known.marked.update({**MARKED, "acc": marked})
    values = Values(given)
    place = exercise_places(values, [asked], known, alignment())["acc"]
    context = Context(values, expected, NOTHING, place=place)
    outcome = AUTOMATIC["value"].decide(asked, context)
    return outcome.status, outcome.message.id


def alignment(texts: dict[int, str] = TEXTS) -> Alignment:
    handout = cells(TEXTS)
    return Alignment(cells(texts), handout)


def cells(texts: dict[int, str]) -> list[NotebookCell]:
    made = []
    for index in range(5):
        kind = "markdown" if index in texts else "code"
        made.append(NotebookCell(kind=kind, source=texts.get(index, "")))
    return made


def one_line(source: str, event: Event) -> Trace:
    """Make a notebook with one line of code."""
    filled = event.model_copy(update={"source": source, "end_line": 1})
    return submitted(filled, sources={event.cell: source})


# Where it stands


def test_a_value_in_the_section_answers_under_any_name():
    assert PASSED == told(one_line("a = right / n", sets("a", 0.96, "right n", cell=HERE)))


def test_a_value_under_the_references_name_answers_anywhere():
    assert PASSED == told(one_line("acc = f(x)", sets("acc", 0.96, cell=BELOW)))


def test_a_value_in_a_cell_of_no_exercise_waits_for_a_person():
    made = one_line("a = f(x)", sets("a", 0.96, cell=HERE))
    elsewhere = MarkedAnswer(names=("acc",), sections=(2,))
    others = {"other": MarkedAnswer(sections=(7,))}
    known = knowledge(acc=EXPECTED, other=NOTHING)
    known.marked.update({"acc": elsewhere, **others})
    place = exercise_places(Values(made), [exercise("acc")], known, alignment())["acc"]
    context = Context(Values(made), EXPECTED, NOTHING, place=place)
    assert "value.elsewhere" == AUTOMATIC["value"].decide(exercise("acc"), context).message.id


def test_a_value_in_another_section_waits_where_the_own_one_is_empty():
    assert ELSEWHERE == told(one_line("a = f(x)", sets("a", 0.96, cell=BELOW)))


def test_a_value_in_another_section_is_nothing_beside_an_own_try():
    tried = sets("b", 0.5, cell=HERE)
    equal = sets("a", 0.96, cell=BELOW, source="a = f(x)")
    sources = {HERE: "b = g(x)", BELOW: "a = f(x)"}
    assert ABSENT == told(submitted(tried, equal, sources=sources))


def test_a_small_number_in_another_section_is_nothing():
    one = expects(1.0)
    assert ABSENT == told(one_line("a = f(x)", sets("a", 1.0, cell=BELOW)), one)


def test_the_answer_of_another_exercise_is_no_sign_of_this_one():
    made = one_line("a = f(x)", sets("a", 30.5, cell=BELOW))
    known = knowledge(acc=expects(30.5), other=expects(30.5))
    known.marked.update(MARKED)
    place = exercise_places(Values(made), [exercise("acc")], known, alignment())["acc"]
    context = Context(Values(made), expects(30.5), NOTHING, place=place)
    assert "value.absent" == AUTOMATIC["value"].decide(exercise("acc"), context).message.id


def test_a_function_of_the_section_answers_where_another_cell_calls_it():
    sources = {HERE: "def f(x):\n    a = x / 2\n    return a", BELOW: "f(x)"}
    inside = sets("a", 0.96, cell=BELOW, line=2, scope="f", source="a = x / 2")
    assert PASSED == told(submitted(inside, sources=sources))


# Of equal numbers, some are there by chance


@pytest.mark.parametrize(
    ("source", "event"),
    [
        ("for i in range(2):\n    pass", sets("i", 0.96, "range", turn="last", cell=HERE)),
        (
            "for i in range(2):\n    print(i)",
            happens("shown", {"argument[0]": 0.96}, "i", cell=HERE),
        ),
        ("for v in values:\n    pass", sets("v", 0.96, "values", turn="last", cell=HERE)),
        ("i = 0\nwhile i < 2:\n    i += 1", sets("i", 0.96, "i", turn="last", cell=HERE)),
        ("epochs = 0.96", sets("epochs", 0.96, "", cell=HERE)),
    ],
)
def test_a_counter_and_a_written_number_are_nothing(source, event):
    assert ABSENT == told(submitted(event, sources={HERE: source}))


def test_an_element_of_a_long_list_is_nothing():
    history = sets("h", numbers(0.1, 0.96, 0.3, 0.4), cell=HERE)
    assert ABSENT == told(submitted(history, sources={HERE: "h = f(x)"}))


def test_the_last_element_of_a_long_list_waits_for_a_person():
    history = sets("h", numbers(0.1, 0.2, 0.3, 0.96), cell=HERE)
    assert ELSEWHERE == told(submitted(history, sources={HERE: "h = f(x)"}))


def test_an_element_of_a_short_list_answers():
    pair = sets("h", numbers(0.1, 0.96), cell=HERE)
    assert PASSED == told(submitted(pair, sources={HERE: "h = f(x)"}))


def test_one_of_many_printed_numbers_is_nothing():
    text = "0.111 0.960 0.333 0.444"
    assert ABSENT == told(submitted(prints(text, cell=HERE), sources={HERE: "print(t)"}))


def test_a_part_of_a_printed_sentence_answers():
    event = happens("shown", {"argument[0][1]": 0.96}, "right n", cell=HERE, source="print(s)")
    assert PASSED == told(submitted(event, sources={HERE: "print(f'it is {right / n}')"}))


# What is typed in


def test_a_number_typed_in_under_the_name_waits_for_a_person():
    assert TYPED_IN == told(one_line("acc = 0.96", sets("acc", 0.96, "", cell=HERE)))


def test_a_number_that_was_typed_in_before_is_still_typed_in():
    typed = sets("e", 0.96, "", cell=HERE, source="e = 0.96", end_line=1)
    copied = sets("a", 0.96, "e", cell=HERE, line=2, end_line=2, source="a = e")
    assert ABSENT == told(submitted(typed, copied, sources={HERE: "e = 0.96\na = e"}))


@pytest.mark.parametrize(
    ("source", "written"),
    [
        ("e = 0.96002", 0.96002),
        ("e = torch.tensor([0.96002])", tensor(0.96002)),
        ("e = torch.tensor([0.96002]).reshape(())", 0.96002),
    ],
)
def test_a_number_that_was_typed_in_is_not_computed_by_being_printed(source, written):
    typed = sets("e", written, "", cell=HERE, source=source, end_line=1)
    shown = happens(
        "printed", {}, "e", cell=HERE, line=2, end_line=2, text="0.9600", source="print(e)"
    )
    code = {HERE: f"{source}\nprint(e)"}
    assert PASSED != told(submitted(typed, shown, sources=code))
    computed = sets("e", written, "right", cell=HERE, source="e = right / n", end_line=1)
    assert PASSED == told(submitted(computed, shown, sources={HERE: "e = right / n\nprint(e)"}))


def test_reckoning_with_written_numbers_waits_for_a_person():
    assert TYPED_IN == told(one_line("a = 1 - 0.04", sets("a", 0.96, "", cell=HERE)))


def test_a_value_that_no_name_goes_into_may_be_computed():
    zeros = tensor(0.0, 0.0)
    made = one_line("z = torch.zeros(2)", sets("z", zeros, "", cell=HERE))
    assert PASSED == told(made, expects(zeros))


def test_where_the_reference_writes_the_answer_out_students_may():
    marked = MarkedAnswer(names=("acc",), sections=(0,), typed_in=True)
    assert PASSED == told(one_line("a = 0.96", sets("a", 0.96, "", cell=HERE)), marked=marked)


# Cells of the handout


@pytest.mark.parametrize("expected", [EXPECTED, FOLLOWS])
def test_a_given_cell_holds_no_answer(expected):
    event = sets("acc", 0.96, cell=HERE)
    assert (
        "value.missing"
        == told(submitted(event, sources={HERE: "acc = f(x)"}, handout=[HERE]), expected)[1]
    )


def test_a_given_cell_holds_an_answer_where_the_assignment_says_so():
    event = sets("acc", 0.96, cell=HERE)
    made = submitted(event, sources={HERE: "acc = f(x)"}, handout=[HERE])
    assert PASSED == told(made, handout_counts=True)


def test_a_given_cell_that_the_reference_marks_answers_by_the_students_code():
    sources = {HERE: "def f():\n    return g()", BELOW: "acc = f()"}
    marked = MarkedAnswer(names=("acc",), sections=(2,), given=("acc = f()",))
    given = sets("acc", 0.96, "f", cell=BELOW)
    defines = sets("n", 2.0, cell=HERE)
    made = submitted(defines, given, sources=sources, handout=[BELOW])
    assert PASSED == told(made, marked=marked)


@pytest.mark.parametrize(
    ("own", "given", "expected"),
    [
        ("torch.manual_seed(0)\na = g(x)", "acc = f()", ABSENT),
        ("%matplotlib inline\na = g(x)", "acc = f()", ABSENT),
        ("a = g(x)\ntorch.save(a, 'a.pt')", "acc = f()", ABSENT),
        ("a = g(x)\ntorch.save(a, 'a.pt')", "acc = torch.load('a.pt')", ELSEWHERE),
        ("%run tools.py\na = g(x)", "acc = f()", ELSEWHERE),
    ],
)
def test_a_given_cell_is_the_students_by_what_it_may_use_of_theirs(own, given, expected):
    runs = []
    for label, right in zip((BASE, *VARIANTS), (0.96, 0.5, 0.25), strict=True):
        tried = sets("a", 7.5, "g x", cell=HERE)
        made = sets("acc", right, "f", cell=BELOW)
        runs.append(run(tried, made, label=label))
    sources = ["", own, "", given, ""]
    submission = trace(*runs, sources=sources, handout=[BELOW])
    assert expected == told(submission, FOLLOWS)


def test_a_wrong_function_that_a_given_cell_calls_is_the_students_code():
    sources = {HERE: "def f():\n    a = g()\n    return a", BELOW: "acc = f()"}
    inside = sets("a", 0.5, "g", cell=BELOW, scope="f")
    made = submitted(inside, sources=sources, handout=[BELOW])
    assert ABSENT == told(made)


# What the exercise says


def test_here_is_asked_for_with_variants_too():
    elsewhere = one_line("acc = f(x)", sets("acc", 0.96, cell=BELOW))
    assert "value.absent-here" == told(elsewhere, where="here")[1]


def test_a_value_under_the_name_is_asked_for():
    assert PASSED == told(one_line("acc = f(x)", sets("acc", 0.96, cell=BELOW)), where="name")


def test_a_value_under_another_name_waits_where_the_name_is_not_there():
    made = one_line("accuracy = f(x)", sets("accuracy", 0.96, cell=HERE))
    assert ELSEWHERE == told(made, where="name")


def test_a_value_under_another_name_is_nothing_where_the_name_is_there():
    right = sets("accuracy", 0.96, cell=HERE)
    named = sets("acc", 0.5, cell=HERE)
    sources = {HERE: "accuracy = f(x)\nacc = g(x)"}
    assert ABSENT == told(submitted(right, named, sources=sources), where="name")


def test_a_value_that_variants_tell_apart_may_stand_anywhere():
    events = []
    for label, value in zip(("base", *VARIANTS), (0.96, 0.5, 0.25), strict=True):
        events.append(run(sets("a", value, cell=BELOW), label=label))
    made = trace(*events, sources=["", "", "", "a = f(x)", ""])
    assert ("passed", "value.passed") == told(made, FOLLOWS)


# Mistakes

SUM = mistake("sum", acc=expects(96.5), other=expects(9.75))


def mistakes(*events: Event, sources: dict[int, str]) -> list[str]:
    """List the mistakes that explain a notebook in which both exercises failed."""
    made = submitted(*events, sources=sources)
    exercises = [exercise("acc"), exercise("other")]
    known = knowledge(acc=EXPECTED, other=expects(3.0))
    known.marked.update(MARKED)
    values = Values(made)
    places = exercise_places(values, exercises, known, alignment())
    failures = Failures(
        values, exercises, {}, {"acc": NOTHING, "other": NOTHING}, places=places, unvaried=MARKED
    )
    return [one.way.id for one in explain_failures(failures, [single(SUM)])]


def test_a_mistake_is_told_by_a_value_in_the_section():
    assert ["sum"] == mistakes(sets("a", 96.5, cell=HERE), sources={HERE: "a = f(x)"})


def test_one_equal_value_elsewhere_tells_no_mistake():
    assert [] == mistakes(sets("a", 96.5, cell=BELOW), sources={BELOW: "a = f(x)"})


def test_two_values_elsewhere_bear_each_other_out():
    first = sets("a", 96.5, cell=SCRATCH)
    second = sets("b", 9.75, cell=SCRATCH)
    assert ["sum"] == mistakes(first, second, sources={SCRATCH: "a = f(x)\nb = g(x)"})


def test_an_element_of_a_long_list_tells_no_mistake():
    history = sets("h", numbers(1.0, 96.5, 2.0, 3.0), cell=HERE)
    assert [] == mistakes(history, sources={HERE: "h = f(x)"})


# Loops


def loop(value_at_end: float) -> Trace:
    """Make a notebook that counts in a loop, and then computes something else."""
    source = "right = 0\nfor x in data:\n    right += 1\na = right / n"
    counts = sets("right", 1.0, "right", cell=HERE, line=3, end_line=3, source="right += 1")
    left = sets("right", value_at_end, "right data", cell=HERE, line=2, end_line=3, turn="last")
    return submitted(counts, left, sources={HERE: source})


def test_a_count_on_its_way_is_nothing():
    assert ABSENT == told(loop(50.0), expects(1.0))


def test_what_a_loop_leaves_answers():
    assert PASSED == told(loop(50.0), expects(50.0))


def test_a_telling_value_of_an_early_pass_waits_for_a_person():
    source = "for e in epochs:\n    a = f(x)"
    early = sets("a", 0.96, cell=HERE, line=2, end_line=2, source="a = f(x)")
    left = sets("a", 0.5, "epochs", cell=HERE, line=1, end_line=2, turn="last")
    assert ELSEWHERE == told(submitted(early, left, sources={HERE: source}))


def test_what_a_given_cell_makes_of_a_students_lambda_is_not_missing():
    sources = {HERE: "f = lambda: g()", BELOW: "acc = f()"}
    given = sets("acc", 0.5, "f", cell=BELOW)
    made = submitted(given, sources=sources, handout=[BELOW])
    own = made.base.model_copy(
        update={"cells": (CellRun(cell=HERE, status="ok"), *made.base.cells)}
    )
    assert ABSENT == told(made.model_copy(update={"runs": (own,)}))


def test_a_number_among_those_of_another_exercise_is_not_called_hard_coded():
    """Nothing was typed in: the answer is not there."""
    runs = []
    for number, label in enumerate((BASE, *VARIANTS)):
        table = f"tensor([[{0.9612 + number}, {number}.2514], [{number}.5231, {number}.7581]])"
        data = sets("d", float(number), cell=HERE)
        runs.append(run(data, prints(table, cell=BELOW), label=label))
    sources = ["", "d = x", "", "print(x)", ""]
    assert ABSENT == told(trace(*runs, sources=sources), FOLLOWS_FINELY)


def test_a_list_that_was_typed_in_elsewhere_is_still_called_hard_coded():
    values = {"a": numbers(0.9612, 0.25, 0.5, 0.75)} | {
        f"a[{n}]": number for n, number in enumerate((0.9612, 0.25, 0.5, 0.75))
    }
    runs = []
    for number, label in enumerate((BASE, *VARIANTS)):
        data = sets("d", float(number), cell=HERE)
        typed = happens("value", values, "", cell=BELOW, assigned=("a",), source=TYPED_LIST)
        runs.append(run(data, typed, label=label))
    sources = ["", "d = x", "", TYPED_LIST, ""]
    assert "value.does-not-follow-data" == told(trace(*runs, sources=sources), FOLLOWS_FINELY)[1]
