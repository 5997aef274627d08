"""The data sets of an assignment are found on this machine, or it is said where they should be."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from grader.assignment import Assignment, load_assignment
from grader.errors import AssignmentError
from grader.reference.data_folders import VARIABLE, data_at_home, data_contents, find_data
from tests.support.courses import write_notebook, write_texts

TOML = """
    title = "Digits"
    handout = "digits.ipynb"

    [run]
    {}

    [[exercises]]
    id = "mean"
    title = "Mean"
    points = 1
    check = "value"
    """


def assignment(folder: Path, run: str) -> Assignment:
    course = folder / "exercises" / "digits"
    write_notebook(course / "digits.ipynb", ["#!# Digits"])
    write_texts(course, {"assignment.toml": TOML.format(run), "pictures/a/0.txt": "picture"})
    return load_assignment(course)


def refusal(folder: Path, run: str) -> str:
    with pytest.raises(AssignmentError) as caught:
        find_data(assignment(folder, run))
    return str(caught.value)


def test_an_assignment_without_data_needs_none(tmp_path: Path) -> None:
    assert () == find_data(assignment(tmp_path, ""))


def test_a_folder_lies_beside_the_assignment_or_elsewhere(tmp_path: Path) -> None:
    (beside,) = find_data(assignment(tmp_path, 'data = "pictures"'))
    elsewhere = tmp_path / "elsewhere" / "faces"
    elsewhere.mkdir(parents=True)
    (other,) = find_data(assignment(tmp_path, f'data = "{elsewhere}"'))
    assert ("pictures", "faces") == (beside.name, other.name)
    assert elsewhere == other.path


def test_another_file_makes_another_digest(tmp_path: Path) -> None:
    graded = assignment(tmp_path, 'data = "pictures"')
    (before,) = find_data(graded)
    (graded.folder / "pictures" / "a" / "1.txt").write_text("another")
    (after,) = find_data(graded)
    assert before.digest != after.digest


def test_a_copy_at_another_time_has_the_same_digest(tmp_path: Path) -> None:
    (before,) = find_data(assignment(tmp_path / "here", 'data = "pictures"'))
    moved = assignment(tmp_path / "there", 'data = "pictures"')
    os.utime(moved.folder / "pictures" / "a" / "0.txt", ns=(1, 1))
    (after,) = find_data(moved)
    assert before.digest == after.digest


def test_a_large_folder_is_known_by_times(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.reference.data_folders.MAX_READ_MIB", -1)
    graded = assignment(tmp_path, 'data = "pictures"')
    (before,) = find_data(graded)
    os.utime(graded.folder / "pictures" / "a" / "0.txt", ns=(1, 1))
    (after,) = find_data(graded)
    assert before.digest != after.digest


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert "there is no folder" in refusal(tmp_path, 'data = "faces"')


def test_a_data_set_lies_where_the_variable_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sets" / "MNIST" / "raw").mkdir(parents=True)
    monkeypatch.setenv(VARIABLE, str(tmp_path / "sets"))
    (found,) = find_data(assignment(tmp_path, 'datasets = ["MNIST"]'))
    assert ("MNIST", "MNIST", tmp_path / "sets" / "MNIST") == (
        found.name,
        found.dataset,
        found.path,
    )


def test_a_data_set_that_is_not_here_is_refused_with_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "sets"))
    text = refusal(tmp_path, 'datasets = ["MNIST"]')
    assert "MNIST is not on this machine" in text
    assert f"torchvision.datasets.MNIST('{tmp_path}/sets', download=True)" in text


def test_a_data_set_that_is_not_known_is_refused(tmp_path: Path) -> None:
    assert "datasets: 'Iris' cannot be shown" in refusal(tmp_path, 'datasets = ["Iris"]')


def test_a_release_has_the_files_of_the_folder(tmp_path: Path) -> None:
    graded = assignment(tmp_path, 'data = "pictures"')
    assert {"pictures/a/0.txt": b"picture"} == data_contents(graded)
    assert {} == data_contents(assignment(tmp_path, ""))


def test_at_home_the_folder_lies_beside_the_notebook_if_anywhere(tmp_path: Path) -> None:
    graded = assignment(tmp_path, 'data = "pictures"')
    (found,) = data_at_home(graded, [tmp_path, graded.folder])
    assert graded.folder / "pictures" == found.path
    assert () == data_at_home(graded, [tmp_path])
