"""Where a draft is written, and that nothing is lost there."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.assignment import load_assignments
from grader.authoring.drafting.files import (
    check_name,
    data_files,
    missing_files,
    move_to_backup,
    read_contents,
    write_files,
)
from grader.errors import AssignmentError
from grader.notebook.cells import NotebookCell


def test_a_name_that_is_none_is_told_with_one_that_would_do(tmp_path: Path):
    with pytest.raises(AssignmentError, match="my-lab-2"):
        check_name("My Lab 2", tmp_path, tmp_path, force=True)


@pytest.mark.parametrize("folder", ["exercises", "solutions"])
def test_an_assignment_of_that_name_is_not_replaced_unasked(tmp_path: Path, folder):
    (tmp_path / folder / "lab").mkdir(parents=True)
    with pytest.raises(AssignmentError, match="--force"):
        check_name("lab", tmp_path / "exercises", tmp_path / "solutions", force=False)
    check_name("lab", tmp_path / "exercises", tmp_path / "solutions", force=True)


def test_what_is_replaced_is_kept_each_time(tmp_path: Path):
    backups = []
    for text in ("first", "second"):
        write_files(tmp_path / "lab", {"assignment.toml": text})
        backups.append(move_to_backup(tmp_path / "lab"))
    assert ["first", "second"] == [
        (folder / "assignment.toml").read_text() for folder in backups if folder
    ]
    assert not (tmp_path / "lab").exists()


def test_what_is_kept_is_taken_for_no_assignment(tmp_path: Path):
    write_files(tmp_path / "lab", {"assignment.toml": "no assignment"})
    move_to_backup(tmp_path / "lab")
    with pytest.raises(AssignmentError, match="no assignment in"):
        load_assignments(tmp_path)


def test_nothing_is_kept_where_nothing_was(tmp_path: Path):
    assert move_to_backup(tmp_path / "lab") is None


def test_files_that_the_code_names_go_along(tmp_path: Path):
    for name in ("data/rain.csv", "other.csv", "helper.py", "secret.ipynb"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name, "utf-8")
    source = (
        "import helper, torch\nx = load('./data/rain.csv')\nopen('secret.ipynb')\nopen('../up.csv')"
    )
    found = data_files(tmp_path / "lab.ipynb", [NotebookCell(kind="code", source=source)])
    assert ["helper.py", "data/rain.csv"] == [file.name for file in found]
    write_files(tmp_path / "exercises/lab", read_contents(found))
    assert "data/rain.csv" == (tmp_path / "exercises/lab/data/rain.csv").read_text()


def test_a_file_that_is_read_and_not_there_is_missing(tmp_path: Path):
    (tmp_path / "here.csv").write_text("1", "utf-8")
    lines = (
        "a = pd.read_csv('here.csv')",
        "b = pd.read_csv('there.csv', sep=';')",
        "c = open('new.txt', 'w')",
    )
    source = "\n".join(lines)
    cells = [NotebookCell(kind="code", source=source)]
    assert ("there.csv",) == missing_files(tmp_path / "lab.ipynb", cells)


def test_files_that_a_module_of_the_course_names_go_along(tmp_path: Path):
    contents = {
        "helpers.py": "from tools.loading import load\npath = 'rain.csv'",
        "tools/__init__.py": "from .shown import draw",
        "tools/loading.py": "from . import paths",
        "tools/paths.py": "wind = 'data/wind.csv'",
        "tools/shown.py": "",
        "rain.csv": "1",
        "data/wind.csv": "2",
        "other.csv": "3",
    }
    write_files(tmp_path, contents)
    cells = [NotebookCell(kind="code", source="import helpers")]
    found = {file.name for file in data_files(tmp_path / "solved.ipynb", cells)}
    assert contents.keys() - {"other.csv"} == found
