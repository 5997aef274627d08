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
from grader.messages import Language, number, word
from grader.running.sandbox import cgroups
from grader.running.sandbox.bwrap import find_bwrap
from grader.running.sandbox.sandbox import Attempt, examine
from grader.settings import Limits, Settings

State = Literal["ok", "warn", "bad"]

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
        settings: what a run without options would be given; what is found is told in their language, or in English.
        root: folder that holds `proc` and `sys`.
    """
    language = settings.language or "en"
    attempts, program = _attempts(), find_bwrap()
    tier = next((attempt.tier for attempt in attempts if not attempt.problem), "none")
    sealing = _sealing(tier, attempts, tuple(causes(root, program, language)), language)
    return Diagnosis(
        tier=tier,
        findings=(sealing, _bubblewrap(program, language), *_rest(settings, root, language)),
    )


def _rest(settings: Settings, root: Path, language: Language) -> Iterator[Finding]:
    yield _cgroups(root, language)
    yield Finding(name="python", state="ok", text=f"{platform.python_version()} ({sys.executable})")
    yield from (_package(name, language) for name in PACKAGES)
    yield _dot(language)
    yield _fine(word("doctor-cores", language), word("doctor-usable", language, count=cores(root)))
    yield _memory(available_memory_mib(root), settings.jobs, language)
    side_by_side = word("doctor-at-a-time", language, count=settings.jobs)
    yield _fine(word("doctor-side-by-side", language), side_by_side)
    temporary, room = word("doctor-temporary", language), word("doctor-room-temporary", language)
    yield _space(temporary, Path(tempfile.gettempdir()), room, language)
    yield _space(
        word("doctor-output", language),
        settings.out,
        word("doctor-room-output", language),
        language,
    )


def _fine(name: str, text: str) -> Finding:
    return Finding(name=name, state="ok", text=text)


# Sealing


def _attempts() -> tuple[Attempt, ...]:
    """The ways to seal kernels, tried out; one that failed on our side is one that cannot be had."""
    try:
        return examine()
    except (GraderError, OSError) as error:
        return (Attempt("bwrap", str(error)),)


def _sealing(
    tier: str, attempts: tuple[Attempt, ...], mend: tuple[str, ...], language: Language
) -> Finding:
    name, problem = word("doctor-sealing", language), attempts[0].problem if attempts else ""
    if tier == "bwrap":
        return _fine(name, word("doctor-bwrap", language))
    if tier != "none":
        text = word("doctor-bwrap-cold", language, problem=problem)
        return Finding(name=name, state="warn", text=text, advice=mend)
    text = word("doctor-unsealed", language, problem=problem)
    return Finding(
        name=name, state="bad", text=text, advice=(*mend, word("doctor-without", language))
    )


def causes(root: Path, program: str | None, language: Language = "en") -> Iterator[str]:
    """What is known to keep bubblewrap from working, where it is so here, and how to mend it.

    Args:
        root: folder that holds `proc` and `sys`.
        program: the bubblewrap program; None: there is none.
        language: language of what is told.
    """
    if sys.platform != "linux":
        yield word("doctor-linux-only", language)
        return
    if program is None:
        yield word("doctor-install-bubblewrap", language)
    if _switch(root, "kernel/unprivileged_userns_clone") == "0":
        yield word("doctor-namespaces-off", language)
    if _switch(root, "user/max_user_namespaces") == "0":
        yield word("doctor-no-namespaces", language)
    if _switch(root, "kernel/apparmor_restrict_unprivileged_userns") == "1":
        yield word("doctor-apparmor", language)
    if program is not None and in_container(
        root
    ):  # without a program nobody has seen whether it allows them
        yield word("doctor-container", language)


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


def _bubblewrap(program: str | None, language: Language) -> Finding:
    if program is None:
        return Finding(name="bubblewrap", state="bad", text=word("doctor-not-found", language))
    version, of_system = _version(program), program == shutil.which("bwrap")
    told = version or word("doctor-does-not-run", language)
    text = word("doctor-of-system" if of_system else "doctor-of-package", language, version=told)
    return Finding(name="bubblewrap", state="ok" if version else "bad", text=text)


def _version(program: str) -> str:
    """What a program says of its version, without its own name; empty if it does not run."""
    try:
        told = subprocess.check_output(
            [program, "--version"],
            stderr=subprocess.DEVNULL,
            text=True,
            errors="replace",
            timeout=VERSION_TIMEOUT_S,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return told.strip().removeprefix("bubblewrap ")


def _cgroups(root: Path, language: Language) -> Finding:
    """Whether cgroups can be made, and of what, seen by making one."""
    name, mounted = f"grader-doctor-{os.getpid()}", root / CGROUPS
    groups = cgroups.Cgroups(name, mounted)
    had = _controllers(mounted, name) if groups.available else []
    groups.close()
    missing = ", ".join(
        word(f"doctor-limit-{one}", language) for one in cgroups.CONTROLLERS if one not in had
    )
    if not missing:
        return _fine("cgroups", word("doctor-limited-together", language))
    text, advice = (
        word("doctor-limited-apart", language, missing=missing),
        word("doctor-grading-works", language),
    )
    return Finding(name="cgroups", state="warn", text=text, advice=(advice,))


def _controllers(mounted: Path, name: str) -> list[str]:
    """What a cgroup that was made can limit."""
    if (mounted / "cgroup.controllers").exists():
        told = mounted / name / "cgroup.controllers"
        return told.read_text().split() if told.exists() else []
    return [one for one in cgroups.CONTROLLERS if (mounted / one / name).is_dir()]


# What else there is


def _package(name: str, language: Language) -> Finding:
    try:
        return _fine(name, importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:
        text = word("doctor-not-installed", language)
        return Finding(
            name=name, state="bad", text=text, advice=(f"'{sys.executable} -m pip install {name}'",)
        )


def _dot(language: Language) -> Finding:
    return _fine("dot", shutil.which("dot") or word("doctor-no-dot", language))


def _memory(available_mib: int | None, jobs: int, language: Language) -> Finding:
    """Whether there is memory for as many notebooks as run side by side, each at its usual limit."""
    name = word("doctor-memory", language)
    if available_mib is None:
        return _fine(name, word("doctor-memory-unknown", language))
    most_mib = Limits().memory_mib
    size, fitting = _size(available_mib, language), available_mib // most_mib
    if fitting >= jobs:
        return _fine(name, word("doctor-memory-free", language, size=size))
    text = word(
        "doctor-memory-scarce",
        language,
        size=size,
        count=jobs,
        most=_size(jobs * most_mib, language),
    )
    advice = word(
        "doctor-say-jobs" if fitting else "doctor-close-programs", language, count=fitting
    )
    return Finding(name=name, state="warn", text=text, advice=(advice,))


def _space(name: str, folder: Path, advice: str, language: Language) -> Finding:
    """Whether there is room in a folder, or where it would be made."""
    folder = folder.absolute()
    there = next(path for path in (folder, *folder.parents) if path.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        text = word("doctor-not-writable", language, folder=folder)
        return Finding(name=name, state="bad", text=text, advice=(advice,))
    free_mib = shutil.disk_usage(there).free >> 20
    text = word("doctor-room", language, size=_size(free_mib, language), folder=folder)
    scarce = free_mib < SCARCE_MIB
    return Finding(
        name=name, state="warn" if scarce else "ok", text=text, advice=(advice,) if scarce else ()
    )


def _size(mib: int, language: Language) -> str:
    return f"{mib} MiB" if mib < 1024 else f"{number(round(mib / 1024, 1), language)} GiB"
