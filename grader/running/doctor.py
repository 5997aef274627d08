"""Check this machine for grading.

Checks the sandbox first, then programs, packages, processors, memory and disk space.
"""

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

from grader.assignment import load_assignments, packages_not_installed
from grader.errors import GraderError
from grader.machine import (
    CGROUPS,
    ROOT,
    available_memory_mib,
    cores,
    find_bwrap,
    install_name,
    is_installed,
)
from grader.messages import Language, number, word
from grader.running.gpu import device_problem
from grader.running.sandbox import cgroups
from grader.running.sandbox.sandbox import SandboxAttempt, examine
from grader.settings import Limits, Settings

State = Literal["ok", "warn", "bad"]

PACKAGES = ("torch", "torchvision", "torchviz")
OF_GRADING = ("ipykernel", "jupyter_client", "nbclient", "nbformat", "zmq")
"""Packages of the extra `grading` without which nothing can be graded, by their import names."""
SCARCE_MIB = 1024
"""Less free space than this is reported as scarce."""
VERSION_TIMEOUT_S = 10


class Finding(BaseModel):
    """The outcome of one check."""

    model_config = ConfigDict(frozen=True)

    name: str
    """Name of the checked item, in the reader's language."""
    state: State
    """`warn`: grading works, but could work better; `bad`: something does not work."""
    text: str
    """The result of the check."""
    advice: tuple[str, ...] = ()
    """How to get more."""


class Diagnosis(BaseModel):
    """The outcomes of all checks."""

    model_config = ConfigDict(frozen=True)

    tier: str
    """How notebooks are sealed here: `bwrap`, `bwrap-cold` or `none`."""
    findings: tuple[Finding, ...]

    @computed_field  # type: ignore[prop-decorator]
    @property
    def sealed(self) -> bool:
        """Whether notebooks can be sealed."""
        return self.tier != "none"


def diagnose(settings: Settings, root: Path = ROOT) -> Diagnosis:
    """Check this machine; the sandbox is tried out, which takes seconds.

    Args:
        settings: the settings of a run without options; the findings are in their language, or in
            English.
        root: folder that holds `proc` and `sys`.
    """
    language = settings.language or "en"
    attempts = _attempts()
    tier = _tier(attempts)
    program = find_bwrap()
    advice = tuple(causes(root, program, language))

    findings = [
        _sandbox(tier, attempts, advice, language),
        _bubblewrap(program, language),
        _cgroups(root, language),
        _python(),
        *_packages_of_grading(language),
        *(_package(name, language) for name in PACKAGES),
        *_packages_of_assignments(settings, language),
        *_gpus_of_assignments(settings, language),
        _dot(language),
        _processors(root, language),
        _memory(available_memory_mib(root), settings.jobs, language),
        _side_by_side(settings.jobs, language),
        _temporary_space(language),
        _output_space(settings.out, language),
    ]
    return Diagnosis(tier=tier, findings=tuple(findings))


def _fine(name: str, text: str) -> Finding:
    return Finding(name=name, state="ok", text=text)


def _warning(name: str, text: str, *advice: str) -> Finding:
    return Finding(name=name, state="warn", text=text, advice=advice)


def _fault(name: str, text: str, *advice: str) -> Finding:
    return Finding(name=name, state="bad", text=text, advice=advice)


# The sandbox


def _attempts() -> tuple[SandboxAttempt, ...]:
    """Try the ways to seal kernels; one that fails on the grader's side is unavailable."""
    try:
        return examine()
    except (GraderError, OSError) as error:
        return (SandboxAttempt("bwrap", str(error)),)


def _tier(attempts: tuple[SandboxAttempt, ...]) -> str:
    for attempt in attempts:
        if not attempt.problem:
            return attempt.tier
    return "none"


def _sandbox(
    tier: str, attempts: tuple[SandboxAttempt, ...], advice: tuple[str, ...], language: Language
) -> Finding:
    name = word("doctor-sealing", language)
    if tier == "bwrap":
        text = word("doctor-bwrap", language)
        return _fine(name, text)
    problem = ""
    if attempts:
        problem = attempts[0].problem
    if tier != "none":
        text = word("doctor-bwrap-cold", language, problem=problem)
        return _warning(name, text, *advice)
    text = word("doctor-unsealed", language, problem=problem)
    without = word("doctor-without", language)
    return _fault(name, text, *advice, without)


