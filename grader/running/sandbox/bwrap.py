"""Build bubblewrap commands: a read-only system and interpreter, and writable memory."""

from __future__ import annotations

import functools
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import grader
from grader.kernel.sealing.sealed_kernel import HOME

UNPRIVILEGED_USER = 60001
"""Where the grader is root, sealed processes run as this user, who owns nothing."""

LIBRARY = "/run/lib"
"""Where sealed processes find the modules that run in kernels; nothing else of ours is there."""

OURS = ("__init__.py", "kernel")
"""The parts of the package that are there."""

VISIBLE_GPUS = "CUDA_VISIBLE_DEVICES"
"""Environment variable that lists the GPUs that CUDA sees; empty: none."""

NAMESPACES = ("user", "pid", "net", "ipc", "uts", "cgroup")

SYSTEM_FILES = ("ld.so.cache", "alternatives", "fonts", "localtime", "mime.types")
"""Files and folders of /etc that are shown as they are."""
ETC = {
    "passwd": f"student:x:1000:1000::{HOME}:/bin/sh\n",
    "group": "student:x:1000:\n",
    "hosts": "127.0.0.1 localhost\n::1 localhost\n",
}
"""Files of /etc that are made up."""
USR = (
    "bin",
    "sbin",
    "lib",
    "lib32",
    "lib64",
    "libexec",
    "share",
    "local/bin",
    "local/lib",
    "local/share",
)
PREFIX = ("bin", "lib", "lib64", "share", "pyvenv.cfg")
"""Visible parts of /usr, and of the folder of an interpreter or a virtual environment.

SECURITY: not the whole folders: a course may be in /usr/src, or be a virtual environment itself.
"""


def user_outside() -> int:
    """Return the user that sealed processes run as, outside of their namespaces."""
    user = os.getuid()
    if user != 0:
        return user
    return UNPRIVILEGED_USER


class Bwrap:
    """Builds commands that run a program inside bubblewrap."""

    def __init__(self, program: str, folder: Path) -> None:
        """Initialise with the bubblewrap program, and a folder for files to mount."""
        self.program = program
        self._folder = folder
        for name, text in ETC.items():
            (folder / name).write_text(text)
            (folder / name).chmod(0o644)

    def command(
        self, run: Sequence[str], mounts: Sequence[str], options: Sequence[str] = ()
    ) -> list[str]:
        """Build the command that runs a program.

        Args:
            run: the program and its arguments, with paths inside the sandbox.
            mounts: further arguments of bubblewrap, for other mounts.
            options: other arguments of bubblewrap's.
        """
        if os.getuid() == 0:
            return self._staged_command(run, mounts, options)
        arguments = self._arguments(interpreter_paths(), mounts, options)
        return [*arguments, "--", *run]

    def _staged_command(
        self, run: Sequence[str], mounts: Sequence[str], options: Sequence[str]
    ) -> list[str]:
        """Build the command for root: drop root, and stage paths that only root can read."""
        paths = interpreter_paths()
        staged = {}
        for number, path in enumerate(paths):
            staged[path] = f"{{stage}}/{number}"
        program, *arguments = self._arguments(staged, mounts, options)
        for path, stage in staged.items():
            if program.startswith(f"{path}/"):
                program = stage + program.removeprefix(path)
        request = {
            "user": user_outside(),
            "staged": list(paths.values()),
            "command": [program, *arguments, "--", *run],
        }
        return [sys.executable, "-m", "grader.kernel.sealing.staging", json.dumps(request)]

    def _arguments(
        self, interpreter: dict[str, str], mounts: Sequence[str], options: Sequence[str]
    ) -> list[str]:
        command = [self.program]
        command += [f"--unshare-{namespace}" for namespace in NAMESPACES]
        command += ["--uid", "1000", "--gid", "1000", "--hostname", "grader"]
        command += ["--die-with-parent", "--new-session", "--clearenv", *options]
        for name, value in environment(1).items():
            command += ["--setenv", name, value]
        command += _system_binds()
        for name in ETC:
            made_up = str(self._folder / name)
            command += ["--ro-bind", made_up, f"/etc/{name}"]
        command += ["--proc", "/proc", "--dev", "/dev", *mounts]
        for target, source in interpreter.items():
            command += ["--ro-bind", source, target]
        return [*command, "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/"]


