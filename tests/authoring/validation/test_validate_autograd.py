"""`validate` is green for the assignment `autograd`, and shows how far it is from wrong answers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from grader.authoring.validation.findings import Validation
from tests.authoring.validation.test_validate import faults, finding, validated
from tests.support.courses import Course
from tests.support.sampling import EVERYTHING

pytestmark = pytest.mark.kernel

SMALLER = {"trial_run.BUDGET_S": 30.0, "class_trials.CLASSES": 1}
"""What is tried less of in a usual run of the tests."""


@pytest.fixture(scope="module")
def of_autograd(autograd: Course) -> Iterator[Validation]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in SMALLER.items():
            if not EVERYTHING:
                patch.setattr(f"grader.authoring.validation.{name}", value)
        yield validated(autograd, "autograd")


def test_the_assignment_is_as_it_says(of_autograd: Validation) -> None:
    assert {} == faults(of_autograd)


def test_mutants_of_the_assignment_lose_points(of_autograd: Validation) -> None:
    share = finding(of_autograd, "validate.mutants").message.params["share"]
    assert isinstance(share, float)
    assert share >= 0.95


def test_answers_of_the_assignment_are_far_from_wrong_ones(of_autograd: Validation) -> None:
    margins = finding(of_autograd, "validate.margins").margins
    assert ["w-grad", "gradient-step", "loss-decrease"] == [margin.exercise for margin in margins]
    assert all(margin.spread < 0.1 and margin.distance > 100 for margin in margins)
