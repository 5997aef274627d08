"""Limit the total resources of a kernel and its child processes, where the machine permits it.

Cgroup version 1 or 2.
"""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")
CONTROLLERS = ("memory", "pids", "cpu")
PERIOD_US = 100_000
REMOVE_TIMEOUT_S = 1.0


@dataclass(frozen=True)
class Bounds:
    """Limits for all processes of a kernel together."""

    memory_mib: int
    processes: int
    """Processes and threads."""
    cores: float
    """Processors kept busy: a kernel with many threads does not starve its neighbours."""

    def files(self, *, unified: bool) -> dict[str, str]:
        """Map cgroup files to the values to write.

        Args:
            unified: whether it is of version 2, else of version 1.
        """
        quota_us = round(self.cores * PERIOD_US)
        memory_bytes = self.memory_mib << 20
        if unified:
            return {
                "memory.max": str(memory_bytes),
                "pids.max": str(self.processes),
                "cpu.max": f"{quota_us} {PERIOD_US}",
            }
        return {
            "memory.limit_in_bytes": str(memory_bytes),
            "pids.max": str(self.processes),
            "cpu.cfs_period_us": str(PERIOD_US),
            "cpu.cfs_quota_us": str(quota_us),
        }


class Cgroups:
    """The cgroups of one run, with one child for each kernel."""

    def __init__(self, name: str, root: Path = ROOT) -> None:
        """Create the cgroups; without the right to, nothing is limited.

        Args:
            name: name of the group that holds those of the kernels.
            root: where cgroups are mounted.
        """
        self._unified = _is_unified(root)
        folders = _run_folders(name, root)
        self._folders = [folder for folder in folders if _make(folder)]
        if self._unified and self._folders:
            enabled = " ".join(f"+{controller}" for controller in CONTROLLERS)
            with contextlib.suppress(OSError):
                (root / name / "cgroup.subtree_control").write_text(enabled)

    @property
    def available(self) -> bool:
        """Whether resources are limited."""
        return bool(self._folders)

    def add(self, kernel: str, pid: int, bounds: Bounds) -> None:
        """Put a process into a group of its own.

        Args:
            kernel: name of the kernel.
            pid: its process 1, as this machine counts.
            bounds: limits of it and all processes that it starts.
        """
        for folder in self._folders:
            with contextlib.suppress(OSError):
                self._fill(folder / kernel, pid, bounds)

    def _fill(self, group: Path, pid: int, bounds: Bounds) -> None:
        group.mkdir(exist_ok=True)
        limits = bounds.files(unified=self._unified)
        for name, limit in limits.items():
            file = group / name
            if file.exists():
                file.write_text(limit)
        (group / "cgroup.procs").write_text(str(pid))

    def peak_mib(self, kernel: str) -> int | None:
        """Return the peak memory of a kernel's processes together, in MiB; None if unknown."""
        name = "memory.peak" if self._unified else "memory.max_usage_in_bytes"
        for folder in self._folders:
            with contextlib.suppress(OSError, ValueError):
                text = (folder / kernel / name).read_text()
                return int(text) >> 20
        return None

    def out_of_memory(self, kernel: str) -> bool:
        """Return whether the system ended a process of a kernel for exceeding the memory limit."""
        name = "memory.events" if self._unified else "memory.oom_control"
        for folder in self._folders:
            with contextlib.suppress(OSError, ValueError):
                events = (folder / kernel / name).read_text()
                return _has_ended_a_process(events)
        return False

    def remove(self, kernel: str) -> None:
        """Remove a kernel's groups once their last process is gone, within a second each."""
        for folder in self._folders:
            _remove(folder / kernel)

    def close(self) -> bool:
        """Remove all groups.

        Returns:
            False if one of them stays.
        """
        return _remove_trees(self._folders)

    @staticmethod
    def sweep(name: str, root: Path = ROOT) -> bool:
        """Remove the groups that a killed run left behind.

        Returns:
            False if one of them stays.
        """
        folders = _run_folders(name, root)
        return _remove_trees([folder for folder in folders if folder.is_dir()])


def _is_unified(root: Path) -> bool:
    """Return whether cgroups are of version 2."""
    return (root / "cgroup.controllers").exists()


def _run_folders(name: str, root: Path) -> list[Path]:
    if _is_unified(root):
        return [root / name]
    return [root / controller / name for controller in CONTROLLERS]


def _make(folder: Path) -> bool:
    try:
        folder.mkdir()
    except OSError:
        return False
    return True


def _has_ended_a_process(events: str) -> bool:
    """Read the counter `oom_kill` of a file of names and counts."""
    for line in events.splitlines():
        name, count = line.split()
        if name == "oom_kill" and int(count) > 0:
            return True
    return False


def _remove_trees(folders: list[Path]) -> bool:
    """Remove groups with their children; False if one of them remains."""
    for folder in folders:
        for group in folder.iterdir():
            if group.is_dir():
                _remove(group)
        with contextlib.suppress(OSError):
            folder.rmdir()
    return not any(folder.is_dir() for folder in folders)


def _remove(group: Path) -> None:
    """Remove one group; this fails while it has a process."""
    deadline = time.monotonic() + REMOVE_TIMEOUT_S
    while group.exists() and time.monotonic() < deadline:
        try:
            group.rmdir()
        except OSError:
            time.sleep(0.005)
