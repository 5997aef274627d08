"""Sealed kernels: forks of the fork server, behind the same seam as plain ones."""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import Any as AnyTrait

from grader.running.forkserver import KERNEL_FOLDER
from grader.running.kernels import BoundedKernelManager, EventPipe
from grader.running.server import ForkServer, SealedProcess
from grader.trace import Job

CONNECTION_FILE = "host.json"


class SealedProvisioner(LocalProvisioner):  # type: ignore[misc]
    """Asks the fork server for a process instead of starting one."""

    housing = AnyTrait()

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Have a kernel forked; jupyter_client calls this with a command that is not used."""
        self.process = await asyncio.to_thread(self.housing.spawn)
        self.pid = self.process.pid
        return self.connection_info


class SealedHousing:
    """Where a sealed kernel lives: its folder in the server's pool, its process, its cgroup."""

    def __init__(self, server: ForkServer, job: Job) -> None:
        """Take the fork server, and the job whose cells will run."""
        self._server = server
        self._limits = job.limits
        self.events = EventPipe()
        self.folder = server.new_folder()
        self.manager = BoundedKernelManager(self.folder / "k" / CONNECTION_FILE, SealedProvisioner, self)
        self._process: SealedProcess | None = None

    def command(self) -> list[str]:
        """Not used: the process is forked."""
        return ["sealed"]

    async def start(self, spec: dict[str, Any]) -> None:
        """Start the kernel.

        Raises:
            KernelUnavailable: there is none to be had.
        """
        inside = f"{KERNEL_FOLDER}/kernel.json"
        (self.folder / "k" / "spec.json").write_text(json.dumps(spec | {"connection_file": inside}), "utf-8")
        await self.manager.start_kernel()

    def spawn(self) -> SealedProcess:
        """Ask the server for the process; called by the provisioner once the connection file is written."""
        folder = self.folder / "k"
        connection = json.loads((folder / CONNECTION_FILE).read_text())
        connection["ip"] = f"{KERNEL_FOLDER}/{Path(connection['ip']).name}"
        (folder / "kernel.json").write_text(json.dumps(connection))
        with (self.folder / "log").open("wb") as log:
            self._process = self._server.spawn(
                self.folder,
                memory_mib=self._limits.memory_mib,
                threads=self._limits.threads,
                events_fd=self.events.write_end,
                log_fd=log.fileno(),
            )
        return self._process

    def last_words(self) -> str:
        """The last line the kernel's process wrote."""
        path = self.folder / "log"
        lines = path.read_text("utf-8", "replace").strip().splitlines() if path.exists() else []
        return lines[-1][:200] if lines else ""

    def peak_mib(self) -> int | None:
        """Most memory it used, with all it started, in MiB; None where no cgroup counts."""
        return self._server.cgroups.peak_mib(self.folder.name)

    def discard(self) -> None:
        """Remove what is left once the process is gone."""
        if self._process is not None:
            self._process.close()
        self._server.cgroups.remove(self.folder.name)
        shutil.rmtree(self.folder, ignore_errors=True)
