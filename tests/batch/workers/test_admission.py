"""Kernels that wait for memory, and the first one, which does not."""

from __future__ import annotations

import asyncio

import pytest

from grader.batch.workers import admission
from grader.batch.workers.admission import Admission


@pytest.fixture(autouse=True)
def short_waits(monkeypatch):
    monkeypatch.setattr(admission, "WAIT_S", 0.001)


class Machine:
    """A machine with as much free memory as the test says, and kernels that run there."""

    def __init__(self, available: int | None, jobs: int = 4) -> None:
        self.available = available
        self.running = 0
        self.most = 0
        self._admission = Admission(jobs, lambda: self.available)

    async def run(self, memory_mib: int = 1000, seconds: float = 0.01) -> None:
        async with self._admission.of(memory_mib):
            self.running += 1
            self.most = max(self.most, self.running)
            await asyncio.sleep(seconds)
            self.running -= 1


async def test_kernels_run_side_by_side_where_there_is_memory():
    machine = Machine(8000)
    await asyncio.gather(*(machine.run() for _ in range(4)))
    assert 4 == machine.most


async def test_one_kernel_at_a_time_runs_where_there_is_no_memory():
    machine = Machine(100)
    await asyncio.gather(*(machine.run() for _ in range(4)))
    assert 1 == machine.most


async def test_no_more_than_the_jobs_run_however_much_memory_there_is():
    machine = Machine(10**6, jobs=2)
    await asyncio.gather(*(machine.run() for _ in range(5)))
    assert 2 == machine.most


async def test_a_machine_that_does_not_say_holds_nobody_back():
    machine = Machine(None)
    await asyncio.gather(*(machine.run() for _ in range(3)))
    assert 3 == machine.most


async def test_a_kernel_that_was_held_back_runs_once_there_is_memory():
    machine = Machine(100)
    first = asyncio.create_task(machine.run(seconds=60))
    second = asyncio.create_task(machine.run())
    await asyncio.sleep(0)

    machine.available = 5000
    await second

    first.cancel()
    assert 2 == machine.most
