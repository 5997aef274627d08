"""Give submissions the workers that they run on: a few for each core, and the least busy first.

A submission during which workers ended runs alone on the next one, so that an innocent one is not
taken for the reason.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from grader.batch.workers.facts import WorkerFacts

SPARE = 1
"""Submissions that wait on a worker beyond those that run there, so that it is never idle."""


@dataclass(eq=False)
class ClusterWorker:
    """A worker that notebooks may run on."""

    address: str
    threads: int
    """Submissions that it runs side by side."""
    facts: WorkerFacts
    mixed: tuple[str, ...] = ()
    """Differences from this machine, if they are allowed."""
    busy: int = 0
    """Submissions that are under way there."""
    is_kept_alone: bool = False
    """Whether one submission has it to itself, or waits to."""
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once it has ended."""
    prepared: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    """The assignments that it was sent, or is being sent, by the digests of their parcels."""

    @property
    def name(self) -> str:
        """Name of the worker, for people."""
        host = self.facts.host
        return f"{self.address} ({host})"

    @property
    def has_room(self) -> bool:
        """Whether one more submission may be sent there."""
        most = self.threads + SPARE
        return self.busy < most and not self.is_kept_alone


class Slots:
    """The workers that there are, and who waits for one."""

    def __init__(self) -> None:
        """Begin without any."""
        self.workers: dict[str, ClusterWorker] = {}
        """By their addresses."""
        self._changed = asyncio.Condition()
        self._tasks: set[asyncio.Task[None]] = set()

    def add(self, worker: ClusterWorker) -> None:
        """Take in a worker."""
        self.workers[worker.address] = worker
        self._wake_waiting()

    def remove(self, address: str) -> None:
        """Take out a worker that has ended."""
        worker = self.workers.pop(address, None)
        if worker is not None:
            worker.gone.set()
            self._wake_waiting()

    @asynccontextmanager
    async def take(self, *, alone: bool) -> AsyncIterator[ClusterWorker]:
        """Wait for a worker, and have a place there for the time of a `with` statement.

        Args:
            alone: nothing else may run there meanwhile.
        """
        if alone:
            worker = await self._take_alone()
        else:
            worker = await self._take_free()
        try:
            yield worker
        finally:
            worker.busy -= 1
            if alone:
                worker.is_kept_alone = False
            self._wake_waiting()

    async def _take_free(self) -> ClusterWorker:
        async with self._changed:
            while True:
                free = [worker for worker in self.workers.values() if worker.has_room]
                if free:
                    worker = min(free, key=_load)
                    worker.busy += 1
                    return worker
                await self._changed.wait()

    async def _take_alone(self) -> ClusterWorker:
        """Reserve a worker, and wait until it has finished its submissions."""
        async with self._changed:
            while True:
                worker = await self._reserve()
                try:
                    while worker.busy and not worker.gone.is_set():
                        await self._changed.wait()
                except BaseException:
                    worker.is_kept_alone = False
                    self._wake_waiting()
                    raise
                if not worker.gone.is_set():
                    worker.busy += 1
                    return worker

    async def _reserve(self) -> ClusterWorker:
        while True:
            others = [each for each in self.workers.values() if not each.is_kept_alone]
            if others:
                worker = min(others, key=_load)
                worker.is_kept_alone = True
                return worker
            await self._changed.wait()

    def _wake_waiting(self) -> None:
        """Wake those that wait; it takes the lock, so in a task."""
        task = asyncio.ensure_future(self._notify())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _notify(self) -> None:
        async with self._changed:
            self._changed.notify_all()


def _load(worker: ClusterWorker) -> float:
    """Return how busy a worker is, relative to its capacity."""
    return worker.busy / worker.threads
