"""What this machine has to run notebooks with: cores, and memory. Reads `/proc` and cgroups, version 1 or 2."""

from __future__ import annotations

import contextlib
import math
import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

ROOT = Path("/")
CGROUPS = "sys/fs/cgroup"


def cores(root: Path = ROOT) -> int:
    """How many processors' time this process may use.

    Args:
        root: folder that holds `proc` and `sys`.

    Returns:
        Those it may run on, bounded by the quota of its cgroup and of those above, rounded up; at least 1.
    """
    usable = (
        len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    )
    return max(1, min([usable, *(math.ceil(quota) for quota in _quotas(root))]))


def available_memory_mib(root: Path = ROOT) -> int | None:
    """How much memory can be had now without swapping, in MiB.

    Args:
        root: folder that holds `proc` and `sys`.

    Returns:
        `MemAvailable`, bounded by what the cgroup of this process and those above leave of their limits; None where
        the system does not say.
    """
    available = _numbers(root / "proc/meminfo").get("MemAvailable:")
    if available is None:
        return None
    return max(0, min([available << 10, *_rooms(root)])) >> 20


def _quotas(root: Path) -> Iterator[float]:
    """Most processors that each cgroup may use the time of, where it has a limit."""
    for group in _groups(root, "cpu"):
        with contextlib.suppress(OSError, ValueError, ZeroDivisionError):
            if (group / "cpu.max").exists():
                quota, period = (group / "cpu.max").read_text().split()
            else:
                quota, period = (
                    (group / f"cpu.cfs_{name}_us").read_text() for name in ("quota", "period")
                )
            if float(quota) > 0:  # "max" is no number, and -1 in version 1 means the same
                yield float(quota) / float(period)


def _rooms(root: Path) -> Iterator[int]:
    """Bytes that each cgroup leaves of its limit, where it has one."""
    for group in _groups(root, "memory"):
        unified = (group / "memory.max").exists()
        limit, usage = ("max", "current") if unified else ("limit_in_bytes", "usage_in_bytes")
        # What files were read lately counts as used, and is given back when memory is wanted.
        given_back = _numbers(group / "memory.stat").get(
            "inactive_file" if unified else "total_inactive_file", 0
        )
        with contextlib.suppress(OSError, ValueError):
            used = int((group / f"memory.{usage}").read_text()) - given_back
            yield int((group / f"memory.{limit}").read_text()) - max(0, used)


def _groups(root: Path, controller: str) -> Iterator[Path]:
    """The folders of the cgroup of this process and of those above; the last is where cgroups are mounted."""
    unified = (root / CGROUPS / "cgroup.controllers").exists()
    mounted = root / CGROUPS if unified else root / CGROUPS / controller
    path = PurePosixPath(_own_group(root, "" if unified else controller))
    if ".." in path.parts:  # it lies outside of what this cgroup namespace shows
        path = PurePosixPath("/")
    for group in (path, *path.parents):
        yield mounted / str(group).lstrip("/")


def _own_group(root: Path, controller: str) -> str:
    """The path of the cgroup of this process for a controller; empty controller: of version 2."""
    with contextlib.suppress(OSError):
        for line in (root / "proc/self/cgroup").read_text().splitlines():
            _, _, rest = line.partition(":")
            controllers, _, path = rest.partition(":")
            if controller in controllers.split(","):
                return path
    return "/"


def _numbers(file: Path) -> dict[str, int]:
    """Names and numbers of a file that has one of each to a line; nothing if there is no such file."""
    try:
        lines = file.read_text().splitlines()
    except OSError:
        return {}
    pairs = (line.split() for line in lines)
    return {pair[0]: int(pair[1]) for pair in pairs if len(pair) >= 2 and pair[1].isdigit()}
