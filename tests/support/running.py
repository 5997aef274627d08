"""Run cells in a real kernel."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from textwrap import dedent
from typing import Any

from grader.job import InputFile, Job
from grader.running.kernels import PlainKernelHost
from grader.running.session import Launch, Session
from grader.settings import Limits
from grader.trace import CellRun, CodeCell, Event, Trace


class Kernels:
    """The kind of kernel that these helpers use: plain, or as the fixture `kernels` says."""

    launch: Launch = PlainKernelHost


def job(*cells: str, **limits: Any) -> Job:
    """Make a job of cells; limits by name."""
    code = tuple(
        CodeCell(cell=index, source=dedent(cell).strip("\n")) for index, cell in enumerate(cells)
    )
    return Job(cells=code, limits=Limits(**limits))


def ran(*cells: str, files: tuple[InputFile, ...] = (), **limits: Any) -> Trace:
    """Run cells in a kernel of their own."""
    asked = job(*cells, **limits).model_copy(update={"files": files})

    async def run() -> Trace:
        async with Session(asked, Kernels.launch) as session:
            await session.run_cells()
        return session.trace()

    return asyncio.run(run())


class Ran:
    """How named cells ended that ran in one kernel."""

    def __init__(self, cells: dict[str, str], trace: Trace) -> None:
        self.trace = trace
        self._names = list(cells)

    def cell(self, name: str) -> CellRun:
        """Return how a cell ended the last time it ran."""
        return [run for run in self.trace.base.cells if run.cell == self._names.index(name)][-1]

    def status(self, name: str) -> tuple[str, str]:
        """Return status and error of a cell."""
        return self.cell(name).status, self.cell(name).error

    def events(self, name: str, kind: str | None = None) -> list[Event]:
        """List the events of a cell, or those of one kind."""
        of_cell = (
            event for event in self.trace.base.events if event.cell == self._names.index(name)
        )
        return [event for event in of_cell if kind is None or event.kind == kind]


def statuses(trace: Trace) -> list[str]:
    """List how each cell ended."""
    return [run.status for run in trace.base.cells]


def errors(trace: Trace) -> list[str]:
    """List the error of each cell."""
    return [run.error for run in trace.base.cells]


def texts(events: Iterable[Event]) -> list[str]:
    """List the texts of events."""
    return [event.text for event in events]
