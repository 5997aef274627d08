"""Create temporary folders that a later run removes if their process was killed."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from grader.store.atomic import try_lock_descriptor

PREFIX = "grader-"
LOCK = "owner"
"""Lock file. Its owner holds the lock until its process ends, even if that is killed."""
NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)
YOUNG_S = 60.0
"""A folder without the file is left alone for this long: its owner may be about to make it."""


class OwnFolder:
    """A temporary folder that only its owner may open; removed by `remove` or a later run."""

    def __init__(self, parent: str | None = None) -> None:
        """Create it.

        Args:
            parent: folder to make it in; None: the usual one for temporary files.
        """
        self.path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
        lock_file = self.path / LOCK
        self._lock = os.open(lock_file, os.O_CREAT | os.O_RDWR, 0o600)
        try_lock_descriptor(self._lock)

    def remove(self) -> None:
        """Remove it with its contents."""
        if self._lock < 0:
            return
        if sys.platform == "win32":
            self.leave()  # an open file cannot be removed there
        shutil.rmtree(self.path, ignore_errors=True)
        self.leave()

    def leave(self) -> None:
        """Leave it for a later run to remove."""
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1


@contextlib.contextmanager
def own_folder() -> Iterator[Path]:
    """Create a temporary folder for a `with` statement."""
    folder = OwnFolder()
    try:
        yield folder.path
    finally:
        folder.remove()


def sweep(
    parent: str | None = None, first: Callable[[str], bool] = lambda _: True
) -> tuple[str, ...]:
    """Remove the folders of killed runs.

    Args:
        parent: folder that they are in; None: the usual one for temporary files.
        first: called with the name of a folder before it is removed, to remove anything else of
            this name; if it returns False, the folder stays for the next sweep.

    Returns:
        The names of the removed folders.
    """
    removed = []
    parent = parent or tempfile.gettempdir()
    for folder in Path(parent).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError), _locked_if_abandoned(folder) as is_abandoned:
            if is_abandoned and first(folder.name):
                shutil.rmtree(folder, ignore_errors=True)
                removed.append(folder.name)
    return tuple(removed)


@contextlib.contextmanager
def _locked_if_abandoned(folder: Path) -> Iterator[bool]:
    """Lock a folder, and yield whether it may be removed.

    It may if this user's grader made it and the process that did is gone.
    """
    status = folder.lstat()
    is_folder = stat.S_ISDIR(status.st_mode)
    if not is_folder or status.st_uid != _user():
        yield False
        return
    try:
        lock = os.open(folder / LOCK, os.O_RDWR | NO_FOLLOW)
    except FileNotFoundError:
        is_old = time.time() - status.st_mtime > YOUNG_S
        is_empty = not any(folder.iterdir())
        yield is_empty and is_old
        return
    try:
        yield try_lock_descriptor(lock)
    finally:
        os.close(lock)


def _user() -> int:
    if not hasattr(os, "getuid"):
        return 0
    return os.getuid()
