"""The key of a stored trace: another one as soon as something that a run depends on changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.running.job_key import hash_modules, job_key
from tests.support.running import job


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A package of rooms with a module each."""
    for module in ("kernel/recording/recorder.py", "running/events.py", "running/sandbox/bwrap.py"):
        (tmp_path / module).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / module).write_text("x = 1\n")
    return tmp_path


@pytest.mark.parametrize(
    "module", ["kernel/recording/recorder.py", "running/events.py", "running/sandbox/bwrap.py"]
)
def test_a_module_that_runs_or_records_gives_another_hash(package: Path, module: str) -> None:
    before = hash_modules(package)
    (package / module).write_text("x = 2\n")
    assert before != hash_modules(package)


def test_a_module_that_only_grades_gives_the_same_hash(package: Path) -> None:
    before = hash_modules(package)
    (package / "grading").mkdir()
    (package / "grading/grade.py").write_text("x = 1\n")
    assert before == hash_modules(package)


def test_a_job_has_the_same_key_each_time() -> None:
    assert job_key(job("x = 1"), sealed=True) == job_key(job("x = 1"), sealed=True)


def test_another_cell_or_limit_or_kind_of_kernel_gives_another_key() -> None:
    keys = {
        job_key(job("x = 1"), sealed=True),
        job_key(job("x = 1"), sealed=False),
        job_key(job("x = 2"), sealed=True),
        job_key(job("x = 1", seed=1), sealed=True),
    }
    assert 4 == len(keys)
