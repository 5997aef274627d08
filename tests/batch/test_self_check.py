"""A notebook checked with a release gets the verdict it gets when graded, and no Jupyter is needed for it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from grader.authoring.validation.leaks import secret_numbers
from grader.batch.self_check import check_with, check_with_release
from grader.errors import GraderError
from grader.progress import SilentProgress
from grader.reference.release import Release
from grader.report import Report, SubmissionResult
from tests.support.courses import (
    SUBMISSIONS,
    Course,
    by_student,
    graded,
    notebook,
    released,
    write_notebook,
)
from tests.support.mean_course import MEAN_DATA, MEAN_STEP, SPREAD_STEP
from tests.support.secrecy import given_away, numbers_in
from tests.support.self_checks import checked_together, named, settled

pytestmark = pytest.mark.kernel

SAMPLES = sorted(path.stem for path in SUBMISSIONS.glob("*.ipynb"))
QUESTION = "#!**Por que a média muda com um único dado?**\n\nPorque todos contam por igual."


@pytest.fixture(scope="module")
def of_means(mean_course: Course, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return released(mean_course, "media", tmp_path_factory.mktemp("release") / "media.zip")


ALONE = ("ana", "marina", "nelson", "olivia", "quiteria")
"""Samples that run as their students would run them; of the others, what a run brings back is made in one kernel."""


@pytest.fixture(scope="module")
def at_home(autograd_release: Release) -> Mapping[str, SubmissionResult]:
    """Every sample, checked."""
    apart = [name for name in SAMPLES if name.startswith(ALONE)]
    rest = [SUBMISSIONS / f"{name}.ipynb" for name in SAMPLES if name not in apart]
    with ThreadPoolExecutor(1) as beside:
        alone = beside.submit(
            lambda: {name: checked_alone(name, autograd_release) for name in apart}
        )
        return checked_together(rest, autograd_release, SUBMISSIONS) | alone.result()


def checked_alone(name: str, given: Release) -> SubmissionResult:
    return check_with_release(SUBMISSIONS / f"{name}.ipynb", given, SUBMISSIONS, SilentProgress())[
        1
    ]


def verdicts(result: SubmissionResult) -> dict[str, str]:
    return {exercise.id: exercise.status for exercise in result.exercises}


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_gets_at_home_the_verdict_it_gets_when_graded(
    name: str, at_home: Mapping[str, SubmissionResult], samples: tuple[Report, Path]
) -> None:
    handed_in, checked, decided = (
        by_student(samples[0])[name],
        at_home[name],
        settled(at_home[name]),
    )
    when_graded = {e: status for e, status in verdicts(handed_in).items() if e in decided}
    assert (handed_in.status, when_graded) == (checked.status, decided)


@pytest.mark.parametrize("name", SAMPLES)
def test_no_automatic_exercise_of_a_sample_waits_at_home(
    name: str, at_home: Mapping[str, SubmissionResult]
) -> None:
    assert [] == [e.id for e in at_home[name].exercises if e.automatic and e.status == "pending"]


@pytest.mark.parametrize("name", SAMPLES)
def test_the_mistakes_of_a_sample_are_named_at_home(
    name: str, at_home: Mapping[str, SubmissionResult], samples: tuple[Report, Path]
) -> None:
    assert named(by_student(samples[0])[name]) == named(at_home[name])


@pytest.mark.parametrize("name", SAMPLES)
def test_a_student_is_shown_no_expected_value_at_home(
    name: str,
    at_home: Mapping[str, SubmissionResult],
    autograd_release: Release,
    secrets: frozenset[str],
) -> None:
    known = (SUBMISSIONS / f"{name}.ipynb").read_text("utf-8")
    practised = secret_numbers(autograd_release.knowledge()) - numbers_in(known)
    assert {} == given_away(at_home[name], known, secrets | practised)


# One notebook at a time


def checked(folder: Path, given: Path, *cells: str) -> SubmissionResult:
    path = write_notebook(folder / "ana.ipynb", ["#!# Média e amplitude", *cells])
    return check_with(path, given, SilentProgress())[1]


def test_right_work_passes_and_what_a_person_reads_waits(of_means, tmp_path):
    result = checked(tmp_path, of_means, MEAN_DATA, MEAN_STEP, SPREAD_STEP, QUESTION)
    assert {"mean": "passed", "spread": "passed", "why": "pending"} == verdicts(result)


def test_an_answer_that_was_typed_in_fails(of_means, tmp_path):
    result = checked(tmp_path, of_means, MEAN_DATA, "media = 3.6875\nprint(media)", SPREAD_STEP)
    assert "failed" == verdicts(result)["mean"]


def test_a_known_mistake_is_named(of_means, tmp_path):
    result = checked(tmp_path, of_means, MEAN_DATA, "media = sum(dados)", SPREAD_STEP)
    assert ["sum-only"] == [mistake.id for mistake in result.exercises[0].mistakes]


def test_where_the_numbers_could_not_take_the_datas_place_nothing_is_decided(of_means, tmp_path):
    spelled = "a = 2.0\nb = 4.5\nc = 7.25\nd = 1.0\nmedia = (a + b + c + d) / 4"
    assert "pending" == verdicts(checked(tmp_path, of_means, spelled))["mean"]


def test_the_handout_as_it_was_is_told(of_means, mean_course):
    result = check_with(mean_course.exercises / "media/media.ipynb", of_means, SilentProgress())[1]
    assert "unchanged" == result.status


def test_what_is_no_notebook_is_told(of_means, tmp_path):
    (tmp_path / "ana.ipynb").write_text("<<<<<<< HEAD\n", "utf-8")
    assert "unreadable" == check_with(tmp_path / "ana.ipynb", of_means, SilentProgress())[1].status


def test_another_assignments_notebook_is_told(of_means, tmp_path):
    path = write_notebook(tmp_path / "ana.ipynb", ["#!# Física", "v = 3 * 9.8", "print(v)"])
    assert "wrong_file" == check_with(path, of_means, SilentProgress())[1].status


@pytest.mark.parametrize(("version", "told"), [("", []), ("0" * 12, ["note.other-release"])])
def test_a_notebook_of_another_release_is_told(of_means, tmp_path, version, told):
    path = tmp_path / "ana.ipynb"
    metadata = {"grader": {"assignment": "media", "version": version}}
    path.write_text(
        json.dumps(notebook(["#!# Média e amplitude", MEAN_DATA, MEAN_STEP], **metadata)), "utf-8"
    )
    assert told == [
        note.id for note in check_with(path, of_means, SilentProgress())[1].execution.notes
    ]


def test_a_folder_is_refused(of_means, tmp_path):
    with pytest.raises(GraderError, match="is a folder"):
        check_with(tmp_path, of_means, SilentProgress())


# What it needs


BLOCKER = """
import sys

