"""Measure wall time, processor time and memory of commands and all that they start. Linux."""

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
"""Seconds between samples: each takes 20 ms of a large process from what is measured."""
ROOT = Path("/sys/fs/cgroup")
TICK_S = 1 / os.sysconf("SC_CLK_TCK")

_ENTER = 'echo $$ > "$0" && exec "$@"'
"""Shell script that enters a cgroup, and becomes the command."""


@dataclass(frozen=True)
class Usage:
    """The usage of commands that ran one after another."""

    wall_s: float
    """From the start of each to its end, added up, in seconds."""
    cpu_s: float
    """User and system time of each and of all that it started, in seconds."""
    peak_mib: float
    """Most memory at one time, in MiB: the PSS of the process tree; shared pages count once."""

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            wall_s=self.wall_s + other.wall_s,
            cpu_s=self.cpu_s + other.cpu_s,
            peak_mib=max(self.peak_mib, other.peak_mib),
        )


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
    """List all processes of the machine."""
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with contextlib.suppress(OSError):
                yield _read_process(folder)


def _read_process(folder: Path) -> Process:
    # From the third field on, see proc(5): state, parent, …
    fields = (folder / "stat").read_text().rpartition(")")[2].split()
    ticks = int(fields[11]) + int(fields[12])
    return Process(
        pid=int(folder.name),
        parent=int(fields[1]),
        cpu_s=ticks * TICK_S,
        started=int(fields[19]),
    )


def tree(root: int) -> list[Process]:
    """List a process and all its descendants."""
    children: dict[int, list[Process]] = {}
    members: list[Process] = []
    for process in processes():
        children.setdefault(process.parent, []).append(process)
        if process.pid == root:
            members.append(process)
    for process in members:
        members.extend(children.get(process.pid, ()))
    return members


def memory_mib(pid: int, *kinds: str) -> float:
    """Return the memory of a process, in MiB; 0 if it is gone or may not be looked into.

    Args:
        pid: the process.
        kinds: fields of `smaps_rollup` to add up: `Pss`, `Private_Clean`, …
    """
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0.0

    kibibytes = 0
    for line in text.splitlines():
        kind, size, *_ = line.split()
        if kind.rstrip(":") in kinds:
            kibibytes += int(size)
    return kibibytes / 1024


class TreeSampler(threading.Thread):
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
            memory = 0.0
            for process in tree(self._root):
                self._cpu_s[process.pid, process.started] = process.cpu_s
                memory += memory_mib(process.pid, "Pss")
            self.peak_mib = max(self.peak_mib, memory)

    def end(self) -> None:
        """Stop looking."""
        self._ended.set()
        self.join()

    @property
    def cpu_s(self) -> float:
        """Processor time of every process until it was last seen, in seconds."""
        return sum(self._cpu_s.values())


class CpuGroup:
    """A cgroup that counts the processor time of all processes in it.

    Counts nothing where there is no right to make one.
    """

    def __init__(self) -> None:
        name = f"benchmark-{secrets.token_hex(4)}"
        unified = (ROOT / "cgroup.controllers").exists()
        self._folder = ROOT / name if unified else ROOT / "cpuacct" / name
        self._unified = unified

    def __enter__(self) -> CpuGroup:
        self.available = True
        try:
            self._folder.mkdir()
        except OSError:
            self.available = False
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
        """Whether it counts all processes.

        It does not where the grader moves its kernels from this group to those that limit them.
        """
        limiting = ROOT / "cpu"
        same_hierarchy = limiting.exists() and limiting.samefile(ROOT / "cpuacct")
        kernels_leave = self._unified or same_hierarchy
        return self.available and not kernels_leave

    @property
    def source(self) -> str:
        """Where processor time is read from."""
        if self.exact:
            return "cgroup v1, cpuacct.usage"
        others = (
            "rusage of children and samples of the tree, whichever is most: "
            "short-lived processes may be missed"
        )
        return f"a cgroup, {others}" if self.available else others

    def entered(self, command: Sequence[str]) -> list[str]:
        """Return a command that enters the group first."""
        if not self.available:
            return list(command)
        return ["sh", "-c", _ENTER, str(self._folder / "cgroup.procs"), *command]

    def enter(self) -> None:
        """Move this process into the group; what it starts from now on is in it, too."""
        (self._folder / "cgroup.procs").write_text(str(os.getpid()))

    def leave(self) -> None:
        """Move this process back to the group above, so that this one can be removed."""
        (self._folder.parent / "cgroup.procs").write_text(str(os.getpid()))

    def cpu_s(self) -> float:
        """Return the processor time so far, in seconds."""
        if not self.available:
            return 0.0
        if not self._unified:
            return int((self._folder / "cpuacct.usage").read_text()) / 1e9
        lines = (self._folder / "cpu.stat").read_text().splitlines()
        statistics = dict(line.split() for line in lines)
        return int(statistics["usage_usec"]) / 1e6


def cpu_source() -> str:
    """Say where processor time is read from on this machine."""
    with CpuGroup() as group:
        return group.source


def measure(
    commands: Sequence[Sequence[str]], *, cwd: Path, env: Mapping[str, str], log: Path
) -> Usage:
    """Run commands one after another, and measure what they use together.

    Args:
        commands: the command lines.
        cwd: the folder they run in.
        env: their environment.
        log: the file for what they print.

    Raises:
        CommandFailed: one ended with an error.
    """
    total = Usage(0.0, 0.0, 0.0)
    for command in commands:
        total += _measure_one(command, cwd, env, log)
    return total


def _measure_one(command: Sequence[str], cwd: Path, env: Mapping[str, str], log: Path) -> Usage:
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
        sampler = TreeSampler(process.pid)
        sampler.start()
        _, status, children = os.wait4(process.pid, 0)
        wall_s = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        sampler.end()

        cpu_s = group.cpu_s()
        if not group.exact:
            cpu_s = max(cpu_s, children.ru_utime + children.ru_stime, sampler.cpu_s)

    if process.returncode:
        last_lines = "\n".join(log.read_text("utf-8", "replace").splitlines()[-20:])
        program = " ".join(command[:6])
        raise CommandFailed(f"{program} … ended with {process.returncode}:\n{last_lines}")
    return Usage(wall_s, cpu_s, sampler.peak_mib)
