"""Manage the folder, the cgroup and the process handle of every sealed kernel."""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
import re
import secrets
import select
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from grader.errors import KernelUnavailable
from grader.job import DataFolder
from grader.running.sandbox.bwrap import user_outside
from grader.running.sandbox.cgroups import Bounds, Cgroups
from grader.store.temporary import OwnFolder, sweep

KERNEL_TIMEOUT_S = 30.0
PARENT = "/tmp"
"""Not the usual folder for temporary files, which may be too long for the name of a socket."""


def _kernel_release() -> tuple[int, ...]:
    """Read the first two numbers of Linux's version."""
    numbers = re.findall(r"\d+", platform.release())
    return tuple(int(number) for number in numbers[:2])


COUNTS_BY_NAMESPACE = _kernel_release() >= (5, 14)
"""Whether the system counts processes per user namespace; older ones count all of the user's."""


@dataclass(frozen=True)
class SpawnRequest:
    """A kernel to start."""

    folder: Path
    """From `Pool.new_folder`: `k` has `spec.json` and the connection file, `in` the files."""
    events_fd: int
    """Descriptor that the recorder writes to."""
    log_fd: int
    """Descriptor for the kernel's own output."""
    threads: int
    """Threads of torch."""
    memory_mib: int
    """Most memory that the kernel's process may allocate."""
    processes: int
    """Most processes and threads."""
    disk_mib: int
    """Most that it may write to its files together."""
    device: str = "cpu"
    """Where it computes: `cuda` shows it the GPUs."""
    data: str = ""
    """Name of the pool's folder with the data sets; empty: there are none."""
    libraries_mib: int = 512
    """Memory for libraries: little in a fork, which shares them."""

    @property
    def name(self) -> str:
        """Name of the kernel: that of its folder."""
        return self.folder.name

    @property
    def rlimits(self) -> dict[str, int]:
        """Limits of each of its processes, by the names of `resource`."""
        limits = {"STACK": 64 << 20}
        if COUNTS_BY_NAMESPACE:
            limits["NPROC"] = self.processes
        return limits

    @property
    def bounds(self) -> Bounds:
        """Limits of all its processes together, with room for libraries."""
        return Bounds(
            memory_mib=self.memory_mib + self.libraries_mib,
            processes=self.processes + 64,
            cores=self.threads + 0.5,
        )


def _is_readable(descriptor: int, timeout_s: float | None) -> bool:
    """Wait until a descriptor is readable; None to wait without limit."""
    readable, _, _ = select.select([descriptor], [], [], timeout_s)
    return bool(readable)


class SealedProcess:
    """Process 1 of a kernel, with the interface of `subprocess.Popen` for jupyter_client."""

    stdin = stdout = stderr = None

    def __init__(
        self, pidfd: int, pid: int, housed: Callable[[], bool], sockets: Path | None = None
    ) -> None:
        """Initialise with the process.

        Args:
            pidfd: refers to it.
            pid: its number, as this machine counts.
            housed: called once it has ended: returns whether its host, such as the fork server, is
                still alive.
            sockets: folder of its sockets; None: `k` in its folder of the pool.
        """
        self.sockets = sockets
        self._pidfd = pidfd
        self.pid = pid
        self.housed = housed
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Return None while it runs; the exit status is unknown, as it is not our child."""
        if self.returncode is None and _is_readable(self._pidfd, 0):
            self.returncode = -signal.SIGKILL
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it ends, at most `timeout` seconds."""
        _is_readable(self._pidfd, timeout)
        return self.poll() or 0

    def send_signal(self, number: int) -> None:
        """Send a signal to process 1; an interrupt goes to its child, the kernel."""
        with contextlib.suppress(ProcessLookupError, OSError):
            if number == signal.SIGINT:
                self._interrupt_child()
            else:
                signal.pidfd_send_signal(self._pidfd, number)

    def kernel_pid(self) -> int | None:
        """Return the pid of the kernel, the child of process 1; None once it has ended."""
        file = Path(f"/proc/{self.pid}/task/{self.pid}/children")
        try:
            children = file.read_text().split()
        except OSError:
            return None
        if not children:
            return None
        return int(children[0])

    def _interrupt_child(self) -> None:
        kernel_pid = self.kernel_pid()
        if kernel_pid is not None:
            os.kill(kernel_pid, signal.SIGINT)

    def kill(self) -> None:
        """Kill it, and with it every process of its pid namespace."""
        self.send_signal(signal.SIGKILL)

    terminate = kill

    def close(self) -> None:
        """Release the handle."""
        if self._pidfd >= 0:
            os.close(self._pidfd)
            self._pidfd = -1


