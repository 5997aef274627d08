"""Interrupt our own work on one student's file if it takes too much processor time.

It works in the main thread of Unix systems, where a signal can interrupt any computation, including
a regular expression search. Elsewhere nothing is interrupted: classes are not graded there.
"""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType

AGAIN_S = 1.0
"""Seconds after which the signal comes again: the interrupted code may catch the exception."""


class WorkTooLong(Exception):
    """Work on a file takes longer than it does for any honest one.

    Attributes:
        seconds: the processor time that it was given.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(f"more than {seconds:g} s of processor time")


@contextlib.contextmanager
def within(seconds: float) -> Iterator[None]:
    """Limit the processor time of a `with` statement, which must not wait.

    Args:
        seconds: the most processor time of this process that it may take.

    Raises:
        WorkTooLong: it took longer, and was interrupted.
    """
    if not _can_be_bounded():
        yield
        return

    is_running = True

    def break_off(_number: int, _frame: FrameType | None) -> None:
        if is_running:
            raise WorkTooLong(seconds)

    before = signal.signal(signal.SIGPROF, break_off)
    signal.setitimer(signal.ITIMER_PROF, seconds, AGAIN_S)
    try:
        yield
    finally:
        is_running = False
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _can_be_bounded() -> bool:
    is_main_thread = threading.current_thread() is threading.main_thread()
    return is_main_thread and hasattr(signal, "setitimer")
