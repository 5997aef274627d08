"""One job's kernel: cells, watched over under limits, and replays of them. Knows no answers."""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import nbformat
from nbclient.exceptions import CellTimeoutError, DeadKernelError

from grader.errors import KernelUnavailable
from grader.running.client import CountingClient
from grader.running.events import run_from
from grader.running.kernels import Kernel, KernelHost
from grader.running.limits import limit_met
from grader.running.pictures import Pictures
from grader.trace import BASE, CellRun, CellStatus, CodeCell, Event, Job, Question, Run, Trace

GRACE_S = 2.0
"""Time between the interrupt and the end of a cell that goes on."""
RECONNECT_TIMEOUT_S = 5.0
WATCH_S = 0.1

Launch = Callable[[Job], KernelHost]
"""Gives a kernel a place to live in: a plain process, or a sealed one."""

Cells = Sequence[tuple[int, str]]
"""Index and source of code cells, in the order to run them."""

Numbers = list[dict[str, Any]] | None
"""Per input: `name`, `original` and `other`, flat lists of equal length."""


REPLAYS_AT_ONCE = 50
"""Most replays that one request asks for: IPython reads the request as code."""


@dataclass(frozen=True)
class Replay:
    """Cells to run again, in a new namespace."""

    label: str
    cells: Cells
    numbers: Numbers = None
    """A variant's numbers, which take the data's place; None: the data as it is."""
    narrow: bool = False
    """In a variant, lists and integers stay as they are."""
    marks_only: bool = False
    """Of the reference: record nothing but its marks. It shows nothing, and takes a tenth of the time."""
    given: Sequence[float] = ()
    """Of the reference: the elements of a value that takes the place of one of its own."""
    calls: str | None = None
    """What begins the labels of the calls that the job asks for, made once the cells have run; None: none is made."""

    def request(self) -> dict[str, Any]:
        """What the kernel is asked."""
        return {
            "label": self.label,
            "cells": list(self.cells),
            "inputs": self.numbers,
            "narrow": self.narrow,
            "marks_only": self.marks_only,
            "given": list(self.given),
            "calls": self.calls,
        }


