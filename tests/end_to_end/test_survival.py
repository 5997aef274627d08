"""The grader survives notebooks that fight their kernel, odd files and broken courses.

All notebooks are graded in one batch with small limits; each test looks at one of them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from grader.errors import GraderError
from grader.report import CellProblem, Report, SubmissionResult
from grader.settings import Settings
from tests.support.courses import (
    Course,
    by_student,
    credits_of,
    graded,
    notebook,
    statuses_of,
    write_notebook,
)
from tests.support.mean_course import (
    MEAN_DATA,
    MEAN_STEP,
    RIGHT_CELLS,
    SPREAD_STEP,
    write_mean_course,
)

BEFORE = (MEAN_DATA, MEAN_STEP)
"""The cells before the trouble."""
TROUBLE = len(BEFORE)
"""Index of the cell with the trouble."""

ALL = {"mean": 1.0, "spread": 1.0}
BEFORE_TROUBLE = ALL | {"spread": 0.0}

TROUBLES = {
    "raises": "raise RuntimeError('opa\\nduas linhas')",
    "loops": "while True: pass",
    "loops-on": "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass",
    "os-exit": "import os\nos._exit(0)",
    "killed": "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)",
    "segfault": "import ctypes\nctypes.string_at(0)",
    "prints": "while True: print('x' * 1000)",
    "allocates": "blocos = []\nwhile True: blocos.append(bytearray(2 ** 26))",
    # Nothing is written into them: to fill memory takes long on a busy machine.
    "allocates-tensors": (
        "import torch\ngrandes = []\nwhile True: grandes.append(torch.empty(2 ** 24))"
    ),
    "closes-files": "import os\nos.closerange(3, 64)",
    "input": "resposta = input('Qual a média? ')",
}

GOES_ON = ("raises", "loops", "prints", "allocates", "allocates-tensors", "input")
"""Troubles after which the next cell runs."""

TEXT = json.dumps(notebook(RIGHT_CELLS))


def format_3_cell(source: str) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "input": source,
        "language": "python",
        "outputs": [],
        "collapsed": False,
        "metadata": {},
    }


def format_3() -> bytes:
    cells = [format_3_cell(source) for source in RIGHT_CELLS]
    content = {
        "nbformat": 3,
        "nbformat_minor": 0,
        "metadata": {"name": ""},
        "worksheets": [{"cells": cells}],
    }
    return json.dumps(content).encode()


def without_cell_ids(nbformat_minor: int) -> bytes:
    content = notebook(RIGHT_CELLS) | {"nbformat_minor": nbformat_minor}
    for cell in content["cells"]:
        del cell["id"]
    return json.dumps(content).encode()


def with_windows_line_ends() -> bytes:
    text = json.dumps(notebook(RIGHT_CELLS), indent=1)
    in_sources = text.replace(r"\n", r"\r\n")
    return in_sources.replace("\n", "\r\n").encode()


RIGHT_FILES: Mapping[str, bytes] = {
    "format-3": format_3(),
    "format-4-0": without_cell_ids(0),
    "missing-ids": without_cell_ids(5),
    "windows-line-ends": with_windows_line_ends(),
    "byte-order-mark": b"\xef\xbb\xbf" + TEXT.encode(),
    "José 'da' \"Silva\" (cópia) $(exit 1) [bold] 😀 #2": TEXT.encode(),
}
"""Right notebooks, as unusual programs save them and unusual people name them."""

CONFLICT = TEXT.replace(
    '"metadata"', '\n<<<<<<< HEAD\n"metadata"\n=======\n"metadata"\n>>>>>>> branch\n', 1
)

IN_R = notebook(["x <- c(1, 2)"], kernelspec={"name": "ir", "language": "R"})
ON_TREES = notebook(["#!# Árvores de decisão", "notas = [7, 8]\nsum(notas)"])


@dataclass(frozen=True)
class BadFile:
    """A file that cannot be graded, and the id of the reason for it."""

    content: bytes
    reason: str

    @property
    def status(self) -> str:
        return self.reason.partition(".")[0].replace("-", "_")


BAD_FILES: Mapping[str, BadFile] = {
    "conflict": BadFile(CONFLICT.encode(), "unreadable.git-conflict"),
    "truncated": BadFile(TEXT[: len(TEXT) // 2].encode(), "unreadable.not-json"),
    "empty": BadFile(b"", "unreadable.empty"),
    "binary": BadFile(bytes(range(256)) * 9, "unreadable.not-text"),
    "deep": BadFile(b"[" * 100_000, "unreadable.not-json"),
    "format-2": BadFile(b'{"nbformat": 2, "worksheets": []}', "unreadable.format"),
    "not-a-notebook": BadFile(b'{"name": "dados", "values": [1]}', "wrong-file.not-a-notebook"),
    "a-list": BadFile(b"[1, 2, 3]", "wrong-file.not-a-notebook"),
    "no-cells": BadFile(json.dumps(notebook([])).encode(), "wrong-file.no-cells"),
    "another-language": BadFile(json.dumps(IN_R).encode(), "wrong-file.language"),
    "another-assignment": BadFile(json.dumps(ON_TREES).encode(), "wrong-file.other-assignment"),
}
HUGE_MIB = 200

ODD_NAMES = ("-rf", "a\nb", "a..b", "CON", "x" * 240, "\u202egnp", "%s{}", "  ")
"""Names of files that are the unchanged handout."""


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """The report on the one batch."""
    folder = tmp_path_factory.mktemp("survival")
    course = write_mean_course(folder / "course")
    limits = "cell_timeout_s = 6\nmemory_mib = 600"
    course.edit("exercises/media/assignment.toml", "cell_timeout_s = 10", limits)
    handout = (course.exercises / "media/media.ipynb").read_bytes()
    write_batch(folder / "in", handout)
    return graded(folder / "in", course.settings(folder / "grades"))


def write_batch(folder: Path, handout: bytes) -> None:
    for name, source in TROUBLES.items():
        write_notebook(folder / f"{name}.ipynb", [*BEFORE, source, SPREAD_STEP])
    for name, content in RIGHT_FILES.items():
        (folder / f"{name}.ipynb").write_bytes(content)
    for name, file in BAD_FILES.items():
        (folder / f"{name}.ipynb").write_bytes(file.content)
    with (folder / "huge.ipynb").open("wb") as huge:
        huge.truncate(HUGE_MIB * 2**20)
    for number, name in enumerate(ODD_NAMES):
        (folder / f"odd/{number}").mkdir(parents=True)
        (folder / f"odd/{number}/{name}.ipynb").write_bytes(handout)


@pytest.fixture(scope="module")
def students(report: Report) -> dict[str, SubmissionResult]:
    return by_student(report)


def first_problem(submission: SubmissionResult) -> CellProblem:
    """Return the first cell that did not end well."""
    return submission.execution.problems[0]


# Notebooks that fight their kernel


@pytest.mark.kernel
def test_every_notebook_of_the_batch_is_in_the_report(report: Report) -> None:
    huge = 1
    expected = len(TROUBLES) + len(RIGHT_FILES) + len(BAD_FILES) + len(ODD_NAMES) + huge
    assert expected == report.summary.submissions
    assert 0 == report.summary.ungradable


@pytest.mark.kernel
@pytest.mark.parametrize("name", TROUBLES)
def test_exercises_before_the_trouble_keep_their_points(
    name: str, students: Mapping[str, SubmissionResult]
) -> None:
    expected = ALL if name in GOES_ON else BEFORE_TROUBLE
    assert "graded" == students[name].status
    assert expected == credits_of(students[name])


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
        ("prints", "timeout", "KeyboardInterrupt"),
        ("allocates", "error", "MemoryError"),
        ("allocates-tensors", "error", "RuntimeError"),
        ("input", "error", "StdinNotImplementedError"),
    ],
)
def test_the_trouble_is_named_with_its_cell(
    name: str, status: str, error: str, students: Mapping[str, SubmissionResult]
) -> None:
    problem = first_problem(students[name])
    assert TROUBLE == problem.where.cell
    assert (status, error) == (problem.status, problem.error)


@pytest.mark.kernel
@pytest.mark.parametrize(
    ("name", "ended"),
    [
        ("loops", "timeout"),
        ("loops-on", "timeout"),
        ("os-exit", "died"),
        ("killed", "died"),
        ("prints", "timeout"),
    ],
)
def test_the_end_of_a_cell_before_its_time_is_told_with_its_cause(
    name: str, ended: str, students: Mapping[str, SubmissionResult]
) -> None:
    message = students[name].execution.ended
    assert message is not None
    assert f"ended.{ended}" == message.id
    assert TROUBLE == message.params["cell"]


@pytest.mark.kernel
@pytest.mark.parametrize("name", ["loops-on", "os-exit", "killed", "segfault"])
def test_an_exercise_after_the_end_of_the_kernel_waits_for_a_person(
    name: str, students: Mapping[str, SubmissionResult]
) -> None:
    assert "pending" == statuses_of(students[name])["spread"]


# Files


@pytest.mark.kernel
@pytest.mark.parametrize("name", RIGHT_FILES)
def test_an_unusual_file_is_graded_as_any_other(
    name: str, students: Mapping[str, SubmissionResult]
) -> None:
    assert "graded" == students[name].status
    assert ALL == credits_of(students[name])


@pytest.mark.kernel
@pytest.mark.parametrize("name", BAD_FILES)
def test_a_file_that_cannot_be_graded_has_a_status_and_a_reason(
    name: str, students: Mapping[str, SubmissionResult]
) -> None:
    reason = students[name].reason
    assert reason is not None
    assert BAD_FILES[name].reason == reason.id
    assert BAD_FILES[name].status == students[name].status


@pytest.mark.kernel
def test_a_huge_file_is_not_read(students: Mapping[str, SubmissionResult]) -> None:
    reason = students["huge"].reason
    assert reason is not None
    assert "unreadable.too-large" == reason.id
    assert HUGE_MIB == reason.params["mib"]


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


def refusal(paths: Path, settings: Settings, exit_code: int) -> str:
    """Return the one line in which a run is refused with an exit code."""
    with pytest.raises(GraderError) as caught:
        graded(paths, settings)
    line = str(caught.value)
    assert "\n" not in line
    assert exit_code == caught.value.exit_code
    return line


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_notebook(tmp_path / "in/ana.ipynb", ["dados = [2.0, 4.5, 7.25, 1.0]", "sum(dados) / 4"])
    return tmp_path / "in"


def test_an_empty_folder_holds_nothing_to_grade(course: Course, tmp_path: Path, out: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    expected = f"There is no notebook in {empty}/. Put the students' .ipynb files there."
    assert expected == refusal(empty, course.settings(out), exit_code=5)


def test_a_path_that_is_not_there_holds_nothing_to_grade(
    course: Course, tmp_path: Path, out: Path
) -> None:
    missing = tmp_path / "entregas"
    expected = f"There is no {missing}. Check the path."
    assert expected == refusal(missing, course.settings(out), exit_code=5)


@pytest.mark.parametrize(
    ("file", "old", "new", "problem"),
    [
        ("exercises/media/assignment.toml", "[run]", "[run", "this is not TOML"),
        (
            "exercises/media/assignment.toml",
            'title = "Média"\n',
            "",
            "exercises.mean.title: this field is missing",
        ),
        (
            "exercises/media/assignment.toml",
            "cell_timeout_s = 10",
            "cell_timeout_s = -1",
            "run.cell_timeout_s",
        ),
        ("exercises/media/media.ipynb", '"cells"', '<<<<<<< "cells"', "this is not a notebook"),
        ("solutions/media/variants.toml", "[[inputs]]", "[[inputs", "this is not TOML"),
        (
            "solutions/media/mistakes.toml",
            "credit = {}",
            "credits = {}",
            "credits: there is no such field. Did you mean 'credit'?",
        ),
        (
            "solutions/media/media.ipynb",
            "# grade: spread = amplitude",
            "",
            "marks the answer of exercise spread",
        ),
    ],
)
def test_a_course_that_cannot_be_read_is_told_with_its_file(
    course: Course, folder: Path, out: Path, file: str, old: str, new: str, problem: str
) -> None:
    course.edit(file, old, new)
    line = refusal(folder, course.settings(out), exit_code=3)
    assert line.startswith(f"{course.folder / file}: ")
    assert problem in line


def test_a_handout_that_is_not_there_is_told_by_its_name(
    course: Course, folder: Path, out: Path
) -> None:
    course.edit("exercises/media/assignment.toml", '"media.ipynb"', '"m.ipynb"')
    line = refusal(folder, course.settings(out), exit_code=3)
    assert line.startswith(f"{course.exercises / 'media/m.ipynb'}: ")
    assert "no such notebook" in line


@pytest.mark.kernel
def test_a_reference_that_fails_is_told_with_its_cell(
    course: Course, folder: Path, out: Path
) -> None:
    course.edit("solutions/media/media.ipynb", "max(dados) - media  #", "1 / 0  #")
    line = refusal(folder, course.settings(out), exit_code=3)
    where = course.solutions / "media/media.ipynb"
    assert line.startswith(f"{where}: cell 3 of the reference fails: ZeroDivisionError")


def test_a_folder_without_assignments_is_told(tmp_path: Path, folder: Path, out: Path) -> None:
    (tmp_path / "empty/exercises").mkdir(parents=True)
    line = refusal(folder, Course(tmp_path / "empty").settings(out), exit_code=3)
    assert line.startswith("There is no assignment in ")
