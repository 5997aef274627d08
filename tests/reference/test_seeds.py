"""Which exercises of a reference hang on seeds, and how often it runs with other ones."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from grader.grading.expectation import Answer
from grader.grading.search import Values
from grader.job import VariedNumbers
from grader.reference.records import Answers, StoredReference, StoredSeeds
from grader.reference.seeds import MAX_SEEDINGS, SeededReference, unfixed_exercises
from grader.settings import Seeding
from grader.trace import BASE, Event, Trace
from tests.support.traces import (
    Plain,
    assignment,
    exercise,
    expects,
    knowledge,
    numbers,
    run,
    sets,
    trace,
    value_of,
)

LOSS = exercise("loss")
CALLED = exercise("called", check="function", function="f", calls=["1.", "2."])
GRAPH = exercise("net", check="graph")


def answers(exercise_id: str, *values: Plain, label: str = BASE, way: str = "") -> Answers:
    alternatives = tuple(Answer(value=value_of(value), way=way) for value in values)
    return {exercise_id: {label: alternatives}}


OWN = answers("loss", 2.0)


@pytest.mark.parametrize(
    ("other", "unfixed"),
    [
        (answers("loss", 2.0), ()),
        (answers("loss", 2.1), ("loss",)),
        ({}, ("loss",)),
    ],
)
def test_an_answer_that_another_seed_changes_is_not_fixed(
    other: Answers, unfixed: tuple[str, ...]
) -> None:
    assert unfixed == unfixed_exercises([LOSS], OWN, [OWN, other])


def test_what_a_function_gives_to_each_call_counts() -> None:
    own = answers("called", 1.0, label="called(2)")
    other = answers("called", 3.0, label="called(2)")
    assert ("called",) == unfixed_exercises([CALLED], own, [other])


def test_a_graph_hangs_on_no_seed() -> None:
    assert () == unfixed_exercises([GRAPH], {}, [{}])


def test_an_accepted_way_does_not_count() -> None:
    own = {"loss": {BASE: (*OWN["loss"][BASE], Answer(value=value_of(9.0), way="taught"))}}
    assert () == unfixed_exercises([LOSS], own, [OWN])


# With the seeds of submissions

REFERENCE = StoredReference(key="1", inputs=(), answers=OWN, right={}, seen={}, told={})
KNOWN = knowledge(loss=expects(2.0))


class FakeKernels:
    """Gives, for a way to set seeds, a loss of its own; counts the ways."""

    def __init__(self) -> None:
        self.ways: list[Seeding] = []
        self.with_variants: list[bool] = []
        """Per request, whether the variants were to run, too."""

    async def seeded(
        self, seedings: Sequence[Seeding], _: StoredReference, *, variants: bool
    ) -> list[Answers]:
        """Answer as the reference would."""
        self.with_variants.append(variants)
        self.ways += seedings
        return [answers("loss", 2.0 + _number(seeding)) for seeding in seedings]


def _number(seeding: Seeding) -> int:
    numbers = [number or 0 for _, some in seeding.seeds for number in some]
    return sum(numbers) + seeding.offset + (seeding.every or 0) + 100 * seeding.draws


def seeded(
    kernels: Any,
    reference: StoredReference = REFERENCE,
    clock: Callable[[], float] = time.monotonic,
) -> SeededReference:
    stored = StoredSeeds(key="1")
    return SeededReference(assignment(LOSS), kernels, reference, stored, clock=clock)


def submitted(loss: float, *seeds: str) -> Trace:
    events = [Event(run=BASE, kind="seed", cell=0, text=text) for text in seeds]
    return trace(run(*events, sets("loss", loss)))


def test_the_reference_runs_with_the_seeds_of_a_submission_until_it_is_right() -> None:
    kernels = FakeKernels()
    extended = asyncio.run(seeded(kernels).extend(KNOWN, Values(submitted(9.0, "torch 7"))))
    [answer] = extended.seeded["loss"]
    assert 1.0 == answer.expectation.matches(value_of(9.0), BASE)
    assert Seeding(seeds=(("torch", (7,)),)) == kernels.ways[-1]


def test_a_right_submission_asks_for_no_other_seeds() -> None:
    kernels = FakeKernels()
    extended = asyncio.run(seeded(kernels).extend(KNOWN, Values(submitted(2.0, "torch 7"))))
    offsets = [way for way in kernels.ways if way.seeds or way.every is not None]
    assert ({}, []) == (extended.seeded, offsets)


def test_a_reference_that_draws_nothing_never_runs_with_other_seeds() -> None:
    kernels = FakeKernels()
    still = REFERENCE.model_copy(update={"draws": False})
    asyncio.run(seeded(kernels, still).extend(KNOWN, Values(submitted(9.0, "torch 7"))))
    assert [] == kernels.ways


def test_a_class_may_use_so_many_ways_to_set_seeds() -> None:
    kernels = FakeKernels()
    reference = seeded(kernels)

    async def grade_all() -> list[bool]:
        tried = []
        for number in range(MAX_SEEDINGS):
            submission = Values(submitted(-1.0, f"torch {number}"))
            tried.append((await reference.extend(KNOWN, submission)).seeds_tried)
        return tried

    tried = asyncio.run(grade_all())
    assert (True, False) == (tried[0], tried[-1])
    assert MAX_SEEDINGS == len(reference.stored.on_data)


def test_a_class_waits_for_other_seeds_only_so_long() -> None:
    kernels = FakeKernels()
    hours = itertools.count(step=3600.0)
    reference = seeded(kernels, clock=lambda: next(hours))

    async def grade(seed: int) -> bool:
        submission = Values(submitted(-1.0, f"torch {seed}"))
        return (await reference.extend(KNOWN, submission)).seeds_tried

    assert not asyncio.run(grade(7))
    own_ways = [way for way in kernels.ways if way.seeds or way.every is not None]
    assert 1 == len(own_ways)


@pytest.mark.parametrize(("loss", "expected"), [(9.0, [False, True]), (8.5, [False] * 3)])
def test_variants_run_with_other_seeds_only_where_the_handed_out_data_is_right(
    loss: float, expected: list[bool]
) -> None:
    kernels = FakeKernels()
    one, two = numbers(1.0), numbers(2.0)
    data = VariedNumbers(name="x", original=one, variants=(two,))
    varied = REFERENCE.model_copy(update={"inputs": (data,)})
    asyncio.run(seeded(kernels, varied).extend(KNOWN, Values(submitted(loss, "torch 7"))))
    assert expected == kernels.with_variants[1:]
