"""One submission's trouble stays its own: faults of ours, kernels that end, interruptions."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grader.assignment import load_assignments
from grader.batch import evaluator
from grader.batch.grader import SubmissionGrader
from grader.batch.workers import isolated
from grader.batch.workers.local_runner import MAX_ATTEMPTS
from grader.batch.workers.parallel import grade_side_by_side
from grader.errors import KernelUnavailable
from grader.job import Job
from grader.running.notebook import run
from grader.running.sandbox.sandbox import Sandbox
from grader.running.session import Session
from grader.settings import Settings
from grader.store.store import Store
from grader.submissions.submission import submission_at
from grader.trace import Trace
from tests.support.courses import Course, by_student, graded, points_by_student, write_notebook
from tests.support.mean_course import MEAN_DATA, MEAN_STEP, RIGHT_CELLS

pytestmark = pytest.mark.kernel


def fail_runs(
    monkeypatch: pytest.MonkeyPatch,
    text: str,
    error: Callable[[], Exception],
    times: int | None = None,
) -> None:
    """Make runs of notebooks with a text in them fail, every time or the first times."""
    failures: list[Exception] = []

    async def fail_or_run(job: Job, *others: Any) -> Trace:
        has_text = any(text in cell.source for cell in job.cells)
        if has_text and (times is None or len(failures) < times):
            failures.append(error())
            raise failures[-1]
        return await run(job, *others)

    monkeypatch.setattr(evaluator, "run", fail_or_run)


def no_kernel() -> Exception:
    return KernelUnavailable("no memory")


def test_a_fault_of_ours_leaves_one_submission_ungraded_and_the_others_graded(
    mean_course: Course, folder: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_runs(monkeypatch, "soma", lambda: ZeroDivisionError("a bug"))
    write_notebook(folder / "bia.ipynb", (MEAN_DATA, "soma = sum(dados)"))

    students = by_student(graded(folder, mean_course.settings(out)))

    assert "ungradable" == students["bia"].status
    assert students["bia"].reason is not None
    assert {"problem": "ZeroDivisionError: a bug"} == students["bia"].reason.params
    assert 5.0 == students["ana"].points
    assert 5.0 == students["caio"].points


# Kernels that cannot be had


def test_a_kernel_that_cannot_be_had_is_asked_for_once_more(
    mean_course: Course, folder: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_runs(monkeypatch, MEAN_STEP, no_kernel, times=1)
    report = graded(folder / "ana.ipynb", mean_course.settings(out))
    assert {"ana": 5.0} == points_by_student(report)


def test_a_kernel_that_cannot_be_had_twice_leaves_its_submissions_ungraded(
    mean_course: Course, folder: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_runs(monkeypatch, MEAN_STEP, no_kernel)
    students = by_student(graded(folder, mean_course.settings(out)))
    statuses = {name: submission.status for name, submission in students.items()}
    assert {"ana": "ungradable", "bia": "graded", "caio": "ungradable"} == statuses


def test_a_kernel_that_could_not_be_had_is_no_reason_not_to_try_again_another_day(
    mean_course: Course, folder: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        fail_runs(patched, MEAN_STEP, no_kernel)
        for _ in range(MAX_ATTEMPTS + 1):
            graded(folder / "ana.ipynb", mean_course.settings(out))

    report = graded(folder / "ana.ipynb", mean_course.settings(out))

    assert {"ana": 5.0} == points_by_student(report)


# Submissions that may have ended the grader


@pytest.fixture
def suspect(mean_course: Course, folder: Path, out: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A submission during which the grader's process ended twice."""
    with monkeypatch.context() as patched:
        # As if the process had ended before.
        patched.setattr(Store, "clear_attempt", lambda *_: None)
        patched.setattr(Store, "write_trace_file", lambda *_: None)
        for _ in range(MAX_ATTEMPTS):
            graded(folder / "ana.ipynb", mean_course.settings(out, sandbox="none"))
    return folder / "ana.ipynb"


def test_a_submission_that_may_have_ended_the_grader_runs_in_a_process_of_its_own(
    suspect: Path, mean_course: Course, folder: Path, out: Path, jobs_run: list[Job]
) -> None:
    points = points_by_student(graded(folder, mean_course.settings(out, sandbox="none")))
    assert 5.0 == points["ana"]
    assert 5.0 == points["caio"]
    ran_in_this_process = len(jobs_run)
    assert 2 == ran_in_this_process


