"""Names the limit that a cell met, by what it raised or by how its kernel ended."""

from __future__ import annotations

import re
from collections.abc import Callable

from grader.trace import CellStatus, Limit

NO_MEMORY = re.compile(r"can't allocate memory|Cannot allocate memory|not enough memory|bad_alloc")
NO_ROOM = re.compile(
    r"No space left on device|File too large|Disk quota exceeded|Errno (28|27|122)\b"
)
NO_PROCESS = re.compile(r"can't start new thread|Resource temporarily unavailable|Errno 11\b")
NO_DESCRIPTOR = re.compile(r"Too many open files|Errno 24\b")


def limit_met(
    status: CellStatus, error: str, message: str, *, out_of_memory: Callable[[], bool]
) -> Limit:
    """The limit that a cell met, beside those of time and output; empty if none.

    Args:
        status: how it ended.
        error: type of what it raised.
        message: its message.
        out_of_memory: asked of a kernel that died: whether the system ended it for want of memory.
    """
    if status == "died":
        return "memory" if out_of_memory() else ""
    if error == "MemoryError" or NO_MEMORY.search(message):
        return "memory"
    if NO_ROOM.search(message):
        return "disk"
    if NO_PROCESS.search(message):
        return "processes"
    return "open-files" if NO_DESCRIPTOR.search(message) else ""
