"""A notebook checked with a release gets the verdict that it gets when graded."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from grader.batch.self_check import check_notebook, check_with, check_with_release
from grader.errors import GraderError
from grader.progress import SilentProgress
from grader.reference.release import Release
from grader.report import Report, SubmissionResult
from grader.running.sandbox.sandbox import Sandbox
from grader.settings import Settings
from tests.support.courses import (
    SUBMISSIONS,
    Course,
    by_student,
    graded,
    notebook,
    released,
    statuses_of,
    write_notebook,
)
from tests.support.mean_course import MEAN_DATA, MEAN_STEP, SPREAD_STEP
from tests.support.sample_submissions import AUTOGRAD
from tests.support.sampling import sample
from tests.support.secrecy import given_away, numbers_in, telling_numbers
from tests.support.self_checks import checked_together, named, settled

pytestmark = pytest.mark.kernel

SAMPLES = sample([row.name for row in AUTOGRAD.tried], 1, "at home")
"""The samples that this run checks; all of them with GRADER_TEST_ALL=1."""
QUESTION = "#!**Por que a média muda com um único dado?**\n\nPorque todos contam por igual."


@pytest.fixture(scope="module")
def of_means(mean_course: Course, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return released(mean_course, "media", tmp_path_factory.mktemp("release") / "media.zip")


CUT_OFF = ("marina", "nelson")
"""Samples of which a cell loops without end, or ends the kernel, before the graph."""

ALONE = ("ana", "marina", "nelson", "olivia", "quiteria")
"""Samples that run as their students would run them; the others share two kernels."""


@pytest.fixture(scope="module")
def at_home(autograd_release: Release) -> Mapping[str, SubmissionResult]:
    """Every sample, checked with the release."""
    alone = [name for name in SAMPLES if name.startswith(ALONE)]
    shared = [SUBMISSIONS / f"{name}.ipynb" for name in SAMPLES if name not in alone]
    with ThreadPoolExecutor(1) as executor:
        checks_alone = executor.submit(check_alone, alone, autograd_release)
        results = checked_together(shared, autograd_release, SUBMISSIONS)
        return results | checks_alone.result()


def check_alone(names: Iterable[str], release: Release) -> dict[str, SubmissionResult]:
    results: dict[str, SubmissionResult] = {}
    for name in names:
        path = SUBMISSIONS / f"{name}.ipynb"
        _, results[name] = check_with_release(path, release, SUBMISSIONS, SilentProgress())
    return results


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_gets_at_home_the_verdict_it_gets_when_graded(
    name: str, at_home: Mapping[str, SubmissionResult], samples: tuple[Report, Path]
) -> None:
    report, _ = samples
    handed_in = by_student(report)[name]
    at_home_verdicts = settled(at_home[name])
    graded_verdicts = {
        exercise: status
        for exercise, status in statuses_of(handed_in).items()
        if exercise in at_home_verdicts
    }
    assert handed_in.status == at_home[name].status
    assert graded_verdicts == at_home_verdicts


@pytest.mark.parametrize("name", SAMPLES)
def test_only_what_did_not_run_waits_at_home(
    name: str, at_home: Mapping[str, SubmissionResult]
) -> None:
    automatic = [exercise for exercise in at_home[name].exercises if exercise.automatic]
    waiting = [exercise.id for exercise in automatic if exercise.status == "pending"]
    assert waiting == (["resnet18-graph"] if name.startswith(CUT_OFF) else [])


@pytest.mark.parametrize("name", SAMPLES)
def test_the_mistakes_of_a_sample_are_named_at_home(
    name: str, at_home: Mapping[str, SubmissionResult], samples: tuple[Report, Path]
) -> None:
    report, _ = samples
    assert named(by_student(report)[name]) == named(at_home[name])


@pytest.mark.parametrize("name", SAMPLES)
def test_a_student_is_shown_no_expected_value_at_home(
    name: str,
    at_home: Mapping[str, SubmissionResult],
    autograd_release: Release,
    secrets: frozenset[str],
) -> None:
    known = (SUBMISSIONS / f"{name}.ipynb").read_text("utf-8")
    practice_secrets = telling_numbers(autograd_release.knowledge()) - numbers_in(known)
    assert {} == given_away(at_home[name], known, secrets | practice_secrets)


# One notebook at a time


def check(path: Path, release: Path) -> SubmissionResult:
    _, result, _ = check_with(path, release, SilentProgress())
    return result


def check_cells(folder: Path, release: Path, *cells: str) -> SubmissionResult:
    path = write_notebook(folder / "ana.ipynb", ["#!# Média e amplitude", *cells])
    return check(path, release)


def test_right_work_passes_and_what_a_person_reads_waits(of_means, tmp_path):
    result = check_cells(tmp_path, of_means, MEAN_DATA, MEAN_STEP, SPREAD_STEP, QUESTION)
    assert {"mean": "passed", "spread": "passed", "why": "pending"} == statuses_of(result)


def test_an_answer_that_was_typed_in_fails(of_means, tmp_path):
    typed_in = "media = 3.6875\nprint(media)"
    result = check_cells(tmp_path, of_means, MEAN_DATA, typed_in, SPREAD_STEP)
    assert "failed" == statuses_of(result)["mean"]


def test_a_known_mistake_is_named(of_means, tmp_path):
    result = check_cells(tmp_path, of_means, MEAN_DATA, "media = sum(dados)", SPREAD_STEP)
    assert ["sum-only"] == named(result)


def test_where_the_numbers_could_not_take_the_datas_place_nothing_is_decided(of_means, tmp_path):
    number_by_number = "a = 2.0\nb = 4.5\nc = 7.25\nd = 1.0\nmedia = (a + b + c + d) / 4"
    result = check_cells(tmp_path, of_means, number_by_number)
    assert "pending" == statuses_of(result)["mean"]


def test_a_package_that_is_missing_at_home_is_to_be_installed_there(of_means, tmp_path):
    answer = "import cupy\nmedia = cupy.mean(dados)"
    result = check_cells(tmp_path, of_means, MEAN_DATA, answer, SPREAD_STEP, QUESTION)
    mean = result.exercises[0]
    assert ("pending", "home.package") == (mean.status, mean.checks[0].message.id)
    assert () == mean.flags


def test_the_handout_as_it_was_is_told(of_means, mean_course):
    assert "unchanged" == check(mean_course.exercises / "media/media.ipynb", of_means).status


def test_what_is_no_notebook_is_told(of_means, tmp_path):
    path = tmp_path / "ana.ipynb"
    path.write_text("<<<<<<< HEAD\n", "utf-8")
    assert "unreadable" == check(path, of_means).status


def test_another_assignments_notebook_is_told(of_means, tmp_path):
    path = write_notebook(tmp_path / "ana.ipynb", ["#!# Física", "v = 3 * 9.8", "print(v)"])
    assert "wrong_file" == check(path, of_means).status


@pytest.mark.parametrize(("version", "notes"), [("", []), ("0" * 12, ["note.other-release"])])
def test_a_notebook_of_another_release_is_told(of_means, tmp_path, version, notes):
    path = tmp_path / "ana.ipynb"
    cells = ["#!# Média e amplitude", MEAN_DATA, MEAN_STEP]
    content = notebook(cells, grader={"assignment": "media", "version": version})
    path.write_text(json.dumps(content), "utf-8")
    assert notes == [note.id for note in check(path, of_means).execution.notes]


def test_a_folder_is_refused(of_means, tmp_path):
    with pytest.raises(GraderError, match="is a folder"):
        check(tmp_path, of_means)


# Without a release, by the instructor


def test_a_notebook_is_checked_by_its_assignment_and_nothing_is_written(
    mean_course: Course, folder: Path, out: Path
) -> None:
    # No settings of a course: they would put the reference's values into the output folder.
    settings = Settings(exercises=mean_course.exercises, solutions=mean_course.solutions, out=out)
    path = folder / "bia.ipynb"
    assignment, result = check_notebook(path, settings, SilentProgress(), Sandbox("none"))
    assert "media" == assignment.name
    assert 1.0 == result.points
    assert not out.exists()


def test_a_folder_cannot_be_checked_by_its_assignment(
    mean_course: Course, folder: Path, out: Path
) -> None:
    settings = mean_course.settings(out)
    with pytest.raises(GraderError, match="is a folder"):
        check_notebook(folder, settings, SilentProgress(), Sandbox("none"))


# What it needs


BLOCKER = """
import sys

