"""Start cold sealed kernels, each in its own bubblewrap.

For machines on which namespaces cannot be nested, so that there can be no fork server.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path

from grader.errors import KernelUnavailable
from grader.kernel.sealing import seccomp
from grader.kernel.sealing.sealed_kernel import DATA_FOLDER, HOME, INPUT_FOLDER, KERNEL_FOLDER
from grader.running.sandbox import bwrap
from grader.running.sandbox.pool import KERNEL_TIMEOUT_S, Pool, SealedProcess, SpawnRequest

START_TIMEOUT_S = 60.0
SOCKETS_BYTES = 1 << 20
DISK_SHARES = {HOME: 0.5, "/tmp": 0.25, "/dev/shm": 0.25}
"""Share of the disk limit for each folder that a kernel may write to; each is a file system."""

FIRST_VICTIM = 'echo 900 > /proc/self/oom_score_adj; exec "$@"'
"""Shell script that runs a command which the system ends before others where memory runs out."""

LIBRARIES_MIB = 2048
"""Memory for the libraries that each cold kernel imports for itself."""


class ColdStarter:
    """Starts each kernel in its own bubblewrap, where importing torch takes seconds."""

    tier = "bwrap-cold"

    def __init__(self, program: str) -> None:
        """Initialise with the bubblewrap program to use."""
        self.pool = Pool()
        self._bwrap = bwrap.Bwrap(program, self.pool.folder)
        self._processes: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        """Do nothing: there is no server to start."""

    def spawn(self, request: SpawnRequest) -> SealedProcess:
        """Start a kernel.

        Returns:
            Process 1 of its sandbox, sealed, before it has run anything of the student's.

        Raises:
            KernelUnavailable: there is none.
        """
        self.pool.give_to_user(request.folder)
        status_reading, status_writing = os.pipe()
        info_reading, info_writing = os.pipe()
        try:
            self._start_bwrap(request, status_writing, info_writing)
        finally:
            os.close(status_writing)
            os.close(info_writing)

        pid = _read_child_pid(info_reading)
        if pid is None:
            os.close(status_reading)
            raise KernelUnavailable("bubblewrap gave no sandbox.")
        sockets = Path(f"/proc/{pid}/root{KERNEL_FOLDER}")
        pidfd = os.pidfd_open(pid)
        process = SealedProcess(pidfd, pid, lambda: True, sockets)

        bounds = replace(request, libraries_mib=LIBRARIES_MIB).bounds
        self.pool.cgroups.add(request.name, pid, bounds)
        return self.pool.ready(process, status_reading, START_TIMEOUT_S)

    def _start_bwrap(self, request: SpawnRequest, status: int, info: int) -> None:
        """Start bubblewrap with a kernel in it.

        Args:
            request: the kernel to start.
            status: descriptor on which the kernel says that it is ready.
            info: descriptor on which bubblewrap says which process the kernel is.
        """
        self._forget_ended()
        with tempfile.TemporaryFile() as seccomp_filter:
            seccomp_filter.write(seccomp.program())
            seccomp_filter.seek(0)
            filter_fd = seccomp_filter.fileno()

            # SECURITY: the filter also applies to bubblewrap, so breaking into its process 1 gains
            # nothing.
            options = ["--info-fd", str(info), "--seccomp", str(filter_fd)]
            options += ["--as-pid-1", "--chdir", "/"]
            program = self._kernel_command(request, status)
            mounts = self._mounts(request)
            command = self._bwrap.command(program, mounts, options)
            inherited = [status, info, filter_fd, request.events_fd]
            first_victim = ["/bin/sh", "-c", FIRST_VICTIM, "sh", *command]
            process = self.pool.start(first_victim, inherited, request.log_fd)
        self._processes.append(process)

    def _forget_ended(self) -> None:
        running = [process for process in self._processes if process.poll() is None]
        self._processes = running

    def _kernel_command(self, request: SpawnRequest, status: int) -> list[str]:
        limits = request.rlimits
        arguments = f"{status}, {request.events_fd}, {limits!r}"
        call = f"sealed_kernel.be_cold_kernel({arguments})"
        return bwrap.python(f"from grader.kernel.sealing import sealed_kernel; {call}")

    def _mounts(self, request: SpawnRequest) -> list[str]:
        mounts = []
        disk_bytes = request.disk_mib << 20
        for folder, share in DISK_SHARES.items():
            mounts += ["--size", str(round(disk_bytes * share)), "--tmpfs", folder]
        # SECURITY: through it a process could take back that it is to be ended first.
        mounts += ["--remount-ro", "/proc"]
        if request.device == "cuda":
            mounts += bwrap.gpu_mounts()
        environment = bwrap.environment(request.threads, request.device)
        for name, value in environment.items():
            mounts += ["--setenv", name, value]

        # SECURITY: its sockets are in memory too: through a folder of ours it could write to the
        # machine's disk.
        mounts += ["--size", str(SOCKETS_BYTES), "--tmpfs", KERNEL_FOLDER]
        kernel_folder = request.folder / "k"
        for name in ("spec.json", "kernel.json"):
            file = str(kernel_folder / name)
            mounts += ["--ro-bind", file, f"{KERNEL_FOLDER}/{name}"]
        input_folder = str(request.folder / "in")
        mounts += ["--ro-bind", input_folder, INPUT_FOLDER]
        if request.data:
            data_folder = str(self.pool.kernels / request.data)
            mounts += ["--ro-bind", data_folder, DATA_FOLDER]
        return mounts

    def close(self) -> None:
        """Remove remaining files; the kernels have ended already."""
        for process in self._processes:
            process.kill()
            process.wait()
        self.pool.close()


def _read_child_pid(descriptor: int) -> int | None:
    """Read the outside pid that bubblewrap reports; None if it ended without."""
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
    if not isinstance(pid, int):
        return None
    return pid
