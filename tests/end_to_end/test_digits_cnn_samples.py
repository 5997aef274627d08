"""Samples of `digits-cnn` earn what their README promises, and are told what holds of them."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest

from grader.report import SubmissionResult
from tests.support.corpus_grader import CorpusGrader
from tests.support.courses import (
    ROOT,
    SUBMISSIONS,
    Course,
    by_student,
    copy_assignment,
    exercises_of,
    graded,
    reasons_of,
)
from tests.support.sampling import sample
from tests.support.secrecy import given_away

pytestmark = pytest.mark.kernel

NAME = "digits-cnn"
ROW = re.compile(rf"^\| {NAME}/(?P<name>\S+)\.ipynb \| .+ \| (?P<points>[\d.]+) \|$", re.MULTILINE)
ROWS = list(ROW.finditer((SUBMISSIONS / "README.md").read_text("utf-8")))
SAMPLES = sorted((SUBMISSIONS / NAME).glob("*.ipynb"))

CHOSEN = sample(ROWS, 3, "digits")
"""The samples that this run grades: each of them trains; all of them with GRADER_TEST_ALL=1."""

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
        ("confusao", "probe.missing"),
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
def students(
    course: Course, corpus_grader: CorpusGrader, tmp_path_factory: pytest.TempPathFactory
) -> Mapping[str, SubmissionResult]:
    names = {row["name"] for row in CHOSEN}
    paths = [path for path in SAMPLES if path.stem in names]
    out = tmp_path_factory.mktemp("samples") / "grades"
    return by_student(graded(paths, course.settings(out)))


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
    assert [path.stem for path in SAMPLES] == [row["name"] for row in ROWS]
    assert [path.stem.partition("-")[0] for path in SAMPLES] == list(TOLD)


@pytest.mark.parametrize("row", CHOSEN, ids=lambda row: row["name"])
def test_a_sample_earns_what_its_row_promises(
    row: re.Match[str], students: Mapping[str, SubmissionResult]
) -> None:
    result = students[row["name"]]
    assert "graded" == result.status
    assert float(row["points"]) == result.points, reasons_of(result)


@pytest.mark.parametrize("row", CHOSEN, ids=lambda row: row["name"])
def test_a_student_is_told_what_holds_of_the_notebook_and_nothing_else(
    row: re.Match[str], students: Mapping[str, SubmissionResult]
) -> None:
    own_name, _, _ = row["name"].partition("-")
    assert TOLD[own_name] == told(students[row["name"]])


@pytest.mark.parametrize("row", CHOSEN, ids=lambda row: row["name"])
def test_the_sections_that_a_person_looks_at_wait_for_one(
    row: re.Match[str], students: Mapping[str, SubmissionResult]
) -> None:
    exercises = exercises_of(students[row["name"]])
    statuses = {exercises[name].status for name in ("erros", "mudanca")}
    assert statuses <= {"pending", "missing"}


@pytest.mark.parametrize("row", CHOSEN, ids=lambda row: row["name"])
def test_the_student_of_a_sample_is_shown_no_expected_value(
    row: re.Match[str],
    students: Mapping[str, SubmissionResult],
    corpus_grader: CorpusGrader,
) -> None:
    # The bound of the score is public.
    public = [ROOT / "exercises" / NAME / name for name in (f"{NAME}.ipynb", "assignment.toml")]
    own_notebook = SUBMISSIONS / NAME / f"{row['name']}.ipynb"
    known = "".join(path.read_text("utf-8") for path in (own_notebook, *public))
    assert {} == given_away(students[row["name"]], known, corpus_grader.secrets())
