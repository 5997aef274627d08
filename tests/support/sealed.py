"""Runs hostile notebooks in sealed kernels, and looks for what they left behind."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from grader.job import InputFile, Job
from grader.running.sandbox.sealed import SealedKernelHost, Sealer
from grader.running.session import Session
from grader.trace import Trace
from tests.support.recording import at
from tests.support.running import Ran, job

MAX_GROWTH_MIB = 100
"""Most memory that the grader may use for a notebook, whatever it does."""

REMOVAL_TIMEOUT_S = 10.0
POLL_S = 0.02

SECRET_NAME = "GRADER_TEST_TOKEN"
SECRET = "a-token-of-the-graders"
"""What the grader's environment holds before any kernel is started."""

ATTEMPT = """
import contextlib, ctypes, errno, glob, os, resource, signal, socket, stat, subprocess, sys
import threading, time
libc = ctypes.CDLL(None, use_errno=True)

def attempt(act, *args, **named):
    try:
        return str(act(*args, **named))
    except OSError as error:
        return errno.errorcode.get(error.errno, str(error))

def call(number, *args):
    ctypes.set_errno(0)
    result = libc.syscall(ctypes.c_long(number), *[ctypes.c_long(arg) for arg in args])
    return errno.errorcode[ctypes.get_errno()] if result == -1 else 'done'

def said(*command, **named):
    named = {'capture_output': True, 'text': True, 'stdin': subprocess.DEVNULL, **named}
    done = subprocess.run(command, **named)
    return done.stdout + done.stderr
"""
"""A first cell: asks the system for something and tells what came of it."""

FORGE = """
import os, threading, time, zmq
kernel = get_ipython().kernel
session = kernel.session
kept = getattr(kernel, '_shell_parent_ident', None)
idents = kept.get() if kept is not None else kernel._parent_ident['shell']

def publish(kind, content):
    parent = kernel.get_parent()
    session.send(kernel.iopub_socket, kind, content, parent=parent, ident=kind.encode())

def in_thread_of_socket(send):
    thread = getattr(kernel, 'shell_channel_thread', None)
    if thread is None:
        send()
        return
    sent = threading.Event()
    thread.io_loop.add_callback(lambda: (send(), sent.set()))
    sent.wait()

def reply(content):
    parent = kernel.get_parent()
    def send():
        session.send(kernel.shell_stream, 'execute_reply', content, parent, ident=idents)
        kernel.shell_stream.flush(zmq.POLLOUT)
    in_thread_of_socket(send)

def reply_raw(*parts):
    def send():
        signature = session.sign(list(parts))
        kernel.shell_stream.send_multipart([*idents, b'<IDS|MSG>', signature, *parts])
        kernel.shell_stream.flush(zmq.POLLOUT)
    in_thread_of_socket(send)

def publish_raw(*parts):
    thread = kernel.iopub_thread
    thread.schedule(lambda: thread.socket.send_multipart(list(parts)))

def pipe_of_events():
    import fcntl
    for number in os.listdir('/proc/self/fd'):
        with __import__('contextlib').suppress(OSError):
            if fcntl.fcntl(int(number), fcntl.F_GETPIPE_SZ) == 1 << 20:
                return int(number)
"""
"""A first cell: what forging messages takes.

A reply is sent in the thread that owns the shell's socket, as ipykernel sends its own. Sockets of
libzmq are not thread-safe: two replies sent from the cell's thread have aborted kernels (9 of 10
with 20 replies), which is the notebook's own doing and says nothing about the grader.
"""


class Sealed:
    """Runs notebooks in kernels that one sealer gives."""

    def __init__(self, sealer: Sealer) -> None:
        self.sealer = sealer
        self.pool = sealer.pool
        self.ran_since = False
        self._namespaces: list[int] = []

    def launch(self, job: Job) -> SealedKernelHost:
        """Make a place for a kernel, and hold its pid namespace: no other gets its number."""
        host = SealedKernelHost(self.sealer, job)
        spawn = host.spawn

        def watched() -> Any:
            process = spawn()
            with contextlib.suppress(OSError):
                self._namespaces.append(os.open(f"/proc/{process.pid}/ns/pid", os.O_RDONLY))
            return process

        host.spawn = watched
        return host

    async def running(self, *cells: str, files: Sequence[InputFile] = (), **limits: Any) -> Trace:
        """Run cells in a sealed kernel of their own."""
        self.ran_since = True
        attack = job(*cells, **limits).model_copy(update={"files": tuple(files)})
        async with Session(attack, self.launch) as session:
            await session.run_cells()
        return session.trace()

    def ran(self, *cells: str, **named: Any) -> Trace:
        """Run cells as `running` does, outside of an event loop."""
        return asyncio.run(self.running(*cells, **named))

    def answers(self, cells: dict[str, str], **named: Any) -> Answers:
        """Run cells that each leave an answer in `found`."""
        cells = {"": ATTEMPT, **cells}
        return Answers(cells, self.ran(*cells.values(), **named))

    def answer(self) -> list[Any]:
        """Let a fresh kernel compute something, which should be 1.5."""
        trace = self.ran("answer = 1.5")
        self.ran_since = False
        return at(list(trace.base.events), "answer")

    def left(self) -> list[str]:
        """List what is left of ended kernels, once the system has had time to remove it."""
        deadline = time.monotonic() + REMOVAL_TIMEOUT_S
        remaining = self._remaining()
        while remaining and time.monotonic() < deadline:
            time.sleep(POLL_S)
            remaining = self._remaining()

        while self._namespaces:
            os.close(self._namespaces.pop())
        return remaining

    def _remaining(self) -> list[str]:
        """List what is there of ended kernels: processes, mounts, folders, cgroups."""
        groups = [
            group
            for folder in self.pool.cgroups._folders
            for group in folder.iterdir()
            if group.is_dir()
        ]
        mounts = Path("/proc/self/mountinfo").read_text().splitlines()
        mounts = [line for line in mounts if self.pool.folder.name in line]
        # Data is copied once for all kernels of the server, those of other tests among them.
        folders = [
            str(folder)
            for folder in self.pool.kernels.iterdir()
            if not folder.name.startswith("data-")
        ]
        return [*self._processes(), *mounts, *folders, *map(str, groups)]

    def _processes(self) -> Iterator[str]:
        namespaces = {os.fstat(namespace).st_ino for namespace in self._namespaces}
        for entry in Path("/proc").iterdir():
            with contextlib.suppress(OSError):
                if entry.name.isdigit() and (entry / "ns/pid").stat().st_ino in namespaces:
                    status = (entry / "status").read_text()
                    if "\nState:\tZ" not in status:
                        yield status.splitlines()[0]


class Answers(Ran):
    """What cells found out."""

    def found(self, name: str) -> Any:
        """Return what the cell of a name found."""
        return values(self, name)[-1]


def values(ran: Ran, name: str, path: str = "found") -> list[Any]:
    """List what a cell's name held, event after event."""
    return at(ran.events(name), path)


def after(trace: Trace) -> list[Any]:
    """List what the cells after an attack computed."""
    return at(list(trace.base.events), "after")


def memory_mib(name: str) -> int:
    """Read this process's memory: `VmRSS` now, or `VmHWM` at most since `forget_peak`."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) // 1024 for line in lines if line.startswith(f"{name}:"))


def forget_peak() -> None:
    """Start to measure the most memory anew."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def open_descriptors() -> int:
    """Count the files and sockets that this process has open."""
    return len(list(Path("/proc/self/fd").iterdir()))
