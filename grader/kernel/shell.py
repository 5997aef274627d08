"""Run a notebook in an IPython shell without Jupyter, as checks on a student's machine do.

`python -m grader.kernel.shell SPEC` where SPEC is the path of a JSON file (see `running/local.py`)
with no answer in it. Standard library and IPython only, on every system. There is no sandbox: users
run their own notebooks.
"""

from __future__ import annotations

import _thread
import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any

from grader.kernel.program import Cell, KernelProgram
from grader.kernel.replay import ReplayScope
from grader.kernel.startup import seed
from grader.kernel.variants.variant import Variant

GRACE_S = 2.0
"""Time between the interrupt and the end of a cell that goes on."""


AFTER = "after"
"""Label of a run that is made for the functions that it defines alone."""


Ended = list[tuple[Cell, str]]
"""Cells, each with the name of its exception; empty if there is none."""


class CellTimeout(Exception):
    """A cell took too long."""


def main() -> None:
    """Read the specification, run the notebook for each of its runs, and record to its file."""
    path = sys.argv[1]
    with open(path, encoding="utf-8") as file:  # noqa: PTH123 - as in the kernel
        spec: dict[str, Any] = json.load(file)
    spec["events_fd"] = _open_events(spec["events"])
    seed(spec["seed"], spec["threads"])

    shell = _shell()
    program = KernelProgram(shell, spec)
    runner = _ShellRunner(program, spec["cell_timeout_s"])
    cells: list[Cell] = list(spec["cells"])
    base_label = spec["base"]
    if base_label:
        cells = runner.run(base_label, cells, None, first=True)
    for label, inputs in spec["variants"]:
        runner.run(label, cells, inputs)

    after: list[Cell] = list(spec["after"])
    if after:
        runner.run(AFTER, after, None, first=True)


def _open_events(path: str) -> int:
    binary = getattr(os, "O_BINARY", 0)  # Windows only
    flags = os.O_WRONLY | os.O_APPEND
    return os.open(path, flags | binary)


def _shell() -> Any:
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.xmode = "Plain"
    config.InteractiveShell.colors = "NoColor"
    working_directory = os.getcwd()  # noqa: PTH109
    sys.path.append(working_directory)
    return InteractiveShell.instance(config=config)


class _ShellRunner:
    """Runs the cells of a notebook, each under a time limit."""

    def __init__(self, program: KernelProgram, cell_timeout_s: float) -> None:
        self._program = program
        self._cell_timeout_s = cell_timeout_s
        self._missed: dict[int, str | None] = {}
        """Per cell that failed for a missing name: the name."""
        self._served: set[int] = set()
        """Cells that ran again as soon as their name was there."""

    def run(
        self,
        label: str,
        cells: list[Cell],
        inputs: list[dict[str, Any]] | None,
        *,
        first: bool = False,
    ) -> list[Cell]:
        """Run cells in a new namespace.

        Args:
            label: name of the run.
            cells: the cells, in their order.
            inputs: other numbers in place of the data; None: the original data.
            first: run cells that missed a name again, then call the requested functions.

        Returns:
            The cells in the order they ran, without those that took too long.
        """
        variant = None
        if inputs is not None:
            variant = Variant(inputs, narrow=False)

        with ReplayScope(self._program, variant, label, marks_only=False):
            if first:
                ended = self._run_first(cells)
                self._program.ask_all(self._cell_timeout_s)
            else:
                ended = self._run_cells(cells)
            self._program.say_carried(variant)
        return [cell for cell, error in ended if error != CellTimeout.__name__]

    def _run_first(self, cells: list[Cell]) -> Ended:
        """Run all cells, and those that missed a name again: as soon as it is there, or at the end.

        `running/missed_names.py` says why; with Jupyter the cells run in the same order.
        """
        ended: Ended = []
        for position, cell in enumerate(cells, start=1):
            ended += self._run_cells([cell])
            to_come = [source for _, source in cells[position:]]
            while (served := self._next_served(cells, to_come)) is not None:
                self._served.add(served[0])
                ended += self._run_cells([served])

        last_ends = {index: error for (index, _), error in ended}
        missed = [cell for cell in cells if last_ends[cell[0]] == "NameError"]
        return ended + self._run_again(missed)

    def _next_served(self, cells: list[Cell], to_come: list[str]) -> Cell | None:
        """Find a cell that missed a name which is there now."""
        for index, source in cells:
            is_due = index not in self._served and source not in to_come
            if is_due and self._missed.get(index) in self._program.shell.user_ns:
                return index, source
        return None

    def _run_again(self, missed: list[Cell]) -> Ended:
        """Run the cells that missed a name, until none of them succeeds any more."""
        again: Ended = []
        while missed:
            repeated = self._run_cells(missed)
            again += repeated
            still_missed = _cells_that_missed(repeated)
            if len(still_missed) == len(missed):
                return again
            missed = still_missed
        return again

    def _run_cells(self, cells: list[Cell]) -> Ended:
        return [(cell, self._run_cell(cell)) for cell in cells]

    def _run_cell(self, cell: Cell) -> str:
        """Run a cell; return the name of the exception it raised, empty if none."""
        index, source = cell

        def say_late() -> None:
            self._program.say_ended(index, CellTimeout())

        with _Watch(self._cell_timeout_s, say_late) as watch:
            try:
                error = self._program.run(index, source)
            except KeyboardInterrupt as interrupt:  # it came between the cell and IPython
                error = interrupt

        if watch.late:
            error = CellTimeout()
        self._program.say_ended(index, error)
        self._missed.pop(index, None)
        if isinstance(error, NameError):
            self._missed[index] = error.name
        if error is None:
            return ""
        return type(error).__name__


def _cells_that_missed(ended: Ended) -> list[Cell]:
    """List the cells that missed a name."""
    return [cell for cell, error in ended if error == "NameError"]


class _Watch:
    """Interrupts code that takes too long, and ends the process if it continues."""

    def __init__(self, seconds: float, say_late: Callable[[], None]) -> None:
        self.late = False
        self._say_late = say_late
        self._timers = [
            threading.Timer(seconds, self._interrupt),
            threading.Timer(seconds + GRACE_S, self._end),
        ]

    def __enter__(self) -> _Watch:
        for timer in self._timers:
            timer.daemon = True
            timer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for timer in self._timers:
            timer.cancel()

    def _interrupt(self) -> None:
        self.late = True
        if os.name == "posix":
            process_id = os.getpid()
            os.kill(process_id, signal.SIGINT)  # wakes a sleep, as `interrupt_main` does not
        else:
            _thread.interrupt_main()

    def _end(self) -> None:
        self._say_late()
        os._exit(1)


if __name__ == "__main__":
    main()
