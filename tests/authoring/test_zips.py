"""Zips that are written whole or not at all."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from grader.authoring.zips import write_zip
from grader.errors import GraderError


def test_on_a_disk_that_is_read_only_the_reason_is_told(tmp_path, monkeypatch):
    def refuse(path: Path, *_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system", str(path))

    monkeypatch.setattr(Path, "mkdir", refuse)
    monkeypatch.setattr(Path, "unlink", refuse)
    with pytest.raises(GraderError, match=r"a\.zip cannot be written: Read-only file system\."):
        write_zip(tmp_path / "a.zip", {"a.txt": b""})
