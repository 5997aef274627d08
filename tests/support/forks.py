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


@cache
def shared() -> Sandbox:
    """Open the sandbox of these kernels for the first test that asks."""
    if CHOICE == "none":
        return Sandbox("none")
    sandbox = Sandbox("bwrap")
    try:
        sandbox.open()
    except SandboxUnavailable:
        if CHOICE == "bwrap":
            raise
        return Sandbox("none")
    return sandbox


def close() -> None:
    """Close the sandbox, if it was opened."""
    if shared.cache_info().currsize:
        shared().__exit__(None, None, None)
        shared.cache_clear()
