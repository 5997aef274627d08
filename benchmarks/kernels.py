"""Measure how soon a kernel answers, and what memory a submission adds to the fork server's."""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jupyter_client.asynchronous import AsyncKernelClient
from jupyter_client.manager import AsyncKernelManager

from benchmarks.notebooks import ASSIGNMENT, ROOT
from benchmarks.usage import memory_mib, tree
from grader.assignment import load_assignment
from grader.job import Job
from grader.running.kernels import Kernel, KernelHost
from grader.running.sandbox.sandbox import Sandbox
from grader.running.session import Session
from grader.submissions.collect import collected_from
from grader.submissions.identify import code_cells

FIRST_CODE = "import torch, torchvision, torchviz"
STARTS = 9
READY_TIMEOUT_S = 60
MB_PER_MIB = (1 << 20) / 1e6


@dataclass(frozen=True)
class Starts:
    """Seconds from asking for a kernel to its reply to `FIRST_CODE`, median of `STARTS`."""

    sealed_s: float
    """For a fork of the warm fork server."""
    fresh_s: float
    """For an ipykernel that jupyter_client starts."""

    @property
    def ratio(self) -> float:
        """How many times as long the fresh one takes."""
        return self.fresh_s / self.sealed_s


def measure_starts() -> Starts:
    """Start kernels of both kinds in turn; the first of each is not counted."""
    return asyncio.run(_measure_starts())


async def _measure_starts() -> Starts:
    sealed_times: list[float] = []
    fresh_times: list[float] = []
    with Sandbox("bwrap") as sandbox:
        for _ in range(1 + STARTS):
            sealed_times.append(await _start_sealed(sandbox))
            fresh_times.append(await _start_fresh())
        _insist_on_forks(sandbox)

    return Starts(
        sealed_s=statistics.median(sealed_times[1:]),
        fresh_s=statistics.median(fresh_times[1:]),
    )


def _insist_on_forks(sandbox: Sandbox) -> None:
    """End the measurement where no fork server could be had: it measured something else."""
    if sandbox.tier != "bwrap":
        raise RuntimeError(f"These kernels were no forks of a server: {sandbox.tier}.")


async def _start_sealed(sandbox: Sandbox) -> float:
    job = Job(cells=())
    began = time.perf_counter()
    kernel = Kernel(job, sandbox.launch(job))
    try:
        await kernel.start()
        await _run_first_code(kernel.client)
        return time.perf_counter() - began
    finally:
        await kernel.close()


async def _start_fresh() -> float:
    manager = AsyncKernelManager(kernel_name="python3")
    began = time.perf_counter()
    await manager.start_kernel(stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    client = manager.client()
    client.start_channels()
    try:
        await client.wait_for_ready(timeout=READY_TIMEOUT_S)
        await _run_first_code(client)
        return time.perf_counter() - began
    finally:
        client.stop_channels()
        await manager.shutdown_kernel(now=True)


async def _run_first_code(client: AsyncKernelClient) -> None:
    request = client.execute(FIRST_CODE)
    while True:
        reply = await client.get_shell_msg(timeout=READY_TIMEOUT_S)
        if reply["parent_header"].get("msg_id") == request:
            break
    if reply["content"]["status"] != "ok":
        raise RuntimeError(f"{FIRST_CODE}: {reply['content']}")


def measure_memory(paths: Sequence[Path]) -> list[float]:
    """Measure the private memory of each submission's processes at the end of its cells, in MB.

    Private pages were written to, and are shared with neither the fork server nor another
    submission; pages of a library that were only read are the system's cache. A submission's
    processes are process 1 of its pid namespace and all below it.
    """
    return asyncio.run(_measure_memory(paths))


async def _measure_memory(paths: Sequence[Path]) -> list[float]:
    assignment = load_assignment(ROOT / "exercises" / ASSIGNMENT)
    sizes: list[float] = []
    with (
        collected_from(paths, [assignment], None) as collected,
        Sandbox("bwrap") as sandbox,
    ):
        for submission in collected.submissions:
            job = Job(cells=code_cells(submission, assignment), limits=assignment.limits)
            sizes.append(await _private_mb(job, sandbox))
        _insist_on_forks(sandbox)
    return sizes


async def _private_mb(job: Job, sandbox: Sandbox) -> float:
    hosts: list[KernelHost] = []

    def launch(job: Job) -> KernelHost:
        host = sandbox.launch(job)
        hosts.append(host)
        return host

    async with Session(job, launch) as session:
        await session.run_cells()
        first_pid = hosts[-1].manager.provisioner.pid
        sizes = [memory_mib(process.pid, "Private_Dirty") for process in tree(first_pid)]
        return sum(sizes) * MB_PER_MIB
