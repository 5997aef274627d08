"""Temporary folders of the grader's, swept by a later run once the process that made them is gone."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

PREFIX = "grader-"
LOCK = "owner"
"""File that the owner of a folder holds locked as long as it lives; the system lets go of it, however it ends."""
YOUNG_S = 60.0
"""A folder without the file is left alone for this long: its owner may be about to make it."""


class OwnFolder:
    """A new temporary folder, only its owner's to open; removed by `remove`, or by a later run."""

    def __init__(self, parent: str | None = None) -> None:
        """Make it.

        Args:
            parent: where; None: where temporary files go here.
        """
        self.path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
        self._lock = os.open(self.path / LOCK, os.O_CREAT | os.O_RDWR, 0o600)
        _try_lock(self._lock)

    def remove(self) -> None:
        """Remove it with all that is in it."""
        if self._lock >= 0:
            shutil.rmtree(self.path, ignore_errors=True)
            os.close(self._lock)
            self._lock = -1

    def leave(self) -> None:
        """Leave it to a later run."""
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1


def sweep(
    parent: str | None = None, first: Callable[[str], bool] = lambda _: True
) -> tuple[str, ...]:
    """Remove the folders that runs which were killed left behind.

    Args:
        parent: where they are; None: where temporary files go here.
        first: removes what else there is of a folder's name; if it cannot, the folder stays for the next sweep.

    Returns:
        Their names.
    """
    swept = []
    for folder in Path(parent or tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError), _is_abandoned(folder) as abandoned:
            if abandoned and first(folder.name):
                shutil.rmtree(folder, ignore_errors=True)
                swept.append(folder.name)
    return tuple(swept)


@contextlib.contextmanager
def _is_abandoned(folder: Path) -> Iterator[bool]:
    """Whether a folder is ours to remove: of this user, made by the grader, and its maker is gone."""
    status = folder.lstat()
    if folder.is_symlink() or not folder.is_dir() or status.st_uid != _user():
        yield False
        return
    try:
        lock = os.open(folder / LOCK, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0))
    except FileNotFoundError:
        yield not any(folder.iterdir()) and time.time() - status.st_mtime > YOUNG_S
        return
    try:
        yield _try_lock(lock)
    finally:
        os.close(lock)


def _user() -> int:
    return os.getuid() if hasattr(os, "getuid") else 0


def _try_lock(descriptor: int) -> bool:
    """Lock an open file unless its owner lives; where there are no such locks nothing is ever swept."""
    try:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (ImportError, OSError):
        return False
    return True
