"""Calls that other releases of torch and matplotlib took are answered."""

from __future__ import annotations

import io
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib.cm
import matplotlib.figure
import matplotlib.pyplot as plt
import pytest
import torch
from torch.optim import lr_scheduler
from torch.utils.data import DataLoader
from torch.utils.data.dataloader import _BaseDataLoaderIter

from grader.kernel.portability import former_calls


class Notes:
    """Keeps what would go to the report."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def note(self, text: str) -> None:
        self.texts.append(text)


@pytest.fixture
def notes() -> Iterator[Notes]:
    notes = Notes()
    base = lr_scheduler.LRScheduler
    with pytest.MonkeyPatch.context() as patch:
        for module in (torch, torch.serialization):
            patch.setattr(module, "load", torch.load)
        for scheduler in (base, *base.__subclasses__()):
            patch.setattr(scheduler, "__init__", scheduler.__init__)
        patch.setattr(_BaseDataLoaderIter, "next", None, raising=False)
        del _BaseDataLoaderIter.next
        patch.setattr(matplotlib.cm, "get_cmap", None, raising=False)
        del matplotlib.cm.get_cmap
        figure = matplotlib.figure.FigureBase
        patch.setattr(figure, "gca", figure.gca)
        former_calls.install(notes)
        yield notes


def optimizer() -> Any:
    return torch.optim.SGD([torch.ones(1, requires_grad=True)], lr=0.1)


def test_a_network_that_was_saved_whole_is_loaded(notes: Notes, tmp_path: Path) -> None:
    path = tmp_path / "model.pt"
    torch.save(torch.nn.Linear(2, 1), path)
    assert isinstance(torch.load(path), torch.nn.Linear)
    assert ["version torch.load"] == notes.texts


def test_an_open_file_is_read_from_where_it_stood(notes: Notes) -> None:
    file = io.BytesIO()
    torch.save(torch.nn.Linear(2, 1), file)
    file.seek(0)
    assert isinstance(torch.load(file), torch.nn.Linear)


def test_weights_alone_are_loaded_as_ever(notes: Notes, tmp_path: Path) -> None:
    path = tmp_path / "weights.pt"
    torch.save({"w": torch.ones(2)}, path)
    assert [1.0, 1.0] == torch.load(path)["w"].tolist()
    assert [] == notes.texts


def test_who_asks_for_weights_alone_is_refused_objects(notes: Notes, tmp_path: Path) -> None:
    path = tmp_path / "model.pt"
    torch.save(torch.nn.Linear(2, 1), path)
    with pytest.raises(pickle.UnpicklingError):
        torch.load(path, weights_only=True)


def test_schedulers_take_verbose(notes: Notes) -> None:
    scheduler = lr_scheduler.StepLR(optimizer(), step_size=2, gamma=0.5, verbose=True)
    plateau = lr_scheduler.ReduceLROnPlateau(optimizer(), "min", patience=3, verbose=False)
    assert (2, 3) == (scheduler.step_size, plateau.patience)
    assert ["version verbose"] * 2 == notes.texts


def test_an_unknown_option_of_a_scheduler_is_the_students_error(notes: Notes) -> None:
    with pytest.raises(TypeError, match="gama"):
        lr_scheduler.StepLR(optimizer(), 2, gama=0.5)


def test_iterators_of_loaders_have_next(notes: Notes) -> None:
    iterator = iter(DataLoader([1, 2, 3]))
    assert 1 == iterator.next()
    assert 2 == next(iterator)


def test_colors_and_projections_are_found(notes: Notes) -> None:
    assert 3 == matplotlib.cm.get_cmap("viridis", 3).N
    figure = plt.figure()
    axes = figure.gca(projection="3d")
    assert "3d" == axes.name
    assert figure.gca() is axes
    plt.close(figure)
