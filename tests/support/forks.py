"""The kernels that end-to-end tests share: forks of one server where this machine can seal, else plain processes.

A fork has torch imported when it starts; a plain kernel takes seconds to. GRADER_TEST_SANDBOX says which of them it
must be: `none`, plain ones; `bwrap`, sealed ones, and a failure where there are none.
"""

from __future__ import annotations

import os
from functools import cache

from grader.errors import SandboxUnavailable
from grader.running.sandbox.sandbox import Sandbox

WANTED = os.environ.get("GRADER_TEST_SANDBOX", "auto")


@cache
def shared() -> Sandbox:
    """What these kernels live in: opened for the first test that asks, and closed with the last."""
    if WANTED == "none":
        return Sandbox("none")
    sandbox = Sandbox("bwrap")
    try:
        sandbox.open()
    except SandboxUnavailable:
        if WANTED == "bwrap":
            raise
        return Sandbox("none")
    return sandbox


def close() -> None:
    """End what was opened."""
    if shared.cache_info().currsize:
        shared().__exit__(None, None, None)
        shared.cache_clear()
