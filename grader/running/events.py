"""Parse the recorder's bytes into events: strictly, and bounded. Their content is a claim."""

from __future__ import annotations

import contextlib
import os
import select
import threading
import time
from asyncio import sleep
from collections.abc import Sequence

from grader.kernel.recording.pipe import FRAME
from grader.trace import CellRun, Event, Run

MAX_EVENT_BYTES = 1024 * 1024

MAX_TOTAL_BYTES = 16 * 1024 * 1024
MAX_EVENTS = 20_000
"""Limits of all events of a kernel, a hundred times those of a usual notebook.

SECURITY: as objects they are far larger.
"""

MAX_THINGS = 500_000
"""Most numbers, names and pairs in the events of a kernel together.

SECURITY: each takes a hundred bytes as an object, and two in JSON.
"""

TRUSTED_FACTOR = 16
"""How much more the kernel that the reference, its mistakes and the handout share may write.

They are known to be honest.
"""

HEADER_BYTES = len(FRAME) + 4
PIPE_BYTES = 1024 * 1024
CHUNK_BYTES = 1 << 16
SETTLE_TIMEOUT_S = 2.0


class Frames:
    """The events of one kernel, parsed from its bytes."""

    def __init__(self, *, trusted: bool = False) -> None:
        """Initialise without bytes.

        Args:
            trusted: the writer is known to be honest, and may write more.
        """
        factor = TRUSTED_FACTOR if trusted else 1
        self._most_bytes = factor * MAX_TOTAL_BYTES
        self._most_events = factor * MAX_EVENTS
        self._most_things = factor * MAX_THINGS
        self._buffer = bytearray()
        self._frames: list[bytes] = []
        self._taken = 0
        self._size = 0
        self._things = 0
        self.truncated = False
        """Whether more came than is kept."""
        self.forged = 0
        """Number of received pieces that were no events."""

    def feed(self, chunk: bytes) -> None:
        """Append received bytes."""
        self._size += len(chunk)
        is_too_long = self._size > self._most_bytes
        if is_too_long or len(self._frames) > self._most_events:
            self.truncated = True
            return
        self._buffer += chunk
        self._cut(self._buffer)

    def _cut(self, buffer: bytearray) -> None:
        """Remove complete frames from the front; count and drop other bytes."""
        while len(buffer) >= HEADER_BYTES:
            length = int.from_bytes(buffer[len(FRAME) : HEADER_BYTES], "big")
            end = HEADER_BYTES + length
            if not _is_frame(buffer, length):
                self.forged += 1
                _drop_to_next_frame(buffer)
                continue
            if len(buffer) < end:
                return

            if length == 0:
                self.truncated = True
            else:
                self._keep(bytes(buffer[HEADER_BYTES:end]))
            del buffer[:end]

    def _keep(self, frame: bytes) -> None:
        """Keep an event for parsing, while all events together are below a limit of nodes."""
        self._things += frame.count(b",") + 1
        if self._things > self._most_things:
            self.truncated = True
        else:
            self._frames.append(frame)

    def take(self) -> list[Event]:
        """Parse the events since the last call, and count those that cannot be parsed."""
        frames = self._frames[self._taken :]
        self._taken += len(frames)
        events: list[Event] = []
        for frame in frames:
            try:
                events.append(Event.model_validate_json(frame))
            except ValueError:
                self.forged += 1
        return events


def _is_frame(buffer: bytearray, length: int) -> bool:
    """Return whether the buffer begins with a frame, possibly incomplete."""
    if not buffer.startswith(FRAME) or length > MAX_EVENT_BYTES:
        return False
    another_inside = buffer.find(FRAME, HEADER_BYTES, HEADER_BYTES + length) >= 0
    return not another_inside


def _drop_to_next_frame(buffer: bytearray) -> None:
    following = buffer.find(FRAME, 1)
    # The last byte stays: a frame may begin with it.
    end = following if following >= 0 else len(buffer) - 1
    del buffer[:end]


class EventPipe(Frames):
    """Drains the recorder's pipe in a thread, so that a kernel never waits for it."""

    def __init__(self, *, trusted: bool = False) -> None:
        """Create the pipe.

        Args:
            trusted: the writer is known to be honest, and may write more.
        """
        super().__init__(trusted=trusted)
        self._read_end, self.write_end = os.pipe()
        self._open = True
        # Held from before bytes leave the pipe until their events are here: so an empty pipe means
        # that all events are here.
        self._reading = threading.Lock()
        _enlarge(self.write_end)
        self._thread = threading.Thread(target=self._drain, daemon=True)
        self._thread.start()

    def close_write_end(self) -> None:
        """Close the write end here, so that the kernel's death ends the pipe."""
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
        chunk = os.read(self._read_end, CHUNK_BYTES)
        if chunk:
            self.feed(chunk)
        else:
            self._open = False
            os.close(self._read_end)

    async def settle(self) -> None:
        """Wait until the kernel's bytes are read: until the pipe is empty, or for two seconds."""
        deadline = time.monotonic() + SETTLE_TIMEOUT_S
        while self._has_unread() and time.monotonic() < deadline:
            await sleep(0.002)

    def _has_unread(self) -> bool:
        """Return whether the pipe has bytes that the thread has not read yet."""
        with self._reading:
            readable = select.poll()
            if self._open:
                readable.register(self._read_end, select.POLLIN)
            ready = readable.poll(0)
        return any(event & select.POLLIN for _, event in ready)

    def end(self) -> None:
        """Let the thread end: the kernel has ended."""
        self.close_write_end()
        self._thread.join(timeout=2.0)


def _enlarge(pipe: int) -> None:
    """Enlarge a pipe so that a whole event fits: no interrupt then splits a write."""
    with contextlib.suppress(ImportError, AttributeError, OSError):
        import fcntl

        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, PIPE_BYTES)


def run_from(label: str, events: Sequence[Event], cells: Sequence[CellRun] = ()) -> Run:
    """Build a run from its events.

    Args:
        label: label of the run.
        events: its events, `ended` and `input` among them.
        cells: how its cells ended, where that is known better than from `ended` events.
    """
    carried: dict[str, bool] = {}
    problem = ""
    kept: list[Event] = []
    ended: list[CellRun] = []
    for event in events:
        if event.kind == "input":
            carried |= _carried_inputs(event)
            problem = event.text[:400]
        elif event.kind == "ended":
            ended.append(_ended_cell(event))
        else:
            kept.append(event)
    return Run(
        label=label,
        cells=tuple(cells or ended),
        events=tuple(kept),
        carried=carried,
        problem=problem,
    )


def _carried_inputs(event: Event) -> dict[str, bool]:
    """Read from a variant's `input` event which inputs its run met, by name."""
    carried = {}
    for name, value in event.values.items():
        if value.kind == "bool":
            carried[name] = bool(value.value)
    return carried


def _ended_cell(event: Event) -> CellRun:
    error, _, message = event.text.partition(": ")
    return CellRun(
        cell=event.cell,
        status="error" if error else "ok",
        error=error[:100],
        message=message[:300],
    )
