"""The fork server's own program: imports everything once, then forks one sealed kernel per request.

It runs inside an outer sandbox made by bubblewrap and speaks with the grader over one inherited socket: a request is a
JSON object with four file descriptors, the answer a JSON object with the pidfd of the new kernel's process 1. It makes
no tensor, starts no thread and holds no secret: whatever it holds, every student's kernel holds too.

Two processes come of each request. The first is process 1 of namespaces of its own: it mounts what the kernel may see,
forks the kernel, and takes it and all it started down when it ends. The kernel gives up every privilege before any
thread exists, and only then becomes one.

Where namespaces cannot be nested, `be_cold_kernel` is run instead: by bubblewrap itself, once per kernel.
"""

from __future__ import annotations

import array
import contextlib
import gc
import importlib
import json
import os
import select
import shutil
import signal
import socket
import stat
import sys
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from grader.kernel import huge_pages, program, seal

OF_A_KERNEL = (
    "numpy",
    "torch",
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.logger",
    "IPython.core.oinspect",
    "IPython.extensions.storemagic",
    "ipykernel.debugger",
    "ipykernel.ipkernel",
    "ipykernel.kernelapp",
    "ipykernel.zmqshell",
    "pygments.formatters.terminal256",
    "tornado.platform.asyncio",
)
"""What every kernel needs."""

OF_NOTEBOOKS = (
    "torch._dynamo",  # the first optimizer imports it: a second per kernel otherwise
    "torch._subclasses.schema_check_mode",
    "torchvision",
    "torchvision.models",
    "torchviz",
    "graphviz",
    "matplotlib",
    "matplotlib.pyplot",
    "matplotlib.backends.backend_agg",
    program.INLINE,
)
"""What notebooks import."""

KERNEL_FOLDER, INPUT_FOLDER, POOL_FOLDER = "/run/k", "/run/in", "/run/pool"
HOME, WORK = "/home/student", "/home/student/work"
Request = dict[str, Any]


def main(inherited: int) -> NoReturn:
    """Import, report readiness, then answer requests until the grader hangs up.

    Args:
        inherited: descriptor of the socket, of type SOCK_SEQPACKET.
    """
    channel = socket.socket(fileno=inherited)
    preload(OF_A_KERNEL)
    _send(channel, {"ready": True})
    served = False
    apart = huge_pages.regions()
    while True:
        # A second's work, and it pays from 30 kernels on: it waits for the first one.
        if served and not select.select([channel], [], [], 0)[0] and (region := next(apart, None)):
            huge_pages.collapse(*region)
            continue
        request, descriptors = _receive(channel)
        if request is None:
            os._exit(0)
        _answer(channel, request, descriptors)
        if not served:
            preload(
                OF_NOTEBOOKS
            )  # while the first kernel, with which the grader tries out the sandbox, does its work
        served = True
        _reap()


def preload(names: Sequence[str]) -> None:
    """Import modules; what is not installed is left out."""
    sys.modules.setdefault("debugpy", None)  # type: ignore[arg-type]  # see child.py
    gc.disable()  # a third of the time goes into collections that find nothing
    for name in names:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    if program.INLINE in names:
        _choose_inline()
    gc.freeze()  # a collection in a child would copy every page it looks at
    gc.enable()


def _choose_inline() -> None:
    """Choose the backend that shows figures in notebooks: 10 ms that no fork spends then. See `child.py`."""
    with contextlib.suppress(ImportError):
        from IPython.core.pylabtools import activate_matplotlib

        activate_matplotlib(f"module://{program.INLINE}")


def _answer(channel: socket.socket, request: Request, descriptors: list[int]) -> None:
    """Fork a kernel; answer with the pidfd of its process 1, or with what went wrong."""
    if _threads() != 1:
        # A fork would copy the locks of the others in whatever state they are: a child could hang for ever.
        _send(channel, {"error": f"the fork server has {_threads()} threads"})
        return
    user, group = os.getuid(), os.getgid()
    try:
        first = seal.fork_into_new_namespaces()
    except OSError as error:
        _send(channel, {"error": str(error)})
        return
    if first == 0:
        channel.close()
        _guarded(lambda: _be_process_one(request, descriptors, user, group))
    for descriptor in descriptors:
        os.close(descriptor)
    pidfd = os.pidfd_open(first)
    _send(channel, {"started": request["id"]}, [pidfd])
    os.close(pidfd)


def _guarded(step: Any) -> NoReturn:
    """Run a step in a forked process, which must never come back into the server's loop."""
    try:
        step()
    except BaseException:  # noqa: BLE001 - the process ends here, whatever happened
        with contextlib.suppress(OSError):
            os.write(2, traceback.format_exc().encode("utf-8", "replace"))
    os._exit(1)


def _be_process_one(request: Request, descriptors: list[int], user: int, group: int) -> None:
    """Wait for the grader's word, mount, fork the kernel, seal oneself, reap."""
    go, status, log, events = descriptors
    os.dup2(log, 2)
    seal.die_with_parent()
    os.setsid()
    seal.be_user(1000, user, group)
    if os.read(go, 1) != b"g":  # only now do the cgroups hold this process
        os._exit(0)
    os.close(go)
    _mount(request)
    reading, writing = os.pipe()
    kernel = os.fork()
    if kernel == 0:
        os.close(reading)
        _guarded(lambda: _be_kernel(request, writing, log, events))
    os.close(writing)
    _seal_process_one([reading, status])
    ready = os.read(reading, 64)
    os.close(reading)
    if ready:
        # SECURITY: the sockets stand; nobody may put others, or links, in their place.
        flags = seal.BIND | seal.REMOUNT | seal.READ_ONLY | seal.NO_SUID | seal.NO_DEVICES
        seal.mount("none", KERNEL_FOLDER, flags=flags | seal.NO_EXEC)
    seal.give_up_privileges()
    seal.deny_system_calls()
    os.write(status, ready or b"failed")
    os.close(status)
    _reap_until(kernel)


