"""Lets no more kernels run side by side than there is memory for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from grader.machine import available_memory_mib

WAIT_S = 0.25


class Admission:
    """Holds a kernel back while others run and its memory limit is more than the machine has left."""

    def __init__(
        self, jobs: int, available: Callable[[], int | None] = available_memory_mib
    ) -> None:
        """Take the number of kernels that may run in any case, and what tells the memory that is left, in MiB."""
        self._jobs = jobs
        self._available = available
        self._running = 0

    @asynccontextmanager
    async def of(self, memory_mib: int) -> AsyncIterator[None]:
        """While a kernel runs that may use `memory_mib`. The first one is never held back."""
        while self._running and self._is_short(memory_mib):
            await asyncio.sleep(WAIT_S)
        self._running += 1
        try:
            yield
        finally:
            self._running -= 1

    def _is_short(self, memory_mib: int) -> bool:
        available = self._available()
        return self._running >= self._jobs or (available is not None and available < memory_mib)
