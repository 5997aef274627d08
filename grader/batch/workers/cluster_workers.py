"""Know which workers a cluster has, and use those on which notebooks run as they would here."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from grader.batch.workers import process_handle
from grader.batch.workers.cluster_file import AddressTable, ClusterTable
from grader.batch.workers.dask_clusters import connected, travels_in_the_open
from grader.batch.workers.facts import WorkerFacts, differences, facts_here
from grader.batch.workers.parcels import UNSEALED_TOO, Fault
from grader.batch.workers.slots import ClusterWorker, Slots
from grader.errors import GraderError, SandboxUnavailable

POLL_S = 0.5
ANSWER_S = 5.0
"""Longest time for the scheduler to answer before it is looked whether it is there at all."""
HEARTBEAT_S = 10.0
CLOSE_S = 30.0
"""Longest time for the processes on workers to end."""
SURVEY_S = 60.0
"""Longest time to wait for workers that are only looked at."""
UNREACHABLE = (OSError, TimeoutError, RuntimeError, ValueError)
"""Exceptions of Dask's client if it cannot reach a scheduler or a worker."""

PATIENCE_S = 5.0
"""How long to wait for another worker if no present one can be used."""


class ClusterEvents(Protocol):
    """Receives the events of a cluster."""

    def waiting(self) -> None:
        """There is no worker; submissions wait for one."""

    def working(self) -> None:
        """There is a worker again."""

    def note(self, key: str, **params: str) -> None:
        """Something is worth a line: a message of the screen and its parameters."""


class UnfitWorker(Exception):
    """A worker cannot be used; the others can.

    Attributes:
        reason: why, in one sentence without a full stop.
        by_sandbox: it is because notebooks cannot be sealed there.
    """

    def __init__(self, reason: str, *, by_sandbox: bool = False) -> None:
        self.reason = reason
        self.by_sandbox = by_sandbox
        super().__init__(reason)


@dataclass(frozen=True)
class SurveyedWorker:
    """A worker that was looked at."""

    address: str
    threads: int
    facts: WorkerFacts | None
    """Its versions, cores and sandbox; None: it did not answer."""
    unfit: UnfitWorker | None
    """Why it is not used; None if it is."""

    @property
    def name(self) -> str:
        """Name of the worker, for people."""
        if self.facts is None:
            return self.address
        host = self.facts.host
        return f"{self.address} ({host})"


Tasks = dict[str, asyncio.Task[None]]
"""Running tasks, by the addresses of workers."""

WorkersByAddress = dict[str, SurveyedWorker]


