"""Stand in for `nvidia-smi` and `nvcc` if they are missing. Runs inside the student's kernel.

Notebooks from Colab begin with them: as a command, in a shell cell, or by `subprocess`.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
import tempfile
from pathlib import Path

COMMAND = "nvidia-smi"

SCRIPTS = {
    COMMAND: "#!/bin/sh\necho 'No devices were found'\n",
    "nvcc": "#!/bin/sh\necho 'nvcc: there is no CUDA compiler here'\n"
    'case "$*" in -V|--version) exit 0;; esac\nexit 1\n',
}
"""Per command, a script that reports that there is no GPU, as the real one does."""


def are_asked_for_in(cell: str) -> bool:
    """Return whether a cell speaks of one of the commands."""
    return any(command in cell for command in SCRIPTS)


def put_on_path() -> None:
    """Make the commands findable that are not there, unless the system runs no scripts."""
    missing = [command for command in SCRIPTS if shutil.which(command) is None]
    if os.name != "posix" or COMMAND not in missing:
        return

    with contextlib.suppress(OSError):
        folder = tempfile.mkdtemp(prefix="nvidia-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        for command in missing:
            script = Path(folder, command)
            script.write_text(SCRIPTS[command], encoding="ascii")
            script.chmod(0o755)
        path = os.environ.get("PATH", os.defpath)
        os.environ["PATH"] = f"{path}{os.pathsep}{folder}"
