"""Nobody who worked alone is listed: short right solutions look alike, and so do the wrong ones."""

from __future__ import annotations

import itertools
import random
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from grader.batch.similarity.features import read_pieces
from grader.batch.similarity.pairs import find_pairs
from grader.batch.similarity.rarity import Rarity, Work
from grader.notebook.cells import NotebookCell
from grader.notebook.format import parse, read_cell
from grader.reference.files import ReferenceFiles
from tests.corpus import RIGHT, WRONG
from tests.support.classes import ASSIGNMENTS, GIVEN, ROOT, code, compare, honest, works
from tests.support.sampling import sample

Notebooks = Mapping[str, Sequence[NotebookCell]]

NO_WORK = (
    "olivia-exemplo-conflito-do-git",
    "paulo-exemplo-outro-trabalho",
    "quiteria-exemplo-enunciado-sem-resposta",
)
"""Samples that are unreadable, of another assignment, or unchanged."""


def corpus() -> dict[str, tuple[NotebookCell, ...]]:
    """Every made-up answer, right and wrong, as a notebook of its own."""
    return {case.name: code(*case.cells) for case in (*RIGHT, *WRONG)}


def samples(folder: Path) -> dict[str, tuple[NotebookCell, ...]]:
    paths = (path for path in sorted(folder.glob("*.ipynb")) if path.stem not in NO_WORK)
    return {
        path.stem: tuple(read_cell(cell) for cell in parse(path.read_bytes())["cells"])
        for path in paths
    }


FOLDERS = {
    "autograd": ROOT / "submissions",
    "linear-regression": ROOT / "submissions" / "linear-regression",
}


@pytest.fixture(scope="module")
def class_of_390() -> Sequence[Work]:
    """Code of a whole class, in which everyone is compared with everyone."""
    notebooks = {**corpus(), **samples(FOLDERS["autograd"])}
    return works(notebooks, GIVEN["autograd"])


def listed(class_: Sequence[Work]) -> list[tuple[str, str]]:
    return [(pair.left.id, pair.right.id) for pair in find_pairs(class_, Rarity(class_))]


def test_none_of_the_75_855_pairs_of_the_corpus_and_the_samples_is_listed(class_of_390):
    pairs = itertools.combinations(class_of_390, 2)
    assert (75_855, []) == (sum(1 for _ in pairs), listed(class_of_390))


SIZES = ((2, 500), (5, 200), (15, 60), (40, 20), (120, 5))
"""Sizes of classes, and how many of each are drawn."""


@pytest.mark.parametrize(("size", "times"), sample(SIZES, 2, "smaller classes"))
def test_none_is_listed_in_smaller_classes_of_them(size, times, class_of_390):
    chance = random.Random(size)
    classes = [chance.sample(class_of_390, size) for _ in range(times)]
    assert [] == [pair for each in classes for pair in listed(each)]


@pytest.mark.parametrize("name", FOLDERS)
def test_no_pair_of_the_samples_is_listed(name):
    assert () == compare(samples(FOLDERS[name]), name).similar


@pytest.mark.parametrize("size", sample((3, 10, 30, 100, 400), 1, "usual ways"))
def test_a_class_in_which_everyone_chose_among_the_usual_ways_has_no_pairs(size):
    assert [] == listed(works(honest(size, seed=size)))


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_nothing_in_the_handout_or_in_the_reference_is_evidence(name):
    solution = ReferenceFiles(ASSIGNMENTS[name], ROOT / "solutions" / name)
    notebooks = (ASSIGNMENTS[name].handout, code(*(cell.code for cell in solution.reference.cells)))
    assert [(), ()] == [read_pieces(cells, GIVEN[name]) for cells in notebooks]
