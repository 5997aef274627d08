"""Start, connect to and end kernels: an ipykernel with the recorder, and its host.

jupyter_client's provisioners are the seam for other kinds of kernels: the manager's provisioner
launches the process.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
import time
from pathlib import Path
from queue import Empty
from typing import Any, Protocol

import zmq
import zmq.asyncio
from jupyter_client.asynchronous import AsyncKernelClient
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import Any as AnyTrait

from grader import RUNNING
from grader.errors import KernelUnavailable
from grader.job import Job
from grader.running.deferred_parts import questions_without_code
from grader.running.events import MAX_TOTAL_BYTES, TRUSTED_FACTOR, EventPipe
from grader.running.sandbox.bwrap import visible_gpus
from grader.running.time_limit import processor_time_s, processor_wait_s
from grader.running.traffic_gate import TrafficGate
from grader.running.working_folder import lay_out
from grader.store.temporary import OwnFolder

START_TIMEOUT_S = 60.0
MAX_MESSAGE_BYTES = 8 * 1024 * 1024
MAX_HEARD_BYTES = 16 * 1024 * 1024
"""Most that a kernel may send during one cell, plus four times the output it may make."""

INHERITED = ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH", "VIRTUAL_ENV", "TZ", "OPENBLAS_CORETYPE")
"""Variables of the grader's environment that a plain kernel gets."""

LAST_LINE_CHARACTERS = 200


class PlainProvisioner(LocalProvisioner):  # type: ignore[misc]
    """Launches a process that inherits the recorder's pipe."""

    host = AnyTrait()

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Launch the kernel's process with the pipe open."""
        return await super().launch_kernel(cmd, pass_fds=(self.host.events.write_end,), **kwargs)


class BoundedKernelManager(AsyncKernelManager):  # type: ignore[misc]
    """A kernel manager that leaves the process to a host, and limits message sizes."""

    def __init__(
        self, connection_file: Path, provisioner: type[LocalProvisioner], host: KernelHost
    ) -> None:
        """Initialise with the connection file, the kernel's command and its host."""
        super().__init__(
            transport="ipc",
            connection_file=str(connection_file),
            kernel_name="python3",
            context=_bounded_context(),
        )
        self.autorestart = False
        self._kernel_spec = KernelSpec(
            argv=host.command(), display_name="grader", language="python"
        )
        self.provisioner = provisioner(
            parent=self, kernel_id="kernel", kernel_spec=self._kernel_spec, host=host
        )

    def client(self, **kwargs: Any) -> AsyncKernelClient:
        """Create a client in our own context: jupyter_client's default would have no limits."""
        return super().client(context=self.context, **kwargs)


def _bounded_context() -> zmq.asyncio.Context:
    """Create a zmq context that accepts no message over 8 MiB and queues at most 64."""
    context = zmq.asyncio.Context()
    context.setsockopt(zmq.MAXMSGSIZE, MAX_MESSAGE_BYTES)
    context.setsockopt(zmq.RCVHWM, 64)
    context.setsockopt(zmq.LINGER, 0)
    return context


class KernelHost(Protocol):
    """Where a kernel lives: in a plain process, or in a sandbox."""

    folder: Path
    events: EventPipe
    manager: BoundedKernelManager
    listens: bool
    """Whether the kernel's sockets exist once it has started."""

    def command(self) -> list[str]:
        """Return the kernel's command line; a sealed kernel does not use it."""

    async def start(self, spec: dict[str, Any]) -> None:
        """Start the process, which reads `spec`."""

    def last_words(self) -> str:
        """Return the last line that the process wrote."""

    def peak_mib(self) -> int | None:
        """Return the most memory it used, in MiB; None if the system does not say."""

    def processor_wait_s(self) -> float:
        """Return how long it waited for a processor; see `time_limit`."""

    def processor_time_s(self) -> float:
        """Return how long it used a processor; see `time_limit`."""

    def out_of_memory(self) -> bool:
        """Return whether the system ended one of its processes for lack of memory."""

    def stands(self) -> bool:
        """Return, once the process has ended, whether its surroundings still exist.

        If it is, the kernel ended by its own doing.
        """

    def sockets(self) -> str:
        """Return the path of its sockets, up to the dash before their numbers."""

    def discard(self) -> None:
        """Remove remaining files once the process has ended."""


