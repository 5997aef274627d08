"""Cuts the recorder's bytes into events: parsed strictly, bounded. What is in them is a claim."""

from __future__ import annotations

import contextlib
import os
import select
import struct
import threading
import time
from asyncio import sleep
from collections.abc import Iterable, Iterator, Sequence

from grader.kernel.recorder import FRAME
from grader.trace import CellRun, Event, Run

MAX_EVENT_BYTES = 1024 * 1024
MAX_TOTAL_BYTES, MAX_EVENTS = 16 * 1024 * 1024, 20_000
"""Of all events of a kernel, a hundred times what a notebook makes. SECURITY: as objects they are far larger."""
MAX_THINGS = 500_000
"""Numbers, names and pairs in them together. SECURITY: each takes a hundred bytes as an object, and two in JSON."""
TRUSTED_FACTOR = 16
"""The reference, its mistakes and the handout share a kernel, and are known to be honest."""
HEADER_BYTES = len(FRAME) + 4


class Frames:
    """The events of one kernel, as its bytes come in."""

    def __init__(self, *, trusted: bool = False) -> None:
        """Begin with nothing.

        Args:
            trusted: what writes them is known to be honest, and may write more.
        """
        factor = TRUSTED_FACTOR if trusted else 1
        self._most_bytes, self._most_events = factor * MAX_TOTAL_BYTES, factor * MAX_EVENTS
        self._most_things = factor * MAX_THINGS
        self._buffer = bytearray()
        self._frames: list[bytes] = []
        self._taken = 0
        self._size = self._things = 0
        self.truncated = False
        """More came than is kept."""
        self.forged = 0
        """How much of what came was no event."""

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes."""
        self._size += len(chunk)
        if self._size > self._most_bytes or len(self._frames) > self._most_events:
            self.truncated = True
        else:
            self._buffer += chunk
            self._cut(self._buffer)

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


def run_from(label: str, events: Sequence[Event], cells: Sequence[CellRun] = ()) -> Run:
    """A run from its events.

    Args:
        label: its label.
        events: those that came of it, `ended` and `input` among them.
        cells: how its cells ended, where that is known better than from `ended` events.
    """
    carried = {
        name: bool(value.value)
        for event in events
        if event.kind == "input"
        for name, value in event.values.items()
        if value.kind == "bool"
    }
    kept = tuple(event for event in events if event.kind not in ("ended", "input"))
    return Run(
        label=label, cells=tuple(cells) or tuple(_ended(events)), events=kept, carried=carried
    )


def _ended(events: Iterable[Event]) -> Iterator[CellRun]:
    for event in events:
        if event.kind == "ended":
            error, _, message = event.text.partition(": ")
            yield CellRun(
                cell=event.cell,
                status="error" if error else "ok",
                error=error[:100],
                message=message[:300],
            )
