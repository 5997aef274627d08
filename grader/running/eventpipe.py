"""The recorder's pipe, as the grader sees it: drained always, parsed strictly, bounded."""

from __future__ import annotations

import contextlib
import os
import select
import struct
import threading
import time
from asyncio import sleep

from grader.running.recorder import FRAME
from grader.trace import Event

MAX_EVENT_BYTES = 1024 * 1024
MAX_TOTAL_BYTES, MAX_EVENTS = 16 * 1024 * 1024, 20_000
"""Of all events of a kernel, a hundred times what a notebook makes. SECURITY: as objects they are far larger."""
MAX_THINGS = 500_000
"""Numbers, names and pairs in them together. SECURITY: each takes a hundred bytes as an object, and two in JSON."""
TRUSTED_FACTOR = 16
"""The reference, its mistakes and the handout share a kernel, and are known to be honest."""
PIPE_BYTES = 1024 * 1024
HEADER_BYTES = len(FRAME) + 4


class EventPipe:
    """Drains the recorder's pipe in a thread of its own, so that a kernel never waits for the grader."""

    def __init__(self, *, trusted: bool = False) -> None:
        """Make the pipe.

        Args:
            trusted: what writes to it is known to be honest, and may write more.
        """
        factor = TRUSTED_FACTOR if trusted else 1
        self._most_bytes, self._most_events = factor * MAX_TOTAL_BYTES, factor * MAX_EVENTS
        self._most_things = factor * MAX_THINGS
        self._read_end, self.write_end = os.pipe()
        self._frames: list[bytes] = []
        self._taken = 0
        self._size = self._things = 0
        self._open = True
        # Held from before bytes leave the pipe until their events are here, so that an empty pipe means all are.
        self._reading = threading.Lock()
        # A whole event fits, so that no interrupt comes between two writes of one.
        with contextlib.suppress(ImportError, AttributeError, OSError):
            import fcntl

            fcntl.fcntl(self.write_end, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        self.truncated = False
        self.forged = 0
        self._thread = threading.Thread(target=self._drain, daemon=True)
        self._thread.start()

    def close_write_end(self) -> None:
        """Leave the write end to the kernel alone, so that its death ends the pipe."""
        if self.write_end >= 0:
            os.close(self.write_end)
            self.write_end = -1

    def _drain(self) -> None:
        buffer = bytearray()
        readable = select.poll()
        readable.register(self._read_end, select.POLLIN)
        while self._open:
            readable.poll()
            with self._reading:
                self._read(buffer)

    def _read(self, buffer: bytearray) -> None:
        chunk = os.read(self._read_end, 1 << 16)
        self._size += len(chunk)
        if not chunk:
            self._open = False
            os.close(self._read_end)
        elif self._size > self._most_bytes or len(self._frames) > self._most_events:
            self.truncated = True
        else:
            buffer += chunk
            self._cut(buffer)

    def _cut(self, buffer: bytearray) -> None:
        """Take whole frames off the front; what is not one is counted, and left out up to where the next begins."""
        while len(buffer) >= HEADER_BYTES:
            (length,) = struct.unpack(">I", buffer[len(FRAME) : HEADER_BYTES])
            inside = buffer.find(FRAME, HEADER_BYTES, HEADER_BYTES + length)
            if not buffer.startswith(FRAME) or length > MAX_EVENT_BYTES or inside >= 0:
                self.forged += 1
                following = buffer.find(FRAME, 1)
                del buffer[: following if following >= 0 else len(buffer) - 1]
                continue
            if len(buffer) < HEADER_BYTES + length:
                return
            if length == 0:
                self.truncated = True
            else:
                self._keep(bytes(buffer[HEADER_BYTES : HEADER_BYTES + length]))
            del buffer[: HEADER_BYTES + length]

    def _keep(self, frame: bytes) -> None:
        """Keep an event to be parsed, while all of them together hold few enough things."""
        self._things += frame.count(b",") + 1
        if self._things > self._most_things:
            self.truncated = True
        else:
            self._frames.append(frame)

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

    def take(self) -> list[Event]:
        """The events that came since the last call, parsed strictly; what does not parse is counted as forged."""
        frames = self._frames[self._taken :]
        self._taken += len(frames)
        events: list[Event] = []
        for frame in frames:
            try:
                events.append(Event.model_validate_json(frame))
            except ValueError:
                self.forged += 1
        return events

    def end(self) -> None:
        """Let the thread end: the kernel is gone."""
        self.close_write_end()
        self._thread.join(timeout=2.0)
