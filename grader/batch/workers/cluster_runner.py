"""Run submissions on the workers of a Dask cluster; this process alone writes `grades/`.

Each worker receives an assignment once, and then submissions, a few for each of its cores. It
returns what this machine would have written: the result and the stored trace.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from grader.batch.workers import process_handle
from grader.batch.workers.client_kernels import client_kernels
from grader.batch.workers.cluster_file import ClusterChoice
from grader.batch.workers.cluster_workers import ClusterEvents, ClusterWorkers, UnfitWorker
from grader.batch.workers.packing import pack_assignment, pack_submission
from grader.batch.workers.parcels import AssignmentParcel, Fault, OutcomeParcel
from grader.batch.workers.runner import RunOutcome, RunRequest, Workers
from grader.batch.workers.slots import ClusterWorker
from grader.errors import GraderError, KernelUnavailable
from grader.notebook.deadline import WorkTooLong
from grader.report import Message, SubmissionResult
from grader.settings import Settings
from grader.store.store import Store

MAX_ENDS = 3
"""A submission during which this many workers ended is given up: it may be the reason."""

MAX_ATTEMPTS = 100
"""Most workers that a submission is sent to; those that cannot be used are not sent it again."""

GONE_S = 10.0
"""Longest time until it is known here that a worker has ended."""

MIXED = "-mixed"
"""Ends the key of a trace from a worker with other versions: no later run has such a key."""

WAITING = 4096
"""Most submissions that are looked at side by side; nearly all of them wait for a worker."""


Packing = asyncio.Task[AssignmentParcel]
"""The packing of an assignment, which every submission to it waits for."""


class _WorkerEnded(Exception):
    """The worker, or the grader's process on it, ended while a submission was there."""


