"""The two processes of a sealed kernel: process 1 of its namespaces, and the kernel itself.

Process 1 mounts what the kernel may see, forks the kernel, and when it ends, ends everything that
it started. The kernel gives up every privilege before any thread exists, and only then runs the
kernel program.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import stat
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from grader.kernel import program, startup
from grader.kernel.sealing import seal

KERNEL_FOLDER = "/run/k"
"""Folder of the kernel's sockets and of the host's description of it."""

INPUT_FOLDER = "/run/in"
"""The files handed in beside the notebook."""

DATA_FOLDER = "/run/data"
"""The data sets of the assignment."""

POOL_FOLDER = "/run/pool"
"""The folders of all kernels: only process 1 sees it, until it is hidden."""

HOME = "/home/student"
WORK = "/home/student/work"
TEMPORARY = "/tmp"

WRITABLE = {TEMPORARY: 0o1777, HOME: 0o755, "/dev/shm": 0o1777}
"""The folders that a kernel may write to, with their modes."""

USER = 1000
"""User and group inside the kernel's namespaces."""

GO = b"g"
"""The grader's signal that a process is in its cgroups."""

READY = b"ready"
FAILED = b"failed"
"""Messages to the grader: the kernel's sockets exist, or there is no kernel."""

STANDARD_INPUT = 0
STANDARD_OUTPUT = 1
STANDARD_ERROR = 2

IGNORED_SIGNALS = (
    signal.SIGINT,
    signal.SIGTERM,
    signal.SIGHUP,
    signal.SIGUSR1,
    signal.SIGUSR2,
    signal.SIGPIPE,
)
"""Signals that process 1 of a namespace takes from no one inside, as long as it handles none."""

Held = tuple[str, int]
"""A path, and a descriptor that keeps it open."""

Limits = dict[str, int]
"""Limits of a process, by name."""

Request = dict[str, Any]
"""The grader's request for a kernel: see `running/sandbox/server.py`."""


def never_return(step: Callable[[], object]) -> NoReturn:
    """Run a step in a forked process, which must not return into the server's loop."""
    try:
        step()
    except BaseException:  # noqa: BLE001 - the process ends here, whatever happened
        with contextlib.suppress(OSError):
            message = traceback.format_exc()
            data = message.encode("utf-8", "replace")
            os.write(STANDARD_ERROR, data)
    os._exit(1)


def be_process_one(request: Request, descriptors: list[int], user: int, group: int) -> None:
    """Wait for the grader's signal, mount, fork the kernel, seal this process, reap.

    Args:
        request: the grader's request.
        descriptors: of the signal to start, of the report that the kernel is ready, of the log, and
            of the recorder's events.
        user: the user outside.
        group: the group outside.
    """
    go, status, log, events = descriptors
    os.dup2(log, STANDARD_ERROR)
    seal.die_with_parent()
    os.setsid()
    seal.be_user(USER, user, group)
    if os.read(go, 1) != GO:  # only now is this process in its cgroups
        os._exit(0)
    os.close(go)
    _mount(request)

    reading, writing = os.pipe()
    kernel = os.fork()
    if kernel == 0:
        os.close(reading)
        never_return(lambda: _be_kernel(request, writing, log, events))
    os.close(writing)

    _seal_process_one([reading, status])
    ready = os.read(reading, 64)
    os.close(reading)
    if ready:
        _close_kernel_folder()
    seal.give_up_privileges()
    seal.deny_system_calls()
    os.write(status, ready or FAILED)
    os.close(status)
    _reap_until(kernel)


def _close_kernel_folder() -> None:
    """Make the kernel's folder read-only.

    SECURITY: the sockets exist; nobody may replace them, or put links in their place.
    """
    flags = seal.BIND | seal.REMOUNT | seal.READ_ONLY
    flags |= seal.NO_SUID
    flags |= seal.NO_DEVICES
    flags |= seal.NO_EXEC
    seal.mount("none", KERNEL_FOLDER, flags=flags)


def be_cold_kernel(ready: int, events: int, limits: Limits) -> NoReturn:
    """Run a kernel in a sandbox that bubblewrap made for it alone.

    Args:
        ready: descriptor to which the kernel writes once its sockets exist.
        events: descriptor that the recorder writes to.
        limits: resource limits by name: `{"NOFILE": 1024}`.
    """
    shutil.copytree(INPUT_FOLDER, WORK, symlinks=False)

    reading, writing = os.pipe()
    kernel = os.fork()
    if kernel == 0:
        os.close(reading)
        never_return(lambda: _be_cold_child(limits, writing, events))
    os.close(writing)

    # SECURITY: bubblewrap's own process 1 would show its environment and memory to the kernel.
    _seal_process_one([reading, ready])
    seal.give_up_privileges()
    seal.deny_system_calls()
    message = os.read(reading, 64)
    os.write(ready, message or FAILED)
    os.close(ready)
    _reap_until(kernel)


def _seal_process_one(kept: Sequence[int]) -> None:
    """Ignore signals from inside, hide this process's data, and close its descriptors."""
    for number in IGNORED_SIGNALS:
        # The default action does not reach a process 1 from inside.
        signal.signal(number, signal.SIG_DFL)
    seal.set_readable_by_others(False)

    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, STANDARD_INPUT)
    os.dup2(nothing, STANDARD_OUTPUT)
    os.dup2(nothing, STANDARD_ERROR)
    seal.close_all_but(kept)


