"""What sealed kernels of every kind share: a folder for each, a cgroup for each, and a handle on its process."""

from __future__ import annotations

import contextlib
import os
import platform
import re
import secrets
import select
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from grader.errors import KernelUnavailable
from grader.running.sandbox.bwrap import user_outside
from grader.running.sandbox.cgroups import Bounds, Cgroups
from grader.store.temporary import OwnFolder, sweep

KERNEL_TIMEOUT_S = 30.0
PARENT = "/tmp"
"""Not the usual place for temporary files, which may be too long for the name of a socket."""


COUNTS_BY_NAMESPACE = tuple(int(part) for part in re.findall(r"\d+", platform.release())[:2]) >= (
    5,
    14,
)
"""Whether the system counts processes per user namespace; an older one counts all that the user has."""


@dataclass(frozen=True)
class SpawnRequest:
    """A kernel that is asked for."""

    folder: Path
    """Made by `Pool.new_folder`; `k` in it holds `spec.json` and the connection file, `in` what is handed in."""
    events_fd: int
    """Where the recorder writes."""
    log_fd: int
    """Where the kernel's own output goes."""
    threads: int
    """Threads of torch."""
    memory_mib: int
    """Most memory that the kernel's process may allocate."""
    processes: int
    """Most processes and threads."""
    disk_mib: int
    """Most that it may write to its files together."""
    libraries_mib: int = 512
    """Memory for libraries: little in a fork, which shares them."""

    @property
    def name(self) -> str:
        """Its name: that of its folder."""
        return self.folder.name

    @property
    def rlimits(self) -> dict[str, int]:
        """Limits of each of its processes, by the names of `resource`."""
        return {"STACK": 64 << 20} | ({"NPROC": self.processes} if COUNTS_BY_NAMESPACE else {})

    @property
    def bounds(self) -> Bounds:
        """Limits of all its processes together; what libraries take beside what a notebook does is allowed for."""
        return Bounds(
            memory_mib=self.memory_mib + self.libraries_mib,
            processes=self.processes + 64,
            cores=self.threads + 0.5,
        )


class SealedProcess:
    """A kernel's process 1, shaped like `subprocess.Popen` for jupyter_client."""

    stdin = stdout = stderr = None

    def __init__(
        self, pidfd: int, pid: int, housed: Callable[[], bool], sockets: Path | None = None
    ) -> None:
        """Take the process.

        Args:
            pidfd: refers to it.
            pid: the same, as this machine counts.
            housed: called once it has ended: whether what it lived in, such as the fork server, still stands.
            sockets: folder of its sockets, where that is not `k` of its folder in the pool.
        """
        self.sockets = sockets
        self._pidfd = pidfd
        self.pid = pid
        self.housed = housed
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """None while it lives. How it ended is not known here: it was not our child."""
        if self.returncode is None and select.select([self._pidfd], [], [], 0)[0]:
            self.returncode = -signal.SIGKILL
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end, at most `timeout` seconds."""
        select.select([self._pidfd], [], [], timeout)
        return self.poll() or 0

    def send_signal(self, number: int) -> None:
        """Interrupt the kernel, which is the child of process 1; any other signal goes to process 1."""
        with contextlib.suppress(ProcessLookupError, OSError):
            if number != signal.SIGINT:
                signal.pidfd_send_signal(self._pidfd, number)
                return
            for child in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()[:1]:
                os.kill(int(child), number)

    def kill(self) -> None:
        """End it, and with it every process of its pid namespace."""
        self.send_signal(signal.SIGKILL)

    terminate = kill

    def close(self) -> None:
        """Let go of it."""
        if self._pidfd >= 0:
            os.close(self._pidfd)
            self._pidfd = -1


class Pool:
    """The folders and cgroups of a run's sealed kernels."""

    def __init__(self) -> None:
        """Make them."""
        self._own = OwnFolder(PARENT)
        self.folder = self._own.path
        self.folder.chmod(0o711)
        self.kernels = self.folder / "pool"
        self.kernels.mkdir(mode=0o711)
        self.cgroups = Cgroups(self.folder.name)
        self._starting = ThreadPoolExecutor(1, "grader-starting")

    def start(
        self, command: Sequence[str], passed: Sequence[int], output: int
    ) -> subprocess.Popen[bytes]:
        """Start a process that dies with this one.

        The system means the thread that started it, not the process: it is one that stays until the pool is closed.

        Args:
            command: the program and its arguments.
            passed: descriptors that it inherits.
            output: descriptor that it writes to.
        """

        def start() -> subprocess.Popen[bytes]:
            return subprocess.Popen(
                command,
                pass_fds=passed,
                env={"PATH": os.defpath},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )

        return self._starting.submit(start).result()

    def new_folder(self) -> Path:
        """A folder for one kernel: `k` for its sockets, `in` for the files that are handed in with it."""
        folder = self.kernels / secrets.token_hex(4)
        folder.mkdir(mode=0o711)
        (folder / "k").mkdir(mode=0o700)
        (folder / "in").mkdir(mode=0o755)
        return folder

    @staticmethod
    def give_to_user(folder: Path) -> None:
        """Let the user that the kernel runs as, outside of its sandbox, have the folder of its sockets."""
        if os.getuid() == 0:
            for path in (folder / "k", *(folder / "k").iterdir()):
                os.chown(path, user_outside(), user_outside())

    @staticmethod
    def ready(
        process: SealedProcess, status: int, timeout_s: float = KERNEL_TIMEOUT_S
    ) -> SealedProcess:
        """Wait until a kernel says that its sockets stand and it is sealed.

        Args:
            process: its process 1.
            status: descriptor that it says so on; closed here.
            timeout_s: how long to wait, in seconds.

        Raises:
            KernelUnavailable: it does not; it is ended.
        """
        told = os.read(status, 64) if select.select([status], [], [], timeout_s)[0] else b""
        os.close(status)
        if told != b"ready":
            process.kill()
            process.close()
            raise KernelUnavailable("A sealed kernel did not start.")
        return process

    def remove(self, folder: Path) -> None:
        """Remove the folder and the cgroups of a kernel that has ended."""
        self.cgroups.remove(folder.name)
        shutil.rmtree(folder, ignore_errors=True)

    def close(self) -> None:
        """Remove everything; what cannot be removed yet, a later run sweeps."""
        self._starting.shutdown()
        if self.cgroups.close():
            self._own.remove()
        else:
            self._own.leave()


def sweep_abandoned() -> None:
    """Remove what runs that were killed left behind: folders, and cgroups of their names."""
    for parent in {PARENT, tempfile.gettempdir()}:
        sweep(parent, Cgroups.sweep)
