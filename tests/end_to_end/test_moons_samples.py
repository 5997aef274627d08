"""The samples of `moons-mlp` earn what their README promises, under whatever seed; each sentence
that its student is told of a fault is one that holds."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from grader.reference.release import open_release
from grader.report import SubmissionResult
from tests.support.courses import Course, copy_assignment, exercises_of, reasons_of, released
from tests.support.sample_submissions import (
    RIGHT,
    Sample,
    SampleSet,
    assert_earns_what_its_row_promises,
    assert_every_sample_has_its_row,
)
from tests.support.sampling import sample
from tests.support.self_checks import checked_together

pytestmark = pytest.mark.kernel

NAME = "moons-mlp"
SAMPLES = SampleSet(NAME, per_run=3)

SEEDS = (1, 17, 123, 31337, 20250101)
UNDER_OTHER_SEEDS = 1
"""How many right notebooks to grade under other seeds; all of them with GRADER_TEST_ALL=1."""

TOLD = {
    "jana": {
        "net": ("module.lacks", "ReLU"),
        "losses": ("test.not-true", "losses[-1] < 0.2"),
        "training": ("score.at-least", "0.92"),
    },
    "kurt": {
        "losses": ("test.not-true", "falls(losses)"),
        "training": ("score.at-least", "0.92"),
    },
    "lena": {"test-points": ("test.not-true", "is_loss_of(model, test_loss, x_test, y_test)")},
    "milo": {
        "net": ("module.extra-last", "softmax"),
        "losses": ("test.not-true", "losses[-1] < 0.2"),
    },
    "nora": {
        "test-points": ("test.not-true", "is_accuracy_of(model, test_accuracy, x_test, y_test)")
    },
    "otto": {"loader": ("test.not-true", "gives_no_point_of(train_loader, x_test)")},
    "pia": {
        "test-points": ("test.not-true", "is_accuracy_of(model, test_accuracy, x_test, y_test)")
    },
    "quin": {"loss-curve": ("figure.lacks-labels", ""), "boundary": ("figure.lacks-labels", "")},
    "rosa": {
        "accuracy": ("function.wrong", ""),
        "test-points": ("test.not-true", "is_accuracy_of(model, test_accuracy, x_test, y_test)"),
    },
}
"""By the student's first name, what they are told of each exercise without full points, by hand
compared with the notebook: the id of the message, and a text that is in its parameters."""


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return copy_assignment(tmp_path_factory.mktemp("moons"), NAME, cell_timeout_s=60)


@pytest.fixture(scope="module")
def with_other_seeds(tmp_path_factory: pytest.TempPathFactory) -> Sequence[Path]:
    """Some of the right notebooks under other seeds."""
    copies = SAMPLES.right_under(SEEDS, tmp_path_factory.mktemp("seeds"))
    return sample(copies, UNDER_OTHER_SEEDS, f"seeds of {NAME}")


@pytest.fixture(scope="module")
def students(
    course: Course, with_other_seeds: Sequence[Path], tmp_path_factory: pytest.TempPathFactory
) -> Mapping[str, SubmissionResult]:
    folder = tmp_path_factory.mktemp("samples")
    return SAMPLES.graded(course, folder / "grades", with_other_seeds)


def test_every_sample_has_its_row() -> None:
    assert_every_sample_has_its_row(SAMPLES)


@SAMPLES.each_tried()
def test_a_sample_earns_what_its_row_promises(
    row: Sample, students: Mapping[str, SubmissionResult]
) -> None:
    assert_earns_what_its_row_promises(row, students)


@SAMPLES.each_tried()
def test_the_student_of_a_sample_is_told_what_is_wrong_and_nothing_else(
    row: Sample, students: Mapping[str, SubmissionResult]
) -> None:
    first_name = row.name.partition("-")[0]
    expected = TOLD.get(first_name, {})
    results = exercises_of(students[row.name])
    wrong = {name for name, each in results.items() if each.automatic and each.credit < 1}
    assert set(expected) == wrong
    for exercise, (message_id, part) in expected.items():
        told = results[exercise].checks[0].message
        assert message_id == told.id
        assert part in json.dumps(told.model_dump(mode="json"))


@SAMPLES.each_tried()
def test_a_mistake_is_named_only_where_it_was_made(
    row: Sample, students: Mapping[str, SubmissionResult]
) -> None:
    named = {mistake.id for each in students[row.name].exercises for mistake in each.mistakes}
    assert ({"percent"} if row.name.startswith("rosa") else set()) == named


def test_a_right_notebook_loses_nothing_under_another_seed(
    with_other_seeds: Sequence[Path], students: Mapping[str, SubmissionResult]
) -> None:
    results = [students[path.stem] for path in with_other_seeds]
    less = {each.student: reasons_of(each) for each in results if each.points < RIGHT}
    assert {} == less


def test_the_function_is_practised_at_home(
    course: Course, tmp_path_factory: pytest.TempPathFactory
) -> None:
    last = SAMPLES.paths[-1]
    release_zip = released(course, NAME, tmp_path_factory.mktemp("release") / "moons.zip")
    with open_release(release_zip) as (release, folder):
        results = checked_together([last], release, folder)
    function = exercises_of(results[last.stem])["accuracy"]
    assert ["percent"] == [mistake.id for mistake in function.mistakes]
