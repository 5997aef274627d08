"""The folder of a new course: what is in it, what stays as it was, and the example grades."""

from __future__ import annotations

import importlib.metadata
import json
from pathlib import Path

import pytest

from grader.assignment import load_assignment
from grader.authoring import course
from grader.authoring.course import create_course
from grader.errors import GraderError
from grader.report import Report, SubmissionResult
from tests.support.courses import Course, by_student, graded


def test_a_course_has_its_folders_and_files(tmp_path: Path) -> None:
    made = create_course(tmp_path / "week", "en", example=False)
    assert [] == [name for name in made.written if not (tmp_path / "week" / name).exists()]
    assert "README.md" in made.written
    assert [] == [*(tmp_path / "week/exercises").iterdir()]


def test_files_that_are_there_stay_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("mine")
    made = create_course(tmp_path, "en", example=True)
    assert ("README.md",) == made.kept
    assert "README.md" not in made.written
    assert "mine" == (tmp_path / "README.md").read_text()


def test_a_course_is_not_made_twice(tmp_path: Path) -> None:
    create_course(tmp_path, "en", example=False)
    with pytest.raises(GraderError, match="is there already"):
        create_course(tmp_path, "en", example=True)
    assert [] == [*(tmp_path / "exercises").iterdir()]


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(GraderError, match="Give another folder"):
        create_course(tmp_path / "file/course", "en", example=False)


@pytest.mark.parametrize("language", ["en", "pt", "es"])
def test_the_readme_names_the_six_commands_of_a_term(tmp_path: Path, language: str) -> None:
    create_course(tmp_path / language, language, example=False)
    readme = (tmp_path / language / "README.md").read_text("utf-8")
    commands = [line.split()[1] for line in readme.splitlines() if line.startswith("grade ")]
    assert ["new", "validate", "release", "submissions/", "review", "export"] == commands


@pytest.mark.parametrize(
    ("recorded", "expected"),
    [
        ({}, "notebook-grader[grading]==0.1.0"),
        (
            {
                "url": "https://example.org/grader",
                "vcs_info": {"vcs": "git", "commit_id": "abc"},
            },
            "notebook-grader[grading] @ git+https://example.org/grader@abc",
        ),
        ({"url": "file:///home/ana/grader"}, "notebook-grader[grading]==0.1.0"),
    ],
)
def test_colleagues_install_the_grader_that_made_the_course(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    recorded: dict[str, object],
    expected: str,
) -> None:
    monkeypatch.setattr(course, "_direct_url", lambda: recorded)
    monkeypatch.setattr("grader.__version__", "0.1.0")
    create_course(tmp_path, "en", example=False)
    requirements = (tmp_path / "requirements.txt").read_text()
    assert expected == requirements.splitlines()[-1]
    assert "ana" not in requirements


def test_the_origin_of_the_grader_is_read_from_what_pip_noted() -> None:
    recorded = importlib.metadata.distribution(course.DISTRIBUTION).read_text("direct_url.json")
    assert json.loads(recorded or "{}") == course._direct_url()


def test_the_example_is_an_assignment_with_five_submissions(tmp_path: Path) -> None:
    create_course(tmp_path, "en", example=True)
    assignment = load_assignment(tmp_path / "exercises/first-steps")
    assert 7 == sum(exercise.points for exercise in assignment.exercises)
    assert 5 == len([*(tmp_path / "submissions").glob("*.ipynb")])


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> dict[str, SubmissionResult]:
    folder = tmp_path_factory.mktemp("example")
    create_course(folder, "en", example=True)
    settings = Course(folder).settings(folder / "grades")
    report: Report = graded([folder / "submissions"], settings)
    return {name.partition("-")[0]: result for name, result in by_student(report).items()}


@pytest.mark.kernel
def test_the_example_shows_what_grading_can_tell(example: dict[str, SubmissionResult]) -> None:
    points = {name: result.points for name, result in example.items()}
    assert {"ada": 6.0, "ben": 6.0, "cleo": 4.0, "dev": 0.0, "eli": 2.0} == points


@pytest.mark.kernel
def test_the_example_names_the_mistakes(example: dict[str, SubmissionResult]) -> None:
    mistakes = {
        name: {found.id for exercise in result.exercises for found in exercise.mistakes}
        for name, result in example.items()
    }
    assert {"sum"} == mistakes["cleo"]
    assert {"uphill"} == mistakes["dev"]
