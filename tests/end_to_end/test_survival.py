"""What the grader must survive: notebooks that fight their kernel, files that are no notebooks, broken courses.

All notebooks are graded in one batch with small limits: each test looks at one of them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from grader.errors import GraderError
from grader.report import CellProblem, Report, SubmissionResult
from tests.corpus.given import BACKWARD, START
from tests.support.courses import Course, by_student, credits_of, graded, notebook, write_notebook

STEP = "w.data = w.data - 0.1 * w.grad.data"
CHANGE = "J_new = ((x * w - y) ** 2).sum()\nprint((J_new - J).item())"
BEFORE = (*START, BACKWARD, STEP)
TROUBLE = len(BEFORE)
"""Index of the cell that makes trouble."""

ALL = {"w-grad": 1.0, "gradient-step": 1.0, "loss-decrease": 1.0, "resnet18-graph": 0.0}
BEFORE_TROUBLE = ALL | {"loss-decrease": 0.0}

TROUBLES = {
    "raises": "raise RuntimeError('opa\\nduas linhas')",
    "loops": "while True: pass",
    "loops-on": "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass",
    "os-exit": "import os\nos._exit(0)",
    "killed": "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)",
    "segfault": "import ctypes\nctypes.string_at(0)",
    "prints": "while True: print('x' * 1000)",
    "allocates": "blocos = []\nwhile True: blocos.append(bytearray(2 ** 26))",
    "allocates-tensors": "grandes = []\nwhile True: grandes.append(torch.ones(2 ** 24))",
    "closes-files": "import os\nos.closerange(3, 64)",
    "input": "resposta = input('Qual o valor de J? ')",
}

GOES_ON = ("raises", "loops", "prints", "allocates", "allocates-tensors", "input")
"""After these the next cell runs."""

TEXT = json.dumps(notebook([*BEFORE, CHANGE]))


def _format_3() -> dict[str, Any]:
    cells = [
        {
            "cell_type": "code",
            "input": source,
            "language": "python",
            "outputs": [],
            "collapsed": False,
            "metadata": {},
        }
        for source in (*BEFORE, CHANGE)
    ]
    return {
        "nbformat": 3,
        "nbformat_minor": 0,
        "metadata": {"name": ""},
        "worksheets": [{"cells": cells}],
    }


def _without_ids(minor: int) -> dict[str, Any]:
    made = notebook([*BEFORE, CHANGE])
    for cell in made["cells"]:
        del cell["id"]
    return made | {"nbformat_minor": minor}


RIGHT_FILES: Mapping[str, bytes] = {
    "format-3": json.dumps(_format_3()).encode(),
    "format-4-0": json.dumps(_without_ids(0)).encode(),
    "missing-ids": json.dumps(_without_ids(5)).encode(),
    "windows-line-ends": json.dumps(notebook([*BEFORE, CHANGE]), indent=1)
    .replace(r"\n", r"\r\n")
    .replace("\n", "\r\n")
    .encode(),
    "byte-order-mark": b"\xef\xbb\xbf" + TEXT.encode(),
    "José 'da' \"Silva\" (cópia) $(exit 1) [bold] 😀 #2": TEXT.encode(),
}
"""Notebooks that are right, as unusual programs save them and unusual people name them."""

CONFLICT = TEXT.replace(
    '"metadata"', '\n<<<<<<< HEAD\n"metadata"\n=======\n"metadata"\n>>>>>>> branch\n', 1
)

BAD_FILES: Mapping[str, tuple[bytes, str, str]] = {
    "conflict": (CONFLICT.encode(), "unreadable", "unreadable.git-conflict"),
    "truncated": (TEXT[: len(TEXT) // 2].encode(), "unreadable", "unreadable.not-json"),
    "empty": (b"", "unreadable", "unreadable.empty"),
    "binary": (bytes(range(256)) * 9, "unreadable", "unreadable.not-text"),
    "deep": (b"[" * 100_000, "unreadable", "unreadable.not-json"),
    "format-2": (
        json.dumps({"nbformat": 2, "worksheets": []}).encode(),
        "unreadable",
        "unreadable.format",
    ),
    "not-a-notebook": (
        b'{"name": "dados", "values": [1, 2]}',
        "wrong_file",
        "wrong-file.not-a-notebook",
    ),
    "a-list": (b"[1, 2, 3]", "wrong_file", "wrong-file.not-a-notebook"),
    "no-cells": (json.dumps(notebook([])).encode(), "wrong_file", "wrong-file.no-cells"),
    "another-language": (
        json.dumps(notebook(["x <- c(1, 2)"], kernelspec={"name": "ir", "language": "R"})).encode(),
        "wrong_file",
        "wrong-file.language",
    ),
    "another-assignment": (
        json.dumps(notebook(["#!# Árvores de decisão", "notas = [7, 8]\nsum(notas)"])).encode(),
        "wrong_file",
        "wrong-file.other-assignment",
    ),
}
HUGE_MIB = 200

ODD_NAMES = ("-rf", "a\nb", "a..b", "CON", "x" * 240, "\u202egnp", "%s{}", "  ")
"""Of files that are the handout unchanged."""


@pytest.fixture(scope="module")
def report(autograd: Course, tmp_path_factory: pytest.TempPathFactory) -> Report:
    """The one batch."""
    folder = tmp_path_factory.mktemp("survival")
    for name, source in TROUBLES.items():
        write_notebook(folder / f"in/{name}.ipynb", [*BEFORE, source, CHANGE])
    for name, content in RIGHT_FILES.items():
        (folder / f"in/{name}.ipynb").write_bytes(content)
    for name, (content, _, _) in BAD_FILES.items():
        (folder / f"in/{name}.ipynb").write_bytes(content)
    with (folder / "in/huge.ipynb").open("wb") as file:
        file.truncate(HUGE_MIB * 2**20)
    handout = (autograd.exercises / "autograd/autograd.ipynb").read_bytes()
    for number, name in enumerate(ODD_NAMES):
        (folder / f"in/odd/{number}").mkdir(parents=True)
        (folder / f"in/odd/{number}/{name}.ipynb").write_bytes(handout)
    return graded(folder / "in", autograd.settings(folder / "grades"))


@pytest.fixture(scope="module")
def students(report: Report) -> dict[str, SubmissionResult]:
    return by_student(report)


def problem(submission: SubmissionResult) -> CellProblem:
    """The first cell that did not end well."""
    return submission.execution.problems[0]


# Notebooks that fight their kernel


@pytest.mark.kernel
def test_every_notebook_of_the_batch_is_in_the_report(report: Report) -> None:
    expected = len(TROUBLES) + len(RIGHT_FILES) + len(BAD_FILES) + len(ODD_NAMES) + 1
    assert (expected, 0) == (report.summary.submissions, report.summary.ungradable)


@pytest.mark.kernel
@pytest.mark.parametrize("name", TROUBLES)
def test_exercises_before_the_trouble_keep_their_points(
    name: str, students: Mapping[str, SubmissionResult]
) -> None:
    expected = ALL if name in GOES_ON else BEFORE_TROUBLE
    assert ("graded", expected) == (students[name].status, credits_of(students[name]))


@pytest.mark.kernel
@pytest.mark.parametrize(
    ("name", "status", "error"),
    [
        ("raises", "error", "RuntimeError"),
        ("loops", "timeout", "KeyboardInterrupt"),
        ("loops-on", "timeout", ""),
        ("os-exit", "died", ""),
        ("killed", "died", ""),
        ("segfault", "died", ""),
        ("prints", "flooded", "KeyboardInterrupt"),
        ("allocates", "error", "MemoryError"),
        ("allocates-tensors", "error", "RuntimeError"),
        ("input", "error", "StdinNotImplementedError"),
    ],
)
def test_the_trouble_is_named_with_its_cell(
    name: str, status: str, error: str, students: Mapping[str, SubmissionResult]
) -> None:
    found = problem(students[name])
    assert (TROUBLE, status, error) == (found.where.cell, found.status, found.error)


@pytest.mark.kernel
@pytest.mark.parametrize(
    ("name", "ended"),
    [
        ("loops", "timeout"),
        ("loops-on", "timeout"),
        ("os-exit", "died"),
        ("killed", "died"),
        ("prints", "flooded"),
    ],
)
def test_what_ended_a_cell_before_its_time_is_told(
    name: str, ended: str, students: Mapping[str, SubmissionResult]
) -> None:
    told = students[name].execution.ended
    assert told is not None
    assert (f"ended.{ended}", TROUBLE) == (told.id, told.params["cell"])


@pytest.mark.kernel
@pytest.mark.parametrize("name", ["loops-on", "os-exit", "killed", "segfault"])
def test_an_exercise_after_the_end_of_the_kernel_was_not_run(
    name: str, students: Mapping[str, SubmissionResult]
) -> None:
    statuses = {exercise.id: exercise.status for exercise in students[name].exercises}
    assert ("not_run", "not_run") == (statuses["loss-decrease"], statuses["resnet18-graph"])


# Files


@pytest.mark.kernel
@pytest.mark.parametrize("name", RIGHT_FILES)
def test_an_unusual_file_is_graded_as_any_other(
    name: str, students: Mapping[str, SubmissionResult]
) -> None:
    assert ("graded", ALL) == (students[name].status, credits_of(students[name]))


@pytest.mark.kernel
@pytest.mark.parametrize("name", BAD_FILES)
def test_a_file_that_cannot_be_graded_has_a_status_and_a_reason(
    name: str, students: Mapping[str, SubmissionResult]
) -> None:
    reason = students[name].reason
    assert BAD_FILES[name][1:] == (students[name].status, reason.id if reason else "")


@pytest.mark.kernel
def test_a_huge_file_is_not_read(students: Mapping[str, SubmissionResult]) -> None:
    reason = students["huge"].reason
    assert reason is not None
    assert ("unreadable.too-large", HUGE_MIB) == (reason.id, reason.params["mib"])


@pytest.mark.kernel
def test_files_with_odd_names_are_graded(report: Report) -> None:
    odd = [submission for submission in report.submissions if submission.file.startswith("odd/")]
    assert ["unchanged"] * len(ODD_NAMES) == [submission.status for submission in odd]


@pytest.mark.kernel
def test_no_name_in_the_report_steers_a_terminal(report: Report) -> None:
    names = "".join(submission.student + submission.file for submission in report.submissions)
    assert not {"\n", "\x1b", "\u202e"} & set(names)


@pytest.mark.kernel
def test_the_report_is_strict_json(report: Report) -> None:
    text = report.model_dump_json()
    assert report == Report.model_validate_json(text)
    json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))


# Courses: one clear line, and an exit code


def line(error: GraderError) -> str:
    assert "\n" not in str(error)
    assert error.advice or error.problem
    return str(error)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_notebook(tmp_path / "in/ana.ipynb", ["dados = [2.0, 4.5, 7.25, 1.0]", "sum(dados) / 4"])
    return tmp_path / "in"


def test_an_empty_folder_holds_nothing_to_grade(course: Course, tmp_path: Path, out: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(GraderError) as caught:
        graded(tmp_path / "empty", course.settings(out))
    expected = (
        f"There is no notebook in {tmp_path / 'empty'}/. Put the students' .ipynb files there."
    )
    assert (expected, 5) == (line(caught.value), caught.value.exit_code)


def test_a_path_that_is_not_there_holds_nothing_to_grade(
    course: Course, tmp_path: Path, out: Path
) -> None:
    with pytest.raises(GraderError) as caught:
        graded(tmp_path / "entregas", course.settings(out))
    expected = f"There is no {tmp_path / 'entregas'}. Check the path."
    assert (expected, 5) == (line(caught.value), caught.value.exit_code)


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("exercises/media/assignment.toml", "[run]", "[run", "this is not TOML"),
        (
            "exercises/media/assignment.toml",
            'title = "Média"\n',
            "",
            "exercises.0.title: Field required",
        ),
        (
            "exercises/media/assignment.toml",
            "cell_timeout_s = 10",
            "cell_timeout_s = -1",
            "run.cell_timeout_s",
        ),
        (
            "exercises/media/assignment.toml",
            'handout = "media.ipynb"',
            'handout = "m.ipynb"',
            "no such notebook",
        ),
        ("exercises/media/media.ipynb", '"cells"', '<<<<<<< "cells"', "this is not a notebook"),
        ("solutions/media/variants.toml", "[[inputs]]", "[[inputs", "this is not TOML"),
        ("solutions/media/mistakes.toml", "credit = {}", "credits = {}", "credits: Extra inputs"),
        (
            "solutions/media/media.ipynb",
            "# grade: spread = amplitude",
            "",
            "marks the answer of exercise spread",
        ),
    ],
)
def test_a_course_that_cannot_be_read_is_told_with_its_file(
    course: Course, folder: Path, out: Path, file: str, old: str, new: str, told: str
) -> None:
    course.edit(file, old, new)
    with pytest.raises(GraderError) as caught:
        graded(folder, course.settings(out))
    name = file if "no such" not in told else "exercises/media/m.ipynb"
    assert line(caught.value).startswith(f"{course.folder / name}: ")
    assert told in str(caught.value)
    assert 3 == caught.value.exit_code


@pytest.mark.kernel
def test_a_reference_that_fails_is_told_with_its_cell(
    course: Course, folder: Path, out: Path
) -> None:
    course.edit("solutions/media/media.ipynb", "max(dados) - media  #", "1 / 0  #")
    with pytest.raises(GraderError) as caught:
        graded(folder, course.settings(out))
    where = course.folder / "solutions/media/media.ipynb"
    assert line(caught.value).startswith(
        f"{where}: cell 3 of the reference fails: ZeroDivisionError"
    )
    assert 3 == caught.value.exit_code


def test_a_folder_without_assignments_is_told(tmp_path: Path, folder: Path, out: Path) -> None:
    (tmp_path / "empty/exercises").mkdir(parents=True)
    with pytest.raises(GraderError) as caught:
        graded(folder, Course(tmp_path / "empty").settings(out))
    assert (3, True) == (
        caught.value.exit_code,
        line(caught.value).startswith("There is no assignment in "),
    )
