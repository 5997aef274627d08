"""Decides how kernels are sealed on this machine, by trying it out."""

from __future__ import annotations

import asyncio
import functools
import os
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType

from grader.errors import KernelUnavailable, SandboxUnavailable
from grader.running.kernels import Housing, PlainHousing
from grader.running.notebook import Session
from grader.running.sealed import SealedHousing
from grader.running.server import ForkServer, find_bwrap
from grader.trace import BASE, Bool, CodeCell, Job

ADVICE = "Install bubblewrap, or, if you know who wrote these notebooks, say --sandbox none."


class Sandbox:
    """How the kernels of a run are sealed; made when the first one is asked for. Use it in a `with` statement."""

    def __init__(self, wanted: str) -> None:
        """Take what was asked for: `auto` or `bwrap`: sealed; `none`: not sealed."""
        self.tier = "none" if wanted == "none" else "bwrap"
        self._server: ForkServer | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()

    def launch(self, job: Job) -> Housing:
        """A place for a kernel to live in.

        Raises:
            SandboxUnavailable: sealed kernels were asked for, and cannot be had here.
        """
        if self.tier == "none":
            return PlainHousing(job)
        with self._lock:
            self._server = self._server or _open_server()
        return SealedHousing(self._server, job)


def _open_server() -> ForkServer:
    """A fork server whose kernels were seen to be sealed."""
    bwrap = find_bwrap() if sys.platform == "linux" else None
    if bwrap is None:
        raise SandboxUnavailable("Nothing here seals notebooks off: there is no bubblewrap.", ADVICE)
    server = ForkServer(bwrap)
    try:
        server.start()
        with ThreadPoolExecutor(1) as thread:  # the caller may be inside an event loop of its own
            leak = thread.submit(lambda: asyncio.run(_leak(server))).result()
    except KernelUnavailable as error:
        server.close()
        raise SandboxUnavailable(f"Notebooks cannot be sealed off here: {error.problem}", ADVICE) from None
    except BaseException:
        server.close()
        raise
    if leak:
        server.close()
        raise SandboxUnavailable(f"The sandbox does not hold here: {leak}.", ADVICE)
    return server


PROBE = """
import os, socket
status = open('/proc/self/status').read()
no_capabilities = 'CapEff:\\t0000000000000000' in status and 'CapBnd:\\t0000000000000000' in status
system_calls_filtered = 'Seccomp:\\t2' in status
canary_hidden = not os.path.exists({canary!r})
try:
    socket.create_connection(('192.0.2.1', 9), timeout=1)
    network_unreachable = False
except OSError as error:
    network_unreachable = error.errno == 101
import torch
x = torch.ones(2, requires_grad=True)
(x * 3).sum().backward()
backward_works = x.grad.tolist() == [3.0, 3.0]
"""

HOLDS = ("no_capabilities", "system_calls_filtered", "canary_hidden", "network_unreachable", "backward_works")


async def _leak(server: ForkServer) -> str:
    """What a sealed kernel can do and should not, or cannot and should; empty if all is well."""
    with tempfile.NamedTemporaryFile(dir=Path.home() if os.access(Path.home(), os.W_OK) else None) as canary:
        job = Job(cells=(CodeCell(cell=0, source=PROBE.format(canary=canary.name)),))
        async with Session(job, functools.partial(SealedHousing, server)) as session:
            await session.run_cells()
            events = session.run_of(BASE).events
    found = {name: value for event in events for name, value in event.values.items() if isinstance(value, Bool)}
    return next((name.replace("_", " ") + ": no" for name in HOLDS if name not in found or not found[name].value), "")
