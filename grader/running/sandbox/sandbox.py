"""Decides how kernels are sealed on this machine, by trying it out.

Imports no Jupyter at its start: the fork server can be started before that is imported.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from grader.errors import KernelUnavailable, SandboxUnavailable
from grader.running.sandbox.bwrap import find_bwrap
from grader.running.sandbox.cold import ColdStarter
from grader.running.sandbox.pool import sweep_abandoned
from grader.running.sandbox.server import ForkServer
from grader.trace import BASE, Bool, CodeCell, Job

if TYPE_CHECKING:
    from grader.running.kernels import KernelHost
    from grader.running.sandbox.sealed import Sealer

ADVICE = "'grade doctor' says what is missing; if you know who wrote these notebooks, say --trust or --sandbox none."
_NO_BWRAP = (
    "There is no bubblewrap here to seal notebooks off."
    if sys.platform == "linux"
    else ("Notebooks can be sealed off on Linux only.")
)


class Sandbox:
    """How the kernels of a run are sealed; opened when the first one is asked for. Use it in a `with` statement."""

    def __init__(self, wanted: str) -> None:
        """Take what was asked for: `auto` or `bwrap`: sealed; `none`: not sealed."""
        self._wanted = wanted
        self.ready = False
        """Whether kernels can be launched without more ado."""
        self._begun: ForkServer | None = None
        self._sealer: Sealer | None = None
        self._lock = threading.Lock()

    @property
    def sealed(self) -> bool:
        """Whether notebooks run sealed."""
        return self._wanted != "none"

    @property
    def tier(self) -> str:
        """How notebooks are sealed, as reports say it: `bwrap`, `bwrap-cold` or `none`; empty: not known yet."""
        if not self.sealed:
            return "none"
        return self._sealer.tier if self._sealer is not None else ""

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for sealer in (self._begun, self._sealer):
            if sealer is not None:
                sealer.close()
        if self.ready:
            sweep_abandoned()  # what a run that was killed just before this one still held when it began

    def begin(self) -> None:
        """Start what takes seconds before it is asked for; what goes wrong shows when it is."""
        program = find_bwrap() if self.sealed and sys.platform == "linux" else None
        if program is not None and self._sealer is None:
            with contextlib.suppress(OSError):
                self._begun = ForkServer(program)
                self._begun.begin()

    def open(self) -> None:
        """Have something that seals kernels, seen to do so.

        Raises:
            SandboxUnavailable: sealed kernels were asked for, and cannot be had here.
        """
        with self._lock:
            if not self.ready:
                sweep_abandoned()
                begun, self._begun = self._begun, None
                self._sealer = _open_sealer([], begun) if self.sealed else None
                self.ready = True

    def launch(self, job: Job) -> KernelHost:
        """A place for a kernel to live in.

        Raises:
            SandboxUnavailable: as `open`.
        """
        from grader.running.kernels import PlainKernelHost
        from grader.running.sandbox.sealed import SealedKernelHost

        self.open()  # also where nothing is sealed: what killed runs left is swept
        return PlainKernelHost(job) if self._sealer is None else SealedKernelHost(self._sealer, job)


def trusted_sandbox() -> Sandbox:
    """Open a sandbox for the instructor's own code, in a `with` statement.

    Its kernels are sealed where this machine can seal, since those start warm, and plain elsewhere:
    nobody has to be asked, as for students' code.
    """
    sandbox = Sandbox("bwrap")
    try:
        sandbox.open()
    except SandboxUnavailable:
        sandbox.__exit__(None, None, None)
        return Sandbox("none")
    return sandbox


@dataclass(frozen=True)
class Attempt:
    """A way to seal kernels, tried out."""

    tier: str
    problem: str
    """Why it cannot be had here; empty if it can."""


def examine() -> tuple[Attempt, ...]:
    """Try the ways to seal kernels on this machine, best first, up to the one that holds; for `grade doctor`."""
    attempts: list[Attempt] = []
    with contextlib.suppress(SandboxUnavailable):
        _open_sealer(attempts, None).close()
    return tuple(attempts)


def _open_sealer(attempts: list[Attempt], begun: ForkServer | None) -> Sealer:
    """The best way to seal kernels that was seen to hold.

    Args:
        attempts: what was tried is added here.
        begun: a fork server that was started beforehand; None: none was.
    """
    program = find_bwrap() if sys.platform == "linux" else None
    if program is None:
        attempts.append(Attempt(ForkServer.tier, _NO_BWRAP))
        raise SandboxUnavailable(_NO_BWRAP, ADVICE)
    for kind in (ForkServer, ColdStarter):
        sealer: Sealer = begun if kind is ForkServer and begun is not None else kind(program)
        try:
            problem = _problem(sealer)
        except BaseException:
            sealer.close()
            raise
        attempts.append(Attempt(sealer.tier, problem))
        if not problem:
            return sealer
        sealer.close()
    raise SandboxUnavailable(f"Notebooks cannot be sealed off here: {attempts[0].problem}", ADVICE)


def _problem(sealer: Sealer) -> str:
    """Why a way to seal kernels does not hold here; empty if it does."""
    try:
        sealer.start()
        with ThreadPoolExecutor(1) as thread:  # the caller may be inside an event loop of its own
            leak = thread.submit(lambda: asyncio.run(_leak(sealer))).result()
    except KernelUnavailable as error:
        return error.problem
    except OSError as error:
        return str(error)
    return f"The sandbox leaks: {leak}." if leak else ""


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

HOLDS = (
    "no_capabilities",
    "system_calls_filtered",
    "canary_hidden",
    "network_unreachable",
    "backward_works",
)


async def _leak(sealer: Sealer) -> str:
    """What a sealed kernel can do and should not, or cannot and should; empty if all is well."""
    from grader.running.sandbox.sealed import SealedKernelHost
    from grader.running.session import Session

    with tempfile.NamedTemporaryFile(
        dir=Path.home() if os.access(Path.home(), os.W_OK) else None
    ) as canary:
        job = Job(cells=(CodeCell(cell=0, source=PROBE.format(canary=canary.name)),))
        async with Session(job, functools.partial(SealedKernelHost, sealer)) as session:
            await session.run_cells()
            events = session.run_of(BASE).events
    found = {
        name: value
        for event in events
        for name, value in event.values.items()
        if isinstance(value, Bool)
    }
    return next(
        (
            name.replace("_", " ") + ": no"
            for name in HOLDS
            if name not in found or not found[name].value
        ),
        "",
    )
