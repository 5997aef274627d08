"""Remembers folders whose notebooks may run unsealed, where nothing on this machine seals them off."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import click

FOLDER_VARIABLE = "GRADER_CONFIG_DIR"
"""Environment variable that names another folder than the usual one for settings."""


def memory() -> Path:
    """The file that remembers: a JSON list of absolute folders."""
    return Path(os.environ.get(FOLDER_VARIABLE) or click.get_app_dir("grader")) / "trust.json"


def folders_of(paths: Iterable[Path]) -> tuple[Path, ...]:
    """The folders that notebooks stand in: of a folder itself, of a file its parent, links resolved; each once."""
    resolved = (path.resolve() for path in paths)
    return tuple(dict.fromkeys(path if path.is_dir() else path.parent for path in resolved))


def trusted(folders: Sequence[Path]) -> bool:
    """Whether each of some folders is remembered, or lies below one that is; of no folders it is not said."""
    known = _remembered()
    return bool(folders) and all(any(folder.resolve().is_relative_to(one) for one in known) for folder in folders)


def remember(folders: Sequence[Path]) -> tuple[Path, ...]:
    """Remember folders.

    SECURITY: never the root of a file system, which would speak for every notebook there will ever be.

    Returns:
        Those that are remembered now.

    Raises:
        OSError: the memory cannot be written.
    """
    added = tuple(folder for folder in (one.resolve() for one in folders) if folder != folder.parent)
    if added:
        _write(memory(), sorted({str(folder) for folder in (*_remembered(), *added)}))
    return added


def _remembered() -> tuple[Path, ...]:
    """What the file says; nothing of what it says amiss."""
    try:
        said = json.loads(memory().read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return ()
    folders = [Path(one) for one in said if isinstance(one, str)] if isinstance(said, list) else []
    return tuple(folder for folder in folders if folder.is_absolute() and folder != folder.parent)


def _write(file: Path, folders: list[str]) -> None:
    """Put a file in place whole, or not at all; only its owner may read and change it."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor, name = tempfile.mkstemp(prefix=f"{file.name}.", dir=file.parent)  # made with mode 0600
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as written:
            json.dump(folders, written, indent=2)
            written.flush()
            os.fsync(written.fileno())
        Path(name).replace(file)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
