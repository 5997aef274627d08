"""Import everything once, then fork one sealed kernel per request.

The fork server runs inside an outer sandbox made by bubblewrap, and speaks with the grader over one
inherited socket. A request is a JSON object with four file descriptors; the answer is a JSON object
with the pidfd of the new kernel's process 1. The server makes no tensor, starts no thread and holds
no secret: whatever it holds, every student's kernel holds too.

Where namespaces cannot be nested, there is no fork server: bubblewrap runs
`sealed_kernel.be_cold_kernel` once per kernel.
"""

from __future__ import annotations

import array
import contextlib
import gc
import importlib
import json
import os
import select
import socket
from collections.abc import Sequence
from typing import Any, NoReturn

from grader.kernel import startup
from grader.kernel.sealing import huge_pages, seal
from grader.kernel.sealing.sealed_kernel import Request, be_process_one, never_return

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
"""Modules that every kernel needs."""

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
    startup.INLINE,
)
"""Modules that notebooks import."""

MAX_REQUEST_BYTES = 1 << 22
MAX_DESCRIPTORS = 8


def main(inherited: int) -> NoReturn:
    """Import, report readiness, then answer requests until the grader hangs up.

    Args:
        inherited: descriptor of the socket, of type SOCK_SEQPACKET.
    """
    channel = socket.socket(fileno=inherited)
    preload(OF_A_KERNEL)
    startup.application_class()
    _send(channel, {"ready": True})

    served = False
    regions = huge_pages.regions()
    while True:
        # A second's work, and it pays from 30 kernels on: it waits for the first one.
        if served and not _has_request(channel):
            region = next(regions, None)
            if region is not None:
                huge_pages.collapse(*region)
                continue

        request, descriptors = _receive(channel)
        if request is None:
            os._exit(0)
        _answer(channel, request, descriptors)

        if not served:
            # While the first kernel, with which the grader tries out the sandbox, does its work.
            preload(OF_NOTEBOOKS)
        served = True
        _reap()


def preload(names: Sequence[str]) -> None:
    """Import modules, except those that are not installed."""
    startup.leave_out_debugger()
    gc.disable()  # a third of the time goes into collections that find nothing
    for name in names:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    if startup.INLINE in names:
        _choose_inline()
    gc.freeze()  # a collection in a child would copy every page it looks at
    gc.enable()


def _choose_inline() -> None:
    """Set the inline backend of matplotlib, which saves each fork 10 ms.

    See `startup.make_application`.
    """
    with contextlib.suppress(ImportError):
        from IPython.core.pylabtools import activate_matplotlib

        activate_matplotlib(f"module://{startup.INLINE}")


def _answer(channel: socket.socket, request: Request, descriptors: list[int]) -> None:
    """Fork a kernel; answer with the pidfd of its process 1, or with an error."""
    if _threads() != 1:
        # A fork would copy the locks of the others in whatever state they are: a child could hang
        # for ever.
        _send(channel, {"error": f"the fork server has {_threads()} threads"})
        return

    user = os.getuid()
    group = os.getgid()
    try:
        first = seal.fork_into_new_namespaces()
    except OSError as error:
        _send(channel, {"error": str(error)})
        return

    if first == 0:
        channel.close()
        never_return(lambda: be_process_one(request, descriptors, user, group))

    for descriptor in descriptors:
        os.close(descriptor)
    pidfd = os.pidfd_open(first)
    _send(channel, {"started": request["id"]}, [pidfd])
    os.close(pidfd)


def _threads() -> int:
    return len(os.listdir("/proc/self/task"))  # noqa: PTH208 - before every fork, so cheaply


def _reap() -> None:
    """Reap the kernels that have ended."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _has_request(channel: socket.socket) -> bool:
    readable, _, _ = select.select([channel], [], [], 0)
    return bool(readable)


def _send(channel: socket.socket, message: dict[str, Any], descriptors: Sequence[int] = ()) -> None:
    data = json.dumps(message).encode()
    rights: list[tuple[int, int, Any]] = []
    if descriptors:
        numbers = array.array("i", descriptors)
        rights.append((socket.SOL_SOCKET, socket.SCM_RIGHTS, numbers))
    channel.sendmsg([data], rights)


def _receive(channel: socket.socket) -> tuple[Request | None, list[int]]:
    """Wait for a request; None once the grader has hung up."""
    data, descriptors, _flags, _address = socket.recv_fds(
        channel, MAX_REQUEST_BYTES, MAX_DESCRIPTORS
    )
    request = json.loads(data) if data else None
    return request, list(descriptors)
