"""What the check `score` says of a trained model."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from grader.grading.agreement import Tolerance
from grader.grading.checks.base import Context
from grader.grading.checks.registry import check_of
from grader.grading.checks.score import ALL_STEPS, STEPS, TRAINED
from grader.grading.expectation import Answer, Expectation
from grader.grading.grade import evaluate
from grader.grading.search import Values
from grader.kernel.recording import aliases
from grader.trace import CellRun, CodeCell, Event, Module, Run, Text, Trace, Value
from tests.support.traces import (
    NOTHING,
    assignment,
    decide,
    exercise,
    happens,
    knowledge,
    numbers,
    run,
    tensor,
    trace,
    value_of,
)

FIELDS: dict[str, Any] = {
    "of": "model",
    "with": "accuracy(model, x)",
    "at_least": 0.96,
    "steps": [{"at_least": 0.9, "credit": 0.5}],
}
SCORE = exercise("acc", "score", **FIELDS)
LOSS = exercise("acc", "score", of="model", **{"with": "loss(model, x)"}, at_most=0.2)
QUESTION = SCORE.asked
X = tensor(1.0, 2.0)
NET = Module(name="Net", parameters=3)
EXPECTED = Expectation(
    {
        QUESTION.labels[0]: (Answer(value=value_of(0.99)),),
        QUESTION.kind_label("x"): (Answer(value=X),),
        QUESTION.fact_labels[0]: (Answer(value=Text(value="(N, 2)")),),
    },
    Tolerance(),
)


def model(
    score: float | str | Value | None,
    trained: str = "optimizer",
    name: str = "",
    x: Value = X,
    steps: float = 100.0,
) -> tuple[Event, ...]:
    """Write the events of one model: what it is, and what measuring it gave."""
    scope = f"{name} for model" if name else ""
    objects = {
        "model": NET,
        "x": x,
        TRAINED: value_of(trained),
        STEPS: value_of(steps),
        ALL_STEPS: value_of(steps),
    }
    listing = Event(run="acc(0)", kind="call", cell=-1, scope=scope, values=objects)
    if score is None:
        return (listing,)
    error = score if isinstance(score, str) else ""
    values = {} if isinstance(score, str) else {"result": value_of(score)}
    given = Event(run="acc(1)", kind="call", cell=-1, scope=scope, values=values, text=error)
    return listing, given


def measured(*models: tuple[Event, ...], cell: str = "") -> Trace:
    events = [event for events in models for event in events]
    runs = []
    for label in QUESTION.all_labels:
        of_label = tuple(event for event in events if event.run == label)
        runs.append(Run(label=label, events=of_label))
    return trace(run(), *runs, sources=[cell])


def told(submitted: Trace, asked=SCORE) -> tuple[str, str, float]:
    outcome = decide(asked, submitted, EXPECTED)
    return outcome.status, outcome.message.id, outcome.credit


@pytest.mark.parametrize(
    ("score", "expected"),
    [
        (0.97, ("passed", "score.at-least", 1.0)),
        (tensor(0.95999998, shape=()), ("passed", "score.at-least", 1.0)),
        (tensor(0.96, shape=(1,)), ("passed", "score.at-least", 1.0)),
        (0.959, ("partial", "score.part-at-least", 0.5)),
        (0.89, ("failed", "score.at-least", 0.0)),
        (float("nan"), ("failed", "score.nan", 0.0)),
        (numbers(0.97, 0.98), ("pending", "score.no-number", 0.0)),
        (True, ("pending", "score.no-number", 0.0)),
        ("NoPlainValue", ("pending", "score.no-number", 0.0)),
        ("RuntimeError", ("pending", "score.trained-raises", 0.0)),
        ("TimeoutError", ("pending", "score.trained-no-end", 0.0)),
    ],
)
def test_a_trained_model_earns_by_its_score(score, expected):
    assert expected == told(measured(model(score)))


@pytest.mark.parametrize(
    ("score", "expected"),
    [
        (0.99, ("pending", "score.untrained", 0.0)),
        (0.5, ("failed", "score.at-least", 0.0)),
        ("RuntimeError", ("failed", "score.raises", 0.0)),
        ("TimeoutError", ("failed", "score.no-end", 0.0)),
        (None, ("failed", "score.no-end", 0.0)),
    ],
)
def test_a_model_without_training_earns_nothing(score, expected):
    assert expected == told(measured(model(score, trained="", steps=0.0)))


@pytest.mark.parametrize("how", ["by hand", "copied"])
def test_training_need_not_be_an_optimizers(how):
    assert "passed" == told(measured(model(0.97, trained=how, steps=0.0)))[0]


def test_a_given_model_needs_no_training():
    asked = exercise("acc", "score", **FIELDS, stepped=False)
    assert "passed" == told(measured(model(0.97, trained="", steps=0.0)), asked)[0]


@pytest.mark.parametrize(("loss", "status"), [(0.2, "passed"), (0.21, "failed")])
def test_a_loss_has_to_be_low(loss, status):
    assert (status, "score.at-most") == told(measured(model(loss)), LOSS)[:2]


def test_score_bound_and_steps_are_said():
    outcome = decide(SCORE, measured(model(0.93)), EXPECTED)
    params = outcome.message.params
    assert (0.93, 0.96, 0.5) == (params["score"], params["bound"], params["credit"])
    assert [("score.steps", 100)] == [(n.id, n.params["steps"]) for n in outcome.notes]


def with_form(score: float, form: str, trained: str = "optimizer") -> Trace:
    """Write the trace of a model that gives something of a form."""
    values = {"result": Text(value=form)}
    fact = Event(run=QUESTION.fact_labels[0], kind="call", cell=-1, values=values)
    return measured((*model(score, trained=trained), fact))


@pytest.mark.parametrize(
    ("score", "form", "trained", "status"),
    [
        (0.5, "(N, 1)", "optimizer", "pending"),
        (0.5, "(N, 2)", "optimizer", "failed"),
        (0.5, "(N, 1)", "", "failed"),
        (0.97, "(N, 1)", "optimizer", "passed"),
    ],
)
def test_a_person_looks_where_a_trained_model_gives_another_form(score, form, trained, status):
    assert status == told(with_form(score, form, trained))[0]


def test_a_training_that_was_cut_off_waits_rather_than_earn_a_part():
    whole = measured(model(0.93))
    base = run(ended=[CellRun(cell=0, status="timeout")])
    submitted = whole.model_copy(update={"runs": (base, *whole.runs[1:])})
    context = Context(Values(submitted), EXPECTED, NOTHING, tries=frozenset({0}))
    outcome = check_of(SCORE).decide(SCORE, context)
    assert ("pending", "machine.time") == (outcome.status, outcome.message.id)


# Which model


def test_another_model_stands_in_and_is_named():
    outcome = decide(SCORE, measured(model(0.97, name="net")), EXPECTED)
    assert "passed" == outcome.status
    assert [("net", "model")] == [
        (note.params["model"], note.params["asked"])
        for note in outcome.notes
        if note.id == "score.stand-in"
    ]


def test_of_two_models_that_earn_the_same_any_is_right():
    both = measured(model(0.97, name="a"), model(0.98, name="b"))
    assert "passed" == told(both)[0]


def test_of_two_models_that_do_not_a_person_chooses():
    both = measured(model(0.97, name="a"), model(0.5, name="b"))
    assert ("pending", "probe.several", 0.0) == told(both)


def test_a_person_looks_where_another_model_was_trained_than_the_named_one():
    both = measured(model(0.5, trained="", steps=0.0), model(0.97, name="net"))
    outcome = decide(SCORE, both, EXPECTED)
    assert ("pending", "score.other", "net") == (
        outcome.status,
        outcome.message.id,
        outcome.message.params["other"],
    )


def test_a_copy_under_the_name_counts_before_the_model_that_was_trained():
    both = measured(model(0.97, trained="copied", steps=0.0), model(0.5, name="net"))
    assert "passed" == told(both)[0]


def test_a_trained_model_that_is_not_better_changes_nothing():
    both = measured(model(0.5, trained="", steps=0.0), model(0.6, name="net"))
    assert ("failed", "score.at-least", 0.0) == told(both)


def nothing(steps: float, missing: str = "model") -> Trace:
    values = {ALL_STEPS: value_of(steps)}
    listing = Event(run="acc(0)", kind="call", cell=-1, values=values, text=missing)
    return measured((listing,))


def test_a_model_that_is_not_there_is_missing():
    assert ("missing", "probe.missing", 0.0) == told(nothing(0.0))


def test_a_person_looks_where_the_trained_model_is_gone():
    assert ("pending", "score.gone", 0.0) == told(nothing(200.0))


def test_a_given_model_that_nothing_trained_lacks_no_data():
    assert "score.no-data" != told(nothing(200.0, missing=""))[1]


def test_a_person_looks_where_the_data_for_a_trained_model_has_another_name():
    assert ("pending", "score.no-data", 0.0) == told(nothing(200.0, missing="x"))
    assert ("missing", "probe.missing", 0.0) == told(nothing(0.0, missing="x"))


# Data


def status_with_given_data(submitted: Trace, handed: str = "x = load()") -> str:
    """Decide where a cell of the handout makes the data."""
    given = CodeCell(cell=0, source=handed, handout=True)
    context = Context(Values(submitted), EXPECTED, NOTHING, handout=(given,))
    return check_of(SCORE).decide(SCORE, context).status


@pytest.mark.parametrize(
    ("cell", "status"),
    [
        ("x = model(x)", "pending"),
        ("x[0] = 3", "pending"),
        ("z = model(x)", "passed"),
    ],
)
def test_a_person_looks_where_the_notebook_changes_given_data(cell, status):
    submitted = measured(model(0.97, x=tensor(3.0, 2.0)), cell=cell)
    assert status == status_with_given_data(submitted)


def test_data_that_stays_equal_may_be_bound_anew():
    submitted = measured(model(0.97), cell="x = x.float()")
    assert "passed" == status_with_given_data(submitted)


def test_data_that_the_student_makes_may_be_any():
    submitted = measured(model(0.97, x=tensor(3.0, 2.0)), cell="x = split(data)")
    assert "passed" == told(submitted)[0]


@pytest.mark.parametrize("placeholder", ["x = ...", "x = ____", "x = <YOUR CODE>"])
def test_a_placeholder_of_the_handout_gives_no_data(placeholder):
    submitted = measured(model(0.97, x=tensor(3.0, 2.0)), cell="x = split(data)")
    assert "passed" == status_with_given_data(submitted, placeholder)


# Fields


@pytest.mark.parametrize(
    "changes",
    [
        {"of": ""},
        {"of": "a.b"},
        {"with": ""},
        {"with": "acc ="},
        {"with": "accuracy(net)"},
        {"at_least": None},
        {"at_most": 0.2},
        {"steps": [{"at_most": 0.9, "credit": 0.5}]},
        {"steps": [{"credit": 0.5}]},
        {"steps": [{"at_least": 0.97, "credit": 0.5}]},
    ],
)
def test_fields_that_make_no_sense_are_refused(changes):
    with pytest.raises(ValidationError):
        exercise("acc", "score", **{**FIELDS, **changes})


def test_the_kernel_tells_training_under_the_same_paths():
    told_by_kernel = (aliases.TRAINED, aliases.STEPS, aliases.ALL_STEPS)
    assert told_by_kernel == (TRAINED, STEPS, ALL_STEPS)


def test_a_model_of_a_missing_package_waits_for_the_package():
    used = happens("note", {}, text="missing-used skorch", cell=0)
    asked = measured(model("NoPlainValue"), cell="model = skorch.Net().fit(x)")
    submitted = Trace(cells=asked.cells, runs=(run(used), *asked.runs[1:]))
    result = evaluate(
        Values(submitted), assignment(SCORE), knowledge(acc=EXPECTED), lambda cell: ""
    ).results[0]
    assert ("pending", "machine.package") == (result.status, result.checks[0].message.id)
