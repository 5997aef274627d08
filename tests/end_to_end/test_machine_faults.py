"""What the machine keeps from running waits for a person: nothing false is said, once for all."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from grader.messages import MISSING, say
from grader.outputs.class_summary import waiting_lines
from grader.outputs.formats.github import summary
from grader.report import Report, SubmissionResult
from tests.support.courses import Course, by_student, graded, write_notebook
from tests.support.false_sentences import false_sentences
from tests.support.mean_course import MEAN_DATA, RIGHT_CELLS, SPREAD_STEP, write_mean_course
from tests.support.pages import of_class
from tests.support.secrecy import shown_on_the_page, shown_to_a_student

pytestmark = pytest.mark.kernel

HEADING = "#!# Média e amplitude"

MEAN = "media = {}"
WAITING: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "package": (
        "machine.package",
        (MEAN_DATA, "import wandbx", MEAN.format("wandbx.mean(dados) + 0"), SPREAD_STEP),
    ),
    "package-needed-by-all": (
        "machine.package",
        (f"from wandbx.nets import Net\nclass Mine(Net): pass\n{MEAN_DATA}", *RIGHT_CELLS[1:]),
    ),
    "path": (
        "machine.path",
        (MEAN_DATA, MEAN.format("float(open('/content/drive/media.txt').read())"), SPREAD_STEP),
    ),
    "network": (
        "machine.network",
        (
            MEAN_DATA,
            "from urllib.request import urlopen",
            MEAN.format("float(urlopen('https://example.org/media').read())"),
            SPREAD_STEP,
        ),
    ),
    "input": (
        "machine.input",
        (MEAN_DATA, MEAN.format("sum(dados) / int(input('n? '))"), SPREAD_STEP),
    ),
    "time": (
        "machine.time",
        (MEAN_DATA, "import time\ntime.sleep(60)\nmedia = sum(dados) / len(dados)", SPREAD_STEP),
    ),
    "kernel": (
        "machine.kernel",
        (MEAN_DATA, "import os\nos.kill(os.getpid(), 9)", *RIGHT_CELLS[1:]),
    ),
}
"""Per notebook, the reason for which both exercises wait, and its cells."""

OWN_SPREAD = "amplitude = max(dados) - sum(dados) / len(dados)"

OTHERS: Mapping[str, tuple[str, ...]] = {
    "right": ("import wandbx\nwandbx.init(project='p')", *RIGHT_CELLS),
    "typed-in": ("import wandbx", MEAN_DATA, "media = 3.6875", OWN_SPREAD),
    "untried": ("import wandbx\nwandbx.login()", MEAN_DATA),
    "wrong": (MEAN_DATA, "import wandbx", "media = sum(dados)", SPREAD_STEP),
}


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """The report of all notebooks."""
    course: Course = write_mean_course(tmp_path_factory.mktemp("class") / "course")
    course.edit("exercises/media/assignment.toml", "cell_timeout_s = 10", "cell_timeout_s = 3")
    notebooks = {name: cells for name, (_, cells) in WAITING.items()} | OTHERS
    for name, cells in notebooks.items():
        write_notebook(course.folder / f"in/{name}.ipynb", (HEADING, *cells))
    return graded(course.folder / "in", course.settings(course.folder / "grades"))


@pytest.fixture(scope="module")
def students(report: Report) -> Mapping[str, SubmissionResult]:
    return by_student(report)


@pytest.mark.parametrize("name", WAITING)
def test_exercises_wait_with_the_machines_reason(
    name: str, students: Mapping[str, SubmissionResult]
) -> None:
    reason, _ = WAITING[name]
    mean, spread, _ = students[name].exercises
    assert [("pending", reason)] * 2 == [
        (exercise.status, exercise.checks[0].message.id) for exercise in (mean, spread)
    ]
    assert ["machine"] == [flag.id for flag in mean.flags]
    assert () == mean.mistakes + spread.mistakes


@pytest.mark.parametrize("name", WAITING)
def test_a_student_reads_nothing_false(name: str, students: Mapping[str, SubmissionResult]) -> None:
    assert [] == false_sentences(students[name], "pt")


@pytest.mark.parametrize("name", WAITING)
def test_the_reason_is_told_once_for_each_exercise(
    name: str, students: Mapping[str, SubmissionResult]
) -> None:
    reason, _ = WAITING[name]
    sentence = say(reason, {}, language="pt", reader="student").split(MISSING)[0].strip()
    page = " ".join(shown_on_the_page(students[name], "pt").split())
    terminal = shown_to_a_student(students[name], "pt")
    assert (2, 2) == (page.count(sentence), terminal.count(sentence))


def test_a_student_who_tried_nothing_reads_that(students: Mapping[str, SubmissionResult]) -> None:
    assert ["value.missing"] == false_sentences(students["untried"], "pt")


def test_a_package_that_only_logs_costs_nothing(students: Mapping[str, SubmissionResult]) -> None:
    assert 5.0 == students["right"].points


@pytest.mark.parametrize(
    ("name", "statuses"),
    [
        ("typed-in", ["failed", "passed"]),
        ("untried", ["missing", "missing"]),
        ("wrong", ["partial", "failed"]),
    ],
)
def test_what_was_wrong_or_not_tried_does_not_wait(
    name: str, statuses: list[str], students: Mapping[str, SubmissionResult]
) -> None:
    automatic = [exercise for exercise in students[name].exercises if exercise.automatic]
    assert statuses == [exercise.status for exercise in automatic]


def test_the_class_is_told_once_what_is_missing(report: Report) -> None:
    waiting = {
        (group.reason.id, group.reason.params["what"]): group.submissions
        for group in report.summary.waiting
    }
    assert 2 == waiting["machine.package", "wandbx"]
    assert {reason for reason, _ in WAITING.values()} == {reason for reason, _ in waiting}

    package = next(line for line in waiting_lines(report, "en") if "wandbx" in line)
    assert package.startswith("wandbx is not installed here: 2 notebooks wait for a person.")
    assert "pip install wandbx" in package
    assert "wandbx is not installed here: 2 notebooks" in of_class(report)
    assert "2 notebooks wait for a person" in summary(report, "en")
