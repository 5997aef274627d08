"""Let jupyter_client drive sealed kernels, through the same interface as plain ones."""

from __future__ import annotations

import asyncio
import contextlib
import json
from pathlib import Path
from typing import Any, Protocol

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import Any as AnyTrait

from grader.errors import KernelUnavailable
from grader.job import Job
from grader.kernel.sealing.sealed_kernel import DATA_FOLDER, KERNEL_FOLDER
from grader.running.events import EventPipe
from grader.running.kernels import BoundedKernelManager
from grader.running.sandbox.kernel_log import KernelLog
from grader.running.sandbox.pool import Pool, SealedProcess, SpawnRequest
from grader.running.time_limit import processor_time_s, processor_wait_s
from grader.running.working_folder import lay_out

CONNECTION_FILE = "host.json"
END_TIMEOUT_S = 10.0


class Sealer(Protocol):
    """A source of sealed kernels: a fork server, or bubblewrap once per kernel."""

    tier: str
    pool: Pool

    def start(self) -> None:
        """Get ready to start kernels."""

    def spawn(self, request: SpawnRequest) -> SealedProcess:
        """Start a kernel."""

    def close(self) -> None:
        """End, and remove remaining files."""


class SealedProvisioner(LocalProvisioner):  # type: ignore[misc]
    """Requests a sealed process instead of starting one."""

    host = AnyTrait()

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Request a kernel; jupyter_client passes a command that is not used."""
        spawning = asyncio.ensure_future(asyncio.to_thread(self.host.spawn))
        try:
            self.process = await asyncio.shield(spawning)
        except asyncio.CancelledError:
            # The thread goes on: the kernel that it gets has to be ended with everything else.
            with contextlib.suppress(KernelUnavailable):
                self.process = await spawning
            raise
        self.pid = self.process.pid
        return self.connection_info

    async def wait(self) -> int | None:
        """Wait for the end of the process; jupyter_client calls this every 0.1 s."""
        if self.process is None:
            return None
        return await asyncio.to_thread(self.process.wait, END_TIMEOUT_S)


class SealedKernelHost:
    """The host of a sealed kernel: its folder in the pool, its process, its cgroup."""

    listens = True

    def __init__(self, sealer: Sealer, job: Job) -> None:
        """Initialise with the sealer, and the kernel's job."""
        self._sealer = sealer
        self._job = job
        self.events = EventPipe(trusted=job.trusted)
        self.folder = sealer.pool.new_folder()
        self.manager = BoundedKernelManager(
            self.folder / "k" / CONNECTION_FILE, SealedProvisioner, self
        )
        self._log = KernelLog()
        self._process: SealedProcess | None = None
        self._data = ""

    def command(self) -> list[str]:
        """Return a command that is not used: the process exists already."""
        return ["sealed"]

    async def start(self, spec: dict[str, Any]) -> None:
        """Start the kernel.

        Raises:
            KernelUnavailable: there is none to be had.
        """
        spec = spec | {"connection_file": f"{KERNEL_FOLDER}/kernel.json"}
        spec["data"]["root"] = DATA_FOLDER
        self._data = await asyncio.to_thread(self._sealer.pool.data_folder, self._job.data)
        spec_file = self.folder / "k" / "spec.json"
        spec_file.write_text(json.dumps(spec), "utf-8")
        await asyncio.to_thread(lay_out, self._job.files, self.folder / "in")
        await self.manager.start_kernel()

    def spawn(self) -> SealedProcess:
        """Request the process; called by the provisioner once the connection file is written."""
        folder = self.folder / "k"
        limits = self._job.limits
        connection = json.loads((folder / CONNECTION_FILE).read_text())
        name = Path(connection["ip"]).name
        connection["ip"] = f"{KERNEL_FOLDER}/{name}"
        (folder / "kernel.json").write_text(json.dumps(connection))
        self._process = self._sealer.spawn(
            SpawnRequest(
                folder=self.folder,
                events_fd=self.events.write_end,
                log_fd=self._log.descriptor,
                threads=limits.threads,
                memory_mib=limits.memory_mib,
                processes=limits.processes,
                disk_mib=limits.disk_mib,
                device=limits.device,
                data=self._data,
            )
        )
        return self._process

    def last_words(self) -> str:
        """Return the last line that the kernel's process wrote."""
        return self._log.last_line()

    def peak_mib(self) -> int | None:
        """Return the peak memory of its processes together, in MiB; None without a cgroup."""
        return self._sealer.pool.cgroups.peak_mib(self.folder.name)

    def processor_wait_s(self) -> float:
        """Return how long its main thread was kept waiting for a processor, in seconds."""
        if self._process is None:
            return 0.0
        return processor_wait_s(self._process.kernel_pid())

    def processor_time_s(self) -> float:
        """Return how long its threads had a processor, in seconds."""
        if self._process is None:
            return 0.0
        return processor_time_s(self._process.kernel_pid())

    def out_of_memory(self) -> bool:
        """Return whether it exceeded its memory limit; False without a cgroup."""
        return self._sealer.pool.cgroups.out_of_memory(self.folder.name)

    def stands(self) -> bool:
        """Return whether its host is alive: if not, the notebook did not cause its end."""
        return self._process is None or self._process.housed()

    def sockets(self) -> str:
        """Return the path of its sockets, up to the dash before their numbers."""
        folder = self.folder / "k"
        if self._process is not None and self._process.sockets is not None:
            folder = self._process.sockets
        return f"{folder}/{Path(self.manager.ip).name}"

    def discard(self) -> None:
        """Remove remaining files once the process has ended."""
        if self._process is not None:
            self._process.close()
        self._log.close()
        self._sealer.pool.remove(self.folder)
