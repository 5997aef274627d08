"""Pass printed text to the recorder, and limit the output of a cell. Runs in the student's kernel.

Output beyond the limit is dropped, and the cell continues. The host has its own limits for kernels
that bypass these.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

from grader.kernel.recording.recorder import Recorder

MAX_MESSAGES = 2_000
"""Most displays of one cell."""

MAX_FLUSHES = 200
"""Most times that a cell has a stream flushed, as `logging` does after each line.

A busy host that hears thousands of messages late would take the cell for one that never ended.
"""


class OutputLimit:
    """Counts the output of one cell; notes once that some was dropped."""

    def __init__(self, recorder: Recorder, kib: int) -> None:
        """Initialise with the recorder, and a cell's output limit in units of 1024 characters."""
        self.hidden = False
        """Whether nobody sees the output, as that of a replay."""
        self.when_begun: list[Callable[[], None]] = []
        """Called when another cell begins."""
        self._recorder = recorder
        self._kib = kib
        self.begin()

    def begin(self) -> None:
        """Reset the count for the next cell."""
        self._characters = self._kib * 1024
        self._messages = MAX_MESSAGES
        self._flushes = MAX_FLUSHES
        self._noted = False
        for act in self.when_begun:
            act()

    def grant(self, size: int) -> int:
        """Return how many of some characters may be written."""
        if self.hidden:
            return 0
        granted = min(size, self._characters)
        self._characters -= granted
        if granted < size:
            self.note_cut()
        return granted

    def grants_message(self) -> bool:
        """Count a display; return whether it may be sent."""
        if self.hidden:
            return False
        self._messages -= 1
        if self._messages < 0:
            self.note_cut()
        return self._messages >= 0

    def grants_flush(self) -> bool:
        """Count a flush; return whether it may happen: each one is a message to the host.

        Output is sent soon without it.
        """
        self._flushes -= 1
        return self._flushes >= 0 and not self.hidden

    def note_cut(self) -> None:
        """Note that output of this cell was dropped."""
        if not self._noted:
            self._noted = True
            self._recorder.note(f"output {self._kib} KiB")


def listen(recorder: Recorder, limit: OutputLimit) -> None:
    """Pass printed text to the recorder, and limit standard output and error."""
    _bound(sys.stdout, recorder, limit, record=True)
    _bound(sys.stderr, recorder, limit, record=False)


def _bound(stream: Any, recorder: Recorder, limit: OutputLimit, *, record: bool) -> None:
    """Limit one stream of this process; output of child processes is not shown."""
    plain_write = stream.write
    plain_flush = stream.flush
    pid = os.getpid()
    is_closed = False

    def reopen() -> None:
        nonlocal is_closed
        is_closed = False

    def write(text: str) -> Any:
        nonlocal is_closed
        if is_closed and type(text) is str:  # a cell may print millions of lines
            return len(text)
        if type(text) is not str:
            if not isinstance(text, str):
                return plain_write(text)
            text = str.__str__(text)  # a subclass may say anything of its length
        size = len(text)
        if os.getpid() != pid:
            return size  # ipykernel would send each line of a child's by itself, for nobody to read
        has_room = record and recorder.hold_printed(text)
        granted = limit.grant(size)
        if granted:
            plain_write(text[:granted])
        elif size and not has_room:
            is_closed = True
        return size

    def flush() -> None:
        if os.getpid() == pid and limit.grants_flush():
            plain_flush()

    stream.write = write
    stream.flush = flush
    limit.when_begun.append(reopen)
    if record:
        recorder.printed.when_taken.append(reopen)
