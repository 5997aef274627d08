"""Determine which limit a cell reached, from its exception or the kernel's end."""

from __future__ import annotations

import re
from collections.abc import Callable

from grader.trace import CellStatus, Limit

NO_MEMORY = re.compile(r"can't allocate memory|Cannot allocate memory|not enough memory|bad_alloc")
NO_ROOM = re.compile(
    r"No space left on device|File too large|Disk quota exceeded|Errno (28|27|122)\b"
    r"|inline_container.*unexpected pos|PytorchStreamWriter failed|\d+ requested and \d+ written"
)
NO_PROCESS = re.compile(r"can't start new thread|Resource temporarily unavailable|Errno 11\b")
NO_DESCRIPTOR = re.compile(r"Too many open files|Errno 24\b")


def limit_met(
    status: CellStatus, error: str, message: str, *, out_of_memory: Callable[[], bool]
) -> Limit:
    """Return the limit that a cell reached, other than those of time and output.

    Args:
        status: how the cell ended.
        error: type of the exception that it raised.
        message: message of the exception.
        out_of_memory: called if the kernel died: returns whether the system ended it for lack of
            memory.

    Returns:
        The limit; empty if it met none.
    """
    if status == "died":
        return "memory" if out_of_memory() else ""
    if error == "MemoryError" or NO_MEMORY.search(message):
        return "memory"
    if NO_ROOM.search(message):
        return "disk"
    if NO_PROCESS.search(message):
        return "processes"
    if NO_DESCRIPTOR.search(message):
        return "open-files"
    return ""
