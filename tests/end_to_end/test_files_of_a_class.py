"""Repositories, downloads and loose files: the right notebook of each student is graded."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from grader.report import Report, SubmissionResult
from tests.support.courses import by_student, graded, notebook, statuses_of
from tests.support.mean_course import (
    MEAN_DATA,
    RIGHT_CELLS,
    write_mean_course,
)
from tests.support.zips import folder_of, zip_of

pytestmark = pytest.mark.kernel

HEADING = "#!# Média e amplitude"
R_KERNEL = {"kernelspec": {"name": "ir", "language": "R", "display_name": "R"}}
SPARK = {"kernelspec": {"name": "pysparkkernel", "language": "python", "display_name": "PySpark"}}


def content(*cells: str, **metadata: object) -> bytes:
    return json.dumps(notebook((HEADING, *cells), **metadata)).encode()


RIGHT = content(*RIGHT_CELLS)
DRAFT = content(MEAN_DATA, "media = sum(dados)", "amplitude = max(dados)")

REPOSITORIES = {
    "hw-souza/media.ipynb": RIGHT,
    "hw-souza/README.md": b"# hw",
    "hw-souza/.github/workflows/classroom.yml": b"on: push",
    "hw-lima/media.ipynb": RIGHT,
    "hw-lima/old/media-backup.ipynb": DRAFT,
    "hw-lima/.venv/lib/python3.11/site-packages/demo/demo.ipynb": DRAFT,
    "hw-dias/media.ipynb": RIGHT,
    "hw-dias/.ipynb_checkpoints/media-checkpoint.ipynb": DRAFT,
    "hw-copy/media.ipynb": RIGHT,
    "hw-copy/media - Cópia.ipynb": DRAFT,
    "hw-final/a-final.ipynb": RIGHT,
    "hw-final/z-rascunho.ipynb": DRAFT,
    "hw-readme/README.md": b"# hw",
    "hw-workflow/.github/workflows/classroom.yml": b"on: push",
}
LOOSE = {
    "Rui Reis.ipynb.txt": RIGHT,
    "eva (1).ipynb": RIGHT,
    "Copy of gil.ipynb": RIGHT,
    "hal.ipynb.json": RIGHT,
    "ivo.IPYNB": RIGHT,
    "jana.ipynb.download": RIGHT,
    "kernel-of-r.ipynb": content("import math", *RIGHT_CELLS, **R_KERNEL),
    "kernel-of-spark.ipynb": content(*RIGHT_CELLS, **SPARK),
    "sofia.pdf": b"%PDF-1.4",
    "zoe.ipynb": b"",
}
CANVAS = {
    "souzaana_4711_90210_media.ipynb.txt": RIGHT,
    "limabruno_4712_90211_media.ipynb.json": RIGHT,
    "diascarla_4713_90212_media.txt": RIGHT,
    "reisdiego_LATE_4714_90213_media.json": RIGHT,
    "nunesnoemi_4715_90214_media": RIGHT,
    "abreuolga_4716_90215_media.ipynb.html": b"<html>",
    "motapaulo_4717_90216_media.ipynb.zip": b"",
}
MOODLE = {
    "Ana Melo_5711_assignsubmission_file/media.ipynb.txt": RIGHT,
    "Beto Pires_5712_assignsubmission_file/media.ipynb.json": RIGHT,
    "Caio Luz_5713_assignsubmission_file/media.ipynb": RIGHT,
    "Duda Zip_5714_assignsubmission_file/entrega.zip": b"",
}

EARN_ALL = (
    *("hw-souza", "hw-lima", "hw-dias", "hw-copy", "hw-final"),
    *("Rui Reis", "eva (1)", "Copy of gil", "hal", "ivo", "jana"),
    *("kernel-of-r", "kernel-of-spark"),
    *("souzaana", "limabruno", "diascarla", "reisdiego", "nunesnoemi"),
    *("Ana Melo", "Beto Pires", "Caio Luz", "Duda Zip"),
)
NOT_GRADED = {
    "hw-readme": "wrong-file.nothing",
    "hw-workflow": "wrong-file.nothing",
    "sofia": "wrong-file.pdf",
    "zoe": "unreadable.empty",
    "abreuolga": "wrong-file.page",
    "motapaulo": "unreadable.zip-broken",
}


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """The report on all of them, graded in one run."""
    folder = tmp_path_factory.mktemp("class")
    course = write_mean_course(folder / "course")
    handout = (course.exercises / "media/media.ipynb").read_bytes()
    zipped = zip_of(folder / "entrega.zip", {"trabalho/media.ipynb": RIGHT}).read_bytes()
    moodle = MOODLE | {"Duda Zip_5714_assignsubmission_file/entrega.zip": zipped}
    paths: list[Path] = [
        folder_of(folder / "repositories", REPOSITORIES | {"hw-elisa/media.ipynb": handout}),
        folder_of(folder / "loose", LOOSE),
        zip_of(folder / "canvas.zip", CANVAS),
        zip_of(folder / "moodle.zip", moodle),
    ]
    return graded(paths, course.settings(folder / "grades"))


@pytest.fixture(scope="module")
def students(report: Report) -> Mapping[str, SubmissionResult]:
    return by_student(report)


def test_every_student_is_listed_once(report: Report) -> None:
    names = [submission.student for submission in report.submissions]
    assert sorted((*EARN_ALL, *NOT_GRADED, "hw-elisa")) == sorted(names)


@pytest.mark.parametrize("student", EARN_ALL)
def test_the_right_notebook_is_graded(
    student: str, students: Mapping[str, SubmissionResult]
) -> None:
    result = students[student]
    statuses = statuses_of(result)
    assert ("graded", "passed", "passed") == (result.status, statuses["mean"], statuses["spread"])
    assert [] == [flag.id for flag in result.flags]


@pytest.mark.parametrize("student", NOT_GRADED)
def test_what_cannot_be_graded_says_why(
    student: str, students: Mapping[str, SubmissionResult]
) -> None:
    reason = students[student].reason
    assert reason is not None
    assert NOT_GRADED[student] == reason.id


def test_the_unchanged_handout_is_called_that(students: Mapping[str, SubmissionResult]) -> None:
    assert "unchanged" == students["hw-elisa"].status


def test_files_that_cannot_be_read_belong_to_the_assignment_of_the_class(report: Report) -> None:
    assert {"media"} == {submission.assignment for submission in report.submissions}


def test_it_is_said_of_each_other_notebook_why_it_does_not_count(report: Report) -> None:
    other = {item.file.rpartition("/")[2]: item.status for item in report.left_out}
    drafts = ("media-backup.ipynb", "media - Cópia.ipynb", "z-rascunho.ipynb")
    assert ["superseded"] * 3 == [other[name] for name in drafts]
