"""Which drawing of a variant is taken: the first without a fault, or the best of a few."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from grader.errors import AssignmentError
from grader.reference.draw_search import MAX_ALIKE, MAX_DRAWS, DrawSearch
from grader.reference.files import ReferenceFiles
from grader.reference.records import DrawFaults
from grader.reference.variant_runs import VariantRuns, VariedRuns
from grader.trace import Run

GOOD = DrawFaults()
UNMOVED = DrawFaults(unmoved=("mean",))
WORSE = DrawFaults(unmoved=("mean", "spread"))
UNTOLD = DrawFaults(untold=("plus-sign",))
FAILS = DrawFaults(fails="raises")

FILES = cast("ReferenceFiles", SimpleNamespace(folder=Path("solutions/media")))


class FakeRuns(VariantRuns):
    """Two variants; there is time for as many runs as are asked for."""

    def __init__(self, runs: int) -> None:
        self.count = 2
        self._remaining = runs

    def label(self, index: int) -> str:
        return f"variant-{index + 1}"

    def fits(self, index: int) -> bool:
        return self._remaining > 0

    def fits_again(self, index: int) -> bool:
        return self._remaining >= self.count - index

    async def run(self, inputs: Any, index: int, attempt: int = 0) -> Run:
        self._remaining -= 1
        return Run(label=f"{index}:{attempt}")

    def brought_back(self, inputs: Any, runs: Any, drawn: Any) -> VariedRuns:
        return VariedRuns(inputs, runs, self.count - len(runs), drawn)


class Fakes:
    """Draws nothing, and finds the faults that are given per variant and attempt."""

    count = 2

    def __init__(self, faults: Mapping[int, Sequence[DrawFaults]]) -> None:
        self._faults = faults
        self.tried: list[tuple[int, int]] = []

    async def make(self, handed_out: Run, attempts: Sequence[int]) -> tuple[()]:
        return ()

    async def judge(self, inputs: Any, index: int, run: Run) -> DrawFaults:
        attempt = int(run.label.partition(":")[2])
        self.tried.append((index, attempt))
        faults = self._faults.get(index, [GOOD])
        return faults[min(attempt, len(faults) - 1)]


def search(
    faults: Mapping[int, Sequence[DrawFaults]], *earlier: int, runs: int = 99
) -> tuple[list[int], Fakes]:
    fakes = cast("Any", Fakes(faults))
    searching = DrawSearch(FakeRuns(runs), fakes, fakes, Run(label="base"), None)
    varied = asyncio.run(searching.choose(earlier, FILES))
    return [variant.attempt for variant in varied.drawn], fakes


def test_a_drawing_without_a_fault_is_taken_at_once() -> None:
    attempts, fakes = search({})
    assert [0, 0] == attempts
    assert [(0, 0), (1, 0)] == fakes.tried


def test_a_variant_is_drawn_again_until_nothing_is_wrong_with_it() -> None:
    attempts, _ = search({0: [UNMOVED, UNTOLD, GOOD], 1: [FAILS, GOOD]})
    assert [2, 1] == attempts


def test_the_best_of_a_few_drawings_is_taken() -> None:
    attempts, fakes = search({0: [WORSE, UNMOVED, UNTOLD, WORSE]})
    assert [2, 0] == attempts
    assert MAX_DRAWS == sum(index == 0 for index, _ in fakes.tried)


def test_an_answer_that_no_drawing_moves_costs_few_of_them() -> None:
    attempts, fakes = search({0: [UNMOVED]})
    assert [0, 0] == attempts
    assert MAX_ALIKE == sum(index == 0 for index, _ in fakes.tried)


def test_what_was_chosen_for_the_class_before_is_tried_first_and_kept() -> None:
    attempts, fakes = search({0: [UNMOVED, UNMOVED, GOOD]}, 5, 1)
    assert [5, 1] == attempts
    assert [(0, 5), (1, 1)] == fakes.tried


def test_nothing_is_drawn_again_that_would_take_the_time_of_later_variants() -> None:
    attempts, _ = search({0: [UNMOVED, GOOD]}, runs=2)
    assert [0, 0] == attempts


def test_variants_without_time_are_left_out() -> None:
    attempts, _ = search({}, runs=1)
    assert [0] == attempts


def test_a_variant_that_fails_however_it_is_drawn_is_refused() -> None:
    with pytest.raises(AssignmentError, match="variant 2: a cell of the reference raises, however"):
        search({1: [FAILS]})