def _seal_process_one(kept: Sequence[int]) -> None:
    """Process 1 answers no signal from inside, shows nothing of itself, holds nothing open."""
    for number in (
        signal.SIGINT,
        signal.SIGTERM,
        signal.SIGHUP,
        signal.SIGUSR1,
        signal.SIGUSR2,
        signal.SIGPIPE,
    ):
        signal.signal(
            number, signal.SIG_DFL
        )  # the default action does not reach a process 1 from inside
    seal.set_readable_by_others(False)
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    seal.close_all_but(kept)


def _reap_until(kernel: int) -> NoReturn:
    while True:
        try:
            ended, state = os.waitpid(-1, 0)
        except ChildProcessError:
            os._exit(0)
        if ended == kernel:
            code = os.waitstatus_to_exitcode(state)
            os._exit(code if code >= 0 else 128 - code)


def _mount(request: Request) -> None:
    """What the kernel sees: system and interpreter read-only, memory of its own to write to, nothing of others."""
    seal.keep_mounts_to_oneself()
    flags = seal.NO_SUID | seal.NO_DEVICES | seal.NO_EXEC
    seal.mount("proc", "/proc", "proc", flags)
    own = f"{POOL_FOLDER}/{request['id']}"
    seal.bind(f"{own}/k", KERNEL_FOLDER, read_only=False)
    seal.bind(f"{own}/in", INPUT_FOLDER, read_only=True)
    seal.hide(POOL_FOLDER)
    size_mib = request["disk_mib"]
    # What must stay visible below a directory that gets a file system of its own is held by a descriptor meanwhile.
    held = [
        (path, os.open(path, os.O_PATH))
        for path in request["visible"]
        if path.startswith(("/tmp/", f"{HOME}/"))
    ]
    seal.mount_empty("/tmp", size_mib)
    seal.mount_empty(HOME, size_mib, mode="0755")
    seal.mount_empty("/dev/shm", size_mib)
    for path, descriptor in held:
        place = Path(path)
        place.parent.mkdir(parents=True, exist_ok=True)
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            place.mkdir(exist_ok=True)
        else:
            place.touch()
        seal.mount(f"/proc/self/fd/{descriptor}", path, flags=seal.BIND | seal.RECURSIVE)
        os.close(descriptor)
    shutil.copytree(INPUT_FOLDER, WORK, symlinks=False)
    seal.loopback_up()
    seal.be_first_victim()


def _be_kernel(request: Request, ready: int, log: int, events: int) -> None:
    """Give up everything, then be a kernel. No thread exists before the privileges are gone."""
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    seal.close_all_but([ready, events])
    seal.set_readable_by_others(True)
    os.environ.clear()
    os.environ.update(request["environment"])
    time.tzset()
    _start_kernel(request["limits"], ready, events, forked=True)


def be_cold_kernel(ready: int, events: int, limits: dict[str, int]) -> NoReturn:
    """Be a kernel in a sandbox that bubblewrap made for it alone.

    Args:
        ready: descriptor that is told once the kernel's sockets stand.
        events: descriptor that the recorder writes to.
        limits: resource limits by name: `{"NOFILE": 1024}`.
    """
    shutil.copytree(INPUT_FOLDER, WORK, symlinks=False)
    seal.be_first_victim()
    reading, writing = os.pipe()
    kernel = os.fork()
    if kernel == 0:
        os.close(reading)
        _guarded(lambda: _be_cold_child(limits, writing, events))
    os.close(writing)
    # SECURITY: bubblewrap's own process 1 would show its environment and memory to the kernel.
    _seal_process_one([reading, ready])
    seal.give_up_privileges()
    seal.deny_system_calls()
    os.write(ready, os.read(reading, 64) or b"failed")
    os.close(ready)
    _reap_until(kernel)


def _be_cold_child(limits: dict[str, int], ready: int, events: int) -> None:
    os.setsid()
    seal.close_all_but([ready, events])
    seal.set_readable_by_others(True)
    _start_kernel(limits, ready, events, forked=False)


def _start_kernel(limits: dict[str, int], ready: int, events: int, *, forked: bool) -> None:
    signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # until ipykernel takes it: an early interrupt would kill
    seal.limit(limits)
    seal.give_up_privileges()
    seal.deny_system_calls()
    os.chdir(WORK)
    with open(f"{KERNEL_FOLDER}/spec.json", encoding="utf-8") as file:  # noqa: PTH123 - as in child.py
        spec = json.load(file) | {"events_fd": events, "forked": forked}
    program.limit(spec)
    program.seed(spec["seed"], spec["threads"])
    program.start(spec, lambda: _tell_ready(ready))


def _tell_ready(descriptor: int) -> None:
    os.write(descriptor, b"ready")
    os.close(descriptor)


def _threads() -> int:
    return len(os.listdir("/proc/self/task"))  # noqa: PTH208 - before every fork, so cheaply


def _reap() -> None:
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _send(channel: socket.socket, message: dict[str, Any], descriptors: Sequence[int] = ()) -> None:
    rights = (
        [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))]
        if descriptors
        else []
    )
    channel.sendmsg([json.dumps(message).encode()], rights)


def _receive(channel: socket.socket) -> tuple[Request | None, list[int]]:
    data, descriptors, _flags, _address = socket.recv_fds(channel, 1 << 22, 8)
    return (json.loads(data) if data else None), list(descriptors)