def _reap_until(kernel: int) -> NoReturn:
    """Reap processes until the kernel ends; then end everything that it started."""
    while True:
        try:
            ended, state = os.waitpid(-1, 0)
        except ChildProcessError:
            os._exit(0)
        if ended == kernel:
            code = os.waitstatus_to_exitcode(state)
            if code < 0:  # a signal ended it: as shells count
                code = 128 - code
            os._exit(code)


def _mount(request: Request) -> None:
    """Mount what the kernel may see, and nothing of other kernels.

    System and interpreter are read-only; it can only write to memory of its own.
    """
    seal.keep_mounts_to_oneself()
    flags = seal.NO_SUID | seal.NO_DEVICES | seal.NO_EXEC
    seal.mount("proc", "/proc", "proc", flags)

    name = request["id"]
    folder = f"{POOL_FOLDER}/{name}"
    seal.bind(f"{folder}/k", KERNEL_FOLDER, read_only=False)
    seal.bind(f"{folder}/in", INPUT_FOLDER, read_only=True)
    data = request["data"]
    if data:
        seal.bind(f"{POOL_FOLDER}/{data}", DATA_FOLDER, read_only=True)

    held = _open_paths(request["visible"])
    _mount_memory(request["disk_mib"])
    seal.hide(POOL_FOLDER)
    for path, descriptor in held:
        _rebind(path, descriptor)

    shutil.copytree(INPUT_FOLDER, WORK, symlinks=False)
    seal.loopback_up()
    seal.be_first_victim()
    # SECURITY: through it a process could take back that it is to be ended first.
    seal.mount("none", "/proc", flags=seal.BIND | seal.REMOUNT | seal.READ_ONLY | flags)


def _open_paths(visible: Sequence[str]) -> list[Held]:
    """Open the paths below a directory over which a file system is mounted.

    They must stay visible: a descriptor keeps each one open meanwhile.
    """
    hidden = ("/tmp/", f"{HOME}/")
    held: list[Held] = []
    for path in visible:
        if path.startswith(hidden):
            descriptor = os.open(path, os.O_PATH)
            held.append((path, descriptor))
    return held


def _mount_memory(size_mib: int) -> None:
    """Mount writable folders in memory for the kernel, with one size limit together.

    Their file system itself is mounted over the pool, which is hidden next.
    """
    seal.mount_empty(POOL_FOLDER, size_mib, inodes=60_000)
    for number, (folder, mode) in enumerate(WRITABLE.items()):
        part = f"{POOL_FOLDER}/{number}"
        os.mkdir(part)  # noqa: PTH102 - as all paths here
        os.chmod(part, mode)  # noqa: PTH101
        seal.bind(part, folder, read_only=False)


def _rebind(path: str, descriptor: int) -> None:
    """Bind a held descriptor to its former path."""
    place = Path(path)
    _make_mount_point(place, descriptor)
    source = f"/proc/self/fd/{descriptor}"
    flags = seal.BIND | seal.RECURSIVE
    seal.mount(source, path, flags=flags)
    os.close(descriptor)


def _make_mount_point(path: Path, descriptor: int) -> None:
    """Create a directory or an empty file, like the descriptor's."""
    path.parent.mkdir(parents=True, exist_ok=True)
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISDIR(mode):
        path.mkdir(exist_ok=True)
    else:
        path.touch()


def _be_kernel(request: Request, ready: int, log: int, events: int) -> None:
    """Give up all privileges, then run the kernel. No thread exists before they are gone."""
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, STANDARD_INPUT)
    os.dup2(log, STANDARD_OUTPUT)
    os.dup2(log, STANDARD_ERROR)
    seal.close_all_but([ready, events])
    seal.set_readable_by_others(True)

    os.environ.clear()
    environment = request["environment"]
    os.environ.update(environment)
    time.tzset()
    limits = request["limits"]
    _start_kernel(limits, ready, events, forked=True)


def _be_cold_child(limits: Limits, ready: int, events: int) -> None:
    os.setsid()
    seal.close_all_but([ready, events])
    seal.set_readable_by_others(True)
    _start_kernel(limits, ready, events, forked=False)


def _start_kernel(limits: Limits, ready: int, events: int, *, forked: bool) -> None:
    # Until ipykernel takes it: an early interrupt would kill.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    seal.limit(limits)
    seal.give_up_privileges()
    seal.deny_system_calls()
    os.chdir(WORK)

    path = f"{KERNEL_FOLDER}/spec.json"
    with open(path, encoding="utf-8") as file:  # noqa: PTH123 - as in `program`
        spec = json.load(file)
    spec["events_fd"] = events
    spec["forked"] = forked
    spec["originals"] = INPUT_FOLDER
    spec["own_folders"] = [HOME, TEMPORARY]
    startup.limit(spec)
    seed = spec["seed"]
    threads = spec["threads"]
    startup.seed(seed, threads)

    def tell_ready() -> None:
        os.write(ready, READY)
        os.close(ready)

    program.start(spec, tell_ready)
