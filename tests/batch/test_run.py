"""A class graded: what runs, what does not run again, and what one submission's trouble does to the others."""

from __future__ import annotations

import asyncio
import json
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grader.assignment import load_assignments
from grader.batch import evaluator
from grader.batch.grader import MAX_ATTEMPTS, SubmissionGrader
from grader.batch.self_check import check_notebook
from grader.batch.workers import isolated
from grader.batch.workers.local import grade_side_by_side
from grader.errors import AssignmentError, GraderError, KernelUnavailable, SandboxUnavailable
from grader.progress import SilentProgress
from grader.report import Report
from grader.running import session as running
from grader.running.notebook import run
from grader.running.sandbox.sandbox import Sandbox
from grader.running.session import Session
from grader.settings import Settings
from grader.store.store import Store
from grader.submissions.snapshot import read_run
from grader.submissions.submission import submission_at
from grader.trace import Job, Trace
from tests.corpus.given import BACKWARD, START
from tests.support.courses import Course, by_student, credits_of, graded, regraded, write_notebook
from tests.support.mean_course import (
    MEAN,
    MEAN_DATA,
    MEAN_STEP,
    SPREAD,
    SPREAD_STEP,
    write_mean_course,
)

pytestmark = pytest.mark.kernel

RIGHT = (MEAN_DATA, MEAN_STEP, SPREAD_STEP)
SUM_ONLY = (MEAN_DATA, "media = sum(dados)", SPREAD_STEP)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three submissions of the small assignment."""
    write_notebook(tmp_path / "handed-in/caio.ipynb", RIGHT)
    write_notebook(tmp_path / "handed-in/ana.ipynb", RIGHT)
    write_notebook(tmp_path / "handed-in/bia.ipynb", SUM_ONLY)
    return tmp_path / "handed-in"


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[Job]:
    """The jobs that ran, in order."""
    jobs: list[Job] = []

    async def noted(job: Job, *others: Any) -> Trace:
        jobs.append(job)
        return await run(job, *others)

    monkeypatch.setattr(evaluator, "run", noted)
    return jobs


def points(report: Report) -> dict[str, float]:
    return {submission.student: submission.points for submission in report.submissions}


# What runs


def test_results_stand_in_the_order_of_the_files(
    mean_course: Course, folder: Path, out: Path
) -> None:
    report = graded(folder, mean_course.settings(out))
    assert ["ana.ipynb", "bia.ipynb", "caio.ipynb"] == [
        submission.file for submission in report.submissions
    ]


def test_a_submission_that_did_not_change_does_not_run_again(
    mean_course: Course, folder: Path, out: Path, ran: list[Job]
) -> None:
    first = graded(folder, mean_course.settings(out))
    assert 3 == len(ran)
    second = graded(folder, mean_course.settings(out))
    assert 3 == len(ran)
    assert first.canonical() == second.canonical()


def test_fresh_runs_every_submission_again(
    mean_course: Course, folder: Path, out: Path, ran: list[Job]
) -> None:
    first = graded(folder, mean_course.settings(out))
    second = graded(folder, mean_course.settings(out, fresh=True))
    assert 6 == len(ran)
    assert first.canonical() == second.canonical()


def test_a_submission_that_changed_runs_again_alone(
    mean_course: Course, folder: Path, out: Path, ran: list[Job]
) -> None:
    graded(folder, mean_course.settings(out))
    write_notebook(folder / "bia.ipynb", RIGHT)
    report = graded(folder, mean_course.settings(out))
    assert {"ana": 5.0, "bia": 5.0, "caio": 5.0} == points(report)
    assert 4 == len(ran)


def test_the_same_code_with_other_outputs_does_not_run_again_and_is_kept_with_these(
    mean_course: Course, folder: Path, out: Path, ran: list[Job]
) -> None:
    graded(folder, mean_course.settings(out))
    handed_in = json.loads((folder / "bia.ipynb").read_text("utf-8"))
    handed_in["cells"][-1] |= {
        "execution_count": 7,
        "outputs": [{"output_type": "stream", "text": "5.5"}],
    }
    (folder / "bia.ipynb").write_text(json.dumps(handed_in), "utf-8")
    report = graded(folder, mean_course.settings(out))
    _, kept = read_run(Store(out), by_student(report)["bia"])
    assert (3, 7, "5.5") == (len(ran), kept.execution_counts[-1], kept.saved_outputs[-1])


def test_a_class_graded_one_by_one_has_the_report_of_one_graded_side_by_side(
    mean_course: Course, folder: Path, tmp_path: Path
) -> None:
    one_by_one = mean_course.settings(tmp_path / "a").model_copy(update={"jobs": 1})
    side_by_side = mean_course.settings(tmp_path / "b")
    assert graded(folder, one_by_one).canonical() == graded(folder, side_by_side).canonical()


def test_the_report_is_written_as_it_is_returned(
    mean_course: Course, folder: Path, out: Path
) -> None:
    report = graded(folder, mean_course.settings(out))
    assert report == Report.model_validate_json((out / "report.json").read_bytes())


def test_assignments_stand_in_the_report_in_the_order_of_their_names(
    tmp_path: Path, out: Path
) -> None:
    course = write_mean_course(tmp_path / "course")
    for kind in ("exercises", "solutions"):
        (tmp_path / "course" / kind / "amplitude").mkdir()
    _copy_as_second(course)
    write_notebook(tmp_path / "in/a.ipynb", ["#!# Média e amplitude", *RIGHT])
    write_notebook(tmp_path / "in/b.ipynb", ["#!# Outro trabalho", *RIGHT])
    report = graded(tmp_path / "in", course.settings(out))
    assert ["media", "amplitude"] == [submission.assignment for submission in report.submissions]
    assert ["amplitude", "media"] == [assignment.name for assignment in report.assignments]


def _copy_as_second(course: Course) -> None:
    """A second assignment, `amplitude`, that differs in its name and heading."""
    for file in (
        "exercises/{}/assignment.toml",
        "solutions/{}/variants.toml",
        "solutions/{}/mistakes.toml",
    ):
        text = (course.folder / file.format("media")).read_text("utf-8")
        (course.folder / file.format("amplitude")).write_text(
            text.replace("media.ipynb", "amplitude.ipynb"), "utf-8"
        )
    for kind in ("exercises", "solutions"):
        text = (course.folder / kind / "media/media.ipynb").read_text("utf-8")
        text = text.replace("# M\\u00e9dia e amplitude", "# Outro trabalho")
        (course.folder / kind / "amplitude/amplitude.ipynb").write_text(text, "utf-8")


# Faults of ours


def test_a_fault_of_ours_leaves_one_submission_ungraded_and_the_others_graded(
    mean_course: Course, folder: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _fails_for(monkeypatch, "soma", lambda: ZeroDivisionError("a bug"))
    write_notebook(folder / "bia.ipynb", (MEAN_DATA, "soma = sum(dados)"))
    students = by_student(graded(folder, mean_course.settings(out)))
    assert "ungradable" == students["bia"].status
    assert students["bia"].reason is not None
    assert {"problem": "ZeroDivisionError: a bug"} == students["bia"].reason.params
    assert [5.0, 5.0] == [students[name].points for name in ("ana", "caio")]


def test_a_kernel_that_cannot_be_had_is_asked_for_once_more(
    mean_course: Course, folder: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _fails_for(monkeypatch, MEAN_STEP, lambda: KernelUnavailable("no memory"), times=1)
    report = graded(folder / "ana.ipynb", mean_course.settings(out))
    assert {"ana": 5.0} == points(report)


def test_a_kernel_that_cannot_be_had_twice_leaves_one_submission_ungraded(
    mean_course: Course, folder: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _fails_for(monkeypatch, MEAN_STEP, lambda: KernelUnavailable("no memory"))
    students = by_student(graded(folder, mean_course.settings(out)))
    assert ["ungradable", "graded", "ungradable"] == [
        students[name].status for name in ("ana", "bia", "caio")
    ]


def test_a_kernel_that_could_not_be_had_is_no_reason_not_to_try_again_another_day(
    mean_course: Course, folder: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        _fails_for(patched, MEAN_STEP, lambda: KernelUnavailable("no memory"))
        for _ in range(MAX_ATTEMPTS + 1):
            graded(folder / "ana.ipynb", mean_course.settings(out))
    assert {"ana": 5.0} == points(graded(folder / "ana.ipynb", mean_course.settings(out)))


@pytest.fixture
def suspect(mean_course: Course, folder: Path, out: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A submission during which the grader's process ended twice."""
    with monkeypatch.context() as patched:
        patched.setattr(
            Store, "clear_attempt", lambda *_: None
        )  # as if the process had ended before
        patched.setattr(Store, "write_trace", lambda *_: None)
        for _ in range(MAX_ATTEMPTS):
            graded(folder / "ana.ipynb", mean_course.settings(out, sandbox="none"))
    return folder / "ana.ipynb"


