"""Notebooks that were written on Colab, on Kaggle or on Windows earn here what they compute."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from grader.report import SubmissionResult
from tests.support.courses import Course, by_student, credits_of, graded, write_notebook
from tests.support.mean_course import MEAN_STEP, SPREAD_STEP, write_mean_course

pytestmark = pytest.mark.kernel

DATA_FILE = "2.0\n4.5\n7.25\n1.0\n"
READ = "with open({!r}) as file:\n    dados = [float(line) for line in file]"

CACHED = """
import json
import os
if os.path.exists({0!r}):
    with open({0!r}) as file:
        media = json.load(file)
else:
    media = sum(dados) / len(dados)
    with open({0!r}, "w") as file:
        json.dump(media, file)
"""

NOTEBOOKS: Mapping[str, tuple[str, ...]] = {
    "colab": (
        "from google.colab import drive\ndrive.mount('/content/drive')",
        "%cd /content/drive/MyDrive/curso",
        READ.format("/content/drive/MyDrive/curso/Dados.txt"),
        MEAN_STEP,
        SPREAD_STEP,
    ),
    "download": (
        "!curl https://example.org/arquivo > dados.txt",
        READ.format("dados.txt"),
        MEAN_STEP,
        SPREAD_STEP,
    ),
    "emptied": (
        "open('dados.txt', 'w').close()\n1 / 0",
        READ.format("C:\\Users\\ana\\dados (1).txt"),
        MEAN_STEP,
        SPREAD_STEP,
    ),
    "kept": (READ.format("dados.txt"), CACHED.format("media.json"), SPREAD_STEP),
    "kept-elsewhere": (
        READ.format("dados.txt"),
        CACHED.format("/content/drive/MyDrive/media.json"),
        SPREAD_STEP,
    ),
}


@pytest.fixture(scope="module")
def students(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, SubmissionResult]:
    """The results of all notebooks; the assignment gives its data in a file."""
    course: Course = write_mean_course(tmp_path_factory.mktemp("class") / "course")
    course.edit(
        "exercises/media/assignment.toml", "[run]", 'files = ["dados.txt"]\n\n        [run]'
    )
    (course.folder / "exercises/media/dados.txt").write_text(DATA_FILE)
    for name, cells in NOTEBOOKS.items():
        write_notebook(course.folder / f"in/{name}.ipynb", cells)
    settings = course.settings(course.folder / "grades")
    return by_student(graded(course.folder / "in", settings))


@pytest.mark.parametrize("student", NOTEBOOKS)
def test_a_notebook_from_elsewhere_earns_what_it_computes(
    student: str, students: Mapping[str, SubmissionResult]
) -> None:
    credits = credits_of(students[student])
    assert (1.0, 1.0) == (credits["mean"], credits["spread"])


@pytest.mark.parametrize(
    ("student", "notes"),
    [
        ("colab", {"note.path", "note.chdir", "note.stub"}),
        ("download", set()),
        ("emptied", {"note.path", "note.put-back"}),
        ("kept", set()),
        ("kept-elsewhere", {"note.written"}),
    ],
)
def test_the_report_says_what_was_different(
    student: str, notes: set[str], students: Mapping[str, SubmissionResult]
) -> None:
    execution = students[student].execution
    assert execution is not None
    assert notes == {message.id for message in execution.notes}


def test_a_skipped_download_is_told(students: Mapping[str, SubmissionResult]) -> None:
    execution = students["download"].execution
    assert execution is not None
    assert ("curl https://example.org/arquivo > dados.txt",) == execution.skipped
