"""Who hands in every answer that may be right gets what the last is worth, or a person looks."""

from __future__ import annotations

import pytest

from grader.grading.checks.registry import AUTOMATIC
from grader.grading.search import Values, find
from grader.grading.several_answers import drawn_together, offered_together, one_of_several
from grader.trace import BASE
from tests.support.traces import draws, exercise, expects, graph, numbers, run, sets, trace

LOOK_IN = ("value",)
RATES = ("1.0", "0.1", "0.01", "0.5", "2.0")


def steps(*rates: str, template: str = "w{name} = w0 {sign} {rate} * w0.grad.data.sum()"):
    """A notebook with one step per rate; the right one has the rate 0.1."""
    lines = []
    events = []
    for number, rate in enumerate(rates, start=1):
        lines.append(template.format(name="", sign="-+"[number % 2], rate=rate))
        events.append(sets("w", 10 * float(rate), line=number))
    return trace(run(*events), sources=("\n".join(lines), "", ""))


def offered(submitted):
    values = Values(submitted)
    answer = find(values, LOOK_IN, expects(1.0))[0].candidate
    return offered_together(answer, values.of(BASE, LOOK_IN), submitted.cells)


def test_the_same_step_with_every_rate_is_several_answers():
    several = offered(steps(*RATES))
    assert 5 == several.count
    assert [20.0] == [one.value.value for one in several.last]


@pytest.mark.parametrize("names", ["w w w w w", "a b c d e"])
def test_statements_of_one_line_are_several_answers_too(names):
    pairs = list(zip(names.split(), RATES, strict=True))
    line = "; ".join(f"{name} = w0 - {rate} * w0.grad.data.sum()" for name, rate in pairs)
    events = [sets(name, 10 * float(rate), line=1) for name, rate in pairs]
    several = offered(trace(run(*events), sources=(line, "", "")))
    assert several.count >= 4
    assert [20.0] == [one.value.value for one in several.last]


def test_much_code_before_an_answer_hides_no_others():
    submitted = steps(*RATES)
    cells = (submitted.cells[1].model_copy(update={"source": "#" * 500_000}), *submitted.cells)
    assert offered(submitted.model_copy(update={"cells": cells}))


def test_names_and_signs_make_no_difference_in_a_long_statement():
    lines = [
        f"w{n} = w0.data {'-+'[n % 2]} {rate} * v{n}.grad.data" for n, rate in enumerate(RATES)
    ]
    events = [sets(f"w{n}", 10 * float(rate), line=n + 1) for n, rate in enumerate(RATES)]
    assert offered(trace(run(*events), sources=("\n".join(lines), "", "")))


LOOP = """\
for epoch in range(100):
    mse(w{n} * x, y).backward()
    w{n} -= {rate} * w{n}.grad
"""


def in_loops(rates, line=3):
    """A notebook that trains a weight of its own for each rate; seen in a line of the loop."""
    source = "".join(LOOP.format(n=n, rate=rate) for n, rate in enumerate(rates))
    events = [sets(f"w{n}", 10 * float(rate), line=3 * n + line) for n, rate in enumerate(rates)]
    return trace(run(*events), sources=(source, "", ""))


@pytest.mark.parametrize("line", [1, 3])
def test_a_loop_for_each_rate_is_several_answers_whatever_its_names_are(line):
    several = offered(in_loops(RATES, line))
    assert 5 == several.count
    assert [20.0] == [one.value.value for one in several.last]


def test_three_loops_are_a_few_attempts():
    assert offered(in_loops(RATES[:3])) is None


STEP = "{name}.data = {name}.data - 0.1 * {name}.grad.data"


def test_a_step_for_each_parameter_is_one_answer():
    names = ("a", "b", "c", "d", "e")
    lines = [STEP.format(name=name) for name in names]
    events = [sets(name, float(n), line=n) for n, name in enumerate(names, start=1)]
    assert offered(trace(run(*events), sources=("\n".join(lines), "", ""))) is None


def test_values_of_other_sizes_are_no_other_answers():
    submitted = steps("0.1", *RATES[2:])
    larger = [sets("w", numbers(float(n), 2.0), line=n) for n in range(2, 5)]
    events = (submitted.base.events[0], *larger)
    assert offered(trace(run(*events), sources=[cell.source for cell in submitted.cells])) is None


@pytest.mark.parametrize("rates", [("0.1",), ("1.0", "0.1"), ("0.1", "1.0", "0.01")])
def test_a_few_attempts_are_no_several_answers(rates):
    assert offered(steps(*rates)) is None


def test_other_code_beside_an_answer_is_no_second_one():
    lines = ["w = w0 - 0.1 * g", "a = x + 1", "b = x + 2", "c = x + 3", "d = x + 4"]
    names = ("w", "a", "b", "c", "d")
    events = [sets(name, float(n), line=n) for n, name in enumerate(names, start=1)]
    assert offered(trace(run(*events), sources=("\n".join(lines), "", ""))) is None


def test_the_same_value_time_and_again_is_one_answer():
    lines = [f"w = w0 - {rate} * w0.grad.data.sum()" for rate in RATES]
    events = [sets("w", 1.0, line=n) for n in range(1, 6)]
    assert offered(trace(run(*events), sources=("\n".join(lines), "", ""))) is None


def test_every_network_drawn_is_several_answers():
    drawn = [draws(graph(f"Op{n}Backward0"), cell=0, line=n) for n in range(5)]
    submitted = trace(run(*drawn))
    several = drawn_together(Values(submitted).of(BASE, ("graph",)), submitted.cells)
    assert 5 == several.count


def test_graphs_of_the_handout_are_no_answers():
    drawn = [draws(graph(f"Op{n}Backward0"), cell=0, line=n) for n in range(5)]
    submitted = trace(run(*drawn), handout=[0])
    assert drawn_together(Values(submitted).of(BASE, ("graph",)), submitted.cells) is None


def test_one_of_several_answers_waits_with_a_flag():
    submitted = steps(*RATES)
    values = Values(submitted)
    answer = find(values, LOOK_IN, expects(1.0))[0].candidate
    told = one_of_several(answer, offered(submitted).count)
    assert ("pending", 0.0, {"count": 5}) == (told.status, told.credit, told.message.params)
    assert ["several-answers"] == [flag.id for flag in told.flags]


def test_other_checks_offer_one_answer():
    submitted = steps(*RATES)
    answer = find(Values(submitted), LOOK_IN, expects(1.0))[0].candidate
    assert AUTOMATIC["function"].offered_with(answer, Values(submitted), submitted.cells) is None
    assert exercise().check == "value"


def test_like_code_in_another_section_is_no_second_answer():
    submitted = trace(
        run(*(sets("w", 10 * float(rate), cell=n, line=1) for n, rate in enumerate(RATES))),
        sources=[f"w = w0 - {rate} * w0.grad.data.sum()" for rate in RATES],
    )
    values = Values(submitted)
    answer = find(values, LOOK_IN, expects(1.0))[0].candidate
    check = AUTOMATIC["value"]
    assert check.offered_with(answer, values, submitted.cells)
    assert check.offered_with(answer, values, submitted.cells[1:3]) is None