def causes(root: Path, program: str | None, language: Language = "en") -> Iterator[str]:
    """Yield known reasons why bubblewrap does not work here, and how to fix them.

    Args:
        root: folder that holds `proc` and `sys`.
        program: the bubblewrap program; None: there is none.
        language: language of the advice.
    """
    if sys.platform != "linux":
        yield word("doctor-linux-only", language)
        return
    if program is None:
        yield word("doctor-install-bubblewrap", language)
    if _sysctl(root, "kernel/unprivileged_userns_clone") == "0":
        yield word("doctor-namespaces-off", language)
    if _sysctl(root, "user/max_user_namespaces") == "0":
        yield word("doctor-no-namespaces", language)
    if _sysctl(root, "kernel/apparmor_restrict_unprivileged_userns") == "1":
        yield word("doctor-apparmor", language)
    # Without a program nobody has tried whether the container allows namespaces.
    has_program = program is not None
    if has_program and in_container(root):
        yield word("doctor-container", language)


def _sysctl(root: Path, name: str) -> str:
    """Read a kernel setting; empty if this system does not have it."""
    try:
        setting = (root / "proc/sys" / name).read_text()
    except OSError:
        return ""
    return setting.strip()


def in_container(root: Path) -> bool:
    """Return whether this is a container, by files of Docker, Podman and systemd.

    Source: https://systemd.io/CONTAINER_INTERFACE/, `container` in the environment of process 1.
    """
    marks = [root / ".dockerenv", root / "run/.containerenv"]
    for mark in marks:
        if mark.exists():
            return True
    try:
        environment = (root / "proc/1/environ").read_bytes()
    except OSError:
        return False
    variables = environment.split(b"\0")
    return any(variable.startswith(b"container=") for variable in variables)


def _bubblewrap(program: str | None, language: Language) -> Finding:
    if program is None:
        problem = word("doctor-not-found", language)
        return _fault("bubblewrap", problem)

    kind = "doctor-of-package"
    if program == shutil.which("bwrap"):
        kind = "doctor-of-system"
    version = _version(program)
    if not version:
        problem = word("doctor-does-not-run", language)
        text = word(kind, language, version=problem)
        return _fault("bubblewrap", text)
    text = word(kind, language, version=version)
    return _fine("bubblewrap", text)