BLOCKED = {
    "nbclient", "nbformat", "jupyter_client", "jupyter_core", "zmq", "ipykernel", "torch", "numpy"
}

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in BLOCKED:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Finder())
"""


@pytest.fixture
def bare(tmp_path: Path) -> dict[str, str]:
    """The environment of a Python in which what the extra `grading` installs cannot be imported."""
    (tmp_path / "sitecustomize.py").write_text(BLOCKER, "utf-8")
    return {**os.environ, "PYTHONPATH": str(tmp_path)}


def run_command(
    environment: Mapping[str, str], folder: Path, *arguments: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "grader", *arguments],
        cwd=folder,
        env=dict(environment),
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_check_with_a_release_needs_neither_jupyter_nor_torch(bare, of_means, tmp_path):
    folder = tmp_path / "student"
    write_notebook(folder / "ana.ipynb", [MEAN_DATA, MEAN_STEP, SPREAD_STEP, QUESTION])
    process = run_command(bare, folder, "check", "ana.ipynb", "--release", str(of_means))
    assert 0 == process.returncode
    assert "✓ Média" in process.stdout
    assert "Traceback" not in process.stderr


@pytest.mark.parametrize("shows_points", [False, True])
def test_points_are_shown_if_the_release_says_so(bare, mean_course, tmp_path, shows_points):
    write_notebook(tmp_path / "ana.ipynb", [MEAN_DATA, MEAN_STEP])
    path = released(mean_course, "media", tmp_path / "media.zip", shows_points=shows_points)
    process = run_command(bare, tmp_path, "check", "ana.ipynb", "--release", str(path))
    assert "Média" in process.stdout
    assert shows_points == ("2/2" in process.stdout)


def test_to_grade_without_the_extra_is_told_in_one_line(bare, mean_course, tmp_path):
    write_notebook(tmp_path / "class/ana.ipynb", [MEAN_DATA, MEAN_STEP])
    arguments = ["run", str(tmp_path / "class"), "--out", str(tmp_path / "grades")]
    process = run_command(bare, mean_course.folder, *arguments)
    assert 3 == process.returncode, process.stderr
    assert "Traceback" not in process.stderr
    assert "pip install 'notebook-grader[grading]'" in process.stderr.strip().splitlines()[-1]


def test_the_release_beside_the_notebook_is_found(bare, of_means, tmp_path):
    with zipfile.ZipFile(of_means) as archive:
        archive.extractall(tmp_path)
    notebook = tmp_path / "media/media.ipynb"
    assert 1 == run_command(bare, tmp_path, "check", str(notebook)).returncode


def test_the_metadata_of_a_release_come_back_in_the_report(of_means, mean_course, tmp_path, out):
    with zipfile.ZipFile(of_means) as archive:
        handout = json.loads(archive.read("media/media.ipynb"))
    handout["cells"][3]["source"] = [MEAN_STEP]
    (tmp_path / "class").mkdir()
    (tmp_path / "class/ana.ipynb").write_text(json.dumps(handout), "utf-8")
    (submission,) = graded(tmp_path / "class", mean_course.settings(out)).submissions
    assert handout["metadata"]["grader"]["version"] == submission.release
