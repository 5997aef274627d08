"""The kernels that end-to-end tests share: forks of one server, or plain processes.

A fork has torch imported when it starts; a plain kernel takes seconds to. Where this machine can
seal, they are forks. GRADER_TEST_SANDBOX chooses: `none`, plain ones; `bwrap`, sealed ones, and a
failure where there are none.
"""

from __future__ import annotations

import os
from functools import cache

from grader.errors import SandboxUnavailable
from grader.running.sandbox.sandbox import Sandbox

CHOICE = os.environ.get("GRADER_TEST_SANDBOX", "auto")


class _SharedSandbox(Sandbox):
    """A sandbox whose kernels are plain where this machine cannot seal."""

    def open(self) -> None:
        try:
            super().open()
        except SandboxUnavailable:
            if CHOICE == "bwrap":
                raise
            self._choice = "none"
            super().open()


@cache
def unopened() -> Sandbox:
    """Return the sandbox of these kernels, which opens for the first kernel: that takes seconds."""
    return _SharedSandbox("none" if CHOICE == "none" else "bwrap")


def shared() -> Sandbox:
    """Return the sandbox of these kernels, open: it knows whether it seals."""
    sandbox = unopened()
    sandbox.open()
    return sandbox


def close() -> None:
    """Close the sandbox, if it was made."""
    if unopened.cache_info().currsize:
        unopened().__exit__(None, None, None)
        unopened.cache_clear()
