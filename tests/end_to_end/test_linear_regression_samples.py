"""The samples of `linear-regression` earn what their README promises and show no answers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from grader.assignment import load_assignment
from grader.reference.release import open_release, read_release
from grader.report import SubmissionResult
from tests.support.corpus_grader import CorpusGrader
from tests.support.courses import Course, copy_assignment, exercises_of, released
from tests.support.sample_submissions import (
    Sample,
    SampleSet,
    assert_earns_what_its_row_promises,
    assert_every_sample_has_its_row,
)
from tests.support.sampling import sample
from tests.support.secrecy import given_away, typed_in
from tests.support.self_checks import checked_together, named, settled

pytestmark = pytest.mark.kernel

NAME = "linear-regression"
SAMPLES = SampleSet(NAME, per_run=4, always=("iris",))


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return copy_assignment(tmp_path_factory.mktemp("lines"), NAME, cell_timeout_s=30)


@pytest.fixture(scope="module")
def corpus_grader(course: Course) -> CorpusGrader:
    return CorpusGrader(course, NAME)


@pytest.fixture(scope="module")
def secrets(corpus_grader: CorpusGrader) -> frozenset[str]:
    return corpus_grader.secrets()


@pytest.fixture(scope="module")
def students(
    course: Course, corpus_grader: CorpusGrader, tmp_path_factory: pytest.TempPathFactory
) -> Mapping[str, SubmissionResult]:
    return SAMPLES.graded(course, tmp_path_factory.mktemp("samples") / "grades")


def test_every_sample_has_its_row() -> None:
    assert_every_sample_has_its_row(SAMPLES)


@SAMPLES.each_tried()
def test_a_sample_earns_what_its_row_promises(
    row: Sample, students: Mapping[str, SubmissionResult]
) -> None:
    assert_earns_what_its_row_promises(row, students)


@SAMPLES.each_tried()
def test_the_student_of_a_sample_is_shown_no_expected_value(
    row: Sample, students: Mapping[str, SubmissionResult], secrets: frozenset[str]
) -> None:
    known = row.path.read_text("utf-8") + SAMPLES.shown_to_all()
    assert {} == given_away(students[row.name], known, secrets)


@pytest.fixture(scope="module")
def release_zip(course: Course, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return released(course, NAME, tmp_path_factory.mktemp("release") / "lines.zip")


AT_HOME = sample(SAMPLES.tried, 2, "at home")
"""The samples that this run checks with the release; all of them with GRADER_TEST_ALL=1."""

each_at_home = pytest.mark.parametrize("row", AT_HOME, ids=lambda row: row.name)


@pytest.fixture(scope="module")
def at_home(release_zip: Path) -> Mapping[str, SubmissionResult]:
    """Those samples, checked with the release."""
    with open_release(release_zip) as (release, folder):
        return checked_together([row.path for row in AT_HOME], release, folder)


@each_at_home
def test_a_sample_gets_at_home_the_verdict_it_gets_when_graded(
    row: Sample,
    students: Mapping[str, SubmissionResult],
    at_home: Mapping[str, SubmissionResult],
) -> None:
    at_home_verdicts = settled(at_home[row.name])
    verdicts = settled(students[row.name])
    # That a typed-in series is right on the data, nobody knows at home: there it is none at all.
    for exercise in students[row.name].exercises:
        typed_in = any(flag.id == "does-not-follow-data" for flag in exercise.flags)
        if typed_in and at_home_verdicts.get(exercise.id) == "missing":
            del at_home_verdicts[exercise.id]
    graded_verdicts = {name: verdicts.get(name) for name in at_home_verdicts}
    assert graded_verdicts == at_home_verdicts


@each_at_home
def test_the_mistakes_of_a_sample_are_named_at_home(
    row: Sample,
    students: Mapping[str, SubmissionResult],
    at_home: Mapping[str, SubmissionResult],
) -> None:
    assert named(students[row.name]) == named(at_home[row.name])


def test_nothing_but_texts_waits_at_home(at_home: Mapping[str, SubmissionResult]) -> None:
    waiting: list[tuple[str, str]] = []
    for name, result in at_home.items():
        for exercise in result.exercises:
            if exercise.automatic and exercise.status == "pending":
                waiting.append((name, exercise.id))
    assert [] == waiting


HONEST = """
w = torch.ones(1, requires_grad=True)
b = torch.ones(1, requires_grad=True)
((w * x + b - y) ** 2).mean().backward()
"""
"""The first gradient: that it counts shows that everything typed in before it was tried."""


@pytest.mark.parametrize("exercise", ["mse", "slope", "loss-curve", "prediction", "layer-curve"])
def test_nothing_in_the_release_is_an_answer_on_the_data_as_it_was_handed_out(
    exercise: str, course: Course, corpus_grader: CorpusGrader, release_zip: Path
) -> None:
    handout = load_assignment(course.exercises / NAME).handout
    code = [cell.source for cell in handout if cell.kind == "code"]
    cells = typed_in(read_release(release_zip), exercise)
    for cell in sample(cells, 1, f"typed in for {exercise}"):
        answered = corpus_grader.answered((*code, cell, HONEST))
        assert "first-gradient" in answered
        assert exercise not in answered


MISTAKES = {
    "emma": ("mse", "sum-for-mean"),
    "finn": ("slope", "plus-sign"),
    "grace": ("layer-curve", "layer-gradient-kept"),
    "hugo": ("loss-curve", "lr-001"),
    "jack": ("loss-curve", "one-short"),
    "kate": ("layer-weights", "broadcast"),
}


def first_name(row: Sample) -> str:
    return row.name.partition("-")[0]


MISTAKEN = [row for row in SAMPLES.tried if first_name(row) in MISTAKES]


@pytest.mark.parametrize("row", MISTAKEN, ids=first_name)
def test_the_mistake_of_a_student_is_recognised(
    row: Sample, students: Mapping[str, SubmissionResult]
) -> None:
    exercise, mistake = MISTAKES[first_name(row)]
    own = exercises_of(students[row.name])[exercise]
    assert [mistake] == [found.id for found in own.mistakes]


def test_a_curve_typed_in_is_flagged(students: Mapping[str, SubmissionResult]) -> None:
    curve = exercises_of(students["iris-example-typed-numbers"])["loss-curve"]
    assert 0.0 == curve.points
    assert ["does-not-follow-data"] == [flag.id for flag in curve.flags]