class PlainKernelHost:
    """A process with the rights of the user, under process limits."""

    listens = False

    def __init__(self, job: Job) -> None:
        """Initialise with the job."""
        self._job = job
        self._own = OwnFolder()
        self.folder = self._own.path
        self.events = EventPipe(trusted=job.trusted)
        self.manager = BoundedKernelManager(self.folder / "k.json", PlainProvisioner, self)

    def command(self) -> list[str]:
        """Return the command of the kernel program. `-P`: handed-in files shadow no module."""
        return [
            sys.executable,
            "-P",
            "-X",
            "utf8",
            "-m",
            "grader.kernel.program",
            str(self.folder / "spec.json"),
        ]

    async def start(self, spec: dict[str, Any]) -> None:
        """Start the process in a folder of its own."""
        work = self.folder / "home" / "work"
        work.mkdir(parents=True)
        await asyncio.to_thread(lay_out, self._job.files, work)
        connection = {
            "connection_file": str(self.folder / "k.json"),
            "events_fd": self.events.write_end,
            "forked": False,
            "own_folders": [str(work.parent)],
        }
        spec_file = self.folder / "spec.json"
        spec["data"]["root"] = str(self._link_data())
        spec_file.write_text(json.dumps(spec | connection), "utf-8")

        with (self.folder / "log").open("wb") as log:
            await self.manager.start_kernel(
                cwd=str(work), env=self._environment(), stdout=log, stderr=log
            )

    def _link_data(self) -> Path:
        """Create a folder with links to the folders of data."""
        root = self.folder / "data"
        root.mkdir()
        for folder in self._job.data:
            (root / folder.name).symlink_to(folder.path, target_is_directory=True)
        return root

    def last_words(self) -> str:
        """Return the last line that the process wrote."""
        return last_line(self.folder / "log")

    def _environment(self) -> dict[str, str]:
        """Create the environment, without the grader's keys and tokens."""
        threads = str(self._job.limits.threads)
        inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
        usual_cache = Path.home() / ".cache" / "matplotlib"
        cache = os.environ.get("MPLCONFIGDIR") or str(usual_cache)
        return {
            **inherited,
            "HOME": str(self.folder / "home"),
            "TMPDIR": str(self.folder),
            "IPYTHONDIR": str(self.folder / "home" / ".ipython"),
            "LANG": "C.UTF-8",
            "PYTHONHASHSEED": "0",
            "PYTHONDONTWRITEBYTECODE": "1",
            RUNNING: "1",
            "OMP_NUM_THREADS": threads,
            "MKL_NUM_THREADS": threads,
            "OPENBLAS_NUM_THREADS": threads,
            **visible_gpus(self._job.limits.device),
            "MPLCONFIGDIR": cache,
            "MPLBACKEND": "module://matplotlib_inline.backend_inline",
            "PIP_NO_INDEX": "1",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        }

    def peak_mib(self) -> int | None:
        """Return the most memory the process had resident so far, in MiB; None if unknown."""
        process = getattr(self.manager.provisioner, "process", None)
        if process is None:
            return None
        try:
            status = Path(f"/proc/{process.pid}/status").read_text()
        except OSError:
            return None
        for line in status.splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) // 1024
        return None

    def processor_wait_s(self) -> float:
        """Return how long its main thread was kept waiting for a processor, in seconds."""
        process = getattr(self.manager.provisioner, "process", None)
        return processor_wait_s(process and process.pid)

    def processor_time_s(self) -> float:
        """Return how long its threads had a processor, in seconds."""
        process = getattr(self.manager.provisioner, "process", None)
        return processor_time_s(process and process.pid)

    def out_of_memory(self) -> bool:
        """Return False: the cause of a plain process's end is unknown."""
        return False

    def stands(self) -> bool:
        """Return True: it has no surroundings that could fail."""
        return True

    def sockets(self) -> str:
        """Return the path of its sockets, up to the dash before their numbers."""
        return str(self.manager.ip)

    def discard(self) -> None:
        """Remove the folder."""
        self._own.remove()


def last_line(log: Path) -> str:
    """Return the last line of a log, at most 200 characters; empty if there is none."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - 4096))
            end = file.read(4096)
    except OSError:
        return ""
    return last_line_of(end)


def last_line_of(data: bytes) -> str:
    """Return the last line of the log, at most 200 characters; empty if there is none."""
    text = data.decode("utf-8", "replace")
    lines = text.strip().splitlines()
    if not lines:
        return ""
    return lines[-1][:LAST_LINE_CHARACTERS]


def data_spec(job: Job) -> dict[str, Any]:
    """Describe a kernel's data sets, except for their folder."""
    return {
        "folders": [folder.name for folder in job.data if not folder.dataset],
        "classes": [folder.dataset for folder in job.data if folder.dataset],
        "subset": job.limits.subset,
    }


