"""Choose how kernels are sealed on this machine, by trying it out.

Must not import Jupyter at the top: the fork server can be started before that is imported.
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
from grader.job import Job
from grader.machine import find_bwrap
from grader.running.sandbox.cold import ColdStarter
from grader.running.sandbox.pool import sweep_abandoned
from grader.running.sandbox.server import ForkServer
from grader.trace import BASE, Bool, CodeCell

if TYPE_CHECKING:
    from grader.running.kernels import KernelHost
    from grader.running.sandbox.sealed import Sealer

ADVICE = (
    "'grade doctor' says what is missing; "
    "if you know who wrote these notebooks, say --trust or --sandbox none."
)
_NO_BWRAP = (
    "There is no bubblewrap here to seal notebooks off."
    if sys.platform == "linux"
    else "Notebooks can be sealed off on Linux only."
)


class Sandbox:
    """Provides hosts for the kernels of a run, sealed or plain. Use it in a `with` statement.

    It is opened when the first kernel is asked for.
    """

    def __init__(self, choice: str) -> None:
        """Take the user's choice: `auto` or `bwrap` for sealed kernels, `none` for plain ones."""
        self._choice = choice
        self.ready = False
        """Whether kernels can be launched at once."""
        self._begun: ForkServer | None = None
        """A fork server that was started before anybody asked for a kernel."""
        self._sealer: Sealer | None = None
        self._gpu_sealer: ColdStarter | None = None
        """Seals the kernels that are shown a GPU: the fork server never sees one."""
        self._lock = threading.Lock()

    @property
    def sealed(self) -> bool:
        """Whether kernels are sealed."""
        return self._choice != "none"

    @property
    def tier(self) -> str:
        """How kernels are sealed: `bwrap`, `bwrap-cold` or `none`; empty if not known yet."""
        if not self.sealed:
            return "none"
        if self._sealer is None:
            return ""
        return self._sealer.tier

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for sealer in (self._begun, self._sealer, self._gpu_sealer):
            if sealer is not None:
                sealer.close()
        if self.ready:
            # A run that was killed just before this one may still have held its folders then.
            sweep_abandoned()

    def begin(self) -> None:
        """Start the fork server early, since that takes seconds; errors are raised on first use."""
        program = find_bwrap() if self.sealed and sys.platform == "linux" else None
        if program is not None and self._sealer is None:
            with contextlib.suppress(OSError):
                self._begun = ForkServer(program)
                self._begun.begin()

    def open(self) -> None:
        """Choose the way to seal kernels, by trying it out.

        Raises:
            SandboxUnavailable: sealed kernels were asked for, and cannot be had here.
        """
        with self._lock:
            if self.ready:
                return
            sweep_abandoned()
            begun = self._begun
            self._begun = None
            if self.sealed:
                self._sealer = _open_sealer([], begun)
            self.ready = True

    def launch(self, job: Job) -> KernelHost:
        """Create the host of a kernel.

        Raises:
            SandboxUnavailable: as `open`.
        """
        from grader.running.kernels import PlainKernelHost
        from grader.running.sandbox.sealed import SealedKernelHost

        self.open()  # even without a sandbox: it removes files of killed runs
        if self._sealer is None:
            return PlainKernelHost(job)
        if job.limits.device == "cuda":
            return SealedKernelHost(self._sealer_with_gpu(), job)
        return SealedKernelHost(self._sealer, job)

    def _sealer_with_gpu(self) -> Sealer:
        """Return a sealer that runs each kernel separately, with access to the GPUs."""
        program = find_bwrap()
        with self._lock:
            if self._gpu_sealer is None and program is not None:
                self._gpu_sealer = ColdStarter(program)
            if self._gpu_sealer is None:
                raise SandboxUnavailable(_NO_BWRAP, ADVICE)
            return self._gpu_sealer


class _TrustedSandbox(Sandbox):
    """A sandbox whose kernels are plain if this machine cannot seal."""

    def __init__(self) -> None:
        super().__init__("bwrap")

    def open(self) -> None:
        """Choose the way to seal kernels, by trying it out."""
        try:
            super().open()
        except SandboxUnavailable:
            self._choice = "none"
            super().open()


def trusted_sandbox() -> Sandbox:
    """Create a sandbox for the instructor's own code, for a `with` statement.

    Its kernels are sealed where this machine can seal, since those start warm, and plain elsewhere.
    Nobody has to be asked, unlike for students' code. Its fork server starts in the background:
    meanwhile the caller reads its files, and may find that something is wrong with them.
    """
    sandbox = _TrustedSandbox()
    sandbox.begin()
    return sandbox


@dataclass(frozen=True)
class SandboxAttempt:
    """A way to seal kernels that was tried."""

    tier: str
    problem: str
    """Why it does not work here; empty if it does."""


def examine() -> tuple[SandboxAttempt, ...]:
    """Try the ways to seal kernels here, the best first, up to one that works."""
    attempts: list[SandboxAttempt] = []
    with contextlib.suppress(SandboxUnavailable):
        _open_sealer(attempts, None).close()
    return tuple(attempts)


def _open_sealer(attempts: list[SandboxAttempt], begun: ForkServer | None) -> Sealer:
    """Open the best way to seal kernels that works.

    Args:
        attempts: list to which attempts are added.
        begun: a fork server that was started beforehand, if any.

    Raises:
        SandboxUnavailable: none works.
    """
    program = find_bwrap() if sys.platform == "linux" else None
    if program is None:
        attempts.append(SandboxAttempt(ForkServer.tier, _NO_BWRAP))
        raise SandboxUnavailable(_NO_BWRAP, ADVICE)
    for kind in (ForkServer, ColdStarter):
        sealer: Sealer = kind(program) if begun is None else begun
        begun = None
        try:
            problem = _problem(sealer)
        except BaseException:
            sealer.close()
            raise
        attempts.append(SandboxAttempt(sealer.tier, problem))
        if not problem:
            return sealer
        sealer.close()
    raise SandboxUnavailable(f"Notebooks cannot be sealed off here: {attempts[0].problem}", ADVICE)


def _problem(sealer: Sealer) -> str:
    """Explain why a way to seal kernels does not work here; empty if it does."""
    try:
        sealer.start()
        # In a thread: the caller may be inside an event loop of its own.
        with ThreadPoolExecutor(1) as thread:
            leak = thread.submit(lambda: asyncio.run(_leak(sealer))).result()
    except KernelUnavailable as error:
        return error.problem
    except OSError as error:
        return str(error)
    if not leak:
        return ""
    return f"The sandbox leaks: {leak}."


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
    """Return the first check that a sealed kernel fails; empty if it passes all."""
    from grader.running.sandbox.sealed import SealedKernelHost
    from grader.running.session import Session

    home = Path.home() if os.access(Path.home(), os.W_OK) else None
    with tempfile.NamedTemporaryFile(dir=home) as canary:
        job = Job(cells=(CodeCell(cell=0, source=PROBE.format(canary=canary.name)),))
        async with Session(job, functools.partial(SealedKernelHost, sealer)) as session:
            await session.run_cells()
            events = session.run_of(BASE).events

    answers: dict[str, bool] = {}
    for event in events:
        for name, value in event.values.items():
            if isinstance(value, Bool):
                answers[name] = value.value
    for name in HOLDS:
        if not answers.get(name, False):
            return name.replace("_", " ") + ": no"
    return ""