class Pool:
    """The folders and cgroups of the sealed kernels of one run."""

    def __init__(self) -> None:
        """Create them."""
        self._own = OwnFolder(PARENT)
        self.folder = self._own.path
        self.folder.chmod(0o711)
        self.kernels = self.folder / "pool"
        self.kernels.mkdir(mode=0o711)
        self.cgroups = Cgroups(self.folder.name)
        self._copying = threading.Lock()
        self._starting = ThreadPoolExecutor(1, "grader-starting")

    def start(
        self, command: Sequence[str], inherited: Sequence[int], output: int
    ) -> subprocess.Popen[bytes]:
        """Start a process that dies with this one.

        For the system that is the thread that started it, not the process: so it is started in a
        thread that stays until the pool is closed.

        Args:
            command: the program and its arguments.
            inherited: descriptors that it inherits.
            output: descriptor that it writes to.
        """

        def start_in_thread() -> subprocess.Popen[bytes]:
            return subprocess.Popen(
                command,
                pass_fds=inherited,
                env={"PATH": os.defpath},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )

        return self._starting.submit(start_in_thread).result()

    def new_folder(self) -> Path:
        """Create a folder for one kernel: `k` for its sockets, `in` for the files handed in."""
        folder = self.kernels / secrets.token_hex(4)
        folder.mkdir(mode=0o711)
        (folder / "k").mkdir(mode=0o700)
        (folder / "in").mkdir(mode=0o755)
        return folder

    def data_folder(self, folders: Sequence[DataFolder]) -> str:
        """Copy folders of data into the pool, once for all kernels.

        SECURITY: kernels see only the copy, read-only, and nothing else of the original's folder.

        Returns:
            The name of the folder with the copies; empty if there are none.
        """
        if not folders:
            return ""
        digests = "".join(folder.name + folder.digest for folder in folders)
        name = "data-" + hashlib.sha256(digests.encode()).hexdigest()[:16]
        with self._copying:
            target = self.kernels / name
            if not target.is_dir():
                _copy_data(folders, target)
        return name

    @staticmethod
    def give_to_user(folder: Path) -> None:
        """Give the folder of the sockets to the kernel's user, as seen from outside."""
        if os.getuid() == 0:
            for path in (folder / "k", *(folder / "k").iterdir()):
                os.chown(path, user_outside(), user_outside())

    @staticmethod
    def ready(
        process: SealedProcess, status: int, timeout_s: float = KERNEL_TIMEOUT_S
    ) -> SealedProcess:
        """Wait until a kernel reports that its sockets exist and it is sealed.

        Args:
            process: its process 1.
            status: descriptor of the report; closed here.
            timeout_s: how long to wait, in seconds.

        Raises:
            KernelUnavailable: there is no report; the kernel is ended.
        """
        message = os.read(status, 64) if _is_readable(status, timeout_s) else b""
        os.close(status)
        if message != b"ready":
            process.kill()
            process.close()
            raise KernelUnavailable("A sealed kernel did not start.")
        return process

    def remove(self, folder: Path) -> None:
        """Remove the folder and the cgroups of a kernel that has ended."""
        self.cgroups.remove(folder.name)
        shutil.rmtree(folder, ignore_errors=True)

    def close(self) -> None:
        """Remove everything; a later run removes what cannot be removed yet."""
        self._starting.shutdown()
        if self.cgroups.close():
            self._own.remove()
        else:
            self._own.leave()


def _copy_data(folders: Sequence[DataFolder], target: Path) -> None:
    """Copy folders and make them readable for everybody."""
    partial = target.with_name(f"{target.name}.partial")
    partial.mkdir(mode=0o755)
    for folder in folders:
        shutil.copytree(folder.path, partial / folder.name)
    for path in (partial, *partial.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    partial.rename(target)


def sweep_abandoned() -> None:
    """Remove the folders and cgroups that killed runs left behind."""
    for parent in {PARENT, tempfile.gettempdir()}:
        sweep(parent, Cgroups.sweep)
