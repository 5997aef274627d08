"""Bounds what a kernel and all it starts use together, where the machine lets us: cgroup version 1 or 2."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")


class Cgroups:
    """The cgroups of one fork server, one below them per kernel."""

    def __init__(self, name: str, root: Path = ROOT) -> None:
        """Make them; without the right to, there are none and nothing is bounded.

        Args:
            name: name of the group that holds those of the kernels.
            root: where cgroups are mounted.
        """
        unified = (root / "cgroup.controllers").exists()
        self._unified = unified
        wanted = [root / name] if unified else [root / controller / name for controller in ("memory", "pids")]
        self._folders = [folder for folder in wanted if self._made(folder)]
        if unified and self._folders:
            with contextlib.suppress(OSError):
                (root / name / "cgroup.subtree_control").write_text("+memory +pids")

    @staticmethod
    def _made(folder: Path) -> bool:
        try:
            folder.mkdir()
        except OSError:
            return False
        return True

    @property
    def available(self) -> bool:
        """Whether anything is bounded."""
        return bool(self._folders)

    def add(self, kernel: str, pid: int, *, memory_mib: int, processes: int) -> None:
        """Put a process into a group of its own.

        Args:
            kernel: name of the kernel.
            pid: its process 1, as the host counts.
            memory_mib: most memory of all its processes together.
            processes: most processes and threads.
        """
        memory = "memory.max" if self._unified else "memory.limit_in_bytes"
        limits = {memory: memory_mib << 20, "pids.max": processes}
        for folder in self._folders:
            group = folder / kernel
            with contextlib.suppress(OSError):
                group.mkdir()
                for name, limit in limits.items():
                    if (group / name).exists():
                        (group / name).write_text(str(limit))
                (group / "cgroup.procs").write_text(str(pid))

    def peak_mib(self, kernel: str) -> int | None:
        """Most memory a kernel's processes used together, in MiB."""
        name = "memory.peak" if self._unified else "memory.max_usage_in_bytes"
        for folder in self._folders:
            with contextlib.suppress(OSError, ValueError):
                return int((folder / kernel / name).read_text()) >> 20
        return None

    def remove(self, kernel: str) -> None:
        """Remove a kernel's group once its last process is gone; at most a second is waited for that."""
        for folder in self._folders:
            deadline = time.monotonic() + 1.0
            while (folder / kernel).exists() and time.monotonic() < deadline:
                try:
                    (folder / kernel).rmdir()
                except OSError:
                    time.sleep(0.005)

    def close(self) -> None:
        """Remove the groups."""
        for folder in self._folders:
            for group in folder.iterdir():
                if group.is_dir():
                    self.remove(group.name)
            with contextlib.suppress(OSError):
                folder.rmdir()
