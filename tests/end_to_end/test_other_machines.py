"""A right notebook from another machine earns all points, or waits with the machine's reason."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from grader.outputs.class_summary import waiting_lines
from grader.report import Report, SubmissionResult
from tests.support.courses import (
    by_student,
    graded,
    reasons_of,
    statuses_of,
    write_notebook,
    write_texts,
)
from tests.support.false_sentences import false_sentences
from tests.support.other_machines import EARNING_LESS, IN_FILES, MODULES, RIGHT, WAITING
from tests.support.petals_course import AUTOMATIC, write_petals_course

pytestmark = pytest.mark.kernel


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """The report of all notebooks."""
    course = write_petals_course(tmp_path_factory.mktemp("class") / "course")
    notebooks = dict(RIGHT) | {name: cells for name, (_, cells, _) in WAITING.items()}
    notebooks |= {name: cells for name, (cells, _) in EARNING_LESS.items()}
    for name, cells in notebooks.items():
        write_notebook(course.folder / f"in/{name}.ipynb", cells)
    for name, files in IN_FILES.items():
        for file, cells in files.items():
            write_notebook(course.folder / f"folders/{name}/{file}", cells)
    write_texts(course.folder / "folders", MODULES)
    paths = [course.folder / "in", course.folder / "folders"]
    return graded(paths, course.settings(course.folder / "grades"))


@pytest.fixture(scope="module")
def students(report: Report) -> Mapping[str, SubmissionResult]:
    return by_student(report)


@pytest.mark.parametrize("name", [*RIGHT, *IN_FILES])
def test_a_right_notebook_earns_everything(
    name: str, students: Mapping[str, SubmissionResult]
) -> None:
    statuses = statuses_of(students[name])
    passed = dict.fromkeys(AUTOMATIC, "passed")
    assert passed | {"question-1": "pending", "question-2": "pending"} == statuses, reasons_of(
        students[name]
    )


@pytest.mark.parametrize("name", WAITING)
def test_what_the_machine_kept_from_running_waits(
    name: str, students: Mapping[str, SubmissionResult]
) -> None:
    reason, _, waiting = WAITING[name]
    statuses = statuses_of(students[name])
    expected = {each: "pending" if each in waiting else "passed" for each in AUTOMATIC}
    assert expected == {each: statuses[each] for each in AUTOMATIC}, reasons_of(students[name])
    assert {reason} == {reasons_of(students[name])[each] for each in waiting}


@pytest.mark.parametrize("name", EARNING_LESS)
def test_a_students_own_fault_does_not_wait(
    name: str, students: Mapping[str, SubmissionResult]
) -> None:
    _, expected = EARNING_LESS[name]
    statuses = statuses_of(students[name])
    assert expected == {each: statuses[each] for each in expected}, reasons_of(students[name])


@pytest.mark.parametrize("name", [*RIGHT, *IN_FILES, *WAITING])
def test_no_student_reads_anything_false(
    name: str, students: Mapping[str, SubmissionResult]
) -> None:
    assert [] == false_sentences(students[name], "en")


def test_the_class_is_told_what_is_missing_and_which_limit_was_met(report: Report) -> None:
    reasons = {group.reason.id for group in report.summary.waiting}
    assert {reason for reason, _, _ in WAITING.values()} == reasons

    lines = "\n".join(waiting_lines(report, "en"))
    for told in ("pip install torchview", "asked for", "ended the kernel", "disk_mib"):
        assert told in lines
