"""Start the fork server inside bubblewrap, request kernels from it, and end it."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path

from grader.errors import KernelUnavailable
from grader.kernel.sealing.sealed_kernel import (
    DATA_FOLDER,
    HOME,
    INPUT_FOLDER,
    KERNEL_FOLDER,
    POOL_FOLDER,
)
from grader.running.sandbox import bwrap
from grader.running.sandbox.pool import Pool, SealedProcess, SpawnRequest

START_TIMEOUT_S = 120.0
END_TIMEOUT_S = 5.0
MAX_LAST_WORDS = 300
MAX_ANSWER_BYTES = 1 << 16


class ForkServer:
    """A fork server, and the kernels that it forks.

    One serves all workers of a run; it is started again if it ends.
    """

    tier = "bwrap"

    def __init__(self, program: str) -> None:
        """Initialise with the bubblewrap program to use."""
        self.pool = Pool()
        self._bwrap = bwrap.Bwrap(program, self.pool.folder)
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._ready = False
        self._channel: socket.socket

    def begin(self) -> None:
        """Start the server if it is not running, without waiting for it.

        Raises:
            OSError: there is no such program.
        """
        with self._lock:
            self._begin()

    def start(self) -> None:
        """Start the server if it is not running, and wait until it has imported everything.

        Raises:
            KernelUnavailable: it could not be started; the message is its last line.
        """
        with self._lock:
            self._start()

    def _begin(self) -> None:
        if self.alive():
            return
        self._end()

        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        program = bwrap.python(
            f"from grader.kernel.sealing import forkserver; forkserver.main({theirs.fileno()})"
        )
        command = self._bwrap.command(program, self._mounts())
        with theirs, self._log.open("wb") as log:
            inherited = [theirs.fileno()]
            self._process = self.pool.start(command, inherited, log.fileno())
        self._channel = ours
        self._ready = False

    def _start(self) -> None:
        self._begin()
        if not self._ready:
            self._receive()
            self._ready = True

    @property
    def _log(self) -> Path:
        return self.pool.folder / "log"

    def _mounts(self) -> list[str]:
        mounts = []
        for folder in ("/tmp", HOME):
            mounts += ["--size", str(64 << 20), "--tmpfs", folder]
        for folder in (KERNEL_FOLDER, INPUT_FOLDER, DATA_FOLDER):
            mounts += ["--dir", folder]
        mounts += ["--bind", str(self.pool.kernels), POOL_FOLDER]
        return mounts

    def alive(self) -> bool:
        """Return whether the server runs."""
        if self._process is None:
            return False
        return self._process.poll() is None

    def _receive(self) -> list[int]:
        """Wait for the server's answer, and return the descriptors that come with it.

        It may take as long as the start: behind the first kernel the server goes on importing.

        Raises:
            KernelUnavailable: the answer is an error, or there is none.
        """
        self._channel.settimeout(START_TIMEOUT_S)
        try:
            data, descriptors, *_ = socket.recv_fds(self._channel, MAX_ANSWER_BYTES, 8)
        except OSError:
            data = b""
            descriptors = []

        problem = self._last_words()
        if data:
            problem = json.loads(data).get("error")
        if problem is not None:
            raise KernelUnavailable(f"The fork server gave no kernel: {problem}.")
        return list(descriptors)

    def _last_words(self) -> str:
        text = self._log.read_text("utf-8", "replace")
        lines = text.strip().splitlines()
        if not lines:
            return "it ended without a word"
        return lines[-1][:MAX_LAST_WORDS]

    def spawn(self, request: SpawnRequest) -> SealedProcess:
        """Request a kernel.

        Returns:
            The kernel's process 1, sealed, before it has run anything of the student's.

        Raises:
            KernelUnavailable: there is none.
        """
        self.pool.give_to_user(request.folder)
        go_reading, go_writing = os.pipe()
        status_reading, status_writing = os.pipe()
        descriptors = [go_reading, status_writing, request.log_fd, request.events_fd]
        try:
            process = self._fork(request, descriptors)
            self.pool.cgroups.add(request.name, process.pid, request.bounds)
            with contextlib.suppress(BrokenPipeError):
                os.write(go_writing, b"g")
        finally:
            for descriptor in (go_reading, go_writing, status_writing):
                os.close(descriptor)
        return self.pool.ready(process, status_reading)

    def _fork(self, request: SpawnRequest, descriptors: Sequence[int]) -> SealedProcess:
        message = {
            "id": request.name,
            "data": request.data,
            "environment": bwrap.environment(request.threads),
            "limits": request.rlimits,
            "disk_mib": request.disk_mib,
            "visible": list(bwrap.interpreter_paths()),
        }
        data = json.dumps(message).encode()
        with self._lock:
            self._start()
            try:
                socket.send_fds(self._channel, [data], list(descriptors))
            except OSError as error:
                raise KernelUnavailable(f"The fork server does not answer: {error}.") from None
            (pidfd,) = self._receive()
        return SealedProcess(pidfd, _pid_of(pidfd), self.alive)

    def _end(self) -> None:
        if self._process is None:
            return
        self._channel.close()
        try:
            # One that still imports does not listen.
            self._process.wait(END_TIMEOUT_S if self._ready else 0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def close(self) -> None:
        """End the server and all its kernels; remove remaining files."""
        with self._lock:
            self._end()
        self.pool.close()


def _pid_of(pidfd: int) -> int:
    """Return the pid of a pidfd's process, as seen from outside."""
    text = Path(f"/proc/self/fdinfo/{pidfd}").read_text()
    for line in text.splitlines():
        name, _, value = line.partition(":")
        if name == "Pid":
            return int(value)
    raise KernelUnavailable("The fork server's kernel cannot be found.")
