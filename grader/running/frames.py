"""Cuts the recorder's bytes into events: parsed strictly, bounded. What is in them is a claim."""

from __future__ import annotations

import struct

from grader.running.recorder import FRAME
from grader.trace import Event

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
