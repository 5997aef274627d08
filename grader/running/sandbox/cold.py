"""Cold sealed kernels: one bubblewrap for each, for where namespaces cannot be nested and no fork server can be had."""

from __future__ import annotations

import json
import os
import select
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path

from grader.errors import KernelUnavailable
from grader.kernel import seccomp
from grader.kernel.forkserver import HOME, INPUT_FOLDER, KERNEL_FOLDER
from grader.running.sandbox import bwrap
from grader.running.sandbox.pool import KERNEL_TIMEOUT_S, Pool, SealedProcess, SpawnRequest

START_TIMEOUT_S = 60.0


class ColdStarter:
    """Starts each kernel in a bubblewrap of its own. It has to import torch by itself, which takes seconds."""

    tier = "bwrap-cold"

    def __init__(self, program: str) -> None:
        """Take the bubblewrap program to use."""
        self.pool = Pool()
        self._bwrap = bwrap.Bwrap(program, self.pool.folder)
        self._processes: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        """Nothing has to run beforehand."""

    def spawn(self, request: SpawnRequest) -> SealedProcess:
        """Start a kernel.

        Returns:
            The process 1 of its sandbox, sealed, before it has run anything of the student's.

        Raises:
            KernelUnavailable: there is none.
        """
        self.pool.give_to_user(request.folder)
        status_reading, status_writing = os.pipe()
        info_reading, info_writing = os.pipe()
        try:
            with tempfile.TemporaryFile() as filter_file:
                filter_file.write(seccomp.program())
                filter_file.seek(0)
                command = self._command(request, status_writing, info_writing, filter_file.fileno())
                passed = [status_writing, info_writing, filter_file.fileno(), request.events_fd]
                self._run(command, passed, request)
        finally:
            os.close(status_writing)
            os.close(info_writing)
        pid = _child(info_reading)
        if pid is None:
            os.close(status_reading)
            raise KernelUnavailable("bubblewrap gave no sandbox.")
        sockets = Path(f"/proc/{pid}/root{KERNEL_FOLDER}")
        process = SealedProcess(os.pidfd_open(pid), pid, lambda: True, sockets)
        self.pool.cgroups.add(request.name, pid, replace(request, libraries_mib=2048).bounds)
        return self.pool.ready(process, status_reading, START_TIMEOUT_S)

    def _run(self, command: list[str], passed: list[int], request: SpawnRequest) -> None:
        self._processes = [process for process in self._processes if process.poll() is None]
        self._processes.append(self.pool.start(command, passed, request.log_fd))

    def _command(self, request: SpawnRequest, status: int, info: int, filter_fd: int) -> list[str]:
        asked = f"{status}, {request.events_fd}, {request.rlimits!r}"
        run = bwrap.python(
            f"from grader.kernel import forkserver; forkserver.be_cold_kernel({asked})"
        )
        # SECURITY: the filter is bubblewrap's too: what gets into its process 1 gets no further.
        options = [
            "--info-fd",
            str(info),
            "--seccomp",
            str(filter_fd),
            "--as-pid-1",
            "--chdir",
            "/",
        ]
        return self._bwrap.command(run, self._mounts(request), options)

    def _mounts(self, request: SpawnRequest) -> list[str]:
        mounts = []
        for place in ("/tmp", HOME, "/dev/shm"):
            mounts += ["--size", str(request.disk_mib << 20), "--tmpfs", place]
        for name, value in bwrap.environment(request.threads).items():
            mounts += ["--setenv", name, value]
        # SECURITY: its sockets are in memory too: a folder of ours would let it write to the machine's disk.
        mounts += ["--size", str(1 << 20), "--tmpfs", KERNEL_FOLDER]
        for name in ("spec.json", "kernel.json"):
            mounts += ["--ro-bind", str(request.folder / "k" / name), f"{KERNEL_FOLDER}/{name}"]
        return [*mounts, "--ro-bind", str(request.folder / "in"), INPUT_FOLDER]

    def close(self) -> None:
        """Remove what is left; the kernels have ended before."""
        for process in self._processes:
            process.kill()
            process.wait()
        self.pool.close()


def _child(descriptor: int) -> int | None:
    """The pid that bubblewrap tells of, as this machine counts; None if it ended without."""
    data = b""
    with os.fdopen(descriptor, "rb", buffering=0) as file:
        while select.select([file], [], [], KERNEL_TIMEOUT_S)[0]:
            chunk = file.read(4096)
            if not chunk:
                break
            data += chunk
    try:
        pid = json.loads(data)["child-pid"]
    except (ValueError, KeyError):
        return None
    return pid if isinstance(pid, int) else None
