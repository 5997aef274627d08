"""Fixtures that end-to-end tests share: courses, and their references' values, once per session."""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from grader.reference.class_seed import VARIABLE as CLASS_SEED
from grader.reference.release import Release, read_release
from grader.report import Report
from grader.store.store import read_report
from tests.support import forks, order, turns
from tests.support.corpus_grader import CorpusGrader
from tests.support.courses import Course, copy_assignment, released
from tests.support.line_course import NAME as LINE
from tests.support.line_course import write_line_course
from tests.support.made_once import made_once
from tests.support.mean_course import write_mean_course
from tests.support.sample_submissions import AUTOGRAD
from tests.support.sampling import commit
from tests.support.sealed import SECRET, SECRET_NAME
from tests.support.selection import may_hold_tests

CELL_TIMEOUT_S = 12.0
"""Short for endless loops, long enough for a resnet50 on a busy machine."""


def pytest_configure() -> None:
    """Fix the commit that samples are chosen by: another may be made while the tests run.

    Torch gets one thread: with more, those of several processes would wait for each other.
    """
    os.environ.setdefault("GRADER_TEST_COMMIT", commit())
    os.environ.setdefault("OMP_NUM_THREADS", "1")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out files without a test of the kinds that are asked for with `-m`."""
    if not collection_path.match("test_*.py"):
        return None
    return None if may_hold_tests(collection_path, config.option.markexpr) else True


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collect no garbage while tests are imported: there is none, and what is imported stays."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with the files that take longest, of those whose turn it is."""
    turns.leave_out_resting(config, items)
    items.sort(key=lambda item: order.rank(item.path))


@pytest.fixture(scope="session", autouse=True)
def _close_shared_kernels() -> Iterator[None]:
    """Put a secret into the environment before any kernel is started; close those that are."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(SECRET_NAME, SECRET)
        patch.setenv(CLASS_SEED, f"{SECRET} of a class")  # else no run would be like another
        yield
    forks.close()


def _prepare_autograd(folder: Path) -> None:
    course = copy_assignment(folder, "autograd", cell_timeout_s=CELL_TIMEOUT_S)
    course.prepare("autograd", combined=True)


@pytest.fixture(scope="session")
def _autograd(tmp_path_factory: pytest.TempPathFactory) -> tuple[Course, CorpusGrader]:
    prepared = made_once(tmp_path_factory, "autograd", _prepare_autograd)
    # A copy of one's own: a process locks the folder with the references' values.
    folder = tmp_path_factory.mktemp("course") / "autograd"
    shutil.copytree(prepared, folder, ignore=shutil.ignore_patterns(".lock"))
    course = Course(folder)
    return course, CorpusGrader(course, "autograd", combined=True)


@pytest.fixture(scope="session")
def autograd(_autograd: tuple[Course, CorpusGrader]) -> Course:
    """The assignment `autograd` with short limits, its reference run. Not to be changed."""
    return _autograd[0]


@pytest.fixture(scope="session")
def corpus_grader(_autograd: tuple[Course, CorpusGrader]) -> CorpusGrader:
    """Grades notebooks by the assignment `autograd`."""
    return _autograd[1]


@pytest.fixture(scope="session")
def samples(autograd: Course, tmp_path_factory: pytest.TempPathFactory) -> tuple[Report, Path]:
    """The report on the samples of `autograd`, and its output folder. Not to be changed."""
    out = made_once(tmp_path_factory, "samples", lambda folder: AUTOGRAD.graded(autograd, folder))
    return read_report(out), out


@pytest.fixture(scope="session")
def autograd_zip(autograd: Course, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The release of the assignment `autograd`."""
    folder = made_once(
        tmp_path_factory,
        "release",
        lambda folder: released(autograd, "autograd", folder / "autograd.zip"),
    )
    return folder / "autograd.zip"


@pytest.fixture(scope="session")
def autograd_release(autograd_zip: Path) -> Release:
    """The release of `autograd` as students' checks read it."""
    return read_release(autograd_zip)


@pytest.fixture(scope="session")
def secrets(corpus_grader: CorpusGrader) -> frozenset[str]:
    """The numbers of the assignment `autograd` that no student may be shown."""
    return corpus_grader.secrets()


@pytest.fixture(scope="session")
def line_grader(tmp_path_factory: pytest.TempPathFactory) -> CorpusGrader:
    """Grades notebooks by the small assignment `line`: a function and a loss curve."""
    return CorpusGrader(write_line_course(tmp_path_factory.mktemp("line")), LINE)


@pytest.fixture(scope="session")
def mean_course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """The small assignment `media`, its reference run. Not to be changed."""
    course = write_mean_course(tmp_path_factory.mktemp("media"))
    course.prepare("media")
    return course


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """The small assignment `media`, to be changed."""
    return write_mean_course(tmp_path / "course")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """The output folder of a test; not there yet."""
    return tmp_path / "grades"
