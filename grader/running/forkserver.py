"""The fork server's own program: imports everything once, then forks one sealed kernel per request.

It runs inside an outer sandbox made by bubblewrap and speaks with the grader over one inherited socket: a request is a
JSON object with four file descriptors, the answer a JSON object with the pidfd of the new kernel's process 1. It makes
no tensor, starts no thread and holds no secret: whatever it holds, every student's kernel holds too.

Three processes come of each request. A enters new namespaces and forks B, process 1 of its own pid namespace. B mounts
what the kernel may see, forks the kernel C, and takes it and all it started down when C ends. C gives up every
privilege before any thread exists, and only then becomes a kernel.
"""

from __future__ import annotations

import array
import contextlib
import gc
import importlib
import json
import os
import shutil
import signal
import socket
import sys
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from grader.running import sandbox

PRELOADED = (
    "numpy",
    "torch",
    "torch._dynamo",  # the first optimizer imports it: a second per kernel otherwise
    "torchvision",
    "torchvision.models",
    "torchviz",
    "graphviz",
    "matplotlib",
    "matplotlib.pyplot",
    "matplotlib_inline.backend_inline",
    "IPython.core.debugger",
    "ipykernel.kernelapp",
    "ipykernel.ipkernel",
    "ipykernel.zmqshell",
    "grader.running.child",
)
KERNEL_FOLDER, INPUT_FOLDER, POOL_FOLDER = "/run/k", "/run/in", "/run/pool"
HOME, WORK = "/home/student", "/home/student/work"
Request = dict[str, Any]


def main(inherited: int) -> NoReturn:
    """Import, report readiness, then answer requests until the grader hangs up.

    Args:
        inherited: descriptor of the socket, of type SOCK_SEQPACKET.
    """
    sandbox.adopt_orphans()
    channel = socket.socket(fileno=inherited)
    for name in PRELOADED:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    gc.collect()
    gc.freeze()  # a collection in a child would copy every page it looks at
    _send(channel, {"ready": True, "threads": _threads()})
    while True:
        request, descriptors = _receive(channel)
        if request is None:
            os._exit(0)
        _answer(channel, request, descriptors)
        _reap()


def _answer(channel: socket.socket, request: Request, descriptors: list[int]) -> None:
    """Fork a kernel; answer with its pidfd, or with what went wrong."""
    if _threads() != 1:
        # A fork would copy the locks of the others in whatever state they are: a child could hang for ever.
        _send(channel, {"error": f"the fork server has {_threads()} threads"})
        return
    reading, writing = os.pipe()
    between = os.fork()
    if between == 0:
        os.close(reading)
        _guarded(lambda: _enter(channel, request, descriptors, writing))
    os.close(writing)
    for descriptor in descriptors:
        os.close(descriptor)
    text = os.read(reading, 32)
    os.close(reading)
    os.waitpid(between, 0)
    if not text:
        _send(channel, {"error": "no namespaces"})
        return
    pidfd = os.pidfd_open(int(text))
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


def _enter(channel: socket.socket, request: Request, descriptors: list[int], writing: int) -> None:
    """Process A: enter namespaces, fork their process 1, tell its pid, end."""
    channel.close()
    go, status, log, events = descriptors
    os.dup2(log, 2)
    sandbox.enter_new_namespaces()
    first = os.fork()
    if first:
        os.write(writing, str(first).encode())
        os._exit(0)
    os.close(writing)
    _guarded(lambda: _be_process_one(request, go, status, log, events))


def _be_process_one(request: Request, go: int, status: int, log: int, events: int) -> None:
    """Process B: wait for the grader's word, mount, fork the kernel, seal oneself, reap."""
    os.setsid()
    if os.read(go, 1) != b"g":  # only now do the cgroups hold this process
        os._exit(0)
    os.close(go)
    sandbox.die_with_parent()  # not before A is reaped: its end would count as the parent's
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
        flags = sandbox.BIND | sandbox.REMOUNT | sandbox.READ_ONLY | sandbox.NO_SUID | sandbox.NO_DEVICES
        sandbox.mount("none", KERNEL_FOLDER, flags=flags | sandbox.NO_EXEC)
    sandbox.give_up_privileges()
    sandbox.deny_system_calls()
    os.write(status, ready or b"failed")
    os.close(status)
    _reap_until(kernel)


def _seal_process_one(kept: Sequence[int]) -> None:
    """Process 1 answers no signal from inside, shows nothing of itself, holds nothing open."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2, signal.SIGPIPE):
        signal.signal(number, signal.SIG_DFL)  # the default action does not reach a process 1 from inside
    sandbox.set_readable_by_others(False)
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    sandbox.close_all_but(kept)


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
    sandbox.keep_mounts_to_oneself()
    flags = sandbox.NO_SUID | sandbox.NO_DEVICES | sandbox.NO_EXEC
    sandbox.mount("proc", "/proc", "proc", flags)
    own = f"{POOL_FOLDER}/{request['id']}"
    sandbox.bind(f"{own}/k", KERNEL_FOLDER, read_only=False)
    sandbox.bind(f"{own}/in", INPUT_FOLDER, read_only=True)
    sandbox.hide(POOL_FOLDER)
    limits = request["files"]
    # What must stay visible below a directory that gets a file system of its own is held by a descriptor meanwhile.
    held = [(path, os.open(path, os.O_PATH)) for path in request["visible"] if path.startswith(("/tmp/", "/home/"))]
    sandbox.mount_empty("/tmp", limits["tmp_mib"])
    sandbox.mount_empty(HOME, limits["tmp_mib"], mode="0755")
    sandbox.mount_empty("/dev/shm", limits["shm_mib"])
    for path, descriptor in held:
        Path(path).mkdir(parents=True, exist_ok=True)
        sandbox.mount(f"/proc/self/fd/{descriptor}", path, flags=sandbox.BIND | sandbox.RECURSIVE)
        os.close(descriptor)
    shutil.copytree(INPUT_FOLDER, WORK, symlinks=False)
    sandbox.loopback_up()


def _be_kernel(request: Request, ready: int, log: int, events: int) -> None:
    """Process C: give up everything, then be a kernel. No thread exists before the privileges are gone."""
    os.setsid()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # until ipykernel takes it: an early interrupt would kill
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    sandbox.close_all_but([ready, events])
    sandbox.limit(request["limits"])
    sandbox.give_up_privileges()
    sandbox.deny_system_calls()
    sandbox.set_readable_by_others(True)
    os.environ.clear()
    os.environ.update(request["environment"])
    time.tzset()
    os.chdir(WORK)
    sys.path[:] = ["", *(entry for entry in sys.path if entry)]
    from grader.running import child

    with open(f"{KERNEL_FOLDER}/spec.json", encoding="utf-8") as file:  # noqa: PTH123 - as in child.py
        spec = json.load(file) | {"events_fd": events}
    child.limit(spec)
    child.seed(spec["seed"], spec["threads"])
    child.start(spec, lambda: _tell_ready(ready))


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
    rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))] if descriptors else []
    channel.sendmsg([json.dumps(message).encode()], rights)


def _receive(channel: socket.socket) -> tuple[Request | None, list[int]]:
    data, descriptors, _flags, _address = socket.recv_fds(channel, 1 << 22, 8)
    return (json.loads(data) if data else None), list(descriptors)