def test_a_submission_that_ends_that_process_too_is_a_fault_of_ours_and_the_others_are_graded(
    suspect: Path, mean_course: Course, folder: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    abort = (sys.executable, "-c", "import os; os.abort()")
    monkeypatch.setattr(isolated, "COMMAND", abort)

    students = by_student(graded(folder, mean_course.settings(out, sandbox="none")))

    statuses = {name: submission.status for name, submission in students.items()}
    assert {"ana": "ungradable", "bia": "graded", "caio": "graded"} == statuses
    assert "ended the grader's own process" in str(students["ana"].reason)


# Kernels that end


def test_a_kernel_that_ended_is_tried_once_more_before_it_counts(
    mean_course: Course, folder: Path, out: Path, jobs_run: list[Job]
) -> None:
    *first_cells, last_cell = RIGHT_CELLS
    write_notebook(folder / "ana.ipynb", [*first_cells, "import os\nos._exit(0)", last_cell])
    report = graded(folder / "ana.ipynb", mean_course.settings(out))
    assert {"ana": 2.0} == points_by_student(report)
    assert 2 == len(jobs_run)


def test_a_kernel_that_something_else_ended_costs_no_points(
    mean_course: Course, folder: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed: list[Session] = []
    run_cells = Session.run_cells

    async def kill_the_first_and_run(session: Session) -> None:
        if not killed:
            killed.append(session)
            kernel = await session._ready_kernel()
            await kernel.manager.provisioner.kill()
        await run_cells(session)

    monkeypatch.setattr(Session, "run_cells", kill_the_first_and_run)
    report = graded(folder / "ana.ipynb", mean_course.settings(out))
    assert {"ana": 5.0} == points_by_student(report)


# The grader by itself


def plain_grader(settings: Settings, store: Store) -> SubmissionGrader:
    """Make a grader with plain kernels, which a test can find among its processes."""
    assignments = load_assignments(settings.exercises)
    return SubmissionGrader(settings, assignments, Sandbox("none"), store)


async def test_a_grader_says_which_submissions_ran(
    mean_course: Course, folder: Path, out: Path
) -> None:
    settings = mean_course.settings(out)
    submissions = [submission_at(path) for path in sorted(folder.glob("*.ipynb"))]
    with Store(out) as store:
        for expected in (["ana", "bia", "caio"], []):
            grader = plain_grader(settings, store)
            await grade_side_by_side(submissions, grader.grade, lambda _: None, jobs=2)
            assert expected == sorted(submission.student for submission in grader.ran)


async def test_a_run_that_is_interrupted_ends_its_kernels_and_leaves_no_attempt_standing(
    mean_course: Course, tmp_path: Path, out: Path
) -> None:
    path = write_notebook(tmp_path / "in/ana.ipynb", (*RIGHT_CELLS, "while True: pass"))
    with Store(out) as store:
        grader = plain_grader(mean_course.settings(out), store)
        grading = grade_side_by_side([submission_at(path)], grader.grade, lambda _: None, jobs=2)
        task = asyncio.ensure_future(grading)
        while not find_kernels():
            await asyncio.sleep(0.1)

        task.cancel()  # what Ctrl-C does
        with pytest.raises(asyncio.CancelledError):
            await task

    assert [] == find_kernels()
    assert [] == list((out / "attempts").iterdir())


def find_kernels() -> list[str]:
    """List the kernels that run below this process, by their process ids."""
    kernels: list[str] = []
    for children in Path("/proc/self/task").glob("*/children"):
        for child in children.read_text().split():
            command = Path("/proc", child, "cmdline").read_bytes()
            if b"grader.kernel.program" in command:
                kernels.append(child)
    return kernels


WITH_PACKAGE = ("import wandbx", *RIGHT_CELLS)
"""A right notebook that needs a package which is not installed."""


async def test_once_a_package_is_installed_only_what_lacked_it_runs_again(
    mean_course: Course, folder: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_notebook(folder / "bia.ipynb", WITH_PACKAGE)
    settings = mean_course.settings(out)
    submissions = [submission_at(path) for path in sorted(folder.glob("*.ipynb"))]
    with Store(out) as store:
        first = plain_grader(settings, store)
        await grade_side_by_side(submissions, first.grade, lambda _: None, jobs=2)

        monkeypatch.setattr("grader.batch.grader.is_installed", lambda package: package == "wandbx")
        second = plain_grader(settings, store)
        await grade_side_by_side(submissions, second.grade, lambda _: None, jobs=2)
    assert ["bia"] == [submission.student for submission in second.ran]


def test_without_a_package_a_notebook_that_only_imports_it_earns_everything(
    mean_course: Course, folder: Path, out: Path
) -> None:
    write_notebook(folder / "bia.ipynb", WITH_PACKAGE)
    bia = by_student(graded(folder, mean_course.settings(out)))["bia"]
    assert (5.0, ["note.missing"]) == (bia.points, [note.id for note in bia.execution.notes])
