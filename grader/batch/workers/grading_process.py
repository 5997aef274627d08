"""Grade submissions on a worker of a cluster: the grader's own process there.

It is no part of Dask's worker. So the time that deciding takes can be bounded, which the system
does for the main thread alone, and a busy grader keeps no worker from answering. It ends when the
worker does, however that ends: then its connection is closed.

`process_handle` starts it.
"""

from __future__ import annotations

import asyncio
import shutil
import threading
from collections.abc import Awaitable, Callable
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from grader.assignment import load_assignment, with_limits
from grader.batch.workers.facts import WorkerFacts, facts_here
from grader.batch.workers.local_runner import LocalRunner
from grader.batch.workers.packing import (
    EXERCISES,
    SOLUTIONS,
    unpack_files,
    unpack_submission,
)
from grader.batch.workers.parcels import (
    UNSEALED_TOO,
    AssignmentParcel,
    Call,
    Fault,
    OutcomeParcel,
    Reply,
    SubmissionParcel,
)
from grader.batch.workers.runner import request_for
from grader.errors import GraderError, KernelUnavailable, SandboxUnavailable
from grader.notebook.deadline import WorkTooLong
from grader.reference.cache import ReferenceCache
from grader.reference.class_seed import ClassSeed
from grader.reference.files import ReferenceFiles
from grader.running.sandbox.sandbox import Sandbox
from grader.settings import Settings
from grader.store.model_json import as_json
from grader.store.store import Store
from grader.store.temporary import own_folder


class GradingProcess:
    """The state of a worker between submissions: a sandbox, and references by their hashes."""

    def __init__(self, folder: Path, choice: str, jobs: int, store: Store) -> None:
        """Initialise with a folder, how notebooks are sandboxed, and how many run side by side."""
        self._folder = folder
        self._may_be_unsealed = choice == UNSEALED_TOO
        self._sandbox = Sandbox("auto" if self._may_be_unsealed else choice)
        self._settings = Settings(out=store.folder, jobs=jobs)
        self._store = store
        self._references: dict[str, ReferenceCache] = {}
        self._runner = LocalRunner(self._settings, self._sandbox, store)
        self._submissions = 0

    def close(self) -> None:
        """Close the sandbox."""
        self._sandbox.__exit__(None, None, None)

    async def look(self) -> WorkerFacts:
        """Describe this machine; the sandbox is opened, which takes seconds."""
        problem = self._open_sandbox()
        return replace(facts_here(), tier=self._sandbox.tier or "none", problem=problem)

    def _open_sandbox(self) -> str:
        """Open the sandbox, and say why notebooks cannot be sealed here; empty if they can."""
        try:
            self._sandbox.open()
        except SandboxUnavailable as error:
            if self._may_be_unsealed:
                self._sandbox = Sandbox("none")
                self._runner = LocalRunner(self._settings, self._sandbox, self._store)
            return error.problem
        return ""

    async def prepare(self, parcel: AssignmentParcel) -> None:
        """Receive an assignment, its reference and its expected answers."""
        if parcel.digest in self._references:
            return
        self._open_sandbox()
        folder = self._folder / parcel.digest[:16]
        unpack_files(parcel, folder)
        loaded = load_assignment(folder / EXERCISES / parcel.name)
        assignment = with_limits(loaded, parcel.limits)
        for name, record in parcel.records.items():
            self._store.write_private_file(name, record)

        files = ReferenceFiles(assignment, folder / SOLUTIONS / parcel.name)
        seed = ClassSeed(parcel.seed) if parcel.seed else None
        launch = self._sandbox.launch
        reference = ReferenceCache(files, self._store, launch, self._settings.jobs, seed)
        self._references[parcel.digest] = reference

    async def grade(self, parcel: SubmissionParcel) -> OutcomeParcel | None:
        """Grade a submission; None if nobody has prepared its assignment."""
        reference = self._references.get(parcel.assignment)
        if reference is None:
            return None

        async def key(sealed: bool) -> str:
            return parcel.keys[sealed]

        self._submissions += 1
        folder = self._folder / f"submission-{self._submissions}"
        folder.mkdir()
        try:
            submission = unpack_submission(parcel, folder)
            request = request_for(submission, parcel.similarity, reference, key, parcel.snapshot)
            outcome = await self._runner.run(request)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        return OutcomeParcel(result=as_json(outcome.result), stored=outcome.stored)


async def answer(process: GradingProcess, call: Call) -> Reply:
    """Execute a call; errors are returned as values."""
    method: Callable[..., Awaitable[Any]] = getattr(process, call.method)
    try:
        value = await method(*call.arguments)
    except WorkTooLong as error:
        value = Fault("costly", str(error), seconds=error.seconds)
    except KernelUnavailable as error:
        value = Fault("kernel", error.problem)
    except GraderError as error:
        value = Fault("course", error.problem, error.advice)
    except Exception as error:  # noqa: BLE001 - a fault of one must not end the others
        value = Fault("kernel", f"{type(error).__name__}: {error}")
    return Reply(call.number, value)


async def serve(process: GradingProcess, connection: Connection) -> None:
    """Answer calls, side by side, until the connection is closed."""
    loop = asyncio.get_running_loop()
    calls: asyncio.Queue[Call | None] = asyncio.Queue()

    def read() -> None:
        try:
            while True:
                loop.call_soon_threadsafe(calls.put_nowait, connection.recv())
        except (EOFError, OSError):
            loop.call_soon_threadsafe(calls.put_nowait, None)

    async def reply_to(call: Call) -> None:
        reply = await answer(process, call)
        connection.send(reply)

    threading.Thread(target=read, daemon=True).start()
    tasks: set[asyncio.Task[None]] = set()
    while (call := await calls.get()) is not None:
        task = asyncio.create_task(reply_to(call))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def main(descriptor: int, choice: str, jobs: int) -> None:
    """Live until the worker closes the connection."""
    connection = Connection(descriptor)
    with own_folder() as folder, Store(folder / "grades") as store:
        process = GradingProcess(folder, choice, jobs, store)
        try:
            asyncio.run(serve(process, connection))
        finally:
            process.close()
