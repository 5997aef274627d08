"""Workers are given to submissions: a few for each core, and one alone to a suspect."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from contextlib import AsyncExitStack

import pytest

from grader.batch.workers.facts import WorkerFacts
from grader.batch.workers.slots import SPARE, ClusterWorker, Slots


def worker(address: str, threads: int = 1) -> ClusterWorker:
    facts = WorkerFacts(host="h", grader="", recorder="", python="", packages={}, cores=threads)
    return ClusterWorker(address, threads, facts)


def slots_of(*workers: ClusterWorker) -> Slots:
    slots = Slots()
    for each in workers:
        slots.add(each)
    return slots


async def is_kept_waiting(awaitable: Awaitable[object]) -> bool:
    task = asyncio.ensure_future(awaitable)
    for _ in range(10):
        await asyncio.sleep(0)
    if task.done():
        return False
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return True


async def test_submissions_go_to_the_least_busy_worker() -> None:
    slots = slots_of(worker("a"), worker("b", threads=3))
    async with AsyncExitStack() as stack:
        taken = [
            (await stack.enter_async_context(slots.take(alone=False))).address for _ in range(4)
        ]
    assert ["a", "b", "b", "b"] == sorted(taken)


async def test_a_worker_has_a_few_submissions_for_each_of_its_threads_and_no_more() -> None:
    slots = slots_of(worker("a", threads=2))
    async with AsyncExitStack() as stack:
        for _ in range(2 + SPARE):
            await stack.enter_async_context(slots.take(alone=False))
        assert await is_kept_waiting(slots.take(alone=False).__aenter__())
    async with slots.take(alone=False) as taken:
        assert "a" == taken.address


async def test_a_submission_waits_until_a_worker_comes() -> None:
    slots = Slots()
    taking = asyncio.ensure_future(slots.take(alone=False).__aenter__())
    await asyncio.sleep(0)

    slots.add(worker("late"))

    assert "late" == (await asyncio.wait_for(taking, 5)).address


async def test_a_suspect_gets_a_worker_to_itself_once_that_has_done_its_work() -> None:
    slots = slots_of(worker("a", threads=2))
    first = slots.take(alone=False)
    await first.__aenter__()
    suspect = slots.take(alone=True)
    taking = asyncio.ensure_future(suspect.__aenter__())
    await asyncio.sleep(0)
    assert await is_kept_waiting(slots.take(alone=False).__aenter__())
    assert not taking.done()

    await first.__aexit__(None, None, None)
    alone = await asyncio.wait_for(taking, 5)

    assert 1 == alone.busy
    assert await is_kept_waiting(slots.take(alone=False).__aenter__())
    await suspect.__aexit__(None, None, None)
    async with slots.take(alone=False) as taken:
        assert "a" == taken.address


async def test_a_suspect_that_waits_for_a_worker_that_ends_takes_another() -> None:
    ending, other = worker("a"), worker("b", threads=4)
    slots = slots_of(ending, other)
    async with AsyncExitStack() as stack:
        for _ in range(3):
            await stack.enter_async_context(slots.take(alone=False))
        taking = asyncio.ensure_future(slots.take(alone=True).__aenter__())
        for _ in range(10):
            await asyncio.sleep(0)
        kept = next(each for each in (ending, other) if each.is_kept_alone)
        slots.remove(kept.address)
        assert kept.gone.is_set()
    assert kept is not await asyncio.wait_for(taking, 5)


async def test_a_suspect_that_is_given_up_leaves_its_worker_to_others() -> None:
    slots = slots_of(worker("a"))
    async with slots.take(alone=False):
        assert await is_kept_waiting(slots.take(alone=True).__aenter__())
        async with slots.take(alone=False) as taken:
            assert "a" == taken.address


@pytest.mark.parametrize("alone", [True, False])
async def test_a_failure_gives_the_place_back(alone: bool) -> None:
    slots = slots_of(worker("a"))
    with pytest.raises(ValueError, match="broken"):
        async with slots.take(alone=alone):
            raise ValueError("broken")
    assert 0 == slots.workers["a"].busy
    assert not slots.workers["a"].is_kept_alone
