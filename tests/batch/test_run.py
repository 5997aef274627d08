"""A class is graded: what runs, what does not run again, and what the report holds."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from grader.errors import AssignmentError, SandboxUnavailable
from grader.job import Job
from grader.report import Report
from grader.store.store import Store
from grader.submissions.snapshot import read_run
from tests.support.courses import (
    Course,
    by_student,
    credits_of,
    graded,
    points_by_student,
    regraded,
    write_notebook,
)
from tests.support.mean_course import (
    MEAN_DATA,
    MEAN_STEP,
    RIGHT_CELLS,
    SPREAD_STEP,
    write_mean_course,
)

pytestmark = pytest.mark.kernel


# What runs


def test_results_stand_in_the_order_of_the_files(
    mean_course: Course, folder: Path, out: Path
) -> None:
    report = graded(folder, mean_course.settings(out))
    files = [submission.file for submission in report.submissions]
    assert ["ana.ipynb", "bia.ipynb", "caio.ipynb"] == files


def test_a_submission_that_did_not_change_does_not_run_again(
    mean_course: Course, folder: Path, out: Path, jobs_run: list[Job]
) -> None:
    first = graded(folder, mean_course.settings(out))
    assert 3 == len(jobs_run)

    second = graded(folder, mean_course.settings(out))

    assert 3 == len(jobs_run)
    assert first.canonical() == second.canonical()


def test_fresh_runs_every_submission_again(
    mean_course: Course, folder: Path, out: Path, jobs_run: list[Job]
) -> None:
    first = graded(folder, mean_course.settings(out))
    second = graded(folder, mean_course.settings(out, fresh=True))
    assert 6 == len(jobs_run)
    assert first.canonical() == second.canonical()


def test_only_a_submission_that_changed_runs_again(
    mean_course: Course, folder: Path, out: Path, jobs_run: list[Job]
) -> None:
    graded(folder, mean_course.settings(out))
    write_notebook(folder / "bia.ipynb", RIGHT_CELLS)

    report = graded(folder, mean_course.settings(out))

    assert {"ana": 5.0, "bia": 5.0, "caio": 5.0} == points_by_student(report)
    assert 4 == len(jobs_run)


def test_the_same_code_with_other_outputs_does_not_run_again_and_is_kept_with_these(
    mean_course: Course, folder: Path, out: Path, jobs_run: list[Job]
) -> None:
    graded(folder, mean_course.settings(out))
    handed_in = json.loads((folder / "bia.ipynb").read_text("utf-8"))
    output = {"output_type": "stream", "text": "5.5"}
    handed_in["cells"][-1] |= {"execution_count": 7, "outputs": [output]}
    (folder / "bia.ipynb").write_text(json.dumps(handed_in), "utf-8")

    report = graded(folder, mean_course.settings(out))

    _, snapshot = read_run(Store(out), by_student(report)["bia"])
    assert 3 == len(jobs_run)
    assert 7 == snapshot.execution_counts[-1]
    assert "5.5" == snapshot.saved_outputs[-1]


def test_a_class_graded_one_by_one_has_the_report_of_one_graded_side_by_side(
    mean_course: Course, folder: Path, tmp_path: Path
) -> None:
    one_by_one = mean_course.settings(tmp_path / "a").model_copy(update={"jobs": 1})
    side_by_side = mean_course.settings(tmp_path / "b")
    assert graded(folder, one_by_one).canonical() == graded(folder, side_by_side).canonical()


def test_a_reference_that_did_not_change_is_not_run_again(
    mean_course: Course, folder: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = mean_course.settings(out)
    monkeypatch.setattr("grader.reference.kernels.Session", None)
    report = graded(folder, settings)
    assert {"ana": 5.0, "bia": 1.0, "caio": 5.0} == points_by_student(report)


def test_an_assignment_that_is_not_right_ends_the_run(
    course: Course, out: Path, folder: Path
) -> None:
    course.edit("solutions/media/media.ipynb", "max(dados) - media  #", "max(dados) - medai  #")
    with pytest.raises(AssignmentError, match="NameError"):
        graded(folder, course.settings(out))


# The report


def test_the_report_is_written_as_it_is_returned(
    mean_course: Course, folder: Path, out: Path
) -> None:
    report = graded(folder, mean_course.settings(out))
    assert report == Report.model_validate_json((out / "report.json").read_bytes())


def test_assignments_stand_in_the_report_in_the_order_of_their_names(
    tmp_path: Path, out: Path
) -> None:
    course = write_mean_course(tmp_path / "course")
    write_second_assignment(course)
    write_notebook(tmp_path / "in/a.ipynb", ["#!# Média e amplitude", *RIGHT_CELLS])
    write_notebook(tmp_path / "in/b.ipynb", ["#!# Outro trabalho", *RIGHT_CELLS])

    report = graded(tmp_path / "in", course.settings(out))

    assert ["media", "amplitude"] == [submission.assignment for submission in report.submissions]
    assert ["amplitude", "media"] == [assignment.name for assignment in report.assignments]


def write_second_assignment(course: Course) -> None:
    """Write an assignment, `amplitude`, with another name and heading than `media`."""
    for kind in ("exercises", "solutions"):
        (course.folder / kind / "amplitude").mkdir()
        text = (course.folder / kind / "media/media.ipynb").read_text("utf-8")
        text = text.replace("# M\\u00e9dia e amplitude", "# Outro trabalho")
        (course.folder / kind / "amplitude/amplitude.ipynb").write_text(text, "utf-8")

    for file in (
        "exercises/{}/assignment.toml",
        "solutions/{}/variants.toml",
        "solutions/{}/mistakes.toml",
    ):
        text = (course.folder / file.format("media")).read_text("utf-8")
        text = text.replace("media.ipynb", "amplitude.ipynb")
        (course.folder / file.format("amplitude")).write_text(text, "utf-8")


def test_a_run_says_how_it_was_sealed_off(mean_course: Course, folder: Path, out: Path) -> None:
    report = graded(folder / "ana.ipynb", mean_course.settings(out, sandbox="none"))
    assert "none" == report.grader.sandbox
    assert "none" == report.submissions[0].execution.sandbox


def test_a_trace_of_an_unsealed_run_does_not_serve_a_sealed_one(
    mean_course: Course, folder: Path, out: Path, jobs_run: list[Job]
) -> None:
    graded(folder / "ana.ipynb", mean_course.settings(out, sandbox="none"))
    try:
        report = graded(folder / "ana.ipynb", mean_course.settings(out, sandbox="bwrap"))
    except SandboxUnavailable as error:
        pytest.skip(error.problem)
    assert 2 == len(jobs_run)
    assert report.grader.sandbox.startswith("bwrap")


# Files and limits


def test_data_of_the_assignment_and_files_of_the_students_lie_beside_the_notebook(
    course: Course, tmp_path: Path, out: Path
) -> None:
    handout = 'handout = "media.ipynb"'
    course.edit("exercises/media/assignment.toml", handout, f'{handout}\nfiles = ["n.csv"]')
    (course.exercises / "media/n.csv").write_text("2,4.5,7.25,1")

    cells = ("from ajuda import le\ndados = le('n.csv')", MEAN_STEP, SPREAD_STEP)
    path = write_notebook(tmp_path / "in/ana/caderno.ipynb", cells)
    (path.parent / "ajuda.py").write_text(
        "def le(name):\n    return [float(n) for n in open(name).read().split(',')]"
    )
    (path.parent / "n.csv").write_text("9,9,9,9")

    (submission,) = graded(tmp_path / "in", course.settings(out)).submissions

    assert {"mean": 1.0, "spread": 1.0} == credits_of(submission)
    assert ("ajuda.py", "n.csv") == submission.execution.files


def test_a_file_that_changed_makes_its_notebook_run_again(
    mean_course: Course, tmp_path: Path, out: Path, jobs_run: list[Job]
) -> None:
    path = write_notebook(tmp_path / "in/caderno.ipynb", ["import ajuda", *RIGHT_CELLS])
    for text in ("a = 1", "a = 1", "a = 2"):
        (path.parent / "ajuda.py").write_text(text)
        graded(path, mean_course.settings(out))
    assert 2 == len(jobs_run)


def test_limits_that_are_asked_for_stand_in_place_of_the_assignments(
    mean_course: Course, folder: Path, out: Path, jobs_run: list[Job]
) -> None:
    limits = {"cell_timeout_s": 3, "memory_mib": 777}
    graded(folder / "ana.ipynb", mean_course.settings(out, limits=limits))
    (job,) = jobs_run
    assert 3 == job.limits.cell_timeout_s
    assert 777 == job.limits.memory_mib


@pytest.fixture
def class_zip(tmp_path: Path) -> Path:
    """A download of one submission, with a file beside its notebook."""
    cells = [MEAN_DATA, "extra = open('dados.csv').read()", MEAN_STEP]
    notebook = write_notebook(tmp_path / "hw.ipynb", cells)
    path = tmp_path / "class.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(notebook, "Ana Sá_1_assignsubmission_file/hw.ipynb")
        archive.writestr("Ana Sá_1_assignsubmission_file/dados.csv", "1")
    return path


def test_a_zip_is_graded_with_the_files_in_it(
    mean_course: Course, class_zip: Path, out: Path
) -> None:
    (submission,) = graded(class_zip, mean_course.settings(out)).submissions
    assert "Ana Sá" == submission.student
    assert ("dados.csv",) == submission.execution.files


def test_a_zip_that_is_graded_again_runs_nothing(
    mean_course: Course, class_zip: Path, out: Path, jobs_run: list[Job]
) -> None:
    first = graded(class_zip, mean_course.settings(out))
    again = graded(class_zip, mean_course.settings(out))
    assert 1 == len(jobs_run)
    assert first.canonical() == again.canonical()


def test_a_regrade_needs_no_zip(
    mean_course: Course, class_zip: Path, out: Path, jobs_run: list[Job]
) -> None:
    settings = mean_course.settings(out)
    first = graded(class_zip, settings)
    class_zip.unlink()
    assert first.canonical() == regraded(settings).report.canonical()
    assert 1 == len(jobs_run)


# Which assignment a notebook belongs to


def test_a_notebook_without_a_cell_of_the_handout_is_graded_if_its_answers_are_right(
    mean_course: Course, tmp_path: Path, out: Path
) -> None:
    numbers = MEAN_DATA.removeprefix("dados = ")
    cell = f"numeros = {numbers}\nm = sum(numeros) / 4"
    path = write_notebook(tmp_path / "in/ana.ipynb", [cell])
    (submission,) = graded(path, mean_course.settings(out)).submissions
    assert "graded" == submission.status
    assert {"mean": 1.0, "spread": 0.0} == credits_of(submission)


def test_a_notebook_without_a_cell_of_the_handout_and_without_answers_is_a_wrong_file(
    mean_course: Course, tmp_path: Path, out: Path
) -> None:
    cells = ["#!# Redes convolucionais", "notas = [1, 2]\nmax(notas)"]
    path = write_notebook(tmp_path / "in/ana.ipynb", cells)
    (submission,) = graded(path, mean_course.settings(out)).submissions
    assert "wrong_file" == submission.status
    assert submission.reason is not None
    assert "wrong-file.other-assignment" == submission.reason.id