def _version(program: str) -> str:
    """Ask bubblewrap for its version, without its name; empty if it does not run."""
    try:
        output = subprocess.check_output(
            [program, "--version"],
            stderr=subprocess.DEVNULL,
            text=True,
            errors="replace",
            timeout=VERSION_TIMEOUT_S,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return output.strip().removeprefix("bubblewrap ")


def _cgroups(root: Path, language: Language) -> Finding:
    """Create a cgroup, and report which limits it can set."""
    process_id = os.getpid()
    name = f"grader-doctor-{process_id}"
    mount_point = root / CGROUPS
    available: list[str] = []
    groups = cgroups.Cgroups(name, mount_point)
    if groups.available:
        available = _controllers(mount_point, name)
    groups.close()

    missing = [controller for controller in cgroups.CONTROLLERS if controller not in available]
    if not missing:
        text = word("doctor-limited-together", language)
        return _fine("cgroups", text)
    names = [word(f"doctor-limit-{controller}", language) for controller in missing]
    joined = ", ".join(names)
    text = word("doctor-limited-apart", language, missing=joined)
    advice = word("doctor-grading-works", language)
    return _warning("cgroups", text, advice)


def _controllers(mount_point: Path, name: str) -> list[str]:
    """List the controllers of a new cgroup."""
    if (mount_point / "cgroup.controllers").exists():
        file = mount_point / name / "cgroup.controllers"
        if not file.exists():
            return []
        return file.read_text().split()
    return [
        controller
        for controller in cgroups.CONTROLLERS
        if (mount_point / controller / name).is_dir()
    ]


# Everything else


def _python() -> Finding:
    version = platform.python_version()
    text = f"{version} ({sys.executable})"
    return _fine("python", text)


def _packages_of_grading(language: Language) -> Iterator[Finding]:
    """Yield a fault if packages are missing that the grader itself needs."""
    missing = [name for name in OF_GRADING if not is_installed(name)]
    if missing:
        names = ", ".join(missing)
        problem = word("doctor-cannot-grade", language, names=names)
        yield _fault("notebook-grader", problem, _installing("notebook-grader[grading]"))


def _package(name: str, language: Language) -> Finding:
    try:
        version = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        problem = word("doctor-not-installed", language)
        return _fault(name, problem, _installing(name))
    return _fine(name, version)


def _installing(package: str) -> str:
    """Return the command that installs a package."""
    return f"'{sys.executable} -m pip install {package}'"


def _packages_of_assignments(settings: Settings, language: Language) -> Iterator[Finding]:
    """Yield the missing packages that the assignments here need."""
    try:
        assignments = load_assignments(settings.exercises)
    except GraderError:
        return
    problem = word("doctor-not-installed", language)
    for package in packages_not_installed(assignments):
        name = install_name(package)
        yield _warning(package, problem, _installing(name))


def _gpus_of_assignments(settings: Settings, language: Language) -> Iterator[Finding]:
    """Yield the assignments here that need a GPU which their notebooks would not see."""
    try:
        assignments = load_assignments(settings.exercises)
    except GraderError:
        return
    problem = word("doctor-no-gpu", language)
    for assignment in assignments:
        if device_problem(assignment, sealed=True):
            yield _fault(assignment.name, problem, word("doctor-gpu-advice", language))


def _dot(language: Language) -> Finding:
    program = shutil.which("dot")
    if program is None:
        program = word("doctor-no-dot", language)
    return _fine("dot", program)


def _processors(root: Path, language: Language) -> Finding:
    name = word("doctor-cores", language)
    text = word("doctor-usable", language, count=cores(root))
    return _fine(name, text)


def _side_by_side(jobs: int, language: Language) -> Finding:
    name = word("doctor-side-by-side", language)
    text = word("doctor-at-a-time", language, count=jobs)
    return _fine(name, text)


def _memory(available_mib: int | None, jobs: int, language: Language) -> Finding:
    """Check whether as many notebooks as run side by side fit into memory, at the default limit."""
    name = word("doctor-memory", language)
    if available_mib is None:
        text = word("doctor-memory-unknown", language)
        return _fine(name, text)

    notebook_mib = Limits().memory_mib
    size = _size(available_mib, language)
    fitting = available_mib // notebook_mib
    if fitting >= jobs:
        text = word("doctor-memory-free", language, size=size)
        return _fine(name, text)

    needed_mib = jobs * notebook_mib
    most = _size(needed_mib, language)
    text = word("doctor-memory-scarce", language, size=size, count=jobs, most=most)
    advice = word("doctor-close-programs", language)
    if fitting:
        advice = word("doctor-say-jobs", language, count=fitting)
    return _warning(name, text, advice)


def _temporary_space(language: Language) -> Finding:
    name = word("doctor-temporary", language)
    advice = word("doctor-room-temporary", language)
    folder = Path(tempfile.gettempdir())
    return _space(name, folder, advice, language)


def _output_space(folder: Path, language: Language) -> Finding:
    name = word("doctor-output", language)
    advice = word("doctor-room-output", language)
    return _space(name, folder, advice, language)


def _space(name: str, folder: Path, advice: str, language: Language) -> Finding:
    """Report the free space in a folder, or where the folder would be created."""
    folder = folder.absolute()
    existing = folder
    while not existing.exists():
        existing = existing.parent

    if not _is_writable(existing):
        text = word("doctor-not-writable", language, folder=folder)
        return _fault(name, text, advice)

    usage = shutil.disk_usage(existing)
    free_mib = usage.free >> 20
    size = _size(free_mib, language)
    text = word("doctor-room", language, size=size, folder=folder)
    if free_mib < SCARCE_MIB:
        return _warning(name, text, advice)
    return _fine(name, text)


def _is_writable(folder: Path) -> bool:
    if not folder.is_dir():
        return False
    return os.access(folder, os.W_OK | os.X_OK)


def _size(mib: int, language: Language) -> str:
    if mib < 1024:
        return f"{mib} MiB"
    gib = round(mib / 1024, 1)
    digits = number(gib, language)
    return f"{digits} GiB"
