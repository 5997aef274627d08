"""Run one job in a kernel: its cells, under limits, and replays of them. Knows no answers."""

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

from nbclient.exceptions import CellTimeoutError

from grader.errors import KernelUnavailable
from grader.job import Job, Question
from grader.running.client import CountingClient, notebook_cell, send_and_wait
from grader.running.deferred_parts import TAKE_OUT, has_deferred_parts, laying_calls
from grader.running.kernel_restart import to_define_functions
from grader.running.kernels import Kernel, KernelHost
from grader.running.limits import limit_met
from grader.running.missed_names import next_served, still_without_a_name
from grader.running.own_answers import FindOwn, in_order, own_answers_text
from grader.running.replays import NO_OWN, Cells, Numbers, Replay
from grader.running.time_limit import TimeLimit
from grader.running.trace_builder import TraceBuilder
from grader.running.watching import GRACE_S, failure_of, watch
from grader.settings import Limits
from grader.trace import BASE, CellRun, CellStatus, CodeCell, Run, Trace

RECONNECT_TIMEOUT_S = 5.0

MAX_ERROR_NAME = 100
MAX_ERROR_MESSAGE = 300

Launch = Callable[[Job], KernelHost]
"""Gives a kernel a place to live in: a plain process, or a sealed one."""

MAX_RESTARTS = 2
"""How often a new kernel is made for functions to be called, where the one in use has ended."""

LAY_IN_S = 30.0
"""Longest time for a held-out file to be laid in, in seconds."""

REPLAYS_AT_ONCE = 50
"""Most replays that one request asks for: IPython reads the request as code."""


@dataclass(frozen=True)
class CellEnd:
    """How a cell ended."""

    status: CellStatus
    error: str = ""
    """Type of the exception that it raised; empty if none."""
    message: str = ""
    """Message of the exception."""