def python(code: str) -> list[str]:
    """Build the command that runs a line of Python inside, with the kernel's modules."""
    line = f"import sys; sys.path.insert(0, {LIBRARY!r}); {code}"
    return [sys.executable, "-I", "-X", "utf8", "-c", line]


@functools.cache
def interpreter_paths() -> dict[str, str]:
    """List the paths that the interpreter needs: its folders, site-packages, kernel modules.

    SECURITY: the rest of the project, with the solutions, is not among them, even if it is
    installed editable.

    Returns:
        The path outside by the path inside.
    """
    candidates: list[str] = []
    for prefix in (sys.prefix, sys.base_prefix):
        candidates += [f"{prefix}/{part}" for part in PREFIX]
    candidates += [path for path in sys.path if path.endswith("site-packages")]

    outside_usr = [path for path in candidates if not path.startswith("/usr/")]
    needed = [path for path in outside_usr if Path(path).exists()]
    paths = {}
    for path in needed:
        if not _lies_below(path, needed):
            paths[path] = path

    package = Path(grader.__file__).parent
    for part in OURS:
        inside = f"{LIBRARY}/grader/{part}"
        paths[inside] = str(package / part)
    return paths


def _lies_below(path: str, others: Sequence[str]) -> bool:
    return any(path.startswith(f"{other}/") for other in others)


def _system_binds() -> list[str]:
    binds: list[str] = []
    for part in USR:
        folder = f"/usr/{part}"
        if Path(folder).is_dir():
            binds += ["--ro-bind", folder, folder]
    for name in ("bin", "sbin", "lib", "lib64", "lib32"):
        path = Path("/", name)
        if path.is_symlink():
            binds += ["--symlink", str(path.readlink()), str(path)]
        elif path.is_dir():
            binds += ["--ro-bind", str(path), str(path)]
    for name in SYSTEM_FILES:
        path = Path("/etc", name)
        if path.exists():
            binds += ["--ro-bind", str(path.resolve()), str(path)]
    return binds


def visible_gpus(device: str) -> dict[str, str]:
    """Return the variable that hides all GPUs from CUDA, unless they are passed through."""
    if device == "cpu":
        return {VISIBLE_GPUS: ""}
    visible = os.environ.get(VISIBLE_GPUS)
    if visible is None:
        return {}
    return {VISIBLE_GPUS: visible}


def gpu_nodes() -> list[str]:
    """List the device files of the GPUs of this machine."""
    return sorted(map(str, Path("/dev").glob("nvidia*")))


def gpu_mounts() -> list[str]:
    """Build bubblewrap's arguments for access to the GPUs."""
    mounts = ["--unsetenv", VISIBLE_GPUS]
    for node in gpu_nodes():
        mounts += ["--dev-bind", node, node]
    return mounts


def environment(threads: int, device: str = "cpu") -> dict[str, str]:
    """Build the environment of a sealed process: nothing of the grader's own.

    Args:
        threads: of torch.
        device: `cuda`: it sees the GPUs that the grader sees.
    """
    count = str(threads)
    return {
        "PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin",
        "HOME": HOME,
        "USER": "student",
        "LANG": "C.UTF-8",
        "TMPDIR": "/tmp",
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        grader.RUNNING: "1",
        "OMP_NUM_THREADS": count,
        "MKL_NUM_THREADS": count,
        "OPENBLAS_NUM_THREADS": "1",
        **visible_gpus(device),
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "MPLCONFIGDIR": "/tmp/matplotlib",
        "IPYTHONDIR": f"{HOME}/.ipython",
        "PIP_NO_INDEX": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }
