"""What commands use: wall time, processor time and memory of each and of all that it starts. Linux."""

from __future__ import annotations

import contextlib
import os
import secrets
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

SAMPLE_S = 2.0
"""To add up the memory of a large process takes 20 ms, which what is measured has to do without."""
ROOT = Path("/sys/fs/cgroup")
TICK_S = 1 / os.sysconf("SC_CLK_TCK")

_ENTER = 'echo $$ > "$0" && exec "$@"'
"""What a shell runs to put itself into a cgroup, and the command in its place."""


@dataclass(frozen=True)
class Usage:
    """What commands used that ran one after another."""

    wall_s: float
    """From the start of each to its end, added up, in seconds."""
    cpu_s: float
    """User and system time of each and of all that it started, in seconds."""
    peak_mib: float
    """Most memory at one time: the PSS of the whole tree of processes, in MiB; pages that are shared count once."""

    def __add__(self, other: Usage) -> Usage:
        wall, cpu = self.wall_s + other.wall_s, self.cpu_s + other.cpu_s
        return Usage(wall, cpu, max(self.peak_mib, other.peak_mib))


class CommandFailed(Exception):
    """A command ended with an error; its last lines are the message."""


@dataclass(frozen=True)
class Process:
    """One process as `/proc` shows it."""

    pid: int
    parent: int
    cpu_s: float
    """Its own user and system time so far, in seconds."""
    started: int
    """When it started, which tells it from a later process of the same number."""


def processes() -> Iterator[Process]:
    """All processes of the machine."""
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with contextlib.suppress(OSError):
                fields = (
                    (folder / "stat").read_text().rpartition(")")[2].split()
                )  # proc(5): from the third field on
                ticks = int(fields[11]) + int(fields[12])
                yield Process(int(folder.name), int(fields[1]), ticks * TICK_S, int(fields[19]))


def tree(root: int) -> list[Process]:
    """A process and all its descendants."""
    children: dict[int, list[Process]] = {}
    found: list[Process] = []
    for process in processes():
        children.setdefault(process.parent, []).append(process)
        if process.pid == root:
            found.append(process)
    for process in found:
        found.extend(children.get(process.pid, ()))
    return found


def memory_mib(pid: int, *kinds: str) -> float:
    """Memory of a process, in MiB; 0 if it is gone or may not be looked into.

    Args:
        pid: the process.
        kinds: fields of `smaps_rollup` to add up: `Pss`, `Private_Clean`, …
    """
    with contextlib.suppress(OSError):
        lines = [
            line.split() for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        ]
        return sum(int(line[1]) for line in lines if line[0].rstrip(":") in kinds) / 1024
    return 0.0


class Sampler(threading.Thread):
    """Looks at a tree of processes every `SAMPLE_S` seconds."""

    def __init__(self, root: int) -> None:
        super().__init__(daemon=True)
        self._root = root
        self._ended = threading.Event()
        self._cpu_s: dict[tuple[int, int], float] = {}
        self.peak_mib = 0.0

    def run(self) -> None:
        """Look until told to end."""
        while not self._ended.wait(SAMPLE_S):
            found = tree(self._root)
            self._cpu_s |= {(process.pid, process.started): process.cpu_s for process in found}
            self.peak_mib = max(
                self.peak_mib, sum(memory_mib(process.pid, "Pss") for process in found)
            )

    def end(self) -> None:
        """Look no more."""
        self._ended.set()
        self.join()

    @property
    def cpu_s(self) -> float:
        """Processor time of every process that was seen, until it was last seen, in seconds."""
        return sum(self._cpu_s.values())


class CpuGroup:
    """A cgroup that counts the processor time of all that is in it; without the right to make one, nothing does."""

    def __init__(self) -> None:
        name = f"benchmark-{secrets.token_hex(4)}"
        unified = (ROOT / "cgroup.controllers").exists()
        self._folder = ROOT / name if unified else ROOT / "cpuacct" / name
        self._unified = unified

    def __enter__(self) -> CpuGroup:
        try:
            self._folder.mkdir()
        except OSError:
            self.available = False
        else:
            self.available = True
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        deadline = time.monotonic() + 2.0
        while self._folder.exists() and time.monotonic() < deadline:
            try:
                self._folder.rmdir()
            except OSError:
                time.sleep(0.01)

    @property
    def exact(self) -> bool:
        """Whether it counts all: not where the grader, who bounds its kernels, moves them from this group to theirs."""
        bounding = ROOT / "cpu"
        moved = self._unified or (bounding.exists() and bounding.samefile(ROOT / "cpuacct"))
        return self.available and not moved

    @property
    def source(self) -> str:
        """What processor time is read from."""
        if self.exact:
            return "cgroup v1, cpuacct.usage"
        others = "rusage of children and samples of the tree, whichever is most: short-lived processes may be missed"
        return f"a cgroup, {others}" if self.available else others

    def entered(self, command: Sequence[str]) -> list[str]:
        """A command that runs in the group."""
        return (
            ["sh", "-c", _ENTER, str(self._folder / "cgroup.procs"), *command]
            if self.available
            else [*command]
        )

    def cpu_s(self) -> float:
        """Processor time so far, in seconds."""
        if not self.available:
            return 0.0
        if not self._unified:
            return int((self._folder / "cpuacct.usage").read_text()) / 1e9
        stat = dict(line.split() for line in (self._folder / "cpu.stat").read_text().splitlines())
        return int(stat["usage_usec"]) / 1e6


def cpu_source() -> str:
    """What processor time is read from on this machine."""
    with CpuGroup() as group:
        return group.source


def measure(
    commands: Sequence[Sequence[str]], *, cwd: Path, env: Mapping[str, str], log: Path
) -> Usage:
    """Run commands one after another.

    Args:
        commands: the command lines.
        cwd: the folder they run in.
        env: their environment.
        log: where what they print goes.

    Returns:
        What they used together.

    Raises:
        CommandFailed: one ended with an error.
    """
    total = Usage(0.0, 0.0, 0.0)
    for command in commands:
        total += _measured(command, cwd, env, log)
    return total


def _measured(command: Sequence[str], cwd: Path, env: Mapping[str, str], log: Path) -> Usage:
    with CpuGroup() as group, log.open("ab") as output:
        began = time.perf_counter()
        process = subprocess.Popen(
            group.entered(command),
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
        sampler = Sampler(process.pid)
        sampler.start()
        _, status, own = os.wait4(process.pid, 0)
        wall_s = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        sampler.end()
        cpu_s = group.cpu_s()
        if not group.exact:
            cpu_s = max(cpu_s, own.ru_utime + own.ru_stime, sampler.cpu_s)
    if process.returncode:
        last = "\n".join(log.read_text("utf-8", "replace").splitlines()[-20:])
        raise CommandFailed(f"{' '.join(command[:6])} … ended with {process.returncode}:\n{last}")
    return Usage(wall_s, cpu_s, sampler.peak_mib)