BLOCKED = {"nbclient", "nbformat", "jupyter_client", "jupyter_core", "zmq", "ipykernel", "torch", "numpy"}

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


def command(
    environment: Mapping[str, str], folder: Path, *arguments: str
) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, "-m", "grader", *arguments]
    return subprocess.run(
        program, cwd=folder, env=dict(environment), capture_output=True, text=True, check=False
    )


def test_a_check_with_a_release_needs_neither_jupyter_nor_torch(bare, of_means, tmp_path):
    folder = tmp_path / "student"
    write_notebook(folder / "ana.ipynb", [MEAN_DATA, MEAN_STEP, SPREAD_STEP, QUESTION])
    ended = command(bare, folder, "check", "ana.ipynb", "--release", str(of_means))
    assert (0, True, "") == (
        ended.returncode,
        "✓ Média" in ended.stdout,
        ended.stderr.partition("Traceback")[1],
    )


def test_points_are_not_shown_unless_the_release_says_so(bare, of_means, mean_course, tmp_path):
    write_notebook(tmp_path / "ana.ipynb", [MEAN_DATA, MEAN_STEP])
    open_one = released(mean_course, "media", tmp_path / "open.zip", shows_points=True)
    shown = [
        "2/2" in command(bare, tmp_path, "check", "ana.ipynb", "--release", str(one)).stdout
        for one in (of_means, open_one)
    ]
    assert [False, True] == shown


def test_to_grade_without_the_extra_is_told_in_one_line(bare, mean_course, tmp_path):
    write_notebook(tmp_path / "class/ana.ipynb", [MEAN_DATA, MEAN_STEP])
    ended = command(
        bare, mean_course.folder, "run", str(tmp_path / "class"), "--out", str(tmp_path / "grades")
    )
    assert (3, 1) == (ended.returncode, len(ended.stderr.strip().splitlines()[-1:])), ended.stderr
    assert "pip install '.[grading]'" in ended.stderr


def test_the_release_beside_the_notebook_is_found(bare, of_means, tmp_path):
    with zipfile.ZipFile(of_means) as archive:
        archive.extractall(tmp_path)
    notebook = tmp_path / "media/media.ipynb"
    assert 1 == command(bare, tmp_path, "check", str(notebook)).returncode


def test_the_metadata_of_a_release_come_back_in_the_report(of_means, mean_course, tmp_path, out):
    with zipfile.ZipFile(of_means) as archive:
        handout = json.loads(archive.read("media/media.ipynb"))
    handout["cells"][3]["source"] = [MEAN_STEP]
    (tmp_path / "class").mkdir()
    (tmp_path / "class/ana.ipynb").write_text(json.dumps(handout), "utf-8")
    (submission,) = graded(tmp_path / "class", mean_course.settings(out)).submissions
    assert handout["metadata"]["grader"]["version"] == submission.release
