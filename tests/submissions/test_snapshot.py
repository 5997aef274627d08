"""What is kept of a submission is enough to have it back without its file."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.errors import GraderError
from grader.notebook.cells import NotebookCell
from grader.report import Message
from grader.store.store import Store
from grader.submissions.snapshot import is_of, keep, read_run, recall
from grader.submissions.submission import Submission
from grader.trace import InputFile, Trace
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
KEPT = keep(HANDED_IN, "autograd", {"variants.toml": "abc"})
RAN = trace(run(sets("w", 1, cell=1)), sources=["", "w = 1"])
RESULT = graded("Ana", id=HANDED_IN.id, sha256=HANDED_IN.sha256)


def stored(folder: Path, key: str = "key", about: dict | None = None, made: Trace = RAN) -> Path:
    with Store(folder) as store:
        store.write_trace(HANDED_IN.id, key, made, KEPT if about is None else about)
    return folder


def refused(folder: Path, result=RESULT) -> tuple[str, str]:
    with pytest.raises(GraderError) as error:
        read_run(folder, result)
    return error.value.problem, error.value.advice


def test_a_submission_comes_back_as_it_was():
    assert HANDED_IN == recall(HANDED_IN.id, KEPT)


def test_a_submission_with_a_problem_comes_back_with_it():
    broken = Submission(
        "0a",
        "Ana",
        "a.ipynb",
        Path("a.ipynb"),
        problem=Message(id="x"),
        problem_status="unreadable",
    )
    assert broken == recall("0a", keep(broken, "autograd", {}))


def test_the_assignment_and_its_parts_are_kept():
    assert ("autograd", {"variants.toml": "abc"}) == (KEPT["assignment"], KEPT["parts"])


def test_what_an_earlier_version_kept_comes_back_without_execution_counts():
    earlier = {name: value for name, value in KEPT.items() if name != "execution_counts"}
    assert () == recall(HANDED_IN.id, earlier).execution_counts


@pytest.mark.parametrize(
    ("about", "same"),
    [
        (KEPT, True),
        ({**KEPT, "sha256": "2" * 64}, False),
        ({name: value for name, value in KEPT.items() if name != "execution_counts"}, False),
        ({}, False),
    ],
)
def test_what_is_kept_is_of_a_submission_if_it_is_of_its_bytes_and_has_their_counts(about, same):
    assert same == is_of(about, HANDED_IN)


def test_a_stored_run_is_read_with_what_was_handed_in(tmp_path):
    assert (RAN, HANDED_IN) == read_run(stored(tmp_path / "grades"), RESULT)


ADVICE = "Grade it again: grade SUBMISSIONS --fresh."


def test_where_nothing_is_stored_a_line_says_what_to_do(tmp_path):
    assert (f"There is no stored run of Ana in {tmp_path}/.", ADVICE) == refused(tmp_path)


def test_a_graded_submission_without_its_run_is_refused(tmp_path):
    folder = stored(tmp_path / "grades", key="", made=Trace(cells=(), runs=()))
    assert (f"There is no stored run of Ana in {folder}/.", ADVICE) == refused(folder)


@pytest.mark.parametrize("about", [{**KEPT, "sha256": "2" * 64}, {}])
def test_a_run_of_other_contents_than_the_report_is_refused(tmp_path, about):
    folder = stored(tmp_path / "grades", about=about)
    assert ("The stored run of Ana is of another file than the report.", ADVICE) == refused(folder)


def test_a_submission_that_did_not_run_has_a_run_of_nothing(tmp_path):
    result = not_graded("Ana", "unreadable", "unreadable.empty").model_copy(
        update={"id": HANDED_IN.id, "sha256": HANDED_IN.sha256}
    )
    folder = stored(tmp_path / "grades", key="", made=Trace(cells=(), runs=()))
    assert Trace(cells=(), runs=()) == read_run(folder, result)[0]
