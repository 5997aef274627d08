"""What the check `figure` says of an exercise."""

from __future__ import annotations

import pytest

from grader.assignment import FigureRules
from grader.grading.agreement import Tolerance
from grader.grading.expectation import Answer, Expectation
from grader.trace import BASE, Event, Trace
from tests.support.traces import Plain, decide, exercise, happens, run, tensor, trace, value_of

CURVE = (4.0, 2.0, 1.0)
EXPECTED = Expectation({BASE: (Answer(value=tensor(*CURVE)),)}, Tolerance())


def figure(*axes: dict[str, Plain], title: str = "", cell: int = 0) -> Event:
    """A figure with some axes."""
    values: dict[str, Plain] = {"title": title} if title else {}
    for index, held in enumerate(axes):
        for name, value in held.items():
            values[f"axes[{index}].{name}"] = value
    return happens("figure", values, cell=cell)


def told(submitted: Trace, **rules: object) -> tuple[str, str, float]:
    asked = exercise("plot", "figure", figure=FigureRules.model_validate(rules))
    outcome = decide(asked, submitted, EXPECTED)
    return outcome.status, outcome.message.id, round(outcome.credit, 2)


PLAIN = {"kinds": "line", "line[0].y": tensor(*CURVE), "xlabel": "epoch", "ylabel": "loss"}


@pytest.mark.parametrize(
    "rules",
    [
        {"kinds": ("line",)},
        {"labels": True},
        {"lines": 1},
        {"data": True},
        {"kinds": ("line",), "labels": True, "data": True},
    ],
)
def test_a_figure_that_has_all_that_is_required_passes(rules):
    assert ("passed", "figure.passed", 1.0) == told(trace(run(figure(PLAIN))), **rules)


@pytest.mark.parametrize("kind", ["line", "cloud"])
def test_a_line_that_shows_its_points_only_passes_for_a_cloud_too(kind):
    dotted = trace(run(figure(PLAIN | {"kinds": "dots"})))
    assert "passed" == told(dotted, kinds=(kind,))[0]


@pytest.mark.parametrize(
    ("rules", "lacks"),
    [
        ({"kinds": ("cloud",)}, "cloud"),
        ({"axes": 2}, "axes"),
        ({"lines": 2}, "lines"),
        ({"title": True}, "title"),
        ({"legend": True}, "legend"),
        ({"y_scale": "log"}, "scale"),
    ],
)
def test_what_a_figure_lacks_is_named(rules, lacks):
    submitted = trace(run(figure({**PLAIN, "legend": 0.0, "yscale": "linear"})))
    assert ("failed", f"figure.lacks-{lacks}", 0.0) == told(submitted, **rules)


def test_each_requirement_is_a_share():
    submitted = trace(run(figure({**PLAIN, "xlabel": " "})))
    rules = {"kinds": ("line",), "labels": True, "data": True}
    assert ("partial", "figure.lacks-labels", 0.67) == told(submitted, **rules)


def test_other_data_is_not_the_data():
    submitted = trace(run(figure({**PLAIN, "line[0].y": tensor(1.0, 2.0, 3.0)})))
    assert ("failed", "figure.lacks-data", 0.0) == told(submitted, data=True)


def test_a_title_of_the_whole_figure_counts():
    assert "passed" == told(trace(run(figure(PLAIN, title="Loss"))), title=True)[0]


def test_the_best_figure_counts():
    submitted = trace(run(figure({"kinds": "bars"}), figure(PLAIN, cell=1)))
    assert "passed" == told(submitted, kinds=("line",))[0]


def test_no_figure_is_missing():
    assert "missing" == told(trace(run()), labels=True)[0]


def test_a_rule_has_to_be_set():
    with pytest.raises(ValueError, match="says what is required"):
        exercise("plot", "figure")


def test_what_is_drawn_is_shown():
    asked = exercise("plot", "figure", figure=FigureRules(labels=True))
    outcome = decide(asked, trace(run(figure(PLAIN, {"kinds": "cloud line"}))), EXPECTED)
    assert value_of("line, cloud") == outcome.found.value