class Kernel:
    """One kernel for one job: started, used through `client`, and ended with its children."""

    def __init__(self, job: Job, host: KernelHost) -> None:
        """Initialise with the kernel's job and host."""
        self._job = job
        self.host = host
        self.events = self.host.events
        self.manager = self.host.manager
        self.killed = False
        """Whether the grader itself ended it."""
        self.client: AsyncKernelClient
        self.gate: TrafficGate

    async def start(self) -> None:
        """Start the kernel and wait until it answers.

        Raises:
            KernelUnavailable: it did not answer within a minute, or ended.
        """
        await self.host.start(self._spec())
        self.events.close_write_end()
        await self.connect()

    async def connect(self, timeout_s: float = START_TIMEOUT_S) -> None:
        """Open the channels, or reopen them after an oversized message closed one.

        Args:
            timeout_s: how long the kernel may take to answer, in seconds.

        Raises:
            KernelUnavailable: the kernel does not answer.
        """
        self._disconnect()
        host = self.host
        manager = self.manager
        most_bytes = MAX_HEARD_BYTES + 4096 * self._job.limits.output_kib
        self.gate = TrafficGate(host.folder, host.sockets(), most_bytes)
        ports = (manager.shell_port, manager.iopub_port)
        self.gate.open(*ports, existing=host.listens)

        self.client = manager.client()
        self.client.ip = self.gate.path
        self.client.start_channels(stdin=False, hb=False, control=False)

        deadline = time.monotonic() + timeout_s
        while not await self._answers(deadline):
            is_late = time.monotonic() > deadline
            if is_late or not await self.alive():
                problem = host.last_words() or "it does not answer"
                raise KernelUnavailable(f"No kernel could be started: {problem}")

    async def _answers(self, deadline: float) -> bool:
        """Return whether the kernel answers a request on both channels.

        jupyter_client's `wait_for_ready` asks the same, then listens for another 0.2 s of silence.
        """
        question_id = self.client.kernel_info()
        try:
            await self.client.get_shell_msg(timeout=1)
            while time.monotonic() < deadline:
                message = await self.client.get_iopub_msg(timeout=0.2)
                if _is_idle_after(question_id, message):
                    return True
        except Empty:
            return False
        except Exception:  # noqa: BLE001 - a hostile message breaks jupyter_client in many ways
            return False
        return False

    def _disconnect(self) -> None:
        if hasattr(self, "client"):
            self.client.shell_channel.stop()
            self.client.iopub_channel.stop()
        if hasattr(self, "gate"):
            self.gate.close()

    def _spec(self) -> dict[str, Any]:
        """Build the specification that the kernel program reads. It contains no answers."""
        job = self._job
        factor = TRUSTED_FACTOR if job.trusted else 1
        return {
            "cells": [(cell.cell, cell.source) for cell in job.cells],
            "data": data_spec(job),
            "device": job.limits.device,
            "disk_mib": job.limits.disk_mib,
            "events_bytes": MAX_TOTAL_BYTES * factor * 3 // 4,
            "memory_mib": job.limits.memory_mib,
            "output_kib": job.limits.output_kib,
            "own_modules": [module.import_name for module in job.modules],
            "questions": questions_without_code(job),
            "figures": job.figures,
            "seed": job.limits.seed,
            "threads": job.limits.threads,
            "trusted": job.trusted,
        }

    async def alive(self) -> bool:
        """Return whether the process is alive."""
        return bool(await self.manager.is_alive())

    async def interrupt(self) -> None:
        """Send the kernel a KeyboardInterrupt."""
        with contextlib.suppress(RuntimeError, OSError):
            await self.manager.interrupt_kernel()

    async def kill(self) -> None:
        """Kill the process and those in its session at once."""
        self.killed = True
        with contextlib.suppress(RuntimeError, OSError):
            await self.manager.provisioner.kill()

    async def close(self) -> None:
        """End the kernel, and remove its folder."""
        self._disconnect()
        await self.kill()
        with contextlib.suppress(RuntimeError, OSError):
            await self.manager.provisioner.wait()
            await self.manager.cleanup_resources()
        self.events.end()
        self.manager.context.destroy(linger=0)
        await asyncio.to_thread(self.host.discard)


def _is_idle_after(question_id: str, message: dict[str, Any]) -> bool:
    """Return whether a message says that the kernel has finished a request."""
    content = message.get("content", {})
    parent = message.get("parent_header", {})
    state = content.get("execution_state")
    parent_id = parent.get("msg_id")
    return bool(state == "idle" and parent_id == question_id)
