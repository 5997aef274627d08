"""Data sets are found by any root and any path; a variant shows other items."""

from __future__ import annotations

import os
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from grader.kernel.portability.data_sets import DataSets, chosen
from grader.kernel.portability.working_directory import WorkingDirectory
from grader.kernel.variants.variant import Variant, VariantSubset


class Digits:
    """A data set as torchvision's: a root, then options."""

    def __init__(self, root: str, train: bool = True, download: bool = False) -> None:
        self.root = root
        self.data = torch.arange(20 if train else 10)
        self.targets = [number % 10 for number in range(20 if train else 10)]

    def __len__(self) -> int:
        return len(self.data)


class OtherDigits(Digits):
    """A data set that is made as another one is, and that is not here."""


@pytest.fixture
def library() -> Iterator[types.SimpleNamespace]:
    plain = Digits.__init__
    yield types.SimpleNamespace(Digits=Digits, OtherDigits=OtherDigits)
    Digits.__init__ = plain  # type: ignore[method-assign]


def opened(library: Any, *, subset: int | None = None, part: int = 0) -> DataSets:
    spec = {"root": "/data", "classes": ["Digits"], "subset": subset}
    data_sets = DataSets(spec, lambda *_: None)
    data_sets._wrap(library)
    if part:
        data_sets.begin_run([VariantSubset({"name": "Digits", "part": part})])
    return data_sets


def test_any_root_means_the_data_sets_that_are_here(library: Any) -> None:
    opened(library)
    assert "/data" == library.Digits("/content/drive/digits", download=True).root
    assert "/data" == library.Digits(root=".", train=False).root


def test_what_is_not_here_keeps_its_root(library: Any) -> None:
    opened(library)
    assert "here" == library.OtherDigits("here").root


def test_a_subset_is_the_same_each_time_and_evenly_spaced(library: Any) -> None:
    opened(library, subset=5)
    digits = library.Digits(".")
    assert [0, 4, 8, 12, 16] == digits.data.tolist()
    assert [0, 4, 8, 2, 6] == digits.targets
    assert 5 == len(digits)


def test_a_variant_shows_other_items(library: Any) -> None:
    opened(library, subset=5, part=1)
    assert [1, 5, 9, 13, 17] == library.Digits(".").data.tolist()


def test_choices_differ_where_there_is_no_room_between_the_items() -> None:
    choices = [tuple(chosen(10, 7, part)) for part in range(4)]
    assert 4 == len(set(choices))
    assert {7} == {len(set(indices)) for indices in choices}


def test_a_data_set_counts_as_met_once_it_was_opened(library: Any) -> None:
    variant = Variant([{"name": "Digits", "part": 1}], narrow=False)
    data_sets = opened(library, subset=5)
    data_sets.begin_run(variant.subsets)
    assert {} == variant.carried(sets_seeds=False)
    library.Digits(".")
    assert {"Digits": True} == variant.carried(sets_seeds=False)


def test_a_folder_is_linked_into_the_working_directory_and_is_there_in_each_run(
    tmp_path: Path,
) -> None:
    (tmp_path / "root" / "pictures").mkdir(parents=True)
    (tmp_path / "root" / "pictures" / "a.txt").write_text("a")
    work = tmp_path / "work"
    work.mkdir()
    data_sets = DataSets({"root": str(tmp_path / "root"), "folders": ["pictures"]}, print)
    directory = WorkingDirectory(str(work), links=data_sets.links)
    assert "a" == (work / "pictures" / "a.txt").read_text()
    (work / "pictures").unlink()
    before = os.getcwd()  # noqa: PTH109
    try:
        directory.restore()
    finally:
        os.chdir(before)
    assert "a" == (work / "pictures" / "a.txt").read_text()


def test_a_path_of_another_machine_means_what_is_in_the_folder(tmp_path: Path) -> None:
    (tmp_path / "pictures" / "train").mkdir(parents=True)
    data_sets = DataSets({"root": str(tmp_path), "folders": ["pictures"]}, print)
    train = str(tmp_path / "pictures" / "train")
    assert train == data_sets.find("/content/drive/MyDrive/pictures/train")
    assert train == data_sets.find("C:\\Users\\ana\\pictures\\train")
    assert data_sets.find("/content/pictures/test") is None
    assert data_sets.find("/content/train") is None


def test_a_file_that_was_moved_out_of_its_folder_is_found_by_its_name(tmp_path: Path) -> None:
    for name in ("tables/train.npz", "tables/old/test.npz", "tables/a.txt", "tables/old/a.txt"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    data_sets = DataSets({"root": str(tmp_path), "folders": ["tables"]}, print)
    assert str(tmp_path / "tables/train.npz") == data_sets.find("train.npz")
    assert str(tmp_path / "tables/old/test.npz") == data_sets.find("/content/test (1).npz")
    assert data_sets.find("a.txt") is None
    assert data_sets.find("model.pt") is None
