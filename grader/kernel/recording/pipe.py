"""Send events from the kernel to the host, over one pipe. Runs inside the student's kernel."""

from __future__ import annotations

import json
import os
import struct
import threading
from typing import Any

FRAME = b"\xff\xfe"
"""Begins each frame on the pipe.

No byte of it occurs in UTF-8, so the host finds the next frame after damage.
"""

MAX_EVENT_BYTES = 256 * 1024
"""An event of more bytes is sent without its values and its text."""


EventData = dict[str, Any]
"""A `grader.trace.Event` as JSON has it."""


class Pipe:
    """Sends each event in a length-prefixed frame, under a lock, and from this process only."""

    def __init__(self, descriptor: int, max_bytes: int) -> None:
        """Initialise with the pipe's write end, and the number of bytes after which to stop."""
        os.set_inheritable(descriptor, False)
        self._descriptor = descriptor
        # Reentrant: a signal handler or a `__del__` of the student's may run a probe while an event
        # is written.
        self._lock = threading.RLock()
        self._pid = os.getpid()
        self._remaining_bytes = max_bytes

    def send(self, event: EventData) -> None:
        """Send an event.

        Silent in a forked child, which shares the pipe, and once the limit is reached: an empty
        frame says so.
        """
        if os.getpid() != self._pid or self._remaining_bytes < 0:
            return

        data = _encoded(event)
        if len(data) > MAX_EVENT_BYTES:
            data = _encoded({**event, "values": {}, "text": ""})

        with self._lock:
            self._remaining_bytes -= len(data)
            if self._remaining_bytes < 0:
                data = b""
            self._write(data)

    def _write(self, data: bytes) -> None:
        length = struct.pack(">I", len(data))
        frame = FRAME + length + data
        while frame:
            written = os.write(self._descriptor, frame)
            frame = frame[written:]


def _encoded(event: EventData) -> bytes:
    text = json.dumps(
        event,
        separators=(",", ":"),
        allow_nan=False,
        ensure_ascii=False,
    )
    return text.encode("utf-8", "replace")
