"""Writes files as a whole, so that at any moment they hold all of the old or all of the new; and as harmless JSON."""

from __future__ import annotations

import json
import math
import os
import re
import secrets
import sys
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from grader.errors import GraderError

TEMPORARY = ".writing-"
"""How the name of a file begins that is not whole yet."""

_SURROGATES = re.compile("[\ud800-\udfff]")
_STEERING = re.compile("[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
"""Controls of 8 bits, line separators, and what turns the direction of writing: JSON lets them stand as they are."""


def replace_file(
    path: Path, data: bytes, temporary: Path | None = None, *, lasting: bool = True
) -> None:
    """Put new bytes in place of a file, so that at any moment it holds all of the old or all of the new.

    Args:
        path: the file.
        data: all that it is going to hold.
        temporary: where to write first; for what is written without holding the folder, whose run sweeps what it
            takes for its own leftovers.
        lasting: whether it has to last through a power cut, for which a disk takes its time.

    Raises:
        GraderError: it cannot be written.
    """
    temporary = temporary or path.with_name(f"{TEMPORARY}{secrets.token_hex(8)}")
    try:
        with temporary.open("wb") as file:
            file.write(data)
            if lasting:
                file.flush()
                os.fsync(file.fileno())
        os.replace(temporary, path)  # noqa: PTH105
        if lasting:
            sync_folder(path.parent)
    except OSError as error:
        raise cannot_write(path, error) from None
    finally:
        temporary.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Make a new name in a folder last through a power cut."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def try_lock(descriptor: int) -> bool:
    """Lock an open file unless another process has; closing it, or the end of the process, unlocks it."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True


def cannot_write(path: Path, error: OSError) -> GraderError:
    """The error of a file or folder that cannot be written."""
    return GraderError(
        f"{path} cannot be written ({error.strerror or error}).", "Give another --out."
    )


def as_json(model: BaseModel, indent: int | None = None) -> bytes:
    """A model as JSON that any reader takes, and that steers no terminal it is shown on."""
    data = model.model_dump(mode="json")
    try:
        text = json.dumps(data, ensure_ascii=False, allow_nan=False, indent=indent)
        text.encode()
    except ValueError:  # what only few have, and to look for takes longer than all the rest
        text = json.dumps(_plain(data), ensure_ascii=False, indent=indent)
    return _STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", text).encode()


def _plain(value: Any) -> Any:
    """JSON data with NaN and infinities as text, and without the lone surrogates a student can print.

    pydantic writes a NaN within a union as null, and cannot write a lone surrogate at all.
    """
    match value:
        case str():
            return _SURROGATES.sub("\ufffd", value)
        case float() if not math.isfinite(value):
            return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
        case dict():
            return {_plain(key): _plain(item) for key, item in value.items()}
        case list():
            return [_plain(item) for item in value]
    return value


def write_file(path: Path, data: bytes) -> None:
    """Write a file as a whole, or leave the one that is there; folders above it are made.

    Raises:
        GraderError: it cannot be written.
    """
    temporary = path.with_name(f".writing-{secrets.token_hex(8)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            temporary.write_bytes(data)
            os.replace(temporary, path)  # noqa: PTH105
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise GraderError(
            f"{path} cannot be written ({error.strerror or error}).", "Give another file."
        ) from None
