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
from tests.support.other_machines import (
    EARNING_LESS,
    IN_FILES,
    MODULES,
    OUT_OF_ORDER,
    RIGHT,
    WAITING,
)
from tests.support.petals_course import AUTOMATIC, write_petals_course
from tests.support.sampling import sample

pytestmark = pytest.mark.kernel

# A run of the tests tries a part of each; all of them with GRADER_TEST_ALL=1.
SHARE = 4
TRIED = sample(list(RIGHT), len(RIGHT) // SHARE, "right elsewhere")
HELD_UP = sample(list(WAITING), len(WAITING) // 2, "waiting")
FAULTY = sample(list(EARNING_LESS), 1, "earning less")


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """The report of all notebooks."""
    course = write_petals_course(tmp_path_factory.mktemp("class") / "course")
    notebooks = {name: RIGHT[name] for name in TRIED}
    notebooks |= {name: WAITING[name][1] for name in HELD_UP}
    notebooks |= {name: EARNING_LESS[name][0] for name in FAULTY}
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


@pytest.mark.parametrize("name", [*TRIED, *IN_FILES])
def test_a_right_notebook_earns_everything(
    name: str, students: Mapping[str, SubmissionResult]
) -> None:
    statuses = statuses_of(students[name])
    passed = dict.fromkeys(AUTOMATIC, "passed")
    assert passed | {"question-1": "pending", "question-2": "pending"} == statuses, reasons_of(
        students[name]
    )


@pytest.mark.parametrize("name", HELD_UP)
def test_what_the_machine_kept_from_running_waits(
    name: str, students: Mapping[str, SubmissionResult]
) -> None:
    reason, _, waiting = WAITING[name]
    statuses = statuses_of(students[name])
    expected = {each: "pending" if each in waiting else "passed" for each in AUTOMATIC}
    assert expected == {each: statuses[each] for each in AUTOMATIC}, reasons_of(students[name])
    assert {reason} == {reasons_of(students[name])[each] for each in waiting}


@pytest.mark.parametrize("name", FAULTY)
def test_a_students_own_fault_does_not_wait(
    name: str, students: Mapping[str, SubmissionResult]
) -> None:
    _, expected = EARNING_LESS[name]
    statuses = statuses_of(students[name])
    assert expected == {each: statuses[each] for each in expected}, reasons_of(students[name])


@pytest.mark.parametrize("name", [*TRIED, *IN_FILES, *HELD_UP])
def test_no_student_reads_anything_false(
    name: str, students: Mapping[str, SubmissionResult]
) -> None:
    true = ["note.again"] if name in OUT_OF_ORDER else []
    assert true == false_sentences(students[name], "en")


TOLD_OF_THE_CLASS = {
    "torchview": "pip install torchview",
    "hiddenlayer": "pip install hiddenlayer",
    "asks-for-epochs": "asked for",
    "asks-for-a-password": "asked for",
    "killed": "ended the kernel",
    "aborted": "ended the kernel",
    "full-disk": "disk_mib",
    "full-disk-by-numpy": "disk_mib",
}


def test_the_class_is_told_what_is_missing_and_which_limit_was_met(report: Report) -> None:
    reasons = {group.reason.id for group in report.summary.waiting}
    assert {WAITING[name][0] for name in HELD_UP} == reasons

    lines = "\n".join(waiting_lines(report, "en"))
    told = {name: text for name, text in TOLD_OF_THE_CLASS.items() if name in HELD_UP}
    assert {} == {name: text for name, text in told.items() if text not in lines}