class Session:
    """A job being run: its cells unchanged once, then replays with other numbers."""

    def __init__(self, job: Job, launch: Launch) -> None:
        """Initialise with the job, and a source of hosts for kernels."""
        self._job = job
        self._launch = launch
        self._kernel: Kernel | None = None
        self._client: CountingClient
        self._brought_back = TraceBuilder(job)
        self._restarts_left = MAX_RESTARTS
        self._busy_s = 0.0

    async def __aenter__(self) -> Session:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._end_kernel()

    # The kernel

    async def _ready_kernel(self) -> Kernel:
        """Return a kernel that answers: the current one, or a new one if it has ended."""
        if self._kernel is not None and not await self._kernel.alive():
            await self._end_kernel()
        if self._kernel is None:
            job = self._job
            host = self._launch(job)
            self._kernel = Kernel(job, host)
            await self._kernel.start()
            limit_bytes = job.limits.output_kib * 1024
            pictures = self._brought_back.pictures
            self._client = CountingClient(limit_bytes, self._kernel, pictures)
            if job.trusted:
                await self._lay_in(self._kernel)
        return self._kernel

    async def _end_kernel(self) -> None:
        if self._kernel is None:
            return
        self._note_memory()
        await self._collect()
        await self._kernel.close()
        self._brought_back.take(self._kernel.events)
        self._kernel = None

    def busy_time_s(self) -> float:
        """Return how long replays took, without the time spent waiting for a processor."""
        return self._busy_s

    def _note_memory(self) -> None:
        if self._kernel is not None:
            peak_mib = self._kernel.host.peak_mib()
            self._brought_back.note_memory(peak_mib)

    async def _collect(self) -> None:
        """Collect the events that the kernel has written so far."""
        if self._kernel is not None:
            await self._kernel.events.settle()
            self._brought_back.take(self._kernel.events)

    async def _reconnect(self, kernel: Kernel) -> bool:
        """Open new channels after a failure of the old ones.

        Returns:
            Whether the kernel answers on them; if not, it is ended.
        """
        try:
            await kernel.connect(RECONNECT_TIMEOUT_S)
        except KernelUnavailable:
            await kernel.kill()
            return False
        self._client.kc = kernel.client
        return True

    async def _note_end(self, kernel: Kernel, label: str) -> None:
        """Record the run in which a kernel ended that the grader had not ended.

        Raises:
            KernelUnavailable: its host has ended.
        """
        if not kernel.killed and not await _is_alive(kernel):
            self._brought_back.ended.append(label)

    # Cells

    async def run_cells(self) -> None:
        """Run every cell on the original data; repeat cells that missed a name defined later."""
        kernel = await self._ready_kernel()
        limit = TimeLimit(self._job.limits.notebook_timeout_s, kernel.host.processor_wait_s)
        runs = self._brought_back.base_cells
        cells = self._job.cells
        for cell in cells:
            run = await self._run_cell(cell, limit)
            runs.append(run)
            while (served := next_served(cells, runs)) is not None:
                await self._repeat(served, limit)

        # A cell may need a name of another one that ran again: repeat until no more succeed.
        missed = still_without_a_name(runs)
        while missed:
            for cell in cells:
                if cell.cell in missed:
                    await self._repeat(cell, limit)
            still_missed = still_without_a_name(runs)
            missed = still_missed if still_missed < missed else set()
        await self._collect()

    async def _repeat(self, cell: CodeCell, limit: TimeLimit) -> None:
        run = await self._run_cell(cell, limit)
        run_again = run.model_copy(update={"again": True})
        self._brought_back.base_cells.append(run_again)

    async def _run_cell(self, cell: CodeCell, notebook_limit: TimeLimit) -> CellRun:
        began = time.monotonic()
        kernel = self._kernel
        if kernel is None or not await _is_alive(kernel):
            return CellRun(cell=cell.cell, status="not_run")
        remaining_s = notebook_limit.remaining_s()
        if remaining_s <= 0:
            return CellRun(cell=cell.cell, status="not_run", error="notebook-timeout")

        self._begin(kernel, cell.cell)
        end = await self._execute(kernel, cell.source, remaining_s)
        await self._note_end(kernel, BASE)
        if end.status == "timeout" and remaining_s < self._job.limits.cell_timeout_s:
            notebook_limit.use_up()
        memory = kernel.host.out_of_memory
        limit = limit_met(end.status, end.error, end.message, out_of_memory=memory)
        return CellRun(
            cell=cell.cell,
            status=end.status,
            error=end.error,
            message=end.message[:MAX_ERROR_MESSAGE],
            limit=limit,
            seconds=time.monotonic() - began,
        )

    async def _execute(self, kernel: Kernel, source: str, remaining_s: float) -> CellEnd:
        """Execute a cell, within its time limit and the remaining time."""
        execution = self._client.async_execute_cell(notebook_cell(source), 0)
        task = asyncio.ensure_future(execution)
        limit_s = min(self._job.limits.cell_timeout_s, remaining_s)
        cause = await watch(kernel, self._client, task, limit_s)
        return await self._cell_end(kernel, task, cause)

    def _begin(self, kernel: Kernel, cell: int | None = None) -> None:
        """Reset the counts of output and messages, for a cell or another request."""
        self._client.begin(cell)
        kernel.gate.renew()

    async def _cell_end(
        self, kernel: Kernel, task: asyncio.Future[Any], cause: CellStatus | None
    ) -> CellEnd:
        """Determine how a cell ended, and make sure that the kernel responds again.

        Args:
            kernel: the kernel that ran it.
            task: nbclient's execution of it.
            cause: why it did not end by itself; None if it did.
        """
        failure = await failure_of(task)
        if not await _is_alive(kernel):
            return CellEnd(cause or "died")
        if failure is not None and not await self._reconnect(kernel):
            return CellEnd(cause or "died")

        # SECURITY: the shell's reply says how a cell ended, never its outputs.
        reply = self._client.reply or {}
        name = str(reply.get("ename", ""))
        error = name[:MAX_ERROR_NAME]
        message = str(reply.get("evalue", ""))
        if cause is not None:
            return CellEnd(cause, error, message)
        if isinstance(failure, CellTimeoutError):
            # The reply came and the end of the output did not: a message was too large, or there
            # were too many.
            return CellEnd("flooded")
        if failure is not None and not reply:
            return CellEnd("error", type(failure).__name__, str(failure))

        if reply.get("status") == "ok":
            return CellEnd("ok")
        # ipykernel names no exception when only the display of a value failed, as that of a graph
        # does where there is no `dot`.
        if error == "NoneType":
            return CellEnd("ok")
        return CellEnd("error", error, message)

    # Replays, and calls of functions

    async def replay(
        self,
        label: str,
        cells: Cells,
        *,
        numbers: Numbers = None,
        narrow: bool = False,
        calls: str | None = None,
        own: str = NO_OWN,
    ) -> None:
        """Run cells in a new namespace, reseeded, and record them under a label.

        Args:
            label: name of the run.
            cells: index and source of each cell, in the order to run them.
            numbers: a variant's numbers, which replace the data; None: the original data.
            narrow: in a variant, leave lists and integers unchanged.
            calls: prefix of the labels of the calls that the job asks for; None: no calls.
            own: JSON: the notebook's own answers.

        Raises:
            KernelUnavailable: there is no kernel.
        """
        replay = Replay(label, cells, numbers, narrow=narrow, calls=calls, own=own)
        await self.replay_all([replay])

    async def replay_all(
        self, replays: Sequence[Replay], *, timeout_s: float | None = None
    ) -> None:
        """Run several replays.

        Args:
            replays: what to run.
            timeout_s: time limit per replay, in seconds; None: that of a notebook. All share the
                sum.

        Raises:
            KernelUnavailable: there is no kernel.
        """
        for first in range(0, len(replays), REPLAYS_AT_ONCE):
            some = replays[first : first + REPLAYS_AT_ONCE]
            await self._replay_some(some, timeout_s)

    async def _replay_some(self, replays: Sequence[Replay], timeout_s: float | None) -> None:
        kernel = await self._ready_kernel()
        limits = self._job.limits
        cell_timeout_s = min(limits.cell_timeout_s, timeout_s or math.inf)
        requests = [replay.request(cell_timeout_s) for replay in replays]
        text = json.dumps(requests)
        call = f"REPLAY[0]({text!r})"

        each_s = timeout_s or limits.notebook_timeout_s
        limit_s = each_s * len(replays)
        last_label = replays[-1].label
        self._brought_back.expect_replays(replays)
        await self._request(kernel, call, limit_s, last_label)

    @property
    def limits(self) -> Limits:
        """The limits of the job."""
        return self._job.limits

    @property
    def questions(self) -> tuple[Question, ...]:
        """The functions that the job asks for."""
        return self._job.questions

    async def ask(self, find_own: FindOwn | None = None) -> None:
        """Call the functions that the job asks for, in the state that the cells left.

        If the kernel has ended, a new one runs their definitions, a few times at most.

        Args:
            find_own: finds the notebook's own answers, for questions that refer to them. These are
                asked last; None: such answers are looked up by their names.
        """
        timeout_s = self._job.limits.cell_timeout_s
        limit_s = timeout_s + GRACE_S
        asked: Kernel | None = None
        own = NO_OWN
        for number, question in in_order(self.questions):
            if question.own and own == NO_OWN and find_own is not None:
                own = own_answers_text(await find_own(self.trace()))
            kernel = await self._kernel_with_functions(first=asked is None)
            if kernel is None:
                return
            if kernel is not asked:
                await self._lay_in(kernel)
            asked = kernel
            self._brought_back.expect_answers(question)
            call = f"ASK[0]({number}, {timeout_s}, own={own!r})"
            await self._request(kernel, call, limit_s, question.found)
        if asked is not None and has_deferred_parts(self._job):
            await self._request(asked, TAKE_OUT, limit_s, BASE)

    async def _lay_in(self, kernel: Kernel) -> None:
        """Send the author's code and the held-out files to a kernel."""
        for call in laying_calls(self._job):
            await self._request(kernel, call, LAY_IN_S, BASE)

    async def _kernel_with_functions(self, *, first: bool) -> Kernel | None:
        """Return a kernel with the notebook's functions; None if there is none.

        Args:
            first: no function was called yet, so definitions of cells that did not run are missing.
        """
        kernel = self._kernel
        if kernel is not None and await _is_alive(kernel):
            if first:
                await self._define_functions(kernel, anew=False)
            return self._kernel

        if self._restarts_left == 0:
            return None
        self._restarts_left -= 1
        try:
            kernel = await self._ready_kernel()
        except KernelUnavailable:
            return None
        await self._define_functions(kernel, anew=True)
        return kernel

    async def _define_functions(self, kernel: Kernel, *, anew: bool) -> None:
        """Run the code that defines functions, unless it ran in this kernel.

        Its records are dropped: a cell is judged by its first run, in its place.
        """
        job = self._job
        order = to_define_functions(job.cells, self._brought_back.base_cells, anew=anew)
        limit = TimeLimit(job.limits.notebook_timeout_s, kernel.host.processor_wait_s)
        await self._collect()
        for _, source in order:
            remaining_s = limit.remaining_s()
            if remaining_s <= 0 or not await _is_alive(kernel):
                break
            self._begin(kernel)
            await self._execute(kernel, source, remaining_s)
        await kernel.events.settle()
        self._brought_back.drop(kernel.events)

    async def _request(self, kernel: Kernel, call: str, limit_s: float, label: str) -> None:
        """Send the kernel program a request other than a cell, and collect its events.

        Args:
            kernel: the kernel.
            call: a call of something in `kernel/program.py`.
            limit_s: longest time for it, in seconds.
            label: the run to note if the kernel ends meanwhile.
        """
        code = f"__import__('grader.kernel.program', fromlist=['REPLAY']).{call}"
        reply = send_and_wait(kernel, code)
        task = asyncio.ensure_future(reply)
        self._begin(kernel)
        limit = TimeLimit(limit_s, kernel.host.processor_wait_s)
        await watch(kernel, self._client, task, limit_s)
        self._busy_s += limit.spent_s()
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

        if kernel.gate.shut:
            await self._reconnect(kernel)
        await self._collect()
        await self._note_end(kernel, label)

    # Results

    @property
    def ended(self) -> bool:
        """Whether a kernel ended that the grader had not ended."""
        return bool(self._brought_back.ended)

    def trace(self) -> Trace:
        """Build the trace of what has been recorded so far."""
        self._note_memory()
        return self._brought_back.trace()

    def run_of(self, label: str, renamed: str | None = None) -> Run:
        """Build the run of a label, under another label if one is given."""
        return self._brought_back.run_of(label, renamed)


async def _is_alive(kernel: Kernel) -> bool:
    """Return whether a kernel is alive.

    Raises:
        KernelUnavailable: it is not, because its host has ended.
    """
    if await kernel.alive():
        return True
    if not kernel.host.stands():
        raise KernelUnavailable("The fork server ended.")
    return False
