"""The samples of `linear-regression` earn what their README promises, and their students are shown no answers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from grader.assignment import load_assignment
from grader.reference.release import open_release, read_release
from grader.report import SubmissionResult
from tests.support.corpus_grader import CorpusGrader
from tests.support.courses import (
    ROOT,
    SUBMISSIONS,
    Course,
    by_student,
    copy_assignment,
    graded,
    released,
)
from tests.support.secrecy import given_away, typed_in
from tests.support.self_checks import checked_together, named, settled

pytestmark = pytest.mark.kernel

NAME = "linear-regression"
ROW = re.compile(rf"^\| {NAME}/(?P<name>\S+)\.ipynb \| .+ \| (?P<points>[\d.]+) \|$", re.MULTILINE)
ROWS = list(ROW.finditer((SUBMISSIONS / "README.md").read_text("utf-8")))
SAMPLES = sorted((SUBMISSIONS / NAME).glob("*.ipynb"))


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
    return by_student(
        graded(SAMPLES, course.settings(tmp_path_factory.mktemp("samples") / "grades"))
    )


def test_every_sample_has_its_row() -> None:
    assert [path.stem for path in SAMPLES] == [row["name"] for row in ROWS]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["name"])
def test_a_sample_earns_what_its_row_promises(
    row: re.Match[str], students: Mapping[str, SubmissionResult]
) -> None:
    sample = students[row["name"]]
    told = {
        exercise.id: (exercise.status, exercise.checks[0].message.id)
        for exercise in sample.exercises
    }
    assert ("graded", float(row["points"])) == (sample.status, sample.points), told


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["name"])
def test_the_student_of_a_sample_is_shown_no_expected_value(
    row: re.Match[str], students: Mapping[str, SubmissionResult], secrets: frozenset[str]
) -> None:
    handout = (ROOT / "exercises" / NAME / f"{NAME}.ipynb").read_text("utf-8")
    known = (SUBMISSIONS / NAME / f"{row['name']}.ipynb").read_text("utf-8") + handout
    assert {} == given_away(students[row["name"]], known, secrets)


@pytest.fixture(scope="module")
def of_lines(course: Course, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The release."""
    return released(course, NAME, tmp_path_factory.mktemp("release") / "lines.zip")


@pytest.fixture(scope="module")
def at_home(of_lines: Path) -> Mapping[str, SubmissionResult]:
    with open_release(of_lines) as (made, folder):
        return checked_together(SAMPLES, made, folder)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["name"])
def test_a_sample_gets_at_home_the_verdict_it_gets_when_graded(
    row: re.Match[str],
    students: Mapping[str, SubmissionResult],
    at_home: Mapping[str, SubmissionResult],
) -> None:
    handed_in, decided = students[row["name"]], settled(at_home[row["name"]])
    assert decided == {e: status for e, status in settled(handed_in).items() if e in decided}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["name"])
def test_the_mistakes_of_a_sample_are_named_at_home(
    row: re.Match[str],
    students: Mapping[str, SubmissionResult],
    at_home: Mapping[str, SubmissionResult],
) -> None:
    assert named(students[row["name"]]) == named(at_home[row["name"]])


def test_nothing_but_texts_waits_at_home(at_home: Mapping[str, SubmissionResult]) -> None:
    every = [(name, e) for name, one in at_home.items() for e in one.exercises]
    assert [] == [(name, e.id) for name, e in every if e.automatic and e.status == "pending"]


HONEST = """
w = torch.ones(1, requires_grad=True)
b = torch.ones(1, requires_grad=True)
((w * x + b - y) ** 2).mean().backward()
"""
"""The gradient of the first line, which shows that all that was typed in before it was looked at."""


def test_nothing_in_the_release_is_an_answer_on_the_data_as_it_was_handed_out(
    course: Course, corpus_grader: CorpusGrader, of_lines: Path
) -> None:
    given = [
        cell.source
        for cell in load_assignment(course.exercises / NAME).handout
        if cell.kind == "code"
    ]
    answered = [
        corpus_grader.answered((*given, cell, HONEST)) for cell in typed_in(read_release(of_lines))
    ]
    assert [["first-gradient"]] * len(answered) == answered


MISTAKES = {
    "emma": ("mse", "sum-for-mean"),
    "finn": ("slope", "plus-sign"),
    "grace": ("layer-curve", "layer-gradient-kept"),
    "hugo": ("loss-curve", "lr-001"),
    "jack": ("loss-curve", "one-short"),
    "kate": ("layer-weights", "broadcast"),
}


@pytest.mark.parametrize("student", MISTAKES)
def test_what_a_student_did_is_recognised(
    student: str, students: Mapping[str, SubmissionResult]
) -> None:
    exercise_id, mistake = MISTAKES[student]
    sample = next(one for name, one in students.items() if name.startswith(student))
    exercise = next(one for one in sample.exercises if one.id == exercise_id)
    assert [mistake] == [one.id for one in exercise.mistakes]


def test_a_curve_typed_in_is_flagged(students: Mapping[str, SubmissionResult]) -> None:
    curve = next(
        e for e in students["iris-example-typed-numbers"].exercises if e.id == "loss-curve"
    )
    assert (0.0, ["does-not-follow-data"]) == (curve.points, [flag.id for flag in curve.flags])
