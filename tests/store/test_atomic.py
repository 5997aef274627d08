"""Files that are replaced as a whole, and locks."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from grader.errors import GraderError
from grader.store.atomic import put_in_place, replace_file, try_lock, write_file


def test_a_file_holds_the_new_bytes_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    for content in (b"old", b"new"):
        replace_file(tmp_path / "report.json", content)
    assert {"report.json": b"new"} == {path.name: path.read_bytes() for path in tmp_path.iterdir()}


def test_a_temporary_file_that_was_left_behind_is_written_over(tmp_path: Path) -> None:
    (tmp_path / ".own").write_bytes(b"half of something lon")
    replace_file(tmp_path / "reviews.json", b"{}", tmp_path / ".own")
    assert {"reviews.json": b"{}"} == {path.name: path.read_bytes() for path in tmp_path.iterdir()}


def test_a_file_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(
        GraderError, match=r"none/report\.json cannot be written \(No such file or directory\)"
    ):
        replace_file(tmp_path / "none/report.json", b"")


def test_the_folders_above_a_file_are_made(tmp_path: Path) -> None:
    write_file(tmp_path / "a/b/class.csv", b"x")
    assert b"x" == (tmp_path / "a/b/class.csv").read_bytes()


def test_a_file_can_be_for_its_owner_alone(tmp_path: Path) -> None:
    put_in_place(tmp_path / "trust.json", b"[]", mode=0o600)
    assert 0o600 == stat.S_IMODE((tmp_path / "trust.json").stat().st_mode)


def test_a_write_that_fails_leaves_the_old_file_and_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_in_place(tmp_path / "trust.json", b"old")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space left on device"):
        put_in_place(tmp_path / "trust.json", b"new")
    assert {"trust.json": b"old"} == {path.name: path.read_bytes() for path in tmp_path.iterdir()}


def test_a_lock_is_held_by_one_at_a_time_and_its_file_stays(tmp_path: Path) -> None:
    path = tmp_path / ".lock"
    first = try_lock(path)
    assert first is not None
    assert try_lock(path) is None
    first.release()
    assert path.is_file()
    again = try_lock(path)
    assert again is not None
    again.release()


HOLDS = """
import sys
from pathlib import Path
from grader.store.atomic import try_lock
lock = try_lock(Path(sys.argv[1]))
print("locked", flush=True)
sys.stdin.read()
"""


def test_guarantee_the_lock_of_a_killed_process_is_free_at_once(tmp_path: Path) -> None:
    path = tmp_path / ".lock"
    command = [sys.executable, "-c", HOLDS, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert b"locked\n" == holder.stdout.readline()
        assert try_lock(path) is None
        holder.kill()
        holder.wait()
    lock = try_lock(path)
    assert lock is not None
    lock.release()
