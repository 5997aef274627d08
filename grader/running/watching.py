"""Watch a running cell: interrupt it if it takes too long or writes too much, then kill it."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from grader.running.client import CountingClient
from grader.running.kernels import Kernel
from grader.running.time_limit import TimeLimit
from grader.trace import CellStatus

GRACE_S = 2.0
"""Time between the interrupt of a cell that goes on and the end of its kernel."""

WATCH_S = 0.1


async def watch(
    kernel: Kernel, client: CountingClient, task: asyncio.Future[Any], limit_s: float
) -> CellStatus | None:
    """Wait for a cell; interrupt it if it takes too long or writes too much.

    If it continues after the interrupt, its kernel is ended.

    Args:
        kernel: its kernel.
        client: counts its output.
        task: done once the kernel has replied.
        limit_s: its time limit, in seconds for which the machine let it run.

    Returns:
        Why it did not end by itself; None if it did.
    """
    limit = TimeLimit(limit_s, kernel.host.processor_wait_s)
    cause: CellStatus | None = None
    grace_ends = 0.0
    while not task.done():
        await asyncio.wait({task}, timeout=WATCH_S)
        if task.done():
            break
        if not await kernel.alive():
            return cause or "died"

        flooded = client.flooded or kernel.gate.shut
        if cause is None and (flooded or limit.is_over()):
            cause = "flooded" if flooded else "timeout"
            grace_ends = time.monotonic() + GRACE_S
            await kernel.interrupt()
        if kernel.gate.shut:  # no reply will come through any more
            return cause
        if cause is not None and time.monotonic() > grace_ends:
            await kernel.kill()

    if cause is None and client.flooded:
        return "flooded"
    return cause


async def failure_of(task: asyncio.Future[Any]) -> BaseException | None:
    """Return the exception of an execution, and cancel one that is not done; None on success."""
    if not task.done():
        task.cancel()
    try:
        await task
    except asyncio.CancelledError as error:
        return error
    except Exception as error:  # noqa: BLE001 - a hostile message breaks nbclient in many ways
        return error
    return None
