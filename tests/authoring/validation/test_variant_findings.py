"""What is said of variants: those that decide nothing, and what no variant decides."""

from __future__ import annotations

from grader.authoring.validation.variant_findings import variant_findings
from grader.grading.agreement import Tolerance
from grader.grading.expectation import Answer, Expectation
from grader.job import VariedNumbers
from grader.reference.records import DrawFaults, DrawnVariant, RunAnswers, StoredReference
from tests.support.traces import assignment, exercise, knowledge, numbers, value_of

ASSIGNMENT = assignment(exercise("mean"), exercise("why", "text", question="Why?"))


def answers(*by_run: float) -> RunAnswers:
    labels = ("base", "variant-1", "variant-2")
    answered = {}
    for label, number in zip(labels, by_run, strict=False):
        answered[label] = (Answer(value=value_of(number)),)
    return answered


def data(name: str) -> VariedNumbers:
    other = numbers(3.0, 1.0, 2.0)
    return VariedNumbers(name=name, original=numbers(1.0, 2.0, 3.0), variants=(other, other))


def said(by_run: RunAnswers, **fields: object) -> dict[str, dict[str, object]]:
    reference = StoredReference(
        key="",
        inputs=(data("x"), data("y")),
        answers={"mean": by_run},
        right={},
        seen={},
        told={},
        depends={"mean": ("x", "y")},
    ).model_copy(update=fields)
    known = knowledge(mean=Expectation(by_run, Tolerance()))
    findings = variant_findings(ASSIGNMENT, reference, known)
    return {finding.message.id: dict(finding.message.params) for finding in findings}


def test_nothing_is_said_where_each_variant_changes_each_answer() -> None:
    assert {} == said(answers(1.0, 2.0, 3.0))


def test_a_variant_that_changes_no_answer_is_named() -> None:
    assert {"validate.variants-idle": {"variants": "2"}} == said(answers(1.0, 2.0, 1.0))


def test_data_is_named_that_no_answer_depends_on() -> None:
    findings = said(answers(1.0, 2.0, 3.0), depends={"mean": ("x",)})
    assert {"validate.inputs-idle": {"inputs": "y"}} == findings


def test_an_exercise_is_named_that_no_variant_decides() -> None:
    findings = said(answers(1.0, 1.0, 1.0))
    assert {"titles": "Mean"} == findings["validate.no-variant-decides"]


def test_variants_are_counted_that_were_left_out() -> None:
    findings = said(answers(1.0, 2.0, 3.0), left_out=1)
    assert {"validate.variants-left-out": {"count": 1, "seconds": 60.0}} == findings


def test_an_answer_is_named_that_rounding_moves() -> None:
    drawn = DrawnVariant(attempt=0, faults=DrawFaults(unstable=("mean",)))
    assert ["validate.draw-unstable"] == list(said(answers(1.0, 2.0, 3.0), drawn=(drawn,)))
