"""Where the course is: what is refused before anything is read or run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.commands import grade


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A course with an assignment that nothing is read of; commands run beside it."""
    folder = tmp_path / "my course"
    (folder / "exercises/week-1").mkdir(parents=True)
    (folder / "exercises/week-1/assignment.toml").touch()
    (folder / "submissions").mkdir()
    monkeypatch.chdir(tmp_path)
    return folder


@pytest.mark.parametrize("path", [".", "../my course", ".."])
def test_the_folder_of_the_course_is_no_submission(course, monkeypatch, path):
    monkeypatch.chdir(course)
    result = grade("run", path)
    expected = (
        f"grade: {path} is the folder of the course: exercises/ is in it. "
        "Give the folder with what students handed in, such as submissions/.\n"
    )
    assert 3 == result.exit_code
    assert expected == result.stderr


def test_a_dry_run_refuses_the_folder_of_the_course_too(course, monkeypatch):
    monkeypatch.chdir(course)
    assert "is the folder of the course" in grade("run", ".", "--dry-run").stderr


@pytest.mark.parametrize("path", ["my course", "my course/submissions"])
def test_outside_of_the_course_its_folder_is_named(course, path):
    result = grade("run", path)
    expected = (
        "grade: There is no assignment in exercises/. "
        f"The course seems to be another folder; go there first: cd '{course}'\n"
    )
    assert 3 == result.exit_code
    assert expected == result.stderr
