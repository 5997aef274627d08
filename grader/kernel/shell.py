"""Runs a notebook in an IPython shell without Jupyter: how a student's own machine checks it.

`python -m grader.kernel.shell SPEC` where SPEC is the path of a JSON file (see `local.py`) with no answer in it.
Standard library and IPython only, on every system. Nothing seals it off: the notebook is its owner's.
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

from grader.kernel.program import KernelProgram, ReplayScope, seed
from grader.kernel.substitution import Substitution

GRACE_S = 2.0
"""Time between the interrupt and the end of a cell that goes on."""

Cells = list[tuple[int, str]]


class CellTimeout(Exception):
    """A cell took too long."""


def main() -> None:
    """Read the specification, run the notebook as often as it says, and write what was recorded to its file."""
    with open(sys.argv[1], encoding="utf-8") as file:  # noqa: PTH123 - as in the kernel
        spec: dict[str, Any] = json.load(file)
    flags = os.O_WRONLY | os.O_APPEND | getattr(os, "O_BINARY", 0)
    spec["events_fd"] = os.open(spec["events"], flags)
    seed(spec["seed"], spec["threads"])
    shell = _shell()
    runner = _Runner(KernelProgram(shell, spec), spec["cell_timeout_s"])
    order: Cells = [(cell, source) for cell, source in spec["cells"]]
    if spec["base"]:
        order = runner.run(spec["base"], order, None, first=True)
    for label, inputs in spec["variants"]:
        runner.run(label, order, inputs)


def _shell() -> Any:
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.xmode = "Plain"
    config.InteractiveShell.colors = "NoColor"
    sys.path.append(os.getcwd())  # noqa: PTH109
    return InteractiveShell.instance(config=config)


class _Runner:
    """Runs the cells of a notebook, each under a limit of time."""

    def __init__(self, conductor: KernelProgram, cell_timeout_s: float) -> None:
        self._conductor = conductor
        self._cell_timeout_s = cell_timeout_s

    def run(
        self, label: str, cells: Cells, inputs: list[dict[str, Any]] | None, *, first: bool = False
    ) -> Cells:
        """Run cells in a new namespace.

        Args:
            label: name of the run.
            cells: index and source of each, in their order.
            inputs: other numbers in place of the data; None: as it is.
            first: run a cell that missed a name once more at the end, then call the functions that are asked for.

        Returns:
            The cells in the order they ran, without those that took too long.
        """
        substitution = Substitution(inputs, narrow=False) if inputs is not None else None
        with ReplayScope(self._conductor, substitution, label, marks_only=False):
            ended = [(one, self._cell(one)) for one in cells]
            if first:
                ended += [
                    (one, self._cell(one)) for one, error in tuple(ended) if error == "NameError"
                ]
                for number in range(len(self._conductor.spec["questions"])):
                    self._conductor.ask(number, self._cell_timeout_s)
            self._conductor.say_carried(substitution)
        return [one for one, error in ended if error != CellTimeout.__name__]

    def _cell(self, one: tuple[int, str]) -> str:
        """Run a cell; the name of what it raised, empty if nothing."""
        cell, source = one
        with _Watch(
            self._cell_timeout_s, lambda: self._conductor.say_ended(cell, CellTimeout())
        ) as watch:
            try:
                error = self._conductor.run(cell, source)
            except KeyboardInterrupt as interrupt:  # it came between the cell and IPython
                error = interrupt
        error = CellTimeout() if watch.late else error
        self._conductor.say_ended(cell, error)
        return type(error).__name__ if error else ""


class _Watch:
    """Interrupts what takes too long, and ends the process if it goes on."""

    def __init__(self, seconds: float, tell: Callable[[], None]) -> None:
        self.late = False
        self._tell = tell
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
            os.kill(os.getpid(), signal.SIGINT)  # wakes a sleep, as `interrupt_main` does not
        else:
            _thread.interrupt_main()

    def _end(self) -> None:
        self._tell()
        os._exit(1)


if __name__ == "__main__":
    main()
