"""The folder of data and the data sets of torchvision that a solved notebook reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.authoring.drafting.data_sets import FoundDataSets, copy_folder, find_data_sets
from grader.notebook.cells import NotebookCell


def found(source: str, folder: Path) -> FoundDataSets:
    cells = [NotebookCell(kind="code", source=source)]
    return find_data_sets(folder / "solved.ipynb", cells)


@pytest.mark.parametrize(
    "source",
    [
        "ImageFolder('pictures/train')",
        "root = './pictures'",
        "open(os.path.join('pictures', name))",
        "paths = [f'pictures/train/{k}.png' for k in range(9)]",
    ],
)
def test_a_folder_beside_the_notebook_that_code_names_is_its_data(source, tmp_path):
    (tmp_path / "pictures/train").mkdir(parents=True)
    assert tmp_path / "pictures" == found(source, tmp_path).folder


def test_a_text_that_names_no_folder_is_no_data(tmp_path):
    (tmp_path / "solutions").mkdir()
    assert found("print('pictures', 'solutions', '..')", tmp_path).folder is None


def test_data_sets_of_torchvision_are_known_by_their_classes(tmp_path):
    source = "a = datasets.MNIST('x', download=True)\nb = torchvision.datasets.CIFAR10(root)"
    assert ("CIFAR10", "MNIST") == found(source, tmp_path).classes


def test_a_data_set_that_lies_beside_the_notebook_is_opened_there(tmp_path):
    (tmp_path / "data/MNIST").mkdir(parents=True)
    assert () == found("datasets.MNIST('data', train=True)", tmp_path).classes


def test_a_folder_is_copied_into_the_assignment(tmp_path):
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures/a.txt").write_text("a")
    assert "pictures" == copy_folder(tmp_path / "pictures", tmp_path / "draft")
    assert "a" == (tmp_path / "draft/pictures/a.txt").read_text()


def test_files_in_the_folder_go_along_with_it(tmp_path):
    (tmp_path / "pictures").mkdir()
    data = found("root = 'pictures'", tmp_path)
    assert [True, False] == [data.has("pictures/a.csv"), data.has("a.csv")]
