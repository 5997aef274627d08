"""Join a process's memory into huge pages, so that its forks copy short page tables. Linux only.

A process that imported torch has about 100,000 pages of its own. A fork copies the entry of each:
8 to 18 ms, and as much again when the child ends. In huge pages it is 3 ms and 4 ms.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from pathlib import Path

HUGE = 1 << 21
"""Bytes in a huge page."""

STEP = 16 * HUGE
"""Bytes that are joined at a time: about 0.1 s."""

OWN_MAPS = Path("/proc/self/maps")

NO_DEVICE = "00:00"
"""Device of memory that is not a file's."""

Region = tuple[int, int]
"""First address, and the one after the last."""

_ADVISE_HUGE = 14
"""MADV_HUGEPAGE of linux/mman.h."""

_COLLAPSE = 25
"""MADV_COLLAPSE, since Linux 6.1."""

_libc = ctypes.CDLL(None, use_errno=True)


def regions(maps: Path = OWN_MAPS) -> Iterator[Region]:
    """List the parts of this process's heap and anonymous memory, at most STEP bytes each.

    Args:
        maps: the file that lists a process's memory: see proc_pid_maps(5).
    """
    text = maps.read_text()
    for line in text.splitlines():
        span, *attributes = line.split(maxsplit=5)
        if _is_own_memory(attributes):
            yield from _steps(span)


def _is_own_memory(attributes: list[str]) -> bool:
    """Return whether memory is writable and private to this process.

    Args:
        attributes: rights, offset, device, inode and, if there is one, name.
    """
    rights, _offset, device, _inode, *name = attributes
    if "w" not in rights or "p" not in rights:
        return False
    if device != NO_DEVICE:
        return False
    return name in ([], ["[heap]"])


def _steps(span: str) -> Iterator[Region]:
    """Split the whole huge pages of a span, such as `7f00-7fff`, into steps."""
    addresses = span.split("-")
    low, high = (int(address, 16) for address in addresses)
    first_page = -(-low // HUGE)
    last_page = high // HUGE

    end = last_page * HUGE
    for start in range(first_page * HUGE, end, STEP):
        step_end = min(start + STEP, end)
        yield start, step_end


def collapse(start: int, end: int) -> bool:
    """Join the memory between two addresses; False if the system cannot."""
    address = ctypes.c_void_p(start)
    size = ctypes.c_size_t(end - start)

    if _libc.madvise(address, size, _ADVISE_HUGE) != 0:
        return False
    collapsed: int = _libc.madvise(address, size, _COLLAPSE)
    return collapsed == 0