def test_a_submission_that_may_have_ended_the_grader_runs_in_a_process_of_its_own(
    suspect: Path, mean_course: Course, folder: Path, out: Path, ran: list[Job]
) -> None:
    earned = points(graded(folder, mean_course.settings(out, sandbox="none")))
    assert (5.0, 5.0, 2) == (earned["ana"], earned["caio"], len(ran))


def test_a_submission_that_ends_that_process_too_is_a_fault_of_ours_and_the_others_are_graded(
    suspect: Path, mean_course: Course, folder: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    abort = (sys.executable, "-c", "import os; os.abort()")
    monkeypatch.setattr(isolated, "COMMAND", abort)
    students = by_student(graded(folder, mean_course.settings(out, sandbox="none")))
    assert ["ungradable", "graded", "graded"] == [
        students[name].status for name in ("ana", "bia", "caio")
    ]
    assert "ended the grader's own process" in str(students["ana"].reason)


def test_a_kernel_that_ended_is_tried_once_more_before_it_counts(
    mean_course: Course, folder: Path, out: Path, ran: list[Job]
) -> None:
    write_notebook(folder / "ana.ipynb", [*RIGHT[:2], "import os\nos._exit(0)", RIGHT[2]])
    report = graded(folder / "ana.ipynb", mean_course.settings(out))
    assert ({"ana": 2.0}, 2) == (points(report), len(ran))


def test_a_kernel_that_something_else_ended_costs_no_points(
    mean_course: Course, folder: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[Session] = []
    run_cells = Session.run_cells

    async def disturbed(session: Session) -> None:
        if not ended:
            ended.append(session)
            kernel = await session._ready_kernel()
            await kernel.manager.provisioner.kill()
        await run_cells(session)

    monkeypatch.setattr(Session, "run_cells", disturbed)
    assert {"ana": 5.0} == points(graded(folder / "ana.ipynb", mean_course.settings(out)))


# Files and limits


def test_data_of_the_assignment_and_files_of_the_students_lie_beside_the_notebook(
    tmp_path: Path, out: Path
) -> None:
    course = write_mean_course(tmp_path / "course")
    course.edit(
        "exercises/media/assignment.toml",
        'handout = "media.ipynb"',
        'handout = "media.ipynb"\nfiles = ["n.csv"]',
    )
    (course.exercises / "media/n.csv").write_text("2,4.5,7.25,1")
    cells = ("from ajuda import le\ndados = le('n.csv')", MEAN_STEP, SPREAD_STEP)
    path = write_notebook(tmp_path / "in/ana/caderno.ipynb", cells)
    (path.parent / "ajuda.py").write_text(
        "def le(name):\n    return [float(n) for n in open(name).read().split(',')]"
    )
    (path.parent / "n.csv").write_text("9,9,9,9")
    (submission,) = graded(tmp_path / "in", course.settings(out)).submissions
    assert ({"mean": 1.0, "spread": 1.0}, ("ajuda.py", "n.csv")) == (
        credits_of(submission),
        submission.execution.files,
    )


def test_a_file_that_changed_makes_its_notebook_run_again(
    mean_course: Course, tmp_path: Path, out: Path, ran: list[Job]
) -> None:
    path = write_notebook(tmp_path / "in/caderno.ipynb", ["import ajuda", *RIGHT])
    for text in ("a = 1", "a = 1", "a = 2"):
        (path.parent / "ajuda.py").write_text(text)
        graded(path, mean_course.settings(out))
    assert 2 == len(ran)


def test_limits_that_are_asked_for_stand_in_place_of_the_assignments(
    mean_course: Course, folder: Path, out: Path, ran: list[Job]
) -> None:
    graded(
        folder / "ana.ipynb",
        mean_course.settings(out, limits={"cell_timeout_s": 3, "memory_mib": 777}),
    )
    assert [(3, 777)] == [(job.limits.cell_timeout_s, job.limits.memory_mib) for job in ran]


def test_a_run_says_how_it_was_sealed_off(mean_course: Course, folder: Path, out: Path) -> None:
    report = graded(folder / "ana.ipynb", mean_course.settings(out, sandbox="none"))
    assert ("none", "none") == (report.grader.sandbox, report.submissions[0].execution.sandbox)


def test_a_trace_of_an_unsealed_run_does_not_serve_a_sealed_one(
    mean_course: Course, folder: Path, out: Path, ran: list[Job]
) -> None:
    graded(folder / "ana.ipynb", mean_course.settings(out, sandbox="none"))
    try:
        report = graded(folder / "ana.ipynb", mean_course.settings(out, sandbox="bwrap"))
    except SandboxUnavailable as error:
        pytest.skip(error.problem)
    assert (2, "bwrap") == (len(ran), report.grader.sandbox[:5])


def test_an_assignment_that_is_not_right_ends_the_run(
    tmp_path: Path, out: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = write_mean_course(tmp_path / "course")
    course.edit("solutions/media/media.ipynb", "max(dados) - media  #", "max(dados) - medai  #")
    with pytest.raises(AssignmentError, match="NameError"):
        graded(folder, course.settings(out))


def _fails_for(
    monkeypatch: pytest.MonkeyPatch,
    text: str,
    error: Callable[[], Exception],
    times: int | None = None,
) -> None:
    """Make runs of notebooks with a text in them fail, every time or the first times."""
    failures: list[Exception] = []

    async def failing(job: Job, *others: Any) -> Trace:
        if any(text in cell.source for cell in job.cells) and (
            times is None or len(failures) < times
        ):
            failures.append(error())
            raise failures[-1]
        return await run(job, *others)

    monkeypatch.setattr(evaluator, "run", failing)


# Whose notebook it is


def test_a_notebook_without_a_cell_of_the_handout_is_graded_if_its_answers_are_right(
    mean_course: Course, tmp_path: Path, out: Path
) -> None:
    path = write_notebook(
        tmp_path / "in/ana.ipynb", [f"numeros = {MEAN_DATA[8:]}\nm = sum(numeros) / 4"]
    )
    (submission,) = graded(path, mean_course.settings(out)).submissions
    assert ("graded", {"mean": 1.0, "spread": 0.0}) == (submission.status, credits_of(submission))


def test_a_notebook_without_a_cell_of_the_handout_and_without_answers_is_a_wrong_file(
    mean_course: Course, tmp_path: Path, out: Path
) -> None:
    path = write_notebook(
        tmp_path / "in/ana.ipynb", ["#!# Redes convolucionais", "notas = [1, 2]\nmax(notas)"]
    )
    (submission,) = graded(path, mean_course.settings(out)).submissions
    assert ("wrong_file", "wrong-file.other-assignment") == (
        submission.status,
        submission.reason.id if submission.reason else "",
    )


def test_one_notebook_is_checked_and_nothing_is_written(
    mean_course: Course, folder: Path, out: Path
) -> None:
    settings = Settings(exercises=mean_course.exercises, solutions=mean_course.solutions, out=out)
    assignment, result = check_notebook(
        folder / "bia.ipynb", settings, SilentProgress(), Sandbox("none")
    )
    assert ("media", 1.0) == (assignment.name, result.points)
    assert not out.exists()


def test_a_folder_cannot_be_checked(mean_course: Course, folder: Path, out: Path) -> None:
    with pytest.raises(GraderError, match="is a folder"):
        check_notebook(folder, mean_course.settings(out), SilentProgress(), Sandbox("none"))


# What is never told


@pytest.mark.parametrize("sandbox", ["auto", "none"])
def test_no_expected_value_reaches_a_kernel_that_runs_a_submission(
    sandbox: str, mean_course: Course, folder: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = _what_kernels_are_sent(monkeypatch)
    graded(folder, mean_course.settings(out, sandbox=sandbox))
    assert any("media" in text for text in sent)
    assert [] == [text for text in sent if MEAN in text or SPREAD in text]


def _what_kernels_are_sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every specification written for a kernel, and every request sent to one."""
    sent: list[str] = []
    write_text = Path.write_text
    reply = running._send_and_wait

    def noted_file(path: Path, text: str, *others: Any) -> int:
        sent.append(text)
        return write_text(path, text, *others)

    async def noted_request(kernel: Any, code: str) -> None:
        sent.append(code)
        await reply(kernel, code)

    monkeypatch.setattr(Path, "write_text", noted_file)
    monkeypatch.setattr(running, "_send_and_wait", noted_request)
    return sent


def test_the_report_of_a_class_that_failed_holds_no_expected_value(
    autograd: Course, tmp_path: Path, out: Path
) -> None:
    mean_for_sum = (
        "J = ((x * w - y) ** 2).mean()",
        "J.backward()",
        "w.data = w.data - 0.1 * w.grad.data",
        "print(((x * w - y) ** 2).mean() - J)",
    )
    write_notebook(tmp_path / "in/ana.ipynb", [*START, *mean_for_sum])
    write_notebook(
        tmp_path / "in/bia.ipynb",
        [*START, BACKWARD.replace("J.", "e2.sum().sqrt()."), "resposta = 7"],
    )
    report = graded(tmp_path / "in", autograd.settings(out))
    assert [0.0, 0.0] == [submission.points for submission in report.submissions]
    written = json.loads((out / "report.json").read_bytes())
    for exercise in written["assignments"][0]["exercises"]:
        del exercise["note"]  # for the instructor, who is told that the loss rises and why
    text = json.dumps(written).replace(",", ".")
    assert [] == [
        number for number in ("45.36", "45.35", "31.36", "31.35", "3.8", "3.79") if number in text
    ]


def test_expected_values_lie_in_a_folder_that_only_its_owner_opens(
    mean_course: Course, folder: Path, out: Path
) -> None:
    graded(folder, mean_course.settings(out))
    found = {
        path.relative_to(out).parts[0]
        for path in out.rglob("*.json")
        if SPREAD in path.read_text("utf-8")
    }
    assert "private" in found
    assert 0o700 == (out / "private").stat().st_mode & 0o777


def test_a_reference_that_did_not_change_is_not_run_again(
    mean_course: Course, folder: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = mean_course.settings(out)
    monkeypatch.setattr("grader.reference.kernels.Session", None)
    assert {"ana": 5.0, "bia": 1.0, "caio": 5.0} == points(graded(folder, settings))


async def test_a_grader_says_which_submissions_ran(
    mean_course: Course, folder: Path, out: Path
) -> None:
    settings = mean_course.settings(out)
    submissions = [submission_at(path) for path in sorted(folder.glob("*.ipynb"))]
    with Store(out) as store:
        for expected in (["ana", "bia", "caio"], []):
            grader = plain_grader(settings, store)
            await grade_side_by_side(submissions, grader.grade, lambda result: None, jobs=2)
            assert expected == sorted(submission.student for submission in grader.rerun)


async def test_a_run_that_is_interrupted_ends_its_kernels_and_leaves_no_attempt_standing(
    mean_course: Course, tmp_path: Path, out: Path
) -> None:
    write_notebook(tmp_path / "in/ana.ipynb", (*RIGHT, "while True: pass"))
    settings = mean_course.settings(out)
    with Store(out) as store:
        grader = plain_grader(settings, store)
        submissions = [submission_at(tmp_path / "in/ana.ipynb")]
        task = asyncio.ensure_future(
            grade_side_by_side(submissions, grader.grade, lambda result: None, jobs=2)
        )
        while not kernels():
            await asyncio.sleep(0.1)
        task.cancel()  # what Ctrl-C does
        with pytest.raises(asyncio.CancelledError):
            await task
    assert ([], []) == (kernels(), list((out / "attempts").iterdir()))


def plain_grader(settings: Settings, store: Store) -> SubmissionGrader:
    """A grader in plain kernels, which a test can find among its processes."""
    assignments = load_assignments(settings.exercises)
    return SubmissionGrader(settings, assignments, Sandbox("none"), store)


def kernels() -> list[str]:
    """The kernels that run below this process, by their process ids."""
    children = " ".join(
        path.read_text() for path in Path("/proc/self/task").glob("*/children")
    ).split()
    return [
        child
        for child in children
        if b"grader.kernel.program" in Path("/proc", child, "cmdline").read_bytes()
    ]


@pytest.mark.kernel
def test_a_zip_that_is_graded_again_runs_nothing_and_a_regrade_needs_no_zip(mean_course, tmp_path):
    settings = mean_course.settings(tmp_path / "grades")
    notebook = write_notebook(
        tmp_path / "hw.ipynb", [MEAN_DATA, "extra = open('dados.csv').read()", MEAN_STEP]
    )
    with zipfile.ZipFile(tmp_path / "class.zip", "w") as archive:
        archive.write(notebook, "Ana Sá_1_assignsubmission_file/hw.ipynb")
        archive.writestr("Ana Sá_1_assignsubmission_file/dados.csv", "1")
    first = graded(tmp_path / "class.zip", settings)
    traces = {path: path.stat().st_mtime_ns for path in (settings.out / "traces").iterdir()}
    again = graded(tmp_path / "class.zip", settings)
    (tmp_path / "class.zip").unlink()
    assert first.canonical() == again.canonical() == regraded(settings).report.canonical()
    assert (["Ana Sá"], ["dados.csv"], traces) == (
        [one.student for one in first.submissions],
        list(first.submissions[0].execution.files),
        {path: path.stat().st_mtime_ns for path in (settings.out / "traces").iterdir()},
    )
