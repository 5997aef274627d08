"""A known mistake is judged by what the reference earns with it."""

from __future__ import annotations

import pytest

from grader.authoring.validation.mistake_findings import credit_findings
from grader.grading.agreement import Tolerance
from grader.grading.expectation import Answer, Expectation
from grader.report import ExerciseResult
from grader.trace import BASE, Number
from tests.support.traces import mistake

WRONG = Expectation({BASE: (Answer(value=Number(value=2.0)),)}, Tolerance())


def earning(credit: float) -> ExerciseResult:
    status = "partial" if credit else "failed"
    return ExerciseResult(
        id="step",
        title="Step",
        status=status,
        points=2 * credit,
        max_points=2,
        automatic=True,
        credit=credit,
    )


@pytest.mark.parametrize(
    ("shared", "declared", "expected"),
    [
        ({"step"}, {}, []),
        ({"step"}, {"step": 0.25}, ["validate.mistake-earns"]),
        (set(), {}, ["validate.mistake-earns"]),
    ],
)
def test_of_several_values_a_mistake_may_leave_some_right_if_it_says_nothing_of_them(
    shared: set[str], declared: dict[str, float], expected: list[str]
) -> None:
    known = mistake("other-axis", declared, step=WRONG)
    findings = credit_findings([earning(0.5)], known, shared)
    assert expected == [finding.message.id for finding in findings]
