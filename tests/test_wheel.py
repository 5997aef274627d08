"""The wheel holds all that its commands need: tried in an environment without the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

import grader
from tests.support.courses import ROOT

pytestmark = pytest.mark.kernel

TIMEOUT_S = 300


def run(command: list[str | Path], folder: Path) -> str:
    # Python would find the checkout by this variable.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    process = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    return process.stdout


@pytest.fixture(scope="module")
def scripts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment with the wheel, and with the packages of this one."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip"]
    run([*pip, "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, ROOT], folder)
    (wheel,) = folder.glob("notebook_grader-*.whl")

    venv.create(folder / "env", with_pip=False)
    home = folder / "env"
    variables = {"base": str(home), "platbase": str(home)}
    site = Path(sysconfig.get_path("purelib", vars=variables))
    # Its .pth files are not read there, so that the checkout is not found.
    (site / "packages.pth").write_text(sysconfig.get_path("purelib"))
    target = ["--python", home / "bin/python", "--quiet", "--no-deps", "--ignore-installed"]
    run([*pip, *target[:2], "install", *target[2:], wheel], folder)
    return home / "bin"


def test_the_command_runs_from_the_wheel(scripts: Path, tmp_path: Path) -> None:
    place = run([scripts / "python", "-c", "import grader; print(grader.__file__)"], tmp_path)
    assert place.startswith(str(scripts.parent))
    assert run([scripts / "grade", "--version"], tmp_path).startswith(f"grade {grader.__version__}")


def test_an_example_course_is_graded_with_the_wheel(scripts: Path, tmp_path: Path) -> None:
    run([scripts / "grade", "init", "course", "--example"], tmp_path)
    course = tmp_path / "course"
    shown = run([scripts / "grade", "submissions/"], course)
    assert "sum instead of mean" in shown
    assert (course / "grades/index.html").is_file()

    run([scripts / "grade", "release", "first-steps"], course)
    run([scripts / "python", "-m", "zipfile", "-e", "first-steps.zip", "home"], course)
    (reference,) = course.glob("solutions/*/first-steps.ipynb")
    checked = run([scripts / "grade", "check", reference], course / "home/first-steps")
    assert "The step" in checked
