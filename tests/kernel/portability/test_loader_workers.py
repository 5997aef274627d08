"""Workers that take turns give the batches that processes give."""

from __future__ import annotations

import random
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import numpy
import pytest
import torch
from torch.utils.data import DataLoader, Dataset, WeightedRandomSampler, get_worker_info

from grader.kernel.portability import loader_workers

pytestmark = pytest.mark.filterwarnings("ignore:This DataLoader will create")


class Notes:
    """Keeps what would go to the report."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def note(self, text: str) -> None:
        self.texts.append(text)


class Augmented(Dataset):
    """Items that draw from all three generators."""

    def __len__(self) -> int:
        return 11

    def __getitem__(self, index: int) -> Any:
        drawn = (random.random(), numpy.random.rand(), torch.rand(2))
        return index, *drawn, get_worker_info().id, get_worker_info().seed


class Broken(Augmented):
    """Items of which one is missing."""

    def __getitem__(self, index: int) -> Any:
        if index == 7:
            raise KeyError(index)
        return super().__getitem__(index)


@pytest.fixture
def let_take_turns(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int], Notes]]:
    """Install the hook with as many processes as a test says."""
    monkeypatch.setattr(DataLoader, "_get_iterator", DataLoader._get_iterator)

    def install(processes: int) -> Notes:
        monkeypatch.setattr(loader_workers, "MAX_PROCESSES", processes)
        notes = Notes()
        loader_workers.install(notes)
        return notes

    return install


def batches_of(make_loader: Callable[[], DataLoader]) -> str:
    """Go through a new loader; return its batches, its exception and what is drawn next."""
    random.seed(1)
    numpy.random.seed(2)
    torch.manual_seed(3)
    batches = []
    try:
        for batch in make_loader():
            batches.append(batch)
            torch.rand(1)
    except KeyError as error:
        batches.append(str(error).splitlines()[0])
        traceback.clear_frames(error.__traceback__)  # ends the workers now, not in another test
    batches.append((random.random(), numpy.random.rand(), torch.rand(1)))
    return repr(batches)


@pytest.mark.parametrize(
    "make_loader",
    [
        lambda: DataLoader(Augmented(), batch_size=4, shuffle=True, num_workers=2),
        lambda: DataLoader(Augmented(), batch_size=None, num_workers=1),
        lambda: DataLoader(Augmented(), 3, num_workers=2, worker_init_fn=torch.manual_seed),
        lambda: DataLoader(
            Augmented(), 4, sampler=WeightedRandomSampler([1.0] * 11, 30), num_workers=1
        ),
        lambda: DataLoader(Broken(), batch_size=2, num_workers=2),
    ],
    ids=["shuffled", "single items", "own seeds", "own sampler", "an item is missing"],
)
def test_they_give_the_batches_of_processes(let_take_turns, make_loader):
    with_processes = batches_of(make_loader)
    notes = let_take_turns(0)
    assert with_processes == batches_of(make_loader)
    assert ["workers num_workers"] == notes.texts


def test_the_first_workers_are_processes(let_take_turns):
    notes = let_take_turns(1)
    loader = DataLoader(Augmented(), num_workers=1)
    first = iter(loader)
    assert "_MultiProcessingDataLoaderIter" == type(first).__name__
    assert [] == notes.texts

    second = iter(loader)
    assert "TakingTurns" == type(second).__name__


def test_loaders_without_workers_stay_as_they_are(let_take_turns):
    let_take_turns(0)
    iterator = iter(DataLoader([1, 2], num_workers=0))
    assert "_SingleProcessDataLoaderIter" == type(iterator).__name__


def test_persistent_workers_stay_processes(let_take_turns):
    let_take_turns(0)
    iterator = iter(DataLoader([1, 2], num_workers=1, persistent_workers=True))
    assert "_MultiProcessingDataLoaderIter" == type(iterator).__name__
