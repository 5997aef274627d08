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

JUPYTER = ("ipykernel", "jupyter_client", "jupyter_core", "nbclient", "nbformat")


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


def install(home: Path, *what: str | Path) -> None:
    pip = [sys.executable, "-m", "pip", "--python", str(home / "bin/python"), "install"]
    run([*pip, "--quiet", "--no-deps", "--ignore-installed", *what], home)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip"]
    run([*pip, "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, ROOT], folder)
    (wheel,) = folder.glob("notebook_grader-*.whl")
    return wheel


def site_of(home: Path) -> Path:
    variables = {"base": str(home), "platbase": str(home)}
    return Path(sysconfig.get_path("purelib", vars=variables))


def environment(home: Path, wheel: Path) -> Path:
    """Make an environment with the wheel and the packages of this one; return its programs."""
    venv.create(home, with_pip=False)
    # Its .pth files are not read there, so that the checkout is not found.
    (site_of(home) / "packages.pth").write_text(sysconfig.get_path("purelib"))
    install(home, wheel)
    return home / "bin"


@pytest.fixture(scope="module")
def scripts(tmp_path_factory: pytest.TempPathFactory, wheel: Path) -> Path:
    return environment(tmp_path_factory.mktemp("env") / "env", wheel)


def test_the_command_runs_from_the_wheel(scripts: Path, tmp_path: Path) -> None:
    place = run([scripts / "python", "-c", "import grader; print(grader.__file__)"], tmp_path)
    assert place.startswith(str(scripts.parent))
    assert run([scripts / "grade", "--version"], tmp_path).startswith(f"grade {grader.__version__}")


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory, scripts: Path) -> Path:
    """The example course, and its release unpacked in `home`."""
    folder = tmp_path_factory.mktemp("courses")
    run([scripts / "grade", "init", "course", "--example"], folder)
    course = folder / "course"
    run([scripts / "grade", "release", "first-steps"], course)
    run([scripts / "python", "-m", "zipfile", "-e", "first-steps.zip", "home"], course)
    return course


def check_reference(scripts: Path, course: Path) -> str:
    (reference,) = course.glob("solutions/*/first-steps.ipynb")
    return run([scripts / "grade", "check", reference], course / "home/first-steps")


def test_an_example_course_is_graded_with_the_wheel(scripts: Path, course: Path) -> None:
    shown = run([scripts / "grade", "submissions/"], course)
    assert "sum instead of mean" in shown
    assert (course / "grades/index.html").is_file()
    assert "The step" in check_reference(scripts, course)


def test_a_student_checks_with_the_ipython_of_colab_and_without_jupyter(
    wheel: Path, course: Path, tmp_path: Path
) -> None:
    home = tmp_path / "env"
    scripts = environment(home, wheel)
    install(home, "ipython==7.34.0", "backcall", "decorator", "pickleshare")
    without = [f"sys.modules[{name!r}] = None" for name in JUPYTER]
    lines = "\n".join(["import sys", *without])
    (site_of(home) / "sitecustomize.py").write_text(lines)

    version = run(
        [scripts / "python", "-c", "import IPython; print(IPython.__version__)"], tmp_path
    )
    assert "7.34.0\n" == version
    assert "The step" in check_reference(scripts, course)
