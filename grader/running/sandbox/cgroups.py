"""Bounds what a kernel and all it starts use together, where the machine lets us: cgroup version 1 or 2."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")
CONTROLLERS = ("memory", "pids", "cpu")
PERIOD_US = 100_000


@dataclass(frozen=True)
class Bounds:
    """Most that all processes of a kernel may use together."""

    memory_mib: int
    processes: int
    """Processes and threads."""
    cores: float
    """Time on processors per time: a kernel that starts many threads does not starve its neighbours."""

    def files(self, *, unified: bool) -> dict[str, str]:
        """What to write into which file of a cgroup of version 2 (unified) or 1."""
        quota = round(self.cores * PERIOD_US)
        if unified:
            cpu = {"cpu.max": f"{quota} {PERIOD_US}"}
        else:
            cpu = {"cpu.cfs_period_us": str(PERIOD_US), "cpu.cfs_quota_us": str(quota)}
        memory = "memory.max" if unified else "memory.limit_in_bytes"
        return {memory: str(self.memory_mib << 20), "pids.max": str(self.processes), **cpu}


class Cgroups:
    """The cgroups of one run, one below them per kernel."""

    def __init__(self, name: str, root: Path = ROOT) -> None:
        """Make them; without the right to, there are none and nothing is bounded.

        Args:
            name: name of the group that holds those of the kernels.
            root: where cgroups are mounted.
        """
        self._unified = (root / "cgroup.controllers").exists()
        self._folders = [folder for folder in _folders(name, root) if _made(folder)]
        if self._unified and self._folders:
            with contextlib.suppress(OSError):
                (root / name / "cgroup.subtree_control").write_text(
                    " ".join(f"+{name}" for name in CONTROLLERS)
                )

    @property
    def available(self) -> bool:
        """Whether anything is bounded."""
        return bool(self._folders)

    def add(self, kernel: str, pid: int, bounds: Bounds) -> None:
        """Put a process into a group of its own.

        Args:
            kernel: name of the kernel.
            pid: its process 1, as this machine counts.
            bounds: what it and all it starts may use.
        """
        for folder in self._folders:
            group = folder / kernel
            with contextlib.suppress(OSError):
                group.mkdir(exist_ok=True)
                for name, limit in bounds.files(unified=self._unified).items():
                    if (group / name).exists():
                        (group / name).write_text(limit)
                (group / "cgroup.procs").write_text(str(pid))

    def peak_mib(self, kernel: str) -> int | None:
        """Most memory a kernel's processes used together, in MiB."""
        name = "memory.peak" if self._unified else "memory.max_usage_in_bytes"
        for folder in self._folders:
            with contextlib.suppress(OSError, ValueError):
                return int((folder / kernel / name).read_text()) >> 20
        return None

    def out_of_memory(self, kernel: str) -> bool:
        """Whether the system ended a process of a kernel's for want of memory within its bounds."""
        name = "memory.events" if self._unified else "memory.oom_control"
        for folder in self._folders:
            with contextlib.suppress(OSError, ValueError):
                lines = (folder / kernel / name).read_text().splitlines()
                return any(
                    int(count) > 0 for key, count in map(str.split, lines) if key == "oom_kill"
                )
        return False

    def remove(self, kernel: str) -> None:
        """Remove a kernel's groups once their last process is gone; at most a second is waited for that."""
        for folder in self._folders:
            _remove(folder / kernel)

    def close(self) -> bool:
        """Remove all groups; False if one of them stays."""
        for folder in self._folders:
            _remove_tree(folder)
        return not any(folder.is_dir() for folder in self._folders)

    @staticmethod
    def sweep(name: str, root: Path = ROOT) -> bool:
        """Remove the groups of a run that was killed; False if one of them stays."""
        folders = [folder for folder in _folders(name, root) if folder.is_dir()]
        for folder in folders:
            _remove_tree(folder)
        return not any(folder.is_dir() for folder in folders)


def _folders(name: str, root: Path) -> list[Path]:
    unified = (root / "cgroup.controllers").exists()
    return [root / name] if unified else [root / controller / name for controller in CONTROLLERS]


def _made(folder: Path) -> bool:
    try:
        folder.mkdir()
    except OSError:
        return False
    return True


def _remove(group: Path) -> None:
    deadline = time.monotonic() + 1.0
    while group.exists() and time.monotonic() < deadline:
        try:
            group.rmdir()
        except OSError:
            time.sleep(0.005)


def _remove_tree(folder: Path) -> None:
    for group in folder.iterdir():
        if group.is_dir():
            _remove(group)
    with contextlib.suppress(OSError):
        folder.rmdir()
