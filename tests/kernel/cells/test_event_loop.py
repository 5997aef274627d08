"""A replay awaits in a loop of its own, also within a running one."""

from __future__ import annotations

import asyncio
from typing import Any

from grader.kernel.cells.event_loop import ReplayLoop


class Shell:
    """A shell that would await in the running loop."""

    loop_runner: Any = None


async def answer() -> int:
    await asyncio.sleep(0)
    return 42


def test_a_cell_awaits_within_a_running_loop():
    async def serve() -> tuple[int, bool]:
        shell = Shell()
        outer = asyncio.get_running_loop()
        with ReplayLoop(shell):
            result = shell.loop_runner(answer())
        return result, asyncio.get_running_loop() is outer

    assert (42, True) == asyncio.run(serve())


def test_a_task_that_a_cell_leaves_behind_goes_on():
    done = []

    async def leave() -> None:
        done.append(await answer())

    with ReplayLoop(Shell()) as loop:
        task = asyncio.get_running_loop().create_task(leave())
        loop.turn()
    assert ([42], True) == (done, task.done())


def test_a_task_without_end_ends_with_the_replay():
    async def wait() -> None:
        await asyncio.sleep(1000)

    with ReplayLoop(Shell()) as loop:
        task = asyncio.get_running_loop().create_task(wait())
        loop.turn()
    assert task.cancelled()
