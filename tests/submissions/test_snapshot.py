"""A snapshot is enough to restore a submission without its file."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.errors import GraderError
from grader.job import InputFile
from grader.notebook.cells import NotebookCell
from grader.report import Message, Who
from grader.store.store import Store
from grader.submissions.snapshot import (
    Snapshot,
    read_run,
    read_snapshot,
    snapshot_of,
    submission_from,
)
from grader.submissions.submission import Submission
from grader.trace import Trace
from tests.support.reports import not_graded
from tests.support.reports import submission as graded
from tests.support.traces import run, sets, trace

HANDED_IN = Submission(
    id="0a1b2c3d4e5f",
    student="Ana",
    file="turma/ana.ipynb",
    path=Path("in/turma/ana.ipynb"),
    sha256="0" * 64,
    cells=(
        NotebookCell(kind="markdown", source="# Steps"),
        NotebookCell(kind="code", source="w = 1"),
    ),
    saved_outputs=("", "1"),
    execution_counts=(None, 7),
    files=(InputFile(name="data.csv", path=Path("in/data.csv"), sha256="1" * 64),),
)
SNAPSHOT = snapshot_of(HANDED_IN, "autograd", {"variants.toml": "abc"})
STORED = SNAPSHOT.to_json()
RAN = trace(run(sets("w", 1, cell=1)), sources=["", "w = 1"])
RESULT = graded("Ana", id=HANDED_IN.id, sha256=HANDED_IN.sha256)


def stored(folder: Path, key: str = "key", about: dict | None = None, made: Trace = RAN) -> Path:
    with Store(folder) as store:
        store.write_trace(HANDED_IN.id, key, made, STORED if about is None else about)
    return folder


def restored(about: dict) -> Submission:
    snapshot = read_snapshot(about)
    assert snapshot is not None
    return submission_from(HANDED_IN.id, snapshot)


def without(*names: str) -> dict:
    return {name: value for name, value in STORED.items() if name not in names}


def refused(folder: Path, result=RESULT) -> tuple[str, str]:
    with pytest.raises(GraderError) as error:
        read_run(Store(folder), result)
    return error.value.problem, error.value.advice


def test_a_submission_is_restored_as_it_was():
    assert HANDED_IN == restored(STORED)


def test_a_submission_with_a_problem_is_restored_with_it():
    broken = Submission(
        HANDED_IN.id,
        "Ana",
        "a.ipynb",
        Path("a.ipynb"),
        problem=Message(id="x"),
        problem_status="unreadable",
    )
    assert broken == restored(snapshot_of(broken, "autograd", {}).to_json())


def test_the_json_form_has_the_fields_of_earlier_versions():
    expected = {
        "student": "Ana",
        "who": HANDED_IN.who.model_dump(mode="json"),
        "file": "turma/ana.ipynb",
        "path": "in/turma/ana.ipynb",
        "sha256": "0" * 64,
        "assignment": "autograd",
        "cells": [
            {"kind": "markdown", "source": "# Steps", "may_raise": False},
            {"kind": "code", "source": "w = 1", "may_raise": False},
        ],
        "files": [{"name": "data.csv", "sha256": "1" * 64, "path": "in/data.csv"}],
        "saved_outputs": ["", "1"],
        "execution_counts": [None, 7],
        "problem": None,
        "problem_status": None,
        "parts": {"variants.toml": "abc"},
    }
    assert (expected, list(expected)) == (STORED, list(STORED))


def test_a_snapshot_of_an_earlier_version_is_read():
    earlier = {**STORED, "cells": [{"kind": "code", "source": "w = 1"}]}
    (cell,) = read_snapshot(earlier).cells
    assert ("w = 1", False) == (cell.source, cell.may_raise)


def test_a_snapshot_is_read_as_it_was_stored():
    assert SNAPSHOT == read_snapshot(STORED)


def test_a_snapshot_of_an_earlier_version_has_no_execution_counts_and_no_student():
    submission = restored(without("execution_counts", "who"))
    assert ((), Who()) == (submission.execution_counts, submission.who)


def test_a_field_of_a_later_version_is_passed_over():
    assert SNAPSHOT == read_snapshot({**STORED, "mood": "good"})


def test_a_snapshot_that_says_too_little_is_not_read():
    assert read_snapshot(without("cells")) is None


@pytest.mark.parametrize(
    ("snapshot", "same"),
    [
        (SNAPSHOT, True),
        (SNAPSHOT.model_copy(update={"sha256": "2" * 64}), False),
        (SNAPSHOT.model_copy(update={"who": Who(name="Bia")}), False),
        (read_snapshot(without("execution_counts")), False),
    ],
)
def test_a_snapshot_is_of_a_submission_with_its_bytes_counts_and_student(
    snapshot: Snapshot, same: bool
):
    assert same == snapshot.is_of(HANDED_IN)


def test_a_stored_run_is_read_with_what_was_handed_in(tmp_path):
    assert (RAN, HANDED_IN) == read_run(Store(stored(tmp_path / "grades")), RESULT)


ADVICE = "Grade it again: grade SUBMISSIONS --fresh."


def test_where_nothing_is_stored_a_line_says_what_to_do(tmp_path):
    assert (f"There is no stored run of Ana in {tmp_path}/.", ADVICE) == refused(tmp_path)


def test_a_graded_submission_without_its_run_is_refused(tmp_path):
    folder = stored(tmp_path / "grades", key="", made=Trace(cells=(), runs=()))
    assert (f"There is no stored run of Ana in {folder}/.", ADVICE) == refused(folder)


@pytest.mark.parametrize("about", [{**STORED, "sha256": "2" * 64}, {}])
def test_a_run_of_other_contents_than_the_report_is_refused(tmp_path, about):
    folder = stored(tmp_path / "grades", about=about)
    assert ("The stored run of Ana is of another file than the report.", ADVICE) == refused(folder)


def test_a_submission_that_did_not_run_has_a_run_of_nothing(tmp_path):
    result = not_graded("Ana", "unreadable", "unreadable.empty").model_copy(
        update={"id": HANDED_IN.id, "sha256": HANDED_IN.sha256}
    )
    folder = stored(tmp_path / "grades", key="", made=Trace(cells=(), runs=()))
    assert Trace(cells=(), runs=()) == read_run(Store(folder), result)[0]
