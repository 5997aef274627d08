"""Stand in for `nvidia-smi` where there is none. Runs inside the student's kernel.

Notebooks from Colab begin with it: as a command, in a shell cell, or by `subprocess`.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
import tempfile
from pathlib import Path

COMMAND = "nvidia-smi"

SCRIPT = "#!/bin/sh\necho 'No devices were found'\n"
"""Says what the real one says where it finds no GPU."""


def put_on_path() -> None:
    """Make the command findable, unless there is one or the system runs no scripts."""
    if os.name != "posix" or shutil.which(COMMAND) is not None:
        return

    with contextlib.suppress(OSError):
        folder = tempfile.mkdtemp(prefix="nvidia-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        script = Path(folder, COMMAND)
        script.write_text(SCRIPT, encoding="ascii")
        script.chmod(0o755)
        path = os.environ.get("PATH", os.defpath)
        os.environ["PATH"] = f"{path}{os.pathsep}{folder}"
