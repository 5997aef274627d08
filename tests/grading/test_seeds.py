"""Which seeds a submission sets, and how the reference runs with them."""

from __future__ import annotations

import pytest

from grader.grading.seeds import MAX_SEEDS, may_set_seeds, seedings_of, seeds_of, told_seeds
from grader.settings import Seeding
from grader.trace import BASE, CodeCell, Event, Run, Trace


def trace(*seeds: str, source: str = "") -> Trace:
    events = tuple(Event(run=BASE, kind="seed", cell=0, text=seed) for seed in seeds)
    return Trace(cells=(CodeCell(cell=0, source=source),), runs=(Run(label=BASE, events=events),))


def test_seeds_are_read_in_their_order() -> None:
    seeds = seeds_of(trace("torch 42", "numpy -", "torch -1"))
    assert [("torch", 42), ("numpy", None), ("torch", -1)] == seeds


@pytest.mark.parametrize(
    "forged", ["torch", "torch 1e3", "os 1", "torch 1; import os", "torch " + "9" * 40, "drawn"]
)
def test_what_is_no_seed_is_not_read(forged: str) -> None:
    assert [] == seeds_of(trace(forged))


def test_no_more_seeds_are_read_than_a_kernel_records() -> None:
    forged = [f"torch {number}" for number in range(1_000)]
    assert MAX_SEEDS == len(seeds_of(trace(*forged)))


def test_the_seeds_of_each_family_come_first_then_each_for_all_then_one_more_draw() -> None:
    seeds = (("torch", (7, 8)), ("numpy", (7,)))
    assert (
        Seeding(seeds=seeds),
        Seeding(every=8),
        Seeding(every=7),
        Seeding(seeds=seeds, draws=1),
    ) == seedings_of(trace("torch 7", "numpy 7", "torch 8"))


def test_without_a_seed_there_is_nothing_to_try() -> None:
    assert () == seedings_of(trace("numpy -"))


def test_seeds_are_told_once_each() -> None:
    assert "torch 7, numpy 3" == told_seeds(trace("torch 7", "numpy 3", "torch 7"))


@pytest.mark.parametrize(
    ("source", "may"),
    [
        ("r = torch.rand(3)", False),
        ("rng = np.random.default_rng()", False),
        ("rng = np.random.default_rng( seed_number )", True),
        ("torch.set_rng_state(state)", True),
        ("split(x, random_state=rng)", True),
    ],
)
def test_code_may_set_a_seed_that_was_not_recorded(source: str, may: bool) -> None:
    assert may == may_set_seeds(trace(source=source))