class ClusterRunner:
    """Runs submissions on a cluster."""

    def __init__(
        self, choice: ClusterChoice, settings: Settings, store: Store, events: ClusterEvents
    ) -> None:
        """Initialise with the cluster and the settings.

        Args:
            choice: the cluster.
            settings: how to run.
            store: keeps the results of references.
            events: receives events of the cluster.
        """
        self._choice = choice
        self._settings = settings
        self._store = store
        self._parcels: dict[str, Packing] = {}
        self._workers = ClusterWorkers(
            choice.table,
            events,
            sandbox=settings.sandbox,
            trust=choice.trust,
            mixed=choice.allow_mixed,
        )

    @property
    def ways(self) -> tuple[bool, ...]:
        """Whether its kernels are sealed; both, where some may be and some not."""
        sandbox = self._settings.sandbox
        if sandbox == "none":
            return (False,)
        if sandbox == "auto" and self._choice.trust:
            return (True, False)
        return (True,)

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[None]:
        """Connect to the cluster, for an `async with` statement."""
        async with self._workers.connected():
            try:
                yield
            finally:
                for task in self._parcels.values():
                    task.cancel()

    async def run(self, request: RunRequest) -> RunOutcome:
        """Run a submission on a worker; see `Runner`.

        Raises:
            GraderError: the cluster is gone, or none of its workers can be used.
        """
        running = self._run(request)
        work = asyncio.ensure_future(running)
        lost = self._workers.lost
        either: set[asyncio.Future[Any]] = {work, lost}
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        finally:
            if not work.done():
                work.cancel()
                await asyncio.gather(work, return_exceptions=True)
        if lost.done():
            error = lost.result()
            raise type(error)(error.problem, error.advice)
        return work.result()

    async def _run(self, request: RunRequest) -> RunOutcome:
        assignment = await self._parcel(request)
        slots = self._workers.slots
        ended: list[str] = []
        for _ in range(MAX_ATTEMPTS):
            is_suspect = len(ended) == MAX_ENDS - 1
            async with slots.take(alone=is_suspect) as worker:
                try:
                    outcome = await self._attempt(worker, request, assignment)
                except _WorkerEnded:
                    ended.append(worker.name)
                except UnfitWorker as unfit:
                    self._workers.refuse(worker, unfit)
                else:
                    if outcome is not None:
                        return outcome
            if len(ended) == MAX_ENDS:
                break
        names = ", ".join(ended)
        problem = f"{len(ended)} workers ended while it was there: {names}"
        raise KernelUnavailable(problem)

    async def _parcel(self, request: RunRequest) -> AssignmentParcel:
        """Return the parcel of an assignment; it is packed once."""
        name = request.assignment.name
        packing = self._parcels.get(name)
        if packing is None:
            limits = self._settings.limits
            work = pack_assignment(request.reference, self._store, limits)
            packing = asyncio.create_task(work)
            self._parcels[name] = packing
        return await asyncio.shield(packing)

    async def _attempt(
        self,
        worker: ClusterWorker,
        request: RunRequest,
        assignment: AssignmentParcel,
    ) -> RunOutcome | None:
        """Run a submission on a worker; None if that has forgotten the assignment."""
        await self._prepare(worker, assignment)
        return await self._run_on(worker, request, assignment)

    async def _prepare(self, worker: ClusterWorker, assignment: AssignmentParcel) -> None:
        """Send an assignment to a worker, if nobody has."""
        sending = worker.prepared.get(assignment.digest)
        if sending is None:
            work = self._send_assignment(worker, assignment)
            sending = asyncio.create_task(work)
            worker.prepared[assignment.digest] = sending
        await asyncio.shield(sending)

    async def _send_assignment(self, worker: ClusterWorker, parcel: AssignmentParcel) -> None:
        fault = await self._call(worker, process_handle.prepare, parcel)
        if isinstance(fault, Fault):
            self._check_ended(worker, fault)
            raise UnfitWorker(fault.problem.rstrip("."))

    async def _run_on(
        self,
        worker: ClusterWorker,
        request: RunRequest,
        assignment: AssignmentParcel,
    ) -> RunOutcome | None:
        keys = await _keys(request, worker)
        parcel = pack_submission(request, assignment.digest, keys)
        answer = await self._call(worker, process_handle.grade, parcel)
        if isinstance(answer, Fault):
            self._check_ended(worker, answer)
            _raise(answer)
        if answer is None:
            worker.prepared.clear()
            return None
        outcome: OutcomeParcel = answer
        result = SubmissionResult.model_validate_json(outcome.result)
        result = _with_note(result, worker)
        return RunOutcome(result, outcome.stored)

    async def _call(self, worker: ClusterWorker, function: Any, parcel: Any) -> Any:
        """Have a function called on a worker with a parcel, for as long as the worker lives."""
        calling = self._send_and_call(worker, function, parcel)
        ending = worker.gone.wait()
        work = asyncio.ensure_future(calling)
        gone = asyncio.ensure_future(ending)
        either: set[asyncio.Future[Any]] = {work, gone}
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if work.done() and not work.cancelled() and work.exception() is None:
                return work.result()
            # Errors of the worker are returned as values, so this one is Dask's: it may know before
            # us that the worker has ended.
            await asyncio.wait({gone}, timeout=GONE_S)
            raise _WorkerEnded
        finally:
            for task in (work, gone):
                task.cancel()
            await asyncio.gather(work, gone, return_exceptions=True)

    async def _send_and_call(self, worker: ClusterWorker, function: Any, parcel: Any) -> Any:
        workers = self._workers
        address = worker.address
        sent = await workers.send(address, parcel)
        choice = workers.choice(worker)
        return await workers.call(address, function, choice, sent)

    def _check_ended(self, worker: ClusterWorker, fault: Fault) -> None:
        if fault.kind == "ended":
            worker.prepared.clear()
            raise _WorkerEnded


async def _keys(request: RunRequest, worker: ClusterWorker) -> dict[bool, str]:
    """Return the keys that a trace is stored with; one under other versions serves no later run."""
    keys: dict[bool, str] = {}
    for sealed in (True, False):
        key = await request.key(sealed)
        if worker.mixed:
            key += MIXED
        keys[sealed] = key
    return keys


def _raise(fault: Fault) -> None:
    if fault.kind == "costly":
        raise WorkTooLong(fault.seconds)
    if fault.kind == "kernel":
        raise KernelUnavailable(fault.problem)
    raise GraderError(fault.problem, fault.advice)


def _with_note(result: SubmissionResult, worker: ClusterWorker) -> SubmissionResult:
    """Note where a submission ran under other versions than those of this machine."""
    if not worker.mixed:
        return result
    what = ", ".join(worker.mixed)
    note = Message(id="note.other-versions", params={"what": what})
    notes = (*result.execution.notes, note)
    execution = result.execution.model_copy(update={"notes": notes})
    return result.model_copy(update={"execution": execution})


@contextmanager
def on_cluster(
    choice: ClusterChoice, settings: Settings, store: Store, events: ClusterEvents
) -> Iterator[Workers]:
    """Run submissions on a cluster, for a `with` statement; the reference runs here.

    Args:
        choice: the cluster.
        settings: how to run.
        store: keeps the results of references.
        events: receives events of the cluster.
    """
    runner = ClusterRunner(choice, settings, store, events)
    with client_kernels(sealed=settings.sandbox != "none") as kernels:
        yield Workers(kernels, runner, WAITING, runner.connected)
