"""The fork server: it serves kernels side by side, and is started again when it ends."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from grader.errors import KernelUnavailable, SandboxUnavailable
from grader.running.notebook import once_more, run
from grader.running.sandbox import bwrap
from grader.running.sandbox.pool import SealedProcess
from grader.running.sandbox.sandbox import Sandbox
from grader.running.sandbox.sealed import SealedKernelHost, Sealer
from grader.running.sandbox.server import ForkServer
from grader.running.session import Session
from grader.trace import Trace
from tests.support.recording import at
from tests.support.running import job

pytestmark = pytest.mark.kernel

CELLS = ("before = 1.5", "import time\ntime.sleep(0.3)", "after = 2.5")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox("bwrap") as opened:
        try:
            opened.open()
        except SandboxUnavailable as error:
            pytest.skip(error.problem)
        if opened.tier != ForkServer.tier:
            pytest.skip("Namespaces cannot be nested here.")
        yield opened


def end_server(sandbox: Sandbox) -> None:
    server = sandbox._sealer
    assert isinstance(server, ForkServer)
    assert server._process is not None
    os.kill(server._process.pid, signal.SIGKILL)
    server._process.wait()


async def ran(sandbox: Sandbox) -> Trace:
    async def nothing(_: Trace) -> tuple[int, ...]:
        return ()

    return await run(job(*CELLS), nothing, sandbox.launch)


def complete(trace: Trace) -> bool:
    events = list(trace.base.events)
    return ([1.5], [2.5]) == (at(events, "before"), at(events, "after"))


async def test_kernels_run_side_by_side(sandbox):
    traces = await asyncio.gather(*(ran(sandbox) for _ in range(4)))
    assert all(map(complete, traces))


async def test_a_kernel_whose_server_ended_did_not_end_itself(sandbox):
    async with Session(job(*CELLS), sandbox.launch) as session:
        await session._ready_kernel()
        end_server(sandbox)
        with pytest.raises(KernelUnavailable, match="fork server ended"):
            await session.run_cells()


async def test_after_its_end_the_server_is_started_again(sandbox):
    assert complete(await ran(sandbox))
    end_server(sandbox)
    assert complete(await ran(sandbox))


async def test_a_run_during_which_the_server_ends_is_made_once_more(sandbox):
    async def end_it_soon() -> None:
        await asyncio.sleep(0.4)
        end_server(sandbox)

    trace, _ = await asyncio.gather(once_more(lambda: ran(sandbox)), end_it_soon())
    assert complete(trace)


async def test_nothing_is_left_of_a_kernel(sandbox):
    await ran(sandbox)
    assert [] == list(sandbox._sealer.pool.kernels.iterdir())


async def test_a_kernel_that_is_interrupted_while_it_starts_ends(sandbox, monkeypatch):
    given = []
    spawn = SealedKernelHost.spawn

    def slow(host: SealedKernelHost) -> SealedProcess:
        given.append(spawn(host))
        time.sleep(0.1)
        return given[-1]

    monkeypatch.setattr(SealedKernelHost, "spawn", slow)
    running = asyncio.ensure_future(ran(sandbox))
    while not given:
        await asyncio.sleep(0.01)
    pidfd = os.pidfd_open(given[0].pid)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    ended = select.select([pidfd], [], [], 0)[0]
    os.close(pidfd)
    assert [pidfd] == ended


# Servers of their own: not tried out again, which takes longer than their start


@pytest.fixture
def untried(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """A sandbox that is taken to hold once its server runs, as the other one was seen to."""

    def only_start(sealer: Sealer) -> str:
        sealer.start()
        return ""

    monkeypatch.setattr("grader.running.sandbox.sandbox._problem", only_start)
    return Sandbox("bwrap")


def write_interpreter(folder: Path) -> None:
    """Write files that stand for those of an interpreter."""
    (folder / "lib").mkdir()
    for name in ("lib/inside", "pyvenv.cfg"):
        (folder / name).write_text("1")
    folder.chmod(0o755)


async def test_an_interpreter_may_lie_where_kernels_have_memory_of_their_own(untried, monkeypatch):
    with TemporaryDirectory(dir="/tmp") as first, TemporaryDirectory(dir="/var/tmp") as second:
        folders = [Path(first), Path(second)]
        known = dict(bwrap.interpreter_paths())  # a copy: all servers share what it returns
        for folder in folders:
            write_interpreter(folder)
            known |= {str(path): str(path) for path in folder.iterdir()}
        monkeypatch.setattr(bwrap, "interpreter_paths", lambda: known)

        reading = [f"int(open('{folder}/lib/inside').read())" for folder in folders]
        async with Session(job(f"n = {' + '.join(reading)}"), untried.launch) as session:
            await session.run_cells()
        untried.__exit__(None, None, None)
    assert [2] == at(list(session.trace().base.events), "n")


async def test_nothing_is_left_of_a_sandbox(untried):
    with untried as opened:
        await ran(opened)
        folder = opened._sealer.pool.folder
    assert not folder.exists()
