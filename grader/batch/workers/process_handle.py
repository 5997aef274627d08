"""Manage the grader's process on a worker of a cluster, and send it calls.

Dask calls these functions there, each in a thread of the worker. One run of the grader has one
process on each worker. It ends with the run, or if the run sends no heartbeat for a while.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from grader.batch.workers.facts import WorkerFacts
from grader.batch.workers.parcels import (
    AssignmentParcel,
    Call,
    Fault,
    OutcomeParcel,
    SubmissionParcel,
)

LEASE_S = 60.0
"""A run without any sign of life for this long is over."""

POLL_S = 2.0
END_S = 20.0
"""Longest time for the process to end by itself: its kernels end first."""

PROGRAM = """
import sys
from grader.batch.workers.grading_process import main
main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
"""
"""Program of the process; its arguments are a descriptor, a sandbox and a number of jobs."""

ENDED = Fault("ended", "the grader's process on the worker ended")


@dataclass(frozen=True)
class ProcessOptions:
    """How a run wants its process."""

    token: str
    """Tells the run from others."""
    sandbox: str
    """How notebooks are sandboxed; see `grading_process.GradingProcess`."""
    jobs: int
    """Notebooks that run side by side."""


class ProcessHandle:
    """The process of one run on this worker."""

    def __init__(self, options: ProcessOptions, on_end: Callable[[], None]) -> None:
        """Start it.

        Args:
            options: how the run wants it.
            on_end: called once it has ended.
        """
        ours, its = socket.socketpair()
        arguments = [str(its.fileno()), options.sandbox, str(options.jobs)]
        self._process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, *arguments],
            pass_fds=[its.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        its.close()
        self._connection = Connection(ours.detach())
        self._on_end = on_end
        self._numbers = itertools.count()
        self._waiting: dict[int, Future[Any]] = {}
        self._lock = threading.Lock()
        self._is_open = True
        self.renew_lease()
        threading.Thread(target=self._read, daemon=True).start()

    def renew_lease(self) -> None:
        """Note that the run goes on."""
        self._renewed_at = time.monotonic()

    def ask(self, method: str, *arguments: Any) -> Any:
        """Have something done there, and wait for it; `ENDED` if the process ended meanwhile."""
        self.renew_lease()
        future: Future[Any] = Future()
        with self._lock:
            if not self._is_open:
                return ENDED
            number = next(self._numbers)
            self._waiting[number] = future
            try:
                self._connection.send(Call(number, method, arguments))
            except OSError:
                return ENDED
        return future.result()

    def close(self) -> None:
        """End the process, and with it its kernels."""
        with self._lock:
            self._is_open = False
            with contextlib.suppress(OSError):
                self._connection.send(None)
        try:
            self._process.wait(END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _read(self) -> None:
        """Take replies, until the process ends or nobody has heard of the run for a while."""
        with contextlib.suppress(EOFError, OSError):
            while time.monotonic() - self._renewed_at < LEASE_S:
                if self._connection.poll(POLL_S):
                    reply = self._connection.recv()
                    future = self._waiting.pop(reply.number)
                    future.set_result(reply.value)
        self.close()
        self._connection.close()
        for future in self._waiting.values():
            future.set_result(ENDED)
        self._on_end()


_handles: dict[str, ProcessHandle] = {}
_handles_lock = threading.Lock()


def _handle(options: ProcessOptions) -> ProcessHandle:
    """Return the process of a run; it is started if there is none."""
    with _handles_lock:
        handle = _handles.get(options.token)
        if handle is None:
            handle = ProcessHandle(options, lambda: _forget(options.token))
            _handles[options.token] = handle
        return handle


def _forget(token: str) -> None:
    with _handles_lock:
        _handles.pop(token, None)


# Functions that Dask calls


def look(options: ProcessOptions) -> WorkerFacts | Fault:
    """Describe this worker; starts the grader's process."""
    facts: WorkerFacts | Fault = _handle(options).ask("look")
    return facts


def prepare(options: ProcessOptions, parcel: AssignmentParcel) -> Fault | None:
    """Take an assignment."""
    fault: Fault | None = _handle(options).ask("prepare", parcel)
    return fault


def grade(options: ProcessOptions, parcel: SubmissionParcel) -> OutcomeParcel | Fault | None:
    """Grade a submission; None if its assignment is not there."""
    outcome: OutcomeParcel | Fault | None = _handle(options).ask("grade", parcel)
    return outcome


def note_run(token: str) -> int:
    """Note that a run goes on.

    Returns:
        The process id of this worker.
    """
    handle = _handles.get(token)
    if handle is not None:
        handle.renew_lease()
    return os.getpid()


async def close(token: str) -> None:
    """End the process of a run; called in the event loop of the worker, however busy it is."""
    handle = _handles.get(token)
    if handle is not None:
        await asyncio.to_thread(handle.close)
