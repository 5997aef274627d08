"""End a cell, even one that catches every exception. Runs in the student's kernel.

`while True: try: … except: …` continues after an interrupt within the `try`, and ends after one
elsewhere. So the exception that ends a cell is raised again in each handler that catches
everything.
"""

from __future__ import annotations

import asyncio
import builtins
import contextlib
import signal
import types
from collections.abc import Callable
from typing import Any

from grader.kernel.recording.instrument import LEAVE_NAME
from grader.kernel.recording.namespaces import frame_in

MakeError = Callable[[], BaseException]
"""Creates the exception that ends a cell."""


class CellEnd:
    """Knows whether the running cell has to end."""

    def __init__(self, shell: Any) -> None:
        """Initialise with the shell that runs the cells."""
        self.running = False
        """Whether a cell runs."""
        self._shell = shell
        self._make_error: MakeError | None = None
        self._plain_handler: Any = None
        setattr(builtins, LEAVE_NAME, self.leave)

    def begin(self) -> None:
        """Begin a cell: from now on an interrupt ends it."""
        self.running = True
        self._make_error = None
        try:
            self._plain_handler = signal.signal(signal.SIGINT, self._handle_interrupt)
        except ValueError:  # not the main thread, which gets all signals
            self._plain_handler = None

    def finish(self) -> None:
        """Restore the signal handler from before the cell."""
        self.running = False
        self._make_error = None
        if self._plain_handler is not None:
            signal.signal(signal.SIGINT, self._plain_handler)
            self._plain_handler = None

    def end(self, make_error: MakeError) -> None:
        """End the cell with an error: raise it now, and again wherever it is caught.

        Args:
            make_error: creates the error, which must not be an `Exception`: a handler of those
                would catch it.
        """
        self._make_error = make_error
        raise make_error()

    def leave(self) -> None:
        """Raise again the error that ends the cell; called in handlers that catch everything."""
        if self._make_error is not None:
            raise self._make_error()

    def _handle_interrupt(self, number: int, frame: types.FrameType | None) -> None:
        """End the cell; the signal handler for the host's interrupt."""
        plain = self._plain_handler
        if callable(plain) and plain is not signal.default_int_handler and not self._in_cell(frame):
            self._make_error = KeyboardInterrupt
            plain(number, frame)  # ipykernel's own: it cancels a cell that awaits something
            _wake_loop()
            return
        self.end(KeyboardInterrupt)

    def _in_cell(self, frame: types.FrameType | None) -> bool:
        """Return whether the cell itself is running, rather than the loop or a task of the cell.

        An exception there would end the loop, and the kernel with it.
        """
        frame = frame_in(self._shell.user_ns, frame)
        run_code = type(self._shell).run_code.__code__
        while frame is not None and frame.f_code is not run_code:
            frame = frame.f_back
        return frame is not None


def _wake_loop() -> None:
    """Wake the event loop, which does not notice the interrupt of ipykernel's handler."""
    with contextlib.suppress(RuntimeError):
        loop = asyncio.get_running_loop()
        loop.call_soon_threadsafe(_do_nothing)


def _do_nothing() -> None:
    pass
