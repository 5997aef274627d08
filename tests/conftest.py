"""What the end-to-end tests share: courses, and their references' values, computed once per session."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.reference.release import Release, read_release
from grader.report import Report
from tests.support import forks
from tests.support.bench import (
    SAMPLES,
    Bench,
    Course,
    copy_assignment,
    graded,
    prepared,
    released,
    write_mean_course,
)
from tests.support.lines import NAME as LINE
from tests.support.lines import write_line_course

CELL_TIMEOUT_S = 8.0
"""Short, so that endless loops end soon; long enough to import torch and torchvision on a busy machine."""


@pytest.fixture(scope="session", autouse=True)
def _kernels_end() -> Iterator[None]:
    """Whatever kernels were shared end with the tests."""
    yield
    forks.close()


@pytest.fixture(scope="session")
def _autograd(tmp_path_factory: pytest.TempPathFactory) -> tuple[Course, Bench]:
    course = copy_assignment(
        tmp_path_factory.mktemp("autograd"), "autograd", cell_timeout_s=CELL_TIMEOUT_S
    )
    return course, prepared(course, "autograd", combined=True)


@pytest.fixture(scope="session")
def autograd(_autograd: tuple[Course, Bench]) -> Course:
    """The assignment `autograd` with short limits, its reference run. Not to be changed."""
    return _autograd[0]


@pytest.fixture(scope="session")
def bench(_autograd: tuple[Course, Bench]) -> Bench:
    """Grades notebooks by the assignment `autograd`."""
    return _autograd[1]


@pytest.fixture(scope="session")
def samples(autograd: Course, tmp_path_factory: pytest.TempPathFactory) -> tuple[Report, Path]:
    """The report of the samples of `autograd`, and the folder that it was written to. Not to be changed."""
    out = tmp_path_factory.mktemp("samples") / "grades"
    return graded(SAMPLES, autograd.settings(out)), out


@pytest.fixture(scope="session")
def autograd_zip(autograd: Course, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The release of the assignment `autograd`."""
    return released(autograd, "autograd", tmp_path_factory.mktemp("release") / "autograd.zip")


@pytest.fixture(scope="session")
def autograd_release(autograd_zip: Path) -> Release:
    """What students check notebooks of the assignment `autograd` with."""
    return read_release(autograd_zip)


@pytest.fixture(scope="session")
def secrets(bench: Bench) -> frozenset[str]:
    """The numbers that no student may be shown of the assignment `autograd`."""
    return bench.secrets()


@pytest.fixture(scope="session")
def lines(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """Grades notebooks by the small assignment `line`: a function and a loss curve."""
    return prepared(write_line_course(tmp_path_factory.mktemp("line")), LINE)


@pytest.fixture(scope="session")
def mean_course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """The small assignment `media`, its reference run. Not to be changed."""
    course = write_mean_course(tmp_path_factory.mktemp("media"))
    prepared(course, "media")
    return course


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """The small assignment `media`, to be changed."""
    return write_mean_course(tmp_path / "course")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """The output folder of a test; not there yet."""
    return tmp_path / "grades"
