"""Gradescope's zip: laid out as Gradescope does, its scripts give what `grade run` gives."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

import grader
from grader.authoring.autograder.build import AutograderOptions, write_autograder
from grader.authoring.course import create_course
from grader.errors import AssignmentError
from tests.support.courses import Course, by_student, graded
from tests.support.mean_course import write_mean_course
from tests.support.sampling import sample

TIMEOUT_S = 300

PYTHON = """\
#!/bin/sh
# Stands for the system's Python: an environment that it makes has this machine's packages.
{python} "$@" || exit
[ "$1 $2" = "-m venv" ] || exit 0
for folder in "$3"/lib/python3.*/site-packages; do echo {packages} > "$folder/packages.pth"; done
"""
NOTHING = "#!/bin/sh\n"


def course_in(folder: Path) -> Course:
    create_course(folder, "en", example=True)
    return Course(folder)


def zipped(folder: Path, **options: str) -> Path:
    """Make a course with the example, and the zip of its autograder."""
    settings = course_in(folder / "course").settings(folder / "grades")
    to = folder / "autograder.zip"
    write_autograder(to, "first-steps", settings, AutograderOptions("en", **options))
    return to


def names_in(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as archive:
        return archive.namelist()


def test_the_zip_has_what_gradescope_looks_for(tmp_path: Path) -> None:
    with zipfile.ZipFile(zipped(tmp_path)) as archive:
        modes = {entry.filename: entry.external_attr >> 16 for entry in archive.infolist()}
    assert modes["setup.sh"] & stat.S_IXUSR
    assert modes["run_autograder"] & stat.S_IXUSR
    assert f"notebook_grader-{grader.__version__}-py3-none-any.whl" in modes
    assert "course/solutions/first-steps/variants.toml" in modes


def test_packages_are_pinned_to_the_versions_here(tmp_path: Path) -> None:
    with zipfile.ZipFile(zipped(tmp_path)) as archive:
        requirements = archive.read("requirements.txt").decode().splitlines()
    assert [line for line in requirements if line.startswith("torch==")]
    assert [] == [line for line in requirements if "==" not in line or "+" in line]
    assert [] == [line for line in requirements if line.startswith(("pytest", "nbgrader"))]


def test_options_are_variables_of_the_scripts(tmp_path: Path) -> None:
    path = zipped(tmp_path, hide_until="after_due_date", torch_index="https://example.org/$(x)")
    with zipfile.ZipFile(path) as archive:
        script = archive.read("run_autograder").decode()
    assert "HIDE_UNTIL=after_due_date\n" in script
    assert "TORCH_INDEX='https://example.org/$(x)'\n" in script


def test_each_zip_draws_its_own_variants(tmp_path: Path) -> None:
    seeds = set()
    for name in ("one", "two"):
        with zipfile.ZipFile(zipped(tmp_path / name)) as archive:
            seeds.add(archive.read("class-seed"))
    assert 2 == len(seeds)


@pytest.mark.parametrize(
    ("table", "problem"), [('datasets = ["MNIST"]', "datasets"), ('data = "../../.."', "data")]
)
def test_data_that_no_container_has_is_refused(tmp_path: Path, table: str, problem: str) -> None:
    course = write_mean_course(tmp_path)
    course.edit("exercises/media/assignment.toml", "[run]", f"[run]\n{table}")
    settings = course.settings(tmp_path / "grades")
    with pytest.raises(AssignmentError, match=problem):
        write_autograder(tmp_path / "a.zip", "media", settings, AutograderOptions("pt"))
    assert not (tmp_path / "a.zip").exists()


def test_data_in_the_folder_is_in_the_zip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    course = write_mean_course(tmp_path)
    course.edit("exercises/media/assignment.toml", "[run]", '[run]\ndata = "images"')
    data = tmp_path / "exercises/media/images/one.txt"
    data.parent.mkdir()
    data.write_text("1")
    monkeypatch.chdir(tmp_path)
    settings = Course(Path()).settings(Path("grades"))
    write_autograder(Path("a.zip"), "media", settings, AutograderOptions("pt"))
    assert "course/exercises/media/images/one.txt" in names_in(tmp_path / "a.zip")


# The scripts


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that stands for /autograder, after setup.sh."""
    folder = tmp_path_factory.mktemp("autograder")
    path = zipped(folder, hide_until="after_due_date")
    root = folder / "root"
    shutil.unpack_archive(path, root / "source")
    for name in ("setup.sh", "run_autograder"):
        (root / "source" / name).chmod(0o755)

    programs = folder / "programs"
    programs.mkdir()
    packages = sysconfig.get_path("purelib")
    python = PYTHON.format(python=sys.executable, packages=packages)
    for name, text in {"python3": python, "apt-get": NOTHING}.items():
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    executed("setup.sh", root, PATH=f"{programs}:{os.environ['PATH']}")
    return root


def executed(script: str, root: Path, **variables: str) -> None:
    environment = os.environ | {"AUTOGRADER_ROOT": str(root)} | variables
    process = subprocess.run(
        ["bash", root / "source" / script],
        env=environment,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    assert process.returncode == 0, process.stderr


def results_of(root: Path, notebook: Path, **variables: str) -> dict[str, object]:
    """Hand in a notebook, and return what Gradescope reads."""
    for name in ("submission", "results"):
        shutil.rmtree(root / name, ignore_errors=True)
        (root / name).mkdir()
    shutil.copy(notebook, root / "submission")
    executed("run_autograder", root, **variables)
    results: dict[str, object] = json.loads((root / "results/results.json").read_text())
    return results


@pytest.mark.kernel
def test_the_scripts_give_what_a_run_gives(root: Path, tmp_path: Path) -> None:
    course = course_in(tmp_path / "course")
    notebooks = sorted((tmp_path / "course/submissions").glob("*.ipynb"))
    tried = sample(notebooks, 1, "autograder")
    report = graded(tried, course.settings(tmp_path / "grades"))
    for path in tried:
        points = by_student(report)[path.stem].points
        assert points == results_of(root, path)["score"]


@pytest.mark.kernel
def test_points_and_feedback_are_hidden_until_the_chosen_moment(root: Path) -> None:
    (notebook,) = (root / "source/course/solutions/first-steps").glob("*.ipynb")
    result = results_of(root, notebook)
    assert "visible" == result["visibility"]
    tests = result["tests"]
    assert isinstance(tests, list)
    assert {"after_due_date"} == {test["visibility"] for test in tests}


@pytest.mark.kernel
def test_a_container_without_a_sandbox_gives_the_same(root: Path) -> None:
    (notebook,) = (root / "source/course/solutions/first-steps").glob("*.ipynb")
    results = results_of(root, notebook, GRADER_SANDBOX="none")
    assert 6.0 == results["score"]
