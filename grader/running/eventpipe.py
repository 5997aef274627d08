"""The recorder's pipe, as the grader sees it: drained always."""

from __future__ import annotations

import contextlib
import os
import select
import threading
import time
from asyncio import sleep

from grader.running.frames import Frames

PIPE_BYTES = 1024 * 1024


class EventPipe(Frames):
    """Drains the recorder's pipe in a thread of its own, so that a kernel never waits for the grader."""

    def __init__(self, *, trusted: bool = False) -> None:
        """Make the pipe.

        Args:
            trusted: what writes to it is known to be honest, and may write more.
        """
        super().__init__(trusted=trusted)
        self._read_end, self.write_end = os.pipe()
        self._open = True
        # Held from before bytes leave the pipe until their events are here, so that an empty pipe means all are.
        self._reading = threading.Lock()
        # A whole event fits, so that no interrupt comes between two writes of one.
        with contextlib.suppress(ImportError, AttributeError, OSError):
            import fcntl

            fcntl.fcntl(self.write_end, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        self._thread = threading.Thread(target=self._drain, daemon=True)
        self._thread.start()

    def close_write_end(self) -> None:
        """Leave the write end to the kernel alone, so that its death ends the pipe."""
        if self.write_end >= 0:
            os.close(self.write_end)
            self.write_end = -1

    def _drain(self) -> None:
        readable = select.poll()
        readable.register(self._read_end, select.POLLIN)
        while self._open:
            readable.poll()
            with self._reading:
                self._read()

    def _read(self) -> None:
        chunk = os.read(self._read_end, 1 << 16)
        if chunk:
            self.feed(chunk)
        else:
            self._open = False
            os.close(self._read_end)

    async def settle(self) -> None:
        """Wait until what the kernel has written is here: until the pipe is empty, or for two seconds."""
        deadline = time.monotonic() + 2.0
        while self._waiting() and time.monotonic() < deadline:
            await sleep(0.002)

    def _waiting(self) -> bool:
        """Whether bytes lie in the pipe that the thread has not read yet."""
        with self._reading:
            readable = select.poll()
            if self._open:
                readable.register(self._read_end, select.POLLIN)
            return any(event & select.POLLIN for _, event in readable.poll(0))

    def end(self) -> None:
        """Let the thread end: the kernel is gone."""
        self.close_write_end()
        self._thread.join(timeout=2.0)
