"""The samples that `make grade` shows earn what their README promises."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from grader.report import Report, SubmissionResult
from tests.support import forks
from tests.support.courses import ROOT, Course, by_student, exercises_of, graded
from tests.support.sample_submissions import (
    AUTOGRAD,
    Sample,
    assert_earns_what_its_row_promises,
    assert_every_sample_has_its_row,
)
from tests.support.sampling import sample
from tests.support.secrecy import given_away

pytestmark = pytest.mark.kernel

SEED_NOTEBOOK = "ana-exemplo-caderno-da-turma"
"""The sample that is the seed's notebook."""

CUT_OFF = ("marina", "nelson")
"""Samples of which a cell loops without end, or ends the kernel, before the graph."""

MOST_DIFFERENT = ("ana", "diego", "elisa", "gabriela", "lucas", "marina", "nelson", "ursula")
"""Samples that differ most in how they run: one loops without end, one ends its kernel."""

IN_PLAIN_KERNELS = sample(
    [row for row in AUTOGRAD.tried if row.name.startswith(MOST_DIFFERENT)], 1, "plain"
)
"""Those that this run also grades in plain kernels, which take seconds to start."""


@pytest.fixture(scope="module")
def out(samples: tuple[Report, Path]) -> Path:
    return samples[1]


@pytest.fixture(scope="module")
def report(samples: tuple[Report, Path]) -> Report:
    return samples[0]


@pytest.fixture(scope="module")
def plain(
    autograd: Course, tmp_path_factory: pytest.TempPathFactory
) -> Mapping[str, SubmissionResult]:
    """Some samples in plain kernels, where the shared ones are sealed.

    A plain kernel takes seconds to start. Under other limits the reference would run again, too.
    """
    if not forks.shared().sealed:
        pytest.skip("Nothing is sealed off here.")
    out = tmp_path_factory.mktemp("plain") / "grades"
    settings = autograd.settings(out, sandbox="none")
    return by_student(graded([row.path for row in IN_PLAIN_KERNELS], settings))


@pytest.fixture(scope="module")
def students(report: Report) -> Mapping[str, SubmissionResult]:
    return by_student(report)


def test_every_sample_has_its_row() -> None:
    assert_every_sample_has_its_row(AUTOGRAD)


@AUTOGRAD.each_tried()
def test_a_sample_earns_what_its_row_promises(
    row: Sample, students: Mapping[str, SubmissionResult]
) -> None:
    assert_earns_what_its_row_promises(row, students)


@AUTOGRAD.each_tried()
def test_only_what_did_not_run_waits_for_a_person(
    row: Sample, students: Mapping[str, SubmissionResult]
) -> None:
    automatic = [exercise for exercise in students[row.name].exercises if exercise.automatic]
    waiting = [exercise.id for exercise in automatic if exercise.status == "pending"]
    cut_off = row.name.startswith(CUT_OFF)
    assert waiting == (["resnet18-graph"] if cut_off else [])


def test_the_seeds_notebook_earns_every_automatic_point_and_the_pending_ones_stand_apart(
    students: Mapping[str, SubmissionResult],
) -> None:
    result = students[SEED_NOTEBOOK]
    assert (10.0, 10.0, 2.0) == (result.points, result.max_points, result.pending_points)


def test_the_seeds_notebook_is_told_the_loss_before_and_after_and_its_rise(
    students: Mapping[str, SubmissionResult],
) -> None:
    change = exercises_of(students[SEED_NOTEBOOK])["loss-decrease"]
    notes = {note.id: note for note in change.checks[0].notes}
    values = round_numbers(str(notes["value.told"].params["values"]))
    assert "perda antes 14.00 · perda depois 45.36 · mudança 31.36" == values


def round_numbers(text: str) -> str:
    """Give every number in a text two decimals."""
    return re.sub(r"\d+(\.\d+)?", lambda number: f"{float(number[0]):.2f}", text)


def test_the_instructor_is_told_why_the_loss_rises(report: Report) -> None:
    exercises = {exercise.id: exercise for exercise in report.assignments[0].exercises}
    change = exercises["loss-decrease"]
    assert "J sobe de 14 para 45,36" in change.note["pt"]
    assert not re.search(r"\d", change.student_note["pt"])


def test_no_samples_are_alike(report: Report) -> None:
    assert ((), ()) == (report.similar, report.sameness)


def test_installs_of_the_seeds_notebook_are_skipped_and_listed(
    students: Mapping[str, SubmissionResult],
) -> None:
    skipped = students[SEED_NOTEBOOK].execution.skipped
    assert "!pip install graphviz" == skipped[0]
    assert "%pip install torchvision" in skipped


@AUTOGRAD.each_tried()
def test_the_student_of_a_sample_is_shown_no_expected_value(
    row: Sample, students: Mapping[str, SubmissionResult], secrets: frozenset[str]
) -> None:
    known = row.path.read_text("utf-8")
    assert {} == given_away(students[row.name], known, secrets)


@pytest.mark.parametrize("row", IN_PLAIN_KERNELS, ids=lambda row: row.name)
def test_a_sealed_and_a_plain_kernel_give_the_same_results(
    row: Sample, students: Mapping[str, SubmissionResult], plain: Mapping[str, SubmissionResult]
) -> None:
    assert without_machine(students[row.name]) == without_machine(plain[row.name])


def without_machine(result: SubmissionResult) -> dict[str, Any]:
    """Leave out what depends on the machine and the kind of kernel."""
    data = result.model_dump(mode="json", exclude={"id", "file"})
    for name in ("sandbox", "seconds", "peak_mib", "ended"):
        data["execution"].pop(name)
    ended = result.execution.ended
    return data | {"ended": ended.id if ended else None}


def test_the_report_keeps_its_published_schema(report: Report, out: Path) -> None:
    schema = json.loads((ROOT / "docs/report.schema.json").read_text("utf-8"))
    jsonschema.validate(json.loads((out / "report.json").read_text("utf-8")), schema)


def test_a_second_run_over_the_samples_runs_nothing_and_says_the_same(
    autograd: Course, report: Report, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grader.batch.evaluator.run", None)
    paths = [row.path for row in AUTOGRAD.tried]
    assert report.canonical() == graded(paths, autograd.settings(out)).canonical()
