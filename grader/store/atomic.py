"""Replace files atomically, and lock files. No other module does either."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from grader.errors import GraderError

if TYPE_CHECKING:
    from filelock import FileLock

TEMPORARY = ".writing-"
"""Prefix of the names of files that are not complete yet."""

LOCK_POLL_S = 0.01


def put_in_place(
    path: Path,
    data: bytes | Iterable[bytes],
    *,
    temporary: Path | None = None,
    lasting: bool = True,
    mode: int = 0o666,
) -> None:
    """Replace a file atomically: it always contains either the old bytes or the new ones.

    Args:
        path: the file.
        data: its whole new content, or its parts, which are written as they come.
        temporary: file to write first, in the same folder; None: one with a new name.
        lasting: whether the new content has to survive a power cut, which takes the disk longer.
        mode: rights of the new file, before the umask.

    Raises:
        OSError: it cannot be written; the old file is as it was.
    """
    if temporary is None:
        random_part = secrets.token_hex(8)
        temporary = path.with_name(f"{TEMPORARY}{random_part}")

    def open_with_mode(name: str, flags: int) -> int:
        return os.open(name, flags, mode)

    parts = [data] if isinstance(data, bytes) else data
    try:
        with open(temporary, "wb", opener=open_with_mode) as file:
            file.writelines(parts)
            if lasting:
                file.flush()
                os.fsync(file.fileno())
        os.replace(temporary, path)  # noqa: PTH105
        if lasting:
            sync_folder(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def replace_file(
    path: Path,
    data: bytes | Iterable[bytes],
    temporary: Path | None = None,
    *,
    lasting: bool = True,
    mode: int = 0o666,
) -> None:
    """Replace a file of the output folder, as `put_in_place` does.

    Args:
        path: the file.
        data: its whole new content, or its parts.
        temporary: file to write first. Give one where the folder is not locked: the run that has
            locked it removes the files with temporary names as its own leftovers.
        lasting: whether the new content has to survive a power cut.
        mode: rights of the new file, before the umask.

    Raises:
        GraderError: it cannot be written.
    """
    try:
        put_in_place(path, data, temporary=temporary, lasting=lasting, mode=mode)
    except OSError as error:
        raise cannot_write(path, error) from None


def write_file(path: Path, data: bytes) -> None:
    """Replace a file anywhere, as `put_in_place` does, and create its parent folders.

    Raises:
        GraderError: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        put_in_place(path, data, lasting=False)
    except OSError as error:
        raise _not_written(path, error, "Give another file.") from None


def cannot_write(path: Path, error: OSError, advice: str = "Give another --out.") -> GraderError:
    """Build the error for a part of the output folder, or another folder, that is not writable."""
    return _not_written(path, error, advice)


def _not_written(path: Path, error: OSError, advice: str) -> GraderError:
    reason = error.strerror or error
    return GraderError(f"{path} cannot be written ({reason}).", advice)


def sync_folder(folder: Path) -> None:
    """Flush new and removed names of a folder to disk."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def try_lock(path: Path, wait_s: float = 0.0) -> FileLock | None:
    """Lock a file, which is created if it is missing.

    The end of the process releases the lock, however it ends. The file stays after the release:
    if it were removed, two processes could lock two files of one name.

    Args:
        path: the file.
        wait_s: how long to wait for another holder, in seconds.

    Returns:
        The lock, for its `release`; None if another process, or another caller here, holds it.

    Raises:
        OSError: the file cannot be opened.
    """
    # Not at the top: the import takes 30 ms, and most commands lock nothing.
    from filelock import FileLock, Timeout

    # Not thread-local: the thread that releases it need not be the one that took it.
    lock = FileLock(path, timeout=wait_s, thread_local=False)
    try:
        lock.acquire(poll_interval=LOCK_POLL_S)
    except Timeout:
        return None
    return lock


def try_lock_descriptor(descriptor: int) -> bool:
    """Lock an open file unless somebody else has; closing it or the end of the process unlocks it.

    For files that were opened with care in a folder that other users may write to.

    Returns:
        False where another holds it, and where the system has no such locks.
    """
    try:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (ImportError, OSError):
        return False
    return True
