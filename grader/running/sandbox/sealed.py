"""Sealed kernels, behind the same seam as plain ones."""

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
from grader.kernel.forkserver import KERNEL_FOLDER
from grader.running.events import EventPipe
from grader.running.kernels import BoundedKernelManager, last_line
from grader.running.sandbox.pool import Pool, SealedProcess, SpawnRequest
from grader.running.working_folder import lay_out
from grader.trace import Job

CONNECTION_FILE = "host.json"
END_TIMEOUT_S = 10.0


class Sealer(Protocol):
    """What gives sealed kernels: a fork server, or bubblewrap once per kernel."""

    tier: str
    pool: Pool

    def start(self) -> None:
        """Be ready to give kernels."""

    def spawn(self, request: SpawnRequest) -> SealedProcess:
        """Give a kernel."""

    def close(self) -> None:
        """End, and remove what is left."""


class SealedProvisioner(LocalProvisioner):  # type: ignore[misc]
    """Asks for a sealed process instead of starting one."""

    host = AnyTrait()

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Get a kernel; jupyter_client calls this with a command that is not used."""
        spawning = asyncio.ensure_future(asyncio.to_thread(self.host.spawn))
        try:
            self.process = await asyncio.shield(spawning)
        except asyncio.CancelledError:
            # The thread goes on: the kernel that it gets is to be ended with all else.
            with contextlib.suppress(KernelUnavailable):
                self.process = await spawning
            raise
        self.pid = self.process.pid
        return self.connection_info

    async def wait(self) -> int | None:
        """Wait for the end of the process, which jupyter_client asks for every 0.1 s."""
        return (
            None
            if self.process is None
            else await asyncio.to_thread(self.process.wait, END_TIMEOUT_S)
        )


class SealedKernelHost:
    """Where a sealed kernel lives: its folder in the pool, its process, its cgroup."""

    listens = True

    def __init__(self, sealer: Sealer, job: Job) -> None:
        """Take what gives the kernel, and the job whose cells will run."""
        self._sealer = sealer
        self._job = job
        self.events = EventPipe(trusted=job.trusted)
        self.folder = sealer.pool.new_folder()
        self.manager = BoundedKernelManager(
            self.folder / "k" / CONNECTION_FILE, SealedProvisioner, self
        )
        self._process: SealedProcess | None = None

    def command(self) -> list[str]:
        """Not used: the process is given."""
        return ["sealed"]

    async def start(self, spec: dict[str, Any]) -> None:
        """Start the kernel.

        Raises:
            KernelUnavailable: there is none to be had.
        """
        inside = f"{KERNEL_FOLDER}/kernel.json"
        (self.folder / "k" / "spec.json").write_text(
            json.dumps(spec | {"connection_file": inside}), "utf-8"
        )
        await asyncio.to_thread(lay_out, self._job.files, self.folder / "in")
        await self.manager.start_kernel()

    def spawn(self) -> SealedProcess:
        """Ask for the process; called by the provisioner once the connection file is written."""
        folder, limits = self.folder / "k", self._job.limits
        connection = json.loads((folder / CONNECTION_FILE).read_text())
        connection["ip"] = f"{KERNEL_FOLDER}/{Path(connection['ip']).name}"
        (folder / "kernel.json").write_text(json.dumps(connection))
        with (self.folder / "log").open("wb") as log:
            self._process = self._sealer.spawn(
                SpawnRequest(
                    folder=self.folder,
                    events_fd=self.events.write_end,
                    log_fd=log.fileno(),
                    threads=limits.threads,
                    memory_mib=limits.memory_mib,
                    processes=limits.processes,
                    disk_mib=limits.disk_mib,
                )
            )
        return self._process

    def last_words(self) -> str:
        """The last line the kernel's process wrote."""
        return last_line(self.folder / "log")

    def peak_mib(self) -> int | None:
        """Most memory it used, with all it started, in MiB; None where no cgroup counts."""
        return self._sealer.pool.cgroups.peak_mib(self.folder.name)

    def out_of_memory(self) -> bool:
        """Whether the system ended one of its processes for want of memory; False where no cgroup counts."""
        return self._sealer.pool.cgroups.out_of_memory(self.folder.name)

    def stands(self) -> bool:
        """Whether what it lived in is there: if not, its end was not the notebook's doing."""
        return self._process is None or self._process.housed()

    def sockets(self) -> str:
        """Path of its sockets, up to the dash before their numbers."""
        name = Path(self.manager.ip).name
        return (
            str((self._process.sockets if self._process else None) or self.folder / "k")
            + f"/{name}"
        )

    def discard(self) -> None:
        """Remove what is left once the process is gone."""
        if self._process is not None:
            self._process.close()
        self._sealer.pool.remove(self.folder)
