"""Hold the output of a sealed kernel to its descriptors 1 and 2, in memory of a fixed size.

SECURITY: through a file of ours, a kernel could fill the machine's disk.
"""

from __future__ import annotations

import fcntl
import os

from grader.running.kernels import last_line_of

LOG_BYTES = 16 << 20
"""Writing more is an error: no kernel writes so much outside Jupyter."""

TOLD_BYTES = 1 << 20
"""Bytes at its beginning in which the last line is looked for, of a kernel that did not start."""


class KernelLog:
    """The log of one kernel. Its memory is charged to the process that writes."""

    def __init__(self) -> None:
        """Create it at its full size, sealed against resizing."""
        self.descriptor = os.memfd_create("grader-log", os.MFD_ALLOW_SEALING)
        os.ftruncate(self.descriptor, LOG_BYTES)
        seals = fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_SEAL
        fcntl.fcntl(self.descriptor, fcntl.F_ADD_SEALS, seals)

    def last_line(self) -> str:
        """Return the last line, at most 200 characters; empty if there is none."""
        if self.descriptor < 0:
            return ""
        data = os.pread(self.descriptor, TOLD_BYTES, 0)
        written = data.rstrip(b"\0")
        return last_line_of(written)

    def close(self) -> None:
        """Release it."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1
