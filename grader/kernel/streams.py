"""Bound what a cell prints and shows, without ending it. Runs inside the student's kernel.

What is too much is left out, and the cell goes on. The host has bounds of its own behind these, for
a kernel that goes around them.
"""

from __future__ import annotations

import os
import sys
from typing import Any

from grader.kernel.recorder import Recorder

MAX_MESSAGES = 2_000
"""Most displays of one cell."""

MAX_FLUSHES = 200
"""Most times that a cell has a stream flushed, as `logging` does after each line.

A busy host that hears thousands of messages late would take the cell for one that never ended.
"""


class OutputLimit:
    """Counts the output of one cell; notes once that some of it was left out."""

    def __init__(self, recorder: Recorder, kib: int) -> None:
        """Take what records, and how much a cell may write, in units of 1024 characters."""
        self.hidden = False
        """Whether nobody sees the output, as that of a replay."""
        self._recorder = recorder
        self._kib = kib
        self.begin()

    def begin(self) -> None:
        """Count anew, for another cell."""
        self._characters = self._kib * 1024
        self._messages = MAX_MESSAGES
        self._flushes = MAX_FLUSHES
        self._noted = False

    def grant(self, size: int) -> int:
        """Return how many of so many characters may be written."""
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
        """Count a flush; return whether it may be done: each one is a message to the host.

        What is written goes out soon without it.
        """
        self._flushes -= 1
        return self._flushes >= 0 and not self.hidden

    def note_cut(self) -> None:
        """Note that output of this cell was left out."""
        if not self._noted:
            self._noted = True
            self._recorder.note(f"output {self._kib} KiB")


def listen(recorder: Recorder, limit: OutputLimit) -> None:
    """Make the recorder hear what is printed, and bound standard output and error."""
    _bound(sys.stdout, recorder, limit, record=True)
    _bound(sys.stderr, recorder, limit, record=False)


def _bound(stream: Any, recorder: Recorder, limit: OutputLimit, *, record: bool) -> None:
    """Bound one stream of this process; what a child of it prints is not shown."""
    plain_write = stream.write
    plain_flush = stream.flush
    pid = os.getpid()

    def write(text: str) -> Any:
        if not isinstance(text, str):
            return plain_write(text)
        text = str.__str__(text)  # a subclass may say anything of its length
        size = len(text)
        if os.getpid() != pid:
            return size  # ipykernel would send each line of a child's by itself, for nobody to read
        if record:
            recorder.hold_printed(text)
        granted = limit.grant(size)
        if granted:
            plain_write(text[:granted])
        return size

    def flush() -> None:
        if os.getpid() == pid and limit.grants_flush():
            plain_flush()

    stream.write = write
    stream.flush = flush
