"""Let no more kernels run side by side than there is memory for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from grader.machine import available_memory_mib

WAIT_S = 0.25


class Admission:
    """Holds a kernel back while others run and the machine has less memory left than its limit."""

    def __init__(
        self, jobs: int, available: Callable[[], int | None] = available_memory_mib
    ) -> None:
        """Initialise with the limits.

        Args:
            jobs: most kernels that run in parallel.
            available: returns the available memory in MiB, or None if it is unknown.
        """
        self._jobs = jobs
        self._available = available
        self._running = 0

    @asynccontextmanager
    async def of(self, memory_mib: int) -> AsyncIterator[None]:
        """Wait until a kernel with this memory limit may run, and count it while it does.

        The first kernel is never held back.
        """
        while self._running and self._is_short(memory_mib):
            await asyncio.sleep(WAIT_S)
        self._running += 1
        try:
            yield
        finally:
            self._running -= 1

    def _is_short(self, memory_mib: int) -> bool:
        available = self._available()
        if self._running >= self._jobs:
            return True
        return available is not None and available < memory_mib