class ClusterWorkers:
    """The workers of a cluster, while a run is connected to it."""

    def __init__(
        self, table: ClusterTable, events: ClusterEvents, *, sandbox: str, trust: bool, mixed: bool
    ) -> None:
        """Initialise with the cluster, and which of its workers may be used.

        Args:
            table: the cluster.
            events: receives its events.
            sandbox: how notebooks are sandboxed; see `Settings.sandbox`.
            trust: whether to use workers without a sandbox.
            mixed: whether to use workers with other versions.
        """
        self.slots = Slots()
        self._table = table
        self._events = events
        self._sandbox = sandbox
        if trust and sandbox == "auto":
            self._sandbox = UNSEALED_TOO
        self._mixed = mixed
        self._token = secrets.token_hex(8)
        self._here = facts_here()
        self._client: Any = None
        self._looking: Tasks = {}
        self.looked_at: WorkersByAddress = {}
        """The workers that there are and that were looked at, by their addresses."""
        self._refused_at = 0.0
        self._is_waiting = False
        # An awaitable of Dask may swallow a cancellation, so cancelling alone is not enough.
        self._is_connected = False

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[None]:
        """Connect to the cluster, for an `async with` statement.

        Raises:
            GraderError: there is none.
        """
        loop = asyncio.get_running_loop()
        self.lost: asyncio.Future[GraderError] = loop.create_future()
        async with connected(self._table) as client:
            self._client = client
            self._is_connected = True
            self._tell_addresses()
            work = [self._watch(), self._send_heartbeats()]
            tasks = [asyncio.create_task(each) for each in work]
            try:
                yield
            finally:
                self._is_connected = False
                tasks.extend(self._looking.values())
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
                await self._close_seats()

    @property
    def _address(self) -> str:
        return str(self._client.scheduler.address)

    def _tell_addresses(self) -> None:
        address = self._address
        if travels_in_the_open(address):
            self._events.note("cluster-in-the-open", address=address)
        scheduler = self._client.scheduler_info()
        if "dashboard" in scheduler.get("services", {}):
            dashboard = self._client.dashboard_link
            self._events.note("cluster-dashboard", address=dashboard)

    async def call(self, worker: str, function: Any, *arguments: Any) -> Any:
        """Call a function in a thread of one worker.

        Args:
            worker: its address.
            function: one of `process_handle`.
            arguments: what it is called with.
        """
        number = uuid.uuid4()
        future = self._client.submit(
            function,
            *arguments,
            key=f"{function.__name__}-{number}",
            pure=False,
            workers=[worker],
            allow_other_workers=False,
        )
        try:
            return await future
        finally:
            future.release()

    async def send(self, worker: str, data: Any) -> Any:
        """Send data to a worker, and return a reference to it for calls."""
        return await self._client.scatter(data, workers=[worker], hash=False)

    def choice(self, worker: ClusterWorker) -> process_handle.ProcessOptions:
        """Return how this run wants its process on a worker."""
        return self._choice(worker.threads)

    def _choice(self, threads: int) -> process_handle.ProcessOptions:
        return process_handle.ProcessOptions(self._token, self._sandbox, threads)

    def refuse(self, worker: ClusterWorker, unfit: UnfitWorker) -> None:
        """Use a worker no more."""
        self.slots.remove(worker.address)
        address = worker.address
        refused = SurveyedWorker(address, worker.threads, worker.facts, unfit)
        self._refuse(refused, unfit)

    def _refuse(self, worker: SurveyedWorker, unfit: UnfitWorker) -> None:
        self.looked_at[worker.address] = worker
        self._refused_at = time.monotonic()
        self._events.note("cluster-refused", worker=worker.name, reason=unfit.reason)

    # Background tasks

    async def _watch(self) -> None:
        """Follow which workers there are, until the scheduler is gone."""
        while self._is_connected:
            with contextlib.suppress(*UNREACHABLE):
                async with asyncio.timeout(ANSWER_S):
                    threads = await self._client.nthreads()
                self._follow(threads)
            if self._client.status != "running":
                address = self._address
                problem = f"The scheduler at {address} is gone."
                advice = "What was graded is kept: start it, and give the same command again."
                error = GraderError(problem, advice)
                self._lose(error)
                return
            self._report_waiting()
            await asyncio.sleep(POLL_S)

    def _follow(self, threads: dict[str, int]) -> None:
        """Take in workers that are new, and take out those that are gone.

        Args:
            threads: how many threads the workers have that there are, by their addresses.
        """
        known = [*self.looked_at, *self._looking]
        for address in known:
            if address not in threads:
                self._take_out(address)
        for address, count in threads.items():
            if address not in known:
                work = self._take_in(address, count)
                self._looking[address] = asyncio.create_task(work)

    def _take_out(self, address: str) -> None:
        self.slots.remove(address)
        self.looked_at.pop(address, None)
        looking = self._looking.pop(address, None)
        if looking is not None:
            looking.cancel()

    async def _take_in(self, address: str, threads: int) -> None:
        facts: WorkerFacts | None = None
        try:
            facts = await self._facts_of(address, threads)
            mixed = self._check(facts)
        except UnfitWorker as unfit:
            refused = SurveyedWorker(address, threads, facts, unfit)
            self._refuse(refused, unfit)
        else:
            worker = ClusterWorker(address, threads, facts, mixed)
            self.looked_at[address] = SurveyedWorker(address, threads, facts, None)
            self.slots.add(worker)
        finally:
            this_task = asyncio.current_task()
            if self._looking.get(address) is this_task:
                del self._looking[address]

    async def _facts_of(self, address: str, threads: int) -> WorkerFacts:
        choice = self._choice(threads)
        try:
            facts = await self.call(address, process_handle.look, choice)
        except Exception as error:  # noqa: BLE001 - whatever a foreign environment raises
            kind = type(error).__name__
            raise UnfitWorker(f"this grader is not there ({kind})") from None
        if isinstance(facts, Fault):
            raise UnfitWorker(facts.problem)
        told: WorkerFacts = facts
        return told

    def _check(self, facts: WorkerFacts) -> tuple[str, ...]:
        """Return what differs on a worker that may be used.

        Raises:
            UnfitWorker: it may not.
        """
        differing = differences(facts, self._here)
        if differing and not self._mixed:
            raise UnfitWorker(", ".join(differing))
        may_be_unsealed = self._sandbox in ("none", UNSEALED_TOO)
        problem = facts.problem.rstrip(".")
        if problem and not may_be_unsealed:
            raise UnfitWorker(problem, by_sandbox=True)
        return tuple(differing)

    def _report_waiting(self) -> None:
        """Report when workers are missing, and when they are back; give up if none is usable."""
        is_waiting = not self.slots.workers
        was_waiting = self._is_waiting
        self._is_waiting = is_waiting
        if is_waiting and not was_waiting:
            self._events.waiting()
        if was_waiting and not is_waiting:
            self._events.working()

        now = time.monotonic()
        waited_s = now - self._refused_at
        may_hope = self._looking or waited_s < PATIENCE_S
        if is_waiting and not may_hope:
            self._give_up()

    def _give_up(self) -> None:
        """End the run if there are workers and none of them can be used."""
        refused: list[UnfitWorker] = []
        for worker in self.looked_at.values():
            if worker.unfit is not None:
                refused.append(worker.unfit)
        if refused:
            error = _useless(refused)
            self._lose(error)

    def _lose(self, error: GraderError) -> None:
        if not self.lost.done():
            self.lost.set_result(error)

    async def _send_heartbeats(self) -> None:
        """Let workers know that the run goes on; without it they end its processes."""
        while self._is_connected:
            with contextlib.suppress(*UNREACHABLE):
                await self._client.run(process_handle.note_run, self._token, on_error="ignore")
            await asyncio.sleep(HEARTBEAT_S)

    async def _close_seats(self) -> None:
        if self._client.status != "running":
            return
        with contextlib.suppress(*UNREACHABLE):
            async with asyncio.timeout(CLOSE_S):
                await self._client.run(process_handle.close, self._token, on_error="ignore")

    async def survey(self) -> list[SurveyedWorker]:
        """Look at every worker that is there, or comes within a minute if it was asked for.

        Raises:
            GraderError: the scheduler is gone.
        """
        expected = 1
        if not isinstance(self._table, AddressTable):
            expected = self._table.workers
        with contextlib.suppress(TimeoutError):
            await self._client.wait_for_workers(expected, timeout=SURVEY_S)

        there = await self._client.nthreads()
        while there.keys() - self.looked_at.keys():
            await asyncio.sleep(POLL_S)
            there = await self._client.nthreads()
        return [self.looked_at[address] for address in sorted(there)]


def _useless(refused: Sequence[UnfitWorker]) -> GraderError:
    """Say that no worker can be used."""
    if all(unfit.by_sandbox for unfit in refused):
        return SandboxUnavailable(
            "No worker of the cluster can seal notebooks off.",
            "'grade doctor --cluster …' says what is missing; if you know who wrote these "
            "notebooks, say --trust.",
        )
    return GraderError(
        "No worker of the cluster can be used.",
        "Install there what is here, or say --allow-mixed where versions differ.",
    )