class Session:
    """A job being run: its cells once as they stand, then replays with other numbers."""

    def __init__(self, job: Job, launch: Launch) -> None:
        """Take the job, and what gives each kernel a place to live in."""
        self._job = job
        self._launch = launch
        self._kernel: Kernel | None = None
        self._client: CountingClient
        self._began = time.monotonic()
        self._base: list[CellRun] = []
        self._events: list[Event] = []
        self._forged = 0
        self._truncated = False
        self._peak: int | None = None
        self._ended: list[str] = []
        self._pictures = Pictures()

    async def __aenter__(self) -> Session:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._end_kernel()

    async def _ready(self) -> Kernel:
        """A kernel that answers: the one in use, or a new one where it has ended."""
        if self._kernel is not None and not await self._kernel.alive():
            await self._end_kernel()
        if self._kernel is None:
            self._kernel = Kernel(self._job, self._launch(self._job))
            await self._kernel.start()
            self._client = CountingClient(
                self._job.limits.output_kib * 1024, self._kernel, self._pictures
            )
        return self._kernel

    async def _end_kernel(self) -> None:
        if self._kernel is None:
            return
        self._peak = self._most_memory()
        await self._collect()
        await self._kernel.close()
        self._take()
        self._kernel = None

    def _most_memory(self) -> int | None:
        now = self._kernel.host.peak_mib() if self._kernel is not None else None
        return max(filter(None, (self._peak, now)), default=None)

    async def _collect(self) -> None:
        if self._kernel is not None:
            await self._kernel.events.settle()
            self._take()

    def _take(self) -> None:
        if self._kernel is not None:
            events = self._kernel.events
            self._events.extend(events.take())
            self._forged += events.forged
            events.forged = 0
            self._truncated |= events.truncated

    async def run_cells(self) -> None:
        """Run every cell on the data as it is; a cell that missed a name that came later runs once more."""
        await self._ready()
        deadline = time.monotonic() + self._job.limits.notebook_timeout_s
        for cell in self._job.cells:
            self._base.append(await self._cell(cell, deadline))
        missed = {run.cell for run in self._base if run.error == "NameError"}
        for cell in self._job.cells:
            if cell.cell in missed:
                run = await self._cell(cell, deadline)
                self._base.append(run.model_copy(update={"again": True}))
        await self._collect()

    async def _cell(self, cell: CodeCell, deadline: float) -> CellRun:
        began = time.monotonic()
        kernel = self._kernel
        if kernel is None or not await _lives(kernel):
            return CellRun(cell=cell.cell, status="not_run")
        left = deadline - began
        if left <= 0:
            return CellRun(cell=cell.cell, status="not_run", error="notebook-timeout")
        self._begin(kernel, cell.cell)
        # Not `new_code_cell`: it validates each cell against the format's schema, and this one is ours.
        notebook_cell = nbformat.NotebookNode(
            cell_type="code",
            source=cell.source,
            metadata=nbformat.NotebookNode(),
            outputs=[],
            execution_count=None,
        )
        task = asyncio.ensure_future(self._client.async_execute_cell(notebook_cell, 0))
        cause = await self._watch(kernel, task, min(self._job.limits.cell_timeout_s, left))
        status, error, message = await self._outcome(kernel, task, cause)
        await self._note_end(kernel, BASE)
        return CellRun(
            cell=cell.cell,
            status=status,
            error=error,
            message=message[:300],
            limit=limit_met(status, error, message, out_of_memory=kernel.host.out_of_memory),
            seconds=time.monotonic() - began,
        )

    def _begin(self, kernel: Kernel, cell: int | None = None) -> None:
        self._client.begin(cell)
        kernel.gate.renew()

    async def _watch(
        self, kernel: Kernel, task: asyncio.Future[Any], seconds: float
    ) -> CellStatus | None:
        """Wait for a cell; interrupt it when it takes too long or writes too much, then end the kernel."""
        deadline = time.monotonic() + seconds
        cause: CellStatus | None = None
        while not task.done():
            await asyncio.wait({task}, timeout=WATCH_S)
            if task.done():
                break
            if not await kernel.alive():
                return cause or "died"
            flooded = self._client.flooded or kernel.gate.shut
            if cause is None and (flooded or time.monotonic() > deadline):
                cause = "flooded" if flooded else "timeout"
                deadline = time.monotonic() + GRACE_S
                await kernel.interrupt()
            if kernel.gate.shut:  # no reply will come through any more
                return cause
            if cause is not None and time.monotonic() > deadline:
                await kernel.kill()
        return cause or ("flooded" if self._client.flooded else None)

    async def _outcome(
        self, kernel: Kernel, task: asyncio.Future[Any], cause: CellStatus | None
    ) -> tuple[CellStatus, str, str]:
        if not task.done():
            task.cancel()
        failure: BaseException | None = None
        try:
            await task
        except (DeadKernelError, CellTimeoutError, asyncio.CancelledError) as error:
            failure = error
        except Exception as error:  # noqa: BLE001 - a hostile message breaks nbclient in many ways: contain it here
            failure = error
        if not await _lives(kernel):
            return (cause or "died"), "", ""
        if failure is not None and not await self._reconnected(kernel):
            return (cause or "died"), "", ""
        reply = self._client.reply or {}
        error_name, message = str(reply.get("ename", ""))[:100], str(reply.get("evalue", ""))
        if cause is not None:
            return cause, error_name, message
        if isinstance(failure, CellTimeoutError):
            # The reply came, and the end of the output did not: a message was too large, or there were too many.
            return "flooded", "", ""
        if failure is not None and not reply:
            return "error", type(failure).__name__, str(failure)
        # ipykernel names no exception when only the display of a value failed, as a graph's does without `dot`.
        ended_well = reply.get("status") == "ok" or error_name == "NoneType"
        return ("ok", "", "") if ended_well else ("error", error_name, message)

    async def replay(
        self,
        label: str,
        cells: Cells,
        *,
        numbers: Numbers = None,
        narrow: bool = False,
        calls: str | None = None,
    ) -> None:
        """Run cells in a new namespace, reseeded, and record them under a label.

        Args:
            label: name of the run.
            cells: index and source of each cell, in the order to run them.
            numbers: a variant's numbers, which take the data's place; None: the data as it is.
            narrow: in a variant, leave lists and integers as they are.
            calls: begins the labels of the calls that the job asks for; None: they are not made.

        Raises:
            KernelUnavailable: there is no kernel.
        """
        await self.replay_all([Replay(label, cells, numbers, narrow=narrow, calls=calls)])

    async def replay_all(
        self, replays: Sequence[Replay], *, timeout_s: float | None = None
    ) -> None:
        """Make several replays, one after another.

        Args:
            replays: what to run.
            timeout_s: longest time for each, taken together; None: that of a notebook. What takes longer ends them all.

        Raises:
            KernelUnavailable: there is no kernel.
        """
        for first in range(0, len(replays), REPLAYS_AT_ONCE):
            await self._replay(replays[first : first + REPLAYS_AT_ONCE], timeout_s)

    async def _replay(self, replays: Sequence[Replay], timeout_s: float | None) -> None:
        kernel = await self._ready()
        of_cell = min(self._job.limits.cell_timeout_s, timeout_s or math.inf)
        request = json.dumps([replay.request() | {"cell_timeout_s": of_cell} for replay in replays])
        seconds = (timeout_s or self._job.limits.notebook_timeout_s) * len(replays)
        await self._request(kernel, f"REPLAY[0]({request!r})", seconds, replays[-1].label)

    @property
    def questions(self) -> tuple[Question, ...]:
        """The functions that the job asks for."""
        return self._job.questions

    async def ask(self) -> None:
        """Have the functions called that the job asks for, as the cells left them, if their kernel is still there."""
        seconds = self._job.limits.cell_timeout_s
        for number in range(len(self.questions)):
            if self._kernel is None or not await _lives(self._kernel):
                return
            await self._request(
                self._kernel, f"ASK[0]({number}, {seconds})", seconds + GRACE_S, BASE
            )

    async def _request(self, kernel: Kernel, call: str, seconds: float, label: str) -> None:
        """Have the kernel's program do something beside running cells, and take what is recorded of it.

        Args:
            kernel: it.
            call: what to do: a call of something in `kernel/program.py`.
            seconds: longest time for it.
            label: the run that a kernel which ends meanwhile ended in.
        """
        code = f"__import__('grader.kernel.program', fromlist=['REPLAY']).{call}"
        task = asyncio.ensure_future(_reply(kernel, code))
        self._begin(kernel)
        await self._watch(kernel, task, seconds)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        if kernel.gate.shut:
            await self._reconnected(kernel)
        await self._collect()
        await self._note_end(kernel, label)

    async def _reconnected(self, kernel: Kernel) -> bool:
        """Whether a kernel answers on new channels, after something broke the old ones; if not, it is ended."""
        try:
            await kernel.connect(RECONNECT_TIMEOUT_S)
        except KernelUnavailable:
            await kernel.kill()
            return False
        self._client.kc = kernel.client
        return True

    async def _note_end(self, kernel: Kernel, label: str) -> None:
        """Note the run in which a kernel ended that the grader had not ended.

        Raises:
            KernelUnavailable: what it lived in has ended.
        """
        if not kernel.killed and not await _lives(kernel):
            self._ended.append(label)

    @property
    def ended(self) -> bool:
        """Whether a kernel ended that the grader had not ended."""
        return bool(self._ended)

    def trace(self) -> Trace:
        """What has come back so far."""
        return Trace(
            cells=self._job.cells,
            runs=tuple(self._run(label, events) for label, events in self._by_run().items()),
            forged=self._forged,
            truncated=self._truncated,
            seconds=time.monotonic() - self._began,
            peak_mib=self._most_memory(),
            ended=tuple(self._ended),
            pictures=tuple(self._pictures.kept),
            files=tuple(dict.fromkeys(file.name for file in self._job.files)),
        )

    def run_of(self, label: str, renamed: str | None = None) -> Run:
        """The run of a label, under another one if asked."""
        run = self._run(label, [event for event in self._events if event.run == label])
        if renamed is None:
            return run
        events = tuple(event.model_copy(update={"run": renamed}) for event in run.events)
        return run.model_copy(update={"label": renamed, "events": events})

    def _by_run(self) -> dict[str, list[Event]]:
        found: dict[str, list[Event]] = {BASE: []}
        for event in self._events:
            found.setdefault(event.run, []).append(event)
        return found

    def _run(self, label: str, events: Sequence[Event]) -> Run:
        return run_from(label, events, self._base if label == BASE else ())


async def _lives(kernel: Kernel) -> bool:
    """Whether a kernel is there.

    Raises:
        KernelUnavailable: it is not, and not by its notebook's doing: what it lived in has ended.
    """
    if await kernel.alive():
        return True
    if not kernel.host.stands():
        raise KernelUnavailable("The fork server ended.")
    return False


async def _reply(kernel: Kernel, code: str) -> None:
    """Send code and wait for the shell's reply to it; what else comes is passed over, however it is made."""
    message_id = kernel.client.execute(code, silent=True, store_history=False)
    while True:
        try:
            reply = await kernel.client.get_shell_msg()
            if reply["parent_header"]["msg_id"] == message_id:
                return
        except Exception:  # noqa: BLE001 - a hostile message breaks jupyter_client in many ways
            await asyncio.sleep(0.01)
