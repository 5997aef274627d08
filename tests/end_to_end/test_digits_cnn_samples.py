"""Samples of `digits-cnn` earn what their README promises, and are told what holds of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from grader.report import SubmissionResult
from tests.support.corpus_grader import CorpusGrader
from tests.support.courses import EXERCISES, Course, copy_assignment, exercises_of, reasons_of
from tests.support.sample_submissions import (
    RIGHT,
    Sample,
    SampleSet,
    assert_earns_what_its_row_promises,
    assert_every_sample_has_its_row,
)
from tests.support.sampling import sample
from tests.support.secrecy import given_away

pytestmark = pytest.mark.kernel

NAME = "digits-cnn"
SAMPLES = SampleSet(NAME, per_run=3)
SEEDS = (1, 17, 99, 31337, 20250101)
UNDER_OTHER_SEEDS = 1
"""How many right notebooks to grade under other seeds; all of them with GRADER_TEST_ALL=1."""

Told = tuple[str, str]
"""An exercise, and what a student is told of it: a message, or a mistake."""

TOLD: dict[str, set[Told]] = {
    "alana": set(),
    "breno": set(),
    "caio": set(),
    "dora": set(),
    "enzo": set(),
    "flora": {("tensores", "test.not-true"), ("mudanca", "manual.blank")},
    "gil": {("rede", "module.lacks"), ("rede", "sem-relu"), ("mudanca", "manual.blank")},
    "helena": {("treino", "score.at-least")},
    "igor": {("confusao", "test.not-true")},
    "joana": {("confusao", "test.not-true"), ("mudanca", "manual.blank")},
    "kaua": {
        ("rede", "module.extra-last"),
        ("rede", "softmax-no-fim"),
        ("treino", "score.part-at-least"),
        ("mudanca", "manual.blank"),
    },
    "lia": {
        ("treino", "score.at-least"),
        ("previsoes", "test.not-true"),
        ("confusao", "test.not-true"),
    },
    "miguel": {
        ("tensores", "test.not-true"),
        ("lotes", "test.not-true"),
        ("rede", "module.layers"),
        ("mudanca", "manual.blank"),
    },
    "nina": {
        ("rede", "module.raises"),
        ("treino", "score.raises"),
        ("previsoes", "probe.missing"),
        ("confusao", "probe.missing-several"),
        ("erros", "manual.blank"),
        ("mudanca", "manual.blank"),
    },
}
"""What each student is told of what did not pass; read by hand once, and true of each notebook."""


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return copy_assignment(tmp_path_factory.mktemp("digits"), NAME, cell_timeout_s=30)


@pytest.fixture(scope="module")
def corpus_grader(course: Course) -> CorpusGrader:
    return CorpusGrader(course, NAME)


@pytest.fixture(scope="module")
def with_other_seeds(tmp_path_factory: pytest.TempPathFactory) -> Sequence[Path]:
    """Some of the right notebooks under other seeds."""
    copies = SAMPLES.right_under(SEEDS, tmp_path_factory.mktemp("seeds"))
    return sample(copies, UNDER_OTHER_SEEDS, f"seeds of {NAME}")


@pytest.fixture(scope="module")
def students(
    course: Course,
    corpus_grader: CorpusGrader,
    with_other_seeds: Sequence[Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Mapping[str, SubmissionResult]:
    out = tmp_path_factory.mktemp("samples") / "grades"
    return SAMPLES.graded(course, out, with_other_seeds)


def told(result: SubmissionResult) -> set[Told]:
    """What a student is told of each exercise that did not pass and does not wait."""
    said: set[Told] = set()
    for exercise in result.exercises:
        if exercise.status in ("passed", "pending"):
            continue
        said.add((exercise.id, exercise.checks[0].message.id))
        said |= {(exercise.id, mistake.id) for mistake in exercise.mistakes}
    return said


def test_every_sample_has_its_row_and_what_is_told_of_it() -> None:
    assert_every_sample_has_its_row(SAMPLES)
    assert [path.stem.partition("-")[0] for path in SAMPLES.paths] == list(TOLD)


@SAMPLES.each_tried()
def test_a_sample_earns_what_its_row_promises(
    row: Sample, students: Mapping[str, SubmissionResult]
) -> None:
    assert_earns_what_its_row_promises(row, students)


@SAMPLES.each_tried()
def test_a_student_is_told_what_holds_of_the_notebook_and_nothing_else(
    row: Sample, students: Mapping[str, SubmissionResult]
) -> None:
    own_name, _, _ = row.name.partition("-")
    assert TOLD[own_name] == told(students[row.name])


@SAMPLES.each_tried()
def test_the_sections_that_a_person_looks_at_wait_for_one(
    row: Sample, students: Mapping[str, SubmissionResult]
) -> None:
    exercises = exercises_of(students[row.name])
    statuses = {exercises[name].status for name in ("erros", "mudanca")}
    assert statuses <= {"pending", "missing"}


def test_a_right_notebook_loses_nothing_under_another_seed(
    with_other_seeds: Sequence[Path], students: Mapping[str, SubmissionResult]
) -> None:
    results = [students[path.stem] for path in with_other_seeds]
    less = {each.student: reasons_of(each) for each in results if each.points < RIGHT}
    assert {} == less


@SAMPLES.each_tried()
def test_the_student_of_a_sample_is_shown_no_expected_value(
    row: Sample,
    students: Mapping[str, SubmissionResult],
    corpus_grader: CorpusGrader,
) -> None:
    # The bound of the score is public.
    public = (EXERCISES / NAME / "assignment.toml").read_text("utf-8")
    known = row.path.read_text("utf-8") + SAMPLES.shown_to_all() + public
    assert {} == given_away(students[row.name], known, corpus_grader.secrets())
