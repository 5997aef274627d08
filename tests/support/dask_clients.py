"""A client of Dask's in a test: what it is asked, its workers answer in this process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest

Answer = Callable[..., Any]
"""Takes the function that a worker is to call, and its arguments."""


class FakeFuture:
    """What a call comes to."""

    def __init__(self, value: Awaitable[Any]) -> None:
        self._value = value

    def __await__(self) -> Any:
        return self._value.__await__()

    def release(self) -> None:
        """Forget it."""


class FakeClient:
    """Workers by their addresses, each with two threads."""

    def __init__(self) -> None:
        self.workers: dict[str, Answer] = {}
        self.status = "running"
        self.scheduler = SimpleNamespace(address="tcp://127.0.0.1:8786")
        self.dashboard_link = ""
        self.failures = 0
        """How often the scheduler does not answer from now on."""
        self.broadcasts: list[str] = []

    def scheduler_info(self) -> dict[str, Any]:
        return {"services": {"dashboard": 8787} if self.dashboard_link else {}}

    async def nthreads(self) -> dict[str, int]:
        if self.failures:
            self.failures -= 1
            raise OSError("no answer")
        return dict.fromkeys(self.workers, 2)

    async def wait_for_workers(self, count: int, timeout: float) -> None:
        async with asyncio.timeout(timeout):
            while len(self.workers) < count:
                await asyncio.sleep(0.01)

    def submit(self, function: Any, *arguments: Any, workers: list[str], **_: Any) -> FakeFuture:
        (address,) = workers

        async def call() -> Any:
            value = self.workers[address](function, *arguments)
            return await value if isinstance(value, Awaitable) else value

        return FakeFuture(call())

    async def scatter(self, data: Any, **_: Any) -> Any:
        return data

    async def run(self, function: Any, *_: Any, on_error: str) -> None:
        self.broadcasts.append(function.__name__)


def connect_to(client: FakeClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every cluster be that of this client."""

    @asynccontextmanager
    async def connected(_table: object) -> AsyncIterator[FakeClient]:
        yield client

    monkeypatch.setattr("grader.batch.workers.cluster_workers.connected", connected)
