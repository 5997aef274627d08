"""Run `await` in replayed cells. Runs inside the student's kernel.

ipykernel awaits a cell in its own event loop. A replay is one request within that loop, which
cannot wait for itself, so each replay has its own loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import sys
import types
from collections.abc import Coroutine, Sequence
from typing import Any

TURNS = 100
"""Turns of the loop after a cell, for the tasks that it left behind."""

NEST = "nest_asyncio"
"""Lets `asyncio.run` run within a cell. Colab has it; Jupyter has its successor."""

NEST_SUCCESSOR = "nest_asyncio2"


def find_nest_asyncio() -> None:
    """Make `import nest_asyncio` find its successor if only that is installed."""
    finder = _NestFinder()
    sys.meta_path.append(finder)


class _NestFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds `nest_asyncio`, after all other finders."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Find the module by its old name."""
        if fullname != NEST or importlib.util.find_spec(NEST_SUCCESSOR) is None:
            return None
        return importlib.machinery.ModuleSpec(fullname, self)

    def exec_module(self, module: types.ModuleType) -> None:
        """Fill the module with the members of its successor."""
        successor = importlib.import_module(NEST_SUCCESSOR)
        module.__dict__["apply"] = successor.apply


class ReplayLoop:
    """An event loop that replaces the running one while cells are replayed."""

    def __init__(self, shell: Any) -> None:
        """Initialise with the shell that runs the cells."""
        self._shell = shell
        self._loop = asyncio.new_event_loop()
        self._outer: asyncio.AbstractEventLoop | None = None
        self._plain_runner: Any = None

    def __enter__(self) -> ReplayLoop:
        self._outer = asyncio._get_running_loop()
        self._plain_runner = self._shell.loop_runner
        self._shell.loop_runner = self.complete
        asyncio._set_running_loop(self._loop)
        return self

    def __exit__(self, *_error: object) -> None:
        asyncio._set_running_loop(None)
        with contextlib.suppress(Exception):
            self._end_tasks()
        self._loop.close()
        asyncio._set_running_loop(self._outer)
        self._shell.loop_runner = self._plain_runner

    def complete(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """Run a coroutine to its end; IPython calls this for a cell with `await`."""
        asyncio._set_running_loop(None)
        try:
            return self._loop.run_until_complete(coroutine)
        finally:
            asyncio._set_running_loop(self._loop)

    def turn(self) -> None:
        """Run the tasks that a cell has left behind."""
        for _ in range(TURNS):
            if not asyncio.all_tasks(self._loop):
                return
            self.complete(asyncio.sleep(0))

    def _end_tasks(self) -> None:
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        if tasks:
            together = asyncio.gather(*tasks, return_exceptions=True)
            self._loop.run_until_complete(together)
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
