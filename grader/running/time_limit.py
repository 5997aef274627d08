"""Limit a kernel's time without counting the time it waits on a busy machine.

The same notebook must get the same verdict on a loaded machine. Linux reports how long a process
was ready to run without a processor; elsewhere, all time counts.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

PATIENCE = 4
"""The limit is reached after so many times as much time in any case."""

Waited = Callable[[], float]
"""Returns how long a kernel has waited for a processor so far, in seconds."""


def processor_wait_s(pid: int | None) -> float:
    """Return how long the main thread of a process waited for a processor, in seconds.

    Args:
        pid: its number; None: it is not known.

    Returns:
        The time, 0 if the system does not report it.

    Source: https://docs.kernel.org/scheduler/sched-stats.html, `/proc/<pid>/schedstat`: time on the
    processor and time on the run queue, in nanoseconds.
    """
    try:
        file = Path(f"/proc/{pid}/schedstat")
        text = file.read_text()
        _, waited_ns, *_ = text.split()
        return int(waited_ns) / 1e9
    except (OSError, ValueError):
        return 0.0


def processor_time_s(pid: int | None) -> float:
    """Return how long all threads of a process used a processor, in seconds.

    Args:
        pid: its number; None: it is not known.

    Returns:
        The time, 0 if the system does not report it.

    Source: https://docs.kernel.org/filesystems/proc.html, `/proc/<pid>/stat`: `utime` and `stime`
    are the 12th and 13th field behind the name of the program, in ticks of the clock.
    """
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
        _, _, fields = text.rpartition(")")
        user, system = fields.split()[11:13]
        ticks = int(user) + int(system)
        return ticks / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError):
        return 0.0


class TimeLimit:
    """A time limit that starts now."""

    def __init__(
        self, limit_s: float, waited: Waited, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Initialise with the limit, and a function for the kernel's time of waiting for a
        processor.
        """
        self._limit_s = limit_s
        self._waited = waited
        self._clock = clock
        self._is_used_up = False
        self._began = clock()
        self._waited_before_s = waited()

    def spent_s(self) -> float:
        """Return the time that counts so far: all but the time spent waiting for a processor."""
        elapsed_s = self._clock() - self._began
        waited_s = self._waited() - self._waited_before_s
        own_s = elapsed_s - max(0.0, waited_s)
        return max(own_s, elapsed_s / PATIENCE)

    def remaining_s(self) -> float:
        """Return the remaining time; negative once the limit is exceeded."""
        if self._is_used_up:
            return 0.0
        return self._limit_s - self.spent_s()

    def is_over(self) -> bool:
        """Return whether the limit is reached."""
        elapsed_s = self._clock() - self._began
        return elapsed_s > self._limit_s and self.spent_s() > self._limit_s

    def use_up(self) -> None:
        """Set the remaining time to 0, because another limit was reached.

        Linux counts a wait only once it has ended, so that some of it may seem to be left after
        all.
        """
        self._is_used_up = True
